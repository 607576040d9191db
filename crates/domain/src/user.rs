//! Users: the people who work with Kehu.

use uuid::Uuid;

use crate::capabilities::{Capabilities, KnownByName};
use crate::def::{self, Def, Default, Section, Visibility, no_check};

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
        /// What they may do.
        role_id: Uuid = def::reference("role").required();
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
    check: no_check,
    can: Capabilities {
        known_by_name: KnownByName::WithoutContact,
        // The history names people, though they may not sign in any more.
        purged: false,
        found: Some(5),
        ..Capabilities::NONE
    },
};
