//! Whether the database can do its work.

use chrono::{DateTime, Utc};
use kehu_persistence::db::DbKind;
use kehu_persistence::secrets;

use crate::error::AppError;
use crate::{App, ids};

/// What the program finds in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaState {
    /// `sqlite` or `postgres`.
    pub database: &'static str,
    /// How many migrations have not run yet.
    pub pending: usize,
}

impl App {
    /// Asks the database what it is like.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn schema_state(&self) -> Result<SchemaState, AppError> {
        Ok(SchemaState {
            database: match self.db.kind() {
                DbKind::Sqlite => "sqlite",
                DbKind::Postgres => "postgres",
            },
            pending: self.db.pending_migrations().await?,
        })
    }

    /// Proves that what is written lasts: a row comes and goes in one transaction, so that nobody sees it,
    /// nothing is left of it, and two who prove it at once don't wait for each other.
    ///
    /// # Errors
    /// When it does not.
    pub async fn prove_writing(&self, now: DateTime<Utc>) -> Result<(), AppError> {
        let session = self.db.begin().await?;
        let name = format!("probe {}", ids::new_id());
        secrets::keep(&session, &name, "", now).await?;
        secrets::remove(&session, &name).await?;
        Ok(session.commit().await?)
    }
}
