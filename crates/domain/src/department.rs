//! Departments: the tree of the organisation (domain §4).

use uuid::Uuid;

use crate::capabilities::{Capabilities, KnownByName};
use crate::def::{self, Def, FieldProblem, Visibility};
use crate::record::Record;
use crate::rights::Special;

record! {
    /// A node of the organisation tree.
    pub struct Department {
        /// Its name.
        name: String = def::text(120).required().searchable().sortable();
        /// The department above it; none for a root.
        parent_id: Option<Uuid> = def::reference("department");
        /// Who leads it.
        manager_id: Option<Uuid> = def::reference("user");
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "department",
    plural: "departments",
    table: "departments",
    fields: Department::FIELDS,
    title: &["name"],
    visibility: Visibility::Workspace,
    check,
    can: Capabilities {
        known_by_name: KnownByName::Yes,
        set_up: Special::People,
        ..Capabilities::NONE
    },
};

/// Nothing lies below itself; longer circles are found where the tree is at hand.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    if after
        .get("parent_id")
        .as_id()
        .is_some_and(|parent| parent == after.id())
    {
        vec![FieldProblem::new("parent_id", "own_parent")]
    } else {
        Vec::new()
    }
}
