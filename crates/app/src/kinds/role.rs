//! Who changes the last role that administers would lock themselves and all others out; nobody makes a
//! role that gives more than they have.

use std::sync::Arc;

use kehu_domain::def::FieldProblem;
use kehu_domain::record::Record;
use kehu_domain::rights::Rights;
use kehu_domain::role::{self, field};
use serde_json::json;

use super::{Behaviour, PLAIN};
use crate::error::AppError;
use crate::writer::Author;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    begin: |author, record| beyond(author, record).into_iter().collect(),
    change: |author, before, after| {
        let organisation = author.organisation;
        let (was, will) = (given(before), given(after));
        if !author.ctx.actor.rights.cover(&was) {
            return Err(AppError::Forbidden("beyond_own_rights"));
        }
        if let Some(problem) = beyond(author, after) {
            return Err(AppError::Invalid(vec![problem]));
        }
        let gives_up = was.administer() && !will.administer();
        if gives_up && organisation.only_administering_role(before.id()) {
            return Err(AppError::conflict("last_administrator"));
        }
        Ok(())
    },
    trash: |author, before, _| {
        if author.organisation.is_given(before.id()) {
            let details = json!({"kind": "user", "field": "role_ids"});
            return Err(AppError::Conflict {
                code: "in_use",
                details,
            });
        }
        Ok(())
    },
    ..PLAIN
};

fn given(role: &Record) -> Rights {
    Rights::of(vec![Arc::new(role::rights(role))])
}

fn beyond(author: &Author<'_>, role: &Record) -> Option<FieldProblem> {
    let covers = author.ctx.actor.rights.cover(&given(role));
    (!covers).then(|| FieldProblem::new(field::NAME.name(), "beyond_own_rights"))
}
