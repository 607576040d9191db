//! An import as it stands: its progress, what became of the rows, and what can be done now.

use std::future::Future;
use std::time::Duration;

use kehu_client::Error;
use kehu_domain::import::kind;
use kehu_wire::import::{Import, ImportCounts, ImportProblem, StartImport};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::app::go;
use crate::i18n::{fill, find};
use crate::pages::import::Draft;
use crate::problems::{by_code, field_text};
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::load::{Load, fetch, problem_view, say_problem};
use crate::{format, t, tf};

/// How often a running import is looked at.
const EVERY: Duration = Duration::from_millis(700);

fn working(state: &str) -> bool {
    matches!(state, "checking" | "running" | "undoing")
}

/// Where an import stands, in a word.
pub(crate) fn state_badge(state: &str) -> AnyView {
    let tone = match state {
        "completed" => Tone::Success,
        "failed" => Tone::Danger,
        "cancelled" => Tone::Warning,
        state if working(state) => Tone::Accent,
        _ => Tone::Neutral,
    };
    let text = find(&format!("import.state.{state}")).unwrap_or_default();
    view! { <Badge tone=tone>{text}</Badge> }.into_any()
}

/// A problem of a row in words.
pub(crate) fn problem_text(code: &str, params: &Value) -> String {
    let text = |name: &str| params.get(name).and_then(Value::as_str).unwrap_or_default();
    let row = params.get("row").and_then(Value::as_i64);
    let hidden = params.get("held_by_another_team").is_some();
    let key = match (row, hidden) {
        (Some(_), _) => format!("import.problem.{code}_row"),
        (None, true) => format!("import.problem.{code}_hidden"),
        (None, false) => format!("import.problem.{code}"),
    };
    let Some(words) = find(&key) else {
        return field_text(code, params);
    };
    let (name, title, column) = (text("name"), text("title"), text("column"));
    let row = row.map(format::number).unwrap_or_default();
    fill(
        words,
        &[
            ("name", &name),
            ("title", &title),
            ("column", &column),
            ("row", &row),
        ],
    )
}

/// One import.
#[component]
pub(crate) fn ImportRun(id: String, draft: Draft) -> impl IntoView {
    let app = App::here();
    let toasts = use_toasts();
    let id = StoredValue::new(id);
    let import = RwSignal::new(Load::Loading);
    let look = move || {
        let id = id.get_value();
        fetch(import, async move { API.import(&id).await });
    };
    look();
    let counts = Memo::new(move |_| match import.get() {
        Load::Ready(now) => now.counts,
        Load::Loading | Load::Problem(_) => ImportCounts::default(),
    });
    let active = Memo::new(move |_| {
        import.with(|load| matches!(load, Load::Ready(import) if working(&import.state)))
    });
    let tick = move || {
        if active.get_untracked() {
            look();
        }
    };
    if let Ok(timer) = set_interval_with_handle(tick, EVERY) {
        on_cleanup(move || timer.clear());
    }
    let act = move |call: std::pin::Pin<Box<dyn Future<Output = Result<Import, Error>>>>| {
        spawn_local(async move {
            match call.await {
                Ok(now) => {
                    let _ = import.try_set(Load::Ready(now));
                    app.note_write();
                }
                Err(error) => say_problem(toasts, &error),
            }
        });
    };
    let actions = move |now: &Import| {
        let open = |verb: &str| now.open.iter().any(|o| o == verb);
        let begun = now.counts.created + now.counts.updated > 0 && now.state != "checked";
        let label = if begun {
            t!("import.go_on")
        } else {
            t!("import.run")
        };
        let start = open("start") && now.mapping.is_some();
        let mapped = draft.file.with_value(Option::is_some) && !begun && open("start");
        let refused = now.counts.refused > 0 && !working(&now.state);
        let href = format!("/api/v1/imports/{}/refused.csv", now.id);
        let list = now
            .mapping
            .as_ref()
            .and_then(|m| kind(&m.kind))
            .map(kinds::list_href);
        let done = now.state == "completed";
        view! {
            <div class="import-actions">
                {start.then(|| view! {
                    <Button kind=ButtonKind::Primary on_press=move |()| {
                        let id = id.get_value();
                        act(Box::pin(async move { API.start_import(&id, &StartImport::default()).await }));
                    }>{label}</Button>
                })}
                {done.then(|| list.map(|href| view! {
                    <ButtonLink kind=ButtonKind::Primary href=href>{t!("import.list")}</ButtonLink>
                }))}
                {mapped.then(|| view! {
                    <Button on_press=move |()| go("/import")>{t!("import.change")}</Button>
                })}
                {open("cancel").then(|| view! {
                    <Button on_press=move |()| {
                        let id = id.get_value();
                        act(Box::pin(async move { API.cancel_import(&id).await }));
                    }>{t!("import.stop")}</Button>
                })}
                {refused.then(|| view! {
                    <ButtonLink href=href icon=Glyph::Download download=true>
                        {t!("import.refused_file")}
                    </ButtonLink>
                })}
                {open("undo").then(|| view! {
                    <Button on_press=move |()| {
                        let id = id.get_value();
                        act(Box::pin(async move { API.undo_import(&id).await }));
                    }>{t!("import.undo")}</Button>
                })}
                {(!working(&now.state)).then(|| view! {
                    <Button kind=ButtonKind::Quiet on_press=move |()| {
                        draft.preview.set(None);
                        go("/import");
                    }>{t!("import.again")}</Button>
                })}
            </div>
        }
    };
    view! {
        <div class="import">
            {move || match import.get() {
                Load::Loading => view! { <Skeleton width="100%" height="160px" /> }.into_any(),
                Load::Problem(error) => problem_view(&error, Callback::new(move |()| look())),
                Load::Ready(now) => {
                    let (badge, status) = (state_badge(&now.state), status(&now));
                    let (actions, figures) = (actions(&now), figures(&now));
                    view! {
                        <PageHead title=now.file_name>{badge}</PageHead>
                        {status}
                        {actions}
                        {figures}
                    }
                        .into_any()
                }
            }}
            {move || {
                let quiet = !active.get();
                quiet.then(|| view! { <Problems id=id.get_value() counts=counts /> })
            }}
        </div>
    }
}

/// The progress of a run, or what its end means.
fn status(now: &Import) -> AnyView {
    if working(&now.state) && now.state != "undoing" {
        let total = now.rows_total.unwrap_or(0);
        let part = (total > 0).then(|| format::float(now.rows_done) / format::float(total));
        let (done, of) = (format::number(now.rows_done), format::number(total));
        let text = tf!("import.progress", done = done, total = of);
        let rate = now
            .rows_per_second
            .map(|rate| tf!("import.rate", rate = format::number(rate)));
        let left = now
            .seconds_remaining
            .map(|left| tf!("import.left", n = left));
        return view! {
            <Card>
                <div class="import-progress">
                    <ProgressBar value=Signal::derive(move || part) label=t!("import.title") />
                    <div aria-live="polite">
                        <span>{text}</span>
                        <span>{rate}</span>
                        <span>{left}</span>
                        <span class="muted">{t!("import.leave")}</span>
                    </div>
                </div>
            </Card>
        }
        .into_any();
    }
    match now.state.as_str() {
        "checked" => view! { <Note>{t!("import.would")}</Note> }.into_any(),
        "failed" => {
            let error = now.error.clone().unwrap_or_default();
            let mut texts: Vec<String> = by_code(&error.code).into_iter().collect();
            texts.extend(
                error
                    .errors
                    .iter()
                    .map(|e| problem_text(&e.code, &e.params)),
            );
            view! { <Note tone=Tone::Danger>{t!("import.failed")} " " {texts.join(" ")}</Note> }
                .into_any()
        }
        _ => ().into_any(),
    }
}

fn figures(now: &Import) -> AnyView {
    let counts = now.counts;
    let all = [
        ("created", counts.created),
        ("updated", counts.updated),
        ("duplicates", counts.duplicates),
        ("refused", counts.refused),
        ("warnings", counts.warnings),
        ("likely_duplicates", counts.likely_duplicates),
        ("others_created", counts.others_created),
        ("undone", counts.undone),
        ("kept", counts.kept),
    ];
    let always = ["created", "duplicates", "refused"];
    let shown = all
        .into_iter()
        .filter(|(name, n)| *n > 0 || always.contains(name));
    let figure = |(name, count): (&str, i64)| {
        let label = find(&format!("import.count.{name}")).unwrap_or_default();
        view! { <div class="card"><span class="muted">{label}</span><b>{format::number(count)}</b></div> }
    };
    view! { <div class="import-figures">{shown.map(figure).collect_view()}</div> }.into_any()
}

#[component]
fn Problems(id: String, counts: Memo<ImportCounts>) -> impl IntoView {
    let toasts = use_toasts();
    let id = StoredValue::new(id);
    let severity = RwSignal::new(String::new());
    let items = RwSignal::new(Vec::<ImportProblem>::new());
    let next = RwSignal::new(None::<String>);
    let ready = RwSignal::new(false);
    let look = move |cursor: String| {
        let (id, of) = (id.get_value(), severity.get_untracked());
        spawn_local(async move {
            match API.import_problems(&id, &of, &cursor).await {
                Ok(page) => {
                    let _ = items.try_update(|items| {
                        if cursor.is_empty() {
                            items.clear();
                        }
                        items.extend(page.items);
                    });
                    let _ = next.try_set(page.next_cursor);
                    let _ = ready.try_set(true);
                }
                Err(error) => say_problem(toasts, &error),
            }
        });
    };
    look(String::new());
    let tabs = Signal::derive(move || {
        let counts = counts.get();
        let severities = [
            ("refused", counts.refused),
            ("warning", counts.warnings),
            ("duplicate", counts.duplicates),
            ("likely_duplicate", counts.likely_duplicates),
            ("kept", counts.kept),
        ];
        let there = severities.into_iter().filter(|(_, n)| *n > 0);
        let tab = |(code, n)| {
            let label = find(&format!("import.severity.{code}")).unwrap_or_default();
            Tab::new(code, label).count(format::number(n))
        };
        let all = Tab::new("", t!("import.severity.all"));
        [all].into_iter().chain(there.map(tab)).collect::<Vec<_>>()
    });
    let row = |problem: ImportProblem| {
        let number = if problem.row > 0 {
            format::number(problem.row)
        } else {
            String::new()
        };
        view! {
            <tr>
                <td class="num">{number}</td>
                <td>{problem.column.clone().unwrap_or_default()}</td>
                <td>{problem_text(&problem.code, &problem.params)}</td>
                <td class="muted">{find(&format!("import.severity.{}", problem.severity)).unwrap_or_default()}</td>
            </tr>
        }
    };
    view! {
        <Card title=t!("import.problems") flush=true>
            <Tabs tabs=tabs value=severity label=t!("import.problems") id="import-problems"
                on_change=move |key: String| {
                    severity.set(key);
                    look(String::new());
                } />
            <TabPanel id="import-problems" value=severity>
                {move || if ready.get() && items.with(Vec::is_empty) {
                    view! { <EmptyState glyph=Glyph::Check title=t!("import.no_problems") /> }.into_any()
                } else {
                    view! {
                        <div class="import-scroll">
                            <table class="import-table">
                                <thead>
                                    <tr>
                                        <th class="num">{t!("import.row")}</th>
                                        <th>{t!("import.column")}</th>
                                        <th>{t!("import.what")}</th>
                                        <td></td>
                                    </tr>
                                </thead>
                                <tbody>{move || items.get().into_iter().map(row).collect_view()}</tbody>
                            </table>
                        </div>
                    }
                        .into_any()
                }}
                {move || next.get().map(|cursor| view! {
                    <div class="card-body">
                        <Button small=true on_press=move |()| look(cursor.clone())>{t!("import.more")}</Button>
                    </div>
                })}
            </TabPanel>
        </Card>
    }
}
