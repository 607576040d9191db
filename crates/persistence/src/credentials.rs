//! Passwords, hashed.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, OnConflict, Query};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::dialect;

/// A person who may try to sign in.
#[derive(Debug, Clone)]
pub struct Login {
    /// The person's workspace.
    pub workspace_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// The hash of their password, if they have one.
    pub password_hash: Option<String>,
    /// Whether they may sign in.
    pub active: bool,
}

/// The person with this address, in whichever workspace, outside the trash.
///
/// # Errors
/// When the database fails.
pub async fn by_email(session: &Session, email: &str) -> Result<Option<Login>, StoreError> {
    let query = Query::select()
        .columns([
            ("u", "workspace_id"),
            ("u", "id"),
            ("u", "active"),
            ("c", "password_hash"),
        ])
        .from_as("users", "u")
        .join_as(
            JoinType::LeftJoin,
            "credentials",
            "c",
            Expr::col(("c", "user_id")).equals(("u", "id")),
        )
        .and_where(Expr::col(("u", "email")).eq(email))
        .and_where(Expr::col(("u", "deleted_at")).is_null())
        .take();
    session
        .one(&query)
        .await?
        .map(|row| {
            Ok(Login {
                workspace_id: row.try_get_by_index(0)?,
                user_id: row.try_get_by_index(1)?,
                active: row.try_get_by_index(2)?,
                password_hash: row.try_get_by_index(3)?,
            })
        })
        .transpose()
}

/// The hash of a person's password.
///
/// # Errors
/// When the database fails.
pub async fn get(session: &Session, user: Uuid) -> Result<Option<String>, StoreError> {
    read(session, user, false).await
}

/// The same, and nobody changes it until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(session: &Session, user: Uuid) -> Result<Option<String>, StoreError> {
    read(session, user, true).await
}

async fn read(session: &Session, user: Uuid, keep: bool) -> Result<Option<String>, StoreError> {
    let mut query = Query::select()
        .column("password_hash")
        .from("credentials")
        .and_where(Expr::col("user_id").eq(user))
        .take();
    if keep {
        dialect::for_update(session, &mut query);
    }
    let row = session.one(&query).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Sets a person's password.
///
/// # Errors
/// When the database fails.
pub async fn set(
    session: &Session,
    workspace: Uuid,
    user: Uuid,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table("credentials")
        .columns(["workspace_id", "user_id", "password_hash", "changed_at"])
        .values_panic([
            workspace.into(),
            user.into(),
            password_hash.into(),
            now.timestamp_micros().into(),
        ])
        .on_conflict(
            OnConflict::column("user_id")
                .update_columns(["password_hash", "changed_at"])
                .to_owned(),
        )
        .take();
    session.run(&insert).await?;
    Ok(())
}
