//! What lies in the trash for too long.

use chrono::{DateTime, Utc};
use kehu_domain::def::Def;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;

/// The records of a kind, of every workspace, that were put into the trash before a moment, oldest
/// first: (workspace, id). `after` goes on behind a page.
///
/// # Errors
/// When the database fails.
pub async fn expired(
    session: &Session,
    def: &Def,
    before: DateTime<Utc>,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    let mut query = Query::select();
    query
        .columns(["workspace_id", "id"])
        .from(def.table)
        .and_where(Expr::col("deleted_at").lt(before.timestamp_micros()))
        .order_by("id", Order::Asc)
        .limit(limit);
    if let Some(after) = after {
        query.and_where(Expr::col("id").gt(after));
    }
    session
        .all(&query)
        .await?
        .iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}
