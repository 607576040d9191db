//! The expression language: filters of lists, saved views, rules.
//!
//! A text in CEL is checked against a kind's declaration and becomes an [`Expr`]: a tree of our own
//! that memory ([`Expr::matches`]) and storage answer alike. It is two-valued: a comparison with a
//! field that has no value is false, and `!` turns that into true. Negation stands at the atoms
//! alone. Text is compared by case and in the order of code points.
//!
//! ```text
//! status == "following_up" && amount >= 50000 && "vip" in tags
//!     && last_activity_at < now - duration("720h") && owner_id == me
//! ```
//!
//! Reading a text takes the feature `server`; the tree does without.

use chrono::NaiveDate;

use crate::def::Field;
use crate::value::Value;

mod conditions;
mod memory;
mod text;

#[cfg(feature = "server")]
mod ctx;
#[cfg(feature = "server")]
mod lexer;
#[cfg(feature = "server")]
mod literal;
#[cfg(feature = "server")]
mod lower;
#[cfg(feature = "server")]
mod operand;
#[cfg(feature = "server")]
mod read;
#[cfg(feature = "server")]
mod side;

/// The longest text of an expression, in bytes.
pub const MAX_LENGTH: usize = 4096;

/// At most so many names, values, lists and operators stand in one expression.
pub const MAX_NODES: usize = 100;

/// Brackets stand at most so deep.
pub const MAX_DEPTH: usize = 32;

/// Reads an expression over the fields of a kind.
///
/// # Errors
/// When it is no expression, names what there is not, compares what cannot be compared, or is too
/// large. The error tells the place.
#[cfg(feature = "server")]
pub fn parse(text: &str, def: &'static crate::def::Def, ctx: &ExprCtx) -> Result<Expr, ExprError> {
    let source = lexer::read(text)?;
    let tree = read::read(&source)?;
    lower::lower(&tree, &source, def, ctx)
}

#[cfg(feature = "server")]
/// What `now`, `today`, `me` and plain amounts of money mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprCtx {
    /// The moment.
    pub now: chrono::DateTime<chrono::Utc>,
    /// The time zone whose days count.
    pub time_zone: chrono_tz::Tz,
    /// The currency of plain amounts.
    pub currency: iso_currency::Currency,
    /// Who asks.
    pub me: uuid::Uuid,
    /// The fields that are kept from them: nothing is asked with these.
    pub veils: std::sync::Arc<crate::sight::Veils>,
}

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code} at byte {offset}")]
pub struct ExprError {
    /// A code that the app translates: `unknown_field`.
    pub code: &'static str,
    /// Where it begins, in bytes of the UTF-8 text.
    pub offset: usize,
    /// How many bytes it takes; 0 where something is missing.
    pub length: usize,
    /// Figures for the text: `{"name": "nmae"}`.
    pub params: serde_json::Value,
}

/// A checked expression. Its values are resolved: `now` is the moment it was read for.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// Always, or never.
    Const(bool),
    /// All of these; two at least, none of them an `And`.
    And(Vec<Expr>),
    /// Any of these; two at least, none of them an `Or`.
    Or(Vec<Expr>),
    /// One test of one record.
    Atom(Atom),
}

/// One test, or its opposite.
#[derive(Debug, Clone, PartialEq)]
pub struct Atom {
    /// The test.
    pub test: Test,
    /// Whether the records that fail the test are meant, those without a value included.
    pub negated: bool,
}

/// A test that a record passes or fails. Without a value it fails.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The field compared with a value.
    Compare {
        /// The field.
        field: &'static Field,
        /// How.
        op: Op,
        /// With what.
        with: Operand,
    },
    /// The field compared with another of the same type.
    CompareFields {
        /// The field.
        field: &'static Field,
        /// How.
        op: Op,
        /// The other field.
        other: &'static Field,
    },
    /// The field has one of these values; one at least.
    In {
        /// The field.
        field: &'static Field,
        /// The values.
        among: Vec<Operand>,
    },
    /// The list field holds the value.
    Has {
        /// The field.
        field: &'static Field,
        /// The value, always text.
        value: Operand,
    },
    /// The text field holds the text in this place.
    Text {
        /// The field.
        field: &'static Field,
        /// In which place.
        op: TextOp,
        /// The text.
        text: String,
    },
    /// The field has no value; a list field, no values.
    Null {
        /// The field.
        field: &'static Field,
    },
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Equal.
    Eq,
    /// Different.
    Ne,
    /// Less, earlier, before.
    Lt,
    /// Less or equal.
    Le,
    /// More, later, behind.
    Gt,
    /// More or equal.
    Ge,
}

/// Where a text stands in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextOp {
    /// Anywhere.
    Contains,
    /// At its start.
    StartsWith,
    /// At its end.
    EndsWith,
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    /// How it was written.
    pub term: Term,
    /// What it is, in the type of the field.
    pub value: Value,
}

/// How the value of an [`Operand`] was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// As it is.
    Literal,
    /// `me`.
    Me,
    /// `now`, or so many microseconds off it.
    Now(i64),
    /// `today`, or so many days off it.
    Today(i64),
    /// A day, compared with a moment: its start.
    Day(NaiveDate),
    /// An amount in another currency than the workspace's.
    Foreign,
}

impl Op {
    /// What holds of the sides the other way round: `<` for `>`.
    #[must_use]
    pub const fn flipped(self) -> Self {
        match self {
            Self::Eq => Self::Eq,
            Self::Ne => Self::Ne,
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
        }
    }

    /// What holds where this does not.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
        }
    }

    /// How it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    /// Whether it asks for an order and not just for equality.
    #[must_use]
    pub const fn orders(self) -> bool {
        !matches!(self, Self::Eq | Self::Ne)
    }
}

impl TextOp {
    /// The name of the function.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
        }
    }
}

impl Operand {
    /// A value written as it is.
    #[must_use]
    pub const fn literal(value: Value) -> Self {
        Self {
            term: Term::Literal,
            value,
        }
    }
}

impl Atom {
    /// The test itself.
    #[must_use]
    pub const fn plain(test: Test) -> Self {
        Self {
            test,
            negated: false,
        }
    }
}

/// One part of a plain conjunction.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The field.
    pub field: &'static str,
    /// How it is compared: `eq`, `ne`, `lt`, `le`, `gt`, `ge`, `in`, `not_in`, `contains`,
    /// `starts_with`, `ends_with`, `has`, `is_null`, `is_not_null`.
    pub op: &'static str,
    /// With what, as it crosses the wire; `{"expr": "now - duration(\"720h\")"}` for what is not a
    /// fixed value: `me`, `now`, `today`; `null` where the comparison needs nothing.
    pub value: serde_json::Value,
}

#[cfg(test)]
#[cfg(feature = "server")]
mod tests;
