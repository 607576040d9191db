//! The first screen: what now? My numbers, what is due, my leads by status, what lies in the pool.

use kehu_client::records::ListQuery;
use kehu_domain::def::Def;
use kehu_domain::{activity, customer, lead, task};
use kehu_wire::Record;
use kehu_wire::page::{Page, Summary};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::pages::list::{count_of, version};
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::urls::{self, ListState};
use crate::widgets::actions::{Actions, Asked};
use crate::widgets::cells;
use crate::widgets::kinds;
use crate::widgets::load::{Load, fetch, problem_view, say_problem};
use crate::widgets::lookups::{text, title_of};
use crate::widgets::month::{Funnel, Hot, Month, Overdue};
use crate::widgets::record_view::subtitle;
use crate::widgets::views;
use crate::{format, t, tf};

/// How many of the most urgent things are shown.
const MOST_URGENT: usize = 12;

/// The page `/`.
#[component]
pub(crate) fn Workbench() -> impl IntoView {
    let app = App::here();
    app.place(vec![Crumb::here(t!("frame.workbench"))]);
    let name = app
        .session
        .with_untracked(|session| session.as_ref().map(|s| s.user.name.clone()))
        .unwrap_or_default();
    let greeting = match format::hour() {
        5..12 => tf!("workbench.morning", name = name),
        12..18 => tf!("workbench.afternoon", name = name),
        _ => tf!("workbench.evening", name = name),
    };
    view! {
        <div class="page-pad workbench">
            <div>
                <h1>{greeting}</h1>
                <p class="muted">{format::today_in_full()}</p>
            </div>
            <Month />
            <Numbers />
            <div class="workbench-grid">
                <div class="stack">
                    <Next />
                    <Overdue />
                    <Hot />
                    <PoolCard />
                </div>
                <div class="stack">
                    <Funnel />
                    <ByStatus />
                    <Latest />
                </div>
            </div>
        </div>
    }
}

/// What is counted, where it leads, and whether it wants attention.
struct Number {
    label: &'static str,
    def: &'static Def,
    filter: String,
    view: &'static str,
    urgent: bool,
}

#[component]
fn Numbers() -> impl IntoView {
    let month = views::month_start();
    let numbers = [
        Number {
            label: t!("workbench.due"),
            def: &lead::DEF,
            filter: views::due_filter(&lead::DEF).unwrap_or_default(),
            view: "due",
            urgent: true,
        },
        Number {
            label: t!("workbench.my_leads"),
            def: &lead::DEF,
            filter: "owner_id == me && status in [\"pending\", \"following_up\"]".to_owned(),
            view: "all",
            urgent: false,
        },
        Number {
            label: t!("workbench.in_pool"),
            def: &lead::DEF,
            filter: views::pool_filter(&lead::DEF),
            view: "pool",
            urgent: false,
        },
        Number {
            label: t!("workbench.activities"),
            def: &activity::DEF,
            filter: format!("owner_id == me && occurred_at >= date(\"{month}\")"),
            view: "all",
            urgent: false,
        },
    ];
    view! { <div class="figures">{numbers.into_iter().map(number_view).collect_view()}</div> }
}

fn number_view(number: Number) -> AnyView {
    let app = App::here();
    let Number {
        label,
        def,
        filter,
        view,
        urgent,
    } = number;
    let value = RwSignal::new(String::new());
    let hot = RwSignal::new(false);
    let asked = filter.clone();
    Effect::new(move |_| {
        app.written.track();
        let filter = asked.clone();
        spawn_local(async move {
            let (text, some) = match count_of(def, filter).await {
                Some((n, capped)) => (format::count(n, capped), n > 0),
                None => ("—".to_owned(), false),
            };
            if value.try_set(text).is_none() {
                hot.set(some && urgent);
            }
        });
    });
    let state = if view == "all" {
        ListState {
            view: "all".to_owned(),
            filter,
            ..ListState::default()
        }
    } else {
        ListState {
            view: view.to_owned(),
            ..ListState::default()
        }
    };
    let shown = Signal::derive(move || {
        let text = value.get();
        if text.is_empty() {
            "…".to_owned()
        } else {
            text
        }
    });
    view! {
        <a class="card figure figure-link" class:hot=hot href=state.href(def.plural)>
            <span class="figure-label">{label}</span>
            <span class="figure-value">{shown}</span>
        </a>
    }
    .into_any()
}

/// Something to be done, with its time.
#[derive(Clone)]
struct Urgent {
    def: &'static Def,
    record: Record,
    at: String,
}

/// Tasks and contacts that are due, the most urgent first.
#[component]
fn Next() -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<Vec<Urgent>>::Loading);
    let read = move || fetch(load, urgent_things());
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=5 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(things) if things.is_empty() => {
            let may_import = app.may_import(None);
            view! {
                <EmptyState glyph=Glyph::Check title=t!("workbench.nothing") text=t!("workbench.nothing_text")>
                    {may_import
                        .then(|| {
                            view! {
                                <ButtonLink href="/import?kind=lead" icon=Glyph::Upload>
                                    {t!("frame.import")}
                                </ButtonLink>
                            }
                        })}
                    <ButtonLink href="/leads/new" icon=Glyph::Plus>
                        {tf!("list.new", kind = kinds::noun(&lead::DEF))}
                    </ButtonLink>
                </EmptyState>
            }
            .into_any()
        }
        Load::Ready(things) => things
            .into_iter()
            .map(urgent_line)
            .collect_view()
            .into_any(),
    };
    let count = move || match load.get() {
        Load::Ready(things) => things.len(),
        _ => 0,
    };
    view! {
        <Card
            title=t!("workbench.next")
            flush=true
            after_title=move || view! { <Count value=Signal::derive(count) /> }
            more=move || {
                view! { <a class="link" href="/tasks/new">{tf!("list.new", kind = kinds::noun(&task::DEF))}</a> }
            }
        >
            {body}
        </Card>
    }
}

async fn urgent_things() -> Result<Vec<Urgent>, kehu_client::Error> {
    let mut things = Vec::new();
    let sources: [(&'static Def, &str, &str); 3] = [
        (&task::DEF, "due_at", "lead,customer"),
        (&lead::DEF, "next_contact_at", ""),
        (&customer::DEF, "next_contact_at", ""),
    ];
    for (def, field, expand) in sources {
        let query = ListQuery {
            filter: views::due_filter(def).unwrap_or_default(),
            sort: field.to_owned(),
            expand: expand.to_owned(),
            limit: Some(20),
            ..ListQuery::default()
        };
        let page = API.list(def.plural, &query).await?;
        things.extend(page.items.into_iter().map(|record| {
            let at = text(&record, field).to_owned();
            Urgent { def, record, at }
        }));
    }
    things.sort_by(|one, other| one.at.cmp(&other.at));
    things.truncate(MOST_URGENT);
    Ok(things)
}

fn urgent_line(thing: Urgent) -> AnyView {
    let Urgent { def, record, at } = thing;
    let href = urls::record(def.plural, text(&record, "id"));
    let title = title_of(def, &record);
    let about = ["customer", "lead"]
        .into_iter()
        .find_map(|name| record.get(name)?.get("title")?.as_str())
        .map(str::to_owned);
    let below = about.unwrap_or_else(|| subtitle(def, &record));
    let late = format::age_ms(&at).is_some_and(|age| age > 0.0);
    let (tone, when) = if late {
        (
            Tone::Danger,
            tf!("workbench.overdue", when = format::distance(&at)),
        )
    } else {
        (Tone::Info, format::moment(&at))
    };
    let (glyph, button) = if def.kind == "task" {
        (Glyph::Check, done_button(record))
    } else {
        let href = href.clone();
        let label = t!("workbench.write_down");
        (
            Glyph::Phone,
            view! { <ButtonLink href=href small=true>{label}</ButtonLink> }.into_any(),
        )
    };
    view! {
        <div class="next-line">
            <Icon glyph=glyph />
            <a class="next-text" href=href>
                <b>{title}</b>
                <span class="muted clip">{below}</span>
            </a>
            <Badge tone=tone>{when}</Badge>
            {button}
        </div>
    }
    .into_any()
}

/// Marks a task done, with a way back.
fn done_button(record: Record) -> AnyView {
    let (app, toasts) = (App::here(), use_toasts());
    let pending = RwSignal::new(false);
    let record = StoredValue::new(record);
    let press = move |()| {
        pending.set(true);
        spawn_local(async move {
            let (id, before) =
                record.with_value(|record| (text(record, "id").to_owned(), version(record)));
            let result = set_status(&id, before, "done").await;
            let _ = pending.try_set(false);
            match result {
                Ok(after) => {
                    app.note_write();
                    toasts.offer(
                        Tone::Success,
                        t!("workbench.task_done"),
                        t!("common.undo"),
                        move || {
                            let (id, after) = (id.clone(), version(&after));
                            spawn_local(async move {
                                match set_status(&id, after, "open").await {
                                    Ok(_) => app.note_write(),
                                    Err(error) => say_problem(toasts, &error),
                                }
                            });
                        },
                    );
                }
                Err(error) => say_problem(toasts, &error),
            }
        });
    };
    view! { <Button small=true pending=pending on_press=press>{t!("common.done")}</Button> }
        .into_any()
}

async fn set_status(id: &str, version: i64, status: &str) -> Result<Record, kehu_client::Error> {
    let patch = Record::from_iter([("status".to_owned(), Value::from(status))]);
    API.patch("tasks", id, version, patch).await
}

/// The newest leads of the pool, to be claimed at once.
#[component]
fn PoolCard() -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<Page>::Loading);
    let read = move || {
        let query = ListQuery {
            filter: views::pool_filter(&lead::DEF),
            sort: "-created_at".to_owned(),
            limit: Some(5),
            count: "capped",
            ..ListQuery::default()
        };
        fetch(load, async move { API.list("leads", &query).await });
    };
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=3 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(page) if page.items.is_empty() => {
            view! { <p class="muted card-none">{t!("list.empty_pool")}</p> }.into_any()
        }
        Load::Ready(page) => page
            .items
            .iter()
            .map(|record| pool_line(record, read))
            .collect_view()
            .into_any(),
    };
    let all = ListState {
        view: "pool".to_owned(),
        ..ListState::default()
    }
    .href("leads");
    view! {
        <Card
            title=t!("workbench.pool")
            flush=true
            more=move || view! { <a class="link" href=all>{t!("record.all")}</a> }
        >
            {body}
        </Card>
    }
}

fn pool_line(record: &Record, read: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    let actions = Actions::here();
    let def = &lead::DEF;
    let id = text(record, "id").to_owned();
    let href = urls::record(def.plural, &id);
    let below = [subtitle(def, record), text(record, "city").to_owned()];
    let below: Vec<String> = below.into_iter().filter(|part| !part.is_empty()).collect();
    let amount = record
        .get("amount")
        .map(format::amount_short)
        .unwrap_or_default();
    let claim = move |()| {
        let on_done = Callback::new(move |()| read());
        actions.ask(Asked {
            def,
            verb: "claim",
            ids: vec![id.clone()],
            on_done,
        });
    };
    view! {
        <div class="next-line">
            <Avatar name=title_of(def, record) />
            <a class="next-text" href=href>
                <b>{title_of(def, record)}</b>
                <span class="muted clip">{below.join(" · ")}</span>
            </a>
            <span class="nowrap">{amount}</span>
            <Button small=true on_press=claim>{t!("list.claim")}</Button>
        </div>
    }
    .into_any()
}

/// My leads by status, as bars that lead to their lists.
#[component]
fn ByStatus() -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<Summary>::Loading);
    let read = move || {
        fetch(load, async move {
            API.summary("leads", "status", "amount", "owner_id == me")
                .await
        });
    };
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    let body = move || match load.get() {
        Load::Loading => view! { <Skeleton height="120px" /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(summary) if summary.groups.is_empty() => {
            view! { <p class="muted">{t!("workbench.no_leads")}</p> }.into_any()
        }
        Load::Ready(summary) => bars(&summary),
    };
    view! { <Card title=t!("workbench.by_status")>{body}</Card> }
}

fn bars(summary: &Summary) -> AnyView {
    let count = |group: &Record| {
        group
            .get("count")
            .and_then(Value::as_i64)
            .unwrap_or_default()
    };
    let most = summary.groups.iter().map(count).max().unwrap_or(1).max(1);
    let bar = |code: &&'static str| {
        let group = summary
            .groups
            .iter()
            .find(|group| text(group, "status") == *code)?;
        let n = count(group);
        let share = format::float(n) / format::float(most) * 100.0;
        let sum = group
            .get("sum")
            .and_then(|sum| sum.get("amount"))
            .filter(|sum| {
                sum.get("amount")
                    .and_then(Value::as_i64)
                    .is_some_and(|minor| minor > 0)
            })
            .map(format::amount_short)
            .unwrap_or_default();
        let href = ListState {
            view: "mine".to_owned(),
            filter: format!("status in [\"{code}\"]"),
            ..ListState::default()
        }
        .href("leads");
        Some(view! {
            <a class="status-bar" href=href>
                <span>{kinds::choice(&lead::DEF, "status", code)}</span>
                <span class="status-track">
                    <span class="status-fill" data-tone=kinds::tone(code).name() style:width=format!("{share:.1}%")>
                        <b>{format::number(n)}</b>
                    </span>
                </span>
                <span class="num muted">{sum}</span>
            </a>
        })
    };
    lead::Status::CODES
        .iter()
        .filter_map(bar)
        .collect_view()
        .into_any()
}

/// What was written down last, by everybody that one sees.
#[component]
fn Latest() -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<Page>::Loading);
    let read = move || {
        let query = ListQuery {
            sort: "-occurred_at".to_owned(),
            expand: "lead,customer,contact,owner".to_owned(),
            limit: Some(6),
            ..ListQuery::default()
        };
        fetch(load, async move { API.list("activities", &query).await });
    };
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=4 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(page) if page.items.is_empty() => {
            view! { <p class="muted card-none">{t!("record.no_activity")}</p> }.into_any()
        }
        Load::Ready(page) => page
            .items
            .iter()
            .map(activity_line)
            .collect_view()
            .into_any(),
    };
    let all = ListState {
        view: "all".to_owned(),
        ..ListState::default()
    }
    .href("activities");
    view! {
        <Card
            title=t!("workbench.latest")
            flush=true
            more=move || view! { <a class="link" href=all>{t!("record.all")}</a> }
        >
            {body}
        </Card>
    }
}

fn activity_line(record: &Record) -> AnyView {
    let title_at = |name: &str| {
        record
            .get(name)
            .and_then(|one| one.get("title"))
            .and_then(Value::as_str)
    };
    let about = activity::ABOUT
        .iter()
        .find_map(|(field, kind)| {
            let title = title_at(&cells::expansion(field))?;
            let plural = kehu_domain::kinds::find(kind)?.plural;
            Some((title.to_owned(), urls::record(plural, text(record, field))))
        })
        .unwrap_or_else(|| {
            (
                String::new(),
                urls::record("activities", text(record, "id")),
            )
        });
    let glyph = crate::widgets::timeline_view::activity_glyph(text(record, "activity_type"));
    let when = format::moment(text(record, "occurred_at"));
    let who = title_at("owner").unwrap_or_default().to_owned();
    let content = text(record, "content").to_owned();
    view! {
        <a class="related-line" href=about.1>
            <Icon glyph=glyph />
            <span class="related-text">
                <b class="clip">{about.0}</b>
                <small class="muted clip">{content}</small>
            </span>
            <small class="muted nowrap">{when} " " {who}</small>
        </a>
    }
    .into_any()
}
