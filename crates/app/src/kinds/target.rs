//! What a target is for is named, so that there is one for each.

use kehu_domain::record::Record;
use kehu_domain::target::{self, field};

use super::{Behaviour, PLAIN};

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    begin: |_, record| {
        name_slot(record);
        Vec::new()
    },
    change: |_, _, after| {
        name_slot(after);
        Ok(())
    },
    ..PLAIN
};

fn name_slot(record: &mut Record) {
    let slot = target::slot(record);
    record.put(field::SLOT, slot);
}
