//! The one way in: whoever makes, changes, trashes, restores or removes records does so by a
//! [`Writer`], in one order of steps, and no other file calls what the store writes with.
//!
//! | step | new | changed | to the trash |
//! |---|---|---|---|
//! | checked by itself, completed by its kind | [`Author::draft`] | [`Writer::patched`] | |
//! | held: the record, what it names, what it must not repeat | [`Writer::examine`] | [`Writer::hold`] | [`Writer::hold`] |
//! | computed as a document | [`Writer::examine`] | [`Writer::examine_change`] | |
//! | references, codes, what must be of the same customer | [`Writer::examine`] | [`Writer::examine_change`] | what names it and needs it |
//! | what may stand only once, what certainly is the same | [`Writer::create`] | [`Writer::examine_change`] | |
//! | tags, numbers, ids of lines, stored with its history | [`Writer::insert`] | [`Writer::save`] | [`Writer::trash`] |
//! | what follows by its kind | [`Behaviour::made`] | | [`Behaviour::trashed`] |

mod author;
mod change;
mod create;
mod trash;

use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Visibility};
use kehu_domain::record::Record;
use kehu_domain::rights::Special;
use kehu_domain::scope::{self, Action};
use kehu_persistence::db::Session;
use kehu_persistence::records::{self as store, Trash};
use kehu_persistence::workspaces::Remembered;
use kehu_persistence::{changes, workspaces};
use uuid::Uuid;

pub(crate) use self::author::{Author, Source};
use crate::context::Organisation;
use crate::error::AppError;
#[cfg(doc)]
use crate::kinds::Behaviour;

/// What to do about records that certainly are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// Refuse.
    Refuse,
    /// Make one more.
    Allow,
}

/// Which version of a record a change is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Based {
    /// This one; refuse when it is not the latest.
    On(i64),
    /// Whichever is the latest.
    Latest,
}

/// Writes records within one transaction.
#[derive(Clone, Copy)]
pub(crate) struct Writer<'a> {
    /// The transaction; what only reads, for a dry run.
    pub(crate) session: &'a Session,
    /// Who writes, and what is known of their workspace.
    pub(crate) author: Author<'a>,
}

impl<'a> Writer<'a> {
    /// A writer within a transaction.
    pub(crate) const fn new(session: &'a Session, author: Author<'a>) -> Self {
        Self { session, author }
    }

    /// Who acts, when.
    pub(crate) const fn ctx(&self) -> &'a Ctx {
        self.author.ctx
    }

    /// What is known of the workspace.
    pub(crate) const fn organisation(&self) -> &'a Organisation {
        self.author.organisation
    }

    /// The workspace.
    pub(crate) const fn workspace(&self) -> Uuid {
        self.author.ctx.workspace.id
    }

    /// Whether nothing is written: an import is tried.
    pub(crate) fn is_dry(&self) -> bool {
        self.author.source == Source::Trial
    }

    /// Loads a record that is to be changed, as [`Writer::hold_for`] does.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn hold(
        &self,
        def: &'static Def,
        id: Uuid,
        trash: Trash,
    ) -> Result<Record, AppError> {
        self.hold_for(Action::Edit, def, id, trash).await
    }

    /// Loads a record that something is to be done with, held until the transaction ends, and makes
    /// sure that the caller may do it.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for one that the caller only sees, [`AppError::NotFound`] for one out
    /// of sight.
    pub(crate) async fn hold_for(
        &self,
        action: Action,
        def: &'static Def,
        id: Uuid,
        trash: Trash,
    ) -> Result<Record, AppError> {
        let write = scope::of(self.ctx(), def, action);
        if let Some(record) = store::lock(self.session, def, &write, trash, id).await? {
            return Ok(record);
        }
        let read = scope::of(self.ctx(), def, Action::View);
        match store::get(self.session, def, &read, trash, id).await? {
            Some(_) => Err(AppError::Forbidden("may_not_change")),
            None => Err(AppError::NotFound),
        }
    }

    /// Loads a record outside the trash as [`Writer::hold`] does, in the version that a change is
    /// based on.
    ///
    /// # Errors
    /// [`AppError::Stale`] when it changed since.
    pub(crate) async fn hold_version(
        &self,
        action: Action,
        def: &'static Def,
        id: Uuid,
        based: Based,
    ) -> Result<Record, AppError> {
        let record = self.hold_for(action, def, id, Trash::Outside).await?;
        self.check_version(def, &record, based).await?;
        Ok(record)
    }

    /// Refuses a change that is based on an older version than the latest.
    pub(crate) async fn check_version(
        &self,
        def: &'static Def,
        record: &Record,
        based: Based,
    ) -> Result<(), AppError> {
        let Based::On(version) = based else {
            return Ok(());
        };
        if version == record.version() {
            return Ok(());
        }
        let (session, workspace) = (self.session, self.workspace());
        let since =
            changes::since_version(session, workspace, def.kind, record.id(), version).await?;
        let mut changed: Vec<String> = since
            .iter()
            .filter_map(|change| change.fields.as_object())
            .flat_map(|fields| fields.keys().cloned())
            .filter(|name| self.ctx().actor.may_ask(def, name))
            .collect();
        changed.sort_unstable();
        changed.dedup();
        Err(AppError::Stale {
            changed,
            version: record.version(),
        })
    }

    async fn organisation_changed(&self, def: &'static Def) -> Result<(), AppError> {
        organisation_changed(self.session, self.ctx(), def).await
    }
}

/// Tells other processes when what decides on reach, dictionaries or tags changed.
pub(crate) async fn organisation_changed(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
) -> Result<(), AppError> {
    if matches!(def.visibility, Visibility::Workspace | Visibility::Common) {
        let what = match def.can.set_up {
            Special::People | Special::Roles => Remembered::People,
            _ => Remembered::Settings,
        };
        workspaces::changed(session, ctx.workspace.id, what).await?;
    }
    Ok(())
}
