//! Refusals: RFC 9457 problems.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a request was refused, as `application/problem+json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type", default)]
    pub type_uri: String,
    /// The kind of problem in words.
    #[serde(default)]
    pub title: String,
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// This very problem in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What clients tell problems apart by: `duplicate`.
    #[serde(default)]
    pub code: String,
    /// The request, as the server's log calls it.
    #[serde(default)]
    pub request_id: String,
    /// What is wrong with the fields of the body or the query.
    #[serde(default)]
    pub errors: Vec<FieldError>,
    /// For `duplicate`: the records that are there already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<Duplicate>,
    /// For a stale version: the fields that changed meanwhile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// For `invalid-transition`: the moves that are open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
    /// For the other rules: figures that tell how far it is from being possible.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub params: serde_json::Map<String, serde_json::Value>,
    /// For `too_many_requests`: after how many seconds to try again; the header says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Where: a JSON pointer into the body (`/email`), or `?name` for a parameter of the query.
    pub pointer: String,
    /// What: a code that the app translates.
    pub code: String,
    /// Figures for the text.
    #[serde(default)]
    pub params: serde_json::Value,
}

/// A record that is there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Duplicate {
    /// Its id, where the caller may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its kind.
    pub kind: String,
    /// The field that both have the same.
    pub field: String,
    /// What it is called, where the caller may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether another team holds it, so that the caller does not see it.
    pub held_by_another_team: bool,
}
