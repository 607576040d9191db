//! Imports: a file comes in, is looked at, tried without writing, and run as a job that can be
//! stopped, taken up again, and undone.

mod batch;
mod known;
mod lookups;
pub mod mappings;
mod memory;
mod naming;
pub mod preview;
mod reader;
pub mod refused;
mod rows;
mod run;
mod undo;
pub mod upload;

use chrono::{DateTime, TimeDelta, Utc};
use kehu_domain::ctx::{Ctx, Workspace};
use kehu_domain::import::Mapping;
use kehu_domain::import::compile::compile;
use kehu_domain::import::plan::{By, Plan};
use kehu_domain::normalise::email_key;
use kehu_domain::rights::Special;
use kehu_domain::scope::{self, Reason, Scope};
use kehu_domain::value::Value;
use kehu_domain::{codes, user};
use kehu_persistence::db::Session;
use kehu_persistence::imports::{self as store, Lease, results};
use kehu_persistence::records::by_values;
use kehu_persistence::workspaces;
use serde_json::json;
use uuid::Uuid;

use crate::error::AppError;
use crate::imports::reader::{Layout, SAMPLE};
use crate::{App, Outcome, clock};

/// An import as it stands.
pub type Import = store::Import;

/// What became of the rows of an import.
pub type Counts = store::Counts;

/// One problem of one row.
pub type Problem = results::Problem;

/// For how long a file is kept that nobody imports.
const KEEP_FILES: TimeDelta = TimeDelta::days(7);

codes! {
    /// Where an import stands.
    pub enum State {
        /// Its file is coming.
        Uploading = "uploading",
        /// Its file is there.
        Uploaded = "uploaded",
        /// It is being tried without writing.
        Checking = "checking",
        /// It was tried.
        Checked = "checked",
        /// It is running.
        Running = "running",
        /// It ran to its end.
        Completed = "completed",
        /// It was stopped; what was done is done.
        Cancelled = "cancelled",
        /// It could not go on; what was done is done.
        Failed = "failed",
        /// It is being undone.
        Undoing = "undoing",
        /// It is undone.
        Undone = "undone",
    }
}

/// How an import is told, for answers that are kept for requests that are repeated.
pub type Tell = fn(&Import) -> serde_json::Value;

/// What starts.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Whether nothing is to be written.
    pub dry_run: bool,
    /// The mapping, in place of the one that the import has.
    pub mapping: Option<Mapping>,
}

/// What history says when what an import did is taken back.
pub(crate) const UNDO: &str = "undo_import";

/// What history tells as the cause of everything that an import does.
pub(crate) fn cause(import: Uuid) -> String {
    format!("import:{import}")
}

pub(crate) fn may_import(ctx: &Ctx) -> Result<(), AppError> {
    if ctx.actor.may(Special::Import) {
        Ok(())
    } else {
        Err(AppError::Forbidden("may_not_import"))
    }
}

/// The caller's own imports; everybody's for who sees what everybody did.
fn check_owner(ctx: &Ctx, import: Option<Import>) -> Result<Import, AppError> {
    import
        .filter(|import| ctx.actor.may(Special::Audit) || import.actor_id == ctx.actor.user_id)
        .ok_or(AppError::NotFound)
}

impl App {
    /// One import.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the caller has none of this id.
    pub async fn get_import(&self, ctx: &Ctx, id: Uuid) -> Result<Import, AppError> {
        may_import(ctx)?;
        let session = self.db.read();
        check_owner(ctx, store::get(&session, ctx.workspace.id, id).await?)
    }

    /// A person by the name or id of their workspace and their email address, for the console.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_person(
        &self,
        workspace: &str,
        email: &str,
    ) -> Result<Option<(Uuid, Uuid)>, AppError> {
        let session = self.db.read();
        let all = workspaces::first(&session, 10_000).await?;
        let called = |w: &&Workspace| w.name == workspace || w.id.to_string() == workspace;
        let (Some(found), Some(field)) = (all.iter().find(called), user::DEF.field("email")) else {
            return Ok(None);
        };
        let everything = Scope::system(found.id, Reason::Console);
        let wanted = [Value::Text(email_key(email))];
        let people = by_values(&session, &user::DEF, &everything, field, &wanted).await?;
        Ok(people.first().map(|(id, _)| (found.id, *id)))
    }

    /// The caller's imports, newest first, those before `before`; everybody's for who administers.
    ///
    /// # Errors
    /// When the caller may not import.
    pub async fn list_imports(
        &self,
        ctx: &Ctx,
        before: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Import>, AppError> {
        may_import(ctx)?;
        let actor = (!ctx.actor.may(Special::Audit)).then_some(ctx.actor.user_id);
        let session = self.db.read();
        Ok(store::list(&session, ctx.workspace.id, actor, before, limit).await?)
    }

    /// The problems of an import after a number; those of one severity when it is named.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the caller has no such import.
    pub async fn list_import_problems(
        &self,
        ctx: &Ctx,
        id: Uuid,
        severity: Option<&str>,
        after: i64,
        limit: u64,
    ) -> Result<Vec<Problem>, AppError> {
        self.get_import(ctx, id).await?;
        let session = self.db.read();
        let workspace = ctx.workspace.id;
        Ok(results::problems(&session, workspace, id, severity, after, limit).await?)
    }

    /// Starts an import, or tries it without writing.
    ///
    /// # Errors
    /// Everything that is wrong with the mapping; a state in which it can't start.
    pub async fn start_import(
        &self,
        ctx: &Ctx,
        id: Uuid,
        start: Start,
        tell: Tell,
    ) -> Result<Import, AppError> {
        may_import(ctx)?;
        let session = self.db.begin().await?;
        let mut import = check_owner(ctx, store::lock(&session, ctx.workspace.id, id).await?)?;
        check_open(&import, "start")?;
        // What was written by a mapping is gone on with by the same one.
        let begun = import.counts.batches > 0;
        if begun && (start.dry_run || start.mapping.is_some()) {
            return Err(AppError::conflict("import_has_begun"));
        }
        if let Some(mapping) = &start.mapping {
            import.mapping = Some(serde_json::to_string(mapping)?);
        }
        let mapping = mapping_of(&import)?;
        let Some(sample) = sample(&session, &import).await? else {
            return Err(AppError::conflict("import_file_gone"));
        };
        check_mapping(ctx, &mapping, &sample)?;
        if !begun {
            import.rows_done = 0;
            import.rows_total = None;
            import.counts = Counts::default();
            results::clear(&session, ctx.workspace.id, id).await?;
        }
        let state = if start.dry_run {
            State::Checking
        } else {
            State::Running
        };
        set_working(&mut import, state);
        store::save(&session, &import, Lease::Offer).await?;
        self.finish(session, ctx, Outcome::Done, &tell(&import))
            .await?;
        Ok(import)
    }

    /// Stops an import. What is done stays; it can be started again, or undone.
    ///
    /// # Errors
    /// When it isn't running.
    pub async fn cancel_import(&self, ctx: &Ctx, id: Uuid, tell: Tell) -> Result<Import, AppError> {
        may_import(ctx)?;
        let session = self.db.begin().await?;
        let mut import = check_owner(ctx, store::lock(&session, ctx.workspace.id, id).await?)?;
        check_open(&import, "cancel")?;
        State::Cancelled.code().clone_into(&mut import.state);
        import.finished_at = Some(clock::now());
        store::save(&session, &import, Lease::None).await?;
        self.finish(session, ctx, Outcome::Done, &tell(&import))
            .await?;
        Ok(import)
    }

    /// Takes back everything that an import did and that nobody has touched since.
    ///
    /// # Errors
    /// When it has done nothing, or is still running.
    pub async fn undo_import(&self, ctx: &Ctx, id: Uuid, tell: Tell) -> Result<Import, AppError> {
        may_import(ctx)?;
        let session = self.db.begin().await?;
        let mut import = check_owner(ctx, store::lock(&session, ctx.workspace.id, id).await?)?;
        check_open(&import, "undo")?;
        set_working(&mut import, State::Undoing);
        store::save(&session, &import, Lease::Offer).await?;
        self.finish(session, ctx, Outcome::Done, &tell(&import))
            .await?;
        Ok(import)
    }

    /// Forgets files that nobody has imported in a week. Tells how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_import_files(&self, now: DateTime<Utc>) -> Result<usize, AppError> {
        let forgotten = store::forgotten(&self.db.read(), now - KEEP_FILES, 100).await?;
        for (workspace, id) in &forgotten {
            let session = self.db.begin().await?;
            store::remove_file(&session, *workspace, *id).await?;
            session.commit().await?;
        }
        Ok(forgotten.len())
    }
}

fn set_working(import: &mut Import, state: State) {
    state.code().clone_into(&mut import.state);
    import.started_at = Some(clock::now());
    import.finished_at = None;
    import.resumed_at = None;
    import.resumed_rows = import.rows_done;
    import.error = None;
}

/// What can be done with an import as it stands.
#[must_use]
pub fn open(import: &Import) -> &'static [&'static str] {
    let did_something = import.counts.batches > 0;
    match State::from_code(&import.state) {
        Some(State::Uploaded | State::Checked) => &["start"],
        Some(State::Checking | State::Running) => &["cancel"],
        Some(State::Failed | State::Cancelled) if did_something => &["start", "undo"],
        Some(State::Failed | State::Cancelled) => &["start"],
        Some(State::Completed) if did_something => &["undo"],
        Some(State::Uploading | State::Completed | State::Undoing | State::Undone) | None => &[],
    }
}

/// The refusal of what can't be done in this state, with what can.
fn check_open(import: &Import, verb: &str) -> Result<(), AppError> {
    let open = open(import);
    if open.contains(&verb) {
        return Ok(());
    }
    Err(AppError::Conflict {
        code: "invalid-transition",
        details: json!({ "open": open }),
    })
}

fn mapping_of(import: &Import) -> Result<Mapping, AppError> {
    match &import.mapping {
        Some(text) => Ok(serde_json::from_str(text)?),
        None => Err(AppError::invalid("mapping", "required")),
    }
}

/// The beginning of an import's file.
async fn sample(session: &Session, import: &Import) -> Result<Option<Vec<u8>>, AppError> {
    let part = store::part(session, import.workspace_id, import.id, 0).await?;
    Ok(part.map(|mut content| {
        content.truncate(SAMPLE);
        content
    }))
}

/// The headings of a file and the names of its columns.
fn columns_of(sample: &[u8], layout: Layout) -> (Vec<String>, Vec<String>) {
    let rows = reader::sample_rows(sample, layout, 1);
    let first = rows.first().cloned().unwrap_or_default();
    let columns = reader::columns(&first, first.len(), layout);
    let headings = if layout.header {
        first
    } else {
        columns.clone()
    };
    (headings, columns)
}

/// Whether somebody may bring records by this plan, and find what they name in this way: what they
/// don't see whole they would find out by naming it.
fn may_bring(ctx: &Ctx, plan: &Plan) -> Result<(), AppError> {
    if !scope::may_import(&ctx.actor, plan.def) {
        return Err(AppError::Forbidden("may_not_create"));
    }
    for lookup in plan.fields.iter().filter_map(|field| field.lookup.as_ref()) {
        match lookup.by {
            By::Field(name) if !ctx.actor.may_ask(lookup.def, name) => {
                return Err(AppError::invalid("mapping", "no_right_to_field"));
            }
            _ => {}
        }
        if let Some(plan) = &lookup.create {
            may_bring(ctx, plan)?;
        }
    }
    let mut keys = plan.identify_by.iter();
    if keys.any(|field| !ctx.actor.may_ask(plan.def, field.name)) {
        return Err(AppError::invalid("mapping", "no_right_to_field"));
    }
    Ok(())
}

/// Makes sure that a file can be imported by this mapping by this person.
fn check_mapping(ctx: &Ctx, mapping: &Mapping, sample: &[u8]) -> Result<(), AppError> {
    let layout = reader::layout(mapping, sample)
        .ok_or_else(|| AppError::invalid("encoding", "unknown_encoding"))?;
    let (_, columns) = columns_of(sample, layout);
    let plan = compile(mapping, &columns, &ctx.workspace).map_err(AppError::Invalid)?;
    may_bring(ctx, &plan)
}
