//! Asking whether a filter's text is right, and for its parts.

use serde::{Deserialize, Serialize};

/// The body of `POST /api/v1/expressions/check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ExpressionRequest {
    /// The kind whose fields it names: `lead`.
    pub kind: String,
    /// The expression.
    pub text: String,
}

/// A right expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ExpressionAnswer {
    /// Its parts where it is a plain conjunction; `null` where it says more than that.
    pub conditions: Option<Vec<Condition>>,
}

/// One part of a plain conjunction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Condition {
    /// The field.
    pub field: String,
    /// How it is compared: `eq`, `ne`, `lt`, `le`, `gt`, `ge`, `in`, `not_in`, `contains`,
    /// `starts_with`, `ends_with`, `has`, `is_null`, `is_not_null`.
    pub op: String,
    /// With what: `{"expr": "me"}` for what is not a fixed value; `null` where the comparison needs
    /// nothing.
    pub value: serde_json::Value,
}
