//! `kehu backup` and `kehu restore`: the file of a SQLite database.

use std::path::Path;

use kehu_app::files::{self, FileError, Replace};
use kehu_app::{App, DbSettings};

/// Writes a copy of the database to a file, while a server may go on writing to it.
///
/// # Errors
/// When the file is there already, the database can't be read or the copy is not whole.
pub async fn backup(settings: &DbSettings, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let source = files::of_url(&settings.url).ok_or(FileError::NotSqlite)?;
    if !source.exists() {
        return Err(format!("there is no database {}", source.display()).into());
    }
    let app = App::connect(settings).await?;
    app.db.backup(file).await?;
    tracing::info!(file = %file.display(), "the copy is written and whole");
    Ok(())
}

/// Puts a copy in the place of the database.
///
/// # Errors
/// When there is a database already and `--force` is not given, when a server holds it, when the
/// file is damaged, not Kehu's or of a newer version. Nothing is changed then.
pub async fn restore(
    settings: &DbSettings,
    file: &Path,
    replace: Replace,
) -> Result<(), Box<dyn std::error::Error>> {
    let restored = files::restore(&settings.url, file, replace).await;
    match restored {
        Ok(database) => {
            tracing::info!(database = %database.display(), "restored");
            Ok(())
        }
        Err(there @ FileError::Exists(_)) => {
            Err(format!("{there}; with --force it is replaced and lost").into())
        }
        Err(error) => Err(error.into()),
    }
}
