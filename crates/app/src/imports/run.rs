//! The work on an import: a job that one worker at a time has a lease on. Rows that are done are
//! remembered in the transaction that writes them, so that a run that was cut off goes on where it
//! stopped.

mod source;

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kehu_domain::check::Circumstances;
use kehu_domain::ctx::Ctx;
use kehu_domain::import::Mapping;
use kehu_domain::import::compile::compile;
use kehu_domain::import::plan::Plan;
use kehu_domain::rights::Special;
use kehu_persistence::imports::results::{self, Batch, Kept};
use kehu_persistence::imports::{self as store, Counts, Import, Lease};
use kehu_persistence::{StoreError, Trouble};
use serde_json::json;
use uuid::Uuid;

use self::source::{Source, count};
use crate::context::{Organisation, Request};
use crate::error::AppError;
use crate::imports::State;
use crate::imports::batch::{Outcome, Work, carry_out};
use crate::imports::memory::Memory;
use crate::imports::naming::{in_order, own_names};
use crate::imports::reader::{self, SAMPLE};
use crate::imports::rows::FileRow;
use crate::writer::{self, Author, Writer};
use crate::{App, clock, ids, prepare};

/// The most rows that one transaction writes, so that others get their turn in between.
const ROWS: usize = 500;

/// How often a transaction is tried that others got in the way of.
const TRIES: u32 = 4;

/// How a run ended.
enum End {
    /// It is done.
    Done,
    /// Another worker has it, or it was cancelled.
    Lost,
}

/// One worker's run on one import.
pub(super) struct Run<'a> {
    pub(super) app: &'a App,
    pub(super) import: Import,
    pub(super) worker: String,
}

impl App {
    /// Takes up an import that waits for work (a certain one, or the next) and works on it to its
    /// end. Tells whether there was one.
    ///
    /// # Errors
    /// When the database fails; the import is taken up again later then.
    pub async fn work_on_imports(&self, certain: Option<Uuid>) -> Result<bool, AppError> {
        let worker = ids::new_id().simple().to_string();
        let now = clock::now();
        // Nothing waits most of the time: look without taking the writer.
        let session = self.db.read();
        if !store::anything_waits(&session, certain, now).await? {
            return Ok(false);
        }
        let session = self.db.begin().await?;
        let taken =
            store::take_lease(&session, certain, &worker, now, now + self.job_lease).await?;
        let import = match taken {
            Some((workspace, id)) => store::get(&session, workspace, id).await?,
            None => None,
        };
        session.commit().await?;
        let Some(import) = import else {
            return Ok(false);
        };
        let run = Run {
            app: self,
            import,
            worker,
        };
        run.work().await?;
        Ok(true)
    }
}

impl Run<'_> {
    async fn work(mut self) -> Result<(), AppError> {
        let id = self.import.id;
        tracing::info!(import.id = %id, state = self.import.state, "working on an import");
        let alive = Alive {
            app: self.app.clone(),
            workspace: self.import.workspace_id,
            import: id,
            worker: self.worker.clone(),
        };
        let done = tokio::select! {
            done = self.carry_out() => done,
            () = alive.until_lost() => Ok(End::Lost),
        };
        match done {
            Ok(End::Done | End::Lost) => Ok(()),
            // The database may come back: whoever takes over then goes on.
            Err(AppError::Store(error)) if error.trouble() != Trouble::Lasting => {
                Err(AppError::Store(error))
            }
            Err(error) => self.fail(&error).await,
        }
    }

    async fn carry_out(&mut self) -> Result<End, AppError> {
        match State::from_code(&self.import.state) {
            Some(State::Checking) => self.file(true).await,
            Some(State::Running) => self.file(false).await,
            Some(State::Undoing) => self.undo().await,
            _ => Ok(End::Done),
        }
    }

    fn lease_end(&self) -> DateTime<Utc> {
        clock::now() + self.app.job_lease
    }

    /// Ends a run that can't go on.
    async fn fail(mut self, error: &AppError) -> Result<(), AppError> {
        tracing::warn!(import.id = %self.import.id, error = %causes(error), "an import failed");
        let errors: Vec<_> = match error {
            AppError::Invalid(problems) => problems
                .iter()
                .map(|p| json!({"pointer": p.pointer, "code": p.code, "params": p.params}))
                .collect(),
            _ => Vec::new(),
        };
        let told = json!({"code": error.code(), "errors": errors});
        self.import.error = Some(told.to_string());
        self.finish(State::Failed).await?;
        Ok(())
    }

    async fn finish(&mut self, state: State) -> Result<End, AppError> {
        state.code().clone_into(&mut self.import.state);
        self.import.finished_at = Some(clock::now());
        let session = self.app.db.begin().await?;
        let owner = self.worker.clone();
        let held = store::save(&session, &self.import, Lease::Leave { owner: &owner }).await?;
        if held && state == State::Completed {
            let (workspace, id) = (self.import.workspace_id, self.import.id);
            store::remove_file(&session, workspace, id).await?;
        }
        session.commit().await?;
        Ok(if held { End::Done } else { End::Lost })
    }

    /// Who imports, as they are now: rights that were taken away end the import.
    pub(super) async fn context(&self) -> Result<(Ctx, Arc<Organisation>), AppError> {
        let workspace = self.import.workspace_id;
        let request = Request {
            id: format!("import-{}", self.import.id.simple()),
            now: clock::now(),
            locale: None,
            repeat: None,
        };
        let mut ctx = self
            .app
            .context(workspace, self.import.actor_id, request)
            .await?;
        if !ctx.actor.may(Special::Import) {
            return Err(AppError::Forbidden("may_not_import"));
        }
        ctx.cause = Some(super::cause(self.import.id));
        Ok((ctx, self.app.organisation(workspace).await?))
    }

    /// Works through the file, from where an earlier run stopped.
    async fn file(&mut self, dry: bool) -> Result<End, AppError> {
        let (ctx, _) = self.context().await?;
        let mapping: Mapping = match &self.import.mapping {
            Some(text) => serde_json::from_str(text)?,
            None => return Err(AppError::invalid("mapping", "required")),
        };
        let (file, sample) = self.fetch().await?;
        let layout = reader::layout(&mapping, &sample)
            .ok_or_else(|| AppError::invalid("encoding", "unknown_encoding"))?;
        let (headings, columns) = super::columns_of(&sample, layout);
        let plan = compile(&mapping, &columns, &ctx.workspace).map_err(AppError::Invalid)?;
        super::may_bring(&ctx, &plan)?;
        let plan = Arc::new(plan);
        let circumstances = prepare::circumstances(&ctx);
        // What a dry run has seen is not kept: it begins again.
        if dry || self.import.rows_total.is_none() {
            self.begin(&headings).await?;
        }
        let (total, names) = count(&file, layout, Arc::clone(&plan), circumstances).await?;
        self.import.rows_total = Some(total);
        self.import.resumed_at = Some(clock::now());
        self.import.resumed_rows = self.import.rows_done;

        let source = Source {
            file,
            layout,
            plan: Arc::clone(&plan),
            circumstances,
            skip: self.import.rows_done,
        };
        let mut rows = source.send();
        let mut job = Job {
            plan,
            dry,
            seen: Memory::default(),
            waiting: Vec::new(),
        };
        while let Some(chunk) = rows.recv().await {
            let chunk = chunk.map_err(|error| AppError::Internal(error.to_string()))?;
            if matches!(
                self.chunk(&mut job, chunk, &names, Phase::First).await?,
                End::Lost
            ) {
                return Ok(End::Lost);
            }
        }
        if matches!(self.waiting(&mut job, circumstances).await?, End::Lost) {
            return Ok(End::Lost);
        }
        self.finish(if dry {
            State::Checked
        } else {
            State::Completed
        })
        .await
    }

    /// Forgets what an earlier run found.
    async fn begin(&mut self, headings: &[String]) -> Result<(), AppError> {
        let session = self.app.db.begin().await?;
        let (workspace, id) = (self.import.workspace_id, self.import.id);
        results::clear(&session, workspace, id).await?;
        let row = [(0, headings.to_vec())];
        results::keep_rows(&session, workspace, id, Kept::Headings, &row).await?;
        self.import.counts = Counts::default();
        self.import.rows_done = 0;
        session.commit().await?;
        Ok(())
    }

    /// The file as one on this machine's disk, and its beginning.
    async fn fetch(&self) -> Result<(File, Vec<u8>), AppError> {
        let failed = |error: std::io::Error| AppError::Internal(format!("temporary file: {error}"));
        let mut file = tempfile::tempfile().map_err(failed)?;
        let mut sample = Vec::new();
        let session = self.app.db.read();
        let (workspace, id) = (self.import.workspace_id, self.import.id);
        let mut part = 0;
        while let Some(content) = store::part(&session, workspace, id, part).await? {
            if sample.len() < SAMPLE {
                let room = SAMPLE - sample.len();
                sample.extend(content.iter().take(room));
            }
            file.write_all(&content).map_err(failed)?;
            part += 1;
        }
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok((file, sample))
    }

    /// Decides some rows in one transaction and remembers that they are done.
    async fn chunk(
        &mut self,
        job: &mut Job,
        rows: Vec<FileRow>,
        names: &Memory,
        phase: Phase,
    ) -> Result<End, AppError> {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.attempt(job, rows.clone(), names, phase).await {
                Ok(Some((import, outcome))) => {
                    self.import = import;
                    job.seen.take_in(outcome.seen);
                    if job.dry {
                        job.waiting.extend(outcome.waiting);
                    }
                    tokio::task::yield_now().await;
                    return Ok(End::Done);
                }
                Ok(None) => return Ok(End::Lost),
                Err(error) if tried < TRIES && is_passing(&error) => {
                    tracing::info!(import.id = %self.import.id, error = %causes(&error),
                        "others got in the way; trying again");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn attempt(
        &self,
        job: &Job,
        rows: Vec<FileRow>,
        names: &Memory,
        phase: Phase,
    ) -> Result<Option<(Import, Outcome)>, AppError> {
        let (ctx, organisation) = self.context().await?;
        let numbers: Vec<i64> = rows.iter().map(|row| row.number).collect();
        let reading = self.app.db.read();
        let writing = if job.dry {
            None
        } else {
            Some(self.app.db.begin().await?)
        };
        let source = if job.dry {
            writer::Source::Trial
        } else {
            writer::Source::Import
        };
        let author = Author::from(&ctx, &organisation, source);
        let work = Work {
            writer: Writer::new(writing.as_ref().unwrap_or(&reading), author),
            plan: &job.plan,
            before: &job.seen,
            names,
            may_wait: phase == Phase::First,
        };
        let mut outcome = carry_out(&work, rows).await?;
        let session = match writing {
            Some(session) => session,
            None => self.app.db.begin().await?,
        };
        let mut import = self.import.clone();
        import.counts = sum(import.counts, outcome.counts);
        for problem in &mut outcome.problems {
            import.counts.problems += 1;
            problem.number = import.counts.problems;
        }
        let (workspace, id) = (import.workspace_id, import.id);
        results::add_problems(&session, workspace, id, &outcome.problems).await?;
        results::keep_rows(&session, workspace, id, Kept::Refused, &outcome.refused).await?;
        if phase == Phase::Waiting && !job.dry {
            results::drop_rows(&session, workspace, id, Kept::Waiting, &numbers).await?;
        }
        if phase == Phase::First {
            let done = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
            import.rows_done += done;
            if !job.dry {
                results::keep_rows(&session, workspace, id, Kept::Waiting, &outcome.waiting)
                    .await?;
            }
        }
        if !(job.dry || outcome.made.is_empty() && outcome.changed.is_empty()) {
            import.counts.batches += 1;
            let batch = Batch {
                made: std::mem::take(&mut outcome.made),
                changed: std::mem::take(&mut outcome.changed),
            };
            results::add_batch(&session, workspace, id, import.counts.batches, &batch).await?;
        }
        if !self.hold(&session, &import).await? {
            return Ok(None);
        }
        session.commit().await?;
        Ok(Some((import, outcome)))
    }

    /// Saves how the import stands and keeps the lease; `false` when it is lost.
    pub(super) async fn hold(
        &self,
        session: &kehu_persistence::db::Session,
        import: &Import,
    ) -> Result<bool, AppError> {
        let lease = Lease::Hold {
            owner: &self.worker,
            until: self.lease_end(),
        };
        Ok(store::save(session, import, lease).await?)
    }

    /// Decides the rows that waited for rows further down, those first that others name.
    async fn waiting(
        &mut self,
        job: &mut Job,
        circumstances: Circumstances<'static>,
    ) -> Result<End, AppError> {
        let mut kept = std::mem::take(&mut job.waiting);
        if !job.dry {
            let session = self.app.db.read();
            let (workspace, id) = (self.import.workspace_id, self.import.id);
            let mut after = 0;
            loop {
                let more =
                    results::kept_rows(&session, workspace, id, Kept::Waiting, after, 1000).await?;
                let Some((last, _)) = more.last() else { break };
                after = *last;
                kept.extend(more);
            }
        }
        let rows: Vec<FileRow> = kept
            .into_iter()
            .map(|(number, cells)| {
                let cells = csv::StringRecord::from(cells);
                FileRow::read(&job.plan, number, cells, circumstances)
            })
            .collect();
        let mut rows = in_order(&job.plan, rows);
        while !rows.is_empty() {
            // A row can only wait for one that has not been decided.
            let mut names = Memory::default();
            for row in &rows {
                for key in own_names(&job.plan, row) {
                    names.remember_last(key, row.number);
                }
            }
            let rest = rows.split_off(rows.len().min(ROWS));
            let chunk = std::mem::replace(&mut rows, rest);
            if matches!(
                self.chunk(job, chunk, &names, Phase::Waiting).await?,
                End::Lost
            ) {
                return Ok(End::Lost);
            }
        }
        Ok(End::Done)
    }

    async fn undo(&mut self) -> Result<End, AppError> {
        if self.undo_batches().await? {
            self.finish(State::Undone).await
        } else {
            Ok(End::Lost)
        }
    }
}

/// A worker's signs of life while it reads, waits or writes for long.
struct Alive {
    app: App,
    workspace: Uuid,
    import: Uuid,
    worker: String,
}

impl Alive {
    /// Gives a sign of life three times a lease; returns when the lease is another's by now.
    async fn until_lost(&self) {
        let rest = self.app.job_lease.to_std().unwrap_or_default() / 3;
        loop {
            tokio::time::sleep(rest).await;
            match self.renew().await {
                Ok(true) => {}
                Ok(false) => return,
                // What works meets the same trouble, and knows what to do about it.
                Err(error) => tracing::debug!(import.id = %self.import, %error, "no sign of life"),
            }
        }
    }

    async fn renew(&self) -> Result<bool, AppError> {
        let session = self.app.db.begin().await?;
        let until = clock::now() + self.app.job_lease;
        let held =
            store::renew_lease(&session, self.workspace, self.import, &self.worker, until).await?;
        session.commit().await?;
        Ok(held)
    }
}

/// What one run keeps in mind.
struct Job {
    plan: Arc<Plan>,
    dry: bool,
    seen: Memory,
    waiting: Vec<(i64, Vec<String>)>,
}

/// Whether rows are decided for the first time or have waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    First,
    Waiting,
}

fn sum(a: Counts, b: Counts) -> Counts {
    let Counts {
        created,
        updated,
        duplicates,
        refused,
        warnings,
        likely_duplicates,
        others_created,
        problems,
        batches,
        undone,
        kept,
    } = b;
    Counts {
        created: a.created + created,
        updated: a.updated + updated,
        duplicates: a.duplicates + duplicates,
        refused: a.refused + refused,
        warnings: a.warnings + warnings,
        likely_duplicates: a.likely_duplicates + likely_duplicates,
        others_created: a.others_created + others_created,
        problems: a.problems + problems,
        batches: a.batches + batches,
        undone: a.undone + undone,
        kept: a.kept + kept,
    }
}

/// Whether the same may succeed when it is tried again: another transaction was faster, or both
/// waited for each other.
fn is_passing(error: &AppError) -> bool {
    match error {
        AppError::Conflict { code, .. } => *code == "taken_meanwhile",
        AppError::Store(StoreError::Taken(_)) => true,
        AppError::Store(error) => causes(error).contains("deadlock"),
        _ => false,
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
