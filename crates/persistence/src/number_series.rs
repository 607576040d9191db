//! Series of numbers: contracts of 2026, payments of 2026.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;

/// Takes the next `count` numbers of a series; the answer is the last of them. Who takes at the same
/// time waits until this transaction ends, so a number is given once.
///
/// # Errors
/// When the database fails.
pub async fn take(
    session: &Session,
    workspace: Uuid,
    series: &str,
    count: i64,
) -> Result<i64, StoreError> {
    let insert = Query::insert()
        .into_table("number_series")
        .columns(["workspace_id", "series", "last"])
        .values_panic([workspace.into(), series.into(), count.into()])
        .on_conflict(
            OnConflict::columns(["workspace_id", "series"])
                .value("last", Expr::col(("number_series", "last")).add(count))
                .to_owned(),
        )
        .returning_col("last")
        .take();
    match session.one(&insert).await? {
        Some(row) => Ok(row.try_get_by_index(0)?),
        None => Err(StoreError::Taken("number".to_owned())),
    }
}
