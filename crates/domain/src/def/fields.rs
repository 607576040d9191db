//! Fields of each type, as declarations of kinds begin them.

use super::{Field, Scale, Type};

/// One line of text.
#[must_use]
pub const fn text(max: usize) -> Field {
    Field::of(Type::Text(max))
}
/// Text of several lines.
#[must_use]
pub const fn long_text(max: usize) -> Field {
    Field::of(Type::LongText(max))
}
/// An email address.
#[must_use]
pub const fn email() -> Field {
    Field::of(Type::Email)
}
/// A telephone number.
#[must_use]
pub const fn phone() -> Field {
    Field::of(Type::Phone)
}
/// An address on the web.
#[must_use]
pub const fn url() -> Field {
    Field::of(Type::Url)
}
/// A whole number.
#[must_use]
pub const fn int(min: i64, max: i64) -> Field {
    Field::of(Type::Int(min, max))
}
/// Percent in basis points: hundredths of a percent.
#[must_use]
pub const fn basis_points(max: i64) -> Field {
    Field {
        scale: Scale::BasisPoints,
        ..Field::of(Type::Int(0, max))
    }
}
/// A quantity, a price of one or a rate, in millionths.
#[must_use]
pub const fn millionths(min: i64, max: i64) -> Field {
    Field {
        scale: Scale::Millionths,
        ..Field::of(Type::Int(min, max))
    }
}
/// Yes or no.
#[must_use]
pub const fn boolean() -> Field {
    Field::of(Type::Bool)
}
/// A day.
#[must_use]
pub const fn date() -> Field {
    Field::of(Type::Date)
}
/// A moment.
#[must_use]
pub const fn time() -> Field {
    Field::of(Type::Time)
}
/// An amount of money.
#[must_use]
pub const fn money() -> Field {
    Field::of(Type::Money)
}
/// One of these codes.
#[must_use]
pub const fn choice(codes: &'static [&'static str]) -> Field {
    Field::of(Type::Choice(codes))
}
/// A code of a dictionary.
#[must_use]
pub const fn dictionary(name: &'static str) -> Field {
    Field::of(Type::Dictionary(name))
}
/// The id of another record.
#[must_use]
pub const fn reference(kind: &'static str) -> Field {
    Field::of(Type::Ref(kind))
}
/// The ids of other records.
#[must_use]
pub const fn references(kind: &'static str) -> Field {
    Field::of(Type::Refs(kind))
}
/// Tags.
#[must_use]
pub const fn tags() -> Field {
    Field::of(Type::Tags)
}
/// Several short texts.
#[must_use]
pub const fn texts() -> Field {
    Field::of(Type::Texts)
}
/// A structure.
#[must_use]
pub const fn json() -> Field {
    Field::of(Type::Json)
}
/// The lines of a document.
#[must_use]
pub const fn lines() -> Field {
    Field::of(Type::Lines)
}
