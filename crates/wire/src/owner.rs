//! The bodies of the verbs that change who handles a record.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The body of `assign` and `transfer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OwnerRequest {
    /// Who handles it from now on.
    pub owner_id: Uuid,
}

/// The body of `return`: the record goes back to its pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ReturnRequest {
    /// A code of the kind's dictionary of reasons.
    pub reason: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
