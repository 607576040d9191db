//! Pools: unowned leads or customers that members may claim (domain §3).

use crate::capabilities::{Capabilities, KnownByName};
use crate::def::{self, Def, Default, Visibility, no_check};

/// The kinds that lie in pools.
pub const POOLED: &[&str] = &["lead", "customer"];

record! {
    /// A pool.
    pub struct Pool {
        /// Its name.
        name: String = def::text(120).required().searchable().sortable();
        /// What lies in it.
        record_kind: String = def::choice(POOLED).required().on_create();
        /// Whether everybody is a member.
        everybody: bool = def::boolean().required().default(Default::Bool(true));
        /// The people who are.
        member_ids: Vec<String> = def::references("user");
        /// The departments whose people are, those below included.
        department_ids: Vec<String> = def::references("department");
        /// Whether new records without an owner lie here.
        is_default: bool = def::boolean().required().default(Default::Bool(false)).by_operation();
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "pool",
    plural: "pools",
    table: "pools",
    fields: Pool::FIELDS,
    title: &["name"],
    visibility: Visibility::Workspace,
    check: no_check,
    can: Capabilities {
        known_by_name: KnownByName::Yes,
        ..Capabilities::NONE
    },
};
