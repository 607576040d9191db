//! Takes back what an import made and changed, the last first; what somebody has touched since
//! stays and is told.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use kehu_domain::check;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Visibility};
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use kehu_domain::{activity, customer, kinds, lead, opportunity, stage_change, user};
use kehu_persistence::db::Session;
use kehu_persistence::imports::results;
use kehu_persistence::imports::{Counts, Import};
use kehu_persistence::records::{self, Trash};
use kehu_persistence::{changes, credentials};
use serde_json::json;
use uuid::Uuid;

use crate::clock;
use crate::context::system;
use crate::error::AppError;
use crate::imports::lookups::everything;
use crate::imports::rows::{Severity, problem};
use crate::imports::run::Run;
use crate::{prepare, rules};

/// What history says of it.
const VERB: &str = "undo_import";

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
            let mut undo = Undo {
                session: &session,
                ctx: &ctx,
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
    session: &'a Session,
    ctx: &'a Ctx,
    cause: &'a str,
    kept: Vec<(&'static Def, Record)>,
    counts: Counts,
}

impl Undo<'_> {
    /// Removes records that nobody has touched and nothing else names.
    async fn remove(&mut self, def: &'static Def, ids: &[Uuid]) -> Result<(), AppError> {
        let (session, workspace) = (self.session, self.ctx.workspace.id);
        let all = everything(self.ctx);
        let fields: Vec<_> = def.all_fields().collect();
        records::lock_many(session, def, &all, ids).await?;
        let there = records::get_many(session, def, &all, Trash::Either, ids, &fields).await?;
        let mut stays = changes::touched(session, workspace, def.kind, ids, self.cause).await?;
        if def.kind == user::DEF.kind {
            for id in ids {
                if credentials::get(session, *id).await?.is_some() {
                    stays.insert(*id);
                }
            }
        }
        // What is named by something that stays, stays too.
        let parts = self.parts(def, ids).await?;
        let mut named = records::referring_many(session, workspace, def.kind, ids).await?;
        named.retain(|(_, by)| !parts.contains_key(by));
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
        let gone_ids: HashSet<Uuid> = gone.iter().map(Record::id).collect();
        let its_parts: Vec<Uuid> = parts
            .into_iter()
            .filter(|(_, of)| gone_ids.contains(of))
            .map(|(part, _)| part)
            .collect();
        self.purge_parts(&its_parts).await?;
        records::write::purge_many(session, self.ctx, def, VERB, &gone).await?;
        if def.kind == activity::DEF.kind {
            self.move_back(&gone).await?;
        }
        if matches!(def.visibility, Visibility::Workspace | Visibility::Common) {
            rules::organisation_changed(session, self.ctx, def).await?;
        }
        self.counts.undone += i64::try_from(gone.len()).unwrap_or(i64::MAX);
        self.counts.kept += i64::try_from(kept.len()).unwrap_or(i64::MAX);
        self.kept
            .extend(kept.into_iter().map(|record| (def, record)));
        Ok(())
    }

    /// The stage history of opportunities, which goes with them: (change, opportunity).
    async fn parts(
        &self,
        def: &'static Def,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Uuid>, AppError> {
        let field = stage_change::DEF.field("opportunity_id");
        let Some(field) = field.filter(|_| def.kind == opportunity::DEF.kind) else {
            return Ok(HashMap::new());
        };
        let wanted: Vec<Value> = ids.iter().copied().map(Value::Id).collect();
        let all = everything(self.ctx);
        let found =
            records::by_values(self.session, &stage_change::DEF, &all, field, &wanted).await?;
        Ok(found
            .into_iter()
            .filter_map(|(part, of)| Some((part, of.as_id()?)))
            .collect())
    }

    async fn purge_parts(&self, ids: &[Uuid]) -> Result<(), AppError> {
        let def = &stage_change::DEF;
        let fields: Vec<_> = def.all_fields().collect();
        let all = everything(self.ctx);
        let parts = records::get_many(self.session, def, &all, Trash::Either, ids, &fields).await?;
        Ok(records::write::purge_many(self.session, self.ctx, def, VERB, &parts).await?)
    }

    /// Puts back what activities had moved on their leads, customers and opportunities, now that they are gone.
    async fn move_back(&mut self, gone: &[Record]) -> Result<(), AppError> {
        let about: [(&str, &'static Def); 3] = [
            ("lead_id", &lead::DEF),
            ("customer_id", &customer::DEF),
            ("opportunity_id", &opportunity::DEF),
        ];
        for (field, def) in about {
            let mut about: BTreeMap<Uuid, DateTime<Utc>> = BTreeMap::new();
            for record in gone {
                if let (Some(id), Value::Time(made)) =
                    (record.get(field).as_id(), record.get("created_at"))
                {
                    let first = about.entry(id).or_insert(*made);
                    *first = (*first).min(*made);
                }
            }
            for (id, made) in about {
                if !self.is_followed_up(field, id, made).await? {
                    self.move_one_back(def, id, made).await?;
                }
            }
        }
        Ok(())
    }

    /// Whether an activity that stays is as young as this: then what it moved stays too.
    async fn is_followed_up(
        &self,
        about: &str,
        id: Uuid,
        since: DateTime<Utc>,
    ) -> Result<bool, AppError> {
        let def = &activity::DEF;
        let fields = ["id", "created_at"].map(|name| def.field(name));
        let (Some(about), [Some(id_field), Some(created_at)]) = (def.field(about), fields) else {
            return Ok(false);
        };
        let all = everything(self.ctx);
        let wanted = [Value::Id(id)];
        let ids = records::by_values(self.session, def, &all, about, &wanted).await?;
        let ids: Vec<Uuid> = ids.into_iter().map(|(id, _)| id).collect();
        let fields = [id_field, created_at];
        let rest =
            records::get_many(self.session, def, &all, Trash::Outside, &ids, &fields).await?;
        let young =
            |record: &Record| matches!(record.get("created_at"), Value::Time(at) if *at >= since);
        Ok(rest.iter().any(young))
    }

    /// Gives a lead or customer the values back that activities made at this moment or later had
    /// moved; those that somebody has changed since stay.
    async fn move_one_back(
        &self,
        def: &'static Def,
        id: Uuid,
        made: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let (session, workspace) = (self.session, self.ctx.workspace.id);
        let all = everything(self.ctx);
        let Some(before) = records::lock(session, def, &all, Trash::Either, id).await? else {
            return Ok(());
        };
        let history = changes::of_record(session, workspace, def.kind, id, None, 1000).await?;
        let mut moved: HashMap<&'static str, Option<serde_json::Value>> = HashMap::new();
        // Newest first: what somebody else wrote over an older value of ours is not ours any more,
        // and the oldest of ours stands last.
        for change in history.iter().take_while(|change| change.at >= made) {
            let ours = change.cause.as_deref() == Some(self.cause);
            for (name, values) in change.fields.as_object().into_iter().flatten() {
                let Some(field) = def.field(name) else {
                    continue;
                };
                if !ours {
                    moved.insert(field.name, None);
                } else if change.verb == rules::FOLLOW_UP && moved.get(field.name) != Some(&None) {
                    moved.insert(field.name, values.get(0).cloned());
                }
            }
        }
        let mut after = before.clone();
        for (name, old) in moved {
            let (Some(field), Some(json)) = (def.field(name), old) else {
                continue;
            };
            if let Ok(value) = check::value(field, &json, prepare::circumstances(self.ctx)) {
                after.set(name, value);
            }
        }
        records::write::update(session, self.ctx, def, VERB, &before, after).await?;
        Ok(())
    }

    /// Gives a record the values back that it had before the import.
    async fn change_back(&mut self, def: &'static Def, id: Uuid) -> Result<(), AppError> {
        let (session, workspace) = (self.session, self.ctx.workspace.id);
        let of_import = changes::of_record(session, workspace, def.kind, id, None, 1000).await?;
        let ours: Vec<_> = of_import
            .iter()
            .filter(|change| change.cause.as_deref() == Some(self.cause))
            .collect();
        // What the import itself made is removed with what it made.
        if ours.iter().any(|change| change.version == 1) {
            return Ok(());
        }
        // Undone by an earlier step already: a file can change a record twice.
        if ours.iter().any(|change| change.verb == VERB) {
            return Ok(());
        }
        let all = everything(self.ctx);
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
            let circumstances = prepare::circumstances(self.ctx);
            if let Ok(value) = check::value(field, &json, circumstances) {
                after.set(name, value);
            }
        }
        records::write::update(session, self.ctx, def, VERB, &before, after).await?;
        rules::organisation_changed(session, self.ctx, def).await?;
        self.counts.undone += 1;
        Ok(())
    }
}

/// The kind of this noun among those that are declared.
fn kind_of(kind: &str) -> Result<&'static Def, AppError> {
    kinds::find(kind).ok_or_else(|| AppError::Internal(format!("there is no kind {kind}")))
}
