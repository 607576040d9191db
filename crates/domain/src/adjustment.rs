//! Adjustments: what of a receivable was given up or fell away (核减).

use chrono::NaiveDate;
use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Visibility, no_check};
use crate::money::Money;

codes! {
    /// Why a receivable is not paid in full.
    pub enum AdjustmentKind {
        /// It was given up (坏账核销).
        WriteOff = "write_off",
        /// The contract ended before its time.
        Cancellation = "cancellation",
    }
}

record! {
    /// A part of a receivable that nobody will pay.
    pub struct Adjustment {
        /// The receivable.
        receivable_id: Uuid = def::reference("receivable").required().by_operation();
        /// Its contract.
        contract_id: Uuid = def::reference("contract").required().by_operation();
        /// Its customer.
        customer_id: Uuid = def::reference("customer").required().by_operation();
        /// Why.
        adjustment_kind: AdjustmentKind =
            def::choice(AdjustmentKind::CODES).required().by_operation();
        /// How much.
        amount: Money = def::money().foreign().required().by_operation();
        /// In words.
        reason: String = def::text(500).required().by_operation();
        /// The day on which it counts.
        adjusted_on: NaiveDate = def::date().required().by_operation().sortable();
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "adjustment",
    plural: "adjustments",
    table: "adjustments",
    fields: Adjustment::FIELDS,
    title: &["reason"],
    visibility: Visibility::Ledger(&[("contract_id", "contract")]),
    check: no_check,
    can: Capabilities::NONE,
};
