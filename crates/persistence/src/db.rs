//! Connections and transactions.

mod session;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use self::writer::Writer;
use crate::StoreError;
use crate::files::{self, FileError};
use crate::reach::Breadths;

pub use self::session::Session;

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct DbSettings {
    /// `sqlite://kehu.db?mode=rwc` or `postgres://user:password@host/name`.
    pub url: String,
    /// How many connections read at once (SQLite), or all connections (PostgreSQL).
    pub connections: u32,
    /// SQLite: whether a commit waits until the disk has it (`FULL`) or not (`NORMAL`).
    pub durable: bool,
}

/// The databases that Kehu runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbKind {
    /// One file.
    Sqlite,
    /// A server.
    Postgres,
}

/// The database. Cheap to clone.
///
/// SQLite has one writer: every transaction that writes goes through a pool of one connection, so
/// that writers queue in the process instead of failing with "database is locked".
#[derive(Debug, Clone)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// What is known of SQLite's one writer.
    writer: Option<Arc<Writer>>,
    file: Option<HeldFile>,
    breadths: Arc<Breadths>,
}

/// The file of a SQLite database, held so that nothing replaces it.
#[derive(Debug, Clone)]
struct HeldFile {
    path: PathBuf,
    _hold: Arc<File>,
}

impl Db {
    /// Connects.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(settings: &DbSettings) -> Result<Self, StoreError> {
        if settings.url.starts_with("sqlite:") {
            let file = files::of_url(&settings.url)
                .map(|path| files::hold(&path).map(|hold| HeldFile { path, _hold: hold }))
                .transpose()?;
            let writer = Arc::new(Writer::default());
            let mut options = sqlite_options(settings, 1, WRITER_CACHE);
            options.map_sqlx_sqlite_pool_opts({
                let writer = Arc::clone(&writer);
                move |options| writer::watched(options, &writer)
            });
            let write = Database::connect(options).await?;
            if let Err(error) = learn(&write).await {
                // Another process at work, or a file that may only be read: slower, not wrong.
                tracing::warn!(%error, "the database could not count what it holds");
            }
            let read =
                Database::connect(sqlite_options(settings, settings.connections, READER_CACHE))
                    .await?;
            Ok(Self {
                read,
                write,
                writer: Some(writer),
                file,
                breadths: Arc::default(),
            })
        } else {
            let mut options = ConnectOptions::new(settings.url.clone());
            options
                .max_connections(settings.connections)
                .acquire_timeout(Duration::from_secs(10))
                .connect_timeout(Duration::from_secs(10))
                .test_before_acquire_if_idle_for(Duration::from_secs(5))
                .sqlx_logging(false);
            let pool = Database::connect(options).await?;
            Ok(Self {
                read: pool.clone(),
                write: pool,
                writer: None,
                file: None,
                breadths: Arc::default(),
            })
        }
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Which of the two it is.
    #[must_use]
    pub fn kind(&self) -> DbKind {
        if self.backend() == DbBackend::Postgres {
            DbKind::Postgres
        } else {
            DbKind::Sqlite
        }
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When a migration fails; what came before it stays done.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        if self.backend() == DbBackend::Postgres {
            // One process migrates; the others wait and find everything done. The lock belongs to
            // the connection that took it, so the waiting and the work share a transaction.
            let lock = self.write.begin().await?;
            lock.execute_unprepared("SELECT pg_advisory_xact_lock(7310417)")
                .await?;
            kehu_migrations::Migrator::up(&self.write, None).await?;
            lock.commit().await?;
        } else {
            self.back_up_before_migrating().await?;
            // What SQLite puts aside while it alters a table grows with the table.
            self.write
                .execute_unprepared("PRAGMA temp_store = file")
                .await?;
            let migrated = kehu_migrations::Migrator::up(&self.write, None).await;
            self.write
                .execute_unprepared("PRAGMA temp_store = memory")
                .await?;
            migrated?;
        }
        Ok(())
    }

    /// Writes a copy beside the database, named after the first migration that will run.
    async fn back_up_before_migrating(&self) -> Result<(), StoreError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let applied = kehu_migrations::Migrator::get_applied_migrations(&self.write).await?;
        let pending = kehu_migrations::Migrator::get_pending_migrations(&self.write).await?;
        if let (Some(_), Some(first)) = (applied.first(), pending.first()) {
            let mut name = file.path.clone().into_os_string();
            name.push(format!("{}{}", files::BEFORE, first.name()));
            files::copy(&self.read, &PathBuf::from(name)).await?;
        }
        Ok(())
    }

    /// Writes a copy of a SQLite database, as it is at one moment, to a file that is not there yet.
    ///
    /// # Errors
    /// When the database is no SQLite file, something stands at `target`, or the copy is not whole.
    pub async fn backup(&self, target: &Path) -> Result<(), FileError> {
        if self.file.is_none() {
            return Err(FileError::NotSqlite);
        }
        if target.exists() {
            return Err(FileError::Exists(target.to_owned()));
        }
        files::copy(&self.read, target).await
    }

    /// Removes the copies of before a moment that migrations left beside a SQLite database. Returns how
    /// many.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove_copies(&self, before: SystemTime) -> Result<u64, FileError> {
        match &self.file {
            Some(file) => files::remove_copies(&file.path, before),
            None => Ok(0),
        }
    }

    /// How many migrations have not run yet.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        Ok(
            kehu_migrations::Migrator::get_pending_migrations(&self.read)
                .await?
                .len(),
        )
    }

    /// A session that only reads.
    #[must_use]
    pub fn read(&self) -> Session {
        Session::reading(self.read.clone(), Arc::clone(&self.breadths))
    }

    /// Begins a transaction that writes; on SQLite it holds the one writer until its end.
    ///
    /// # Errors
    /// When no connection comes free in time, or the database refuses.
    pub async fn begin(&self) -> Result<Session, StoreError> {
        let options = TransactionOptions {
            isolation_level: None,
            access_mode: None,
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        };
        let pool = self.write.clone();
        // A task of its own: when nobody waits for it any more, it is begun and rolled back. Cut off
        // in its middle it would leave a connection behind that nobody knows to be in a transaction.
        let begun = tokio::spawn(async move { pool.begin_with_options(options).await });
        let cut_off = |error: tokio::task::JoinError| {
            DbErr::Conn(RuntimeErr::Internal(format!("beginning failed: {error}")))
        };
        match begun.await.map_err(cut_off) {
            Ok(Ok(transaction)) => {
                let breadths = Arc::clone(&self.breadths);
                Ok(Session::writing(transaction, self.writer.clone(), breadths))
            }
            Ok(Err(error)) | Err(error) => {
                self.suspect_writer();
                Err(error.into())
            }
        }
    }

    /// Has the connection that writes thrown away, for it may be in a state that nobody knows.
    fn suspect_writer(&self) {
        if let Some(writer) = &self.writer {
            writer.suspect();
        }
    }

    /// Brings what the database knows of its own contents up to date. PostgreSQL does so by itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn learn(&self) -> Result<(), StoreError> {
        match self.kind() {
            DbKind::Sqlite => learn(&self.write)
                .await
                .inspect_err(|_| self.suspect_writer()),
            DbKind::Postgres => Ok(()),
        }
    }

    /// Writes everything anew that is there, so that nothing is left of what is not any more: in free
    /// pages and in the log of SQLite's file. PostgreSQL gives the room free that it took.
    ///
    /// # Errors
    /// When the database does not answer, or others are at work for too long.
    pub async fn compact(&self) -> Result<(), StoreError> {
        self.write.execute_unprepared("VACUUM").await?;
        if self.kind() == DbKind::Sqlite {
            let empty = "PRAGMA wal_checkpoint(TRUNCATE)";
            self.write.execute_unprepared(empty).await?;
        }
        Ok(())
    }

    /// Closes all connections.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close(self) -> Result<(), StoreError> {
        self.read.close().await?;
        Ok(self.write.close().await?)
    }
}

/// Lets SQLite count what it does not know yet, or what has become many times as much since it last
/// counted: without that it takes every index to tell records apart equally well. Connections that are
/// opened later use what it finds.
async fn learn(sqlite: &DatabaseConnection) -> Result<(), StoreError> {
    sqlite.execute_unprepared("PRAGMA optimize=0x10002").await?;
    // The pages that it went through stay with the connection otherwise.
    sqlite.execute_unprepared("PRAGMA shrink_memory").await?;
    Ok(())
}

/// How much of a SQLite file is read through the memory that the system keeps it in, in bytes: as much
/// as SQLite allows.
const MAPPED: &str = "2147418112";

/// What a connection that reads keeps beside that, in kB below zero: what has not come out of the log yet.
const READER_CACHE: &str = "-2000";

/// What the one that writes keeps: the pages that every change touches, most of which stand in the log.
const WRITER_CACHE: &str = "-16000";

fn sqlite_options(settings: &DbSettings, connections: u32, cache: &'static str) -> ConnectOptions {
    let durable = settings.durable;
    let mut options = ConnectOptions::new(settings.url.clone());
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(60))
        // Opening a file again is quick, and what a connection keeps is given back.
        .idle_timeout(Duration::from_secs(60))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(if durable {
                    SqliteSynchronous::Full
                } else {
                    SqliteSynchronous::Normal
                })
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
                .pragma("mmap_size", MAPPED)
                .pragma("cache_size", cache)
                .pragma("temp_store", "memory")
        });
    options
}

#[cfg(test)]
mod tests;
