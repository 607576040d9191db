//! What was won and lost, by month, owner, customer, industry or product.

use kehu_domain::customer;
use kehu_domain::document_line;
use kehu_domain::opportunity;
use kehu_domain::scope::Scope;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use sea_orm::{DbBackend, QueryResult, Statement};
use uuid::Uuid;

use crate::db::Session;
use crate::lists::{self, ListQuery};
use crate::{StoreError, dialect, scope};

/// The most groups of one report.
const MAX_GROUPS: u64 = 1_000;

/// What belongs together.
#[derive(Debug, Clone)]
pub enum Key {
    /// Everything.
    All,
    /// What was decided in the same month: `2026-11`.
    Month,
    /// What has the same owner.
    Owner,
    /// What has the same customer.
    Customer,
    /// What has a customer of the same industry, as far as the reader sees these customers.
    Industry(Scope),
    /// What has the same product among its lines; who has several counts with each.
    Product,
}

/// What became of the opportunities that belong together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decided {
    /// How many were won.
    pub won: i64,
    /// Σ of their amounts.
    pub won_amount: i64,
    /// How many were lost.
    pub lost: i64,
    /// Σ of the days from the beginning to the decision of those that were won.
    pub days: i64,
    /// Of how many of these the beginning is known.
    pub timed: i64,
}

impl Decided {
    /// Adds others.
    pub const fn add(&mut self, other: Self) {
        self.won += other.won;
        self.won_amount += other.won_amount;
        self.lost += other.lost;
        self.days += other.days;
        self.timed += other.timed;
    }
}

/// What became of the opportunities that a list finds, by group; those that brought most come first.
///
/// # Errors
/// When the database fails.
pub async fn decided(
    session: &Session,
    query: &ListQuery,
    key: &Key,
) -> Result<Vec<(Option<String>, Decided)>, StoreError> {
    let mut select = lists::matching(session, query, &[]).await?;
    let group = match key {
        Key::Product => return by_product(session, select).await,
        Key::All => None,
        Key::Month => Some("substr(closed_on, 1, 7)"),
        Key::Owner => Some("owner_id"),
        Key::Customer => Some("customer_id"),
        Key::Industry(seen) => {
            join_industries(session, &mut select, seen).await?;
            Some("the_industry")
        }
    };
    if let Some(group) = group {
        select
            .expr(Expr::cust(group))
            .add_group_by([Expr::cust(group)]);
    }
    for sum in sums(session.backend()) {
        select.expr(Expr::cust(sum));
    }
    let amount = if group.is_some() { "3" } else { "2" };
    select
        .order_by_expr(Expr::cust(amount), sea_orm::sea_query::Order::Desc)
        .limit(MAX_GROUPS);
    let is_id = matches!(key, Key::Owner | Key::Customer);
    let rows = session.all(&select).await?;
    rows.iter()
        .map(|row| {
            let (key, at) = match (group, is_id) {
                (None, _) => (None, 0),
                (Some(_), true) => {
                    let id: Option<Uuid> = row.try_get_by_index(0)?;
                    (id.map(|id| id.to_string()), 1)
                }
                (Some(_), false) => (row.try_get_by_index(0)?, 1),
            };
            Ok((key, read(row, at)?))
        })
        .collect()
}

/// The sums of a group, in the order of [`read`].
fn sums(backend: DbBackend) -> [String; 5] {
    let days = dialect::days_between(backend, "started_on", "closed_on");
    [
        "CASE WHEN status = 'won' THEN 1 ELSE 0 END".to_owned(),
        "CASE WHEN status = 'won' THEN coalesce(base_amount, 0) ELSE 0 END".to_owned(),
        "CASE WHEN status = 'lost' THEN 1 ELSE 0 END".to_owned(),
        format!("CASE WHEN status = 'won' AND started_on IS NOT NULL THEN {days} ELSE 0 END"),
        "CASE WHEN status = 'won' AND started_on IS NOT NULL THEN 1 ELSE 0 END".to_owned(),
    ]
    .map(|sum| format!("CAST(coalesce(sum({sum}), 0) AS bigint)"))
}

/// The products stand in a list of each opportunity, which is taken apart in place.
async fn by_product(
    session: &Session,
    mut found: SelectStatement,
) -> Result<Vec<(Option<String>, Decided)>, StoreError> {
    found.columns([
        "product_ids",
        "status",
        "base_amount",
        "started_on",
        "closed_on",
    ]);
    let backend = session.backend();
    let each = dialect::each_in_list(backend, "found.product_ids");
    let sums = sums(backend).join(", ");
    let rows = around(session, &found, |found| {
        format!(
            "SELECT entry.value, {sums} FROM ({found}) AS found {each} \
             GROUP BY 1 ORDER BY 3 DESC LIMIT {MAX_GROUPS}"
        )
    });
    let rows = rows.await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, read(row, 1)?)))
        .collect()
}

/// Asks with a statement that is written around another.
async fn around(
    session: &Session,
    inner: &SelectStatement,
    outer: impl FnOnce(&str) -> String,
) -> Result<Vec<QueryResult>, StoreError> {
    let backend = session.backend();
    let inner: Statement = backend.build(inner);
    let statement = Statement {
        sql: outer(&inner.sql),
        ..inner
    };
    session.all_raw(statement).await
}

fn read(row: &QueryResult, at: usize) -> Result<Decided, StoreError> {
    Ok(Decided {
        won: row.try_get_by_index(at)?,
        won_amount: row.try_get_by_index(at + 1)?,
        lost: row.try_get_by_index(at + 2)?,
        days: row.try_get_by_index(at + 3)?,
        timed: row.try_get_by_index(at + 4)?,
    })
}

async fn join_industries(
    session: &Session,
    select: &mut SelectStatement,
    seen: &Scope,
) -> Result<(), StoreError> {
    let look = scope::look(session, seen).await?;
    let seen = scope::condition(session.backend(), &customer::DEF, seen, look);
    let industries = Query::select()
        .expr_as(Expr::col("id"), "the_customer")
        .expr_as(Expr::col("industry"), "the_industry")
        .from(customer::DEF.table)
        .cond_where(seen)
        .take();
    let same =
        Expr::col(("industries", "the_customer")).equals((opportunity::DEF.table, "customer_id"));
    select.join_subquery(JoinType::LeftJoin, industries, "industries", same);
    Ok(())
}

/// What the lines of a product came to, in one currency at one rate of exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineSum {
    /// The product; none for lines that name none.
    pub product: Option<Uuid>,
    /// The currency.
    pub currency: String,
    /// The rate of exchange to the workspace's currency.
    pub rate: i64,
    /// Σ of the lines with tax, in minor units.
    pub gross: i64,
}

/// What the lines of each product came to, over the opportunities that a list finds and that have a
/// product.
///
/// # Errors
/// When the database fails.
pub async fn line_sums(session: &Session, query: &ListQuery) -> Result<Vec<LineSum>, StoreError> {
    let mut found = lists::matching(session, query, &[]).await?;
    found
        .columns(["id", "amount_currency", "exchange_rate"])
        .and_where(Expr::col("product_ids").ne("[]"))
        .and_where(Expr::col("base_amount").is_not_null());
    let groups = [
        ("line", "product_id"),
        ("found", "amount_currency"),
        ("found", "exchange_rate"),
    ];
    let same = Condition::all()
        .add(Expr::col(("line", "workspace_id")).eq(query.scope.workspace_id))
        .add(Expr::col(("line", "opportunity_id")).equals(("found", "id")));
    let gross = Func::sum(Expr::col(("line", "gross")));
    let mut select = Query::select();
    select
        .columns(groups)
        .expr(Expr::expr(gross).cast_as("bigint"))
        .from_subquery(found, "found")
        .join_as(JoinType::InnerJoin, document_line::DEF.table, "line", same)
        .group_by_columns(groups);
    let rows = session.all(&select).await?;
    rows.iter()
        .map(|row| {
            Ok(LineSum {
                product: row.try_get_by_index(0)?,
                currency: row.try_get_by_index(1)?,
                rate: row.try_get_by_index(2)?,
                gross: row.try_get_by_index(3)?,
            })
        })
        .collect()
}
