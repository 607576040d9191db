//! Answers to requests that carry an `Idempotency-Key`, kept in the transaction that made them, so
//! that a repeated request gets the same answer and has its effect once.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;

/// A kept answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What the request was: method, address and body, hashed.
    pub fingerprint: String,
    /// The status of the answer.
    pub status: i64,
    /// Its body.
    pub body: String,
}

/// The answer that this actor got for this key.
///
/// # Errors
/// When the database fails.
pub async fn find(
    session: &Session,
    workspace: Uuid,
    actor: Uuid,
    key: &str,
) -> Result<Option<Answer>, StoreError> {
    let query = Query::select()
        .columns(["fingerprint", "status", "body"])
        .from("idempotency_keys")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("actor_id").eq(actor))
        .and_where(Expr::col("key").eq(key))
        .take();
    session
        .one(&query)
        .await?
        .map(|row| {
            Ok(Answer {
                fingerprint: row.try_get_by_index(0)?,
                status: row.try_get_by_index(1)?,
                body: row.try_get_by_index(2)?,
            })
        })
        .transpose()
}

/// Keeps an answer.
///
/// # Errors
/// When the database fails; [`StoreError::Taken`] when another request with the key came first.
pub async fn keep(
    session: &Session,
    workspace: Uuid,
    actor: Uuid,
    key: &str,
    answer: &Answer,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table("idempotency_keys")
        .columns([
            "workspace_id",
            "actor_id",
            "key",
            "fingerprint",
            "status",
            "body",
            "created_at",
        ])
        .values_panic([
            workspace.into(),
            actor.into(),
            key.into(),
            answer.fingerprint.as_str().into(),
            answer.status.into(),
            answer.body.as_str().into(),
            now.timestamp_micros().into(),
        ])
        .take();
    session.run(&insert).await?;
    Ok(())
}

/// Forgets the answers from before a moment.
///
/// # Errors
/// When the database fails.
pub async fn forget(session: &Session, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table("idempotency_keys")
        .and_where(Expr::col("created_at").lt(before.timestamp_micros()))
        .take();
    session.run(&delete).await
}
