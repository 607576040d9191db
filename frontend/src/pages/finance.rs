//! Finance's desk: payments to confirm, receivables that are overdue, payments that settle nothing yet,
//! and how old what is owed is.

use kehu_client::records::ListQuery;
use kehu_wire::Record;
use kehu_wire::money::{Ageing, AgeingRow, DaysSalesOutstanding};
use kehu_wire::page::Page;
use leptos::prelude::*;

use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::urls;
use crate::widgets::load::{Load, fetch, problem_view};
use crate::widgets::lookups::{text, title_of};
use crate::widgets::money::asks::{Act, Ask, AskDialog};
use crate::widgets::money::payment::confirm;
use crate::widgets::money::{code_of, expanded, handles_money};
use crate::widgets::month::overdue_line;
use crate::{format, t, tf};

/// How many lines each list shows.
const MOST: u32 = 50;
/// How many rows the table of ages shows; the others are summed in one.
const MOST_ROWS: usize = 50;
/// How many rows the chart of ages shows.
const MOST_BARS: usize = 10;

/// The page `/finance`.
#[component]
pub(crate) fn Finance() -> impl IntoView {
    let app = App::here();
    app.place(vec![Crumb::here(t!("money.desk"))]);
    if !handles_money(app) {
        return view! {
            <h1 class="visually-hidden">{t!("money.desk")}</h1>
            <EmptyState glyph=Glyph::Lock title=t!("problem.code.money_only") text=t!("problem.forbidden") />
        }
        .into_any();
    }
    let asked = RwSignal::new(None::<Ask>);
    view! {
        <div class="page-pad finance">
            <PageHead title=t!("money.desk")>
                <ButtonLink href="/payments/new" icon=Glyph::Plus>
                    {t!("money.report")}
                </ButtonLink>
            </PageHead>
            <div class="workbench-grid">
                <div class="stack">
                    <Waiting
                        plural="payments"
                        filter="status == \"reported\"".to_owned()
                        sort="received_on"
                        expand="customer,contract,owner"
                        sum="amount"
                        title=t!("money.to_confirm")
                        none=t!("money.none_to_confirm")
                        line=Callback::new(move |record: Record| to_confirm(&record, asked))
                    />
                    <Waiting
                        plural="payments"
                        filter="status == \"confirmed\" && unallocated_amount > 0".to_owned()
                        sort="received_on"
                        expand="customer"
                        sum="unallocated_amount"
                        title=t!("money.to_allocate")
                        none=t!("money.none_to_allocate")
                        line=Callback::new(|record: Record| to_allocate(&record))
                    />
                </div>
                <div class="stack">
                    <Dso />
                    <Waiting
                        plural="receivables"
                        filter=format!("overdue_from <= date(\"{}\")", format::today())
                        sort="overdue_from"
                        expand="customer,contract"
                        sum="outstanding_amount"
                        title=t!("money.overdue_title")
                        none=t!("money.none_overdue")
                        line=Callback::new(|record: Record| overdue_line(&record))
                    />
                </div>
            </div>
            <Ages />
            <AskDialog asked=asked on_done=move |()| {} />
        </div>
    }
    .into_any()
}

#[component]
fn Waiting(
    plural: &'static str,
    filter: String,
    sort: &'static str,
    expand: &'static str,
    sum: &'static str,
    title: &'static str,
    none: &'static str,
    line: Callback<Record, AnyView>,
) -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<Page>::Loading);
    let query = StoredValue::new(ListQuery {
        filter,
        sort: sort.to_owned(),
        expand: expand.to_owned(),
        limit: Some(MOST),
        count: "capped",
        ..ListQuery::default()
    });
    let read = move || {
        let query = query.get_value();
        fetch(load, async move { API.list(plural, &query).await });
    };
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    let count = Signal::derive(move || match load.get() {
        Load::Ready(page) => usize::try_from(page.count.unwrap_or_default()).unwrap_or_default(),
        _ => 0,
    });
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=3 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(page) if page.items.is_empty() => {
            view! { <p class="muted card-none">{none}</p> }.into_any()
        }
        Load::Ready(page) => page
            .items
            .into_iter()
            .map(|record| line.run(record))
            .collect_view()
            .into_any(),
    };
    let sums = move || load.with(|load| sums_of(load, sum));
    view! {
        <Card
            title=title
            flush=true
            after_title=move || view! { <Count value=count /> }
            more=move || view! { <b class="num desk-sum">{sums}</b> }
        >
            {body}
        </Card>
    }
}

/// What the lines of a list come to, by currency; nothing where there are more than are shown.
fn sums_of(load: &Load<Page>, field: &str) -> Option<String> {
    let Load::Ready(page) = load else { return None };
    if page.next_cursor.is_some() {
        return None;
    }
    let mut sums: Vec<(String, i64)> = Vec::new();
    for (minor, code) in page
        .items
        .iter()
        .filter_map(|record| format::money_parts(record.get(field)?))
    {
        match sums.iter_mut().find(|(known, _)| *known == code) {
            Some((_, sum)) => *sum += minor,
            None => sums.push((code, minor)),
        }
    }
    let texts = sums
        .iter()
        .map(|(code, minor)| format::minor(*minor, code))
        .collect::<Vec<_>>();
    Some(texts.join(" · "))
}

fn payment_text(record: &Record) -> AnyView {
    let href = urls::record("payments", text(record, "id"));
    let customer = expanded(record, "customer");
    let title = if customer.is_empty() {
        title_of(&kehu_domain::payment::DEF, record)
    } else {
        customer
    };
    let below: Vec<String> = [
        text(record, "number").to_owned(),
        format::day(text(record, "received_on")),
        expanded(record, "contract"),
        text(record, "payer").to_owned(),
        expanded(record, "owner"),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect();
    view! {
        <a class="next-text desk-text" href=href>
            <b>{title}</b>
            <span class="muted clip">{below.join(" · ")}</span>
        </a>
    }
    .into_any()
}

fn to_confirm(record: &Record, asked: RwSignal<Option<Ask>>) -> AnyView {
    let pending = RwSignal::new(false);
    let id = StoredValue::new(text(record, "id").to_owned());
    let code = StoredValue::new(code_of(record, "amount"));
    let whole = !text(record, "customer_id").is_empty();
    let amount = record.get("amount").map(format::amount);
    let press = move |()| {
        confirm(
            id.get_value(),
            code.get_value(),
            whole,
            pending,
            Callback::new(|()| ()),
        );
    };
    let words = if whole {
        t!("money.confirm_oldest")
    } else {
        t!("money.confirm")
    };
    view! {
        <div class="next-line">
            {payment_text(record)}
            <b class="num nowrap">{amount}</b>
            <IconButton
                glyph=Glyph::Close
                label=t!("money.reject")
                small=true
                on_press=move |()| asked.set(Some(Ask::new(Act::Reject, &id.get_value())))
            />
            <Button small=true kind=ButtonKind::Primary pending=pending on_press=press>
                {words}
            </Button>
        </div>
    }
    .into_any()
}

fn to_allocate(record: &Record) -> AnyView {
    let href = urls::record("payments", text(record, "id"));
    let amount = record.get("unallocated_amount").map(format::amount);
    let words = if text(record, "customer_id").is_empty() {
        t!("money.match")
    } else {
        t!("money.allocate")
    };
    view! {
        <div class="next-line">
            {payment_text(record)}
            <b class="num nowrap">{amount}</b>
            <ButtonLink small=true href=href>
                {words}
            </ButtonLink>
        </div>
    }
    .into_any()
}

/// How many days' sales are outstanding.
#[component]
fn Dso() -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<DaysSalesOutstanding>::Loading);
    let read = move || fetch(load, API.days_sales_outstanding());
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    let code = app.currency();
    move || match load.get() {
        Load::Loading => view! { <Skeleton height="84px" /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(found) => {
            let days = found
                .dso_days_tenths
                .map_or_else(|| "—".to_owned(), |tenths| format::decimal(tenths, 1));
            let money = |minor: i64| {
                format::amount_short(&serde_json::json!({"amount": minor, "currency": code}))
            };
            let foot = format!("{} {}", t!("money.outstanding"), money(found.receivables));
            let foot_end = format!("{} {}", t!("money.sales_90"), money(found.credit_sales));
            view! {
                <Figure
                    label=t!("money.dso")
                    value=days
                    goal=t!("money.days")
                    foot=foot
                    foot_end=foot_end
                />
            }
            .into_any()
        }
    }
}

/// How old what is owed is.
#[component]
fn Ages() -> impl IntoView {
    let app = App::here();
    let by = RwSignal::new("customer".to_owned());
    let load = RwSignal::new(Load::<Ageing>::Loading);
    let read = move || {
        let by = by.get_untracked();
        fetch(load, async move { API.ageing(&by).await });
    };
    Effect::new(move |_| {
        app.written.track();
        by.track();
        read();
    });
    let code = StoredValue::new(app.currency());
    let ways = vec![
        Tab::new("customer", t!("money.by_customer")),
        Tab::new("owner", t!("money.by_owner")),
        Tab::new("department", t!("money.by_department")),
    ];
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=5 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(found) if found.rows.is_empty() => {
            view! { <p class="muted card-none">{t!("money.nothing_open")}</p> }.into_any()
        }
        Load::Ready(found) => ages_view(&found, &code.get_value(), &by.get_untracked()),
    };
    view! {
        <Card
            title=t!("money.ageing")
            flush=true
            more=move || {
                view! {
                    <Segment choices=ways value=by on_change=move |key| by.set(key) label=t!("money.ageing") />
                }
            }
        >
            {body}
        </Card>
    }
}

const fn ages_of(row: &AgeingRow) -> [i64; 5] {
    [
        row.not_due,
        row.days_1_30,
        row.days_31_60,
        row.days_61_90,
        row.over_90,
    ]
}

fn ages_view(found: &Ageing, code: &str, by: &str) -> AnyView {
    let names = [
        t!("money.not_due"),
        t!("money.days_1_30"),
        t!("money.days_31_60"),
        t!("money.days_61_90"),
        t!("money.over_90"),
    ];
    let most = found.rows.iter().map(|row| row.total).max().unwrap_or(1);
    let heads = names
        .iter()
        .map(|name| view! { <th scope="col" class="num">{*name}</th> })
        .collect_view();
    let tones = ["accent", "info", "warning", "warning", "danger"];
    let bar = |row: &AgeingRow| {
        let parts = ages_of(row)
            .into_iter()
            .zip(names)
            .zip(tones)
            .filter(|((minor, _), _)| *minor > 0)
            .map(|((minor, name), tone)| {
                let width = format!("{:.2}%", crate::widgets::money::share(minor, most) * 100.0);
                let title = format!("{name} {}", format::minor(minor, code));
                view! { <i data-tone=tone style:width=width title=title></i> }
            })
            .collect_view();
        view! { <span class="age-bar" aria-hidden="true">{parts}</span> }
    };
    let row = |row: &AgeingRow, nth: usize| {
        let figures = ages_of(row)
            .into_iter()
            .zip(names)
            .map(|(minor, name)| {
                let text = if minor == 0 {
                    "—".to_owned()
                } else {
                    format::minor(minor, code)
                };
                view! { <td class="num" data-label=name>{text}</td> }
            })
            .collect_view();
        let title = if row.title.is_empty() {
            "—".to_owned()
        } else {
            row.title.clone()
        };
        let title = match (by, row.key) {
            ("customer", Some(key)) => {
                let href = urls::record("customers", &key.to_string());
                view! { <a class="quiet-link" href=href>{title}</a> }.into_any()
            }
            _ => title.into_any(),
        };
        let drawn = (nth < MOST_BARS).then(|| bar(row));
        view! {
            <tr>
                <td data-label="">{title}</td>
                <td class="age-cell">{drawn}</td>
                {figures}
                <td class="num" data-label=t!("money.total")>
                    <b>{format::minor(row.total, code)}</b>
                </td>
            </tr>
        }
        .into_any()
    };
    let (shown, others) = found
        .rows
        .split_at_checked(MOST_ROWS)
        .unwrap_or((&found.rows, &[]));
    let rows = shown
        .iter()
        .zip(0_usize..)
        .map(|(one, nth)| row(one, nth))
        .collect_view();
    let others = (!others.is_empty()).then(|| {
        let all = others.iter().fold(AgeingRow::default(), |mut all, one| {
            all.not_due += one.not_due;
            all.days_1_30 += one.days_1_30;
            all.days_31_60 += one.days_31_60;
            all.days_61_90 += one.days_61_90;
            all.over_90 += one.over_90;
            all.total += one.total;
            all
        });
        let title = tf!("money.others", n = others.len());
        row(&AgeingRow { title, ..all }, MOST_BARS)
    });
    view! {
        <div class="lines-read" tabindex="0" role="region" aria-label=t!("money.ageing")>
            <table class="simple-table ages">
                <thead>
                    <tr>
                        <th scope="col">{t!("money.who")}</th>
                        <th scope="col">
                            <span class="visually-hidden">{t!("money.ageing")}</span>
                        </th>
                        {heads}
                        <th scope="col" class="num">{t!("money.total")}</th>
                    </tr>
                </thead>
                <tbody>{rows} {others}</tbody>
            </table>
        </div>
    }
    .into_any()
}
