//! The workbench's figures of the month, what is overdue, what is hot, and the person's funnel.

use kehu_client::records::ListQuery;
use kehu_wire::Record;
use kehu_wire::money::{Figure as MonthFigure, Figures};
use kehu_wire::opportunity::Board;
use kehu_wire::page::Page;
use leptos::prelude::*;

use crate::i18n::find;
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::urls::{self, ListState};
use crate::widgets::load::{Load, fetch, problem_view};
use crate::widgets::lookups::{text, title_of};
use crate::widgets::money::{expanded, share, standing};
use crate::{format, t, tf};

/// Target, actual and pace of this month, one's own or the team's.
#[component]
pub(crate) fn Month() -> impl IntoView {
    let app = App::here();
    let whose = RwSignal::new("me".to_owned());
    let load = RwSignal::new(Load::<Figures>::Loading);
    let read = move || {
        let whose = whose.get_untracked();
        fetch(load, async move { API.month_figures(&whose).await });
    };
    Effect::new(move |_| {
        app.written.track();
        whose.track();
        read();
    });
    let choices = vec![
        Tab::new("me", t!("money.mine")),
        Tab::new("team", t!("money.team")),
    ];
    let code = app.currency();
    let body = move || match load.get() {
        Load::Loading => view! { <div class="figures"><Skeleton height="96px" /></div> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(figures) => {
            let shown = figures
                .figures
                .iter()
                .filter(|one| one.metric != "won_amount")
                .map(|one| figure_view(one, &figures, &code))
                .collect_view();
            view! { <div class="figures targets">{shown}</div> }.into_any()
        }
    };
    view! {
        <section class="stack" aria-label=t!("money.month")>
            <div class="targets-head">
                <h2>{t!("money.month")}</h2>
                <span class="grow"></span>
                <Segment choices=choices value=whose on_change=move |key| whose.set(key) label=t!("money.whose") />
            </div>
            {body}
        </section>
    }
}

fn figure_view(one: &MonthFigure, all: &Figures, code: &str) -> AnyView {
    let write = |value: i64| {
        if one.is_money {
            format::amount_short(&serde_json::json!({"amount": value, "currency": code}))
        } else {
            format::number(value)
        }
    };
    let due = all
        .planned_receipts
        .filter(|due| one.metric == "receipts" && *due > 0);
    let due = due.map(|due| tf!("money.receipts_due", amount = write(due)));
    let label = find(&format!("target.choice.metric.{}", one.metric)).unwrap_or_default();
    let actual = write(one.actual);
    let Some(planned) = one.planned.filter(|planned| *planned > 0) else {
        let foot = due.unwrap_or_else(|| t!("money.no_target").to_owned());
        return view! { <Figure label=label value=actual foot=foot /> }.into_any();
    };
    let reached = share(one.actual, planned);
    let pace = format::float(all.pace) / 10_000.0;
    // Behind or ahead of what the month should have brought by today, in percent of the target.
    let ahead = (format::float(one.actual) / format::float(planned) - pace) * 100.0;
    let tone = match ahead {
        ..-10.0 => Tone::Danger,
        -10.0..0.0 => Tone::Warning,
        _ => Tone::Success,
    };
    let change = tf!("money.against_pace", n = format!("{ahead:+.0}"));
    let foot = tf!(
        "money.reached",
        n = format!(
            "{:.1}",
            format::float(one.actual) / format::float(planned) * 100.0
        )
    );
    let foot_end = due.unwrap_or_default();
    let bar = if tone == Tone::Success {
        Tone::Accent
    } else {
        tone
    };
    view! {
        <Figure
            label=label
            value=actual
            goal=format!("/ {}", write(planned))
            change=change
            change_tone=tone
            progress=Signal::stored(Some(reached))
            pace=Some(pace)
            tone=bar
            foot=foot
            foot_end=foot_end
        />
    }
    .into_any()
}

/// A card with the first records of a list; nothing while there are none.
#[component]
fn Few(
    plural: &'static str,
    query: ListQuery,
    title: &'static str,
    #[prop(optional)] hot: bool,
    line: fn(&Record) -> AnyView,
) -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<Page>::Loading);
    let all = ListState {
        view: "all".to_owned(),
        filter: query.filter.clone(),
        sort: query.sort.clone(),
        ..ListState::default()
    }
    .href(plural);
    let (query, all) = (StoredValue::new(query), StoredValue::new(all));
    let read = move || {
        let query = query.get_value();
        fetch(load, async move { API.list(plural, &query).await });
    };
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    move || match load.get() {
        Load::Ready(page) if !page.items.is_empty() => {
            let count = usize::try_from(page.count.unwrap_or_default()).unwrap_or_default();
            let lines = page.items.iter().map(line).collect_view();
            view! {
                <Card
                    title=title
                    flush=true
                    after_title=move || view! { <Count value=count hot=hot /> }
                    more=move || view! { <a class="link" href=all.get_value()>{t!("record.all")}</a> }
                >
                    {lines}
                </Card>
            }
            .into_any()
        }
        Load::Problem(error) => {
            let inside = problem_view(&error, Callback::new(move |()| read()));
            view! { <Card title=title>{inside}</Card> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// What customers of mine should have paid by now.
#[component]
pub(crate) fn Overdue() -> impl IntoView {
    let query = ListQuery {
        filter: format!(
            "owner_id == me && overdue_from <= date(\"{}\")",
            format::today()
        ),
        sort: "overdue_from".to_owned(),
        expand: "customer,contract".to_owned(),
        limit: Some(5),
        count: "capped",
        ..ListQuery::default()
    };
    view! { <Few plural="receivables" query=query title=t!("money.overdue_title") hot=true line=overdue_line /> }
}

/// A receivable that is overdue, leading to its contract.
pub(crate) fn overdue_line(record: &Record) -> AnyView {
    let (tone, words) = standing(record);
    let href = urls::record("contracts", text(record, "contract_id"));
    let amount = record.get("outstanding_amount").map(format::amount);
    view! {
        <a class="related-line" href=href>
            <span class="related-text">
                <b class="clip">{expanded(record, "customer")}</b>
                <small class="muted clip">{expanded(record, "contract")}</small>
            </span>
            <b class="num nowrap">{amount}</b>
            <Badge tone=tone>{words}</Badge>
        </a>
    }
    .into_any()
}

/// Open opportunities of mine that are marked hot.
#[component]
pub(crate) fn Hot() -> impl IntoView {
    let query = ListQuery {
        filter: "owner_id == me && hot == true && status == \"open\"".to_owned(),
        sort: "expected_close_on".to_owned(),
        expand: "customer,stage".to_owned(),
        limit: Some(5),
        count: "capped",
        ..ListQuery::default()
    };
    view! { <Few plural="opportunities" query=query title=t!("money.hot_title") line=hot_line /> }
}

fn hot_line(record: &Record) -> AnyView {
    let href = urls::record("opportunities", text(record, "id"));
    let title = title_of(&kehu_domain::opportunity::DEF, record);
    let amount = record.get("amount").map(format::amount_short);
    let stage = expanded(record, "stage");
    let day = format::day(text(record, "expected_close_on"));
    let below: Vec<String> = [expanded(record, "customer"), day]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    view! {
        <a class="related-line" href=href>
            <span class="related-text">
                <b class="clip">{title}</b>
                <small class="muted clip">{below.join(" · ")}</small>
            </span>
            <Badge tone=Tone::Accent>{stage}</Badge>
            <b class="num nowrap">{amount}</b>
        </a>
    }
    .into_any()
}

/// My open opportunities by stage.
#[component]
pub(crate) fn Funnel() -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<Board>::Loading);
    let read = move || {
        fetch(load, async move {
            API.opportunity_board("", "owner_id == me", "", 1).await
        });
    };
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    move || match load.get() {
        Load::Ready(board) => funnel_view(&board),
        Load::Problem(error) if error.status() != 404 => {
            let inside = problem_view(&error, Callback::new(move |()| read()));
            view! { <Card title=t!("money.funnel")>{inside}</Card> }.into_any()
        }
        _ => ().into_any(),
    }
}

fn funnel_view(board: &Board) -> AnyView {
    let open: Vec<_> = board
        .stages
        .iter()
        .filter(|one| text(&one.stage, "stage_kind") == "open")
        .collect();
    let most = open.iter().map(|one| one.count).max().unwrap_or(0);
    if most == 0 {
        return ().into_any();
    }
    let short = |minor: i64| {
        format::amount_short(&serde_json::json!({"amount": minor, "currency": board.currency}))
    };
    let weighted: i64 = open.iter().map(|one| one.weighted_amount).sum();
    let bars = open
        .iter()
        .map(|one| {
            let width = share(one.count, most) * 100.0;
            view! {
                <a class="status-bar" href="/opportunities">
                    <span class="clip">{text(&one.stage, "name").to_owned()}</span>
                    <span class="status-track">
                        <span class="status-fill" data-tone="accent" style:width=format!("{width:.1}%")>
                            <b>{format::number(one.count)}</b>
                        </span>
                    </span>
                    <span class="num muted">{short(one.amount)}</span>
                </a>
            }
        })
        .collect_view();
    let said = tf!("money.weighted", amount = short(weighted));
    view! {
        <Card title=t!("money.funnel") more=move || view! { <span class="muted">{said}</span> }>
            {bars}
        </Card>
    }
    .into_any()
}
