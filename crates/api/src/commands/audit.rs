//! `kehu audit verify`: whether the change log is whole.

use std::io::Write;

use kehu_app::audit::How;
use kehu_app::{App, DbSettings};

/// Follows the log of every workspace and says what it found, one line each.
///
/// # Errors
/// When one is broken, or the database can't be read.
pub async fn verify(settings: &DbSettings) -> Result<(), Box<dyn std::error::Error>> {
    let app = App::connect(settings).await?;
    let mut out = std::io::stdout().lock();
    let mut broken = 0_u32;
    for audited in app.verify_audit().await? {
        let (workspace, changes) = (audited.workspace, audited.changes);
        match audited.broken {
            None => writeln!(
                out,
                "{workspace}  {changes} changes, whole; head {}",
                audited.head
            )?,
            Some(at) => {
                broken += 1;
                let how = match at.how {
                    How::Missing => "is missing",
                    How::Altered => "was altered",
                    How::CutOff => "and what followed is missing",
                };
                writeln!(out, "{workspace}  BROKEN: change {} {how}", at.position)?;
            }
        }
    }
    if broken > 0 {
        return Err(format!("the logs of {broken} workspaces are broken").into());
    }
    Ok(())
}
