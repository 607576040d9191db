//! Many operations of any kinds in one request.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Record;
use crate::problem::Problem;

/// The body of `POST /api/v1/batch`: at most 1,000 operations, carried out in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BatchRequest {
    /// Whether all happen or none, or each by itself.
    #[serde(default)]
    pub mode: BatchMode,
    /// The operations.
    pub operations: Vec<BatchOperation>,
}

/// Whether all happen or none, or each by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum BatchMode {
    /// All or none.
    #[default]
    All,
    /// Each by itself.
    Each,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum BatchVerb {
    /// Makes a record.
    Create,
    /// Changes one by a merge patch.
    Update,
    /// Puts one into the trash.
    Delete,
    /// Takes one out.
    Restore,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BatchOperation {
    /// What later operations call its record by: `{"$ref": "name"}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What to do.
    pub verb: BatchVerb,
    /// The kind, in the singular: `lead`.
    pub kind: String,
    /// The record to change, trash or restore: an id, or a `$ref`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Value>,
    /// The version that a change is based on; the latest where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The fields.
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub body: Record,
}

/// What became of every operation, in their order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BatchAnswer {
    /// The results.
    pub results: Vec<BatchResult>,
}

/// What became of one operation: a record or a problem.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BatchResult {
    /// The record as it is now.
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub record: Option<Record>,
    /// Why it was refused.
    pub problem: Option<Problem>,
}
