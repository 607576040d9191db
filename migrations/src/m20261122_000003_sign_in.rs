//! Signing in: passwords, where people are signed in, refresh tokens, failed attempts, and the
//! secrets of the installation.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{id, index, int, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        credentials(manager).await?;
        sessions(manager).await?;
        refresh_tokens(manager).await?;
        sign_in_attempts(manager).await?;
        secrets(manager).await
    }
}

async fn credentials(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    manager
        .create_table(
            Table::create()
                .table(Alias::new("credentials"))
                .col(id("workspace_id").not_null())
                .col(id("user_id").not_null().primary_key())
                .col(text(backend, "password_hash").not_null())
                .col(int("changed_at").not_null())
                .take(),
        )
        .await
}

/// One row for each browser (cookie) and each device (tokens) that is signed in.
async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    manager
        .create_table(
            Table::create()
                .table(Alias::new("sessions"))
                .col(id("workspace_id").not_null())
                .col(id("id").not_null().primary_key())
                .col(id("user_id").not_null())
                .col(text(backend, "means").not_null())
                .col(text(backend, "token_hash"))
                .col(text(backend, "previous_hash"))
                .col(int("previous_until"))
                .col(text(backend, "csrf_token").not_null())
                .col(text(backend, "device"))
                .col(int("created_at").not_null())
                .col(int("renewed_at").not_null())
                .col(int("last_used_at").not_null())
                .col(int("expires_at").not_null())
                .col(int("ended_at"))
                .take(),
        )
        .await?;
    index(manager, "sessions", &["user_id", "last_used_at"], "").await?;
    manager
        .get_connection()
        .execute_unprepared("CREATE INDEX ix_sessions_expires_at ON sessions (expires_at)")
        .await?;
    Ok(())
}

async fn refresh_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    manager
        .create_table(
            Table::create()
                .table(Alias::new("refresh_tokens"))
                .col(id("workspace_id").not_null())
                .col(id("session_id").not_null())
                .col(text(backend, "token_hash").not_null())
                .col(int("created_at").not_null())
                .col(int("used_at"))
                .primary_key(
                    Index::create()
                        .col(Alias::new("session_id"))
                        .col(Alias::new("token_hash")),
                )
                .foreign_key(
                    ForeignKey::create()
                        .name("fk_refresh_tokens_session")
                        .from_col(Alias::new("session_id"))
                        .to(Alias::new("sessions"), Alias::new("id"))
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .take(),
        )
        .await
}

/// Attempts come from people who are in no workspace yet; what names them is hashed.
async fn sign_in_attempts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    manager
        .create_table(
            Table::create()
                .table(Alias::new("sign_in_attempts"))
                .col(text(backend, "key").not_null().primary_key())
                .col(int("failures").not_null())
                .col(int("since").not_null())
                .take(),
        )
        .await?;
    manager
        .get_connection()
        .execute_unprepared("CREATE INDEX ix_sign_in_attempts_since ON sign_in_attempts (since)")
        .await?;
    Ok(())
}

async fn secrets(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    manager
        .create_table(
            Table::create()
                .table(Alias::new("secrets"))
                .col(text(backend, "name").not_null().primary_key())
                .col(text(backend, "value").not_null())
                .col(int("created_at").not_null())
                .take(),
        )
        .await
}
