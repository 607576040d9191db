//! The change feed: what changed, in the order of `position`, as far as the reader sees it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use kehu_domain::ctx::Ctx;
use kehu_domain::kinds;
use kehu_domain::scope::{self, Action};
use kehu_persistence::changes::{self, carry, seal};
use kehu_persistence::records::{self, Trash};
use uuid::Uuid;

use crate::App;
use crate::error::AppError;
use crate::shown::seen_change;

/// A stored change.
pub type Change = changes::Change;

/// The most changes of one answer.
pub const MAX_CHANGES: u64 = 1_000;

/// A part of the feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// The changes that the reader may see.
    pub items: Vec<Change>,
    /// The position to go on from.
    pub next: i64,
    /// Whether there is more already.
    pub more: bool,
}

impl App {
    /// The changes after a position.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn list_changes(&self, ctx: &Ctx, since: i64, limit: u64) -> Result<Feed, AppError> {
        let session = self.db.read();
        let limit = limit.clamp(1, MAX_CHANGES);
        let all = changes::feed(&session, ctx.workspace.id, since, limit).await?;
        let next = all
            .last()
            .and_then(|change| change.position)
            .unwrap_or(since);
        let more = u64::try_from(all.len()).unwrap_or(0) == limit;
        let mut touched: BTreeMap<&'static str, BTreeSet<Uuid>> = BTreeMap::new();
        for change in &all {
            if let Some(def) = kinds::find(&change.kind) {
                touched
                    .entry(def.kind)
                    .or_default()
                    .insert(change.record_id);
            }
        }
        let mut seen: HashSet<Uuid> = HashSet::new();
        for (kind, ids) in touched {
            let Some(def) = kinds::find(kind) else {
                continue;
            };
            let Some(id) = def.field("id") else { continue };
            let scope = scope::of(ctx, def, Action::View);
            let ids = Vec::from_iter(ids);
            let found =
                records::get_many(&session, def, &scope, Trash::Either, &ids, &[id]).await?;
            seen.extend(found.iter().map(kehu_domain::record::Record::id));
        }
        let items = all
            .into_iter()
            .filter(|change| seen.contains(&change.record_id))
            .filter_map(|change| {
                let def = kinds::find(&change.kind)?;
                Some(seen_change(ctx, def, change))
            })
            .collect();
        Ok(Feed { items, next, more })
    }

    /// The last position of the workspace's feed.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn feed_head(&self, ctx: &Ctx) -> Result<i64, AppError> {
        Ok(seal::head(&self.db.read(), ctx.workspace.id).await?.0)
    }

    /// Carries logs over whose hashes cover the values themselves, once after an upgrade: until then
    /// nothing of them can be erased. Returns how many changes it carried over.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn carry_over_log(&self, now: DateTime<Utc>) -> Result<u64, AppError> {
        Ok(carry::carry_over(&self.db, now).await?)
    }

    /// Gives all committed changes their place in the feed; returns how many it placed.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn seal_changes(&self) -> Result<u64, AppError> {
        let mut placed = 0;
        loop {
            let now = seal::seal(&self.db, 500).await?;
            placed += now;
            if now < 500 {
                return Ok(placed);
            }
        }
    }
}
