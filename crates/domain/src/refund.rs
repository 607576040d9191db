//! Refunds: money paid back out of what a payment has left (退款).

use chrono::NaiveDate;
use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Visibility, no_check};
use crate::money::Money;

record! {
    /// Money paid back.
    pub struct Refund {
        /// The payment it comes out of.
        payment_id: Uuid = def::reference("payment").required().by_operation();
        /// Who gets it.
        customer_id: Option<Uuid> = def::reference("customer").by_operation();
        /// How much.
        amount: Money = def::money().foreign().required().by_operation();
        /// When.
        refunded_on: NaiveDate = def::date().required().by_operation().sortable();
        /// Why.
        reason: String = def::text(500).required().by_operation();
        /// How.
        method: Option<String> = def::dictionary("payment_method").by_operation();
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "refund",
    plural: "refunds",
    table: "refunds",
    fields: Refund::FIELDS,
    title: &["reason"],
    visibility: Visibility::Ledger(&[("payment_id", "payment")]),
    check: no_check,
    can: Capabilities::NONE,
};
