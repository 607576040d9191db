//! Imports: the files, how far each is, what became of its rows, and saved mappings.

use sea_orm_migration::prelude::*;

use crate::columns::{id, index, int, text, unique_index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        imports(manager).await?;
        rows(manager).await?;
        mappings(manager).await
    }
}

async fn imports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    let mut create = Table::create();
    create
        .table(Alias::new("imports"))
        .col(id("id").not_null().primary_key())
        .col(id("workspace_id").not_null())
        .col(id("actor_id").not_null())
        .col(text(backend, "file_name").not_null())
        .col(int("bytes").not_null())
        .col(text(backend, "state").not_null())
        .col(text(backend, "mapping"))
        .col(text(backend, "error"))
        .col(int("created_at").not_null())
        .col(int("started_at"))
        .col(int("finished_at"))
        .col(int("resumed_at"))
        .col(int("resumed_rows").not_null())
        .col(int("rows_total"))
        .col(int("rows_done").not_null())
        .col(text(backend, "counts").not_null())
        .col(text(backend, "lease_owner"))
        .col(int("lease_until"));
    manager.create_table(create.take()).await?;
    index(manager, "imports", &["created_at", "id"], "").await?;
    index(
        manager,
        "imports",
        &["lease_until"],
        "lease_until IS NOT NULL",
    )
    .await
}

async fn rows(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    let mut files = Table::create();
    files
        .table(Alias::new("import_files"))
        .col(id("workspace_id").not_null())
        .col(id("import_id").not_null())
        .col(int("part").not_null())
        .col(ColumnDef::new(Alias::new("content")).blob().not_null())
        .primary_key(
            Index::create()
                .col(Alias::new("import_id"))
                .col(Alias::new("part")),
        );
    manager.create_table(files.take()).await?;

    let mut problems = Table::create();
    problems
        .table(Alias::new("import_problems"))
        .col(id("workspace_id").not_null())
        .col(id("import_id").not_null())
        .col(int("number").not_null())
        .col(int("row").not_null())
        .col(text(backend, "column_name"))
        .col(text(backend, "field"))
        .col(text(backend, "code").not_null())
        .col(text(backend, "params").not_null())
        .col(text(backend, "severity").not_null())
        .primary_key(
            Index::create()
                .col(Alias::new("import_id"))
                .col(Alias::new("number")),
        );
    manager.create_table(problems.take()).await?;
    index(manager, "import_problems", &["import_id", "row"], "").await?;

    // Rows that are remembered as they were: refused ones, and those that wait for a row further
    // down.
    let mut kept = Table::create();
    kept.table(Alias::new("import_rows"))
        .col(id("workspace_id").not_null())
        .col(id("import_id").not_null())
        .col(text(backend, "state").not_null())
        .col(int("row").not_null())
        .col(text(backend, "cells").not_null())
        .primary_key(
            Index::create()
                .col(Alias::new("import_id"))
                .col(Alias::new("state"))
                .col(Alias::new("row")),
        );
    manager.create_table(kept.take()).await?;

    // What each transaction made and changed.
    let mut batches = Table::create();
    batches
        .table(Alias::new("import_batches"))
        .col(id("workspace_id").not_null())
        .col(id("import_id").not_null())
        .col(int("number").not_null())
        .col(text(backend, "made").not_null())
        .col(text(backend, "changed").not_null())
        .primary_key(
            Index::create()
                .col(Alias::new("import_id"))
                .col(Alias::new("number")),
        );
    manager.create_table(batches.take()).await
}

async fn mappings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    let mut create = Table::create();
    create
        .table(Alias::new("import_mappings"))
        .col(id("id").not_null().primary_key())
        .col(id("workspace_id").not_null())
        .col(text(backend, "name").not_null())
        .col(text(backend, "mapping").not_null())
        .col(id("created_by").not_null())
        .col(int("created_at").not_null());
    manager.create_table(create.take()).await?;
    unique_index(manager, "import_mappings", &["name"], "").await
}
