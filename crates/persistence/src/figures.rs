//! The figures of a period for some people: what was planned and what was reached.

use chrono::{DateTime, NaiveDate, Utc};
use kehu_domain::ctx::Owners;
use kehu_domain::receivable::Settlement;
use kehu_domain::{contract, opportunity, payment};
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use uuid::Uuid;

use crate::StoreError;
use crate::columns::stored_date;
use crate::db::Session;
use crate::reach::{self, FEW, Look};

/// Whose figures, of which days.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The workspace.
    pub workspace: Uuid,
    /// The people.
    pub owners: Owners,
    /// For what is left of payments, the people by whom these were reported, where these are others.
    pub of_payments: Option<Owners>,
    /// Of the records that the figures are made of, only those of these people too: the table, and
    /// whose of it the caller sees, where that is not everybody's.
    pub narrowed: Vec<(&'static str, Owners)>,
    /// Of these only those of this department and all below it.
    pub within: Option<Uuid>,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// A sum of money in one currency at one rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtRate {
    /// The ISO 4217 currency.
    pub currency: String,
    /// Millionths of the workspace's currency for one of it; a document in another currency has it.
    pub exchange_rate: Option<i64>,
    /// In minor units of the currency.
    pub amount: i64,
}

fn rows(asked: &Asked, table: &'static str, day: &'static str) -> SelectStatement {
    let mut query = Query::select();
    query
        .from(table)
        .and_where(Expr::col((table, "workspace_id")).eq(asked.workspace))
        .and_where(Expr::col((table, "deleted_at")).is_null())
        .and_where(Expr::col((table, day)).gte(stored_date(asked.from)))
        .and_where(Expr::col((table, day)).lte(stored_date(asked.to)));
    query
}

/// Leaves those rows that belong to the people.
async fn of_owners(
    session: &Session,
    query: &mut SelectStatement,
    asked: &Asked,
    (table, column): (&'static str, &'static str),
) -> Result<(), StoreError> {
    let (backend, workspace) = (session.backend(), asked.workspace);
    for (made_of, owners) in &asked.narrowed {
        let column = format!("{made_of}.owner_id");
        let reached = reach::condition(backend, workspace, *owners, &column, Look::Many);
        query.and_where(reached);
    }
    let column = format!("{table}.{column}");
    if asked.owners != Owners::All {
        let people = reach::breadth(session, workspace, asked.owners).await?;
        let look = if people <= FEW { Look::Few } else { Look::Many };
        let reached = reach::condition(backend, workspace, asked.owners, &column, look);
        query.and_where(reached);
    }
    if let Some(department) = asked.within {
        let within = reach::in_department(backend, workspace, department, &column);
        query.and_where(within);
    }
    Ok(())
}

fn sum(column: (&'static str, &'static str)) -> Expr {
    let sum = Expr::expr(Func::sum(Expr::col(column))).cast_as("bigint");
    Expr::expr(Func::coalesce([sum, Expr::val(0_i64)]))
}

async fn number(session: &Session, query: &SelectStatement) -> Result<i64, StoreError> {
    Ok(match session.one(query).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    })
}

/// What came in: confirmed money that was allocated counts for who handles the contract, what is left
/// of it for who reported it. What was paid back does not count.
///
/// # Errors
/// When the database fails.
pub async fn receipts(session: &Session, asked: &Asked) -> Result<Vec<AtRate>, StoreError> {
    let mut allocated = rows(asked, "payments", "received_on");
    allocated
        .column(("payments", "amount_currency"))
        .column(("payments", "exchange_rate"))
        .expr(sum(("allocations", "amount")))
        .join(
            JoinType::InnerJoin,
            "allocations",
            Expr::col(("allocations", "payment_id")).equals(("payments", "id")),
        )
        .join(
            JoinType::InnerJoin,
            "contracts",
            Expr::col(("contracts", "id")).equals(("allocations", "contract_id")),
        )
        .and_where(Expr::col(("payments", "status")).eq(payment::Status::Confirmed.code()))
        .and_where(Expr::col(("allocations", "released_at")).is_null());
    of_owners(session, &mut allocated, asked, ("contracts", "owner_id")).await?;
    let mut left = rows(asked, "payments", "received_on");
    left.column(("payments", "amount_currency"))
        .column(("payments", "exchange_rate"))
        .expr(sum(("payments", "unallocated_amount")))
        .and_where(Expr::col(("payments", "status")).eq(payment::Status::Confirmed.code()));
    let of_payments = Asked {
        owners: asked.of_payments.unwrap_or(asked.owners),
        ..asked.clone()
    };
    of_owners(session, &mut left, &of_payments, ("payments", "owner_id")).await?;
    let mut found = at_rates(session, &mut allocated, "payments").await?;
    found.extend(at_rates(session, &mut left, "payments").await?);
    Ok(found)
}

/// What is due in the period, without what was given up or fell away.
///
/// # Errors
/// When the database fails.
pub async fn due(session: &Session, asked: &Asked) -> Result<Vec<AtRate>, StoreError> {
    let column = |name| Expr::col(("receivables", name));
    let net = column("amount")
        .sub(column("written_off_amount"))
        .sub(column("cancelled_amount"));
    let sum = Expr::expr(Func::sum(net)).cast_as("bigint");
    let mut query = rows(asked, "receivables", "due_on");
    query
        .column(("receivables", "amount_currency"))
        .column(("receivables", "exchange_rate"))
        .expr(Expr::expr(Func::coalesce([sum, Expr::val(0_i64)])))
        .and_where(column("settlement").ne(Settlement::Planned.code()));
    of_owners(session, &mut query, asked, ("receivables", "owner_id")).await?;
    at_rates(session, &mut query, "receivables").await
}

async fn at_rates(
    session: &Session,
    query: &mut SelectStatement,
    table: &'static str,
) -> Result<Vec<AtRate>, StoreError> {
    query.add_group_by(["amount_currency", "exchange_rate"].map(|name| Expr::col((table, name))));
    let rows = session.all(query).await?;
    rows.iter()
        .map(|row| {
            Ok(AtRate {
                currency: row.try_get_by_index(0)?,
                exchange_rate: row.try_get_by_index(1)?,
                amount: row.try_get_by_index(2)?,
            })
        })
        .collect()
}

/// Σ of contracts that came into force, in the workspace's currency.
///
/// # Errors
/// When the database fails.
pub async fn contracted(session: &Session, asked: &Asked) -> Result<i64, StoreError> {
    let mut query = rows(asked, "contracts", "effective_on");
    query
        .expr(sum(("contracts", "base_amount")))
        .and_where(Expr::col(("contracts", "status")).ne(contract::Status::Draft.code()));
    of_owners(session, &mut query, asked, ("contracts", "owner_id")).await?;
    number(session, &query).await
}

/// Σ of opportunities won, in the workspace's currency.
///
/// # Errors
/// When the database fails.
pub async fn won(session: &Session, asked: &Asked) -> Result<i64, StoreError> {
    let mut query = rows(asked, "opportunities", "closed_on");
    query
        .expr(sum(("opportunities", "base_amount")))
        .and_where(Expr::col(("opportunities", "status")).eq(opportunity::Status::Won.code()));
    of_owners(session, &mut query, asked, ("opportunities", "owner_id")).await?;
    number(session, &query).await
}

/// How many opportunities began.
///
/// # Errors
/// When the database fails.
pub async fn new_opportunities(session: &Session, asked: &Asked) -> Result<i64, StoreError> {
    let mut query = rows(asked, "opportunities", "started_on");
    query.expr(Expr::cust("count(*)"));
    of_owners(session, &mut query, asked, ("opportunities", "owner_id")).await?;
    number(session, &query).await
}

/// How many customers' first contract came into force.
///
/// # Errors
/// When the database fails.
pub async fn new_customers(session: &Session, asked: &Asked) -> Result<i64, StoreError> {
    let mut query = rows(asked, "customers", "first_contract_on");
    query.expr(Expr::cust("count(*)"));
    of_owners(session, &mut query, asked, ("customers", "owner_id")).await?;
    number(session, &query).await
}

/// How many visits were made between two moments.
///
/// # Errors
/// When the database fails.
pub async fn visits(
    session: &Session,
    asked: &Asked,
    from: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let column = |name| Expr::col(("activities", name));
    let mut query = Query::select()
        .expr(Expr::cust("count(*)"))
        .from("activities")
        .and_where(column("workspace_id").eq(asked.workspace))
        .and_where(column("deleted_at").is_null())
        .and_where(column("activity_type").eq("visit"))
        .and_where(column("occurred_at").gte(from.timestamp_micros()))
        .and_where(column("occurred_at").lt(before.timestamp_micros()))
        .take();
    of_owners(session, &mut query, asked, ("activities", "owner_id")).await?;
    number(session, &query).await
}

/// Σ of the people's targets for the month that begins on `asked.from`, by figure; of a
/// department's own ones with `department`.
///
/// # Errors
/// When the database fails.
pub async fn targets(
    session: &Session,
    asked: &Asked,
    department: Option<Uuid>,
) -> Result<Vec<(String, i64)>, StoreError> {
    let column = |name| Expr::col(("targets", name));
    let mut query = Query::select()
        .column(("targets", "metric"))
        .expr(sum(("targets", "planned")))
        .from("targets")
        .and_where(column("workspace_id").eq(asked.workspace))
        .and_where(column("deleted_at").is_null())
        .and_where(column("month").eq(stored_date(asked.from)))
        .add_group_by([column("metric")])
        .take();
    match department {
        Some(department) => {
            query.and_where(column("department_id").eq(department));
        }
        None => {
            query.and_where(column("department_id").is_null());
            of_owners(session, &mut query, asked, ("targets", "owner_id")).await?;
        }
    }
    let rows = session.all(&query).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}
