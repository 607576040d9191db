//! What stands beside an operator: fields, values, moments, amounts, read as they are written.

use cel::common::ast::{CallExpr, Expr as Cel, IdedExpr, LiteralValue, operators};
use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use serde_json::json;

use crate::def::Field;
use crate::expr::ExprError;
use crate::expr::lexer::{Source, Token};
use crate::expr::literal::{parse_date, parse_duration};
use crate::expr::lower::Lower;
use crate::money::{self, AmountError, Money};

/// One side of a comparison, as it is written.
#[derive(Debug, Clone)]
pub(super) enum Side {
    Field(&'static Field),
    SizeOf(&'static Field),
    Null,
    Bool(bool),
    /// With its sign, as it stands in the text.
    Number(String),
    Text(String),
    Me,
    Moment(Base, TimeDelta),
    Duration(TimeDelta),
    Money(Money),
    List(Vec<(Side, Place)>),
}

/// What a moment is reckoned from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Base {
    Now,
    Today,
    Day(NaiveDate),
    Time(DateTime<Utc>),
}

/// Where something stands, for errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    offset: usize,
    length: usize,
}

impl Place {
    pub(super) fn of(token: &Token<'_>) -> Self {
        Self {
            offset: token.offset,
            length: token.text.len(),
        }
    }

    fn text<'a>(self, source: &Source<'a>) -> &'a str {
        source
            .text
            .get(self.offset..self.offset + self.length)
            .unwrap_or_default()
    }

    pub(super) fn error(self, code: &'static str) -> ExprError {
        ExprError {
            code,
            offset: self.offset,
            length: self.length,
            params: serde_json::Value::Null,
        }
    }
}

impl Lower<'_> {
    /// Reads one side of a comparison.
    pub(super) fn side(&self, node: &IdedExpr) -> Result<(Side, Place), ExprError> {
        let place = self.place(node);
        let side = match &node.expr {
            Cel::Ident(name) => self.name(name, place)?,
            Cel::Literal(literal) => self.literal(literal, node, place)?,
            Cel::List(list) => Side::List(
                list.elements
                    .iter()
                    .map(|element| self.side(element))
                    .collect::<Result<_, _>>()?,
            ),
            Cel::Call(call) => return self.call(call, place),
            Cel::Select(select) => {
                return Err(place
                    .error("unknown_field")
                    .with(json!({ "name": select.field })));
            }
            Cel::Comprehension(_) | Cel::Map(_) | Cel::Struct(_) | Cel::Unspecified => {
                return Err(place.error("expression_syntax"));
            }
        };
        Ok((side, place))
    }

    fn name(&self, name: &str, place: Place) -> Result<Side, ExprError> {
        match self.def.field(name) {
            Some(field) if field.is_filterable() && self.ctx.veils.may_ask(self.def, name) => {
                Ok(Side::Field(field))
            }
            Some(_) => Err(place.error("not_filterable").with(json!({ "field": name }))),
            None => match name {
                "me" => Ok(Side::Me),
                "now" => Ok(Side::Moment(Base::Now, TimeDelta::zero())),
                "today" => Ok(Side::Moment(Base::Today, TimeDelta::zero())),
                _ => Err(place.error("unknown_field").with(json!({ "name": name }))),
            },
        }
    }

    fn literal(
        &self,
        literal: &LiteralValue,
        node: &IdedExpr,
        place: Place,
    ) -> Result<Side, ExprError> {
        let number = |negative: bool| {
            let text = self.tree.token(node, self.source).map_or("", |t| t.text);
            Side::Number(format!("{}{text}", if negative { "-" } else { "" }))
        };
        Ok(match literal {
            LiteralValue::Null => Side::Null,
            LiteralValue::Boolean(value) => Side::Bool(*value.inner()),
            LiteralValue::Int(value) => number(*value.inner() < 0),
            LiteralValue::Double(value) => number(value.inner().is_sign_negative()),
            LiteralValue::String(value) => {
                // PostgreSQL has no text with this character.
                if value.inner().contains('\0') {
                    return Err(place.error("expression_syntax"));
                }
                Side::Text(value.inner().to_owned())
            }
            LiteralValue::UInt(_) | LiteralValue::Bytes(_) => {
                return Err(place.error("expression_syntax"));
            }
        })
    }

    fn call(&self, call: &CallExpr, place: Place) -> Result<(Side, Place), ExprError> {
        let wrong = |expected: &str| {
            place
                .error("wrong_arguments")
                .with(json!({ "name": call.func_name, "expected": expected }))
        };
        let side = match (call.func_name.as_str(), &call.target, call.args.as_slice()) {
            ("size", None, [list]) => self.size_of(list)?,
            ("size", Some(list), []) => self.size_of(list)?,
            ("size", ..) => return Err(wrong("list")),
            (operators::NEGATE, None, [number]) => match self.side(number)? {
                (Side::Number(text), place) => {
                    let text = text
                        .strip_prefix('-')
                        .map_or_else(|| format!("-{text}"), str::to_owned);
                    return Ok((Side::Number(text), place));
                }
                (Side::Duration(delta), place) => return Ok((Side::Duration(-delta), place)),
                _ => return Err(unknown_operator(place, "-")),
            },
            (operators::ADD, None, [left, right]) => self.sum(left, right, place, false)?,
            (operators::SUBSTRACT, None, [left, right]) => self.sum(left, right, place, true)?,
            ("duration", None, [argument]) => {
                let (text, at) = self.text_argument(argument, &wrong)?;
                Side::Duration(parse_duration(&text).ok_or_else(|| at.error("wrong_duration"))?)
            }
            ("date", None, [argument]) => {
                let (text, at) = self.text_argument(argument, &wrong)?;
                let day = parse_date(&text).ok_or_else(|| at.error("wrong_date"))?;
                Side::Moment(Base::Day(day), TimeDelta::zero())
            }
            ("timestamp", None, [argument]) => {
                let (text, at) = self.text_argument(argument, &wrong)?;
                let time = DateTime::parse_from_rfc3339(&text)
                    .map_err(|_unreadable| at.error("wrong_timestamp"))?
                    .to_utc()
                    .trunc_subsecs(6);
                Side::Moment(Base::Time(time), TimeDelta::zero())
            }
            ("money", None, [amount, currency]) => self.money(amount, currency, &wrong)?,
            ("duration" | "date" | "timestamp", ..) => return Err(wrong("text")),
            ("money", ..) => return Err(wrong("amount, currency")),
            (other, ..) => {
                let name = place.text(self.source);
                return Err(if other == name {
                    place
                        .error("unknown_function")
                        .with(json!({ "name": name }))
                } else {
                    unknown_operator(place, name)
                });
            }
        };
        Ok((side, place))
    }

    fn size_of(&self, node: &IdedExpr) -> Result<Side, ExprError> {
        match self.side(node)? {
            (Side::Field(field), _) if field.ty.is_list() => Ok(Side::SizeOf(field)),
            (_, place) => Err(wrong_type(place, None, "list")),
        }
    }

    fn text_argument(
        &self,
        node: &IdedExpr,
        wrong: &dyn Fn(&str) -> ExprError,
    ) -> Result<(String, Place), ExprError> {
        match self.side(node)? {
            (Side::Text(text), place) => Ok((text, place)),
            _ => Err(wrong("text")),
        }
    }

    fn money(
        &self,
        amount: &IdedExpr,
        currency: &IdedExpr,
        wrong: &dyn Fn(&str) -> ExprError,
    ) -> Result<Side, ExprError> {
        let (amount, amount_at) = match self.side(amount)? {
            (Side::Text(text) | Side::Number(text), place) => (text, place),
            _ => return Err(wrong("amount, currency")),
        };
        let (code, code_at) = self.text_argument(currency, wrong)?;
        let currency = money::currency(&code).ok_or_else(|| {
            code_at
                .error("unknown_currency")
                .with(json!({ "code": code }))
        })?;
        let money = money::parse_major(&amount, currency);
        Ok(Side::Money(
            money.map_err(|error| amount_error(amount_at, error))?,
        ))
    }

    /// A moment and a duration, or two durations.
    fn sum(
        &self,
        left: &IdedExpr,
        right: &IdedExpr,
        place: Place,
        minus: bool,
    ) -> Result<Side, ExprError> {
        let too_large = || place.error("too_large");
        let add = |a: TimeDelta, b: TimeDelta| {
            let sum = if minus {
                a.checked_sub(&b)
            } else {
                a.checked_add(&b)
            };
            sum.ok_or_else(too_large)
        };
        match (self.side(left)?.0, self.side(right)?.0) {
            (Side::Moment(base, shift), Side::Duration(delta)) => {
                Ok(Side::Moment(base, add(shift, delta)?))
            }
            (Side::Duration(delta), Side::Moment(base, shift)) if !minus => {
                Ok(Side::Moment(base, add(delta, shift)?))
            }
            (Side::Duration(a), Side::Duration(b)) => Ok(Side::Duration(add(a, b)?)),
            _ => Err(unknown_operator(place, if minus { "-" } else { "+" })),
        }
    }
}

pub(super) fn wrong_type(place: Place, field: Option<&'static Field>, expected: &str) -> ExprError {
    place
        .error("wrong_type")
        .with(json!({ "field": field.map(|f| f.name), "expected": expected }))
}

pub(super) fn unknown_operator(place: Place, operator: &str) -> ExprError {
    place
        .error("unknown_operator")
        .with(json!({ "operator": operator }))
}

pub(super) fn amount_error(place: Place, error: AmountError) -> ExprError {
    place.error(match error {
        AmountError::NotANumber => "wrong_amount",
        AmountError::TooManyDecimals => "too_many_decimals",
        AmountError::TooLarge => "too_large",
    })
}
