//! The bodies of an opportunity's own verbs.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Record;

/// The body of `advance`: to which stage, and what that stage needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AdvanceRequest {
    /// The stage, one of its pipeline.
    pub stage_id: Uuid,
    /// A merge patch of the opportunity: what the stage needs is asked for in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub fields: Option<Record>,
    /// The entries of the present stage's checklist that are done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checklist_done: Option<Vec<String>>,
    /// Into a closed stage: a code of the dictionary `opportunity_reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Into a closed stage: the day, today when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(format = Date))]
    pub closed_on: Option<String>,
    /// The version that the move is based on; the latest when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_version: Option<i64>,
}

/// The body of `win` and `lose`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CloseRequest {
    /// A code of the dictionary `opportunity_reason`.
    pub reason: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The day, today when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(format = Date))]
    pub closed_on: Option<String>,
    /// A merge patch of the opportunity: what the stage needs is asked for in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub fields: Option<Record>,
    /// The entries of the present stage's checklist that are done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checklist_done: Option<Vec<String>>,
    /// The version that the move is based on; the latest when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_version: Option<i64>,
}

/// The body of `reopen`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ReopenRequest {
    /// Why, in words; kept as a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
