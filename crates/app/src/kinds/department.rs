//! Who may move departments moves only those below their own already: else their own reach would grow
//! by it.

use kehu_domain::ctx::Owners;
use kehu_domain::def::Visibility;
use kehu_domain::department::field;
use kehu_domain::kinds;
use kehu_domain::rights::Action;

use super::{Behaviour, PLAIN};
use crate::error::AppError;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    change: |author, before, after| {
        let actor = &author.ctx.actor;
        let parent = field::PARENT_ID.name();
        if actor.administers() || before.get(parent) == after.get(parent) {
            return Ok(());
        }
        let tree = author.organisation.tree();
        let mut owned = kinds::ALL
            .iter()
            .filter(|def| def.visibility == Visibility::Owned);
        let same = owned.all(|def| match actor.owners(def, Action::View) {
            Owners::DepartmentTree { department, .. }
            | Owners::BelowAndDepartment {
                department,
                tree: true,
                ..
            } => tree.is_within(before.id(), department),
            _ => true,
        });
        if same {
            Ok(())
        } else {
            Err(AppError::Forbidden("beyond_own_rights"))
        }
    },
    ..PLAIN
};
