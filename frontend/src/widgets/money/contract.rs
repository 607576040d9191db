//! A contract's page: what can be done with it, and its receivables on a time line.

use chrono::NaiveDate;
use kehu_client::records::ListQuery;
use kehu_wire::Record;
use kehu_wire::money::SubmitRequest;
use kehu_wire::page::Page;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::load::{Load, fetch, problem_view};
use crate::widgets::lookups::text;
use crate::widgets::money::asks::{Act, Ask, AskDialog};
use crate::widgets::money::plan::PlanDialog;
use crate::widgets::money::{
    code_of, day_of, explain_money, handles_money, minor_of, share, standing,
};
use crate::widgets::record_view::OneRecord;
use crate::{format, t, tf};

/// The address of the form that reports a payment, filled in.
pub(crate) fn report_href(customer: &str, contract: &str, amount: i64, code: &str) -> String {
    let today = format::today();
    let mut href = format!("/payments/new?customer_id={customer}&received_on={today}");
    if !contract.is_empty() {
        href.push_str(&format!("&contract_id={contract}"));
    }
    if amount > 0 {
        href.push_str(&format!("&amount={amount}+{code}"));
    }
    href
}

/// What can be done with a contract as it stands.
pub(crate) fn buttons(one: OneRecord, record: &Record) -> AnyView {
    let (app, toasts) = (App::here(), use_toasts());
    let id = StoredValue::new(text(record, "id").to_owned());
    let code = StoredValue::new(code_of(record, "amount"));
    let asked = RwSignal::new(None::<Ask>);
    let pending = RwSignal::new(false);
    let submit = move |()| {
        if pending.get_untracked() {
            return;
        }
        pending.set(true);
        spawn_local(async move {
            let request = SubmitRequest::default();
            let result = API.submit_contract(&id.get_value(), &request).await;
            let _ = pending.try_set(false);
            match result {
                Ok(_) => {
                    app.note_write();
                    toasts.success(t!("money.submitted"));
                    one.read();
                }
                Err(error) => toasts.problem(explain_money(
                    &error,
                    &code.try_get_value().unwrap_or_default(),
                )),
            }
        });
    };
    let end = move |()| asked.set(Some(Ask::new(Act::Terminate, &id.get_value())));
    let writable = one.is_writable();
    let inside = match text(record, "status") {
        "draft" if writable => view! {
            <Button kind=ButtonKind::Primary icon=Glyph::Check pending=pending on_press=submit>
                {t!("money.submit")}
            </Button>
        }
        .into_any(),
        "effective" => {
            let href = report_href(
                text(record, "customer_id"),
                text(record, "id"),
                minor_of(record, "outstanding_amount"),
                &code_of(record, "outstanding_amount"),
            );
            view! {
                {writable.then(|| view! { <Button on_press=end>{t!("money.terminate")}</Button> })}
                <ButtonLink kind=ButtonKind::Primary icon=Glyph::Banknote href=href>
                    {t!("money.report")}
                </ButtonLink>
            }
            .into_any()
        }
        _ => ().into_any(),
    };
    view! {
        {inside}
        <AskDialog asked=asked on_done=move |()| one.read() />
    }
    .into_any()
}

/// The receivables of a contract on a time line.
#[component]
pub(crate) fn ContractReceivables(
    /// The contract.
    one: OneRecord,
    /// As it is now.
    record: Record,
) -> impl IntoView {
    let id = text(&record, "id").to_owned();
    let draft = text(&record, "status") == "draft";
    let load = RwSignal::new(Load::<Page>::Loading);
    let receivables = RwSignal::new(Vec::<Record>::new());
    let planning = RwSignal::new(false);
    let asked = RwSignal::new(None::<Ask>);
    let query = StoredValue::new(ListQuery {
        filter: format!("contract_id == \"{id}\""),
        sort: "due_on".to_owned(),
        limit: Some(200),
        ..ListQuery::default()
    });
    let read = move || {
        let query = query.get_value();
        fetch(load, async move { API.list("receivables", &query).await });
    };
    Effect::new(move |_| {
        one.turn.track();
        read();
    });
    Effect::new(move |_| {
        if let Load::Ready(page) = load.get() {
            let mut items = page.items;
            items.sort_by_key(|item| {
                (
                    text(item, "due_on").to_owned(),
                    item.get("position").and_then(serde_json::Value::as_i64),
                )
            });
            receivables.set(items);
        }
    });
    let contract = StoredValue::new(record.clone());
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=3 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(_) if receivables.with(Vec::is_empty) => {
            let words = if draft {
                t!("money.none_planned")
            } else {
                t!("money.no_receivables")
            };
            view! { <p class="muted card-none">{words}</p> }.into_any()
        }
        Load::Ready(_) => {
            let all = receivables.get();
            let writable = one.is_writable();
            let lines = all
                .iter()
                .zip(1_usize..)
                .map(|(item, nth)| {
                    contract.with_value(|contract| {
                        receivable_line(contract, item, nth, writable, asked)
                    })
                })
                .collect_view();
            view! {
                {due_line(&all)}
                <ol class="dues">{lines}</ol>
            }
            .into_any()
        }
    };
    let total = minor_of(&record, "amount");
    let code = StoredValue::new(code_of(&record, "amount"));
    let missing = move || {
        let planned: i64 =
            receivables.with(|all| all.iter().map(|item| minor_of(item, "amount")).sum());
        let off = total - planned;
        (draft && off != 0 && matches!(load.get(), Load::Ready(_))).then(|| {
            let amount = format::minor(off.abs(), &code.get_value());
            let words = if off > 0 {
                tf!("money.missing", amount = amount)
            } else {
                tf!("money.too_much", amount = amount)
            };
            view! { <Badge tone=Tone::Warning>{words}</Badge> }
        })
    };
    let late = move || {
        let late = receivables.with(|all| {
            all.iter()
                .filter(|item| standing(item).0 == Tone::Danger)
                .map(|item| minor_of(item, "outstanding_amount"))
                .sum::<i64>()
        });
        (late > 0).then(|| {
            let words = tf!(
                "money.late_sum",
                amount = format::minor(late, &code.get_value())
            );
            view! { <Badge tone=Tone::Danger>{words}</Badge> }
        })
    };
    let plan = move || {
        (draft && one.is_writable()).then(|| {
            view! {
                <Button small=true icon=Glyph::Calendar on_press=move |()| planning.set(true)>
                    {t!("money.plan")}
                </Button>
            }
        })
    };
    view! {
        <Card
            title=t!("money.receivables")
            flush=true
            after_title=move || {
                view! {
                    {missing}
                    {late}
                }
            }
            more=move || plan
        >
            {body}
        </Card>
        {draft
            .then(|| {
                view! { <PlanDialog one=one record=record.clone() receivables=receivables open=planning /> }
            })}
        <AskDialog asked=asked on_done=move |()| one.read() />
    }
}

/// Where the receivables lie in time, with today among them.
fn due_line(all: &[Record]) -> Option<AnyView> {
    let today = format::today();
    let days: Vec<NaiveDate> = all
        .iter()
        .filter_map(|item| day_of(item, "due_on"))
        .collect();
    let first = days.iter().min().copied()?.min(today);
    let last = days.iter().max().copied()?.max(today);
    let span = (last - first).num_days();
    if span == 0 {
        return None;
    }
    let place =
        move |day: NaiveDate| format!("{:.2}%", share((day - first).num_days(), span) * 100.0);
    let dots = all
        .iter()
        .filter_map(|item| {
            let day = day_of(item, "due_on")?;
            let (tone, words) = standing(item);
            let amount = item.get("amount").map(format::amount).unwrap_or_default();
            let title = format!("{} · {amount} · {words}", format::calendar_day(day));
            Some(view! {
                <i class="due-dot" data-tone=tone.name() style:left=place(day) title=title></i>
            })
        })
        .collect_view();
    Some(
        view! {
            <div class="due-line" aria-hidden="true">
                <div class="due-track">
                    <u style:left=place(today)>
                        <span>{t!("common.today")}</span>
                    </u>
                    {dots}
                </div>
                <div class="due-ends">
                    <span>{format::calendar_day(first)}</span>
                    <span>{format::calendar_day(last)}</span>
                </div>
            </div>
        }
        .into_any(),
    )
}

fn receivable_line(
    contract: &Record,
    item: &Record,
    nth: usize,
    writable: bool,
    asked: RwSignal<Option<Ask>>,
) -> AnyView {
    let (tone, words) = standing(item);
    let code = code_of(item, "amount");
    let (amount, paid) = (minor_of(item, "amount"), minor_of(item, "paid_amount"));
    let left = minor_of(item, "outstanding_amount");
    let due = day_of(item, "due_on").unwrap_or_default();
    let note = text(item, "note").to_owned();
    let name = if note.is_empty() {
        tf!("money.nth", n = nth)
    } else {
        format!("{} · {note}", tf!("money.nth", n = nth))
    };
    let open = left > 0 && matches!(text(item, "settlement"), "open" | "partial");
    let fallen = minor_of(item, "written_off_amount") + minor_of(item, "cancelled_amount");
    let bar = (paid > 0 || open).then(|| {
        let value = Signal::stored(Some(share(paid, amount)));
        view! { <ProgressBar value=value tone=Signal::stored(Tone::Success) label=t!("money.paid") /> }
    });
    let mut below: Vec<String> = Vec::new();
    if paid > 0 {
        below.push(tf!("money.paid_of", amount = format::minor(paid, &code)));
    }
    if open && paid > 0 {
        below.push(tf!("money.left_of", amount = format::minor(left, &code)));
    }
    if fallen > 0 {
        below.push(tf!(
            "money.fallen_of",
            amount = format::minor(fallen, &code)
        ));
    }
    let menu = open.then(|| {
        let id = text(item, "id").to_owned();
        let report = report_href(
            text(contract, "customer_id"),
            text(contract, "id"),
            left,
            &code,
        );
        let finance = handles_money(App::here());
        let code = code.clone();
        let items = Signal::derive(move || {
            let (move_id, off_id, code) = (id.clone(), id.clone(), code.clone());
            let mut items =
                vec![MenuItem::link(t!("money.report"), report.clone()).glyph(Glyph::Banknote)];
            if writable {
                items.push(
                    MenuItem::new(t!("money.reschedule"), move || {
                        let day = Some(due.max(format::today()));
                        let ask = Ask::new(Act::Reschedule, &move_id);
                        asked.set(Some(Ask { day, ..ask }));
                    })
                    .glyph(Glyph::Calendar),
                );
            }
            if finance {
                items.push(
                    MenuItem::new(t!("money.write_off"), move || {
                        asked.set(Some(Ask::new(Act::WriteOff, &off_id).amount(left, &code)));
                    })
                    .glyph(Glyph::Minus)
                    .danger(),
                );
            }
            items
        });
        view! {
            <Menu
                label=tf!("money.actions_of", n = nth)
                icon=Glyph::Dots
                icon_only=true
                small=true
                kind=ButtonKind::Quiet
                placement=Placement::BelowEnd
                items=items
            />
        }
    });
    view! {
        <li class="due" data-tone=tone.name()>
            <i class="due-mark" aria-hidden="true"></i>
            <div class="due-what">
                <b class="clip">{name}</b>
                <span class="due-when">
                    <span class="muted nowrap">{format::calendar_day(due)}</span>
                    <Badge tone=tone>{words}</Badge>
                </span>
            </div>
            <div class="due-money">
                <b class="num">{format::minor(amount, &code)}</b>
                {bar}
                {(!below.is_empty()).then(|| view! { <small class="muted">{below.join(" · ")}</small> })}
            </div>
            <span class="due-menu">{menu}</span>
        </li>
    }
    .into_any()
}
