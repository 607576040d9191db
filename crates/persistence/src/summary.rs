//! Groups and sums.

use kehu_domain::def::{Field, Type};
use kehu_domain::value::Value;
use sea_orm::sea_query::{Expr, ExprTrait, Func, Order};

use crate::db::Session;
use crate::lists::{self, ListQuery};
use crate::{StoreError, columns};

/// The most groups that one summary has.
pub const MAX_GROUPS: u64 = 1_000;

/// The records that have the same values in the fields grouped by.
#[derive(Debug, Clone)]
pub struct Group {
    /// These values, in the order asked for.
    pub values: Vec<Value>,
    /// How many there are.
    pub count: i64,
    /// The sums in the order asked for, in minor units for money; `None` where no record has a value.
    pub sums: Vec<Option<i64>>,
}

/// Groups the records of a list and sums fields of each group. Money in another currency than
/// `currency` is left out of sums.
///
/// # Errors
/// When the database fails.
pub async fn summarise(
    session: &Session,
    query: &ListQuery,
    group_by: &[&'static Field],
    sum: &[&'static Field],
    currency: &str,
) -> Result<Vec<Group>, StoreError> {
    let mut select = lists::matching(session, query, &[]).await?;
    for field in group_by {
        select
            .column(field.name)
            .add_group_by([Expr::col(field.name)]);
    }
    select.expr(Expr::cust("count(*)"));
    for field in sum {
        let value = if field.ty == Type::Money {
            let ours = Expr::col(columns::currency_column(field.name)).eq(currency);
            sea_orm::sea_query::CaseStatement::new()
                .case(ours, Expr::col(field.name))
                .into()
        } else {
            Expr::col(field.name)
        };
        // PostgreSQL sums bigint as numeric; the cast refuses what would not fit.
        select.expr(Expr::expr(Func::sum(value)).cast_as("bigint"));
    }
    for field in group_by {
        select.order_by(field.name, Order::Asc);
    }
    select.limit(MAX_GROUPS);
    let mut groups = Vec::new();
    for row in session.all(&select).await? {
        let record = columns::decode(&row, group_by)?;
        let width: usize = group_by.iter().map(|field| columns::width(field)).sum();
        let sums = (0..sum.len())
            .map(|index| row.try_get_by_index(width + 1 + index))
            .collect::<Result<_, _>>()?;
        groups.push(Group {
            values: group_by
                .iter()
                .map(|field| record.get(field.name).clone())
                .collect(),
            count: row.try_get_by_index(width)?,
            sums,
        });
    }
    Ok(groups)
}
