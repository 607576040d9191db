//! The pipelines with their stages, in the settings: in which order, how likely a sale is there, how
//! long it should take, what an opportunity needs to enter and what should be done there.

use kehu_domain::{pipeline, stage};
use kehu_wire::Record;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::pages::list::version;
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::load::{Load, fetch, problem_view, say_problem};
use crate::widgets::lookups::{every, text};
use crate::widgets::settings_kind::{EditSheet, Editing};
use crate::widgets::stages::texts;
use crate::{format, t, tf};

/// How far apart stages are numbered.
const STEP: i64 = 10;

/// Everything that the page edits. Copy it freely.
#[derive(Clone, Copy)]
struct Page {
    load: RwSignal<Load<(Vec<Record>, Vec<Record>)>>,
    pipeline: RwSignal<Option<Editing>>,
    stage: RwSignal<Option<Editing>>,
    moving: RwSignal<bool>,
    may: bool,
    app: App,
    toasts: Toasts,
}

impl Page {
    fn read(self) {
        fetch(self.load, async move {
            Ok((
                every("pipelines", "position,name").await,
                every("stages", "position,name").await,
            ))
        });
    }

    /// Puts the stages of a pipeline into this order.
    fn order(self, stages: Vec<Record>) {
        if self.moving.get_untracked() {
            return;
        }
        self.moving.set(true);
        spawn_local(async move {
            for (at, stage) in stages.iter().enumerate() {
                let place = (i64::try_from(at).unwrap_or_default() + 1) * STEP;
                if stage.get("position").and_then(Value::as_i64) == Some(place) {
                    continue;
                }
                let patch = Record::from_iter([("position".to_owned(), Value::from(place))]);
                let id = text(stage, "id");
                if let Err(error) = API.patch("stages", id, version(stage), patch).await {
                    say_problem(self.toasts, &error);
                    break;
                }
            }
            let _ = self.moving.try_set(false);
            self.app.note_write();
        });
    }
}

/// The pipelines of the workspace.
#[component]
pub(crate) fn Pipelines() -> impl IntoView {
    let app = App::here();
    let page = Page {
        load: RwSignal::new(Load::Loading),
        pipeline: RwSignal::new(None),
        stage: RwSignal::new(None),
        moving: RwSignal::new(false),
        may: app.administers(),
        app,
        toasts: use_toasts(),
    };
    Effect::new(move |_| {
        app.written.track();
        page.read();
    });
    let body = move || match page.load.get() {
        Load::Loading => view! { <SkeletonRows rows=8 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| page.read())),
        Load::Ready((pipelines, _)) if pipelines.is_empty() => {
            view! { <EmptyState glyph=Glyph::Board title=t!("list.empty_title") /> }.into_any()
        }
        Load::Ready((pipelines, stages)) => pipelines
            .iter()
            .map(|pipeline| {
                let id = text(pipeline, "id");
                let own = stages
                    .iter()
                    .filter(|stage| text(stage, "pipeline_id") == id);
                pipeline_card(page, pipeline, own.cloned().collect())
            })
            .collect_view()
            .into_any(),
    };
    let new = move |()| page.pipeline.set(Some(Editing::New(Record::new())));
    view! {
        <PageHead title=kinds::plural(&pipeline::DEF)>
            {page
                .may
                .then(|| {
                    view! {
                        <Button kind=ButtonKind::Primary icon=Glyph::Plus on_press=new>
                            {tf!("list.new", kind = kinds::noun(&pipeline::DEF))}
                        </Button>
                    }
                })}
        </PageHead>
        <div class="stack pipelines">{body}</div>
        <EditSheet def=&pipeline::DEF editing=page.pipeline />
        <EditSheet def=&stage::DEF editing=page.stage />
    }
}

fn pipeline_card(page: Page, pipeline: &Record, stages: Vec<Record>) -> AnyView {
    let is_default = pipeline
        .get("is_default")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    let name = text(pipeline, "name").to_owned();
    let last = stages
        .iter()
        .filter_map(|stage| stage.get("position").and_then(Value::as_i64))
        .max();
    let rows = (0..stages.len())
        .map(|at| stage_row(page, &stages, at))
        .collect_view();
    let (id, edited) = (text(pipeline, "id").to_owned(), pipeline.clone());
    let new_stage = Callback::new(move |()| {
        page.stage.set(Some(Editing::New(Record::from_iter([
            ("pipeline_id".to_owned(), Value::from(id.clone())),
            (
                "position".to_owned(),
                Value::from(last.unwrap_or_default() + STEP),
            ),
        ]))));
    });
    let edit = Callback::new(move |()| page.pipeline.set(Some(Editing::Existing(edited.clone()))));
    let more = move || {
        page.may.then(|| {
            view! {
                <Button small=true icon=Glyph::Plus on_press=new_stage>
                    {tf!("list.new", kind = kinds::noun(&stage::DEF))}
                </Button>
                <IconButton glyph=Glyph::Pencil label=t!("common.edit") small=true on_press=edit />
            }
        })
    };
    view! {
        <Card
            title=name
            flush=true
            after_title=move || {
                is_default
                    .then(|| view! { <Badge plain=true>{kinds::field_name(&pipeline::DEF, "is_default")}</Badge> })
            }
            more=more
        >
            <ol class="stage-rows">{rows}</ol>
        </Card>
    }
    .into_any()
}

fn stage_row(page: Page, stages: &[Record], at: usize) -> AnyView {
    let Some(stage) = stages.get(at).cloned() else {
        return ().into_any();
    };
    let kind = text(&stage, "stage_kind").to_owned();
    let number = |name: &str| stage.get(name).and_then(Value::as_i64);
    let mut parts = vec![format::percent(number("probability").unwrap_or_default())];
    if let Some(days) = number("expected_days") {
        parts.push(tf!("board.days", n = days));
    }
    let needed = texts(&stage, "required_fields");
    if !needed.is_empty() {
        let opportunity = &kehu_domain::opportunity::DEF;
        let names: Vec<&str> = needed
            .iter()
            .map(|name| kinds::field_name(opportunity, name))
            .collect();
        let label = kinds::field_name(&stage::DEF, "required_fields");
        parts.push(format!(
            "{label}: {}",
            names.join(t!("common.list_separator"))
        ));
    }
    let list = texts(&stage, "checklist");
    if !list.is_empty() {
        let label = kinds::field_name(&stage::DEF, "checklist");
        parts.push(format!(
            "{label}: {}",
            list.join(t!("common.list_separator"))
        ));
    }
    let badge = (kind != "open").then(|| {
        let tone = kinds::tone(&kind);
        view! { <Badge tone=tone>{kinds::choice(&stage::DEF, "stage_kind", &kind)}</Badge> }
    });
    let shifted = |to: Option<usize>| {
        let mut order = stages.to_vec();
        let to = to.filter(|to| *to < order.len())?;
        order.swap(at, to);
        Some(order)
    };
    let arrow = move |glyph, label: &'static str, order: Option<Vec<Record>>| {
        let none = order.is_none();
        let off = Signal::derive(move || none || page.moving.get());
        let press = move |()| {
            if let Some(order) = order.clone() {
                page.order(order);
            }
        };
        view! { <IconButton glyph=glyph label=label small=true disabled=off on_press=press /> }
    };
    let acts = page.may.then(|| {
        view! {
            <span class="stage-acts">
                {arrow(Glyph::ArrowUp, t!("lines.up"), shifted(at.checked_sub(1)))}
                {arrow(Glyph::ArrowDown, t!("lines.down"), shifted(at.checked_add(1)))}
            </span>
        }
    });
    let name = text(&stage, "name").to_owned();
    let open = move |_| page.stage.set(Some(Editing::Existing(stage.clone())));
    view! {
        <li class="stage-row">
            <span class="stage-number" aria-hidden="true">{at + 1}</span>
            <span class="stage-words">
                <span class="row">
                    <button type="button" class="plain-button" on:click=open>
                        <b>{name}</b>
                    </button>
                    {badge}
                </span>
                <small class="muted">{parts.join(" · ")}</small>
            </span>
            {acts}
        </li>
    }
    .into_any()
}
