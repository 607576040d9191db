//! Targets: planned figures of a person or a department for a month (销售目标).

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, FieldProblem, Visibility};
use crate::money::MAX_AMOUNT;
use crate::record::Record;
use crate::value::Value;
use crate::{activity, allocation, contract, customer, opportunity, payment};

codes! {
    /// What is planned.
    pub enum Metric {
        /// Confirmed receipts.
        Receipts = "receipts",
        /// The amount of contracts that come into force.
        ContractAmount = "contract_amount",
        /// The amount of opportunities won.
        WonAmount = "won_amount",
        /// Customers whose first contract comes into force.
        NewCustomers = "new_customers",
        /// Opportunities begun.
        NewOpportunities = "new_opportunities",
        /// Visits to customers.
        Visits = "visits",
    }
}

impl Metric {
    /// The kind whose owner says whose figure it is.
    #[must_use]
    pub const fn whose(self) -> &'static Def {
        match self {
            Self::Receipts | Self::ContractAmount => &contract::DEF,
            Self::WonAmount | Self::NewOpportunities => &opportunity::DEF,
            Self::NewCustomers => &customer::DEF,
            Self::Visits => &activity::DEF,
        }
    }

    /// What it is made of: fields of kinds.
    #[must_use]
    pub fn made_of(self) -> Vec<(&'static Def, &'static str)> {
        match self {
            Self::Receipts => vec![(&payment::DEF, "amount"), (&allocation::DEF, "amount")],
            Self::ContractAmount => vec![(&contract::DEF, "base_amount")],
            Self::WonAmount => vec![(&opportunity::DEF, "base_amount")],
            Self::NewOpportunities => vec![(&opportunity::DEF, "started_on")],
            Self::NewCustomers => vec![(&customer::DEF, "first_contract_on")],
            Self::Visits => vec![(&activity::DEF, "activity_type")],
        }
    }

    /// Whether it is counted in minor units of the workspace's currency.
    #[must_use]
    pub const fn is_money(self) -> bool {
        match self {
            Self::Receipts | Self::ContractAmount | Self::WonAmount => true,
            Self::NewCustomers | Self::NewOpportunities | Self::Visits => false,
        }
    }
}

record! {
    /// What is planned for a month.
    pub struct Target {
        /// The person; or, for a department, who answers for it.
        owner_id: Option<Uuid> = def::reference("user").on_create().default(Default::Actor);
        /// The department, where it is not a person's.
        department_id: Option<Uuid> = def::reference("department").on_create();
        /// The month: its first day.
        month: NaiveDate = def::date().required().sortable().on_create();
        /// What is planned.
        metric: Metric = def::choice(Metric::CODES).required().on_create();
        /// How much: minor units of the workspace's currency, or a number.
        planned: i64 = def::int(0, MAX_AMOUNT).required().sortable();
        /// Person or department, month and metric in one, so that there is one target for each.
        slot: Option<String> = def::text(120).by_operation().unique();
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "target",
    plural: "targets",
    table: "targets",
    fields: Target::FIELDS,
    title: &[],
    visibility: Visibility::Owned,
    check,
    can: Capabilities::NONE,
};

/// A month is named by its first day.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    match after.get("month") {
        Value::Date(day) if day.day() != 1 => vec![FieldProblem::new("month", "not_a_month")],
        _ => Vec::new(),
    }
}

/// What a target is for, as one text.
#[must_use]
pub fn slot(record: &Record) -> String {
    let subject = match (
        record.get("department_id").as_id(),
        record.get("owner_id").as_id(),
    ) {
        (Some(department), _) => format!("department:{department}"),
        (None, Some(person)) => format!("user:{person}"),
        (None, None) => "workspace".to_owned(),
    };
    let month = match record.get("month") {
        Value::Date(day) => day.format("%Y-%m").to_string(),
        _ => String::new(),
    };
    let metric = record.get("metric").as_text().unwrap_or_default();
    format!("{subject}:{month}:{metric}")
}
