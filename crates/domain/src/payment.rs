//! Payments: money received (回款). Only what finance confirmed counts.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::capabilities::{Capabilities, Document};
use crate::def::{self, Def, Default, FieldProblem, Section, Visibility};
use crate::document::MAX_MILLIONTHS;
use crate::money::Money;
use crate::record::Record;

codes! {
    /// Where a payment stands.
    pub enum Status {
        /// Somebody says that it came.
        Reported = "reported",
        /// Finance has seen it.
        Confirmed = "confirmed",
        /// Finance has not.
        Rejected = "rejected",
        /// It was a mistake.
        Reversed = "reversed",
    }
}

codes! {
    /// What can be done with a payment.
    pub enum Move {
        /// Finance has seen it.
        Confirm = "confirm",
        /// Finance has not.
        Reject = "reject",
        /// It was a mistake.
        Reverse = "reverse",
    }
}

impl Status {
    /// Those of money that came in, if only to be taken back.
    pub const CAME: [Self; 2] = [Self::Confirmed, Self::Reversed];

    /// The status after a move; `None` where the move is not open.
    #[must_use]
    pub const fn after(self, by: Move) -> Option<Self> {
        match (self, by) {
            (Self::Reported, Move::Confirm) => Some(Self::Confirmed),
            (Self::Reported, Move::Reject) => Some(Self::Rejected),
            (Self::Confirmed, Move::Reverse) => Some(Self::Reversed),
            (
                Self::Reported | Self::Confirmed | Self::Rejected | Self::Reversed,
                Move::Confirm | Move::Reject | Move::Reverse,
            ) => None,
        }
    }

    /// The moves that are open from here.
    #[must_use]
    pub fn open_moves(self) -> Vec<Move> {
        Move::ALL
            .iter()
            .copied()
            .filter(|by| self.after(*by).is_some())
            .collect()
    }
}

record! {
    /// Money received.
    pub struct Payment {
        /// Its number; the next of the year when it is left out.
        number: Option<String> = def::text(60).searchable().sortable().unique();
        /// Whose it is; none until somebody knows.
        customer_id: Option<Uuid> = def::reference("customer");
        /// The contract it is said to be for.
        contract_id: Option<Uuid> =
            def::reference("contract").same_customer("contract_of_another_customer");
        /// Who paid, as the bank says it.
        payer: Option<String> = def::text(200).searchable();
        /// When it came.
        received_on: NaiveDate = def::date().required().sortable();
        /// How much.
        amount: Money = def::money().foreign().required();
        /// How.
        method: Option<String> = def::dictionary("payment_method");
        /// The bank's number of it.
        bank_reference: Option<String> = def::text(120).searchable();
        /// Anything else.
        note: Option<String> = def::text(500);
        /// Where it stands.
        status: Status = def::choice(Status::CODES)
            .by_operation()
            .default(Default::Text("reported"))
            .section(Section::Handling);
        /// What of it is allocated to receivables.
        allocated_amount: Option<Money> =
            def::money().foreign().by_operation().section(Section::Handling);
        /// What of it was paid back.
        refunded_amount: Option<Money> =
            def::money().foreign().by_operation().section(Section::Handling);
        /// What is left of it: the customer's balance.
        unallocated_amount: Option<Money> =
            def::money().foreign().by_operation().section(Section::Handling);
        /// When finance decided on it.
        decided_at: Option<DateTime<Utc>> = def::time().by_operation().section(Section::Handling);
        /// Who decided.
        decided_by_id: Option<Uuid> =
            def::reference("user").by_operation().section(Section::Handling);
        /// Why it was rejected or reversed.
        decision_reason: Option<String> =
            def::text(500).by_operation().section(Section::Handling);
        /// The day on which it was reversed.
        reversed_on: Option<NaiveDate> = def::date().by_operation().section(Section::Handling);
        /// The rate of exchange of its day.
        exchange_rate: Option<i64> =
            def::millionths(1, MAX_MILLIONTHS).by_operation().section(Section::More);
        /// The amount in the workspace's currency.
        base_amount: Option<Money> =
            def::money().by_operation().sortable().section(Section::More);
        /// Who reported it.
        owner_id: Option<Uuid> = def::reference("user")
            .on_create()
            .default(Default::Actor)
            .section(Section::Handling);
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "payment",
    plural: "payments",
    table: "payments",
    fields: Payment::FIELDS,
    title: &["number", "payer"],
    visibility: Visibility::Through(&[("customer_id", "customer"), ("contract_id", "contract")]),
    check,
    can: Capabilities {
        document: Some(Document {
            number: Some("P"),
            day: "received_on",
            amount_required: false,
        }),
        stays: &[
            Status::Confirmed.code(),
            Status::Rejected.code(),
            Status::Reversed.code(),
        ],
        holds: &[Status::Reported.code(), Status::Confirmed.code()],
        ..Capabilities::NONE
    },
};

/// What finance decided on is never edited, but for the note.
fn check(before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if let Some(before) = before
        && before.get("status").as_text() != Some(Status::Reported.code())
    {
        let changed = DEF
            .fields
            .iter()
            .filter(|field| field.on_patch() && field.name != "note")
            .filter(|field| before.get(field.name) != after.get(field.name));
        problems.extend(changed.map(|field| FieldProblem::new(field.name, "payment_is_decided")));
    }
    if matches!(after.get("amount"), crate::value::Value::Money(money) if money.amount == 0) {
        problems.push(FieldProblem::new("amount", "zero"));
    }
    problems
}
