//! Roles: what a person may see and do.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, FieldProblem, Visibility};
use crate::record::Record;
use crate::rights::{self, Reaches, RoleRights, Special};
#[cfg(doc)]
use crate::rights::{Action, FieldRight};
use crate::value::Value;

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
        /// Special rights beside those: [`Special`].
        special_rights: Vec<String> = def::texts();
        /// How far it reaches with an action on a kind, where that is not as far as it reads or
        /// writes: `{"lead": {"edit": "own"}}`, of kinds, [`Action`]s, [`Reach`]es.
        grants: Json = def::json();
        /// What it keeps of fields: `{"lead": {"phone": "masked"}}`, of kinds, fields,
        /// [`FieldRight`]s.
        field_rights: Json = def::json();
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
    check,
    can: Capabilities {
        // Rights are given by hand.
        importable: false,
        set_up: Special::Roles,
        ..Capabilities::NONE
    },
};

/// The most special rights that are named.
const MAX_SPECIAL: usize = 50;

/// Rights are of kinds, actions, fields that there are.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if let Value::List(codes) = after.get(field::SPECIAL_RIGHTS.name()) {
        if codes.len() > MAX_SPECIAL {
            let problem = FieldProblem::new(field::SPECIAL_RIGHTS.name(), "too_many");
            problems.push(problem.with(json!({ "max": MAX_SPECIAL })));
        }
        for (index, code) in codes.iter().enumerate() {
            if Special::from_code(code).is_none() {
                let mut problem = FieldProblem::new(field::SPECIAL_RIGHTS.name(), "unknown_right");
                problem.pointer.push_str(&format!("/{index}"));
                problems.push(problem);
            }
        }
    }
    if let Value::Json(grants) = after.get(field::GRANTS.name()) {
        problems.extend(rights::check_grants(field::GRANTS.name(), grants));
    }
    if let Value::Json(kept) = after.get(field::FIELD_RIGHTS.name()) {
        problems.extend(rights::check_field_rights(field::FIELD_RIGHTS.name(), kept));
    }
    problems
}

/// What a role gives.
#[must_use]
pub fn rights(role: &Record) -> RoleRights {
    let reach = |code: &str| Reach::from_code(code).map_or(Reaches::NONE, Reaches::of);
    let reaches = |name: &str| role.get(name).as_text().map_or(Reaches::NONE, reach);
    let mut special: BTreeSet<Special> = BTreeSet::new();
    if role.is(field::ADMINISTERS, true) {
        special.extend(Special::ADMINISTERING);
    }
    if role.is(field::HANDLES_MONEY, true) {
        special.insert(Special::ConfirmMoney);
    }
    if role.is(field::MAY_IMPORT, true) {
        special.insert(Special::Import);
    }
    if let Value::List(codes) = role.get(field::SPECIAL_RIGHTS.name()) {
        special.extend(codes.iter().filter_map(|code| Special::from_code(code)));
    }
    let json = |name: &str| match role.get(name) {
        Value::Json(json) => json,
        _ => &Json::Null,
    };
    RoleRights::new(
        reaches(field::READ_REACH.name()),
        reaches(field::WRITE_REACH.name()),
        special,
    )
    .with(json(field::GRANTS.name()), json(field::FIELD_RIGHTS.name()))
}
