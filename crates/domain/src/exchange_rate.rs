//! Rates of exchange: what a unit of another currency is worth in the workspace's own, from a day on.

use chrono::NaiveDate;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, FieldProblem, Visibility};
use crate::document::MAX_MILLIONTHS;
use crate::money;
use crate::record::Record;
use crate::rights::Special;

record! {
    /// What a currency is worth from a day on.
    pub struct ExchangeRate {
        /// The ISO 4217 code of the other currency.
        currency: String = def::text(3).required().searchable().sortable().on_create();
        /// What one major unit of it is worth, in millionths of the workspace's major unit.
        rate: i64 = def::millionths(1, MAX_MILLIONTHS).required();
        /// From which day on, until the next one.
        valid_from: NaiveDate =
            def::date().required().sortable().unique_within("currency").on_create();
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "exchange_rate",
    plural: "exchange-rates",
    table: "exchange_rates",
    fields: ExchangeRate::FIELDS,
    title: &["currency"],
    visibility: Visibility::Workspace,
    check,
    can: Capabilities {
        set_up: Special::MoneySetup,
        ..Capabilities::NONE
    },
};

/// It is a currency that there is.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    match after.get("currency").as_text() {
        Some(code) if money::currency(code).is_none() => {
            vec![FieldProblem::new("currency", "unknown_currency")]
        }
        _ => Vec::new(),
    }
}
