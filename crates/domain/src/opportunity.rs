//! Opportunities: possible sales, in a stage of a pipeline (商机).

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::capabilities::{Capabilities, Document};
use crate::def::{self, Def, Default, FieldProblem, Section, Visibility};
use crate::document::MAX_MILLIONTHS;
use crate::exchange::WHOLE;
use crate::money::Money;
use crate::record::Record;
use crate::rights::Action;
use crate::stage::{Stage, StageKind, texts};
use crate::value::Value;

codes! {
    /// Whether the sale is still possible, and how it ended.
    pub enum Status {
        /// It may still come.
        Open = "open",
        /// It was made.
        Won = "won",
        /// It will not be made.
        Lost = "lost",
    }
}

codes! {
    /// How sure its owner is, for the forecast.
    pub enum ForecastCategory {
        /// Possible.
        Pipeline = "pipeline",
        /// If things go well.
        BestCase = "best_case",
        /// Promised.
        Commit = "commit",
        /// Won.
        Closed = "closed",
        /// Not to be counted.
        Omitted = "omitted",
    }
}

codes! {
    /// What people do with an opportunity beside changing its fields.
    pub enum Move {
        /// It goes to another stage.
        Advance = "advance",
        /// The sale was made.
        Win = "win",
        /// The sale will not be made.
        Lose = "lose",
        /// It was not decided after all.
        Reopen = "reopen",
        /// It goes to another owner.
        Transfer = "transfer",
    }
}

impl Status {
    /// The moves that are open.
    #[must_use]
    pub const fn open_moves(self) -> &'static [Move] {
        match self {
            Self::Open => &[Move::Advance, Move::Win, Move::Lose, Move::Transfer],
            Self::Won | Self::Lost => &[Move::Reopen, Move::Transfer],
        }
    }

    /// What an opportunity that stands in a stage is.
    #[must_use]
    pub const fn in_stage(stage: &Stage) -> Self {
        match stage.stage_kind {
            StageKind::Open => Self::Open,
            StageKind::Won => Self::Won,
            StageKind::Lost => Self::Lost,
        }
    }
}

/// The reason of imported opportunities whose reason nobody wrote down.
pub const NOT_RECORDED: &str = "not_recorded";

record! {
    /// A possible sale.
    pub struct Opportunity {
        /// What it is about.
        name: String = def::text(200).required().searchable().sortable();
        /// Who may buy; there may be none until the contract.
        customer_id: Option<Uuid> = def::reference("customer");
        /// Whom one talks to there.
        contact_id: Option<Uuid> = def::reference("contact");
        /// What it may bring: the sum of the lines, where it has some.
        amount: Option<Money> = def::money().foreign();
        /// When it should be decided.
        expected_close_on: Option<NaiveDate> = def::date().sortable();
        /// How sure its owner is.
        forecast_category: ForecastCategory = def::choice(ForecastCategory::CODES)
            .required()
            .default(Default::Text("pipeline"));
        /// Whether it is to be followed closely (热点).
        hot: bool = def::boolean().required().default(Default::Bool(false));
        /// Where it came from.
        source: Option<String> = def::dictionary("source");
        /// The pipeline; the default one when it is left out.
        pipeline_id: Option<Uuid> =
            def::reference("pipeline").on_create().section(Section::Handling);
        /// The stage; the pipeline's first when it is left out.
        stage_id: Option<Uuid> = def::reference("stage").on_create().section(Section::Handling);
        /// The stage that it began in; the one that it stands in unless whoever makes it knows of
        /// an earlier one, as files of what happened long ago do.
        first_stage_id: Option<Uuid> = def::reference("stage").on_create().section(Section::More);
        /// Whether it is still possible.
        status: Status = def::choice(Status::CODES)
            .by_operation()
            .default(Default::Text("open"))
            .section(Section::Handling);
        /// How likely it is; the stage's own until somebody says otherwise.
        probability: Option<i64> = def::basis_points(WHOLE).section(Section::Handling);
        /// Since when it is in this stage.
        stage_since: Option<DateTime<Utc>> =
            def::time().by_operation().section(Section::Handling);
        /// Since when nothing happened: the later of the last change of stage and the last activity.
        idle_since: Option<DateTime<Utc>> =
            def::time().by_operation().sortable().section(Section::Handling);
        /// What of the stage's checklist is done: a list of its texts.
        checklist_done: Json = def::json().section(Section::Handling);
        /// When the work on it began.
        started_on: Option<NaiveDate> = def::date().sortable().section(Section::Handling);
        /// When it was won or lost.
        closed_on: Option<NaiveDate> =
            def::date().on_create().sortable().section(Section::Handling);
        /// Why it was won or lost.
        close_reason: Option<String> =
            def::dictionary("opportunity_reason").on_create().section(Section::Handling);
        /// More about why.
        close_note: Option<String> = def::text(500).on_create().section(Section::Handling);
        /// Who else would like to make the sale.
        competitors: Vec<String> = def::texts().section(Section::Profile);
        /// What is offered: product, quantity, price, discount, tax.
        lines: Json = def::lines().section(Section::Profile);
        /// The products of the lines. A new opportunity may give these alone; each becomes a line.
        product_ids: Vec<String> =
            def::references("product").on_create().section(Section::Profile);
        /// Whether the lines' prices include tax.
        includes_tax: bool = def::boolean().default(Default::Bool(true)).section(Section::Profile);
        /// A discount on all lines together.
        discount: Option<Money> = def::money().foreign().section(Section::Profile);
        /// The rate of exchange of the day it was made or last repriced: millionths of the
        /// workspace's currency for one of the opportunity's.
        exchange_rate: Option<i64> =
            def::millionths(1, MAX_MILLIONTHS).by_operation().section(Section::More);
        /// The amount in the workspace's currency.
        base_amount: Option<Money> =
            def::money().by_operation().sortable().section(Section::More);
        /// Labels.
        tags: Vec<String> = def::tags().section(Section::Profile);
        /// Anything else.
        note: Option<String> = def::long_text(4000).section(Section::Profile);
        /// Who handles it.
        owner_id: Option<Uuid> = def::reference("user")
            .on_create()
            .default(Default::Actor)
            .section(Section::Handling);
        /// Who works on it beside the owner.
        collaborator_ids: Vec<String> = def::references("user").section(Section::Handling);
        /// What to do next.
        next_step: Option<String> = def::text(250).section(Section::Handling);
        /// When the owner means to talk to them again.
        next_contact_at: Option<DateTime<Utc>> =
            def::time().sortable().section(Section::Handling);
        /// When somebody last talked to them.
        last_activity_at: Option<DateTime<Utc>> =
            def::time().by_operation().sortable().section(Section::Handling);
        /// The lead it came from.
        lead_id: Option<Uuid> = def::reference("lead").by_operation().section(Section::More);
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "opportunity",
    plural: "opportunities",
    table: "opportunities",
    fields: Opportunity::FIELDS,
    title: &["name"],
    visibility: Visibility::Owned,
    check,
    can: Capabilities {
        verbs: &[
            Action::Advance,
            Action::Win,
            Action::Lose,
            Action::Reopen,
            Action::Transfer,
        ],
        timeline: true,
        document: Some(Document {
            number: None,
            day: "started_on",
            amount_required: false,
        }),
        parts: &[
            ("stage_change", "opportunity_id"),
            ("document_line", "opportunity_id"),
        ],
        ..Capabilities::NONE
    },
};

/// Puts an opportunity that stands in `from` into the stage `to`. A probability that somebody set by
/// hand stays as long as the sale is open.
pub fn enter(after: &mut Record, from: &Stage, to: &Stage, now: DateTime<Utc>) {
    let status = Status::in_stage(to);
    let own = after.get("probability").as_int();
    if status != Status::Open || own.is_none_or(|own| own == from.probability) {
        after.set("probability", Value::Int(to.probability));
    }
    after.set("stage_id", Value::Id(to.id.uuid()));
    after.set("status", Value::Text(status.code().to_owned()));
    after.set("stage_since", Value::Time(now));
    after.set("idle_since", Value::Time(now));
    if status == Status::Won {
        let closed = ForecastCategory::Closed.code().to_owned();
        after.set("forecast_category", Value::Text(closed));
    }
    if status != Status::Open {
        after.set("next_contact_at", Value::Null);
    }
}

/// The entries of a stage's checklist that nobody has ticked yet.
#[must_use]
pub fn left_to_do(stage: &Stage, opportunity: &Record) -> Vec<String> {
    let done = match opportunity.get("checklist_done") {
        Value::Json(done) => texts(done),
        _ => Vec::new(),
    };
    let todo = stage.checklist().into_iter();
    todo.filter(|entry| !done.contains(entry))
        .map(str::to_owned)
        .collect()
}

/// What was decided keeps its figures until it is reopened.
fn check(before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    let Some(before) = before else {
        return Vec::new();
    };
    if before.get("status").as_text() == Some(Status::Open.code()) {
        return Vec::new();
    }
    [
        "amount",
        "lines",
        "discount",
        "includes_tax",
        "probability",
        "expected_close_on",
    ]
    .into_iter()
    .filter(|name| before.get(name) != after.get(name))
    .map(|name| FieldProblem::new(name, "opportunity_is_closed"))
    .collect()
}
