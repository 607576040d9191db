//! Storage: the only crate that knows SQL.
//!
//! Every query on records starts from a [`kehu_domain::scope::Scope`], which becomes one SQL
//! condition; there is no way to read records without one. What differs between SQLite and
//! PostgreSQL lives in [`mod@dialect`].

pub mod changes;
mod columns;
pub mod credentials;
pub mod db;
mod dialect;
mod document_lines;
pub mod duplicates;
mod expr;
pub mod external_ids;
pub mod figures;
pub mod files;
pub mod idempotency;
pub mod imports;
mod keyset;
pub mod ledger;
pub mod lists;
pub mod money;
pub mod number_series;
pub mod organisation;
pub mod places;
pub mod reach;
pub mod records;
pub mod refresh_tokens;
pub mod reports;
mod scope;
pub mod search;
pub mod secrets;
pub mod sessions;
pub mod summary;
pub mod throttle;
pub mod trash;
mod values;
pub mod workspaces;

/// What can go wrong with storage.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("the database failed")]
    Database(#[from] sea_orm::DbErr),
    /// Another row has a value that may stand only once.
    #[error("a value stands there already ({0})")]
    Taken(String),
    /// A stored value does not fit its declaration.
    #[error("a stored value is malformed")]
    Malformed(#[from] kehu_domain::record::WrongShape),
    /// A stored structure is not what was written.
    #[error("a stored structure is malformed")]
    Structure(#[from] serde_json::Error),
    /// The file of the database could not be opened or copied.
    #[error("the database's file failed")]
    File(#[from] files::FileError),
    /// A statement of the transaction failed before, so that nothing more is done in it.
    #[error("the transaction is over: a statement of it failed")]
    Over(Trouble),
    /// The database took the end of a transaction without making it last.
    #[error("the database did not commit")]
    Uncommitted,
}

/// What can be done about a failure of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no room left: trying again helps once there is.
    Full,
    /// The database can't be reached, or can't write for now: trying again later may help.
    Unreachable,
    /// Trying again does not help.
    Lasting,
}

impl StoreError {
    /// What can be done about it.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Database(error) => dialect::trouble(error),
            Self::Over(trouble) => *trouble,
            Self::Uncommitted => Trouble::Unreachable,
            Self::Taken(_) | Self::Malformed(_) | Self::Structure(_) | Self::File(_) => {
                Trouble::Lasting
            }
        }
    }
}
