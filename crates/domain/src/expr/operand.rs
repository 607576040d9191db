//! Makes what is written beside a field a value of the field's type.

use chrono::{Days, NaiveDate, SubsecRound, TimeDelta};
use serde_json::json;
use uuid::Uuid;

use crate::def::{Field, Type};
use crate::expr::literal::in_range;
use crate::expr::lower::Lower;
use crate::expr::side::{Base, Place, Side, amount_error, wrong_type};
use crate::expr::{ExprError, Operand, Term};
use crate::money;
use crate::user::PEOPLE;
use crate::value::Value;

const DAY: TimeDelta = TimeDelta::days(1);

impl Lower<'_> {
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
            (Type::Money, Side::Money(money)) if money.currency != self.ctx.currency => {
                if field.foreign {
                    let (term, value) = (Term::Foreign, Value::Money(*money));
                    return Ok(Operand { term, value });
                }
                // It is always in the workspace's currency.
                let (code, base) = (money.currency.code(), self.ctx.currency.code());
                let params = json!({ "currency": code, "base": base });
                Err(place.error("no_rate").with(params))
            }
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
                | Type::Tags
                | Type::Texts,
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
                | Type::Texts
                | Type::Json
                | Type::Lines,
                _,
            ) => wrong("text"),
        }
    }

    fn names_users(&self, field: &Field) -> bool {
        match field.ty {
            Type::Ref("") => field.name == "id" && self.def.kind == PEOPLE,
            Type::Ref(kind) | Type::Refs(kind) => kind == PEOPLE,
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
