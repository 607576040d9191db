//! `kehu audit verify`: whether the change log is whole.

use std::io::Write;

use kehu_app::audit::How;
use kehu_app::{App, DbSettings};
use kehu_domain::value::format_time;

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
        let erased = match audited.erased {
            0 => String::new(),
            erased => format!("; {erased} values erased"),
        };
        match audited.broken {
            None => writeln!(
                out,
                "{workspace}  {changes} changes, whole{erased}; head {}",
                audited.head
            )?,
            Some(at) => {
                broken += 1;
                let how = match at.how {
                    How::Missing => "is missing",
                    How::Altered => "was altered",
                    How::CutOff => "and what followed is missing",
                    How::TakenOut => "lacks a value that nobody erased",
                    How::BrokenBefore => "was altered or missing when the log was carried over",
                };
                writeln!(out, "{workspace}  BROKEN: change {} {how}", at.position)?;
            }
        }
        if let Some(joint) = audited.joint {
            writeln!(
                out,
                "  carried over on {} behind change {}, whose hash was {}",
                format_time(joint.at),
                joint.position,
                joint.old_hash
            )?;
        }
    }
    if broken > 0 {
        return Err(format!("the logs of {broken} workspaces are broken").into());
    }
    Ok(())
}
