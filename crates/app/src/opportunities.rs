//! Opportunities on their way: to another stage, won, lost, reopened, handed to somebody else. Each
//! loads the record under a lock, decides, saves, logs and adds to the stage history in one
//! transaction, so that of a hundred who move it at once each sees what the one before left.

use chrono::NaiveDate;
use kehu_domain::check;
use kehu_domain::contract;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::FieldProblem;
use kehu_domain::dictionary_entry;
use kehu_domain::opportunity::{self, DEF, ForecastCategory, Move, Status};
use kehu_domain::record::Record;
use kehu_domain::scope::{Action, Reason, Scope};
use kehu_domain::stage::{Stage, StageKind};
use kehu_domain::stage_change;
use kehu_domain::value::Value;
use kehu_persistence::changes;
use kehu_persistence::db::Session;
use kehu_persistence::records::{self as store, Trash};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::context::Organisation;
use crate::error::AppError;
use crate::kinds::Doing;
use crate::kinds::opportunity::{missing_to_enter, stage_change as entry};
use crate::ownership::{check_new_owner, say};
use crate::shown::Shown;
use crate::writer::{Author, Based, Writer};
use crate::{App, Outcome, clock, prepare};

/// Where an opportunity is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// To this stage of its pipeline.
    Stage(Uuid),
    /// To the stage of its pipeline that means it is won.
    Won,
    /// To the one that means it is lost.
    Lost,
}

/// What comes with a move.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// A merge patch of the opportunity: what the stage needs.
    pub fields: Map<String, Json>,
    /// The entries of the present stage's checklist that are done.
    pub checklist_done: Vec<String>,
    /// Why it was won or lost: a code of the dictionary.
    pub reason: Option<String>,
    /// More about it.
    pub note: Option<String>,
    /// The day on which it was decided, `YYYY-MM-DD`; today when it is left out.
    pub closed_on: Option<String>,
    /// The version that the move is based on.
    pub based: Based,
}

impl Default for Step {
    fn default() -> Self {
        Self {
            fields: Map::new(),
            checklist_done: Vec::new(),
            reason: None,
            note: None,
            closed_on: None,
            based: Based::Latest,
        }
    }
}

impl App {
    /// Moves an open opportunity to another stage of its pipeline; into a closed one it is won or
    /// lost. Where it stands there already, nothing happens.
    ///
    /// # Errors
    /// What the stage needs, each with its place below `/fields`; a checklist that is not done; a
    /// stage of another pipeline; an opportunity that is decided.
    pub async fn advance_opportunity(
        &self,
        ctx: &Ctx,
        id: Uuid,
        to: To,
        step: &Step,
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let right = right(&organisation, to);
        let before = writer.hold_for(right, &DEF, id, Trash::Outside).await?;
        let from = stage_of(&organisation, &before)?;
        let to = target(&organisation, from, to)?;
        let after = if from.id == to.id {
            before
        } else {
            writer.check_version(&DEF, &before, step.based).await?;
            let work = Work { writer };
            let after = work.step(&before, from, to, step).await?;
            let note = step.note.as_deref().filter(|_| is_open(to));
            say(&writer, &DEF, id, note).await?;
            after
        };
        self.answer(session, ctx, Outcome::Done, &DEF, after).await
    }

    /// Takes a decision back: the opportunity stands where it stood before it, with the probability
    /// and the forecast that it had.
    ///
    /// # Errors
    /// When it is open, or a contract was made of it.
    pub async fn reopen_opportunity(
        &self,
        ctx: &Ctx,
        id: Uuid,
        reason: Option<&str>,
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = writer
            .hold_for(Action::Reopen, &DEF, id, Trash::Outside)
            .await?;
        let from = stage_of(&organisation, &before)?;
        if is_open(from) {
            return Err(not_open(&before));
        }
        has_no_contract(&session, ctx, id).await?;
        let was = decision(&session, ctx, id).await?;
        let stood = was
            .stage
            .and_then(|id| organisation.stage(id))
            .filter(|stage| stage.pipeline_id == from.pipeline_id && is_open(stage));
        let first = || organisation.stages(from.pipeline_id).find(|s| is_open(s));
        let to = stood
            .or_else(first)
            .ok_or_else(|| AppError::conflict("no_open_stage"))?;
        let mut after = before.clone();
        for field in ["closed_on", "close_reason", "close_note", "probability"] {
            after.set(field, Value::Null);
        }
        opportunity::enter(&mut after, from, to, moment(ctx, &before));
        if let Some(probability) = was.probability {
            after.set("probability", Value::Int(probability));
        }
        if before.get("forecast_category").as_text() == Some(ForecastCategory::Closed.code()) {
            let pipeline = ForecastCategory::Pipeline.code().to_owned();
            let category = was.category.unwrap_or(pipeline);
            after.set("forecast_category", Value::Text(category));
        }
        let after = save(&writer, Move::Reopen, &before, after).await?;
        say(&writer, &DEF, id, reason).await?;
        self.answer(session, ctx, Outcome::Done, &DEF, after).await
    }

    /// Hands an opportunity to another owner.
    ///
    /// # Errors
    /// When the new owner is out of the caller's reach or does not work here.
    pub async fn transfer_opportunity(
        &self,
        ctx: &Ctx,
        id: Uuid,
        owner: Uuid,
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        check_new_owner(ctx, &organisation, (&DEF, Action::Transfer), owner)?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = writer
            .hold_for(Action::Transfer, &DEF, id, Trash::Outside)
            .await?;
        let mut after = before.clone();
        after.set("owner_id", Value::Id(owner));
        let verb = Move::Transfer.code();
        let after = writer.save(&DEF, verb, &before, after).await?;
        self.answer(session, ctx, Outcome::Done, &DEF, after).await
    }

    /// One of the verbs above by its name, for bulk actions.
    pub(crate) fn opportunity_verb<'a>(
        &'a self,
        ctx: &'a Ctx,
        id: Uuid,
        verb: &'a str,
        body: &'a Json,
    ) -> Option<Doing<'a>> {
        let text = |name: &str| body.get(name).and_then(Json::as_str);
        match Move::from_code(verb)? {
            Move::Transfer => {
                let owner = text("owner_id").ok_or(("owner_id", "required"));
                let owner =
                    owner.and_then(|id| Uuid::parse_str(id).ok().ok_or(("owner_id", "id_invalid")));
                Some(Box::pin(async move {
                    let owner = owner.map_err(|(name, code)| AppError::invalid(name, code))?;
                    self.transfer_opportunity(ctx, id, owner).await.map(drop)
                }))
            }
            Move::Lose => {
                let step = Step {
                    reason: text("reason").map(str::to_owned),
                    note: text("note").map(str::to_owned),
                    ..Step::default()
                };
                Some(Box::pin(async move {
                    let moved = self.advance_opportunity(ctx, id, To::Lost, &step).await;
                    moved.map(drop)
                }))
            }
            Move::Advance | Move::Win | Move::Reopen => None,
        }
    }
}

/// One move within its transaction.
struct Work<'a> {
    writer: Writer<'a>,
}

impl Work<'_> {
    async fn step(
        &self,
        before: &Record,
        from: &Stage,
        to: &Stage,
        step: &Step,
    ) -> Result<Record, AppError> {
        if !is_open(from) {
            return Err(not_open(before));
        }
        let ctx = self.writer.ctx();
        let patched = self.writer.patched(&DEF, before, &step.fields);
        let mut after = patched.await.map_err(|error| error.below("fields"))?;
        tick(from, &step.checklist_done, &mut after)?;
        let forward = match to.stage_kind {
            StageKind::Open => to.position > from.position,
            StageKind::Won => true,
            StageKind::Lost => false,
        };
        let left = opportunity::left_to_do(from, &after);
        if forward && !left.is_empty() {
            return Err(AppError::Conflict {
                code: "checklist_open",
                details: json!({ "open": left }),
            });
        }
        let mut problems = missing_to_enter(to, &after);
        for problem in &mut problems {
            problem.pointer = format!("/fields{}", problem.pointer);
        }
        problems.extend(self.decide(to, step, &mut after));
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        opportunity::enter(&mut after, from, to, moment(ctx, before));
        let by = match to.stage_kind {
            StageKind::Open => Move::Advance,
            StageKind::Won => Move::Win,
            StageKind::Lost => Move::Lose,
        };
        save(&self.writer, by, before, after).await
    }

    /// When and why it was decided; only what is decided has that.
    fn decide(&self, to: &Stage, step: &Step, after: &mut Record) -> Vec<FieldProblem> {
        let given = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let (reason, day) = (given(&step.reason), given(&step.closed_on));
        let mut problems = Vec::new();
        if is_open(to) {
            for (name, value) in [("reason", &reason), ("closed_on", &day)] {
                if value.is_some() {
                    problems.push(FieldProblem::new(name, "opportunity_is_open"));
                }
            }
            return problems;
        }
        match reason {
            None => problems.push(FieldProblem::new("reason", "required")),
            Some(code) => match self
                .writer
                .organisation()
                .wrong_reason(&code, outcome_of(to))
            {
                Some(wrong) => problems.push(FieldProblem::new("reason", wrong)),
                None => after.set("close_reason", Value::Text(code)),
            },
        }
        let today = clock::today(self.writer.ctx());
        match day.map_or(Ok(today), |day| day.parse::<NaiveDate>()) {
            Err(_) => problems.push(FieldProblem::new("closed_on", "date_invalid")),
            Ok(day) if day > today => {
                problems.push(FieldProblem::new("closed_on", "in_the_future"));
            }
            Ok(day) => match after.get("started_on") {
                Value::Date(started) if day < *started => {
                    problems.push(FieldProblem::new("closed_on", "before_the_start"));
                }
                _ => after.set("closed_on", Value::Date(day)),
            },
        }
        let note = DEF.field("close_note").zip(step.note.as_ref());
        let checked = note.map(|(field, note)| {
            check::value(
                field,
                &Json::from(note.as_str()),
                prepare::circumstances(self.writer.ctx()),
            )
        });
        match checked {
            None => {}
            Some(Ok(note)) => after.set("close_note", note),
            Some(Err(problem)) => problems.push(FieldProblem {
                pointer: "/note".to_owned(),
                ..problem
            }),
        }
        problems
    }
}

/// How what stands in a closed stage ended.
pub(crate) const fn outcome_of(stage: &Stage) -> dictionary_entry::Outcome {
    match stage.stage_kind {
        StageKind::Won => dictionary_entry::Outcome::Won,
        StageKind::Open | StageKind::Lost => dictionary_entry::Outcome::Lost,
    }
}

/// Marks entries of the present stage's checklist as done; what was done before stays so.
fn tick(stage: &Stage, done: &[String], after: &mut Record) -> Result<(), AppError> {
    if done.is_empty() {
        return Ok(());
    }
    let mut all: Vec<String> = match after.get("checklist_done") {
        Value::Json(json) => kehu_domain::stage::texts(json)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    for (index, entry) in done.iter().enumerate() {
        if !stage.checklist().contains(&entry.as_str()) {
            let place = format!("checklist_done/{index}");
            return Err(AppError::invalid(&place, "unknown_choice"));
        }
        if !all.contains(entry) {
            all.push(entry.clone());
        }
    }
    after.set("checklist_done", Value::Json(Json::from(all)));
    Ok(())
}

/// Writes a move and its entry in the stage history.
async fn save(
    writer: &Writer<'_>,
    by: Move,
    before: &Record,
    after: Record,
) -> Result<Record, AppError> {
    let after = writer.save(&DEF, by.code(), before, after).await?;
    let change = entry(writer.ctx(), Some(before), &after);
    let one = std::slice::from_ref(&change);
    writer.append(&stage_change::DEF, "create", one).await?;
    Ok(after)
}

/// When a move happens: who waited for another's comes after it.
fn moment(ctx: &Ctx, before: &Record) -> chrono::DateTime<chrono::Utc> {
    match before.get("stage_since") {
        Value::Time(since) => ctx.now.max(*since),
        _ => ctx.now,
    }
}

fn is_open(stage: &Stage) -> bool {
    stage.stage_kind == StageKind::Open
}

/// The stage that an opportunity stands in.
fn stage_of<'a>(organisation: &'a Organisation, record: &Record) -> Result<&'a Stage, AppError> {
    let id = record.get("stage_id").as_id();
    // Made a moment ago, after the organisation was read.
    id.and_then(|id| organisation.stage(id))
        .ok_or_else(|| AppError::conflict("taken_meanwhile"))
}

fn target<'a>(organisation: &'a Organisation, from: &Stage, to: To) -> Result<&'a Stage, AppError> {
    let of_kind = |kind: StageKind| {
        let mut stages = organisation.stages(from.pipeline_id);
        // Whoever asks once more, asks for where it stands.
        let own = organisation.stage(from.id.uuid());
        own.filter(|stage| stage.stage_kind == kind)
            .or_else(|| stages.find(|stage| stage.stage_kind == kind))
            .ok_or_else(|| AppError::conflict("no_such_stage"))
    };
    match to {
        To::Won => of_kind(StageKind::Won),
        To::Lost => of_kind(StageKind::Lost),
        To::Stage(id) => {
            let stage = organisation.stage(id);
            let stage = stage.ok_or_else(|| AppError::invalid("stage_id", "not_found"))?;
            if stage.pipeline_id != from.pipeline_id {
                return Err(AppError::invalid("stage_id", "stage_of_another_pipeline"));
            }
            Ok(stage)
        }
    }
}

/// The right that a move takes, by what the stage means that it leads to.
fn right(organisation: &Organisation, to: To) -> Action {
    let kind = match to {
        To::Won => Some(StageKind::Won),
        To::Lost => Some(StageKind::Lost),
        To::Stage(id) => organisation.stage(id).map(|stage| stage.stage_kind),
    };
    match kind {
        Some(StageKind::Won) => Action::Win,
        Some(StageKind::Lost) => Action::Lose,
        Some(StageKind::Open) | None => Action::Advance,
    }
}

/// The refusal of a move that is not open, with those that are.
fn not_open(record: &Record) -> AppError {
    let status = record.get("status").as_text().and_then(Status::from_code);
    let open = status.map_or(&[][..], Status::open_moves);
    let open: Vec<&str> = open.iter().map(|by| by.code()).collect();
    AppError::Conflict {
        code: "invalid-transition",
        details: json!({ "status": record.get("status").as_text(), "open": open }),
    }
}

/// What was sold stays sold.
async fn has_no_contract(session: &Session, ctx: &Ctx, id: Uuid) -> Result<(), AppError> {
    let everything = Scope::system(ctx.workspace.id, Reason::Consistency);
    let Some(field) = contract::DEF.field("opportunity_id") else {
        return Ok(());
    };
    let wanted = [Value::Id(id)];
    let found = store::by_values(session, &contract::DEF, &everything, field, &wanted).await?;
    if found.is_empty() {
        Ok(())
    } else {
        Err(AppError::conflict("opportunity_has_contract"))
    }
}

/// What an opportunity was before it was decided, as far as the change log knows.
#[derive(Default)]
struct Before {
    stage: Option<Uuid>,
    probability: Option<i64>,
    category: Option<String>,
}

async fn decision(session: &Session, ctx: &Ctx, id: Uuid) -> Result<Before, AppError> {
    let workspace = ctx.workspace.id;
    let history = changes::all_of_record(session, workspace, DEF.kind, id).await?;
    let decided = [Move::Win.code(), Move::Lose.code()];
    let Some(change) = history.iter().find(|c| decided.contains(&c.verb.as_str())) else {
        return Ok(Before::default());
    };
    let old = |field: &str| change.fields.get(field).and_then(|pair| pair.get(0));
    let text = |field: &str| old(field).and_then(Json::as_str);
    Ok(Before {
        stage: text("stage_id").and_then(|id| Uuid::parse_str(id).ok()),
        probability: old("probability").and_then(Json::as_i64),
        category: text("forecast_category").map(str::to_owned),
    })
}
