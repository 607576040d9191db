//! Answers an expression for a record in memory, as storage does by SQL.

use std::cmp::Ordering;

use crate::expr::{Atom, Expr, Op, Test, TextOp};
use crate::record::Record;
use crate::value::Value;

impl Expr {
    /// Whether the record passes. It must carry the fields that the expression names.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        match self {
            Self::Const(always) => *always,
            Self::And(parts) => parts.iter().all(|part| part.matches(record)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(record)),
            Self::Atom(atom) => atom.matches(record),
        }
    }
}

impl Atom {
    fn matches(&self, record: &Record) -> bool {
        self.test.holds(record) != self.negated
    }
}

impl Test {
    fn holds(&self, record: &Record) -> bool {
        match self {
            Self::Compare { field, op, with } => against(record.get(field.name), *op, &with.value),
            Self::CompareFields { field, op, other } => {
                compare(record.get(field.name), *op, record.get(other.name))
            }
            Self::In { field, among } => {
                let value = record.get(field.name);
                among.iter().any(|one| against(value, Op::Eq, &one.value))
            }
            Self::Has { field, value } => match (record.get(field.name), value.value.as_text()) {
                (Value::List(values), Some(wanted)) => values.iter().any(|v| v == wanted),
                _ => false,
            },
            Self::Text { field, op, text } => {
                record
                    .get(field.name)
                    .as_text()
                    .is_some_and(|value| match op {
                        TextOp::Contains => value.contains(text.as_str()),
                        TextOp::StartsWith => value.starts_with(text.as_str()),
                        TextOp::EndsWith => value.ends_with(text.as_str()),
                    })
            }
            Self::Null { field } => match record.get(field.name) {
                Value::Null => true,
                Value::List(values) => values.is_empty(),
                _ => false,
            },
        }
    }
}

/// Compares with what the expression says: nothing is nothing in every currency.
fn against(value: &Value, op: Op, said: &Value) -> bool {
    match (value, said) {
        (Value::Money(money), Value::Money(zero)) if zero.amount == 0 => {
            is(money.amount.cmp(&0), op)
        }
        _ => compare(value, op, said),
    }
}

fn compare(left: &Value, op: Op, right: &Value) -> bool {
    order(left, right).is_some_and(|order| is(order, op))
}

const fn is(order: Ordering, op: Op) -> bool {
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
    }
}

/// `None` where the two do not compare: no value, or money of two currencies.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        // The order of UTF-8 is the order of code points.
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Id(a), Value::Id(b)) => Some(a.cmp(b)),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => {
            Some(a.amount.cmp(&b.amount))
        }
        _ => None,
    }
}
