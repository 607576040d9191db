//! Secrets of the installation, the same for every process on the database.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};

use crate::StoreError;
use crate::db::Session;

/// The secret of this name, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn get(session: &Session, name: &str) -> Result<Option<String>, StoreError> {
    let query = Query::select()
        .column("value")
        .from("secrets")
        .and_where(Expr::col("name").eq(name))
        .take();
    let row = session.one(&query).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Keeps a secret, unless there is one of this name already.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    session: &Session,
    name: &str,
    value: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table("secrets")
        .columns(["name", "value", "created_at"])
        .values_panic([name.into(), value.into(), now.timestamp_micros().into()])
        .on_conflict(OnConflict::column("name").do_nothing().to_owned())
        .take();
    session.run(&insert).await?;
    Ok(())
}

/// Removes a secret.
///
/// # Errors
/// When the database fails.
pub async fn remove(session: &Session, name: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table("secrets")
        .and_where(Expr::col("name").eq(name))
        .take();
    session.run(&delete).await?;
    Ok(())
}
