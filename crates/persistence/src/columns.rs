//! How the value of a field stands in the columns of its table.

use chrono::{DateTime, NaiveDate, Utc};
use kehu_domain::def::{Field, Type};
use kehu_domain::money::{self, Money};
use kehu_domain::record::{Record, WrongShape};
use kehu_domain::value::Value;
use sea_orm::QueryResult;
use sea_orm::Value as Sql;
use uuid::Uuid;

use crate::StoreError;

/// The columns of a field: one, but two for money.
pub(crate) fn names(field: &'static Field) -> impl Iterator<Item = String> {
    let currency = (field.ty == Type::Money).then(|| currency_column(field.name));
    std::iter::once(field.name.to_owned()).chain(currency)
}

/// The column that holds the currency of a money field.
pub(crate) fn currency_column(field: &str) -> String {
    format!("{field}_currency")
}

/// The day as it is stored: text that sorts as the days do.
pub(crate) fn stored_date(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

/// The value as a parameter of a comparison with the field's first column.
pub(crate) fn parameter(ty: Type, value: &Value) -> Sql {
    match value {
        Value::Null => match ty {
            Type::Int(..) | Type::Time | Type::Money => Sql::BigInt(None),
            Type::Bool => Sql::Bool(None),
            Type::Ref(_) => Sql::Uuid(None),
            _ => Sql::String(None),
        },
        Value::Bool(value) => Sql::from(*value),
        Value::Int(value) => Sql::from(*value),
        Value::Text(value) => Sql::from(value.as_str()),
        Value::Date(value) => Sql::from(stored_date(*value)),
        Value::Time(value) => Sql::from(value.timestamp_micros()),
        Value::Id(value) => Sql::from(*value),
        Value::Money(value) => Sql::from(value.amount),
        Value::List(values) => Sql::from(serde_json::Value::from(values.clone()).to_string()),
        Value::Json(value) => Sql::from(value.to_string()),
    }
}

/// Adds the parameters of all the field's columns.
pub(crate) fn encode(field: &Field, value: &Value, into: &mut Vec<Sql>) {
    // A flag that is not given is "no": its column is never missing.
    if field.ty == Type::Bool && value.is_null() {
        into.push(Sql::from(false));
        return;
    }
    into.push(parameter(field.ty, value));
    if field.ty == Type::Money {
        into.push(match value {
            Value::Money(money) => Sql::from(money.currency.code()),
            _ => Sql::String(None),
        });
    }
}

/// Reads the fields from a row that begins at column `at` with their columns in this order.
pub(crate) fn decode(row: &QueryResult, fields: &[&'static Field]) -> Result<Record, StoreError> {
    let mut record = Record::with_capacity(fields.len());
    let mut at = 0;
    for field in fields {
        record.push(field.name, decode_one(row, field, at)?);
        at += if field.ty == Type::Money { 2 } else { 1 };
    }
    Ok(record)
}

fn decode_one(row: &QueryResult, field: &Field, at: usize) -> Result<Value, StoreError> {
    let wrong = WrongShape { field: field.name };
    let text = || row.try_get_by_index::<Option<String>>(at);
    Ok(match field.ty {
        Type::Int(..) => row
            .try_get_by_index::<Option<i64>>(at)?
            .map_or(Value::Null, Value::Int),
        Type::Bool => row
            .try_get_by_index::<Option<bool>>(at)?
            .map_or(Value::Null, Value::Bool),
        Type::Ref(_) => row
            .try_get_by_index::<Option<Uuid>>(at)?
            .map_or(Value::Null, Value::Id),
        Type::Time => match row.try_get_by_index::<Option<i64>>(at)? {
            Some(micros) => Value::Time(moment(micros).ok_or(wrong)?),
            None => Value::Null,
        },
        Type::Date => match text()? {
            Some(day) => Value::Date(day.parse().ok().ok_or(wrong)?),
            None => Value::Null,
        },
        Type::Money => match row.try_get_by_index::<Option<i64>>(at)? {
            Some(amount) => {
                let code: Option<String> = row.try_get_by_index(at + 1)?;
                let currency = code.as_deref().and_then(money::currency).ok_or(wrong)?;
                Value::Money(Money { amount, currency })
            }
            None => Value::Null,
        },
        Type::Refs(_) | Type::Tags | Type::Texts => match text()? {
            Some(list) => Value::List(serde_json::from_str(&list)?),
            None => Value::List(Vec::new()),
        },
        Type::Json => match text()? {
            Some(json) => Value::Json(serde_json::from_str(&json)?),
            None => Value::Null,
        },
        Type::Text(_)
        | Type::LongText(_)
        | Type::Email
        | Type::Phone
        | Type::Url
        | Type::Choice(_)
        | Type::Dictionary(_) => text()?.map_or(Value::Null, Value::Text),
    })
}

/// A stored moment.
pub(crate) fn moment(micros: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
}
