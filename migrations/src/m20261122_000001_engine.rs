//! What the engine keeps beside the records: workspaces, the change log, lists of values, keys of
//! similarity, search, external ids, answers to repeated requests.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::columns::{id, index, int, text, unique_index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        workspaces(manager).await?;
        changes(manager).await?;
        values(manager).await?;
        search(manager).await?;
        requests(manager).await
    }
}

async fn workspaces(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    manager
        .create_table(
            Table::create()
                .table(Alias::new("workspaces"))
                .col(id("id").not_null().primary_key())
                .col(text(backend, "name").not_null())
                .col(text(backend, "currency").not_null())
                .col(text(backend, "time_zone").not_null())
                .col(text(backend, "locale").not_null())
                .col(int("config_version").not_null())
                .col(int("created_at").not_null())
                .take(),
        )
        .await
}

async fn changes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    let mut sequence = ColumnDef::new(Alias::new("sequence"));
    match backend {
        DbBackend::Postgres => sequence
            .big_integer()
            .not_null()
            .auto_increment()
            .primary_key(),
        _ => sequence.integer().not_null().auto_increment().primary_key(),
    };
    manager
        .create_table(
            Table::create()
                .table(Alias::new("changes"))
                .col(sequence)
                .col(id("workspace_id").not_null())
                .col(int("position"))
                .col(text(backend, "kind").not_null())
                .col(id("record_id").not_null())
                .col(int("version").not_null())
                .col(text(backend, "verb").not_null())
                .col(id("actor_id"))
                .col(int("at").not_null())
                .col(text(backend, "request_id").not_null())
                .col(text(backend, "cause"))
                .col(text(backend, "fields").not_null())
                .col(text(backend, "hash"))
                .take(),
        )
        .await?;
    unique_index(manager, "changes", &["position"], "position IS NOT NULL").await?;
    index(manager, "changes", &["sequence"], "position IS NULL").await?;
    index(manager, "changes", &["kind", "record_id", "sequence"], "").await?;
    manager
        .create_table(
            Table::create()
                .table(Alias::new("feed_heads"))
                .col(id("workspace_id").not_null().primary_key())
                .col(int("position").not_null())
                .col(text(backend, "hash").not_null())
                .take(),
        )
        .await
}

async fn values(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    manager
        .create_table(
            Table::create()
                .table(Alias::new("list_values"))
                .col(id("workspace_id").not_null())
                .col(text(backend, "kind").not_null())
                .col(text(backend, "field").not_null())
                .col(text(backend, "value").not_null())
                .col(id("record_id").not_null())
                .primary_key(
                    Index::create()
                        .col(Alias::new("workspace_id"))
                        .col(Alias::new("kind"))
                        .col(Alias::new("field"))
                        .col(Alias::new("value"))
                        .col(Alias::new("record_id")),
                )
                .take(),
        )
        .await?;
    index(manager, "list_values", &["record_id", "field"], "").await?;
    manager
        .create_table(
            Table::create()
                .table(Alias::new("similarity_keys"))
                .col(id("workspace_id").not_null())
                .col(text(backend, "kind").not_null())
                .col(text(backend, "key").not_null())
                .col(id("record_id").not_null())
                .primary_key(
                    Index::create()
                        .col(Alias::new("workspace_id"))
                        .col(Alias::new("kind"))
                        .col(Alias::new("key"))
                        .col(Alias::new("record_id")),
                )
                .take(),
        )
        .await?;
    index(manager, "similarity_keys", &["record_id"], "").await?;
    manager
        .create_table(
            Table::create()
                .table(Alias::new("external_ids"))
                .col(id("workspace_id").not_null())
                .col(text(backend, "kind").not_null())
                .col(text(backend, "source").not_null())
                .col(text(backend, "external_id").not_null())
                .col(id("record_id").not_null())
                .primary_key(
                    Index::create()
                        .col(Alias::new("workspace_id"))
                        .col(Alias::new("kind"))
                        .col(Alias::new("source"))
                        .col(Alias::new("external_id")),
                )
                .take(),
        )
        .await?;
    index(manager, "external_ids", &["record_id"], "").await
}

async fn search(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let statements: &[&str] = match manager.get_database_backend() {
        DbBackend::Postgres => &[
            "CREATE TABLE search_documents (id BIGSERIAL PRIMARY KEY, workspace_id uuid NOT NULL, \
             kind text COLLATE \"C\" NOT NULL, record_id uuid NOT NULL, tokens tsvector NOT NULL)",
            "CREATE INDEX ix_search_documents_tokens ON search_documents USING gin (tokens)",
        ],
        _ => &[
            "CREATE TABLE search_documents (id INTEGER PRIMARY KEY, workspace_id blob NOT NULL, \
             kind text NOT NULL, record_id blob NOT NULL)",
            "CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', \
             contentless_delete=1, detail=none, tokenize='ascii')",
        ],
    };
    for statement in statements {
        db.execute_unprepared(statement).await?;
    }
    unique_index(manager, "search_documents", &["record_id"], "").await
}

async fn requests(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    manager
        .create_table(
            Table::create()
                .table(Alias::new("idempotency_keys"))
                .col(id("workspace_id").not_null())
                .col(id("actor_id").not_null())
                .col(text(backend, "key").not_null())
                .col(text(backend, "fingerprint").not_null())
                .col(int("status").not_null())
                .col(text(backend, "body").not_null())
                .col(int("created_at").not_null())
                .primary_key(
                    Index::create()
                        .col(Alias::new("workspace_id"))
                        .col(Alias::new("actor_id"))
                        .col(Alias::new("key")),
                )
                .take(),
        )
        .await?;
    index(manager, "idempotency_keys", &["created_at"], "").await
}
