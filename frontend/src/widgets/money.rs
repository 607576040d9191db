//! Money on pages: contracts and what of them is paid, payments and what they settle, what a customer
//! owes.

pub mod asks;
pub mod contract;
pub mod customer;
pub mod payment;
pub mod plan;

use chrono::NaiveDate;
use kehu_client::Error;
use kehu_domain::def::Def;
use kehu_domain::rights::Special;
use kehu_wire::Record;
use leptos::prelude::*;
use serde_json::Value;

use crate::problems::explain;
use crate::state::App;
use crate::ui::prelude::*;
use crate::widgets::lookups::text;
use crate::widgets::record_view::OneRecord;
use crate::{format, t, tf};

/// The minor units of a record's amount; 0 where it has none.
pub(crate) fn minor_of(record: &Record, name: &str) -> i64 {
    record
        .get(name)
        .and_then(format::money_parts)
        .map_or(0, |(amount, _)| amount)
}

/// The code of the currency of a record's amount.
pub(crate) fn code_of(record: &Record, name: &str) -> String {
    record
        .get(name)
        .and_then(format::money_parts)
        .map(|(_, code)| code)
        .unwrap_or_default()
}

/// A currency as inputs take it.
pub(crate) fn currency(code: &str) -> Currency {
    Currency {
        code: code.to_owned(),
        symbol: format::currency_symbol(code),
        digits: format::currency_digits(code),
    }
}

/// The day of a field.
pub(crate) fn day_of(record: &Record, name: &str) -> Option<NaiveDate> {
    text(record, name).parse().ok()
}

/// The title of what a field refers to, where it was expanded.
pub(crate) fn expanded(record: &Record, name: &str) -> String {
    record
        .get(name)
        .and_then(|one| one.get("title"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Whether the person may decide on payments.
pub(crate) fn handles_money(app: App) -> bool {
    app.has(Special::ConfirmMoney)
}

/// A part of a whole, 0 to 1.
pub(crate) fn share(part: i64, whole: i64) -> f64 {
    if whole <= 0 {
        return 0.0;
    }
    (format::float(part) / format::float(whole)).clamp(0.0, 1.0)
}

/// What went wrong, with its figures as amounts of this currency.
pub(crate) fn explain_money(error: &Error, code: &str) -> String {
    let Some(problem) = error.problem() else {
        return explain(error);
    };
    let figure = |name: &str| {
        let minor = problem.params.get(name).and_then(Value::as_i64);
        minor.map(|minor| format::minor(minor, code))
    };
    let found = match problem.code.as_str() {
        "receivables_do_not_sum" => figure("planned")
            .zip(figure("amount"))
            .map(|(planned, amount)| tf!("money.do_not_sum", planned = planned, amount = amount)),
        "more_than_outstanding" => figure("amount")
            .zip(figure("outstanding"))
            .map(|(amount, left)| tf!("money.more_than_outstanding", amount = amount, left = left)),
        "more_than_unallocated" => figure("amount")
            .zip(figure("unallocated"))
            .map(|(amount, left)| tf!("money.more_than_unallocated", amount = amount, left = left)),
        _ => None,
    };
    found.unwrap_or_else(|| explain(error))
}

/// How a receivable stands: the colour and the words.
pub(crate) fn standing(receivable: &Record) -> (Tone, String) {
    let settlement = text(receivable, "settlement");
    let words =
        crate::widgets::kinds::choice(&kehu_domain::receivable::DEF, "settlement", settlement);
    match settlement {
        "paid" => (Tone::Success, words),
        "open" | "partial" => {
            let due = day_of(receivable, "due_on").unwrap_or_default();
            let away = (due - format::today()).num_days();
            match away {
                ..0 => (Tone::Danger, tf!("money.late", n = -away)),
                0 => (Tone::Warning, t!("money.due_today").to_owned()),
                1..8 => (Tone::Warning, tf!("money.due_in", n = away)),
                _ => (Tone::Accent, tf!("money.due_in", n = away)),
            }
        }
        _ => (Tone::Neutral, words),
    }
}

/// The figures of a contract or a payment below its title.
pub(crate) fn summary(def: &Def, record: &Record) -> Option<AnyView> {
    let code = code_of(record, "amount");
    let (whole, done, rest, names) = match def.kind {
        "contract" => (
            "amount",
            "paid_amount",
            "outstanding_amount",
            ["money.amount", "money.paid", "money.outstanding"],
        ),
        "payment" => (
            "amount",
            "allocated_amount",
            "unallocated_amount",
            ["money.amount", "money.allocated", "money.unallocated"],
        ),
        _ => return None,
    };
    if code.is_empty() {
        return None;
    }
    let total = minor_of(record, whole);
    let paid = minor_of(record, done);
    let left = minor_of(record, rest);
    let counts = matches!(
        text(record, "status"),
        "effective" | "completed" | "terminated" | "confirmed"
    );
    let figure = |key: &str, minor: i64| {
        let name = crate::i18n::find(key).unwrap_or_default();
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{format::minor(minor, &code)}</dd>
            </div>
        }
    };
    let [first, second, third] = names;
    let gone = total - paid - left;
    let bar = counts.then(|| {
        let label = crate::i18n::find(second).unwrap_or_default();
        let said = format!(
            "{} / {}",
            format::minor(paid, &code),
            format::minor(total, &code)
        );
        let value = Signal::stored(Some(share(paid, total)));
        view! { <ProgressBar value=value tone=Signal::stored(Tone::Success) label=label text=Signal::stored(said) /> }
    });
    let less = (counts && gone > 0).then(|| {
        figure(
            if def.kind == "contract" {
                "money.given_up"
            } else {
                "money.refunded"
            },
            gone,
        )
    });
    Some(
        view! {
            <div class="money-sum">
                <dl>
                    {figure(first, total)} {counts.then(|| figure(second, paid))}
                    {counts.then(|| figure(third, left))} {less}
                </dl>
                {bar}
            </div>
        }
        .into_any(),
    )
}

/// The buttons that handle money on a record's page.
pub(crate) fn buttons(one: OneRecord, record: &Record) -> Option<AnyView> {
    match one.def.kind {
        "contract" => Some(contract::buttons(one, record)),
        "payment" => Some(payment::buttons(one, record)),
        _ => None,
    }
}

/// What the cards of a record's page are drawn from. While this stays the same they stay as they are,
/// with all that is typed in them.
pub(crate) fn fields_of_cards(def: &Def, record: &Record) -> Record {
    let names: &[&str] = match def.kind {
        "contract" => &["id", "status", "customer_id", "amount", "signed_on"],
        "payment" => &[
            "id",
            "status",
            "customer_id",
            "amount",
            "unallocated_amount",
        ],
        _ => &[],
    };
    let value = |name: &&str| Some(((*name).to_owned(), record.get(*name)?.clone()));
    names.iter().filter_map(value).collect()
}

/// The cards that stand above what happened on a record's page.
pub(crate) fn cards(one: OneRecord, record: &Record) -> Option<AnyView> {
    let record = record.clone();
    match one.def.kind {
        "contract" => {
            Some(view! { <contract::ContractReceivables one=one record=record /> }.into_any())
        }
        "payment" => Some(view! { <payment::PaymentParts one=one record=record /> }.into_any()),
        _ => None,
    }
}
