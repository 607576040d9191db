//! The parts of a plain conjunction, for a filter builder.

use serde_json::{Value as Json, json};

use crate::expr::{Atom, Condition, Expr, Op, Operand, Term, Test, TextOp};

impl Expr {
    /// Its parts where it is a plain conjunction of tests that a filter builder knows; `None` where
    /// it says more than that. No parts for an expression that is always true.
    #[must_use]
    pub fn conditions(&self) -> Option<Vec<Condition>> {
        match self {
            Self::Const(true) => Some(Vec::new()),
            Self::Const(false) | Self::Or(_) => None,
            Self::Atom(atom) => Some(vec![condition(atom)?]),
            Self::And(parts) => parts
                .iter()
                .map(|part| match part {
                    Self::Atom(atom) => condition(atom),
                    Self::Const(_) | Self::And(_) | Self::Or(_) => None,
                })
                .collect(),
        }
    }
}

fn condition(atom: &Atom) -> Option<Condition> {
    let (field, op, value) = match (&atom.test, atom.negated) {
        (Test::Compare { field, op, with }, false) => (field, name(*op), json_of(with)),
        (Test::In { field, among }, negated) => {
            let op = if negated { "not_in" } else { "in" };
            (field, op, among.iter().map(json_of).collect())
        }
        (Test::Has { field, value }, false) => (field, "has", json_of(value)),
        (Test::Text { field, op, text }, false) => {
            let op = match op {
                TextOp::Contains => "contains",
                TextOp::StartsWith => "starts_with",
                TextOp::EndsWith => "ends_with",
            };
            (field, op, Json::from(text.as_str()))
        }
        (Test::Null { field }, false) => (field, "is_null", Json::Null),
        (Test::Null { field }, true) => (field, "is_not_null", Json::Null),
        (Test::CompareFields { .. }, _)
        | (Test::Compare { .. } | Test::Has { .. } | Test::Text { .. }, true) => return None,
    };
    Some(Condition {
        field: field.name,
        op,
        value,
    })
}

const fn name(op: Op) -> &'static str {
    match op {
        Op::Eq => "eq",
        Op::Ne => "ne",
        Op::Lt => "lt",
        Op::Le => "le",
        Op::Gt => "gt",
        Op::Ge => "ge",
    }
}

fn json_of(operand: &Operand) -> Json {
    match &operand.term {
        Term::Literal | Term::Foreign => operand.value.to_json(),
        Term::Day(day) => Json::from(day.to_string()),
        Term::Me | Term::Now(_) | Term::Today(_) => json!({ "expr": operand.to_string() }),
    }
}
