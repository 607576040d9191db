//! Reasons of opportunities know whether they are for winning or for losing.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::text;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What new workspaces begin with, and so what those have that are there already.
const OUTCOMES: [(&str, &str); 2] = [
    ("won", "'best_fit', 'best_price', 'good_relationship'"),
    (
        "lost",
        "'price_too_high', 'missing_feature', 'lost_to_competitor', 'no_budget', 'no_decision', 'project_cancelled'",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = Table::alter()
            .table(Alias::new("dictionary_entries"))
            .add_column(text(manager.get_database_backend(), "outcome"))
            .take();
        manager.alter_table(alter).await?;
        for (outcome, codes) in OUTCOMES {
            let update = format!(
                "UPDATE dictionary_entries SET outcome = '{outcome}' \
                 WHERE dictionary = 'opportunity_reason' AND code IN ({codes})"
            );
            manager.get_connection().execute_unprepared(&update).await?;
        }
        Ok(())
    }
}
