//! The use cases: load, decide, save, log; one transaction each. Knows no HTTP and no SQL.

pub mod access;
pub mod audit;
pub mod board;
pub mod bulk;
pub mod clock;
pub mod context;
pub mod contracts;
pub mod conversion;
pub mod demo;
mod documents;
pub mod duplicates;
pub mod erase;
pub mod error;
pub mod feed;
pub mod figures;
mod hashing;
pub mod health;
pub mod housekeeping;
pub mod ids;
pub mod imports;
mod kinds;
pub mod ledger;
pub mod lists;
pub mod opportunities;
pub mod own_user;
pub mod ownership;
pub mod passwords;
pub mod payments;
mod prepare;
pub mod records;
pub mod reports;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod shown;
pub mod sign_in;
pub mod timeline;
pub mod tokens;
pub mod workspaces;
mod worth;
mod writer;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use chrono::TimeDelta;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::record::Record;
use kehu_persistence::db::{Db, Session};
use kehu_persistence::idempotency::{self, Answer};
use serde::Serialize;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::context::Organisation;
use crate::error::AppError;
use crate::secrets::SigningKey;
use crate::shown::Shown;

/// The application: a database and what is remembered of it. Cheap to clone; any number of
/// processes may run on one database.
#[derive(Debug, Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    organisations: Arc<RwLock<HashMap<Uuid, Arc<Organisation>>>>,
    signing_key: Arc<OnceCell<SigningKey>>,
    job_lease: TimeDelta,
}

/// How long a job's worker may be silent before another takes over.
const JOB_LEASE: TimeDelta = TimeDelta::seconds(15);

/// Whether a use case made something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It made a record.
    Created,
    /// It changed or told something.
    Done,
}

/// An answer as it was given before to the same request.
#[derive(Debug, Clone)]
pub struct Repeated {
    /// Whether it made something.
    pub outcome: Outcome,
    /// Its body.
    pub body: serde_json::Value,
}

/// The file of a SQLite database.
pub use kehu_persistence::files;

/// How to reach the database.
pub type DbSettings = kehu_persistence::db::DbSettings;

impl App {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// When the database cannot be reached or a migration fails.
    pub async fn open(settings: &DbSettings) -> Result<Self, AppError> {
        let db = Db::connect(settings).await?;
        db.migrate().await?;
        let app = Self::new(db);
        let carried = app.carry_over_log(clock::now()).await?;
        if carried > 0 {
            tracing::info!(carried, "the change log was carried over");
        }
        Ok(app)
    }

    /// Opens the database and leaves its schema as it is.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(settings: &DbSettings) -> Result<Self, AppError> {
        Ok(Self::new(Db::connect(settings).await?))
    }

    /// An application over a database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self {
            db,
            organisations: Arc::default(),
            signing_key: Arc::default(),
            job_lease: JOB_LEASE,
        }
    }

    /// The same with another lease on jobs: how long a worker may be silent before another takes
    /// over.
    #[must_use]
    pub fn with_job_lease(self, job_lease: TimeDelta) -> Self {
        Self { job_lease, ..self }
    }

    /// Ends a transaction: keeps the answer when the request may be repeated, then commits.
    ///
    /// # Errors
    /// [`AppError::Repeated`] when the same request was carried out meanwhile; nothing is done then.
    pub async fn finish(
        &self,
        session: Session,
        ctx: &Ctx,
        outcome: Outcome,
        body: &(impl Serialize + Sync),
    ) -> Result<(), AppError> {
        if let Some(repeat) = &ctx.repeat {
            let answer = Answer {
                fingerprint: repeat.fingerprint.clone(),
                status: i64::from(outcome == Outcome::Created),
                body: serde_json::to_string(body)?,
            };
            let kept = idempotency::keep(
                &session,
                ctx.workspace.id,
                ctx.actor.user_id,
                &repeat.key,
                &answer,
                ctx.now,
            );
            match kept.await {
                Err(kehu_persistence::StoreError::Taken(_)) => return Err(AppError::Repeated),
                other => other?,
            }
        }
        Ok(session.commit().await?)
    }

    /// Ends a use case that leaves a record: what the caller sees of it is the answer.
    ///
    /// # Errors
    /// As [`App::finish`].
    pub(crate) async fn answer(
        &self,
        session: Session,
        ctx: &Ctx,
        outcome: Outcome,
        def: &'static Def,
        record: Record,
    ) -> Result<Shown, AppError> {
        let shown = Shown::of(ctx, def, record);
        self.finish(session, ctx, outcome, &shown).await?;
        Ok(shown)
    }

    /// The answer that this request got when it came before.
    ///
    /// # Errors
    /// When the key came with another request.
    pub async fn repeated(&self, ctx: &Ctx) -> Result<Option<Repeated>, AppError> {
        let Some(repeat) = &ctx.repeat else {
            return Ok(None);
        };
        let session = self.db.read();
        let found =
            idempotency::find(&session, ctx.workspace.id, ctx.actor.user_id, &repeat.key).await?;
        let Some(answer) = found else { return Ok(None) };
        if answer.fingerprint != repeat.fingerprint {
            return Err(AppError::invalid("", "idempotency_key_reused"));
        }
        let outcome = if answer.status == 1 {
            Outcome::Created
        } else {
            Outcome::Done
        };
        Ok(Some(Repeated {
            outcome,
            body: serde_json::from_str(&answer.body)?,
        }))
    }
}
