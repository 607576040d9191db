//! The change feed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::history::Change;

/// Changes in the order of their positions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FeedPage {
    /// The changes that the caller may see.
    pub items: Vec<FeedChange>,
    /// The position to go on from: the next `since`.
    pub next: i64,
    /// Whether there is more already.
    pub more: bool,
}

/// One change and the record that it is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FeedChange {
    /// The kind of the record.
    pub kind: String,
    /// The record.
    pub record_id: Uuid,
    /// What changed.
    #[serde(flatten)]
    pub change: Change,
}
