//! The bodies of a lead's own verbs.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Record;

/// The body of `mark-invalid` and `void`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ReasonRequest {
    /// A code of the dictionary `lead_reason`.
    pub reason: String,
}

/// The body of `convert`. `customer` and `contact` are `{"id": …}` for an existing record, the
/// fields of a new one, or `null` for none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ConvertRequest {
    /// The customer.
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub customer: Option<Record>,
    /// The contact.
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub contact: Option<Record>,
    /// The opportunity: `{}` makes one of the lead, fields stand in place of the lead's; `null` and
    /// nothing make none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub opportunity: Option<Record>,
    /// Whether records that look the same are no obstacle.
    #[serde(default)]
    pub allow_duplicate: bool,
}

/// What a conversion made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Conversion {
    /// The lead as it is now.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub lead: Value,
    /// The customer, where there is one.
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub customer: Option<Value>,
    /// The contact, where there is one.
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub contact: Option<Value>,
    /// The opportunity, where one was made.
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub opportunity: Option<Value>,
}

/// The records that a lead may already be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Candidates {
    /// Customers.
    pub customers: Vec<Candidate>,
    /// Contacts.
    pub contacts: Vec<Candidate>,
}

/// A record that a lead may already be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Candidate {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// By what it was found: `phone`, `email`, `company`.
    #[serde(rename = "match")]
    pub by: String,
    /// Whether it is certainly the same.
    pub certain: bool,
}
