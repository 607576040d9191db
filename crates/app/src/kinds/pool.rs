//! The pool where new records lie stays.

use kehu_domain::pool::field;

use super::{Behaviour, PLAIN};
use crate::error::AppError;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    trash: |_, before, _| {
        if before.is(field::IS_DEFAULT, true) {
            Err(AppError::conflict("default_pool"))
        } else {
            Ok(())
        }
    },
    ..PLAIN
};
