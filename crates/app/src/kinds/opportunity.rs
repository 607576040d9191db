//! A new opportunity stands in a stage of a pipeline, and its stage history begins there.

use chrono::{DateTime, NaiveDate, Utc};
use kehu_domain::ctx::{Ctx, Owners};
use kehu_domain::def::FieldProblem;
use kehu_domain::expr::ExprCtx;
use kehu_domain::record::Record;
use kehu_domain::rights::Action;
use kehu_domain::stage::{Stage, StageKind};
use kehu_domain::value::Value;
use kehu_domain::{opportunity, stage_change};
use serde_json::{Value as Json, json};

use super::{Behaviour, PLAIN};
use crate::error::AppError;
use crate::opportunities::outcome_of;
use crate::writer::{Author, Writer};
use crate::{clock, prepare};

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    begin,
    made: |writer, made| Box::pin(keep_first_stage(writer, made)),
    verb: |app, ctx, id, verb, body| app.opportunity_verb(ctx, id, verb, body),
    ..PLAIN
};

/// A new opportunity stands in a stage of a pipeline. One that begins in a closed stage says why it
/// was decided; imported history need not.
fn begin(author: &Author<'_>, record: &mut Record) -> Vec<FieldProblem> {
    let (ctx, organisation) = (author.ctx, author.organisation);
    let mut problems = Vec::new();
    let asked = record.get("stage_id").as_id();
    let known = asked.and_then(|id| organisation.stage(id));
    if asked.is_some() && known.is_none() {
        problems.push(FieldProblem::new("stage_id", "not_found"));
        return problems;
    }
    let pipeline = record
        .get("pipeline_id")
        .as_id()
        .or_else(|| known.map(|stage| stage.pipeline_id))
        .or_else(|| organisation.default_pipeline());
    let first = || {
        let mut stages = organisation.stages(pipeline?);
        stages.find(|stage| stage.stage_kind == StageKind::Open)
    };
    let (Some(pipeline), Some(stage)) = (pipeline, known.or_else(first)) else {
        problems.push(FieldProblem::new("pipeline_id", "pipeline_without_stages"));
        return problems;
    };
    let right = match stage.stage_kind {
        StageKind::Won => Some(Action::Win),
        StageKind::Lost => Some(Action::Lose),
        StageKind::Open => None,
    };
    if right.is_some_and(|right| ctx.actor.owners(&opportunity::DEF, right) == Owners::None) {
        problems.push(FieldProblem::new("stage_id", "no_right_to_stage"));
        return problems;
    }
    if stage.pipeline_id != pipeline {
        problems.push(FieldProblem::new("stage_id", "stage_of_another_pipeline"));
        return problems;
    }
    match record.get("first_stage_id").as_id() {
        None => record.set("first_stage_id", Value::Id(stage.id.uuid())),
        Some(first) if first == stage.id.uuid() => {}
        Some(first) => match organisation.stage(first) {
            None => problems.push(FieldProblem::new("first_stage_id", "not_found")),
            Some(first) if first.pipeline_id != pipeline => {
                problems.push(FieldProblem::new(
                    "first_stage_id",
                    "stage_of_another_pipeline",
                ));
            }
            Some(_) => {}
        },
    }
    record.set("pipeline_id", Value::Id(pipeline));
    record.set("stage_id", Value::Id(stage.id.uuid()));
    let status = opportunity::Status::in_stage(stage);
    record.set("status", Value::Text(status.code().to_owned()));
    if record.get("probability").is_null() || status != opportunity::Status::Open {
        record.set("probability", Value::Int(stage.probability));
    }
    let today = clock::today(ctx);
    let imported = author.source.is_history();
    // When the work on what was imported began, the file knows or nobody does.
    if record.get("started_on").is_null() && !imported {
        record.set("started_on", Value::Date(today));
    }
    if status == opportunity::Status::Open {
        for field in ["closed_on", "close_reason", "close_note"] {
            if !record.get(field).is_null() {
                problems.push(FieldProblem::new(field, "opportunity_is_open"));
            }
        }
    } else {
        if record.get("closed_on").is_null() {
            record.set("closed_on", Value::Date(today));
        }
        if status == opportunity::Status::Won {
            record.set("forecast_category", Value::Text("closed".to_owned()));
        }
        let wrong = record
            .get("close_reason")
            .as_text()
            .filter(|_| !imported)
            .and_then(|code| organisation.wrong_reason(code, outcome_of(stage)));
        // That a code is none at all is found where all dictionaries are checked.
        if let Some(wrong) = wrong.filter(|wrong| *wrong != "unknown_code") {
            problems.push(FieldProblem::new("close_reason", wrong));
        }
        if record.get("close_reason").is_null() {
            if imported {
                let reason = opportunity::NOT_RECORDED.to_owned();
                record.set("close_reason", Value::Text(reason));
            } else {
                problems.push(FieldProblem::new("close_reason", "required"));
            }
        }
    }
    if let (Value::Date(started), Value::Date(closed)) =
        (record.get("started_on"), record.get("closed_on"))
        && closed < started
    {
        problems.push(FieldProblem::new("closed_on", "before_the_start"));
    }
    if !imported {
        problems.extend(missing_to_enter(stage, record));
    }
    // What was imported has been there since the day on which it happened.
    let since = match (record.get("closed_on"), record.get("started_on")) {
        (Value::Date(day), _) | (Value::Null, Value::Date(day)) if imported => start_of(ctx, *day),
        _ => ctx.now,
    };
    record.set("stage_since", Value::Time(since));
    record.set("idle_since", Value::Time(since));
    problems
}

/// When a day of the workspace began; now, if it has not.
fn start_of(ctx: &Ctx, day: NaiveDate) -> DateTime<Utc> {
    ExprCtx::of(ctx).start_of(day).min(ctx.now)
}

/// The fields that a stage needs and an opportunity does not have.
pub(crate) fn missing_to_enter(stage: &Stage, record: &Record) -> Vec<FieldProblem> {
    let empty = |name: &str| match record.get(name) {
        Value::Null => true,
        Value::List(values) => values.is_empty(),
        Value::Text(text) => text.is_empty(),
        Value::Json(Json::Array(entries)) => entries.is_empty(),
        _ => false,
    };
    // Lines come to an amount, which is computed later.
    let comes = |name: &str| name == "amount" && !(empty("lines") && empty("product_ids"));
    stage
        .required_fields()
        .into_iter()
        .filter(|name| empty(name) && !comes(name))
        .map(|name| FieldProblem::new(name, "needed_to_enter").with(json!({ "stage": stage.name })))
        .collect()
}

/// The stage history of new opportunities begins with the stage that they were made in.
async fn keep_first_stage(writer: &Writer<'_>, made: &[Record]) -> Result<(), AppError> {
    let ctx = writer.ctx();
    let mut changes: Vec<Record> = Vec::with_capacity(made.len());
    for record in made {
        let first = record.get("first_stage_id");
        if first.is_null() || first == record.get("stage_id") {
            changes.push(stage_change(ctx, None, record));
            continue;
        }
        // It began elsewhere, on the day on which the work on it began.
        let mut before = record.clone();
        before.set("stage_id", first.clone());
        if let (Value::Date(started), Value::Time(since)) =
            (record.get("started_on"), record.get("stage_since"))
        {
            let began = start_of(ctx, *started).min(*since);
            before.set("stage_since", Value::Time(began));
        }
        changes.push(stage_change(ctx, None, &before));
        changes.push(stage_change(ctx, Some(&before), record));
    }
    writer.append(&stage_change::DEF, "create", &changes).await
}

/// The entry of the stage history for an opportunity as it is now.
pub(crate) fn stage_change(ctx: &Ctx, before: Option<&Record>, after: &Record) -> Record {
    let mut change = prepare::stamped(ctx, &stage_change::DEF);
    let happened = match after.get("stage_since") {
        Value::Time(since) => *since,
        _ => ctx.now,
    };
    let seconds = before.and_then(|before| match before.get("stage_since") {
        Value::Time(since) => Some((happened - *since).num_seconds().max(0)),
        _ => None,
    });
    change.push("opportunity_id", Value::Id(after.id()));
    change.push("pipeline_id", after.get("pipeline_id").clone());
    let from = before.map_or(Value::Null, |before| before.get("stage_id").clone());
    change.push("from_stage_id", from);
    change.push("to_stage_id", after.get("stage_id").clone());
    change.push("changed_at", Value::Time(happened));
    change.push("seconds_before", seconds.map_or(Value::Null, Value::Int));
    change.push("amount", after.get("base_amount").clone());
    change.push("owner_id", after.get("owner_id").clone());
    change
}
