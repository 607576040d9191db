//! The funnel, from the stage history: what became of those that entered a stage.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::lists::{self, ListQuery};

/// Those that entered a stage in the period and went from there to the same next stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// The stage.
    pub stage: Uuid,
    /// Where they went from it; none for those that are still there.
    pub next: Option<Uuid>,
    /// How many opportunities.
    pub count: i64,
    /// Σ of their amounts when they entered.
    pub amount: i64,
}

/// Which changes of stage count.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// The pipeline.
    pub pipeline: Uuid,
    /// From this moment on, in microseconds.
    pub from: Option<i64>,
    /// Before this one.
    pub until: Option<i64>,
}

/// Where those went that entered each stage in a period. Who entered it more than once counts once,
/// with the last time. `query` finds the opportunities that count.
///
/// # Errors
/// When the database fails.
pub async fn passed(
    session: &Session,
    query: &ListQuery,
    period: Period,
) -> Result<Vec<Passed>, StoreError> {
    let entries = entries(session, query, period).await?;
    let select = Query::select()
        .column("to_stage_id")
        .column("next_stage")
        .expr(Expr::cust("count(*)"))
        .expr(Expr::cust("CAST(coalesce(sum(amount), 0) AS bigint)"))
        .from_subquery(entries, "entries")
        .and_where(Expr::col("latest").eq(1))
        .add_group_by([Expr::col("to_stage_id"), Expr::col("next_stage")])
        .take();
    let rows = session.all(&select).await?;
    rows.iter()
        .map(|row| {
            Ok(Passed {
                stage: row.try_get_by_index(0)?,
                next: row.try_get_by_index(1)?,
                count: row.try_get_by_index(2)?,
                amount: row.try_get_by_index(3)?,
            })
        })
        .collect()
}

/// The median of the microseconds that those stayed in each stage that entered it in the period and
/// left it: the mean of the middle two, where there are two.
///
/// # Errors
/// When the database fails.
pub async fn median_stays(
    session: &Session,
    query: &ListQuery,
    period: Period,
) -> Result<Vec<(Uuid, i64)>, StoreError> {
    let entries = entries(session, query, period).await?;
    let stays = Query::select()
        .column("to_stage_id")
        .expr_as(Expr::cust("next_at - changed_at"), "stay")
        .expr_as(
            Expr::cust(
                "row_number() OVER (PARTITION BY to_stage_id ORDER BY next_at - changed_at)",
            ),
            "place",
        )
        .expr_as(
            Expr::cust("count(*) OVER (PARTITION BY to_stage_id)"),
            "many",
        )
        .from_subquery(entries, "entries")
        .and_where(Expr::col("latest").eq(1))
        .and_where(Expr::col("next_at").is_not_null())
        .take();
    let select = Query::select()
        .column("to_stage_id")
        .expr(Expr::cust("CAST(sum(stay) / count(*) AS bigint)"))
        .from_subquery(stays, "stays")
        .and_where(Expr::cust("place IN ((many + 1) / 2, (many + 2) / 2)"))
        .add_group_by([Expr::col("to_stage_id")])
        .take();
    let rows = session.all(&select).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// Each entering of a stage in the period, with what came next, whenever that was; the last time of
/// an opportunity and stage has 1 in `latest`.
async fn entries(
    session: &Session,
    query: &ListQuery,
    period: Period,
) -> Result<SelectStatement, StoreError> {
    let Period {
        pipeline,
        from,
        until,
    } = period;
    let mut counted = lists::matching(session, query, &[]).await?;
    counted.column("id");
    // Asked for by itself, the set of opportunities is made once and looked up by its hash; as a part
    // of the condition a planner without figures compares each with each.
    let counts = Expr::col("opportunity_id").in_subquery(counted);
    let counts: Expr = CaseStatement::new()
        .case(counts, Expr::cust("1"))
        .finally(Expr::cust("0"))
        .into();
    let next = |column: &str| {
        Expr::cust(format!(
            "lead({column}) OVER (PARTITION BY opportunity_id ORDER BY changed_at, id)"
        ))
    };
    let all = Query::select()
        .columns([
            "id",
            "opportunity_id",
            "to_stage_id",
            "changed_at",
            "amount",
        ])
        .expr_as(next("to_stage_id"), "next_stage")
        .expr_as(next("changed_at"), "next_at")
        .from("stage_changes")
        .and_where(Expr::col("workspace_id").eq(query.scope.workspace_id))
        .and_where(Expr::col("pipeline_id").eq(pipeline))
        .and_where(Expr::col("deleted_at").is_null())
        .and_where(counts.eq(Expr::cust("1")))
        .take();
    let mut entries = Query::select()
        .columns([
            "to_stage_id",
            "changed_at",
            "amount",
            "next_stage",
            "next_at",
        ])
        .expr_as(
            Expr::cust(
                "row_number() OVER (PARTITION BY opportunity_id, to_stage_id \
                 ORDER BY changed_at DESC, id DESC)",
            ),
            "latest",
        )
        .from_subquery(all, "changes_of_stage")
        .take();
    if let Some(from) = from {
        entries.and_where(Expr::col("changed_at").gte(from));
    }
    if let Some(until) = until {
        entries.and_where(Expr::col("changed_at").lt(until));
    }
    Ok(entries)
}
