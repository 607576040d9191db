//! Users: the people who work with Kehu.

use uuid::Uuid;

use crate::capabilities::{Capabilities, KnownByName};
use crate::def::{self, Def, Default, FieldProblem, Section, Visibility};
use crate::record::Record;
use crate::rights::Special;
use crate::value::Value;

/// The languages of the app.
pub const LOCALES: &[&str] = &["zh-Hans", "en"];

record! {
    /// A member of the workspace.
    pub struct User {
        /// The name that others see.
        name: String = def::text(120).required().searchable().sortable();
        /// The address that signs in; without one nobody can.
        email: Option<String> =
            def::email().searchable().unique().section(Section::Contact);
        /// Telephone.
        phone: Option<String> = def::phone().searchable().section(Section::Contact);
        /// What they are.
        job_title: Option<String> = def::text(120);
        /// Where they belong.
        department_id: Option<Uuid> = def::reference("department");
        /// Whom they report to.
        manager_id: Option<Uuid> = def::reference("user");
        /// What they may do: the first of their roles.
        role_id: Option<Uuid> = def::reference("role");
        /// All their roles, whose rights add up; the first is `role_id`.
        role_ids: Vec<String> = def::references("role");
        /// Whether they may sign in and be given work.
        active: bool = def::boolean().required().default(Default::Bool(true));
        /// The language that they read.
        locale: Option<String> = def::choice(LOCALES).section(Section::More);
    }
}

/// The noun of those who use Kehu: fields that name them can be asked for `me`.
pub const PEOPLE: &str = "user";

/// The kind.
pub static DEF: Def = Def {
    kind: PEOPLE,
    plural: "users",
    table: "users",
    fields: User::FIELDS,
    title: &["name", "email"],
    visibility: Visibility::Workspace,
    check,
    can: Capabilities {
        known_by_name: KnownByName::WithoutContact,
        // The history names people, though they may not sign in any more.
        purged: false,
        set_up: Special::People,
        found: Some(5),
        ..Capabilities::NONE
    },
};

/// The most roles of a person.
const MAX_ROLES: usize = 20;

/// Everybody has a role.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    let roles = match after.get(field::ROLE_IDS.name()) {
        Value::List(roles) => roles.len(),
        _ => 0,
    };
    if roles > MAX_ROLES {
        let problem = FieldProblem::new(field::ROLE_IDS.name(), "too_many");
        return vec![problem.with(serde_json::json!({ "max": MAX_ROLES }))];
    }
    if roles == 0 && after.lacks(field::ROLE_ID) {
        return vec![FieldProblem::new(field::ROLE_ID.name(), "required")];
    }
    Vec::new()
}
