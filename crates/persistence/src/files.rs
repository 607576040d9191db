//! The file of a SQLite database: who holds it, copies of it, and putting a copy in its place.
//!
//! Every program that opens the database holds a shared lock on the file `….lock` beside it, as
//! long as it runs; the system lets go of it however the program ends. What replaces the database
//! takes the lock for itself alone, and so never does it under a running server.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions, Connection};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;

/// Why a file could not be copied or replaced.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no file to copy or replace.
    #[error("this is for SQLite; PostgreSQL has pg_dump and pg_restore of its own")]
    NotSqlite,
    /// Something is there already.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// Somebody else has it open.
    #[error("{} is held by another kehu; end it first", .0.display())]
    Held(PathBuf),
    /// It is no database, or a damaged one.
    #[error("{} is not whole: {said}", .file.display())]
    NotWhole {
        /// The file.
        file: PathBuf,
        /// What the database says of it.
        said: String,
    },
    /// It is a database, but not ours or of a newer version.
    #[error("{} was not written by this version of Kehu or an earlier one", .0.display())]
    Foreign(PathBuf),
    /// The system refused.
    #[error("{}", .0.display())]
    System(PathBuf, #[source] std::io::Error),
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sea_orm::DbErr),
}

/// The database's file; none for PostgreSQL and for a database in memory.
#[must_use]
pub fn of_url(url: &str) -> Option<PathBuf> {
    if !url.starts_with("sqlite:") || url.contains(":memory:") {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    Some(options.get_filename().to_owned())
}

/// Keeps others from replacing the file until it is dropped.
pub(crate) fn hold(file: &Path) -> Result<Arc<File>, FileError> {
    let lock = lock_file(file)?;
    match lock.try_lock_shared() {
        Ok(()) => Ok(Arc::new(lock)),
        Err(TryLockError::WouldBlock) => Err(FileError::Held(file.to_owned())),
        Err(TryLockError::Error(error)) => Err(FileError::System(file.to_owned(), error)),
    }
}

fn lock_file(file: &Path) -> Result<File, FileError> {
    let path = beside(file, ".lock");
    let opened = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    opened.map_err(|error| FileError::System(path, error))
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(suffix);
    PathBuf::from(name)
}

/// Writes a copy of the database as it is at one moment, while others go on writing, and checks it.
/// Nothing stands at `target` before the copy is whole.
pub(crate) async fn copy(connection: &DatabaseConnection, target: &Path) -> Result<(), FileError> {
    let system = |error| FileError::System(target.to_owned(), error);
    let making = beside(target, ".part");
    if making.exists() {
        fs::remove_file(&making).map_err(system)?;
    }
    let name = making.to_string_lossy().into_owned();
    let statement =
        Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [name.into()]);
    connection.execute_raw(statement).await?;
    check_whole(&making).await?;
    File::open(&making)
        .and_then(|file| file.sync_all())
        .map_err(system)?;
    fs::rename(&making, target).map_err(system)?;
    sync_folder(target)
}

/// What a copy is called that a migration leaves: the database's name, this, the migration's.
pub(crate) const BEFORE: &str = ".before-";

/// Removes the copies of before a moment that migrations left beside the database. Returns how many.
pub(crate) fn remove_copies(file: &Path, before: SystemTime) -> Result<u64, FileError> {
    let folder = folder_of(file);
    let system = |error| FileError::System(folder.to_owned(), error);
    let mut ours = file.file_name().unwrap_or_default().to_owned();
    ours.push(BEFORE);
    let mut removed = 0;
    for entry in fs::read_dir(folder).map_err(system)? {
        let entry = entry.map_err(system)?;
        let name = entry.file_name();
        if !name.as_encoded_bytes().starts_with(ours.as_encoded_bytes()) {
            continue;
        }
        let written = entry.metadata().and_then(|of| of.modified());
        if written.map_err(system)? < before {
            fs::remove_file(entry.path()).map_err(system)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Puts a copy in the place of the database that `url` names.
///
/// # Errors
/// When there is a database already and it is not to be replaced, when somebody holds it, when the
/// copy is damaged, not Kehu's or of a newer version. The database is untouched then.
pub async fn restore(url: &str, source: &Path, replace: Replace) -> Result<PathBuf, FileError> {
    let target = of_url(url).ok_or(FileError::NotSqlite)?;
    if target.exists() && replace == Replace::Nothing {
        return Err(FileError::Exists(target));
    }
    check_whole(source).await?;
    check_ours(source).await?;
    let lock = lock_file(&target)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(FileError::Held(target)),
        Err(TryLockError::Error(error)) => return Err(FileError::System(target, error)),
    }
    let system = |error| FileError::System(target.clone(), error);
    let making = beside(&target, ".part");
    fs::copy(source, &making).map_err(system)?;
    File::open(&making)
        .and_then(|file| file.sync_all())
        .map_err(system)?;
    for left in ["-wal", "-shm"] {
        let left = beside(&target, left);
        if left.exists() {
            fs::remove_file(left).map_err(system)?;
        }
    }
    fs::rename(&making, &target).map_err(system)?;
    sync_folder(&target)?;
    Ok(target)
}

/// Whether [`restore`] may replace a database that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// No: only where none is.
    Nothing,
    /// Yes: what is there is lost.
    Database,
}

/// A file counts as there after a power cut only when its folder was written too.
fn sync_folder(file: &Path) -> Result<(), FileError> {
    let folder = folder_of(file);
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| FileError::System(folder.to_owned(), error))
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

async fn check_whole(file: &Path) -> Result<(), FileError> {
    let said = asked(file, "PRAGMA integrity_check").await;
    match said {
        Ok(lines) if lines == ["ok"] => Ok(()),
        Ok(lines) => Err(damaged(file, lines.join("; "))),
        Err(error) => Err(damaged(file, error.to_string())),
    }
}

fn damaged(file: &Path, said: String) -> FileError {
    let file = file.to_owned();
    FileError::NotWhole { file, said }
}

async fn check_ours(file: &Path) -> Result<(), FileError> {
    let known: BTreeSet<String> = kehu_migrations::Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    let applied = asked(file, "SELECT version FROM seaql_migrations").await;
    match applied {
        Ok(applied) if !applied.is_empty() && applied.iter().all(|name| known.contains(name)) => {
            Ok(())
        }
        Ok(_) | Err(_) => Err(FileError::Foreign(file.to_owned())),
    }
}

/// The one column of what a file answers.
async fn asked(file: &Path, sql: &'static str) -> Result<Vec<String>, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection = options.connect().await?;
    let lines = sqlx::query_scalar(sql).fetch_all(&mut connection).await;
    connection.close().await?;
    lines
}
