//! Allocations: what part of a payment settles which receivable (核销).

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Visibility, no_check};
use crate::money::Money;

record! {
    /// A part of a payment that settles a receivable. It is never deleted: what is taken back is
    /// released.
    pub struct Allocation {
        /// The payment.
        payment_id: Uuid = def::reference("payment").required().by_operation();
        /// The receivable.
        receivable_id: Uuid = def::reference("receivable").required().by_operation();
        /// The receivable's contract.
        contract_id: Uuid = def::reference("contract").required().by_operation();
        /// Its customer.
        customer_id: Uuid = def::reference("customer").required().by_operation();
        /// How much of the payment.
        amount: Money = def::money().foreign().required().by_operation();
        /// How much of the receivable: the same, unless the currencies differ.
        receivable_amount: Money = def::money().foreign().required().by_operation();
        /// The rate between the two, where the currencies differ: millionths of the receivable's
        /// currency for one of the payment's.
        exchange_rate: Option<i64> = def::millionths(1, i64::MAX).by_operation();
        /// What was gained (above zero) or lost on the rates since the contract, in minor units of
        /// the workspace's currency.
        exchange_difference: i64 = def::int(i64::MIN, i64::MAX).required().by_operation();
        /// The day on which it counts.
        allocated_on: NaiveDate = def::date().required().by_operation().sortable();
        /// When it was taken back.
        released_at: Option<DateTime<Utc>> = def::time().by_operation();
        /// Why.
        release_reason: Option<String> = def::text(500).by_operation();
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "allocation",
    plural: "allocations",
    table: "allocations",
    fields: Allocation::FIELDS,
    title: &[],
    visibility: Visibility::Ledger(&[("contract_id", "contract"), ("payment_id", "payment")]),
    check: no_check,
    can: Capabilities::NONE,
};
