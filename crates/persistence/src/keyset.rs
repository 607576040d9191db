//! Paging by the values of the last row, never by offset.
//!
//! Missing values sort before all others, on both databases. What comes after a row is a sequence
//! of segments, each a plain conjunction that an index serves; reading them one after the other
//! keeps the order.

use kehu_domain::def::{Field, Type};
use kehu_domain::value::Value;
use sea_orm::DbBackend;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, NullOrdering, Order, SelectStatement};

use crate::columns;

/// One field of a list's order.
#[derive(Debug, Clone, Copy)]
pub struct Sort {
    /// The field.
    pub field: &'static Field,
    /// Whether the largest come first.
    pub descending: bool,
}

/// Puts a query into the order.
pub(crate) fn order(backend: DbBackend, query: &mut SelectStatement, sort: &[Sort]) {
    for Sort { field, descending } in sort {
        let direction = if *descending { Order::Desc } else { Order::Asc };
        if backend == DbBackend::Postgres {
            // As in the indexes, for fields that are never missing too: the planner takes an index
            // only where it says the same of missing values.
            let nulls = if *descending {
                NullOrdering::Last
            } else {
                NullOrdering::First
            };
            query.order_by_with_nulls(field.name, direction, nulls);
        } else {
            query.order_by(field.name, direction);
        }
    }
}

/// The segments after the row whose sort values are `last`, in order.
pub(crate) fn segments(sort: &[Sort], last: &[Value]) -> Vec<Condition> {
    let pairs: Vec<(&Sort, &Value)> = sort.iter().zip(last).collect();
    let same_direction = sort.windows(2).all(|two| match two {
        [a, b] => a.descending == b.descending,
        _ => true,
    });
    if same_direction && sort.iter().all(|by| !is_nullable(by.field)) {
        return vec![row_value(&pairs)];
    }
    let mut segments = Vec::new();
    for split in (0..pairs.len()).rev() {
        let Some((by, value)) = pairs.get(split) else {
            continue;
        };
        let equal = pairs
            .iter()
            .take(split)
            .fold(Condition::all(), |all, (by, value)| {
                let column = Expr::col(by.field.name);
                all.add(if value.is_null() {
                    column.is_null()
                } else {
                    column.eq(columns::parameter(by.field.ty, value))
                })
            });
        for beyond in beyond(by, value) {
            segments.push(equal.clone().add(beyond));
        }
    }
    segments
}

fn beyond(by: &Sort, value: &Value) -> Vec<Expr> {
    let column = || Expr::col(by.field.name);
    let parameter = columns::parameter(by.field.ty, value);
    match (by.descending, value.is_null()) {
        (false, true) => vec![column().is_not_null()],
        (false, false) => vec![column().gt(parameter)],
        (true, true) => Vec::new(),
        (true, false) if is_nullable(by.field) => {
            vec![column().lt(parameter), column().is_null()]
        }
        (true, false) => vec![column().lt(parameter)],
    }
}

fn row_value(pairs: &[(&Sort, &Value)]) -> Condition {
    let columns = Expr::tuple(pairs.iter().map(|(by, _)| Expr::col(by.field.name)));
    let values = Expr::tuple(
        pairs
            .iter()
            .map(|(by, v)| Expr::val(columns::parameter(by.field.ty, v))),
    );
    let descending = pairs.first().is_some_and(|(by, _)| by.descending);
    Condition::all().add(if descending {
        columns.lt(values)
    } else {
        columns.gt(values)
    })
}

fn is_nullable(field: &Field) -> bool {
    let engine_sets_it = matches!(field.name, "id" | "created_at" | "updated_at" | "version");
    !(engine_sets_it || field.required || field.ty == Type::Bool)
}
