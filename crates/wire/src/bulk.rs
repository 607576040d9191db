//! One action on many records.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Record;

/// The body of `POST /api/v1/{kind}/bulk`: either `ids` or `filter` says which records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BulkRequest {
    /// What to do: `patch`, `trash`, `restore`, or one of the kind's own verbs.
    pub action: String,
    /// These records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<Uuid>>,
    /// The records that this filter finds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// For `patch`, the merge patch; for a verb, its body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub patch: Option<Record>,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BulkAnswer {
    /// For how many records it was done.
    pub succeeded: u64,
    /// The records it was not done for.
    pub failed: Vec<BulkFailure>,
}

/// One record that was left as it is, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BulkFailure {
    /// The record.
    pub id: Uuid,
    /// The code of the problem.
    pub code: String,
    /// The problem in words.
    pub detail: String,
}
