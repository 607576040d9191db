//! How a contract is to be paid: instalments by hand, or made of shares or of equal parts a month
//! apart and then changed by hand, with what is still missing as one types.

use chrono::{Months, NaiveDate};
use kehu_wire::Record;
use kehu_wire::money::{PlanRequest, PlannedReceivable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::lookups::text;
use crate::widgets::money::{code_of, currency, day_of, explain_money, minor_of};
use crate::widgets::record_view::OneRecord;
use crate::widgets::texts::date_texts;
use crate::{format, t, tf};

/// Basis points of a whole.
const WHOLE: i64 = 10_000;

/// One instalment while it is written.
#[derive(Clone, Copy)]
struct Instalment {
    due: RwSignal<Option<NaiveDate>>,
    amount: RwSignal<Option<i64>>,
    note: RwSignal<String>,
}

impl Instalment {
    fn new(due: Option<NaiveDate>, amount: Option<i64>, note: &str) -> Self {
        Self {
            due: RwSignal::new(due),
            amount: RwSignal::new(amount),
            note: RwSignal::new(note.to_owned()),
        }
    }
}

/// Divides an amount by shares; what rounding leaves goes to the last part.
fn divide(amount: i64, shares: &[i64]) -> Vec<i64> {
    let mut left = amount;
    let mut parts: Vec<i64> = shares
        .iter()
        .map(|share| {
            let part = i128::from(amount) * i128::from(*share) / i128::from(WHOLE);
            let part = i64::try_from(part).unwrap_or(amount);
            left -= part;
            part
        })
        .collect();
    if let Some(last) = parts.last_mut() {
        *last += left;
    }
    parts
}

/// So many parts as equal as they can be; the first ones take what does not divide.
fn equal(amount: i64, parts: i64) -> Vec<i64> {
    let parts = parts.max(1);
    let (each, rest) = (amount / parts, amount % parts);
    (0..parts)
        .map(|nth| if nth < rest { each + 1 } else { each })
        .collect()
}

fn rows_of(amounts: Vec<i64>, first: NaiveDate) -> Vec<Instalment> {
    amounts
        .into_iter()
        .zip(0_u32..)
        .map(|(amount, nth)| {
            let due = first.checked_add_months(Months::new(nth));
            Instalment::new(due, Some(amount), "")
        })
        .collect()
}

/// The dialog.
#[component]
pub(crate) fn PlanDialog(
    /// The contract.
    one: OneRecord,
    /// As it is now.
    record: Record,
    /// Its receivables as they are now.
    receivables: RwSignal<Vec<Record>>,
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    let (app, toasts) = (App::here(), use_toasts());
    let (total, code) = (minor_of(&record, "amount"), code_of(&record, "amount"));
    let id = StoredValue::new(text(&record, "id").to_owned());
    let begin = day_of(&record, "signed_on").unwrap_or_else(format::today);
    let code = StoredValue::new(code);
    let rows = RwSignal::new(Vec::<Instalment>::new());
    let way = RwSignal::new("hand".to_owned());
    let months = RwSignal::new("12".to_owned());
    let first = RwSignal::new(Some(begin.max(format::today())));
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if !open.get() {
            return;
        }
        problem.set(None);
        way.set("hand".to_owned());
        let mut found: Vec<Instalment> = receivables.with_untracked(|all| {
            all.iter()
                .map(|one| {
                    let amount = minor_of(one, "amount");
                    Instalment::new(day_of(one, "due_on"), Some(amount), text(one, "note"))
                })
                .collect()
        });
        if found.is_empty() {
            found.push(Instalment::new(first.get_untracked(), Some(total), ""));
        }
        rows.set(found);
    });
    // Shares and months make rows at once, which can still be changed by hand.
    let make = move || {
        let day = first.get_untracked().unwrap_or(begin);
        let amounts = match way.get_untracked().as_str() {
            "shares" => divide(total, &[3000, 6000, 1000]),
            "monthly" => {
                let count = months.get_untracked().trim().parse::<i64>().unwrap_or(1);
                equal(total, count.clamp(1, 120))
            }
            _ => return,
        };
        rows.set(rows_of(amounts, day));
    };
    let sum = Signal::derive(move || {
        rows.with(|rows| rows.iter().filter_map(|row| row.amount.get()).sum::<i64>())
    });
    let difference = Signal::derive(move || total - sum.get());
    let complete = Signal::derive(move || {
        rows.with(|rows| {
            !rows.is_empty()
                && rows.iter().all(|row| {
                    row.due.get().is_some() && row.amount.get().is_some_and(|minor| minor > 0)
                })
        })
    });
    let save = Callback::new(move |()| {
        if pending.get_untracked() || !complete.get_untracked() {
            return;
        }
        let planned = rows.with_untracked(|rows| {
            rows.iter()
                .map(|row| {
                    let note = row.note.get_untracked().trim().to_owned();
                    PlannedReceivable {
                        due_on: row.due.get_untracked().unwrap_or_default(),
                        amount: row.amount.get_untracked().unwrap_or_default(),
                        note: (!note.is_empty()).then_some(note),
                    }
                })
                .collect()
        });
        let request = PlanRequest {
            receivables: Some(planned),
            ..PlanRequest::default()
        };
        pending.set(true);
        spawn_local(async move {
            let result = API.plan_receivables(&id.get_value(), &request).await;
            let _ = pending.try_set(false);
            match result {
                Ok(_) => {
                    let _ = open.try_set(false);
                    app.note_write();
                    toasts.success(t!("money.planned_done"));
                    one.read();
                }
                Err(error) => {
                    let _ = problem.try_set(Some(explain_money(
                        &error,
                        &code.try_get_value().unwrap_or_default(),
                    )));
                }
            }
        });
    });
    let ways = vec![
        Tab::new("hand", t!("money.by_hand")),
        Tab::new("shares", t!("money.in_shares")),
        Tab::new("monthly", t!("money.monthly")),
    ];
    let unit = move || Signal::stored(currency(&code.get_value()));
    let row_view = move |(nth, row): (usize, Instalment)| {
        let n = nth + 1;
        view! {
            <li class="plan-row">
                <span class="plan-nth num muted">{n}</span>
                <DateInput
                    value=row.due
                    on_change=move |day| row.due.set(day)
                    texts=date_texts()
                    label=Signal::stored(tf!("money.due_of", n = n))
                />
                <MoneyInput
                    value=row.amount
                    on_change=move |minor| row.amount.set(minor)
                    currency=unit()
                    unreadable=t!("problem.field.amount")
                    label=Signal::stored(tf!("money.amount_of", n = n))
                />
                <TextInput
                    value=row.note
                    on_change=move |text| row.note.set(text)
                    placeholder=t!("money.what_for")
                    label=Signal::stored(tf!("money.note_of", n = n))
                    max_length=250
                />
                <IconButton
                    glyph=Glyph::Trash
                    label=tf!("money.remove_row", n = n)
                    small=true
                    on_press=move |()| {
                        rows.update(|rows| {
                            if nth < rows.len() {
                                rows.remove(nth);
                            }
                        })
                    }
                />
            </li>
        }
        .into_any()
    };
    let add = move |()| {
        let last = rows.with_untracked(|rows| rows.last().and_then(|row| row.due.get_untracked()));
        let due = last
            .and_then(|day| day.checked_add_months(Months::new(1)))
            .or(first.get_untracked());
        let rest = difference.get_untracked();
        rows.update(|rows| rows.push(Instalment::new(due, (rest > 0).then_some(rest), "")));
    };
    let told = move || {
        let code = code.get_value();
        let rest = difference.get();
        let (tone, words) = match rest {
            0 => (Tone::Success, t!("money.sums_up").to_owned()),
            1.. => (
                Tone::Warning,
                tf!("money.missing", amount = format::minor(rest, &code)),
            ),
            _ => (
                Tone::Danger,
                tf!("money.too_much", amount = format::minor(-rest, &code)),
            ),
        };
        view! { <Badge tone=tone>{words}</Badge> }
    };
    let body = move || {
        view! {
            <div class="stack">
                <div class="plan-ways">
                    <Segment
                        choices=ways.clone()
                        value=way
                        on_change=move |key| {
                            way.set(key);
                            make();
                        }
                        label=t!("money.way")
                    />
                    {move || {
                        (way.with(|way| way != "hand"))
                            .then(|| {
                                view! {
                                    <DateInput
                                        value=first
                                        on_change=move |day| {
                                            first.set(day);
                                            make();
                                        }
                                        texts=date_texts()
                                        label=Signal::stored(t!("money.first_due").to_owned())
                                    />
                                }
                            })
                    }}
                    {move || {
                        (way.with(|way| way == "monthly"))
                            .then(|| {
                                view! {
                                    <TextInput
                                        value=months
                                        on_change=move |text| {
                                            months.set(text);
                                            make();
                                        }
                                        inputmode="numeric"
                                        suffix=Signal::stored(t!("money.months").to_owned())
                                        label=Signal::stored(t!("money.how_many").to_owned())
                                    />
                                }
                            })
                    }}
                </div>
                <ol class="plan-rows">
                    {move || rows.get().into_iter().enumerate().map(row_view).collect_view()}
                </ol>
                <div class="plan-foot">
                    <Button small=true icon=Glyph::Plus on_press=add>
                        {t!("money.add_row")}
                    </Button>
                    <span class="grow"></span>
                    <span class="muted">{t!("money.planned")}</span>
                    <b class="num" aria-live="polite">
                        {move || format::minor(sum.get(), &code.get_value())}
                    </b>
                    <span class="muted num">"/ " {format::minor(total, &code.get_value())}</span>
                    {told}
                </div>
                {move || problem.get().map(|text| view! { <Note tone=Tone::Danger>{text}</Note> })}
            </div>
        }
        .into_any()
    };
    view! {
        <Dialog
            open=open
            on_close=move |()| open.set(false)
            title=t!("money.plan_title")
            close_label=t!("common.close")
            width=DialogWidth::Wide
            steady=true
            footer=move || {
                view! {
                    <Button on_press=move |()| open.set(false)>{t!("common.cancel")}</Button>
                    <Button
                        kind=ButtonKind::Primary
                        pending=pending
                        disabled=Signal::derive(move || !complete.get())
                        on_press=save
                    >
                        {t!("common.save")}
                    </Button>
                }
            }
        >
            {body()}
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::{divide, equal};

    #[test]
    fn parts_sum_to_the_whole() {
        assert_eq!(
            divide(100_001, &[3000, 6000, 1000]),
            [30_000, 60_000, 10_001]
        );
        assert_eq!(equal(1000, 3), [334, 333, 333]);
        assert_eq!(equal(5, 1), [5]);
    }
}
