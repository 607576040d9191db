//! A customer's money: balances by currency, and the statement with what is owed after each line.

use chrono::NaiveDate;
use kehu_client::records::ListQuery;
use kehu_wire::Record;
use kehu_wire::money::{CurrencyBalance, CustomerBalance, Statement, StatementEntry};
use kehu_wire::page::Page;
use leptos::prelude::*;

use crate::i18n::find;
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::urls::{self, ListState};
use crate::widgets::load::{Load, fetch, problem_view};
use crate::widgets::lookups::text;
use crate::widgets::money::contract::report_href;
use crate::widgets::money::{day_of, expanded, minor_of, standing};
use crate::widgets::texts::date_texts;
use crate::{format, t, tf};

/// How many open receivables are shown; the list has the rest.
const MOST: u32 = 20;
/// How many lines of a statement are drawn until somebody asks for the ones before.
const LINES: usize = 200;

/// Balances and statement.
#[component]
pub(crate) fn CustomerMoney(
    /// The customer.
    id: String,
    /// What the customer is called.
    name: String,
) -> impl IntoView {
    let app = App::here();
    let id = StoredValue::new(id);
    let load = RwSignal::new(Load::<CustomerBalance>::Loading);
    let chosen = RwSignal::new(app.currency());
    let read = move || {
        fetch(
            load,
            async move { API.customer_balance(&id.get_value()).await },
        )
    };
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    // What was chosen for the statement stays while the balances do.
    let balance = Memo::new(move |_| {
        load.with(|load| match load {
            Load::Ready(balance) => Some(balance.clone()),
            _ => None,
        })
    });
    let body = move || match balance.get() {
        None => match load.get() {
            Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
            _ => view! { <SkeletonRows rows=4 label=t!("common.loading") /> }.into_any(),
        },
        Some(balance) => {
            let codes: Vec<String> = balance
                .currencies
                .iter()
                .map(|one| one.currency.clone())
                .collect();
            if let (false, Some(first)) = (codes.contains(&chosen.get_untracked()), codes.first()) {
                chosen.set(first.clone());
            }
            let choices: Vec<Choice> = codes
                .iter()
                .map(|code| Choice::new(code.clone(), code.clone()))
                .collect();
            if balance.currencies.is_empty() {
                return view! { <p class="muted card-none">{t!("money.no_money")}</p> }.into_any();
            }
            view! {
                {balance.currencies.iter().map(|one| balance_view(&id.get_value(), one)).collect_view()}
                <OpenReceivables id=id />
                <StatementView id=id chosen=chosen choices=choices name=name.clone() />
            }
            .into_any()
        }
    };
    view! { <div class="money-tab">{body}</div> }
}

fn balance_view(id: &str, one: &CurrencyBalance) -> AnyView {
    let code = one.currency.as_str();
    let figure = |key: &str, minor: i64, hot: bool| {
        let name = find(key).unwrap_or_default();
        view! {
            <div class:hot=hot>
                <dt>{name}</dt>
                <dd>{format::minor(minor, code)}</dd>
            </div>
        }
    };
    let rare = |key: &str, minor: i64| (minor != 0).then(|| figure(key, minor, false));
    let value = Signal::stored(Some(crate::widgets::money::share(one.paid, one.contracted)));
    let report = report_href(id, "", 0, code);
    view! {
        <div class="money-sum boxed">
            <dl>
                {figure("money.contracted", one.contracted, false)}
                {figure("money.paid", one.paid, false)}
                {figure("money.outstanding", one.outstanding, false)}
                {figure("money.overdue", one.overdue, one.overdue > 0)}
                {rare("money.unallocated", one.unallocated)}
                {rare("money.written_off", one.written_off)}
                {rare("money.cancelled", one.cancelled)}
            </dl>
            <ProgressBar value=value tone=Signal::stored(Tone::Success) label=t!("money.paid") />
            <ButtonLink small=true icon=Glyph::Banknote href=report>
                {t!("money.report")}
            </ButtonLink>
        </div>
    }
    .into_any()
}

/// What the customer has still to pay, the first due first.
#[component]
fn OpenReceivables(id: StoredValue<String>) -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<Page>::Loading);
    let of_customer = format!("customer_id == \"{}\"", id.get_value());
    let all = ListState {
        view: "all".to_owned(),
        filter: of_customer.clone(),
        sort: "due_on".to_owned(),
        ..ListState::default()
    }
    .href("receivables");
    let query = StoredValue::new(ListQuery {
        filter: format!("{of_customer} && settlement in [\"open\", \"partial\"]"),
        sort: "due_on".to_owned(),
        expand: "contract".to_owned(),
        limit: Some(MOST),
        count: "capped",
        ..ListQuery::default()
    });
    let read = move || {
        let query = query.get_value();
        fetch(load, async move { API.list("receivables", &query).await });
    };
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    let count = Signal::derive(move || {
        load.with(|load| match load {
            Load::Ready(page) => usize::try_from(page.count.unwrap_or_default()).unwrap_or(0),
            _ => 0,
        })
    });
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=3 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(page) if page.items.is_empty() => {
            view! { <p class="muted card-none">{t!("money.nothing_open")}</p> }.into_any()
        }
        Load::Ready(page) => {
            let lines = page.items.iter().map(receivable_line).collect_view();
            view! { <ol class="alloc-rows">{lines}</ol> }.into_any()
        }
    };
    view! {
        <section class="customer-dues" aria-label=t!("money.receivables")>
            <div class="statement-head">
                <h3>{t!("money.receivables")}</h3>
                <Count value=count />
                <span class="grow"></span>
                <a class="link" href=all>
                    {t!("record.all")}
                </a>
            </div>
            {body}
        </section>
    }
}

fn receivable_line(record: &Record) -> AnyView {
    let (tone, words) = standing(record);
    let href = urls::record("contracts", text(record, "contract_id"));
    let due = day_of(record, "due_on")
        .map(format::calendar_day)
        .unwrap_or_default();
    let note = text(record, "note").to_owned();
    let left = record.get("outstanding_amount").map(format::amount);
    // What was paid of it already stands beside what is left.
    let partly = minor_of(record, "outstanding_amount") != minor_of(record, "amount");
    let whole = record
        .get("amount")
        .filter(|_| partly)
        .map(|amount| tf!("money.of_amount", amount = format::amount(amount)));
    view! {
        <li class="alloc-line">
            <div class="due-what">
                <a class="quiet-link clip" href=href>
                    <b>{expanded(record, "contract")}</b>
                </a>
                <span class="due-when">
                    <span class="muted">{due} " " {note}</span>
                    <Badge tone=tone>{words}</Badge>
                </span>
            </div>
            <div class="due-money">
                <b class="num">{left}</b>
                {whole.map(|whole| view! { <small class="muted">{whole}</small> })}
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn StatementView(
    id: StoredValue<String>,
    chosen: RwSignal<String>,
    choices: Vec<Choice>,
    name: String,
) -> impl IntoView {
    let load = RwSignal::new(Load::<Statement>::Loading);
    let range = RwSignal::new((None::<NaiveDate>, None::<NaiveDate>));
    let whole = RwSignal::new(false);
    let read = move || {
        let code = chosen.get_untracked();
        let (from, to) = range.get_untracked();
        let text = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let (from, to) = (text(from), text(to));
        fetch(load, async move {
            API.customer_statement(&id.get_value(), &code, &from, &to)
                .await
        });
    };
    Effect::new(move |_| {
        chosen.track();
        range.track();
        read();
    });
    let several = choices.len() > 1;
    let choices = Signal::stored(choices);
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=4 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(found) => statement_table(&found, &chosen.get_untracked(), whole),
    };
    let print = move |()| {
        // A browser that can't print shows nothing.
        let _ = window().print();
    };
    view! {
        <div class="statement">
            <div class="statement-head">
                <h3>{t!("money.statement")} <span class="print-only">" · " {name}</span></h3>
                <span class="grow"></span>
                {several
                    .then(|| {
                        view! {
                            <Select
                                value=chosen
                                on_change=move |code| chosen.set(code)
                                choices=choices
                                small=true
                                label=Signal::stored(t!("money.currency").to_owned())
                            />
                        }
                    })}
                <DateRangeInput
                    value=range
                    on_change=move |new| range.set(new)
                    texts=date_texts()
                    label=t!("money.period")
                />
                <Button small=true icon=Glyph::Document on_press=print>
                    {t!("money.print")}
                </Button>
            </div>
            {body}
        </div>
    }
}

fn statement_table(found: &Statement, code: &str, whole: RwSignal<bool>) -> AnyView {
    let hidden = if whole.get() {
        0
    } else {
        found.entries.len().saturating_sub(LINES)
    };
    let shown = found.entries.get(hidden..).unwrap_or_default();
    let opening = hidden
        .checked_sub(1)
        .and_then(|last| found.entries.get(last))
        .map_or(found.opening, |entry| entry.balance);
    let earlier = (hidden > 0).then(|| {
        view! {
            <div class="card-pad">
                <Button small=true on_press=move |()| whole.set(true)>
                    {tf!("money.earlier", n = hidden)}
                </Button>
            </div>
        }
    });
    let money = |minor: i64| {
        // A cell without anything in it is left out on a phone.
        (minor != 0).then(|| format::minor(minor, code))
    };
    let row = |entry: &StatementEntry| {
        let words = find(&format!("money.entry.{}", entry.kind)).unwrap_or_default();
        let title = entry.title.clone().unwrap_or_default();
        let plural = match entry.kind.as_str() {
            "contract" => Some("contracts"),
            "payment" | "reversal" => Some("payments"),
            _ => None,
        };
        let title = match plural {
            Some(plural) => {
                let href = urls::record(plural, &entry.id.to_string());
                view! { <a class="quiet-link" href=href>{title}</a> }.into_any()
            }
            None => title.into_any(),
        };
        let day = entry
            .on
            .parse::<NaiveDate>()
            .map(format::calendar_day)
            .unwrap_or_default();
        view! {
            <tr>
                <td class="nowrap" data-label=t!("money.day")>{day}</td>
                <td data-label=t!("money.what")>
                    <span>{words} " " <span class="muted">{title}</span></span>
                </td>
                <td class="num" data-label=t!("money.charge")>{money(entry.charge)}</td>
                <td class="num" data-label=t!("money.credit")>{money(entry.credit)}</td>
                <td class="num" data-label=t!("money.balance")>
                    <b>{format::minor(entry.balance, code)}</b>
                </td>
            </tr>
        }
        .into_any()
    };
    let edge = |words: &'static str, minor: i64| {
        view! {
            <tr class="statement-edge">
                <td></td>
                <td>{words}</td>
                <td></td>
                <td></td>
                <td class="num" data-label=t!("money.balance")>
                    <b>{format::minor(minor, code)}</b>
                </td>
            </tr>
        }
        .into_any()
    };
    let said = tf!(
        "money.entries",
        n = i64::try_from(found.entries.len()).unwrap_or(i64::MAX)
    );
    view! {
        {earlier}
        <div class="lines-read" tabindex="0" role="region" aria-label=t!("money.statement")>
            <table class="simple-table">
                <caption class="visually-hidden">{said}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!("money.day")}</th>
                        <th scope="col">{t!("money.what")}</th>
                        <th scope="col" class="num">{t!("money.charge")}</th>
                        <th scope="col" class="num">{t!("money.credit")}</th>
                        <th scope="col" class="num">{t!("money.balance")}</th>
                    </tr>
                </thead>
                <tbody>
                    {edge(t!("money.opening"), opening)}
                    {shown.iter().map(row).collect_view()}
                    {edge(t!("money.closing"), found.closing)}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
