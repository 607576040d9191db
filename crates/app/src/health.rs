//! Whether the database can do its work.

use kehu_persistence::db::DbKind;

use crate::App;
use crate::error::AppError;

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
}
