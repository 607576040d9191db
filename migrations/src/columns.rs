//! Columns and tables as every migration writes them, the same for both databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// How a field of a record is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// Text in code-point order.
    Text,
    /// A whole number; a moment in microseconds since the epoch.
    Int,
    /// Yes or no; never missing.
    Bool,
    /// The id of a record.
    Id,
    /// Minor units, with the currency in a second column.
    Money,
}

/// A text column. PostgreSQL compares it by code point, as SQLite does.
#[must_use]
pub fn text(backend: DbBackend, name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.text();
    if backend == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

/// A column of 64-bit whole numbers.
#[must_use]
pub fn int(name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.big_integer();
    column
}

/// A column of ids.
#[must_use]
pub fn id(name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.uuid();
    column
}

/// A table of records: workspace, the engine's columns, then the kind's own. The key is the id.
///
/// # Errors
/// When the database refuses.
pub async fn create_record_table(
    manager: &SchemaManager<'_>,
    table: &str,
    fields: &[(&str, Stored)],
) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    let mut create = Table::create();
    create
        .table(Alias::new(table))
        .col(id("workspace_id").not_null())
        .col(id("id").not_null().primary_key())
        .col(int("version").not_null())
        .col(int("created_at").not_null())
        .col(id("created_by"))
        .col(int("updated_at").not_null())
        .col(id("updated_by"))
        .col(int("deleted_at"));
    for (name, stored) in fields {
        match stored {
            Stored::Text => create.col(text(backend, name)),
            Stored::Int => create.col(int(name)),
            Stored::Bool => create.col(
                ColumnDef::new(Alias::new(*name))
                    .boolean()
                    .not_null()
                    .default(false),
            ),
            Stored::Id => create.col(id(name)),
            Stored::Money => create
                .col(int(name))
                .col(text(backend, &format!("{name}_currency"))),
        };
    }
    manager.create_table(create.take()).await?;
    index(manager, table, &["created_at", "id"], LIVE).await?;
    index(manager, table, &["updated_at", "id"], LIVE).await?;
    index(
        manager,
        table,
        &["deleted_at", "id"],
        "deleted_at IS NOT NULL",
    )
    .await
}

/// Rows outside the trash.
pub const LIVE: &str = "deleted_at IS NULL";

/// An index that begins with the workspace, over the rows for which `only` holds (all, when empty).
///
/// # Errors
/// When the database refuses.
pub async fn index(
    manager: &SchemaManager<'_>,
    table: &str,
    columns: &[&str],
    only: &str,
) -> Result<(), DbErr> {
    make_index(manager, table, columns, only, "").await
}

/// The same, and no two rows have the same values.
///
/// # Errors
/// When the database refuses.
pub async fn unique_index(
    manager: &SchemaManager<'_>,
    table: &str,
    columns: &[&str],
    only: &str,
) -> Result<(), DbErr> {
    make_index(manager, table, columns, only, "UNIQUE ").await
}

async fn make_index(
    manager: &SchemaManager<'_>,
    table: &str,
    columns: &[&str],
    only: &str,
    unique: &str,
) -> Result<(), DbErr> {
    let condition = match only {
        "" => String::new(),
        LIVE => format!(" WHERE {LIVE}"),
        other => format!(" WHERE {other}"),
    };
    let kind = if unique.is_empty() { "ix" } else { "ux" };
    let suffix = if only == LIVE || only.is_empty() {
        ""
    } else {
        "_some"
    };
    let name = format!("{kind}_{table}_{}{suffix}", columns.join("_"));
    // Missing values sort before all others: SQLite does so by itself.
    let nulls = match manager.get_database_backend() {
        DbBackend::Postgres => " NULLS FIRST",
        _ => "",
    };
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!("{column}{nulls}"))
        .collect();
    let columns = columns.join(", ");
    let statement =
        format!("CREATE {unique}INDEX {name} ON {table} (workspace_id, {columns}){condition}");
    manager
        .get_connection()
        .execute_unprepared(&statement)
        .await?;
    Ok(())
}
