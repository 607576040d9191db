//! Settings (tags, dictionaries, pipelines, pools) have a version of their own, so that a new tag does
//! not make everybody read all people anew.

use sea_orm_migration::prelude::*;

use crate::columns::int;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut version = int("settings_version");
        version.not_null().default(1);
        let alter = Table::alter()
            .table(Alias::new("workspaces"))
            .add_column(version)
            .take();
        manager.alter_table(alter).await
    }
}
