//! A task keeps when it was done.

use kehu_domain::task::{Status, field};

use super::{Behaviour, PLAIN};

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    begin: |author, record| {
        if record.is(field::STATUS, Status::Done) {
            record.put(field::DONE_AT, author.ctx.now);
        }
        Vec::new()
    },
    change: |author, before, after| {
        if !after.is(field::STATUS, Status::Done) {
            after.clear(field::DONE_AT);
        } else if !before.is(field::STATUS, Status::Done) {
            after.put(field::DONE_AT, author.ctx.now);
        }
        Ok(())
    },
    ..PLAIN
};
