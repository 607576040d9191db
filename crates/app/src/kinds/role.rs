//! Who changes the last role that administers would lock themselves and all others out.

use kehu_domain::role::field;

use super::{Behaviour, PLAIN};
use crate::error::AppError;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    change: |author, before, after| {
        let gives_up = before.is(field::ADMINISTERS, true) && after.is(field::ADMINISTERS, false);
        if gives_up && author.organisation.only_administering_role(before.id()) {
            Err(AppError::conflict("last_administrator"))
        } else {
            Ok(())
        }
    },
    ..PLAIN
};
