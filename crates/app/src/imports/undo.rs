//! Takes back what an import made and changed, the last first; what somebody has touched since
//! stays and is told.

use std::collections::HashMap;

use kehu_domain::check;
use kehu_domain::def::Def;
use kehu_domain::kinds;
use kehu_domain::record::Record;
use kehu_persistence::changes;
use kehu_persistence::db::Session;
use kehu_persistence::imports::results;
use kehu_persistence::imports::{Counts, Import};
use kehu_persistence::records::{self, Trash};
use serde_json::json;
use uuid::Uuid;

use crate::clock;
use crate::context::system;
use crate::error::AppError;
use crate::imports::UNDO;
use crate::imports::lookups::everything;
use crate::imports::rows::{Severity, problem};
use crate::imports::run::Run;
use crate::kinds::behaviour;
use crate::prepare;
use crate::writer::{Author, Source, Writer};

impl Run<'_> {
    /// Undoes transaction after transaction. `false` when another worker has the import.
    pub(super) async fn undo_batches(&mut self) -> Result<bool, AppError> {
        let organisation = self.app.organisation(self.import.workspace_id).await?;
        let cause = super::cause(self.import.id);
        loop {
            // What is taken back is taken back whole, whatever the person reaches by now.
            let workspace = organisation.workspace().clone();
            let mut ctx = system(workspace, clock::now(), &cause);
            ctx.actor.user_id = self.import.actor_id;
            let session = self.app.db.begin().await?;
            let (workspace, id) = (self.import.workspace_id, self.import.id);
            let last = results::last_batch(&session, workspace, id).await?;
            let Some((number, batch)) = last else {
                return Ok(true);
            };
            let mut import = self.import.clone();
            let author = Author::from(&ctx, &organisation, Source::Undo);
            let mut undo = Undo {
                writer: Writer::new(&session, author),
                cause: &cause,
                kept: Vec::new(),
                counts: Counts::default(),
            };
            for (kind, record, _) in batch.changed.iter().rev() {
                undo.change_back(kind_of(kind)?, *record).await?;
            }
            for (kind, ids) in batch.made.iter().rev() {
                undo.remove(kind_of(kind)?, ids).await?;
            }
            let (kept, counts) = (undo.kept, undo.counts);
            import.counts.undone += counts.undone;
            import.counts.kept += counts.kept;
            self.tell_kept(&session, &mut import, kept).await?;
            results::drop_batch(&session, workspace, id, number).await?;
            if !self.hold(&session, &import).await? {
                return Ok(false);
            }
            session.commit().await?;
            self.import = import;
            tokio::task::yield_now().await;
        }
    }

    async fn tell_kept(
        &self,
        session: &Session,
        import: &mut Import,
        kept: Vec<(&'static Def, Record)>,
    ) -> Result<(), AppError> {
        let mut told = Vec::with_capacity(kept.len());
        for (def, record) in kept {
            import.counts.problems += 1;
            let params =
                json!({"kind": def.kind, "id": record.id(), "title": def.title_of(&record)});
            let mut problem = problem(0, "touched_since", params, Severity::Kept);
            problem.number = import.counts.problems;
            told.push(problem);
        }
        Ok(results::add_problems(session, import.workspace_id, import.id, &told).await?)
    }
}

struct Undo<'a> {
    writer: Writer<'a>,
    cause: &'a str,
    kept: Vec<(&'static Def, Record)>,
    counts: Counts,
}

impl Undo<'_> {
    /// Removes records that nobody has touched and nothing else names.
    async fn remove(&mut self, def: &'static Def, ids: &[Uuid]) -> Result<(), AppError> {
        let writer = self.writer;
        let (session, workspace) = (writer.session, writer.workspace());
        let all = everything(writer.ctx());
        let fields: Vec<_> = def.all_fields().collect();
        records::lock_many(session, def, &all, ids).await?;
        let there = records::get_many(session, def, &all, Trash::Either, ids, &fields).await?;
        let mut stays = changes::touched(session, workspace, def.kind, ids, self.cause).await?;
        stays.extend((behaviour(def).used)(&writer, ids).await?);
        // What is named by something that stays, stays too; its own parts go with it.
        let named = records::referring_many(session, workspace, def.kind, ids, |by, field| {
            !def.can.parts.contains(&(by.kind, field.name))
        })
        .await?;
        loop {
            let before = stays.len();
            for (target, by) in &named {
                if !ids.contains(by) || stays.contains(by) {
                    stays.insert(*target);
                }
            }
            if stays.len() == before {
                break;
            }
        }
        let (kept, gone): (Vec<Record>, Vec<Record>) = there
            .into_iter()
            .partition(|record| stays.contains(&record.id()));
        writer.purge(def, UNDO, &gone).await?;
        (behaviour(def).unmade)(&writer, &gone).await?;
        self.counts.undone += i64::try_from(gone.len()).unwrap_or(i64::MAX);
        self.counts.kept += i64::try_from(kept.len()).unwrap_or(i64::MAX);
        self.kept
            .extend(kept.into_iter().map(|record| (def, record)));
        Ok(())
    }

    /// Gives a record the values back that it had before the import.
    async fn change_back(&mut self, def: &'static Def, id: Uuid) -> Result<(), AppError> {
        let writer = self.writer;
        let (session, workspace) = (writer.session, writer.workspace());
        let of_import = changes::all_of_record(session, workspace, def.kind, id).await?;
        let ours: Vec<_> = of_import
            .iter()
            .filter(|change| change.cause.as_deref() == Some(self.cause))
            .collect();
        // What the import itself made is removed with what it made.
        if ours.iter().any(|change| change.version == 1) {
            return Ok(());
        }
        // Undone by an earlier step already: a file can change a record twice.
        if ours.iter().any(|change| change.verb == UNDO) {
            return Ok(());
        }
        let all = everything(writer.ctx());
        let Some(before) = records::lock(session, def, &all, Trash::Either, id).await? else {
            return Ok(());
        };
        let first = ours.iter().map(|change| change.sequence).min().unwrap_or(0);
        let touched = of_import
            .iter()
            .any(|change| change.sequence > first && change.cause.as_deref() != Some(self.cause));
        if touched {
            self.counts.kept += 1;
            self.kept.push((def, before));
            return Ok(());
        }
        let mut old: HashMap<&'static str, serde_json::Value> = HashMap::new();
        // Newest first, so that the oldest value is the one that stays.
        for change in &ours {
            for (name, values) in change.fields.as_object().into_iter().flatten() {
                if let (Some(field), Some(value)) = (def.field(name), values.get(0)) {
                    old.insert(field.name, value.clone());
                }
            }
        }
        let mut after = before.clone();
        for (name, json) in old {
            let Some(field) = def.field(name) else {
                continue;
            };
            let circumstances = prepare::circumstances(writer.ctx());
            if let Ok(value) = check::value(field, &json, circumstances) {
                after.set(name, value);
            }
        }
        // Another has the value by now, or what it names is gone: then it stays, and is told.
        let (ctx, old) = (writer.ctx(), Some(&before));
        let taken = prepare::check_unique(session, ctx, def, old, &after).await?;
        let saved = if taken.is_empty() {
            writer.save(def, UNDO, &before, after).await
        } else {
            Err(AppError::Invalid(taken))
        };
        match saved {
            Err(AppError::Invalid(_)) => {
                self.counts.kept += 1;
                self.kept.push((def, before));
                return Ok(());
            }
            other => other?,
        };
        self.counts.undone += 1;
        Ok(())
    }
}

/// The kind of this noun among those that are declared.
fn kind_of(kind: &str) -> Result<&'static Def, AppError> {
    kinds::find(kind).ok_or_else(|| AppError::Internal(format!("there is no kind {kind}")))
}
