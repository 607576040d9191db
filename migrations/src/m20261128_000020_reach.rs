//! Who reports to whom, from the top: whose records a manager reaches is found by going down.

use sea_orm_migration::prelude::*;

use crate::columns::{LIVE, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index(manager, "users", &["manager_id", "id"], LIVE).await
    }
}
