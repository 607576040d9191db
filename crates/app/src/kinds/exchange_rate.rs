//! The workspace's own currency is worth itself.

use kehu_domain::def::FieldProblem;
use kehu_domain::exchange_rate::field;

use super::{Behaviour, PLAIN};

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    begin: |author, record| {
        let own = author.ctx.workspace.currency.code();
        if record.is(field::CURRENCY, own) {
            vec![FieldProblem::new(field::CURRENCY.name(), "own_currency")]
        } else {
            Vec::new()
        }
    },
    ..PLAIN
};
