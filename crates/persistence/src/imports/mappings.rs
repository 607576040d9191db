//! Mappings that a workspace has saved.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use uuid::Uuid;

use crate::db::Session;
use crate::{StoreError, columns};

/// A saved mapping.
#[derive(Debug, Clone)]
pub struct Saved {
    /// Its id.
    pub id: Uuid,
    /// What it is called; once in a workspace.
    pub name: String,
    /// The mapping, as JSON.
    pub mapping: String,
    /// Who saved it.
    pub created_by: Uuid,
    /// When.
    pub created_at: DateTime<Utc>,
}

const COLUMNS: [&str; 5] = ["id", "name", "mapping", "created_by", "created_at"];

/// The saved mappings of a workspace by name, at most 1,000.
///
/// # Errors
/// When the database fails.
pub async fn list(session: &Session, workspace: Uuid) -> Result<Vec<Saved>, StoreError> {
    let query = Query::select()
        .columns(COLUMNS)
        .from("import_mappings")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .order_by("name", Order::Asc)
        .limit(1000)
        .take();
    session
        .all(&query)
        .await?
        .iter()
        .map(|row| {
            Ok(Saved {
                id: row.try_get_by_index(0)?,
                name: row.try_get_by_index(1)?,
                mapping: row.try_get_by_index(2)?,
                created_by: row.try_get_by_index(3)?,
                created_at: columns::moment(row.try_get_by_index(4)?).unwrap_or_default(),
            })
        })
        .collect()
}

/// Saves a mapping in place of the one of the same name.
///
/// # Errors
/// When the database fails.
pub async fn save(session: &Session, workspace: Uuid, saved: &Saved) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table("import_mappings")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("name").eq(saved.name.as_str()))
        .take();
    session.run(&delete).await?;
    let insert = Query::insert()
        .into_table("import_mappings")
        .columns(["workspace_id"].into_iter().chain(COLUMNS))
        .values_panic([
            workspace.into(),
            saved.id.into(),
            saved.name.as_str().into(),
            saved.mapping.as_str().into(),
            saved.created_by.into(),
            saved.created_at.timestamp_micros().into(),
        ])
        .take();
    session.run(&insert).await?;
    Ok(())
}

/// Forgets a mapping. Tells whether there was one.
///
/// # Errors
/// When the database fails.
pub async fn remove(session: &Session, workspace: Uuid, id: Uuid) -> Result<bool, StoreError> {
    let delete = Query::delete()
        .from_table("import_mappings")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("id").eq(id))
        .take();
    Ok(session.run(&delete).await? > 0)
}
