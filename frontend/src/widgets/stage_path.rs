//! The way of an opportunity through the stages of its pipeline: a bar to press, the checklist of the
//! present stage, and what happened so far.

use std::sync::Arc;

use kehu_client::records::ListQuery;
use kehu_domain::opportunity::DEF;
use kehu_wire::Record;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::pages::list::version;
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::actions::Actions;
use crate::widgets::load::{Load, fetch, problem_view, say_problem};
use crate::widgets::lookups::text;
use crate::widgets::mover::{Wanted, stages_of};
use crate::widgets::record_view::OneRecord;
use crate::widgets::stages::{is_open, rotting_days, texts};
use crate::{format, t, tf};

/// The stages as a bar: a press moves the opportunity there.
#[component]
pub(crate) fn StagePath(
    /// The page's record, read anew after a move.
    one: OneRecord,
    /// The opportunity.
    record: Record,
) -> impl IntoView {
    let load = RwSignal::new(Load::<Vec<Record>>::Loading);
    let pipeline = text(&record, "pipeline_id").to_owned();
    fetch(load, async move { stages_of(&pipeline).await });
    let record = StoredValue::new(record);
    move || match load.get() {
        Load::Loading => view! { <Skeleton height="30px" /> }.into_any(),
        // The page stands without the bar; its state says where the opportunity is.
        Load::Problem(_) => ().into_any(),
        Load::Ready(stages) => record.with_value(|record| path(one, record, stages)),
    }
}

fn path(one: OneRecord, record: &Record, stages: Vec<Record>) -> AnyView {
    let now = text(record, "stage_id").to_owned();
    let here = stages
        .iter()
        .find(|stage| text(stage, "id") == now)
        .cloned();
    let open = text(record, "status") == "open";
    let movable = open && one.is_writable();
    let lost = text(record, "status") == "lost";
    let steps: Vec<Step> = stages
        .iter()
        // A way that ended is shown with its end alone.
        .filter(|stage| open || is_open(stage) || text(stage, "id") == now)
        .map(|stage| Step {
            key: text(stage, "id").to_owned(),
            label: text(stage, "name").to_owned(),
            open: movable && text(stage, "id") != now,
        })
        .collect();
    let rotting = here.as_ref().and_then(|here| rotting_days(record, here));
    let rotting = rotting.map(|days| {
        view! { <Badge tone=Tone::Warning>{tf!("board.idle", n = days)}</Badge> }
    });
    let checklist = here
        .as_ref()
        .filter(|_| movable)
        .map(|here| checklist(one, record, here));
    let mover = Actions::here().mover();
    let opportunity = StoredValue::new(record.clone());
    let from = StoredValue::new(here);
    let stages = StoredValue::new(stages);
    let step = move |key: String| {
        let to = stages.with_value(|all| all.iter().find(|one| text(one, "id") == key).cloned());
        let Some(to) = to else { return };
        mover.ask(Wanted {
            opportunity: opportunity.get_value(),
            from: from.get_value(),
            to,
            on_done: Arc::new(move |_| one.read()),
            on_back: Arc::new(move |stale| {
                if stale {
                    one.read();
                }
            }),
        });
    };
    let tone = if lost { Tone::Danger } else { Tone::Accent };
    view! {
        <div class="stage-path">
            <Steps steps=steps current=now label=t!("opportunity.field.stage_id") tone=Signal::from(tone) on_step=step />
            {rotting}
        </div>
        {checklist}
    }
    .into_any()
}

/// The checklist of the present stage: a tick is kept at once.
fn checklist(one: OneRecord, record: &Record, stage: &Record) -> AnyView {
    let entries = texts(stage, "checklist");
    if entries.is_empty() {
        return ().into_any();
    }
    let done = RwSignal::new(texts(record, "checklist_done"));
    let app = App::here();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let (id, version) = (
        StoredValue::new(text(record, "id").to_owned()),
        StoredValue::new(version(record)),
    );
    let put = move |entry: String, on: bool| {
        let before = done.get_untracked();
        done.update(|done| {
            done.retain(|known| *known != entry);
            if on {
                done.push(entry);
            }
        });
        let patch = Record::from_iter([(
            "checklist_done".to_owned(),
            Value::from(done.get_untracked()),
        )]);
        pending.set(true);
        spawn_local(async move {
            let result = API
                .patch(DEF.plural, &id.get_value(), version.get_value(), patch)
                .await;
            if pending.try_set(false).is_some() {
                return;
            }
            match result {
                Ok(after) => {
                    version.set_value(crate::pages::list::version(&after));
                    app.note_write();
                    one.read();
                }
                Err(error) => {
                    done.set(before);
                    say_problem(toasts, &error);
                    if error.status() == 412 {
                        one.read();
                    }
                }
            }
        });
    };
    let boxes = entries
        .into_iter()
        .map(|entry| {
            let own = entry.clone();
            let on = Signal::derive(move || done.with(|done| done.contains(&own)));
            let label = entry.clone();
            view! {
                <Checkbox
                    checked=on
                    disabled=pending
                    on_change=move |on| put(entry.clone(), on)
                    label=label
                />
            }
        })
        .collect_view();
    view! {
        <div class="stage-checklist" role="group" aria-label=t!("board.checklist")>
            {boxes}
        </div>
    }
    .into_any()
}

/// The stages that an opportunity went through, the latest first.
#[component]
pub(crate) fn StageHistory(
    /// The opportunity.
    id: String,
    /// Reads anew when it changes.
    #[prop(into)]
    turn: Signal<u32>,
) -> impl IntoView {
    let load = RwSignal::new(Load::<Vec<Record>>::Loading);
    let query = StoredValue::new(ListQuery {
        filter: format!("opportunity_id == \"{id}\""),
        sort: "-changed_at".to_owned(),
        expand: "from_stage,to_stage,owner".to_owned(),
        limit: Some(50),
        ..ListQuery::default()
    });
    let read = move || {
        let query = query.get_value();
        fetch(load, async move {
            Ok(API.list("stage-changes", &query).await?.items)
        });
    };
    Effect::new(move |_| {
        turn.track();
        read();
    });
    let body = move || match load.get() {
        Load::Loading => view! { <Skeleton width="70%" /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(changes) => changes.iter().map(change_line).collect_view().into_any(),
    };
    view! {
        <Card title=t!("board.history")>
            <ol class="stage-history">{body}</ol>
        </Card>
    }
}

fn change_line(change: &Record) -> AnyView {
    let title = |name: &str| {
        let one = change.get(name).and_then(|one| one.get("title"));
        one.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (from, to) = (title("from_stage"), title("to_stage"));
    let what = if from.is_empty() {
        tf!("board.begun", stage = to)
    } else {
        format!("{from} → {to}")
    };
    let days = change
        .get("seconds_before")
        .and_then(Value::as_i64)
        .map(|seconds| tf!("board.days", n = seconds / 86_400));
    let amount = change.get("amount").map(format::amount);
    let at = text(change, "changed_at").to_owned();
    let parts: Vec<String> = [
        Some(format::moment(&at)),
        days,
        amount,
        Some(title("owner")),
    ]
    .into_iter()
    .flatten()
    .filter(|part| !part.is_empty())
    .collect();
    view! {
        <li>
            <b>{what}</b>
            <small class="muted" title=format::exact(&at)>{parts.join(" · ")}</small>
        </li>
    }
    .into_any()
}
