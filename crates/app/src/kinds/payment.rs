//! No payment was received tomorrow.

use kehu_domain::def::FieldProblem;
use kehu_domain::payment::field;

use super::{Behaviour, PLAIN};
use crate::clock;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    begin: |author, record| {
        let today = clock::today(author.ctx);
        match record.of(field::RECEIVED_ON) {
            Ok(day) if day > today => {
                vec![FieldProblem::new(
                    field::RECEIVED_ON.name(),
                    "in_the_future",
                )]
            }
            _ => Vec::new(),
        }
    },
    ..PLAIN
};
