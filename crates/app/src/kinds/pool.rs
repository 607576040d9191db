//! The pool where new records lie stays; nobody makes themselves a member who sets up pools alone.

use kehu_domain::ctx::Ctx;
use kehu_domain::pool::field;
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use uuid::Uuid;

use super::{Behaviour, PLAIN};
use crate::context::Organisation;
use crate::error::AppError;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    change: |author, before, after| {
        let (ctx, organisation) = (author.ctx, author.organisation);
        let member = |pool: &Record| is_member(ctx, organisation, pool);
        if !ctx.actor.administers() && member(after) && !member(before) {
            return Err(AppError::Forbidden("beyond_own_rights"));
        }
        Ok(())
    },
    trash: |_, before, _| {
        if before.is(field::IS_DEFAULT, true) {
            Err(AppError::conflict("default_pool"))
        } else {
            Ok(())
        }
    },
    ..PLAIN
};

/// Whether the caller is one of its members.
fn is_member(ctx: &Ctx, organisation: &Organisation, pool: &Record) -> bool {
    let names = |field: &str, id: Uuid| match pool.get(field) {
        Value::List(ids) => ids.contains(&id.to_string()),
        _ => false,
    };
    let me = ctx.actor.user_id;
    let departments = organisation.tree().departments_above(me);
    let mut departments = departments.into_iter();
    pool.is(field::EVERYBODY, true)
        || names(field::MEMBER_IDS.name(), me)
        || departments.any(|department| names(field::DEPARTMENT_IDS.name(), department))
}
