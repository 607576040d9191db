//! What is done with what lies about too long: answers kept for repeated requests, records in the
//! trash, copies of the database, and tokens of search that are made in another way by now.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use kehu_domain::ctx::Workspace;
use kehu_domain::def::Def;
use kehu_domain::kinds;
use kehu_domain::scope::{self, Action};
use kehu_domain::value::Value;
use kehu_persistence::db::Session;
use kehu_persistence::records::{self, Trash};
use kehu_persistence::{StoreError, idempotency, search, trash, workspaces};
use uuid::Uuid;

use crate::App;
use crate::context::system;
use crate::erase::COPY_DAYS;
use crate::error::AppError;
use crate::writer::{Author, Source, Writer};

/// For how many hours the answer to a repeated request is kept.
pub const ANSWER_HOURS: i64 = 24;

/// For how many days a record lies in the trash.
pub const TRASH_DAYS: i64 = 30;

/// How many records are looked at in one go.
const PAGE: u64 = 500;

impl App {
    /// Forgets the answers that no request will be repeated for any more. Returns how many.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn forget_answers(&self, now: DateTime<Utc>) -> Result<u64, AppError> {
        let session = self.db.begin().await?;
        let before = now - Duration::hours(ANSWER_HOURS);
        let forgotten = idempotency::forget(&session, before).await?;
        session.commit().await?;
        Ok(forgotten)
    }

    /// Removes the copies of the database that migrations left beside it, once they are as old as a
    /// copy may be: they hold what was erased since. Returns how many.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn forget_copies(&self, now: DateTime<Utc>) -> Result<u64, AppError> {
        let before = now - Duration::days(COPY_DAYS);
        let removed = self.db.remove_copies(before.into());
        Ok(removed.map_err(StoreError::File)?)
    }

    /// Indexes some records anew for search, where a newer Kehu does so in another way; `true` while
    /// there are more.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn renew_search(&self) -> Result<bool, AppError> {
        let session = self.db.begin().await?;
        let more = search::renew(&session, PAGE).await?;
        session.commit().await?;
        Ok(more)
    }

    /// Brings what the database knows of its own contents up to date.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn count_anew(&self) -> Result<(), AppError> {
        Ok(self.db.learn().await?)
    }

    /// Puts a part of the search index in order; `true` while there is more to do.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn tidy_search(&self) -> Result<bool, AppError> {
        let session = self.db.begin().await?;
        let more = search::tidy(&session).await?;
        session.commit().await?;
        Ok(more)
    }

    /// Removes for good what has lain in the trash for too long, but for what a record outside
    /// still names. Returns how many.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn purge_trash(&self, now: DateTime<Utc>) -> Result<u64, AppError> {
        let before = now - Duration::days(TRASH_DAYS);
        let mut known: HashMap<Uuid, Workspace> = HashMap::new();
        let mut purged = 0;
        for def in kinds::ALL.iter().filter(|def| def.can.purged) {
            let mut after = None;
            loop {
                let page = trash::expired(&self.db.read(), def, before, after, PAGE).await?;
                for (workspace, id) in &page {
                    if !known.contains_key(workspace)
                        && let Some((found, _)) =
                            workspaces::get(&self.db.read(), *workspace).await?
                    {
                        known.insert(*workspace, found);
                    }
                    let Some(workspace) = known.get(workspace) else {
                        continue;
                    };
                    purged += self.purge_one(workspace, def, *id, before, now).await?;
                }
                match page.last() {
                    Some((_, last)) => after = Some(*last),
                    None => break,
                }
            }
        }
        Ok(purged)
    }

    async fn purge_one(
        &self,
        workspace: &Workspace,
        def: &'static Def,
        id: Uuid,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<u64, AppError> {
        let ctx = system(workspace.clone(), now, "trash");
        let organisation = self.organisation(workspace.id).await?;
        let scope = scope::of(&ctx, def, Action::Edit);
        let session = self.db.begin().await?;
        let Some(record) = records::lock(&session, def, &scope, Trash::Inside, id).await? else {
            return Ok(0);
        };
        // It may have been restored and trashed again since it was found.
        let expired = matches!(record.get("deleted_at"), Value::Time(deleted) if *deleted < before);
        if !expired || is_named(&session, workspace.id, def, id).await? {
            return Ok(0);
        }
        let writer = Writer::new(&session, Author::from(&ctx, &organisation, Source::Job));
        writer.purge(def, "purge", &[record]).await?;
        session.commit().await?;
        Ok(1)
    }
}

/// Whether a record outside the trash names this one, but for its own parts.
async fn is_named(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    id: Uuid,
) -> Result<bool, AppError> {
    let parts = def.can.parts;
    let is_part = |by: &Def, field: &str| parts.contains(&(by.kind, field));
    // What has no parts is told by the first that names it.
    let named = if parts.is_empty() {
        let first = records::first_referring(session, workspace, def.kind, id).await?;
        first.into_iter().collect()
    } else {
        records::referring(session, workspace, def.kind, id).await?
    };
    Ok(named.iter().any(|(by, field, _)| !is_part(by, field.name)))
}
