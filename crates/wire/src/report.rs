//! Reports. Amounts are minor units of the workspace's currency, rates basis points.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Record;

/// What was won and lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WonReport {
    /// The currency of all amounts.
    pub currency: String,
    /// The rows: in the order of time, or the one that brought most first.
    pub rows: Vec<WonRow>,
    /// Everything together.
    pub total: WonRow,
}

/// What was won and lost by those who belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WonRow {
    /// `2026-11`, `2026-Q4`, an id, a code; none for those that have none.
    pub key: Option<String>,
    /// What it is called; none where there is nothing to be seen.
    pub title: Option<String>,
    /// For departments: the one above. What a department has, the one above has too.
    pub parent: Option<Uuid>,
    /// How many were won.
    pub won_count: i64,
    /// What they brought.
    pub won_amount: i64,
    /// How many were lost.
    pub lost_count: i64,
    /// Won of all that were decided, in basis points; none where nothing was.
    pub win_rate: Option<i64>,
    /// The average days from the beginning to the winning, in tenths; none where it is not known.
    pub cycle_days: Option<i64>,
}

/// The funnel of a pipeline, from the stage history.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Funnel {
    /// The pipeline.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub pipeline: Record,
    /// The currency of all amounts.
    pub currency: String,
    /// Its stages, in order.
    pub stages: Vec<FunnelStage>,
}

/// What became of the opportunities that entered a stage in the period, until now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FunnelStage {
    /// The stage.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub stage: Record,
    /// How many entered it; who did more than once counts once, with the last time.
    pub entered: i64,
    /// What they came to then.
    pub amount: i64,
    /// How many went on to a later stage, or were won.
    pub moved_on: i64,
    /// How many went back to an earlier one.
    pub went_back: i64,
    /// How many were lost from here.
    pub lost: i64,
    /// How many are still there.
    pub still_there: i64,
    /// Moved on of those that entered, in basis points; none where nobody entered.
    pub conversion: Option<i64>,
    /// The median of the days that those stayed who left, in tenths.
    pub median_days: Option<i64>,
}
