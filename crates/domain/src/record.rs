//! A record of any kind, as the engine carries it, and the macro that declares a kind's own type.

use std::marker::PhantomData;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::money::Money;
use crate::value::Value;

/// A record of any kind: its fields in the order of the declaration. A field that was not asked
/// for is absent, and reads as [`Value::Null`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    values: Vec<(&'static str, Value)>,
}

static NULL: Value = Value::Null;

impl Record {
    /// An empty record with room for so many fields.
    #[must_use]
    pub fn with_capacity(fields: usize) -> Self {
        Self {
            values: Vec::with_capacity(fields),
        }
    }

    /// The value of a field; `Null` when the record does not carry it.
    #[must_use]
    pub fn get(&self, name: &str) -> &Value {
        self.values
            .iter()
            .find(|(field, _)| *field == name)
            .map_or(&NULL, |(_, value)| value)
    }

    /// Sets a field.
    pub fn set(&mut self, name: &'static str, value: Value) {
        match self.values.iter_mut().find(|(field, _)| *field == name) {
            Some((_, old)) => *old = value,
            None => self.values.push((name, value)),
        }
    }

    /// The value of a field as its declared type has it.
    ///
    /// # Errors
    /// When the stored value does not fit: the declaration and the table disagree. A field that must
    /// have a value and has none does not fit either.
    pub fn of<T: FieldValue>(&self, key: Key<T>) -> Result<T, WrongShape> {
        T::from_value(self.get(key.name)).ok_or(WrongShape { field: key.name })
    }

    /// Sets a field to a value of its declared type.
    pub fn put<T: FieldValue>(&mut self, key: Key<T>, value: impl Into<T>) {
        self.set(key.name, value.into().into_value());
    }

    /// Empties a field.
    pub fn clear<T>(&mut self, key: Key<T>) {
        self.set(key.name, Value::Null);
    }

    /// Whether a field has this value of its declared type.
    #[must_use]
    pub fn is<T: FieldValue + PartialEq>(&self, key: Key<T>, value: impl Into<T>) -> bool {
        self.of(key).is_ok_and(|held| held == value.into())
    }

    /// Whether a field has no value.
    #[must_use]
    pub fn lacks<T>(&self, key: Key<T>) -> bool {
        self.get(key.name).is_null()
    }

    /// Adds a field that is known not to be there yet.
    pub fn push(&mut self, name: &'static str, value: Value) {
        self.values.push((name, value));
    }

    /// Whether the record carries the field, `Null` or not.
    #[must_use]
    pub fn carries(&self, name: &str) -> bool {
        self.values.iter().any(|(field, _)| *field == name)
    }

    /// The fields and their values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.values.iter().map(|(name, value)| (*name, value))
    }

    /// The fields and their values, taken out.
    pub fn into_values(self) -> impl Iterator<Item = (&'static str, Value)> {
        self.values.into_iter()
    }

    /// The record's id. The nil id when it does not carry one.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.get("id").as_id().unwrap_or_default()
    }

    /// The record's version, 1 for a new one. 0 when it does not carry one.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.get("version").as_int().unwrap_or_default()
    }
}

/// A field of a kind by its name and type. [`crate::record!`] makes one for each field, so that a
/// name that is written wrong does not compile.
#[derive(Debug)]
pub struct Key<T> {
    name: &'static str,
    ty: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> Key<T> {
    /// The field of this name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            ty: PhantomData,
        }
    }

    /// The field's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// The fields that every record has.
pub mod base {
    use super::{DateTime, Key, Utc, Uuid};

    /// Its id.
    pub const ID: Key<Uuid> = Key::new("id");
    /// How often it was written.
    pub const VERSION: Key<i64> = Key::new("version");
    /// When it was made.
    pub const CREATED_AT: Key<DateTime<Utc>> = Key::new("created_at");
    /// Who made it; nobody where the system did.
    pub const CREATED_BY: Key<Option<Uuid>> = Key::new("created_by");
    /// When it was last written.
    pub const UPDATED_AT: Key<DateTime<Utc>> = Key::new("updated_at");
    /// By whom.
    pub const UPDATED_BY: Key<Option<Uuid>> = Key::new("updated_by");
    /// When it was put into the trash.
    pub const DELETED_AT: Key<Option<DateTime<Utc>>> = Key::new("deleted_at");
}

/// A stored value that does not fit the declared type: the declaration and the table disagree.
#[derive(Debug, Clone, thiserror::Error)]
#[error("field {field} does not hold what its declaration says")]
pub struct WrongShape {
    /// The field.
    pub field: &'static str,
}

/// A Rust type that a field's value can be read into and written from.
pub trait FieldValue: Sized {
    /// Reads the value; `None` when it does not fit.
    fn from_value(value: &Value) -> Option<Self>;
    /// The value to store.
    fn into_value(self) -> Value;
}

macro_rules! field_value {
    ($ty:ty, $variant:ident) => {
        impl FieldValue for $ty {
            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::$variant(inner) => Some(inner.clone()),
                    _ => None,
                }
            }
            fn into_value(self) -> Value {
                Value::$variant(self)
            }
        }
    };
}

field_value!(bool, Bool);
field_value!(i64, Int);
field_value!(String, Text);
field_value!(NaiveDate, Date);
field_value!(DateTime<Utc>, Time);
field_value!(Uuid, Id);
field_value!(Money, Money);

impl FieldValue for Vec<String> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::List(inner) => Some(inner.clone()),
            Value::Null => Some(Self::new()),
            _ => None,
        }
    }
    fn into_value(self) -> Value {
        Value::List(self)
    }
}

impl FieldValue for serde_json::Value {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Json(inner) => Some(inner.clone()),
            Value::Null => Some(Self::Null),
            _ => None,
        }
    }
    fn into_value(self) -> Value {
        if self.is_null() {
            Value::Null
        } else {
            Value::Json(self)
        }
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() {
            Some(None)
        } else {
            T::from_value(value).map(Some)
        }
    }
    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}

/// Declares a kind's fields once: makes the table `FIELDS` that the engine works from and the
/// typed struct that the kind's own operations use, so that the two can't drift apart.
///
/// ```
/// kehu_domain::record! {
///     /// What a customer's machine is covered by.
///     pub struct Warranty {
///         /// The number on the paper.
///         number: String = kehu_domain::def::text(40).required().searchable();
///     }
/// }
/// assert_eq!(Warranty::FIELDS[0].name, "number");
/// ```
#[macro_export]
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident : $ty:ty = $spec:expr ; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            /// The record's id.
            pub id: $crate::id::Id<$name>,
            /// How often it was written; the ETag is made of it.
            pub version: i64,
            $( $(#[$field_meta])* pub $field: $ty, )*
        }

        $crate::pastey::paste! {
            /// The kind's own fields, by name and type.
            pub mod field {
                #[allow(unused_imports, reason = "what the types need stands around the macro")]
                use super::*;
                $(
                    $(#[$field_meta])*
                    pub const [<$field:upper>]: $crate::record::Key<$ty> =
                        $crate::record::Key::new(stringify!($field));
                )*
            }
        }

        impl $name {
            /// The kind's own fields, in the order of its form.
            pub const FIELDS: &'static [$crate::def::Field] =
                &[ $( $spec.named(stringify!($field)) ),* ];

            /// Reads a record that carries all its fields.
            ///
            /// # Errors
            /// When a value does not fit its declared type.
            pub fn from_record(
                record: &$crate::record::Record,
            ) -> Result<Self, $crate::record::WrongShape> {
                Ok(Self {
                    id: $crate::id::Id::new(record.id()),
                    version: record.version(),
                    $( $field: $crate::record::FieldValue::from_value(
                        record.get(stringify!($field)),
                    )
                    .ok_or($crate::record::WrongShape { field: stringify!($field) })?, )*
                })
            }
        }
    };
}

/// Declares an enum whose variants are stored and sent as codes.
#[macro_export]
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $code:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )*
        }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),* ];
            /// The codes of all variants, in order.
            pub const CODES: &'static [&'static str] = &[ $( $code ),* ];

            /// The code that is stored and sent.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $( Self::$variant => $code, )*
                }
            }

            /// The variant with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $( $code => Some(Self::$variant), )*
                    _ => None,
                }
            }
        }

        impl $crate::record::FieldValue for $name {
            fn from_value(value: &$crate::value::Value) -> Option<Self> {
                value.as_text().and_then(Self::from_code)
            }
            fn into_value(self) -> $crate::value::Value {
                $crate::value::Value::Text(self.code().to_owned())
            }
        }
    };
}
