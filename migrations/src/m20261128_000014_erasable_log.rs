//! The change log keeps a salt for its values, and what is left of those that were erased. Logs that
//! are there already wait to be carried over.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{int, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let salt = ColumnDef::new(Alias::new("salt")).blob().take();
        for (table, column) in [
            ("changes", salt),
            ("changes", text(backend, "remains")),
            // The last change whose hash is of the old rule, until they are carried over.
            ("feed_heads", int("carry_to")),
        ] {
            let alter = Table::alter()
                .table(Alias::new(table))
                .add_column(column)
                .take();
            manager.alter_table(alter).await?;
        }
        manager
            .get_connection()
            .execute_unprepared("UPDATE feed_heads SET carry_to = position WHERE position > 0")
            .await?;
        Ok(())
    }
}
