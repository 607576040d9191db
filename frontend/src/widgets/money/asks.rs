//! The one dialog that asks for what an operation on money needs: a reason, a day, an amount, a
//! customer.

use chrono::NaiveDate;
use kehu_client::Error;
use kehu_domain::customer;
use kehu_wire::money::{
    MatchRequest, RefundRequest, RescheduleRequest, ReverseRequest, TerminateRequest, WhyRequest,
    WriteOffRequest,
};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::money::{currency, explain_money};
use crate::widgets::pickers::RecordPicker;
use crate::widgets::texts::date_texts;
use crate::{format, t};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A contract ends before its time.
    Terminate,
    /// A receivable is due on another day.
    Reschedule,
    /// A receivable is given up.
    WriteOff,
    /// A payment did not come.
    Reject,
    /// A payment was a mistake.
    Reverse,
    /// Some of a payment is paid back.
    Refund,
    /// A payment is somebody's.
    Match,
    /// An allocation is taken back.
    Release,
}

impl Act {
    fn name(self) -> &'static str {
        match self {
            Self::Terminate => t!("money.terminate"),
            Self::Reschedule => t!("money.reschedule"),
            Self::WriteOff => t!("money.write_off"),
            Self::Reject => t!("money.reject"),
            Self::Reverse => t!("money.reverse"),
            Self::Refund => t!("money.refund"),
            Self::Match => t!("money.match"),
            Self::Release => t!("money.release"),
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Terminate => t!("money.terminate_hint"),
            Self::Reschedule => t!("money.reschedule_hint"),
            Self::WriteOff => t!("money.write_off_hint"),
            Self::Reject => t!("money.reject_hint"),
            Self::Reverse => t!("money.reverse_hint"),
            Self::Refund => t!("money.refund_hint"),
            Self::Match => t!("money.match_hint"),
            Self::Release => t!("money.release_hint"),
        }
    }

    const fn wants_reason(self) -> bool {
        !matches!(self, Self::Reschedule | Self::Match)
    }

    const fn wants_amount(self) -> bool {
        matches!(self, Self::WriteOff | Self::Refund)
    }

    const fn wants_day(self) -> bool {
        matches!(
            self,
            Self::Terminate | Self::Reschedule | Self::Reverse | Self::Refund
        )
    }

    const fn takes_away(self) -> bool {
        matches!(
            self,
            Self::Terminate | Self::WriteOff | Self::Reject | Self::Reverse
        )
    }
}

/// An operation on a record.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What is to be done.
    pub(crate) act: Act,
    /// With what.
    pub(crate) id: String,
    /// How much it could be at most, in minor units.
    pub(crate) amount: i64,
    /// In which currency.
    pub(crate) code: String,
    /// The day that is offered.
    pub(crate) day: Option<NaiveDate>,
}

impl Ask {
    /// Without an amount.
    pub(crate) fn new(act: Act, id: &str) -> Self {
        Self {
            act,
            id: id.to_owned(),
            amount: 0,
            code: String::new(),
            day: Some(format::today()),
        }
    }

    /// With the most that it can be about.
    pub(crate) fn amount(self, amount: i64, code: &str) -> Self {
        Self {
            amount,
            code: code.to_owned(),
            ..self
        }
    }
}

/// What was answered.
struct Answer {
    reason: String,
    day: Option<NaiveDate>,
    amount: Option<i64>,
    customer: String,
}

async fn carry_out(ask: &Ask, answer: Answer) -> Result<(), Error> {
    let Answer {
        reason,
        day,
        amount,
        customer,
    } = answer;
    let id = ask.id.as_str();
    match ask.act {
        Act::Terminate => {
            let request = TerminateRequest {
                reason,
                terminated_on: day,
            };
            API.terminate_contract(id, &request).await.map(drop)
        }
        Act::Reschedule => {
            let request = RescheduleRequest {
                due_on: day.unwrap_or_default(),
                note: None,
            };
            API.reschedule_receivable(id, &request).await.map(drop)
        }
        Act::WriteOff => {
            let request = WriteOffRequest { amount, reason };
            API.write_off_receivable(id, &request).await.map(drop)
        }
        Act::Reject => API
            .reject_payment(id, &WhyRequest { reason })
            .await
            .map(drop),
        Act::Reverse => {
            let request = ReverseRequest {
                reason,
                reversed_on: day,
            };
            API.reverse_payment(id, &request).await.map(drop)
        }
        Act::Refund => {
            let request = RefundRequest {
                amount: amount.unwrap_or_default(),
                reason,
                refunded_on: day,
                method: None,
            };
            API.refund_payment(id, &request).await.map(drop)
        }
        Act::Match => {
            let customer_id = customer.parse().unwrap_or_default();
            let request = MatchRequest { customer_id };
            API.match_payment(id, &request).await.map(drop)
        }
        Act::Release => API
            .release_allocation(id, &WhyRequest { reason })
            .await
            .map(drop),
    }
}

/// The dialog. It is open while there is something to ask.
#[component]
pub(crate) fn AskDialog(
    /// What is asked.
    asked: RwSignal<Option<Ask>>,
    /// Called when it was done.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let (app, toasts) = (App::here(), use_toasts());
    let reason = RwSignal::new(String::new());
    let day = RwSignal::new(None::<NaiveDate>);
    let amount = RwSignal::new(None::<i64>);
    let customer = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let open = Signal::derive(move || asked.with(Option::is_some));
    let close = move |()| asked.set(None);
    Effect::new(move |_| {
        if let Some(ask) = asked.get() {
            reason.set(String::new());
            customer.set(String::new());
            day.set(ask.day);
            amount.set((ask.amount > 0).then_some(ask.amount));
            problem.set(None);
        }
    });
    let complete = Signal::derive(move || {
        let Some(act) = asked.with(|ask| ask.as_ref().map(|ask| ask.act)) else {
            return false;
        };
        (!act.wants_reason() || reason.with(|text| !text.trim().is_empty()))
            && (!act.wants_amount() || amount.get().is_some_and(|minor| minor > 0))
            && (!act.wants_day() || day.get().is_some())
            && (act != Act::Match || !customer.with(String::is_empty))
    });
    let submit = Callback::new(move |()| {
        let Some(ask) = asked.get_untracked() else {
            return;
        };
        if pending.get_untracked() || !complete.get_untracked() {
            return;
        }
        let answer = Answer {
            reason: reason.get_untracked().trim().to_owned(),
            day: day.get_untracked(),
            amount: amount.get_untracked(),
            customer: customer.get_untracked(),
        };
        pending.set(true);
        spawn_local(async move {
            let result = carry_out(&ask, answer).await;
            let _ = pending.try_set(false);
            match result {
                Ok(()) => {
                    let _ = asked.try_set(None);
                    app.note_write();
                    toasts.success(t!("money.done"));
                    let _ = on_done.try_run(());
                }
                Err(error) => {
                    let _ = problem.try_set(Some(explain_money(&error, &ask.code)));
                }
            }
        });
    });
    let act = move || asked.with(|ask| ask.as_ref().map(|ask| ask.act));
    let title = Signal::derive(move || act().map(Act::name).unwrap_or_default().to_owned());
    let body = move || {
        let Some(ask) = asked.get() else {
            return ().into_any();
        };
        let act = ask.act;
        let unit = currency(&ask.code);
        view! {
            <Form on_submit=submit>
                <p class="muted">{act.hint()}</p>
                {(act == Act::Match)
                    .then(|| {
                        view! {
                            <Field label=t!("money.customer") required=true>
                                <RecordPicker def=&customer::DEF value=customer on_change=move |id| customer.set(id) />
                            </Field>
                        }
                    })}
                {act
                    .wants_amount()
                    .then(|| {
                        view! {
                            <Field label=t!("money.amount") required=true>
                                <MoneyInput
                                    value=amount
                                    on_change=move |minor| amount.set(minor)
                                    currency=Signal::stored(unit)
                                    unreadable=t!("problem.field.amount")
                                />
                            </Field>
                        }
                    })}
                {act
                    .wants_day()
                    .then(|| {
                        let label = if act == Act::Reschedule { t!("money.due_on") } else { t!("money.on_day") };
                        view! {
                            <Field label=label required=true>
                                <DateInput value=day on_change=move |new| day.set(new) texts=date_texts() />
                            </Field>
                        }
                    })}
                {act
                    .wants_reason()
                    .then(|| {
                        view! {
                            <Field label=t!("verb.reason") required=true>
                                <TextArea value=reason on_change=move |text| reason.set(text) rows=2 max_length=500 />
                            </Field>
                        }
                    })}
                {move || problem.get().map(|text| view! { <Note tone=Tone::Danger>{text}</Note> })}
            </Form>
        }
        .into_any()
    };
    let kind = Signal::derive(move || act().is_some_and(Act::takes_away));
    view! {
        <Dialog
            open=open
            on_close=close
            title=title
            close_label=t!("common.close")
            steady=true
            footer=move || {
                let kind = if kind.get() { ButtonKind::Danger } else { ButtonKind::Primary };
                view! {
                    <Button on_press=close>{t!("common.cancel")}</Button>
                    <Button
                        kind=kind
                        pending=pending
                        disabled=Signal::derive(move || !complete.get())
                        on_press=submit
                    >
                        {title}
                    </Button>
                }
            }
        >
            {body}
        </Dialog>
    }
}
