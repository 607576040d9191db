//! Contracts: signed agreements, also the sales order (合同).

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::capabilities::{Capabilities, Document};
use crate::def::{self, Def, Default, FieldProblem, Section, Visibility};
use crate::document::MAX_MILLIONTHS;
use crate::money::Money;
use crate::record::Record;
use crate::rights::Action;

codes! {
    /// Where a contract stands.
    pub enum Status {
        /// Being written.
        Draft = "draft",
        /// In force.
        Effective = "effective",
        /// All of it is paid.
        Completed = "completed",
        /// Ended before its time.
        Terminated = "terminated",
    }
}

codes! {
    /// What can be done with a contract.
    pub enum Move {
        /// It comes into force.
        Submit = "submit",
        /// It is paid in full.
        Complete = "complete",
        /// A payment of it was taken back.
        Resume = "resume",
        /// It ends before its time.
        Terminate = "terminate",
    }
}

impl Status {
    /// Those of a contract that came into force, whatever became of it: it binds, and counts.
    pub const BINDING: [Self; 3] = [Self::Effective, Self::Completed, Self::Terminated];
    /// Their codes.
    pub const BINDING_CODES: &'static [&'static str] = &[
        Self::Effective.code(),
        Self::Completed.code(),
        Self::Terminated.code(),
    ];

    /// The status after a move; `None` where the move is not open.
    #[must_use]
    pub const fn after(self, by: Move) -> Option<Self> {
        match (self, by) {
            (Self::Draft, Move::Submit) | (Self::Completed, Move::Resume) => Some(Self::Effective),
            (Self::Effective, Move::Complete) => Some(Self::Completed),
            (Self::Effective, Move::Terminate) => Some(Self::Terminated),
            (
                Self::Draft | Self::Effective | Self::Completed | Self::Terminated,
                Move::Submit | Move::Complete | Move::Resume | Move::Terminate,
            ) => None,
        }
    }

    /// The moves that a person may make from here.
    #[must_use]
    pub fn open_moves(self) -> Vec<Move> {
        [Move::Submit, Move::Terminate]
            .into_iter()
            .filter(|by| self.after(*by).is_some())
            .collect()
    }
}

record! {
    /// A signed agreement.
    pub struct Contract {
        /// What it is about.
        name: String = def::text(200).required().searchable().sortable();
        /// Its number; the next of the year when it is left out.
        number: Option<String> = def::text(60).searchable().sortable().unique();
        /// Who buys.
        customer_id: Uuid = def::reference("customer").required();
        /// The opportunity that led to it: one contract of each, unless somebody says otherwise.
        opportunity_id: Option<Uuid> =
            def::reference("opportunity").on_create().duplicate_key();
        /// Who signs for the customer.
        contact_id: Option<Uuid> = def::reference("contact");
        /// When it was signed.
        signed_on: Option<NaiveDate> = def::date().sortable();
        /// Who signed for us.
        signed_by_id: Option<Uuid> = def::reference("user");
        /// From when it is valid.
        starts_on: Option<NaiveDate> = def::date();
        /// Until when.
        ends_on: Option<NaiveDate> = def::date().sortable();
        /// What is sold: product, quantity, price, discount, tax.
        lines: Json = def::lines().section(Section::Profile);
        /// Whether the lines' prices include tax.
        includes_tax: bool = def::boolean().default(Default::Bool(true)).section(Section::Profile);
        /// A discount on all lines together.
        discount: Option<Money> = def::money().foreign().section(Section::Profile);
        /// What is to be paid, with tax: the sum of the lines, where it has some.
        amount: Option<Money> = def::money().foreign();
        /// Without tax.
        net_amount: Option<Money> = def::money().foreign().by_operation();
        /// The tax.
        tax_amount: Option<Money> = def::money().foreign().by_operation();
        /// Where it stands.
        status: Status = def::choice(Status::CODES)
            .by_operation()
            .default(Default::Text("draft"))
            .section(Section::Handling);
        /// The day on which it came into force.
        effective_on: Option<NaiveDate> =
            def::date().by_operation().sortable().section(Section::Handling);
        /// What of it is paid.
        paid_amount: Option<Money> =
            def::money().foreign().by_operation().section(Section::Handling);
        /// What of it is still to be paid.
        outstanding_amount: Option<Money> =
            def::money().foreign().by_operation().section(Section::Handling);
        /// When it was paid in full or ended.
        closed_at: Option<DateTime<Utc>> = def::time().by_operation().section(Section::Handling);
        /// Why it ended before its time.
        termination_reason: Option<String> =
            def::text(500).by_operation().section(Section::Handling);
        /// The rate of exchange of its day: millionths of the workspace's currency for one of the
        /// contract's.
        exchange_rate: Option<i64> =
            def::millionths(1, MAX_MILLIONTHS).by_operation().section(Section::More);
        /// The amount in the workspace's currency.
        base_amount: Option<Money> =
            def::money().by_operation().sortable().section(Section::More);
        /// Labels.
        tags: Vec<String> = def::tags().section(Section::Profile);
        /// Anything else.
        note: Option<String> = def::long_text(4000).section(Section::Profile);
        /// Who handles it.
        owner_id: Option<Uuid> = def::reference("user")
            .on_create()
            .default(Default::Actor)
            .section(Section::Handling);
        /// Who works on it beside the owner.
        collaborator_ids: Vec<String> = def::references("user").section(Section::Handling);
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "contract",
    plural: "contracts",
    table: "contracts",
    fields: Contract::FIELDS,
    title: &["name", "number"],
    visibility: Visibility::Owned,
    check,
    can: Capabilities {
        document: Some(Document {
            number: Some("C"),
            day: "signed_on",
            amount_required: true,
        }),
        verbs: &[Action::Submit, Action::Terminate, Action::Transfer],
        stays: Status::BINDING_CODES,
        holds: Status::BINDING_CODES,
        parts: &[
            ("receivable", "contract_id"),
            ("document_line", "contract_id"),
        ],
        ..Capabilities::NONE
    },
};

/// The fields that stay as they are once a contract is in force.
const FIXED: &[&str] = &[
    "number",
    "customer_id",
    "signed_on",
    "starts_on",
    "lines",
    "includes_tax",
    "discount",
    "amount",
];

/// What is in force keeps its text, and days follow each other.
fn check(before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if let Some(before) = before
        && before.get("status").as_text() != Some(Status::Draft.code())
    {
        let changed = FIXED
            .iter()
            .filter(|name| before.get(name) != after.get(name));
        problems.extend(changed.map(|name| FieldProblem::new(name, "contract_is_in_force")));
    }
    if let (crate::value::Value::Date(starts), crate::value::Value::Date(ends)) =
        (after.get("starts_on"), after.get("ends_on"))
        && ends < starts
    {
        problems.push(FieldProblem::new("ends_on", "before_the_start"));
    }
    problems
}
