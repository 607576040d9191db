//! A payment's page: finance's decision, what it settles, and what is left of it.

use kehu_client::records::ListQuery;
use kehu_wire::Record;
use kehu_wire::money::{AllocateRequest, AllocationPart, ConfirmRequest};
use kehu_wire::page::Page;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::ui::touch_drag::Touch;
use crate::urls;
use crate::widgets::load::{Load, fetch, problem_view};
use crate::widgets::lookups::text;
use crate::widgets::money::asks::{Act, Ask, AskDialog};
use crate::widgets::money::{
    code_of, currency, day_of, expanded, explain_money, handles_money, minor_of, standing,
};
use crate::widgets::record_view::OneRecord;
use crate::{format, t, tf};

/// Confirms a payment and says what became of it.
pub(crate) fn confirm(
    id: String,
    code: String,
    oldest: bool,
    pending: RwSignal<bool>,
    on_done: Callback<()>,
) {
    let (app, toasts) = (App::here(), use_toasts());
    if pending.get_untracked() {
        return;
    }
    pending.set(true);
    spawn_local(async move {
        let request = ConfirmRequest {
            allocate: oldest.then(|| AllocateRequest {
                oldest: true,
                ..AllocateRequest::default()
            }),
            ..ConfirmRequest::default()
        };
        let result = API.confirm_payment(&id, &request).await;
        let _ = pending.try_set(false);
        match result {
            Ok(_) => {
                app.note_write();
                toasts.success(t!("money.confirmed"));
            }
            Err(error) => toasts.problem(explain_money(&error, &code)),
        }
        // Whether it was done now or a moment ago by somebody else: show how it stands.
        let _ = on_done.try_run(());
    });
}

/// What finance can do with a payment as it stands.
pub(crate) fn buttons(one: OneRecord, record: &Record) -> AnyView {
    if !handles_money(App::here()) {
        return ().into_any();
    }
    let asked = RwSignal::new(None::<Ask>);
    let pending = RwSignal::new(false);
    let id = StoredValue::new(text(record, "id").to_owned());
    let code = StoredValue::new(code_of(record, "amount"));
    let left = minor_of(record, "unallocated_amount");
    let nobodys = text(record, "customer_id").is_empty();
    let done = Callback::new(move |()| one.read());
    let ask = move |act: Act| {
        let amount = if act == Act::Refund { left } else { 0 };
        let ask = Ask::new(act, &id.get_value()).amount(amount, &code.get_value());
        asked.set(Some(ask));
    };
    let inside = match text(record, "status") {
        "reported" => {
            let press = move |oldest: bool| {
                confirm(id.get_value(), code.get_value(), oldest, pending, done);
            };
            let oldest = (!nobodys).then(|| {
                view! {
                    <Button
                        kind=ButtonKind::Primary
                        icon=Glyph::Check
                        pending=pending
                        on_press=move |()| press(true)
                    >
                        {t!("money.confirm_oldest")}
                    </Button>
                }
            });
            view! {
                <Button on_press=move |()| ask(Act::Reject)>{t!("money.reject")}</Button>
                <Button pending=pending on_press=move |()| press(false)>
                    {t!("money.confirm")}
                </Button>
                {oldest}
            }
            .into_any()
        }
        "confirmed" => view! {
            {nobodys
                .then(|| {
                    view! {
                        <Button kind=ButtonKind::Primary on_press=move |()| ask(Act::Match)>
                            {t!("money.match")}
                        </Button>
                    }
                })}
            {(left > 0)
                .then(|| {
                    view! { <Button on_press=move |()| ask(Act::Refund)>{t!("money.refund")}</Button> }
                })}
            <Button on_press=move |()| ask(Act::Reverse)>{t!("money.reverse")}</Button>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        {inside}
        <AskDialog asked=asked on_done=done />
    }
    .into_any()
}

/// What a payment settles, and the customer's open receivables that the rest can settle.
#[component]
pub(crate) fn PaymentParts(
    /// The payment.
    one: OneRecord,
    /// As it is now.
    record: Record,
) -> impl IntoView {
    let finance = handles_money(App::here());
    let left = minor_of(&record, "unallocated_amount");
    let ready = finance
        && left > 0
        && text(&record, "status") == "confirmed"
        && !text(&record, "customer_id").is_empty();
    let counts = matches!(text(&record, "status"), "confirmed" | "reversed");
    let id = text(&record, "id").to_owned();
    view! {
        {ready.then(|| view! { <Allocate one=one record=record.clone() left=left /> })}
        {counts.then(|| view! { <Settles one=one id=id finance=finance /> })}
    }
}

/// A receivable to which a part of the payment may go.
#[derive(Clone)]
struct Target {
    record: Record,
    part: RwSignal<Option<i64>>,
}

impl Target {
    fn open(&self) -> i64 {
        minor_of(&self.record, "outstanding_amount")
    }
}

#[component]
fn Allocate(one: OneRecord, record: Record, left: i64) -> impl IntoView {
    let (app, toasts) = (App::here(), use_toasts());
    let id = StoredValue::new(text(&record, "id").to_owned());
    let code = StoredValue::new(code_of(&record, "amount"));
    let load = RwSignal::new(Load::<Page>::Loading);
    let targets = RwSignal::new(Vec::<Target>::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let query = StoredValue::new(ListQuery {
        filter: format!(
            "customer_id == \"{}\" && settlement in [\"open\", \"partial\"]",
            text(&record, "customer_id")
        ),
        sort: "due_on".to_owned(),
        expand: "contract".to_owned(),
        limit: Some(100),
        ..ListQuery::default()
    });
    let read = move || {
        let query = query.get_value();
        fetch(load, async move { API.list("receivables", &query).await });
    };
    read();
    Effect::new(move |_| {
        if let Load::Ready(page) = load.get() {
            let made = page.items.into_iter().map(|record| Target {
                record,
                part: RwSignal::new(None),
            });
            targets.set(made.collect());
        }
    });
    let rest = Signal::derive(move || {
        let given: i64 = targets.with(|all| all.iter().filter_map(|one| one.part.get()).sum());
        left - given
    });
    // What is left is dragged onto a receivable, by mouse or by a finger that rests on it.
    let (over, dragged) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    // As much as is left and as fits.
    let fill = move |target: &Target| {
        let free = rest.get_untracked() + target.part.get_untracked().unwrap_or_default();
        let same = code_of(&target.record, "amount") == code.get_value();
        let part = if same { free.min(target.open()) } else { free };
        target.part.set((part > 0).then_some(part));
    };
    let on_drop = Callback::new(move |(_, id): (String, String)| {
        let found = targets.with_untracked(|all| {
            let one = all.iter().find(|one| text(&one.record, "id") == id);
            one.cloned()
        });
        if let Some(target) = found {
            fill(&target);
        }
    });
    let touch = Touch::new("data-receivable", over, dragged, on_drop);
    let oldest = move |()| {
        let all = targets.get_untracked();
        for target in &all {
            target.part.set(None);
        }
        for target in &all {
            if code_of(&target.record, "amount") == code.get_value() {
                fill(target);
            }
        }
    };
    let waiting = Signal::derive(move || targets.with(Vec::is_empty));
    let ready = Signal::derive(move || rest.get() >= 0 && rest.get() < left);
    let send = move |()| {
        if pending.get_untracked() || !ready.get_untracked() {
            return;
        }
        let parts = targets.with_untracked(|all| {
            all.iter()
                .filter_map(|one| {
                    Some(AllocationPart {
                        receivable_id: text(&one.record, "id").parse().ok()?,
                        amount: one.part.get_untracked().filter(|minor| *minor > 0)?,
                        receivable_amount: None,
                    })
                })
                .collect()
        });
        let request = AllocateRequest {
            allocations: Some(parts),
            ..AllocateRequest::default()
        };
        pending.set(true);
        spawn_local(async move {
            let result = API.allocate_payment(&id.get_value(), &request).await;
            let _ = pending.try_set(false);
            match result {
                Ok(_) => {
                    app.note_write();
                    toasts.success(t!("money.allocated_done"));
                    one.read();
                }
                Err(error) => {
                    let code = code.try_get_value().unwrap_or_default();
                    let _ = problem.try_set(Some(explain_money(&error, &code)));
                }
            }
        });
    };
    let row = move |target: Target| {
        let (tone, words) = standing(&target.record);
        let open = target.record.get("outstanding_amount").map(format::amount);
        let contract = expanded(&target.record, "contract");
        let href = urls::record("contracts", text(&target.record, "contract_id"));
        let due = day_of(&target.record, "due_on").unwrap_or_default();
        let part = target.part;
        let pressed = target.clone();
        let key = StoredValue::new(text(&target.record, "id").to_owned());
        let here = move || over.with(|over| key.with_value(|key| over.as_ref() == Some(key)));
        let unit = Signal::stored(currency(&code.get_value()));
        let label = tf!("money.part_for", contract = contract);
        let note = text(&target.record, "note").to_owned();
        view! {
            <li
                class="alloc-row"
                class:over=here
                data-receivable=key.get_value()
                on:dragover=move |event| {
                    event.prevent_default();
                    over.set(Some(key.get_value()));
                }
                on:dragleave=move |_| over.set(None)
                on:drop=move |event| {
                    event.prevent_default();
                    over.set(None);
                    on_drop.run((String::new(), key.get_value()));
                }
            >
                <div class="due-what">
                    <a class="quiet-link clip" href=href>
                        <b>{contract}</b>
                    </a>
                    <span class="due-when">
                        <span class="muted">{format::calendar_day(due)} " " {note}</span>
                        <Badge tone=tone>{words}</Badge>
                    </span>
                </div>
                <b class="num alloc-open">{open}</b>
                <MoneyInput
                    value=part
                    on_change=move |minor| part.set(minor)
                    currency=unit
                    unreadable=t!("problem.field.amount")
                    label=Signal::stored(label)
                />
                <Button small=true on_press=move |()| fill(&pressed)>
                    {t!("money.fill")}
                </Button>
            </li>
        }
        .into_any()
    };
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=3 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(page) if page.items.is_empty() => {
            view! { <p class="muted card-none">{t!("money.nothing_open")}</p> }.into_any()
        }
        Load::Ready(_) => view! {
            <ol class="alloc-rows">{targets.get().into_iter().map(row).collect_view()}</ol>
        }
        .into_any(),
    };
    let chip = move || {
        let amount = format::minor(rest.get(), &code.get_value());
        let tone = if rest.get() < 0 {
            Tone::Danger
        } else {
            Tone::Accent
        };
        view! { <Badge tone=tone plain=true>{tf!("money.left", amount = amount)}</Badge> }
    };
    let start = move |event: web_sys::DragEvent| {
        if let Some(transfer) = event.data_transfer() {
            // Without data some browsers don't begin to drag; nobody reads it.
            let _ = transfer.set_data("text/plain", "");
        }
    };
    let handle = move || {
        view! {
            <span
                class="alloc-chip"
                draggable=move || (!touch.finger.get()).to_string()
                title=t!("money.drag_hint")
                aria-live="polite"
                on:pointerdown=move |event| touch.press(&event, String::new())
                on:dragstart=start
            >
                {chip}
            </span>
        }
    };
    let some = Memo::new(move |_| !targets.with(Vec::is_empty));
    let foot = move || {
        some.get().then(|| {
            view! {
                <div class="alloc-foot">
                    <span class="muted">{t!("money.drag_hint")}</span>
                    <span class="grow"></span>
                    <Button
                        kind=ButtonKind::Primary
                        pending=pending
                        disabled=Signal::derive(move || !ready.get())
                        on_press=send
                    >
                        {t!("money.allocate")}
                    </Button>
                </div>
            }
        })
    };
    let ghost = move || {
        let lifted = touch.lifted.get()?;
        let place = format!("translate({}px, {}px)", lifted.x, lifted.y);
        Some(view! {
            <div class="alloc-ghost" style:transform=place aria-hidden="true">
                {chip()}
            </div>
        })
    };
    view! {
        <div
            class="alloc"
            class:lifting=move || touch.lifted.with(Option::is_some)
            node_ref=touch.node
            on:pointermove=move |event| touch.follow(&event)
            on:pointerup=move |_| touch.leave(true)
            on:pointercancel=move |_| touch.leave(false)
            on:contextmenu=move |event| {
                if touch.finger.get_untracked() {
                    event.prevent_default();
                }
            }
        >
        {ghost}
        <Card
            title=t!("money.allocate_title")
            flush=true
            after_title=handle
            more=move || {
                view! { <Button small=true disabled=waiting on_press=oldest>{t!("money.oldest_first")}</Button> }
            }
        >
            {body}
            {move || {
                problem
                    .get()
                    .map(|text| {
                        view! {
                            <div class="card-pad">
                                <Note tone=Tone::Danger>{text}</Note>
                            </div>
                        }
                    })
            }}
            {foot}
        </Card>
        </div>
    }
}

#[component]
fn Settles(one: OneRecord, id: String, finance: bool) -> impl IntoView {
    let load = RwSignal::new(Load::<Page>::Loading);
    let asked = RwSignal::new(None::<Ask>);
    let query = StoredValue::new(ListQuery {
        filter: format!("payment_id == \"{id}\""),
        expand: "contract,receivable".to_owned(),
        limit: Some(100),
        ..ListQuery::default()
    });
    let read = move || {
        let query = query.get_value();
        fetch(load, async move { API.list("allocations", &query).await });
    };
    read();
    let line = move |record: &Record| {
        let released = !text(record, "released_at").is_empty();
        let amount = record.get("amount").map(format::amount);
        let href = urls::record("contracts", text(record, "contract_id"));
        let day = day_of(record, "allocated_on")
            .map(format::calendar_day)
            .unwrap_or_default();
        let why = text(record, "release_reason").to_owned();
        let id = text(record, "id").to_owned();
        let code = code_of(record, "amount");
        let end = if released {
            view! { <Badge>{t!("money.released")}</Badge> }.into_any()
        } else if finance {
            let press = move |()| asked.set(Some(Ask::new(Act::Release, &id).amount(0, &code)));
            view! { <Button small=true on_press=press>{t!("money.release")}</Button> }.into_any()
        } else {
            ().into_any()
        };
        view! {
            <li class="alloc-line" class:released=released>
                <div class="due-what">
                    <a class="quiet-link clip" href=href>
                        <b>{expanded(record, "contract")}</b>
                    </a>
                    <span class="muted">{day} " " {expanded(record, "receivable")} " " {why}</span>
                </div>
                <b class="num">{amount}</b>
                {end}
            </li>
        }
        .into_any()
    };
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=2 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(page) if page.items.is_empty() => {
            view! { <p class="muted card-none">{t!("money.settles_nothing")}</p> }.into_any()
        }
        Load::Ready(page) => view! {
            <ol class="alloc-rows">{page.items.iter().map(line).collect_view()}</ol>
        }
        .into_any(),
    };
    view! {
        <Card title=t!("money.settles") flush=true>
            {body}
        </Card>
        <AskDialog asked=asked on_done=move |()| one.read() />
    }
}
