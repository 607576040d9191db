//! Sums over contracts, receivables and payments: balances, ageing, statements.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Field};
use kehu_domain::exchange_rate::{self, ExchangeRate};
use kehu_domain::receivable::Settlement;
use kehu_domain::scope::{self, Action, Reason, Scope};
use kehu_domain::{adjustment, contract, payment, receivable, refund};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use sea_orm::{FromQueryResult, QueryResult};
use uuid::Uuid;

use crate::StoreError;
use crate::columns::{self, stored_date};
use crate::db::Session;
use crate::reach::Look;
use crate::records::{self, Trash};

/// What currencies were worth in the workspace's own on the days that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Rates {
    /// Of each currency, the latest first.
    known: HashMap<String, Vec<ExchangeRate>>,
}

impl Rates {
    /// The rate of a currency (ISO 4217) on a day that was asked for, in millionths; `None` when
    /// nobody has said what it was worth then.
    #[must_use]
    pub fn of(&self, currency: &str, day: NaiveDate) -> Option<i64> {
        let mut known = self.known.get(currency)?.iter();
        known
            .find(|rate| rate.valid_from <= day)
            .map(|rate| rate.rate)
    }
}

/// Asks what currencies (ISO 4217) were worth on these days: one statement for each currency, which
/// reads the rates from the one that held on its first day to the one of its last.
///
/// # Errors
/// When the database fails.
pub async fn rates(
    session: &Session,
    workspace: Uuid,
    wanted: &[(&str, NaiveDate)],
) -> Result<Rates, StoreError> {
    let mut spans: BTreeMap<&str, (NaiveDate, NaiveDate)> = BTreeMap::new();
    for (currency, day) in wanted {
        let span = spans.entry(currency).or_insert((*day, *day));
        *span = (Ord::min(span.0, *day), Ord::max(span.1, *day));
    }
    let def = &exchange_rate::DEF;
    let everything = Scope::system(workspace, Reason::Settings);
    let fields: Vec<_> = def.all_fields().collect();
    let backend = session.backend();
    let mut rates = Rates::default();
    for (currency, (first, last)) in spans {
        let of_currency = |fields: &[&'static Field]| {
            let seen = crate::scope::condition(backend, def, &everything, Look::Each);
            records::select_seen(def, seen, Trash::Outside, fields)
                .and_where(Expr::col("currency").eq(currency))
                .take()
        };
        let held = of_currency(&[])
            .expr(Func::max(Expr::col("valid_from")))
            .and_where(Expr::col("valid_from").lte(stored_date(first)))
            .take();
        let since = Expr::col("valid_from")
            .gt(stored_date(first))
            .or(Expr::col("valid_from").in_subquery(held));
        let query = of_currency(&fields)
            .and_where(Expr::col("valid_from").lte(stored_date(last)))
            .and_where(since)
            .order_by("valid_from", Order::Desc)
            .take();
        let mut known = Vec::new();
        for row in session.all(&query).await? {
            known.push(ExchangeRate::from_record(&columns::decode(&row, &fields)?)?);
        }
        rates.known.insert(currency.to_owned(), known);
    }
    Ok(rates)
}

/// The contracts of a customer that have something outstanding in a currency.
///
/// # Errors
/// When the database fails.
pub async fn open_contracts(
    session: &Session,
    workspace: Uuid,
    customer: Uuid,
    currency: &str,
) -> Result<Vec<Uuid>, StoreError> {
    let query = Query::select()
        .distinct()
        .column("contract_id")
        .from("receivables")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("deleted_at").is_null())
        .and_where(Expr::col("customer_id").eq(customer))
        .and_where(Expr::col("settlement").is_in(Settlement::OWED.map(Settlement::code)))
        .and_where(Expr::col("amount_currency").eq(currency))
        .take();
    let rows = session.all(&query).await?;
    rows.iter()
        .map(|row| Ok(row.try_get_by_index(0)?))
        .collect()
}

/// A sum as a 64-bit whole number: PostgreSQL sums bigint as numeric, and the cast refuses what
/// would not fit. 0 where there is nothing to sum.
fn sum(column: &'static str) -> Expr {
    let sum = Expr::expr(Func::sum(Expr::col(column))).cast_as("bigint");
    Expr::expr(Func::coalesce([sum, Expr::val(0_i64)]))
}

/// What a customer owes and has, in one currency, in minor units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Balance {
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

/// The balances of a customer by currency, as far as the caller sees contracts and payments.
///
/// # Errors
/// When the database fails.
pub async fn balances(
    session: &Session,
    ctx: &Ctx,
    customer: Uuid,
    today: NaiveDate,
) -> Result<Vec<(String, Balance)>, StoreError> {
    let mut found: Vec<(String, Balance)> = Vec::new();
    let mut due = scoped(session, ctx, &receivable::DEF).await?;
    due.column("amount_currency")
        .exprs(["amount", "paid_amount", "outstanding_amount"].map(sum))
        .exprs(["written_off_amount", "cancelled_amount"].map(sum))
        .expr(overdue(today))
        .and_where(Expr::col("customer_id").eq(customer))
        .and_where(Expr::col("settlement").ne(Settlement::Planned.code()))
        .add_group_by([Expr::col("amount_currency")]);
    for row in session.all(&due).await? {
        let balance = Balance {
            contracted: row.try_get_by_index(1)?,
            paid: row.try_get_by_index(2)?,
            outstanding: row.try_get_by_index(3)?,
            written_off: row.try_get_by_index(4)?,
            cancelled: row.try_get_by_index(5)?,
            overdue: row.try_get_by_index(6)?,
            unallocated: 0,
        };
        found.push((row.try_get_by_index(0)?, balance));
    }
    let mut paid = scoped(session, ctx, &payment::DEF).await?;
    paid.column("amount_currency")
        .expr(sum("unallocated_amount"))
        .and_where(Expr::col("customer_id").eq(customer))
        .and_where(Expr::col("status").eq(payment::Status::Confirmed.code()))
        .add_group_by([Expr::col("amount_currency")]);
    for row in session.all(&paid).await? {
        let (currency, unallocated): (String, i64) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        match found.iter_mut().find(|(known, _)| *known == currency) {
            Some((_, balance)) => balance.unallocated = unallocated,
            None => found.push((
                currency,
                Balance {
                    unallocated,
                    ..Balance::default()
                },
            )),
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// Σ outstanding of what is overdue.
fn overdue(today: NaiveDate) -> Expr {
    let late = Expr::col("overdue_from").lte(stored_date(today));
    let case = sea_orm::sea_query::CaseStatement::new()
        .case(late, Expr::col("outstanding_amount"))
        .finally(0_i64);
    let sum = Expr::expr(Func::sum(case)).cast_as("bigint");
    Expr::expr(Func::coalesce([sum, Expr::val(0_i64)]))
}

/// A query for the records of a kind that the caller sees.
async fn scoped(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
) -> Result<SelectStatement, StoreError> {
    let read = scope::of(ctx, def, Action::View);
    let look = crate::scope::look(session, &read).await?;
    let seen = crate::scope::condition(session.backend(), def, &read, look);
    Ok(records::select_seen(def, seen, Trash::Outside, &[]))
}

/// What is outstanding, in parts that age alike: owner, customer, currency and rate, first day
/// overdue, sum.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Debt {
    /// Who handles the contracts.
    pub owner_id: Option<Uuid>,
    /// Who owes.
    pub customer_id: Option<Uuid>,
    /// In which currency.
    pub currency: String,
    /// At which rate: millionths of the workspace's currency.
    pub exchange_rate: i64,
    /// When it was due.
    pub due_on: String,
    /// How much, in minor units of the currency.
    pub outstanding: i64,
}

/// What is outstanding as far as the caller sees it, grouped by what ageing tells apart.
///
/// # Errors
/// When the database fails.
pub async fn debts(session: &Session, ctx: &Ctx) -> Result<Vec<Debt>, StoreError> {
    let mut query = scoped(session, ctx, &receivable::DEF).await?;
    query
        .columns(["owner_id", "customer_id"])
        .expr_as(Expr::col("amount_currency"), "currency")
        .columns(["exchange_rate", "due_on"])
        .expr_as(sum("outstanding_amount"), "outstanding")
        .and_where(Expr::col("settlement").is_in(Settlement::OWED.map(Settlement::code)))
        .add_group_by(
            [
                "owner_id",
                "customer_id",
                "amount_currency",
                "exchange_rate",
                "due_on",
            ]
            .map(Expr::col),
        );
    let rows = session.all(&query).await?;
    rows.iter()
        .map(|row| Ok(Debt::from_query_result(row, "")?))
        .collect()
}

/// Σ in the workspace's currency of the contracts that came into force from .. to, as far as the
/// caller sees them.
///
/// # Errors
/// When the database fails.
pub async fn credit_sales(
    session: &Session,
    ctx: &Ctx,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<i64, StoreError> {
    let mut query = scoped(session, ctx, &contract::DEF).await?;
    query
        .expr(sum("base_amount"))
        .and_where(Expr::col("status").is_in(contract::Status::BINDING.map(contract::Status::code)))
        .and_where(Expr::col("effective_on").gte(stored_date(from)))
        .and_where(Expr::col("effective_on").lte(stored_date(to)));
    one_number(session, &query).await
}

async fn one_number(session: &Session, query: &SelectStatement) -> Result<i64, StoreError> {
    Ok(match session.one(query).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    })
}

/// A line of a customer's statement: what was charged, or what was credited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The day on which it counts.
    pub on: String,
    /// What it is: `contract`, `payment`, `reversal`, `refund`, `write_off`, `cancellation`.
    pub kind: String,
    /// The record.
    pub id: Uuid,
    /// Its number or its reason.
    pub title: Option<String>,
    /// What it adds to the debt; below zero what it takes off, in minor units.
    pub amount: i64,
}

/// Everything that moved a customer's debt in one currency up to a day, oldest first, as far as the
/// caller sees it.
///
/// # Errors
/// When the database fails.
pub async fn statement(
    session: &Session,
    ctx: &Ctx,
    customer: Uuid,
    currency: &str,
    to: NaiveDate,
) -> Result<Vec<Entry>, StoreError> {
    let to = stored_date(to);
    let mut found = Vec::new();
    let sources = [
        Source {
            statuses: &contract::Status::BINDING.map(contract::Status::code),
            ..Source::of(&contract::DEF, "effective_on", "number", 1)
        },
        Source {
            statuses: &payment::Status::CAME.map(payment::Status::code),
            ..Source::of(&payment::DEF, "received_on", "number", -1)
        },
        Source {
            name: Some("reversal"),
            statuses: &payment::Status::CAME.map(payment::Status::code),
            ..Source::of(&payment::DEF, "reversed_on", "number", 1)
        },
        Source::of(&refund::DEF, "refunded_on", "reason", 1),
        Source {
            kind_column: Some("adjustment_kind"),
            ..Source::of(&adjustment::DEF, "adjusted_on", "reason", -1)
        },
    ];
    for source in sources {
        let mut query = scoped(session, ctx, source.def).await?;
        query
            .columns([source.day, "id", source.title, "amount"])
            .and_where(Expr::col("customer_id").eq(customer))
            .and_where(Expr::col("amount_currency").eq(currency))
            .and_where(Expr::col(source.day).lte(to.clone()));
        if let Some(column) = source.kind_column {
            query.column(column);
        }
        if !source.statuses.is_empty() {
            query.and_where(Expr::col("status").is_in(source.statuses.iter().copied()));
        }
        for row in session.all(&query).await? {
            found.push(source.entry(&row)?);
        }
    }
    found.sort_by(|a, b| a.on.cmp(&b.on).then(a.id.cmp(&b.id)));
    Ok(found)
}

/// Where lines of a statement come from.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    def: &'static Def,
    /// Those that count; all where there are none.
    statuses: &'a [&'static str],
    name: Option<&'static str>,
    kind_column: Option<&'static str>,
    day: &'static str,
    title: &'static str,
    sign: i64,
}

impl Source<'_> {
    const fn of(def: &'static Def, day: &'static str, title: &'static str, sign: i64) -> Self {
        Self {
            def,
            statuses: &[],
            name: None,
            kind_column: None,
            day,
            title,
            sign,
        }
    }

    fn entry(&self, row: &QueryResult) -> Result<Entry, StoreError> {
        let amount: i64 = row.try_get_by_index(3)?;
        let kind = match self.kind_column {
            Some(_) => row.try_get_by_index(4)?,
            None => self.name.unwrap_or(self.def.kind).to_owned(),
        };
        Ok(Entry {
            on: row.try_get_by_index(0)?,
            kind,
            id: row.try_get_by_index(1)?,
            title: row.try_get_by_index(2)?,
            amount: amount * self.sign,
        })
    }
}
