//! Roles: what a person may see and do.

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, Visibility, no_check};

codes! {
    /// Whose records a role reaches.
    pub enum Reach {
        /// Nobody's.
        None = "none",
        /// The person's own.
        Own = "own",
        /// Their own and those of all who report to them, directly or not.
        Subordinates = "subordinates",
        /// Those of everybody in their department.
        Department = "department",
        /// Those of everybody in their department and the departments below it.
        DepartmentTree = "department_tree",
        /// Everybody's.
        All = "all",
    }
}

record! {
    /// A set of rights.
    pub struct Role {
        /// Its name.
        name: String = def::text(60).required().searchable().sortable().unique();
        /// Whose leads, customers and what belongs to them it sees.
        read_reach: Reach = def::choice(Reach::CODES).required().default(Default::Text("own"));
        /// Whose it changes.
        write_reach: Reach = def::choice(Reach::CODES).required().default(Default::Text("own"));
        /// Whether it may change people, roles, pools, dictionaries and everybody's settings.
        administers: bool = def::boolean().required().default(Default::Bool(false));
        /// Whether it confirms, allocates, reverses and refunds payments and writes off receivables.
        handles_money: bool = def::boolean().required().default(Default::Bool(false));
        /// Whether it may import files.
        may_import: bool = def::boolean().required().default(Default::Bool(false));
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "role",
    plural: "roles",
    table: "roles",
    fields: Role::FIELDS,
    title: &["name"],
    visibility: Visibility::Workspace,
    check: no_check,
    can: Capabilities {
        // Rights are given by hand.
        importable: false,
        ..Capabilities::NONE
    },
};
