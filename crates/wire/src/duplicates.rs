//! Asking which records a new one would repeat.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Record;
use crate::problem::Duplicate;

/// The body of `POST /api/v1/duplicates/check`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DuplicatesRequest {
    /// The kind of the new record: `lead`.
    pub kind: String,
    /// Its fields as far as they are known; values that can't be read yet are passed over.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub fields: Record,
    /// The record that is being changed, which is no duplicate of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub except: Option<Uuid>,
}

/// What is there already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DuplicatesAnswer {
    /// Certainly the same: making one more is refused unless it is allowed.
    pub certain: Vec<Duplicate>,
    /// Of the same company by its name, in whatever spelling: customers, then leads.
    pub similar: Vec<Duplicate>,
}
