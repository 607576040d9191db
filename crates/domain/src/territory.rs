//! Territories: a tree of rules over where a customer is, each served by departments (domain §4).

use uuid::Uuid;

use crate::capabilities::{Capabilities, KnownByName};
use crate::def::{self, Def, FieldProblem, Visibility};
use crate::record::Record;

record! {
    /// A node of the territory tree.
    pub struct Territory {
        /// Its name.
        name: String = def::text(120).required().searchable().sortable();
        /// The territory above it; none for the root.
        parent_id: Option<Uuid> = def::reference("territory");
        /// The departments that serve it.
        department_ids: Vec<String> = def::references("department");
        /// What it is about.
        description: Option<String> = def::long_text(2000);
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "territory",
    plural: "territories",
    table: "territories",
    fields: Territory::FIELDS,
    title: &["name"],
    visibility: Visibility::Workspace,
    check,
    can: Capabilities {
        known_by_name: KnownByName::Yes,
        ..Capabilities::NONE
    },
};

/// Nothing lies below itself.
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
