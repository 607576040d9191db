//! Sums over opportunities, made by the database: the board, the forecast. Amounts are minor units
//! of the workspace's currency.

pub mod decided;
pub mod funnel;

use sea_orm::sea_query::{Expr, SelectStatement};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::lists::{self, ListQuery};

/// How many opportunities there are, and what they come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many.
    pub count: i64,
    /// Σ of their amounts.
    pub amount: i64,
    /// Σ of amount × probability, each rounded.
    pub weighted_amount: i64,
}

/// Amount × probability in minor units, rounded half up, in whole numbers that stay within 64 bits.
const WEIGHTED: &str = "(base_amount / 10000) * coalesce(probability, 0) \
    + ((base_amount % 10000) * coalesce(probability, 0) + 5000) / 10000";

fn add_sums(select: &mut SelectStatement) {
    select
        .expr(Expr::cust("count(*)"))
        .expr(Expr::cust("CAST(coalesce(sum(base_amount), 0) AS bigint)"))
        .expr(Expr::cust(format!(
            "CAST(coalesce(sum({WEIGHTED}), 0) AS bigint)"
        )));
}

fn sums(row: &sea_orm::QueryResult, at: usize) -> Result<Sums, StoreError> {
    Ok(Sums {
        count: row.try_get_by_index(at)?,
        amount: row.try_get_by_index(at + 1)?,
        weighted_amount: row.try_get_by_index(at + 2)?,
    })
}

/// The sums of each stage.
///
/// # Errors
/// When the database fails.
pub async fn by_stage(
    session: &Session,
    query: &ListQuery,
) -> Result<Vec<(Uuid, Sums)>, StoreError> {
    let mut select = lists::matching(session, query, &[]).await?;
    select
        .column("stage_id")
        .add_group_by([Expr::col("stage_id")]);
    add_sums(&mut select);
    let rows = session.all(&select).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, sums(row, 1)?)))
        .collect()
}

/// The day by which opportunities fall into months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// When they should be decided.
    Expected,
    /// When they were decided.
    Closed,
}

impl Day {
    const fn column(self) -> &'static str {
        match self {
            Self::Expected => "expected_close_on",
            Self::Closed => "closed_on",
        }
    }
}

/// The sums of each month (`2026-11`) and forecast category; no month where there is no day.
///
/// # Errors
/// When the database fails.
pub async fn by_month_and_category(
    session: &Session,
    query: &ListQuery,
    day: Day,
) -> Result<Vec<(Option<String>, String, Sums)>, StoreError> {
    let month = || Expr::cust(format!("substr({}, 1, 7)", day.column()));
    let category = || Expr::col("forecast_category");
    let mut select = lists::matching(session, query, &[]).await?;
    select
        .expr(month())
        .expr(category())
        .add_group_by([month(), category()]);
    add_sums(&mut select);
    let rows = session.all(&select).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get_by_index(0)?,
                row.try_get_by_index(1)?,
                sums(row, 2)?,
            ))
        })
        .collect()
}
