//! Refresh tokens, hashed: each gets the next one of its session, once.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;

/// What became of a token that somebody showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// This was its one use.
    First,
    /// It was used before.
    Again,
    /// There is no such token.
    Unknown,
}

/// Keeps a new token of a session.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    session: &Session,
    workspace: Uuid,
    signed_in: Uuid,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table("refresh_tokens")
        .columns(["workspace_id", "session_id", "token_hash", "created_at"])
        .values_panic([
            workspace.into(),
            signed_in.into(),
            token_hash.into(),
            now.timestamp_micros().into(),
        ])
        .take();
    session.run(&insert).await?;
    Ok(())
}

/// Uses a token up. Of several who try at once, one is the first.
///
/// # Errors
/// When the database fails.
pub async fn take(
    session: &Session,
    signed_in: Uuid,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Use, StoreError> {
    let update = Query::update()
        .table("refresh_tokens")
        .value("used_at", now.timestamp_micros())
        .and_where(Expr::col("session_id").eq(signed_in))
        .and_where(Expr::col("token_hash").eq(token_hash))
        .and_where(Expr::col("used_at").is_null())
        .take();
    if session.run(&update).await? > 0 {
        return Ok(Use::First);
    }
    Ok(if exists(session, signed_in, token_hash).await? {
        Use::Again
    } else {
        Use::Unknown
    })
}

/// Whether the session ever had this token.
///
/// # Errors
/// When the database fails.
pub async fn exists(
    session: &Session,
    signed_in: Uuid,
    token_hash: &str,
) -> Result<bool, StoreError> {
    let query = Query::select()
        .column("created_at")
        .from("refresh_tokens")
        .and_where(Expr::col("session_id").eq(signed_in))
        .and_where(Expr::col("token_hash").eq(token_hash))
        .take();
    Ok(session.one(&query).await?.is_some())
}
