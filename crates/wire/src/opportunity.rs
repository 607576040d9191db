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
    /// Into a closed stage: a code of the dictionary `opportunity_reason` that is for this outcome.
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
    /// A code of the dictionary `opportunity_reason` that is for this outcome.
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

/// The board of a pipeline. Amounts are minor units of `currency`, the workspace's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Board {
    /// The pipeline.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub pipeline: Record,
    /// The currency of all sums.
    pub currency: String,
    /// Decided opportunities are shown that were decided on this day or later.
    #[cfg_attr(feature = "server", schema(format = Date))]
    pub closed_since: String,
    /// Its stages, in order.
    pub stages: Vec<BoardStage>,
}

/// One stage of a board.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct BoardStage {
    /// The stage.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub stage: Record,
    /// How many opportunities stand in it.
    pub count: i64,
    /// What they come to.
    pub amount: i64,
    /// The same, each by its probability.
    pub weighted_amount: i64,
    /// The first opportunities, with `owner` and `customer`.
    #[cfg_attr(feature = "server", schema(value_type = Vec<Object>))]
    pub items: Vec<Record>,
    /// Where `GET /api/v1/opportunities` goes on, with `filter`, `sort` and `expand=owner,customer`.
    pub next_cursor: Option<String>,
    /// The filter of that list.
    pub filter: String,
    /// Its order.
    pub sort: String,
}

/// What is expected. Amounts are minor units of `currency`, the workspace's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Forecast {
    /// The currency of all sums.
    pub currency: String,
    /// The months, in order, without a gap.
    pub months: Vec<ForecastMonth>,
    /// Open opportunities that should have been decided before the first month.
    pub earlier: ForecastSums,
    /// Open opportunities that nobody has said a day of.
    pub undated: ForecastSums,
}

/// What is expected of a month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ForecastMonth {
    /// The month: `2026-11`.
    pub month: String,
    /// By forecast category, those that there are; `closed` is what was won in the month.
    pub categories: Vec<ForecastCategorySums>,
    /// All together.
    pub total: ForecastSums,
}

/// What a forecast category of a month comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ForecastCategorySums {
    /// The category.
    pub category: String,
    /// How many opportunities.
    pub count: i64,
    /// What they come to.
    pub amount: i64,
    /// The same, each by its probability.
    pub weighted_amount: i64,
}

/// How many opportunities, and what they come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ForecastSums {
    /// How many opportunities.
    pub count: i64,
    /// What they come to.
    pub amount: i64,
    /// The same, each by its probability.
    pub weighted_amount: i64,
}
