//! The value of one field of one record, whatever its kind.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use uuid::Uuid;

use crate::money::Money;

/// The value of one field. `Null` stands for "not given" in every type.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text, a choice, a code of a dictionary, an email address or a telephone number.
    Text(String),
    /// A day without a time.
    Date(NaiveDate),
    /// A moment in UTC, to the microsecond.
    Time(DateTime<Utc>),
    /// The id of a record.
    Id(Uuid),
    /// An amount of money.
    Money(Money),
    /// Several texts: tags, or ids of records in their usual form.
    List(Vec<String>),
    /// A structure that the field's own check knows.
    Json(serde_json::Value),
}

impl Value {
    /// Whether there is no value.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a text value.
    #[must_use]
    pub const fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The id of an id value.
    #[must_use]
    pub const fn as_id(&self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// The number of a whole-number value.
    #[must_use]
    pub const fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The value as it crosses the wire: times in UTC with `Z`, dates as `YYYY-MM-DD`, money as
    /// `{"amount", "currency"}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => Json::from(*value),
            Self::Text(value) => Json::from(value.as_str()),
            Self::Date(value) => Json::from(value.format("%Y-%m-%d").to_string()),
            Self::Time(value) => Json::from(format_time(*value)),
            Self::Id(value) => Json::from(value.to_string()),
            Self::Money(value) => {
                serde_json::json!({"amount": value.amount, "currency": value.currency.code()})
            }
            Self::List(values) => Json::from(values.clone()),
            Self::Json(value) => value.clone(),
        }
    }
}

/// As [`Value::to_json`], without a tree of values in between: pages of records are written so.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Date(value) => serializer.collect_str(value),
            Self::Time(value) => serializer.serialize_str(&format_time(*value)),
            Self::Id(value) => {
                let mut buffer = Uuid::encode_buffer();
                serializer.serialize_str(value.hyphenated().encode_lower(&mut buffer))
            }
            Self::Money(value) => {
                let mut money = serializer.serialize_struct("Money", 2)?;
                money.serialize_field("amount", &value.amount)?;
                money.serialize_field("currency", value.currency.code())?;
                money.end()
            }
            Self::List(values) => values.serialize(serializer),
            Self::Json(value) => value.serialize(serializer),
        }
    }
}

/// A moment as it crosses the wire: RFC 3339 in UTC with `Z`, fractions of a second as needed.
#[must_use]
pub fn format_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
