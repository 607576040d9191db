//! A customer who was lost and is active again was won back then.

use kehu_domain::customer::{Lifecycle, field};

use super::{Behaviour, PLAIN};

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    change: |author, before, after| {
        if before.is(field::LIFECYCLE, Lifecycle::Lost)
            && after.is(field::LIFECYCLE, Lifecycle::Active)
        {
            after.put(field::WON_BACK_AT, author.ctx.now);
        }
        Ok(())
    },
    ..PLAIN
};
