//! Opportunities know the stage that they began in, so that imported ones have a history.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{LIVE, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = Table::alter()
            .table(Alias::new("opportunities"))
            .add_column(crate::columns::id("first_stage_id"))
            .take();
        manager.alter_table(alter).await?;
        manager
            .get_connection()
            .execute_unprepared("UPDATE opportunities SET first_stage_id = stage_id")
            .await?;
        index(manager, "opportunities", &["first_stage_id"], LIVE).await
    }
}
