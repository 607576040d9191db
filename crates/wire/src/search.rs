//! Search over every kind.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a search found, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SearchAnswer {
    /// The records.
    pub items: Vec<SearchHit>,
}

/// One record that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SearchHit {
    /// Its kind: `lead`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// What tells it from others of the same name.
    #[serde(default)]
    pub subtitle: String,
}
