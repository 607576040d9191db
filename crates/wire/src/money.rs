//! The bodies of what contracts, receivables and payments can do, and the views of money. Amounts
//! are whole minor units; where a body has no currency, they are in the document's own.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The body of `PUT …/receivables`: how a draft is to be paid. One of three ways: by hand, in
/// shares, or in equal parts a month apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PlanRequest {
    /// By hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivables: Option<Vec<PlannedReceivable>>,
    /// In shares of basis points: `[3000, 6000, 1000]` is 30/60/10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<Vec<i64>>,
    /// In so many equal parts, a month apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(minimum = 1, maximum = 600))]
    pub monthly: Option<u32>,
    /// When the first is due; needed for shares and equal parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = Date))]
    pub first_due_on: Option<NaiveDate>,
    /// Months from one share to the next, 1 when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 120))]
    pub every_months: Option<u32>,
}

/// One instalment as somebody writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PlannedReceivable {
    /// When it is due.
    #[cfg_attr(feature = "server", schema(value_type = String, format = Date))]
    pub due_on: NaiveDate,
    /// How much, in minor units of the contract's currency.
    pub amount: i64,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The receivables of a contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Receivables {
    /// Each, in order.
    #[cfg_attr(feature = "server", schema(value_type = Vec<Object>))]
    pub items: Vec<Value>,
}

/// The body of `submit`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SubmitRequest {
    /// From which day on it is in force; the day of its signature, or today, when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = Date))]
    pub effective_on: Option<NaiveDate>,
}

/// The body of `terminate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TerminateRequest {
    /// Why, in words.
    pub reason: String,
    /// On which day; today when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = Date))]
    pub terminated_on: Option<NaiveDate>,
}

/// The body of `reschedule`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RescheduleRequest {
    /// When it is due.
    #[cfg_attr(feature = "server", schema(value_type = String, format = Date))]
    pub due_on: NaiveDate,
    /// What it is for; an empty text takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The body of `write-off`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WriteOffRequest {
    /// How much, in minor units; all that is outstanding when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Why, in words.
    pub reason: String,
}

/// The body of `confirm`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ConfirmRequest {
    /// Whose it is, where nobody knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<Uuid>,
    /// What it settles at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocate: Option<AllocateRequest>,
}

/// The body of `allocate`: parts by hand, or the oldest receivables first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AllocateRequest {
    /// By hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocations: Option<Vec<AllocationPart>>,
    /// The customer's oldest receivables in the payment's currency first.
    #[serde(default)]
    pub oldest: bool,
    /// Of this contract alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_id: Option<Uuid>,
}

/// A part of a payment for a receivable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AllocationPart {
    /// The receivable.
    pub receivable_id: Uuid,
    /// How much of the payment, in minor units of its currency.
    pub amount: i64,
    /// How much of the receivable, where the currencies differ; at the day's rates when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivable_amount: Option<i64>,
}

/// A payment and what it settles now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Allocated {
    /// The payment as it is now.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub payment: Value,
    /// The allocations that were made.
    #[cfg_attr(feature = "server", schema(value_type = Vec<Object>))]
    pub allocations: Vec<Value>,
}

/// A reason in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WhyRequest {
    /// Why.
    pub reason: String,
}

/// The body of `reverse`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ReverseRequest {
    /// Why, in words.
    pub reason: String,
    /// On which day; today when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = Date))]
    pub reversed_on: Option<NaiveDate>,
}

/// The body of `match`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MatchRequest {
    /// Whose it is.
    pub customer_id: Uuid,
}

/// The body of `refund`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RefundRequest {
    /// How much, in minor units of the payment's currency.
    pub amount: i64,
    /// Why, in words.
    pub reason: String,
    /// On which day; today when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = Date))]
    pub refunded_on: Option<NaiveDate>,
    /// How: a code of the dictionary `payment_method`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

/// What a customer owes and has, by currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CustomerBalance {
    /// One entry for each currency that there is something in.
    pub currencies: Vec<CurrencyBalance>,
}

/// What a customer owes and has in one currency, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CurrencyBalance {
    /// The ISO 4217 currency.
    pub currency: String,
    /// Σ of contracts that came into force.
    pub contracted: i64,
    /// Σ paid of it.
    pub paid: i64,
    /// Σ still to be paid.
    pub outstanding: i64,
    /// What of it is overdue.
    pub overdue: i64,
    /// Σ given up.
    pub written_off: i64,
    /// Σ that fell away.
    pub cancelled: i64,
    /// Σ of payments that settle nothing yet.
    pub unallocated: i64,
}

/// A customer's statement in one currency, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Statement {
    /// What was owed before the first day.
    pub opening: i64,
    /// What moved it, oldest first.
    pub entries: Vec<StatementEntry>,
    /// What is owed after the last day; below zero, what the customer has to their credit.
    pub closing: i64,
}

/// A line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct StatementEntry {
    /// The day on which it counts.
    #[cfg_attr(feature = "server", schema(format = Date))]
    pub on: String,
    /// `contract`, `payment`, `reversal`, `refund`, `write_off`, `cancellation`.
    pub kind: String,
    /// The record.
    pub id: Uuid,
    /// Its number or its reason.
    pub title: Option<String>,
    /// What it adds to the debt.
    pub charge: i64,
    /// What it takes off.
    pub credit: i64,
    /// What is owed after it.
    pub balance: i64,
}

/// What is outstanding, by how long it is overdue, in minor units of the workspace's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Ageing {
    /// The rows, the largest first.
    pub rows: Vec<AgeingRow>,
}

/// A row of the ageing report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AgeingRow {
    /// The customer, person or department.
    pub key: Option<Uuid>,
    /// What it is called.
    pub title: String,
    /// Not due yet.
    pub not_due: i64,
    /// 1 to 30 days overdue.
    pub days_1_30: i64,
    /// 31 to 60.
    pub days_31_60: i64,
    /// 61 to 90.
    pub days_61_90: i64,
    /// More.
    pub over_90: i64,
    /// Their sum.
    pub total: i64,
}

/// Days sales outstanding: receivables ÷ credit sales of the period × days of the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DaysSalesOutstanding {
    /// What is outstanding, in minor units of the workspace's currency.
    pub receivables: i64,
    /// Contracts that came into force in the period.
    pub credit_sales: i64,
    /// The days of the period.
    pub days: i64,
    /// The figure in tenths of a day; none without sales.
    pub dso_days_tenths: Option<i64>,
}

/// The figures of a month, planned and actual.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Figures {
    /// The month: its first day.
    #[cfg_attr(feature = "server", schema(format = Date))]
    pub month: String,
    /// What of the month has passed, in basis points.
    pub pace: i64,
    /// The receivables that are due in the month, in minor units of the workspace's currency;
    /// `null` where their amounts are kept from who asks.
    pub planned_receipts: Option<i64>,
    /// One entry for each figure.
    pub figures: Vec<Figure>,
}

/// One figure of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Figure {
    /// `receipts`, `contract_amount`, `won_amount`, `new_customers`, `new_opportunities`, `visits`.
    pub metric: String,
    /// Whether it is money: minor units of the workspace's currency.
    pub is_money: bool,
    /// The target; none where nobody set one.
    pub planned: Option<i64>,
    /// What was reached.
    pub actual: i64,
}
