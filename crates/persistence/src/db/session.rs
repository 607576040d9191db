//! What statements run in: a connection to read with, or a transaction.

use std::sync::{Arc, OnceLock};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, SqlErr, Statement, StatementBuilder,
};

use super::writer::Writer;
use crate::reach::Breadths;
use crate::{StoreError, Trouble};

/// A connection to read with, or a transaction.
///
/// A transaction is over when one of its statements failed: the databases differ in what of it they
/// have taken back by then, so nothing more runs in it, and it can't be committed.
#[derive(Debug)]
pub struct Session {
    inner: Inner,
    breadths: Arc<Breadths>,
}

#[derive(Debug)]
enum Inner {
    Pool(DatabaseConnection),
    Transaction(Transaction),
}

/// A transaction, and what became of its statements.
#[derive(Debug)]
struct Transaction {
    inner: DatabaseTransaction,
    /// SQLite: what is known of the connection.
    writer: Option<Arc<Writer>>,
    /// What the first failure was, when there was one.
    over: OnceLock<Trouble>,
}

impl Session {
    /// Reads from whatever connection is free.
    pub(super) const fn reading(pool: DatabaseConnection, breadths: Arc<Breadths>) -> Self {
        Self {
            breadths,
            inner: Inner::Pool(pool),
        }
    }

    /// Reads and writes in a transaction that has begun.
    pub(super) const fn writing(
        inner: DatabaseTransaction,
        writer: Option<Arc<Writer>>,
        breadths: Arc<Breadths>,
    ) -> Self {
        Self {
            breadths,
            inner: Inner::Transaction(Transaction {
                inner,
                writer,
                over: OnceLock::new(),
            }),
        }
    }

    /// Makes everything since [`super::Db::begin`] last.
    ///
    /// # Errors
    /// When the database refuses, or a statement failed before; then nothing of it is done.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.inner {
            Inner::Pool(_) => Ok(()),
            Inner::Transaction(transaction) => transaction.commit().await,
        }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        match &self.inner {
            Inner::Pool(pool) => pool.get_database_backend(),
            Inner::Transaction(transaction) => transaction.inner.get_database_backend(),
        }
    }

    /// How many people are reached, as this process found it.
    pub(crate) fn breadths(&self) -> &Breadths {
        &self.breadths
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.backend() == DbBackend::Postgres
    }

    pub(crate) async fn all(
        &self,
        query: &impl StatementBuilder,
    ) -> Result<Vec<QueryResult>, StoreError> {
        self.all_raw(self.backend().build(query)).await
    }

    pub(crate) async fn one(
        &self,
        query: &impl StatementBuilder,
    ) -> Result<Option<QueryResult>, StoreError> {
        let statement = self.backend().build(query);
        match &self.inner {
            Inner::Pool(pool) => pool.query_one_raw(statement).await.map_err(sorted),
            Inner::Transaction(transaction) => {
                let inner = transaction.going_on()?;
                transaction.noted(inner.query_one_raw(statement).await)
            }
        }
    }

    pub(crate) async fn all_raw(
        &self,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, StoreError> {
        match &self.inner {
            Inner::Pool(pool) => pool.query_all_raw(statement).await.map_err(sorted),
            Inner::Transaction(transaction) => {
                let inner = transaction.going_on()?;
                transaction.noted(inner.query_all_raw(statement).await)
            }
        }
    }

    pub(crate) async fn run(&self, query: &impl StatementBuilder) -> Result<u64, StoreError> {
        Ok(self
            .run_raw(self.backend().build(query))
            .await?
            .rows_affected())
    }

    pub(crate) async fn run_raw(&self, statement: Statement) -> Result<ExecResult, StoreError> {
        match &self.inner {
            Inner::Pool(pool) => pool.execute_raw(statement).await.map_err(sorted),
            Inner::Transaction(transaction) => {
                let inner = transaction.going_on()?;
                transaction.noted(inner.execute_raw(statement).await)
            }
        }
    }
}

impl Transaction {
    /// The transaction, unless it is over.
    fn going_on(&self) -> Result<&DatabaseTransaction, StoreError> {
        match self.over.get() {
            Some(trouble) => Err(StoreError::Over(*trouble)),
            None => Ok(&self.inner),
        }
    }

    /// Keeps in mind that a statement failed. A value that may stand once leaves the connection as it
    /// was; after anything else it is not used again.
    fn noted<T>(&self, result: Result<T, DbErr>) -> Result<T, StoreError> {
        result.map_err(sorted).inspect_err(|error| {
            let _ = self.over.set(error.trouble());
            if !matches!(error, StoreError::Taken(_)) {
                self.suspect_writer();
            }
        })
    }

    async fn commit(self) -> Result<(), StoreError> {
        self.going_on()?;
        let Self { inner, writer, .. } = self;
        let before = writer.as_ref().map(|writer| writer.commits());
        let committed = inner.commit().await.map_err(sorted);
        let Some(writer) = writer else {
            return committed;
        };
        let committed = committed.and_then(|()| match before {
            Some(before) if writer.commits() == before => Err(StoreError::Uncommitted),
            _ => Ok(()),
        });
        committed.inspect_err(|_| writer.suspect())
    }

    fn suspect_writer(&self) {
        if let Some(writer) = &self.writer {
            writer.suspect();
        }
    }
}

/// Sorts out the violations that callers answer for.
fn sorted(error: DbErr) -> StoreError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(what)) => StoreError::Taken(what),
        _ => StoreError::Database(error),
    }
}
