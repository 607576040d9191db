//! Answers to requests that carry an `Idempotency-Key`, kept in the transaction that made them, so
//! that a repeated request gets the same answer and has its effect once.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::imports::erasing;

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

/// Takes out what kept answers tell of a record, or of one with one of these values. The keys stay, so
/// that a repeated request has no second effect: it is refused as one with another body. Returns how
/// many.
///
/// # Errors
/// When the database fails.
pub async fn erase(
    session: &Session,
    workspace: Uuid,
    record: Uuid,
    values: &BTreeSet<String>,
) -> Result<u64, StoreError> {
    let mut erased = 0;
    let id = record.to_string();
    for value in values.iter().chain([&id]) {
        let query = Query::select()
            .columns(["actor_id", "key", "body"])
            .from("idempotency_keys")
            .and_where(Expr::col("workspace_id").eq(workspace))
            .and_where(erasing::may_hold(session, "body", value))
            .take();
        for row in session.all(&query).await? {
            let body: String = row.try_get_by_index(2)?;
            if !erasing::tells(&serde_json::from_str(&body)?, value) {
                continue;
            }
            let (actor, key): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let update = Query::update()
                .table("idempotency_keys")
                .value("body", "null")
                // The hash of a body that holds a telephone number tells the number.
                .value("fingerprint", "")
                .and_where(Expr::col("workspace_id").eq(workspace))
                .and_where(Expr::col("actor_id").eq(actor))
                .and_where(Expr::col("key").eq(key))
                .take();
            erased += session.run(&update).await?;
        }
    }
    Ok(erased)
}
