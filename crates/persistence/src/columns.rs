//! How the value of a field stands in the columns of its table.

use chrono::{DateTime, NaiveDate, Utc};
use kehu_domain::def::{Field, Type};
use kehu_domain::money::{self, Money};
use kehu_domain::record::{Record, WrongShape};
use kehu_domain::value::Value;
use sea_orm::Value as Sql;
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::sqlx::{ColumnIndex, Decode, Row, Type as SqlxType};
use sea_orm::{DbErr, QueryResult, RuntimeErr};
use uuid::Uuid;

use crate::StoreError;

/// The columns of a field: one, but two for money, and none for lines, which are rows of their own.
pub(crate) fn names(field: &'static Field) -> impl Iterator<Item = String> {
    let own = (field.ty != Type::Lines).then(|| field.name.to_owned());
    let currency = (field.ty == Type::Money).then(|| currency_column(field.name));
    own.into_iter().chain(currency)
}

/// How many they are.
pub(crate) const fn width(field: &Field) -> usize {
    match field.ty {
        Type::Lines => 0,
        Type::Money => 2,
        _ => 1,
    }
}

/// Adds the columns of these fields to what a query reads: as one piece of text, for dozens of names
/// that are each built, quoted and dropped cost more than the rest of the statement.
pub(crate) fn select(query: &mut SelectStatement, fields: &[&'static Field]) {
    let mut list = String::with_capacity(fields.len() * 20);
    for name in fields.iter().copied().flat_map(names) {
        let comma = if list.is_empty() { "" } else { ", " };
        list.extend([comma, "\"", &name, "\""]);
    }
    if !list.is_empty() {
        query.expr(Expr::cust(list));
    }
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
    if field.ty == Type::Lines {
        return;
    }
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

/// Reads the fields from a row that begins with their columns in this order.
pub(crate) fn decode(row: &QueryResult, fields: &[&'static Field]) -> Result<Record, StoreError> {
    // By the driver's own rows: a page has thousands of values.
    if let Some(row) = row.try_as_pg_row() {
        return decode_row(row, fields);
    }
    match row.try_as_sqlite_row() {
        Some(row) => decode_row(row, fields),
        None => Err(DbErr::Type("a row of neither database".to_owned()).into()),
    }
}

fn decode_row<R: Row>(row: &R, fields: &[&'static Field]) -> Result<Record, StoreError>
where
    usize: ColumnIndex<R>,
    for<'r> &'r str: Cell<'r, R>,
    for<'r> i64: Cell<'r, R>,
    for<'r> bool: Cell<'r, R>,
    for<'r> Uuid: Cell<'r, R>,
{
    let mut record = Record::with_capacity(fields.len());
    let mut at = 0;
    for field in fields {
        let value = match field.ty {
            Type::Int(..) | Type::Time => {
                cell(row, at)?.map_or(Ok(Value::Null), |number| decode_number(number, field))?
            }
            Type::Bool => cell(row, at)?.map_or(Value::Null, Value::Bool),
            Type::Ref(_) => cell(row, at)?.map_or(Value::Null, Value::Id),
            Type::Money => decode_money(cell(row, at)?, cell(row, at + 1)?, field)?,
            // They are read beside: [`crate::document_lines::fill`].
            Type::Lines => Value::Null,
            Type::Text(_)
            | Type::LongText(_)
            | Type::Email
            | Type::Phone
            | Type::Url
            | Type::Choice(_)
            | Type::Dictionary(_)
            | Type::Date
            | Type::Refs(_)
            | Type::Tags
            | Type::Texts
            | Type::Json => decode_text(cell(row, at)?, field)?,
        };
        record.push(field.name, value);
        at += width(field);
    }
    Ok(record)
}

/// What the driver of a row reads from one of its columns.
trait Cell<'r, R: Row>: Decode<'r, R::Database> + SqlxType<R::Database> {}

impl<'r, R: Row, T: Decode<'r, R::Database> + SqlxType<R::Database>> Cell<'r, R> for T {}

fn cell<'r, R: Row, T: Cell<'r, R>>(row: &'r R, at: usize) -> Result<Option<T>, StoreError>
where
    usize: ColumnIndex<R>,
{
    row.try_get(at)
        .map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())).into())
}

fn decode_money(
    amount: Option<i64>,
    code: Option<&str>,
    field: &Field,
) -> Result<Value, StoreError> {
    let Some(amount) = amount else {
        return Ok(Value::Null);
    };
    let wrong = WrongShape { field: field.name };
    let currency = code.and_then(money::currency).ok_or(wrong)?;
    Ok(Value::Money(Money { amount, currency }))
}

fn decode_number(number: i64, field: &Field) -> Result<Value, StoreError> {
    Ok(match field.ty {
        Type::Time => Value::Time(moment(number).ok_or(WrongShape { field: field.name })?),
        _ => Value::Int(number),
    })
}

fn decode_text(text: Option<&str>, field: &Field) -> Result<Value, StoreError> {
    let Some(text) = text else {
        return Ok(match field.ty {
            Type::Refs(_) | Type::Tags | Type::Texts => Value::List(Vec::new()),
            _ => Value::Null,
        });
    };
    let wrong = WrongShape { field: field.name };
    Ok(match field.ty {
        Type::Date => Value::Date(text.parse().ok().ok_or(wrong)?),
        Type::Refs(_) | Type::Tags | Type::Texts => Value::List(serde_json::from_str(text)?),
        Type::Json => Value::Json(serde_json::from_str(text)?),
        _ => Value::Text(text.to_owned()),
    })
}

/// A stored moment.
pub(crate) fn moment(micros: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
}
