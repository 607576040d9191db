//! Roles say what they give per kind, action and field, and people have several. Nobody sees or may do
//! more or less than before: what is not said goes by the columns that were there.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::columns::text;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        for (table, column) in [
            ("roles", "special_rights"),
            ("roles", "grants"),
            ("roles", "field_rights"),
            ("users", "role_ids"),
        ] {
            let alter = Table::alter()
                .table(Alias::new(table))
                .add_column(text(backend, column))
                .take();
            manager.alter_table(alter).await?;
        }
        // Lists are stored as JSON and, a row for each value, where filters look. SQLite has ids as
        // bytes.
        let id = match backend {
            DbBackend::Postgres => "CAST(role_id AS text)".to_owned(),
            _ => written("role_id"),
        };
        let connection = manager.get_connection();
        connection
            .execute_unprepared(&format!(
                "UPDATE users SET role_ids = '[\"' || {id} || '\"]'"
            ))
            .await?;
        connection
            .execute_unprepared(&format!(
                "INSERT INTO list_values (workspace_id, kind, field, value, record_id) \
                 SELECT workspace_id, 'user', 'role_ids', {id}, id FROM users"
            ))
            .await?;
        Ok(())
    }
}

/// The id in a column of bytes as people write ids.
fn written(column: &str) -> String {
    let hex = format!("lower(hex({column}))");
    let part = |from: u8, many: u8| format!("substr({hex}, {from}, {many})");
    let parts = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)];
    parts
        .map(|(from, many)| part(from, many))
        .join(" || '-' || ")
}
