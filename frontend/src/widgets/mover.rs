//! Moving an opportunity to another stage: what the stage needs is asked for in place, why it was won
//! or lost too. Nothing is asked for where nothing is needed.

use std::sync::Arc;

use kehu_client::Error;
use kehu_client::records::ListQuery;
use kehu_domain::def::{Field as DefField, Type};
use kehu_domain::dictionary_entry::Outcome;
use kehu_domain::opportunity::DEF;
use kehu_wire::Record;
use kehu_wire::opportunity::AdvanceRequest;
use kehu_wire::problem::FieldError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::problems::{by_code, explain, field_problem};
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::field_input::{field_input, foreign_money};
use crate::widgets::kinds;
use crate::widgets::lines::{LineTerms, LinesEditor};
use crate::widgets::lookups::{Lookups, text};
use crate::widgets::stages::{Needs, is_open};
use crate::{format, t, tf};

/// A move that somebody wants.
#[derive(Clone)]
pub(crate) struct Wanted {
    /// The opportunity as it is shown.
    pub(crate) opportunity: Record,
    /// The stage where it stands, where that is known.
    pub(crate) from: Option<Record>,
    /// Where to.
    pub(crate) to: Record,
    /// Called after the move with the opportunity as it is then. What asked may be drawn anew meanwhile, so this belongs to nobody.
    pub(crate) on_done: Arc<dyn Fn(&Record) + Send + Sync>,
    /// Called when it did not come to it; true when what is shown is out of date.
    pub(crate) on_back: Arc<dyn Fn(bool) + Send + Sync>,
}

/// Where moves are asked for. Copy it freely.
#[derive(Clone, Copy)]
pub struct Mover {
    asked: RwSignal<Option<(Wanted, Needs)>>,
    toasts: Toasts,
    app: App,
}

impl Mover {
    /// Makes the place; the page draws [`MoveDialog`] once.
    pub(crate) fn new() -> Self {
        Self {
            asked: RwSignal::new(None),
            toasts: use_toasts(),
            app: App::here(),
        }
    }

    /// Whether something that was asked for needs an answer first.
    pub(crate) fn asking(self) -> Signal<bool> {
        Signal::derive(move || self.asked.with(Option::is_some))
    }

    /// Moves an opportunity to the stage of its pipeline that is of this kind: `won`, `lost`.
    pub(crate) fn decide(self, id: String, kind: &'static str, on_done: Callback<()>) {
        spawn_local(async move {
            match target(&id, kind).await {
                Ok((opportunity, from, Some(to))) => self.ask(Wanted {
                    opportunity,
                    from,
                    to,
                    on_done: Arc::new(move |_| {
                        let _ = on_done.try_run(());
                    }),
                    on_back: Arc::new(move |stale| {
                        if stale {
                            let _ = on_done.try_run(());
                        }
                    }),
                }),
                Ok((_, _, None)) => self
                    .toasts
                    .problem(by_code("no_such_stage").unwrap_or_default()),
                Err(error) => self.toasts.problem(explain(&error)),
            }
        });
    }

    /// Moves it, or asks first for what the stage needs.
    pub(crate) fn ask(self, wanted: Wanted) {
        let needs = Needs::of(&wanted.opportunity, wanted.from.as_ref(), &wanted.to);
        if !needs.nothing() {
            return self.asked.set(Some((wanted, needs)));
        }
        spawn_local(async move {
            if let Err(error) = self.send(&wanted, AdvanceRequest::default()).await {
                self.refused(wanted, &error);
            }
        });
    }

    async fn send(self, wanted: &Wanted, request: AdvanceRequest) -> Result<(), Error> {
        let id = text(&wanted.opportunity, "id");
        let request = AdvanceRequest {
            stage_id: text(&wanted.to, "id").parse().unwrap_or_default(),
            if_version: wanted.opportunity.get("version").and_then(Value::as_i64),
            ..request
        };
        let after = API.advance_opportunity(id, &request).await?;
        self.app.note_write();
        let moved = tf!(
            "board.moved",
            title = text(&wanted.opportunity, "name"),
            stage = text(&wanted.to, "name")
        );
        self.toasts.success(moved);
        (wanted.on_done)(&after);
        Ok(())
    }

    /// What could not be known here is asked for after all; everything else goes back and is told.
    fn refused(self, wanted: Wanted, error: &Error) {
        if let Some(needs) = missed(error) {
            return self.asked.set(Some((wanted, needs)));
        }
        let stale = matches!(error.status(), 404 | 409 | 412);
        self.toasts.problem(match error.status() {
            412 => tf!("board.stale", title = text(&wanted.opportunity, "name")),
            _ => explain(error),
        });
        (wanted.on_back)(stale);
    }
}

/// The stages of a pipeline, in order.
pub(crate) async fn stages_of(pipeline: &str) -> Result<Vec<Record>, Error> {
    let query = ListQuery {
        filter: format!("pipeline_id == \"{pipeline}\""),
        sort: "position,name".to_owned(),
        limit: Some(200),
        ..ListQuery::default()
    };
    Ok(API.list("stages", &query).await?.items)
}

type Target = (Record, Option<Record>, Option<Record>);

/// An opportunity, its stage, and the first stage of a kind in its pipeline.
async fn target(id: &str, kind: &str) -> Result<Target, Error> {
    let opportunity = API.get(DEF.plural, id, "").await?;
    let stages = stages_of(text(&opportunity, "pipeline_id")).await?;
    let here = text(&opportunity, "stage_id");
    let from = stages.iter().find(|stage| text(stage, "id") == here);
    let to = stages
        .iter()
        .find(|stage| text(stage, "stage_kind") == kind);
    let (from, to) = (from.cloned(), to.cloned());
    Ok((opportunity, from, to))
}

/// What the server says is missing still, where that is what it says.
fn missed(error: &Error) -> Option<Needs> {
    let problem = error.problem()?;
    if problem.code == "checklist_open" {
        return Some(Needs {
            checklist: problem.open.clone(),
            ..Needs::default()
        });
    }
    let fields: Vec<String> = problem
        .errors
        .iter()
        .filter_map(|one| one.pointer.strip_prefix("/fields/").map(str::to_owned))
        .collect();
    let reason = problem.errors.iter().any(|one| one.pointer == "/reason");
    (reason || !fields.is_empty()).then_some(Needs {
        fields,
        reason,
        ..Needs::default()
    })
}

/// Asks for what a stage needs.
#[component]
pub(crate) fn MoveDialog(
    /// The place that was asked.
    mover: Mover,
) -> impl IntoView {
    let open = mover.asking();
    let close = move |()| {
        if let Some((wanted, _)) = mover.asked.get_untracked() {
            (wanted.on_back)(false);
        }
        mover.asked.set(None);
    };
    let title = Signal::derive(move || {
        mover.asked.with(|asked| {
            asked.as_ref().map_or_else(String::new, |(wanted, _)| {
                let stage = text(&wanted.to, "name");
                tf!("board.to_stage", stage = stage)
            })
        })
    });
    let answers = Answers::new();
    Effect::new(move |_| {
        if open.get() {
            answers.begin();
        }
    });
    let submit = Callback::new(move |()| {
        let Some((wanted, needs)) = mover.asked.get_untracked() else {
            return;
        };
        if answers.pending.get_untracked() || !answers.complete(&needs) {
            return;
        }
        answers.pending.set(true);
        spawn_local(async move {
            let result = mover.send(&wanted, answers.request(&needs)).await;
            if answers.pending.try_set(false).is_some() {
                return;
            }
            match result {
                Ok(()) => mover.asked.set(None),
                Err(error)
                    if matches!(error.status(), 404 | 409 | 412) && missed(&error).is_none() =>
                {
                    mover.asked.set(None);
                    mover.refused(wanted, &error);
                }
                Err(error) => answers.refuse(&error),
            }
        });
    });
    let body = move || {
        let (wanted, needs) = mover.asked.get()?;
        Some(questions(answers, &wanted, &needs))
    };
    view! {
        <Dialog
            open=open
            on_close=close
            title=title
            close_label=t!("common.close")
            width=DialogWidth::Middle
            steady=true
            footer=move || {
                view! {
                    <Button on_press=close>{t!("common.cancel")}</Button>
                    <Button kind=ButtonKind::Primary pending=answers.pending on_press=submit>
                        {t!("board.move")}
                    </Button>
                }
            }
        >
            {body}
        </Dialog>
    }
}

/// What was answered so far. Copy it freely.
#[derive(Clone, Copy)]
struct Answers {
    values: RwSignal<Record>,
    ticked: RwSignal<Vec<String>>,
    reason: RwSignal<String>,
    note: RwSignal<String>,
    closed_on: RwSignal<Value>,
    errors: RwSignal<Vec<FieldError>>,
    problem: RwSignal<Option<String>>,
    pending: RwSignal<bool>,
}

impl Answers {
    fn new() -> Self {
        Self {
            values: RwSignal::new(Record::new()),
            ticked: RwSignal::new(Vec::new()),
            reason: RwSignal::new(String::new()),
            note: RwSignal::new(String::new()),
            closed_on: RwSignal::new(Value::Null),
            errors: RwSignal::new(Vec::new()),
            problem: RwSignal::new(None),
            pending: RwSignal::new(false),
        }
    }

    fn begin(self) {
        self.values.set(Record::new());
        self.ticked.set(Vec::new());
        self.reason.set(String::new());
        self.note.set(String::new());
        self.closed_on
            .set(Value::String(format::today().to_string()));
        self.errors.set(Vec::new());
        self.problem.set(None);
    }

    /// Whether everything is answered; marks what is not.
    fn complete(self, needs: &Needs) -> bool {
        let missing = |pointer: String| FieldError {
            pointer,
            code: "required".to_owned(),
            params: Value::Null,
        };
        let mut errors: Vec<FieldError> = self.values.with_untracked(|values| {
            let empty = |name: &&String| values.get(*name).is_none_or(Value::is_null);
            let names = needs.fields.iter().filter(empty);
            names
                .map(|name| missing(format!("/fields/{name}")))
                .collect()
        });
        if needs.reason && self.reason.with_untracked(String::is_empty) {
            errors.push(missing("/reason".to_owned()));
        }
        let open = self.ticked.with_untracked(|ticked| {
            let left = needs.checklist.iter().any(|entry| !ticked.contains(entry));
            left.then(|| by_code("checklist_open").unwrap_or_default())
        });
        let complete = errors.is_empty() && open.is_none();
        self.errors.set(errors);
        self.problem.set(open);
        complete
    }

    fn request(self, needs: &Needs) -> AdvanceRequest {
        let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let fields = self.values.get_untracked();
        let ticked = self.ticked.get_untracked();
        let closed_on = self.closed_on.get_untracked();
        AdvanceRequest {
            fields: (!fields.is_empty()).then_some(fields),
            checklist_done: (!ticked.is_empty()).then_some(ticked),
            reason: given(self.reason.get_untracked()).filter(|_| needs.reason),
            note: given(self.note.get_untracked()).filter(|_| needs.reason),
            closed_on: closed_on
                .as_str()
                .filter(|_| needs.reason)
                .map(str::to_owned),
            ..AdvanceRequest::default()
        }
    }

    fn refuse(self, error: &Error) {
        let errors = error.problem().map(|p| p.errors.clone());
        self.errors.set(errors.unwrap_or_default());
        self.problem.set(Some(explain(error)));
    }

    fn problem_at(self, pointer: String) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.errors.with(|errors| {
                let found = errors.iter().find(|error| error.pointer == pointer);
                found.map(field_problem)
            })
        })
    }
}

fn questions(answers: Answers, wanted: &Wanted, needs: &Needs) -> AnyView {
    let fields = needs
        .fields
        .iter()
        .filter_map(|name| DEF.field(name))
        .map(|field| question(answers, field))
        .collect_view();
    let asked = (!needs.fields.is_empty()).then(|| view! { <div class="form">{fields}</div> });
    let checklist = (!needs.checklist.is_empty()).then(|| {
        let from = wanted.from.as_ref().map(|from| text(from, "name"));
        let heading = tf!("board.checklist_of", stage = from.unwrap_or_default());
        let entries = needs
            .checklist
            .iter()
            .map(|entry| tick(answers, entry.clone()))
            .collect_view();
        view! {
            <fieldset class="checklist">
                <legend>{heading}</legend>
                {entries}
            </fieldset>
        }
    });
    // What opens below a field needs room.
    let roomy = !needs.fields.is_empty() || needs.reason;
    let won = text(&wanted.to, "stage_kind") == "won";
    let decision = needs.reason.then(|| decision(answers, won));
    let title = text(&wanted.opportunity, "name").to_owned();
    let title = if is_open(&wanted.to) {
        tf!("board.needs", title = title)
    } else {
        title
    };
    view! {
        <div class="stack" class:roomy=roomy>
            <p class="muted">{title}</p>
            {asked}
            {checklist}
            {decision}
            {move || answers.problem.get().map(|text| view! { <Note tone=Tone::Danger>{text}</Note> })}
        </div>
    }
    .into_any()
}

fn question(answers: Answers, field: &'static DefField) -> AnyView {
    let value = Signal::derive(move || {
        answers
            .values
            .with(|values| values.get(field.name).cloned().unwrap_or_default())
    });
    let put = Callback::new(move |value: Value| {
        answers.values.update(|values| {
            values.insert(field.name.to_owned(), value);
        });
    });
    let problem = answers.problem_at(format!("/fields/{}", field.name));
    let label = kinds::field_name(&DEF, field.name);
    if field.name == "lines" {
        let own = App::here().currency();
        let terms = LineTerms {
            currency: Signal::stored(own),
            includes_tax: true.into(),
            discount: 0.into(),
        };
        return view! {
            <div class="whole field">
                <div class="field-label">{label}</div>
                <LinesEditor value=value on_change=put terms=terms />
                {move || problem.get().map(|text| view! { <p class="field-problem">{text}</p> })}
            </div>
        }
        .into_any();
    }
    let whole = matches!(
        field.ty,
        Type::LongText(_) | Type::Tags | Type::Texts | Type::Refs(_)
    );
    view! {
        <div class:whole=whole data-field=field.name>
            <Field label=label required=true problem=problem>
                {if field.foreign {
                    foreign_money(value, put, false.into())
                } else {
                    field_input(&DEF, field, value, put)
                }}
            </Field>
        </div>
    }
    .into_any()
}

fn tick(answers: Answers, entry: String) -> AnyView {
    let own = entry.clone();
    let on = Signal::derive(move || answers.ticked.with(|ticked| ticked.contains(&own)));
    let label = entry.clone();
    let change = move |on: bool| {
        answers.ticked.update(|ticked| {
            ticked.retain(|known| *known != entry);
            if on {
                ticked.push(entry.clone());
            }
        });
    };
    view! { <Checkbox checked=on on_change=change label=label /> }.into_any()
}

/// Why it was won or lost, when, and more about it.
fn decision(answers: Answers, won: bool) -> AnyView {
    let lookups = Lookups::here();
    let outcome = if won { Outcome::Won } else { Outcome::Lost };
    let choices = Signal::derive(move || lookups.reason_choices(outcome));
    let Some(closed_on) = DEF.field("closed_on") else {
        return ().into_any();
    };
    let put_day = Callback::new(move |day| answers.closed_on.set(day));
    let why = if won {
        t!("board.why_won")
    } else {
        t!("board.why_lost")
    };
    view! {
        <Field label=why required=true problem=answers.problem_at("/reason".to_owned())>
            <RadioGroup value=answers.reason on_change=move |code| answers.reason.set(code) choices=choices />
        </Field>
        <div class="form">
            <Field label=kinds::field_name(&DEF, "closed_on") problem=answers.problem_at("/closed_on".to_owned())>
                {field_input(&DEF, closed_on, answers.closed_on.into(), put_day)}
            </Field>
            <Field label=kinds::field_name(&DEF, "close_note") problem=answers.problem_at("/note".to_owned())>
                <TextInput value=answers.note on_change=move |text| answers.note.set(text) max_length=500 />
            </Field>
        </div>
    }
    .into_any()
}
