//! No payment was received tomorrow, whoever says so first or later.

use chrono::NaiveDate;
use kehu_domain::def::FieldProblem;
use kehu_domain::payment::field;
use kehu_domain::record::Record;

use super::{Behaviour, PLAIN};
use crate::clock;
use crate::error::AppError;
use crate::writer::Author;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    begin: |author, record| in_the_future(author, record).into_iter().collect(),
    change: |author, before, after| {
        let day = |record: &Record| record.of(field::RECEIVED_ON).ok();
        let moved: Option<NaiveDate> = day(after).filter(|_| day(before) != day(after));
        match in_the_future(author, after).filter(|_| moved.is_some()) {
            Some(problem) => Err(AppError::Invalid(vec![problem])),
            None => Ok(()),
        }
    },
    ..PLAIN
};

fn in_the_future(author: &Author<'_>, record: &Record) -> Option<FieldProblem> {
    let day = record.of(field::RECEIVED_ON).ok()?;
    let future = day > clock::today(author.ctx);
    future.then(|| FieldProblem::new(field::RECEIVED_ON.name(), "in_the_future"))
}
