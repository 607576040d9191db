//! Receivables: the instalments that are due under a contract (应收, 回款计划).

use chrono::NaiveDate;
use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Visibility, no_check};
use crate::document::MAX_MILLIONTHS;
use crate::money::Money;

codes! {
    /// How far a receivable is settled; derived from its amounts, never typed in.
    pub enum Settlement {
        /// The contract is not in force yet.
        Planned = "planned",
        /// Nothing is paid.
        Open = "open",
        /// Some of it is paid.
        Partial = "partial",
        /// All that was to be paid is paid.
        Paid = "paid",
        /// The rest was given up.
        WrittenOff = "written_off",
        /// The rest fell away with the contract.
        Cancelled = "cancelled",
    }
}

impl Settlement {
    /// Those of which something is still to be paid.
    pub const OWED: [Self; 2] = [Self::Open, Self::Partial];
}

record! {
    /// One instalment.
    pub struct Receivable {
        /// The contract.
        contract_id: Uuid = def::reference("contract").required().by_operation();
        /// Its customer.
        customer_id: Uuid = def::reference("customer").required().by_operation();
        /// The how-manieth instalment.
        position: i64 = def::int(1, 10_000).required().by_operation();
        /// When it is due.
        due_on: NaiveDate = def::date().required().by_operation().sortable();
        /// How much.
        amount: Money = def::money().foreign().required().by_operation();
        /// What of it is paid.
        paid_amount: Money = def::money().foreign().required().by_operation();
        /// What was given up.
        written_off_amount: Money = def::money().foreign().required().by_operation();
        /// What fell away.
        cancelled_amount: Money = def::money().foreign().required().by_operation();
        /// What is left: amount − paid − written off − cancelled, once the contract is in force.
        outstanding_amount: Money = def::money().foreign().required().by_operation();
        /// How far it is settled.
        settlement: Settlement = def::choice(Settlement::CODES).required().by_operation();
        /// The first day on which it is overdue, while anything is outstanding: it is overdue when
        /// that day has come (`overdue_from <= today`).
        overdue_from: Option<NaiveDate> = def::date().by_operation().sortable();
        /// What it is for: prepayment, on delivery.
        note: Option<String> = def::text(250).by_operation();
        /// The contract's rate of exchange.
        exchange_rate: i64 = def::millionths(1, MAX_MILLIONTHS).required().by_operation();
        /// Who handles the contract.
        owner_id: Option<Uuid> = def::reference("user").by_operation();
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "receivable",
    plural: "receivables",
    table: "receivables",
    fields: Receivable::FIELDS,
    title: &["note"],
    visibility: Visibility::Ledger(&[("contract_id", "contract")]),
    check: no_check,
    can: Capabilities::NONE,
};
