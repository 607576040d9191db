//! Writes an expression as text. Reading that text again, for the same moment, gives the same
//! expression.

use std::fmt::{self, Display, Formatter};

use chrono::SecondsFormat;

use crate::expr::{Atom, Expr, Op, Operand, Term, Test};
use crate::money;
use crate::value::Value;

impl Expr {
    /// The expression as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_string()
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Const(always) => write!(f, "{always}"),
            Self::And(parts) => joined(f, parts, " && "),
            Self::Or(parts) => joined(f, parts, " || "),
            Self::Atom(atom) => atom.fmt(f),
        }
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Expr], by: &str) -> fmt::Result {
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            f.write_str(by)?;
        }
        match part {
            Expr::And(_) | Expr::Or(_) => write!(f, "({part})")?,
            Expr::Const(_) | Expr::Atom(_) => write!(f, "{part}")?,
        }
    }
    Ok(())
}

impl Display for Atom {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { test, negated } = self;
        match test {
            Test::Null { field } => {
                let op = if *negated { Op::Ne } else { Op::Eq }.symbol();
                if field.ty.is_list() {
                    write!(f, "size({}) {op} 0", field.name)
                } else {
                    write!(f, "{} {op} null", field.name)
                }
            }
            Test::Compare {
                field,
                op: Op::Eq,
                with:
                    Operand {
                        value: Value::Bool(true),
                        ..
                    },
            } => write!(f, "{}{}", if *negated { "!" } else { "" }, field.name),
            _ if *negated => write!(f, "!({test})"),
            _ => test.fmt(f),
        }
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare { field, op, with } => {
                write!(f, "{} {} {with}", field.name, op.symbol())
            }
            Self::CompareFields { field, op, other } => {
                write!(f, "{} {} {}", field.name, op.symbol(), other.name)
            }
            Self::In { field, among } => {
                write!(f, "{} in [", field.name)?;
                for (n, one) in among.iter().enumerate() {
                    write!(f, "{}{one}", if n > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Has { field, value } => write!(f, "{value} in {}", field.name),
            Self::Text { field, op, text } => {
                write!(f, "{}.{}({})", field.name, op.name(), quoted(text))
            }
            Self::Null { field } => write!(f, "{} == null", field.name),
        }
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.term {
            Term::Me => f.write_str("me"),
            Term::Now(shift) => shifted(f, "now", *shift),
            Term::Today(days) => shifted(f, "today", days.saturating_mul(DAY)),
            Term::Day(day) => write!(f, "date(\"{day}\")"),
            Term::Foreign => match &self.value {
                Value::Money(value) => {
                    let (amount, code) = (money::format_major(*value), value.currency.code());
                    write!(f, "money(\"{amount}\", \"{code}\")")
                }
                other => f.write_str(&quoted(&other.to_json().to_string())),
            },
            Term::Literal => match &self.value {
                Value::Null => f.write_str("null"),
                Value::Bool(value) => write!(f, "{value}"),
                Value::Int(value) => write!(f, "{value}"),
                Value::Text(value) => f.write_str(&quoted(value)),
                Value::Date(value) => write!(f, "date(\"{value}\")"),
                Value::Time(value) => {
                    let time = value.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                    write!(f, "timestamp(\"{time}\")")
                }
                Value::Id(value) => write!(f, "\"{value}\""),
                Value::Money(value) => f.write_str(&money::format_major(*value)),
                // No field is compared with one of these.
                Value::List(_) | Value::Json(_) => {
                    f.write_str(&quoted(&self.value.to_json().to_string()))
                }
            },
        }
    }
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

fn shifted(f: &mut Formatter<'_>, base: &str, micros: i64) -> fmt::Result {
    if micros == 0 {
        return f.write_str(base);
    }
    let sign = if micros < 0 { '-' } else { '+' };
    let (unit, name) = [
        (3600 * SECOND, "h"),
        (60 * SECOND, "m"),
        (SECOND, "s"),
        (1000, "ms"),
        (1, "us"),
    ]
    .into_iter()
    .find(|(unit, _)| micros % unit == 0)
    .unwrap_or((1, "us"));
    let count = (micros / unit).unsigned_abs();
    write!(f, "{base} {sign} duration(\"{count}{name}\")")
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
