//! Who changes the last role that administers would lock themselves and all others out; nobody makes a
//! role that gives more than they have.

use std::sync::Arc;

use kehu_domain::def::FieldProblem;
use kehu_domain::record::Record;
use kehu_domain::rights::{Rights, Special};
use kehu_domain::role::{self, field};
use serde_json::json;

use super::{Behaviour, PLAIN};
use crate::error::AppError;
use crate::kinds::user::somebody_administers;
use crate::writer::Author;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    begin: |author, record| beyond(author, record).into_iter().collect(),
    change: |author, before, after| {
        not_above(author, before)?;
        if let Some(problem) = beyond(author, after) {
            return Err(AppError::Invalid(vec![problem]));
        }
        Ok(())
    },
    trash: |author, before, _| {
        not_above(author, before)?;
        if author.organisation.is_given(before.id()) {
            let details = json!({"kind": "user", "field": "role_ids"});
            return Err(AppError::Conflict {
                code: "in_use",
                details,
            });
        }
        Ok(())
    },
    restore: |author, before, _| not_above(author, before),
    saved: |writer, before, _| {
        Box::pin(async move {
            let was = given(before);
            let mut administering = Special::ADMINISTERING.iter();
            if administering.any(|right| was.may(*right)) {
                somebody_administers(writer).await?;
            }
            Ok(())
        })
    },
    ..PLAIN
};

/// A role that gives more than the caller has is not theirs to change.
fn not_above(author: &Author<'_>, role: &Record) -> Result<(), AppError> {
    if author.ctx.actor.rights.cover(&given(role)) {
        Ok(())
    } else {
        Err(AppError::Forbidden("beyond_own_rights"))
    }
}

fn given(role: &Record) -> Rights {
    Rights::of(vec![Arc::new(role::rights(role))])
}

fn beyond(author: &Author<'_>, role: &Record) -> Option<FieldProblem> {
    let covers = author.ctx.actor.rights.cover(&given(role));
    (!covers).then(|| FieldProblem::new(field::NAME.name(), "beyond_own_rights"))
}
