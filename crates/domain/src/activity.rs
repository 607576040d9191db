//! Activities: what was done with a lead or a customer (跟进记录).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, FieldProblem, Section, Visibility};
use crate::record::Record;

codes! {
    /// What was done.
    pub enum ActivityType {
        /// A telephone call.
        Call = "call",
        /// A visit.
        Visit = "visit",
        /// An email.
        Email = "email",
        /// A meeting.
        Meeting = "meeting",
        /// A message.
        Message = "message",
        /// A note.
        Note = "note",
    }
}

/// The fields that name what an activity or a task is about, and their kinds.
pub const ABOUT: &[(&str, &str)] = &[
    ("lead_id", "lead"),
    ("customer_id", "customer"),
    ("contact_id", "contact"),
    ("opportunity_id", "opportunity"),
];

record! {
    /// Something done with a lead or a customer.
    pub struct Activity {
        /// What was done.
        activity_type: ActivityType = def::choice(ActivityType::CODES)
            .required()
            .default(Default::Text("note"));
        /// What was said.
        content: String = def::long_text(8000).required().searchable();
        /// When.
        occurred_at: DateTime<Utc> = def::time().required().sortable().default(Default::Now);
        /// How long, in minutes.
        duration_minutes: Option<i64> = def::int(0, 10_080);
        /// The lead it was done with.
        lead_id: Option<Uuid> = def::reference("lead").on_create();
        /// The customer it was done with.
        customer_id: Option<Uuid> = def::reference("customer").on_create();
        /// The person it was done with.
        contact_id: Option<Uuid> = def::reference("contact").on_create();
        /// The opportunity it was about.
        opportunity_id: Option<Uuid> = def::reference("opportunity").on_create();
        /// When to talk to them again; becomes the lead's or customer's own.
        next_contact_at: Option<DateTime<Utc>> = def::time().on_create();
        /// Who did it.
        owner_id: Option<Uuid> = def::reference("user")
            .on_create()
            .default(Default::Actor)
            .section(Section::Handling);
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "activity",
    plural: "activities",
    table: "activities",
    fields: Activity::FIELDS,
    title: &["content"],
    visibility: Visibility::Through(ABOUT),
    check,
    can: Capabilities::NONE,
};

/// An activity is about somebody.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    if ABOUT.iter().any(|(field, _)| !after.get(field).is_null()) {
        Vec::new()
    } else {
        vec![FieldProblem::new("customer_id", "activity_about_nobody")]
    }
}
