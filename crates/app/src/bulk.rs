//! Many records at once: one action on many records, and many operations of any kind.

use std::collections::{HashMap, HashSet};

use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::kinds;
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_persistence::db::Session;
use kehu_persistence::lists;
use kehu_persistence::records::{self, Trash};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::context::Organisation;
use crate::error::AppError;
use crate::kinds::behaviour;
use crate::lists::ListParams;
use crate::shown::Shown;
use crate::writer::{Author, Based, Duplicates, Writer};
use crate::{App, Outcome};

/// The most records of one bulk action and operations of one batch.
pub const MAX_OPERATIONS: u64 = 1_000;

/// What a bulk action does to each record.
#[derive(Debug, Clone, PartialEq)]
pub enum BulkAction {
    /// Changes these fields.
    Patch(Map<String, Json>),
    /// Puts it into the trash.
    Trash,
    /// Takes it out of the trash.
    Restore,
    /// A verb of leads, customers or opportunities, with its body.
    Verb(String, Json),
}

/// Which records a bulk action is for.
#[derive(Debug, Clone, PartialEq)]
pub enum Chosen {
    /// These.
    Ids(Vec<Uuid>),
    /// Those that a filter finds.
    Filter(String),
}

/// What a bulk action did.
#[derive(Debug, Default)]
pub struct BulkResult {
    /// The records it was done to.
    pub succeeded: Vec<Uuid>,
    /// Those it was not done to, and why.
    pub failed: Vec<(Uuid, AppError)>,
}

/// One operation of a batch.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The name that later operations call its result by.
    pub name: Option<String>,
    /// What to do.
    pub verb: OperationVerb,
    /// The kind.
    pub kind: String,
    /// The record, where there is one already: an id or `{"$ref": name}`.
    pub id: Option<Json>,
    /// The version it is based on.
    pub version: Option<i64>,
    /// The fields; `{"$ref": name}` stands for the id of an earlier result.
    pub body: Map<String, Json>,
}

/// What an operation of a batch does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationVerb {
    /// Makes a record.
    Create,
    /// Changes one.
    Update,
    /// Puts one into the trash.
    Delete,
    /// Takes one out.
    Restore,
}

/// Whether a batch happens as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Atomicity {
    /// All or nothing.
    All,
    /// Each operation by itself.
    Each,
}

impl App {
    /// Does one action to many records, each in a transaction of its own, so that one that fails
    /// does not undo the others.
    ///
    /// # Errors
    /// When the choice of records is wrong; what is wrong with single records stands in the result.
    pub async fn bulk_records(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        chosen: Chosen,
        action: BulkAction,
    ) -> Result<BulkResult, AppError> {
        let ids = self.chosen_ids(ctx, def, chosen, &action).await?;
        let mut each = ctx.clone();
        each.repeat = None;
        let mut result = BulkResult::default();
        let open = self.open_to_bulk(ctx, def, &ids).await?;
        for id in ids {
            if !open.contains(&id) {
                let why = match self.load_record(ctx, def, id).await {
                    Ok(_) => AppError::Forbidden("may_not_bulk"),
                    Err(error) => error,
                };
                result.failed.push((id, why));
                continue;
            }
            match self.do_one(&each, def, id, &action).await {
                Ok(()) => result.succeeded.push(id),
                Err(error @ (AppError::Store(_) | AppError::Internal(_))) => return Err(error),
                Err(error) => result.failed.push((id, error)),
            }
        }
        let session = self.db.begin().await?;
        let told: Vec<Json> = result
            .failed
            .iter()
            .map(|(id, error)| json!({"id": id, "code": error.code(), "detail": error.to_string()}))
            .collect();
        let told = json!({"succeeded": result.succeeded.len(), "failed": told});
        self.finish(session, ctx, Outcome::Done, &told).await?;
        Ok(result)
    }

    /// Those of these records that the caller may do one thing with among many.
    async fn open_to_bulk(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        ids: &[Uuid],
    ) -> Result<HashSet<Uuid>, AppError> {
        let all = || ids.iter().copied().collect();
        let view = ctx.actor.rights.reaches(def, Action::View);
        if ctx.actor.rights.reaches(def, Action::Bulk) == view {
            return Ok(all());
        }
        let scope = scope::of(ctx, def, Action::Bulk);
        let id: Vec<_> = def.field("id").into_iter().collect();
        let session = self.db.read();
        let open = records::get_many(&session, def, &scope, Trash::Either, ids, &id).await?;
        Ok(open.iter().map(Record::id).collect())
    }

    async fn chosen_ids(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        chosen: Chosen,
        action: &BulkAction,
    ) -> Result<Vec<Uuid>, AppError> {
        let too_many = || {
            let problem = kehu_domain::def::FieldProblem::new("ids", "too_many");
            AppError::Invalid(vec![problem.with(json!({"max": MAX_OPERATIONS}))])
        };
        let ids = match chosen {
            Chosen::Ids(mut ids) => {
                let mut seen = std::collections::HashSet::new();
                ids.retain(|id| seen.insert(*id));
                ids
            }
            Chosen::Filter(filter) => {
                let params = ListParams {
                    filter: Some(filter),
                    trashed: *action == BulkAction::Restore,
                    ..ListParams::default()
                };
                let query = crate::lists::query(ctx, def, &params)?;
                lists::ids(&self.db.read(), &query, MAX_OPERATIONS + 1).await?
            }
        };
        if u64::try_from(ids.len()).unwrap_or(u64::MAX) > MAX_OPERATIONS {
            return Err(too_many());
        }
        Ok(ids)
    }

    async fn do_one(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
        action: &BulkAction,
    ) -> Result<(), AppError> {
        match action {
            BulkAction::Patch(body) => self
                .update_record(ctx, def, id, Based::Latest, body)
                .await
                .map(drop),
            BulkAction::Trash => self.delete_record(ctx, def, id, Based::Latest).await,
            BulkAction::Restore => self.restore_record(ctx, def, id).await.map(drop),
            BulkAction::Verb(verb, body) => {
                match (behaviour(def).verb)(self, ctx, id, verb, body) {
                    Some(done) => done.await,
                    None => self.ownership_verb(ctx, def, id, verb, body).await,
                }
            }
        }
    }

    /// Carries out many operations in their order. `tell` makes of each answer what the caller
    /// gets, now and when the request is repeated.
    ///
    /// # Errors
    /// With [`Atomicity::All`], the first failure: nothing is done then. With
    /// [`Atomicity::Each`] failures stand among the answers.
    pub async fn batch(
        &self,
        ctx: &Ctx,
        atomicity: Atomicity,
        operations: &[Operation],
        tell: fn(Result<Json, AppError>) -> Json,
    ) -> Result<Json, BatchError> {
        let organisation = self
            .organisation(ctx.workspace.id)
            .await
            .map_err(BatchError::whole)?;
        let mut results: HashMap<String, Uuid> = HashMap::new();
        let mut answers: Vec<Result<Json, AppError>> = Vec::with_capacity(operations.len());
        let begin = || async { self.db.begin().await.map_err(AppError::from) };
        let mut shared = match atomicity {
            Atomicity::All => Some(begin().await.map_err(BatchError::whole)?),
            Atomicity::Each => None,
        };
        for (index, operation) in operations.iter().enumerate() {
            let answer = match &shared {
                Some(session) => operate(session, ctx, &organisation, operation, &results).await,
                None => {
                    let session = begin().await.map_err(BatchError::whole)?;
                    let done = operate(&session, ctx, &organisation, operation, &results).await;
                    match done {
                        Ok(value) => {
                            session
                                .commit()
                                .await
                                .map_err(|e| BatchError::whole(e.into()))?;
                            Ok(value)
                        }
                        Err(error) => Err(error),
                    }
                }
            };
            match answer {
                Ok((id, value)) => {
                    if let (Some(name), Some(id)) = (&operation.name, id) {
                        results.insert(name.clone(), id);
                    }
                    answers.push(Ok(value));
                }
                Err(error) if atomicity == Atomicity::All => {
                    return Err(BatchError {
                        index: Some(index),
                        error,
                    });
                }
                Err(error @ (AppError::Store(_) | AppError::Internal(_))) => {
                    return Err(BatchError {
                        index: Some(index),
                        error,
                    });
                }
                Err(error) => answers.push(Err(error)),
            }
        }
        let session = match shared.take() {
            Some(session) => session,
            None => begin().await.map_err(BatchError::whole)?,
        };
        let told: Vec<Json> = answers.into_iter().map(tell).collect();
        let told = json!({ "results": told });
        self.finish(session, ctx, Outcome::Done, &told)
            .await
            .map_err(BatchError::whole)?;
        Ok(told)
    }
}

/// Why a batch did not happen.
#[derive(Debug)]
pub struct BatchError {
    /// The operation that failed; `None` when it was none of them.
    pub index: Option<usize>,
    /// Why.
    pub error: AppError,
}

impl BatchError {
    const fn whole(error: AppError) -> Self {
        Self { index: None, error }
    }
}

async fn operate(
    session: &Session,
    ctx: &Ctx,
    organisation: &Organisation,
    operation: &Operation,
    results: &HashMap<String, Uuid>,
) -> Result<(Option<Uuid>, Json), AppError> {
    let def =
        kinds::find(&operation.kind).ok_or_else(|| AppError::invalid("kind", "unknown_kind"))?;
    let mut body = Map::new();
    for (name, value) in &operation.body {
        body.insert(name.clone(), resolved(value, results)?);
    }
    let id = || -> Result<Uuid, AppError> {
        let given = operation
            .id
            .as_ref()
            .ok_or_else(|| AppError::invalid("id", "required"))?;
        let id = resolved(given, results)?;
        id.as_str()
            .and_then(|text| Uuid::parse_str(text).ok())
            .ok_or_else(|| AppError::invalid("id", "id_invalid"))
    };
    let based = operation.version.map_or(Based::Latest, Based::On);
    let writer = Writer::new(session, Author::api(ctx, organisation));
    let record = match operation.verb {
        OperationVerb::Create => {
            let refuse = Duplicates::Refuse;
            writer.create_of_body(def, &body, refuse).await?
        }
        OperationVerb::Update => writer.update(def, id()?, based, &body).await?,
        OperationVerb::Delete => writer.trash(def, id()?, based).await?,
        OperationVerb::Restore => writer.restore(def, id()?).await?,
    };
    Ok((Some(record.id()), Shown::of(ctx, def, record).into()))
}

/// A value with the ids of earlier results in place of `{"$ref": name}`.
fn resolved(value: &Json, results: &HashMap<String, Uuid>) -> Result<Json, AppError> {
    match value.get("$ref").and_then(Json::as_str) {
        Some(name) => results
            .get(name)
            .map(|id| Json::from(id.to_string()))
            .ok_or_else(|| AppError::invalid("$ref", "unknown_result")),
        None => Ok(value.clone()),
    }
}
