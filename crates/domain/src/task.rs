//! Tasks: what is to be done, and by when.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::activity::ABOUT;
use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, Section, Visibility, no_check};

codes! {
    /// Where a task stands.
    pub enum Status {
        /// To be done.
        Open = "open",
        /// Done.
        Done = "done",
        /// Not to be done any more.
        Cancelled = "cancelled",
    }
}

codes! {
    /// How urgent a task is.
    pub enum Priority {
        /// Can wait.
        Low = "low",
        /// As usual.
        Normal = "normal",
        /// First.
        High = "high",
    }
}

record! {
    /// Something to be done.
    pub struct Task {
        /// What.
        title: String = def::text(250).required().searchable().sortable();
        /// By when.
        due_at: Option<DateTime<Utc>> = def::time().sortable();
        /// Where it stands.
        status: Status = def::choice(Status::CODES).required().default(Default::Text("open"));
        /// How urgent it is.
        priority: Priority =
            def::choice(Priority::CODES).required().default(Default::Text("normal"));
        /// More about it.
        description: Option<String> = def::long_text(4000).searchable();
        /// The lead it is about.
        lead_id: Option<Uuid> = def::reference("lead");
        /// The customer it is about.
        customer_id: Option<Uuid> = def::reference("customer");
        /// The person it is about.
        contact_id: Option<Uuid> = def::reference("contact");
        /// The opportunity it is about.
        opportunity_id: Option<Uuid> = def::reference("opportunity");
        /// Who does it.
        owner_id: Option<Uuid> =
            def::reference("user").default(Default::Actor).section(Section::Handling);
        /// When it was done.
        done_at: Option<DateTime<Utc>> = def::time().by_operation().section(Section::Handling);
    }
}

/// The kind. A task may be about nobody: then its owner alone sees it.
pub static DEF: Def = Def {
    kind: "task",
    plural: "tasks",
    table: "tasks",
    fields: Task::FIELDS,
    title: &["title"],
    visibility: Visibility::Through(ABOUT),
    check: no_check,
    can: Capabilities {
        found: Some(4),
        ..Capabilities::NONE
    },
};
