//! Proves that nobody altered the change log behind the program's back.

use kehu_persistence::{changes, workspaces};
use uuid::Uuid;

use crate::App;
use crate::error::AppError;
use crate::feed::chain;

/// How many changes are read at once.
const PAGE: u64 = 1_000;

/// The log of one workspace, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The workspace.
    pub workspace: Uuid,
    /// How many changes of it are right.
    pub changes: u64,
    /// The hash of the last one. Kept elsewhere, it proves later that the log was not cut off here.
    pub head: String,
    /// Where the log is broken, if it is.
    pub broken: Option<Broken>,
}

/// Where and how a log is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The position.
    pub position: i64,
    /// How.
    pub how: How,
}

/// How a log is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A change is missing.
    Missing,
    /// A change, or its hash, was altered.
    Altered,
    /// The last changes are missing.
    CutOff,
}

impl App {
    /// Follows the chain of every workspace from its beginning.
    ///
    /// # Errors
    /// When storage fails; a broken chain is an answer.
    pub async fn verify_audit(&self) -> Result<Vec<Audited>, AppError> {
        let all = workspaces::first(&self.db.read(), u64::from(u32::MAX)).await?;
        let mut audited = Vec::with_capacity(all.len());
        for workspace in all {
            audited.push(self.verify_workspace(workspace.id).await?);
        }
        Ok(audited)
    }

    async fn verify_workspace(&self, workspace: Uuid) -> Result<Audited, AppError> {
        let session = self.db.read();
        // Read first: what is placed meanwhile comes behind it.
        let (last, last_hash) = changes::head_hash(&session, workspace).await?;
        let mut audited = Audited {
            workspace,
            changes: 0,
            head: String::new(),
            broken: None,
        };
        let mut at = 0;
        while at < last {
            let page = changes::sealed(&session, workspace, at, PAGE).await?;
            for (change, hash) in &page {
                let position = change.position.unwrap_or_default();
                let how = if position != at + 1 {
                    Some(How::Missing)
                } else if *hash != chain(&audited.head, change) {
                    Some(How::Altered)
                } else {
                    None
                };
                if let Some(how) = how {
                    let position = at + 1;
                    audited.broken = Some(Broken { position, how });
                    return Ok(audited);
                }
                if position == last && *hash != last_hash {
                    let how = How::Altered;
                    audited.broken = Some(Broken { position, how });
                    return Ok(audited);
                }
                at = position;
                audited.changes += 1;
                audited.head.clone_from(hash);
            }
            if page.is_empty() {
                let (position, how) = (at + 1, How::CutOff);
                audited.broken = Some(Broken { position, how });
                return Ok(audited);
            }
        }
        Ok(audited)
    }
}
