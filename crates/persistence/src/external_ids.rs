//! The ids that other systems have for our records.

use kehu_domain::def::Def;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use uuid::Uuid;

use crate::db::Session;
use crate::{StoreError, dialect};

/// The records with these external ids: (external id, record).
///
/// # Errors
/// When the database fails.
pub async fn find(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    source: &str,
    external_ids: &[String],
) -> Result<Vec<(String, Uuid)>, StoreError> {
    let mut found = Vec::new();
    for chunk in external_ids.chunks(1000) {
        let query = Query::select()
            .columns(["external_id", "record_id"])
            .from("external_ids")
            .and_where(Expr::col("workspace_id").eq(workspace))
            .and_where(Expr::col("kind").eq(def.kind))
            .and_where(Expr::col("source").eq(source))
            .and_where(Expr::col("external_id").is_in(chunk.iter().map(String::as_str)))
            .take();
        for row in session.all(&query).await? {
            found.push((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
        }
    }
    Ok(found)
}

/// Keeps others from using this external id until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn guard(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    source: &str,
    external_id: &str,
) -> Result<(), StoreError> {
    dialect::lock(
        session,
        &format!("{workspace}:{}:{source}:{external_id}", def.kind),
    )
    .await
}

/// Ties external ids to records.
///
/// # Errors
/// When the database fails, or an external id is tied already.
pub async fn insert(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    source: &str,
    ids: &[(String, Uuid)],
) -> Result<(), StoreError> {
    for chunk in ids.chunks(2000) {
        let mut insert = Query::insert();
        insert.into_table("external_ids").columns([
            "workspace_id",
            "kind",
            "source",
            "external_id",
            "record_id",
        ]);
        for (external_id, record) in chunk {
            insert.values_panic([
                workspace.into(),
                def.kind.into(),
                source.into(),
                external_id.as_str().into(),
                (*record).into(),
            ]);
        }
        session.run(&insert).await?;
    }
    Ok(())
}

/// Unties an external id whose record is gone for good or lies in the trash.
///
/// # Errors
/// When the database fails.
pub async fn remove(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    source: &str,
    external_id: &str,
) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table("external_ids")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("kind").eq(def.kind))
        .and_where(Expr::col("source").eq(source))
        .and_where(Expr::col("external_id").eq(external_id))
        .take();
    session.run(&delete).await?;
    Ok(())
}
