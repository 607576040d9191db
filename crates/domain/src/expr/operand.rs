//! What stands beside a field: values, moments, amounts. First read as they are written, then made
//! a value of the field's type.

use cel::common::ast::{CallExpr, Expr as Cel, IdedExpr, LiteralValue, operators};
use chrono::{DateTime, Days, NaiveDate, SubsecRound, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::def::{Field, Type};
use crate::expr::lexer::{Source, Token};
use crate::expr::lower::Lower;
use crate::expr::{ExprError, Operand, Term};
use crate::money::{self, AmountError, Money};
use crate::value::Value;

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

const DAY: TimeDelta = TimeDelta::days(1);

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
            Some(field) if field.is_filterable() => Ok(Side::Field(field)),
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
        if currency != self.ctx.currency {
            let params = json!({ "currency": code, "base": self.ctx.currency.code() });
            return Err(code_at.error("no_rate").with(params));
        }
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

    /// Makes what is written a value of the field's type.
    pub(super) fn operand(
        &self,
        field: &'static Field,
        side: &Side,
        place: Place,
    ) -> Result<Operand, ExprError> {
        let wrong = |expected: &str| Err(wrong_type(place, Some(field), expected));
        match (field.ty, side) {
            (Type::Bool, Side::Bool(value)) => Ok(Operand::literal(Value::Bool(*value))),
            (Type::Bool, _) => wrong("bool"),
            (Type::Int(..), Side::Number(text)) => match text.parse::<i64>() {
                Ok(number) => Ok(Operand::literal(Value::Int(number))),
                Err(_not_whole) => wrong("int"),
            },
            (Type::Int(..), _) => wrong("int"),
            (Type::Money, Side::Number(text)) => money::parse_major(text, self.ctx.currency)
                .map(|money| Operand::literal(Value::Money(money)))
                .map_err(|error| amount_error(place, error)),
            (Type::Money, Side::Money(money)) => Ok(Operand::literal(Value::Money(*money))),
            (Type::Money, _) => wrong("money"),
            (Type::Date, Side::Moment(base, shift)) => self.day(field, *base, *shift, place),
            (Type::Date, _) => wrong("date"),
            (Type::Time, Side::Moment(base, shift)) => self.moment(field, *base, *shift, place),
            (Type::Time, _) => wrong("time"),
            (Type::Choice(codes), Side::Text(code)) => {
                if codes.contains(&code.as_str()) {
                    Ok(Operand::literal(Value::Text(code.clone())))
                } else {
                    let params = json!({ "field": field.name, "choices": codes });
                    Err(place.error("unknown_choice").with(params))
                }
            }
            (
                Type::Text(_)
                | Type::LongText(_)
                | Type::Email
                | Type::Phone
                | Type::Url
                | Type::Dictionary(_)
                | Type::Tags,
                Side::Text(text),
            ) => Ok(Operand::literal(Value::Text(text.clone()))),
            (Type::Ref(_), Side::Text(text)) => match Uuid::parse_str(text) {
                Ok(id) => Ok(Operand::literal(Value::Id(id))),
                Err(_no_id) => wrong("id"),
            },
            (Type::Refs(_), Side::Text(text)) => match Uuid::parse_str(text) {
                Ok(id) => Ok(Operand::literal(Value::Text(id.to_string()))),
                Err(_no_id) => wrong("id"),
            },
            (Type::Ref(_), Side::Me) if self.names_users(field) => Ok(Operand {
                term: Term::Me,
                value: Value::Id(self.ctx.me),
            }),
            (Type::Refs(_), Side::Me) if self.names_users(field) => Ok(Operand {
                term: Term::Me,
                value: Value::Text(self.ctx.me.to_string()),
            }),
            (Type::Ref(_) | Type::Refs(_), _) => wrong("id"),
            (
                Type::Text(_)
                | Type::LongText(_)
                | Type::Email
                | Type::Phone
                | Type::Url
                | Type::Choice(_)
                | Type::Dictionary(_)
                | Type::Tags
                | Type::Json,
                _,
            ) => wrong("text"),
        }
    }

    fn names_users(&self, field: &Field) -> bool {
        match field.ty {
            Type::Ref("user") | Type::Refs("user") => true,
            Type::Ref("") => field.name == "id" && self.def.kind == "user",
            _ => false,
        }
    }

    /// For a field that holds a day: whole days off another.
    fn day(
        &self,
        field: &'static Field,
        base: Base,
        shift: TimeDelta,
        place: Place,
    ) -> Result<Operand, ExprError> {
        let days = whole_days(shift).ok_or_else(|| wrong_type(place, Some(field), "date"))?;
        let (term, from) = match base {
            Base::Today => (Term::Today(days), self.ctx.today()),
            Base::Day(day) => (Term::Literal, day),
            Base::Now | Base::Time(_) => return Err(wrong_type(place, Some(field), "date")),
        };
        let value = Value::Date(add_days(from, days).ok_or_else(|| place.error("too_large"))?);
        Ok(Operand { term, value })
    }

    /// For a field that holds a moment; days stand for their start.
    fn moment(
        &self,
        field: &'static Field,
        base: Base,
        shift: TimeDelta,
        place: Place,
    ) -> Result<Operand, ExprError> {
        let too_large = || place.error("too_large");
        let (term, time) = match base {
            Base::Now => {
                let micros = shift.num_microseconds().ok_or_else(too_large)?;
                let now = self.ctx.now.trunc_subsecs(6);
                (Term::Now(micros), now.checked_add_signed(shift))
            }
            Base::Time(time) => (Term::Literal, time.checked_add_signed(shift)),
            Base::Today | Base::Day(_) => {
                let days =
                    whole_days(shift).ok_or_else(|| wrong_type(place, Some(field), "time"))?;
                let from = match base {
                    Base::Day(day) => day,
                    Base::Now | Base::Today | Base::Time(_) => self.ctx.today(),
                };
                let day = add_days(from, days).ok_or_else(too_large)?;
                let term = match base {
                    Base::Day(_) => Term::Day(day),
                    Base::Now | Base::Today | Base::Time(_) => Term::Today(days),
                };
                (term, Some(self.ctx.start_of(day)))
            }
        };
        let time = time.filter(|time| in_range(time.date_naive()));
        Ok(Operand {
            term,
            value: Value::Time(time.ok_or_else(too_large)?),
        })
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

fn amount_error(place: Place, error: AmountError) -> ExprError {
    place.error(match error {
        AmountError::NotANumber => "wrong_amount",
        AmountError::TooManyDecimals => "too_many_decimals",
        AmountError::TooLarge => "too_large",
    })
}

fn whole_days(shift: TimeDelta) -> Option<i64> {
    (shift == DAY * i32::try_from(shift.num_days()).ok()?).then(|| shift.num_days())
}

fn add_days(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    let count = Days::new(days.unsigned_abs());
    let day = if days < 0 {
        day.checked_sub_days(count)
    } else {
        day.checked_add_days(count)
    };
    day.filter(|day| in_range(*day))
}

/// Days are written, stored and ordered with four digits for the year.
fn in_range(day: NaiveDate) -> bool {
    use chrono::Datelike;
    (1..=9999).contains(&day.year())
}

/// `2026-01-31`, exactly.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (day.to_string() == text && in_range(day)).then_some(day)
}

/// `720h`, `1h30m`, `-1.5s`, `30d`: numbers with units, `d` for 24 hours.
fn parse_duration(text: &str) -> Option<TimeDelta> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.is_empty() {
        return None;
    }
    let mut micros: i64 = 0;
    while !rest.is_empty() {
        let number_length = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(number_length)?;
        let unit_length = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, next) = after.split_at_checked(unit_length)?;
        let unit: i64 = match unit {
            "d" => 86_400_000_000,
            "h" => 3_600_000_000,
            "m" => 60_000_000,
            "s" => 1_000_000,
            "ms" => 1_000,
            "us" => 1,
            _ => return None,
        };
        micros = micros.checked_add(times(number, unit)?)?;
        rest = next;
    }
    Some(TimeDelta::microseconds(if negative {
        -micros
    } else {
        micros
    }))
}

/// A decimal number of units; what is finer than a microsecond is refused.
fn times(number: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let fraction = fraction.trim_end_matches('0');
    let scale = 10_i64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part: i64 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let part = part.checked_mul(unit)?;
    if part % scale != 0 {
        return None;
    }
    whole.checked_mul(unit)?.checked_add(part / scale)
}
