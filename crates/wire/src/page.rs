//! Pages of a list, and sums over it.

use serde::{Deserialize, Serialize};

use crate::Record;

/// One page of a list. The server writes it from records of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page<R = Record> {
    /// The records.
    pub items: Vec<R>,
    /// Where the next page begins; none after the last.
    pub next_cursor: Option<String>,
    /// How many records there are, where the caller asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Whether there are more than `count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_capped: Option<bool>,
}

/// Counts and sums by groups: each has the grouping fields, `count` and `sum`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The groups.
    pub groups: Vec<Record>,
}
