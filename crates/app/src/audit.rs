//! Proves that nobody altered the change log behind the program's back.
//!
//! What was erased is missing, but its digests are there and the chain holds. A value that is gone
//! without a change that says that it was erased was taken out by somebody.

use std::collections::BTreeMap;

use kehu_persistence::changes::carry::{self, Joint};
use kehu_persistence::changes::chain;
use kehu_persistence::changes::seal::{self, Sealed};
use kehu_persistence::changes::{self, Change, erase};
use kehu_persistence::db::Session;
use kehu_persistence::workspaces;
use uuid::Uuid;

use crate::App;
use crate::error::AppError;

/// How many changes are read at once.
const PAGE: u64 = 1_000;

/// The log of one workspace, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The workspace.
    pub workspace: Uuid,
    /// How many changes of it are right.
    pub changes: u64,
    /// How many of their values were erased.
    pub erased: u64,
    /// The hash of the last one. Kept elsewhere, it proves later that the log was not cut off here.
    pub head: String,
    /// Where the log was carried over from the rule of before, if it was.
    pub joint: Option<Joint>,
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
    /// A change, one of its values or its hash was altered.
    Altered,
    /// The last changes are missing.
    CutOff,
    /// A value is gone that nobody erased.
    TakenOut,
    /// A change was altered or missing already when the log was carried over.
    BrokenBefore,
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
        let (last, last_hash) = seal::head(&session, workspace).await?;
        let mut walk = Walk {
            joint: carry::joint(&session, workspace).await?,
            ..Walk::default()
        };
        let mut broken = None;
        while walk.at < last && broken.is_none() {
            let page = seal::sealed(&session, workspace, walk.at, PAGE).await?;
            if page.is_empty() {
                broken = Some(How::CutOff);
            }
            // The first of a page is followed even behind the last: what is between is missing then.
            for sealed in &page {
                if walk.at == last || broken.is_some() {
                    break;
                }
                broken = walk.step(sealed).err();
            }
        }
        let mut broken = broken.map(|how| Broken {
            position: walk.at + 1,
            how,
        });
        if broken.is_none() && walk.previous() != last_hash {
            let (position, how) = (last, How::Altered);
            broken = Some(Broken { position, how });
        }
        if broken.is_none() {
            broken = walk.broken_before();
        }
        if broken.is_none() {
            broken = taken_out(&session, workspace, &walk).await?;
        }
        Ok(Audited {
            workspace,
            changes: walk.changes,
            erased: walk.erased,
            head: walk.previous().to_owned(),
            joint: walk.joint,
            broken,
        })
    }
}

/// How far a log was followed.
#[derive(Default)]
struct Walk {
    joint: Option<Joint>,
    at: i64,
    changes: u64,
    hash: String,
    erased: u64,
    /// By record, the fields of which values were erased, with the last place of one.
    gone: BTreeMap<(String, Uuid), BTreeMap<String, i64>>,
    /// The hash by the rule of before, of what was carried over and still has all its values.
    by_values: Values,
    /// Whether a change had a salt: those without are older.
    salted: bool,
}

/// What can be said by the rule of before.
enum Values {
    /// The hash as far as the log was followed.
    All(String),
    /// Nothing: a value was erased.
    Erased,
}

impl Default for Values {
    fn default() -> Self {
        Self::All(String::new())
    }
}

impl Walk {
    /// What the next change chains on to.
    fn previous(&self) -> &str {
        match &self.joint {
            Some(joint) if joint.position == self.at => &joint.old_hash,
            _ => &self.hash,
        }
    }

    /// Follows the chain by one change.
    fn step(&mut self, sealed: &Sealed) -> Result<(), How> {
        let Sealed { change, hash, .. } = sealed;
        let position = change.position.unwrap_or_default();
        if position != self.at + 1 {
            return Err(How::Missing);
        }
        let expected = match sealed.secret() {
            Some(secret) => {
                self.salted = true;
                chain::hash(self.previous(), change, secret)
            }
            None if self.joint.is_none() && !self.salted => {
                Some(chain::hash_with_values(self.previous(), change))
            }
            None => None,
        };
        if expected.as_ref() != Some(hash) {
            return Err(How::Altered);
        }
        self.compare_with_before(sealed)?;
        self.note_erased(sealed);
        self.at = position;
        self.changes += 1;
        self.hash.clone_from(hash);
        Ok(())
    }

    /// Proves what was carried over: by its new hashes, and by the old ones as long as all values are
    /// there.
    fn compare_with_before(&mut self, sealed: &Sealed) -> Result<(), How> {
        let Sealed { change, hash, .. } = sealed;
        let position = change.position.unwrap_or_default();
        let Some(joint) = self
            .joint
            .as_ref()
            .filter(|joint| position <= joint.position)
        else {
            return Ok(());
        };
        self.by_values = match &self.by_values {
            Values::All(previous) if change.remains.is_none() => {
                Values::All(chain::hash_with_values(previous, change))
            }
            Values::All(_) | Values::Erased => Values::Erased,
        };
        let same = match &self.by_values {
            Values::All(old) => joint.broken_at.is_some() || *old == joint.old_hash,
            Values::Erased => true,
        };
        if position == joint.position && (*hash != joint.hash || !same) {
            return Err(How::Altered);
        }
        Ok(())
    }

    fn note_erased(&mut self, sealed: &Sealed) {
        let Change {
            kind,
            record_id,
            position,
            remains,
            ..
        } = &sealed.change;
        let Some(remains) = remains else { return };
        self.erased += u64::try_from(sealed.erased()).unwrap_or(u64::MAX);
        let fields = self.gone.entry((kind.clone(), *record_id)).or_default();
        for field in remains.digests.keys() {
            let position = position.unwrap_or_default();
            fields.insert(field.clone(), position);
        }
    }

    fn broken_before(&self) -> Option<Broken> {
        let position = self.joint.as_ref()?.broken_at?;
        let how = How::BrokenBefore;
        Some(Broken { position, how })
    }
}

/// The first value that is gone without a change that says that it was erased.
async fn taken_out(
    session: &Session,
    workspace: Uuid,
    walk: &Walk,
) -> Result<Option<Broken>, AppError> {
    let mut first = None;
    for ((kind, record), gone) in &walk.gone {
        let told = changes::with_verb(session, workspace, kind, *record, erase::VERB).await?;
        for (field, position) in gone {
            let is_told = told.iter().any(|change| {
                let later = change.position.is_none_or(|at| at >= *position);
                later && change.fields.get(field).is_some()
            });
            if !is_told && first.is_none_or(|first| *position < first) {
                first = Some(*position);
            }
        }
    }
    Ok(first.map(|position| Broken {
        position,
        how: How::TakenOut,
    }))
}
