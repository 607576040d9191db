//! A lead with an owner is pending until somebody works on it, and moves by its table of statuses.

use kehu_domain::def::Def;
use kehu_domain::lead::{DEF, Move, Status, field};
use kehu_domain::record::Record;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Behaviour, Doing, PLAIN};
use crate::App;
use crate::error::AppError;
use crate::ownership::text_of;
use kehu_domain::ctx::Ctx;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    begin: |_, record| {
        if !record.lacks(field::OWNER_ID) {
            record.put(field::STATUS, Status::Pending);
        }
        Vec::new()
    },
    moved,
    open_moves: |record| Some(open_moves(record)),
    verb,
    ..PLAIN
};

/// A pending lead is being followed up once something was done about it.
pub(super) fn begin_work(def: &Def, record: &mut Record) {
    if std::ptr::eq(def, &raw const DEF) && record.is(field::STATUS, Status::Pending) {
        record.put(field::STATUS, Status::FollowingUp);
    }
}

/// The lead after a move; the reason of the status before is no longer one.
fn moved(before: &Record, by: Move) -> Result<Record, AppError> {
    let next = before.of(field::STATUS)?.after(by);
    let next = next.ok_or_else(|| AppError::Conflict {
        code: "invalid-transition",
        details: json!({ "open": open_moves(before) }),
    })?;
    let mut after = before.clone();
    after.put(field::STATUS, next);
    after.clear(field::STATUS_REASON);
    Ok(after)
}

fn open_moves(record: &Record) -> Vec<&'static str> {
    let moves = record.of(field::STATUS).map(Status::open_moves);
    moves
        .unwrap_or_default()
        .into_iter()
        .map(Move::code)
        .collect()
}

fn verb<'a>(
    app: &'a App,
    ctx: &'a Ctx,
    id: Uuid,
    verb: &'a str,
    body: &'a Json,
) -> Option<Doing<'a>> {
    let by = Move::from_code(verb)?;
    match by {
        Move::MarkInvalid | Move::Void => Some(Box::pin(async move {
            let reason = text_of(body, "reason")?;
            app.set_aside_lead(ctx, id, by, reason).await.map(drop)
        })),
        Move::Reopen | Move::Reinstate => Some(Box::pin(async move {
            app.take_up_lead(ctx, id, by).await.map(drop)
        })),
        _ => None,
    }
}
