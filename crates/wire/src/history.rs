//! The history of a record and its timeline.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Record;

/// One page of a record's history, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HistoryPage {
    /// The changes.
    pub items: Vec<Change>,
    /// Where the next page begins; none after the last.
    pub next_cursor: Option<String>,
}

/// One change of one record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Change {
    /// Its place among all changes of the workspace; none until it has been given one.
    pub position: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
    /// What was done: `create`, `patch`, `claim`.
    pub verb: String,
    /// Who did it; none where nobody did.
    pub actor: Option<Person>,
    /// The version of the record that it made.
    pub version: i64,
    /// The fields that changed: `{field: {"old", "new"}}`, with `"erased": true` where a value was
    /// erased since.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub changes: Record,
    /// The request that did it.
    pub request_id: Option<String>,
    /// What made it happen where no person asked for it directly.
    pub cause: Option<String>,
}

/// A person, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Person {
    /// The user.
    pub id: Uuid,
    /// Their name.
    pub name: String,
}

/// One page of a timeline, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TimelinePage {
    /// What happened.
    pub items: Vec<TimelineItem>,
    /// Where the next page begins; none after the last.
    pub next_cursor: Option<String>,
}

/// One thing that happened: an activity, or a change of the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TimelineItem {
    /// When.
    pub at: DateTime<Utc>,
    /// The activity, where it is one, with its owner expanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub activity: Option<Record>,
    /// The change, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
}

/// Why the caller can or cannot see and change a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Access {
    /// Seeing it.
    pub read: Verdict,
    /// Changing it.
    pub write: Verdict,
    /// Each action that there is for the kind, and whether it is allowed with this record as far as
    /// rights go: whether its status allows it is another question.
    #[serde(default)]
    pub actions: BTreeMap<String, bool>,
}

/// Whether something is allowed, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Verdict {
    /// Whether it is.
    pub allowed: bool,
    /// The code of the reason: `owner`, `reach`, `pool`, `collaborator`.
    pub because: String,
}
