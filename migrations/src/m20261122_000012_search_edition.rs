//! How far the search index has been made anew, when records are indexed in another way than before.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::int;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = Table::create()
            .table(Alias::new("search_state"))
            .col(int("edition").not_null())
            .col(int("done_to").not_null())
            .col(int("until"))
            .take();
        manager.create_table(create).await?;
        // One row: the edition of the whole index, and what of it is of the next one already.
        manager
            .get_connection()
            .execute_unprepared("INSERT INTO search_state (edition, done_to) VALUES (1, 0)")
            .await?;
        Ok(())
    }
}
