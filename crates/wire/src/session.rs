//! The first run, signing in and out.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Whether the first run is still to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SetupState {
    /// Whether there is no workspace yet.
    pub needed: bool,
    /// Whether the token that the server printed at its start is asked for.
    pub token_required: bool,
}

/// The body of `POST /api/v1/setup`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SetupRequest {
    /// What the workspace is called.
    pub workspace_name: String,
    /// The language of what it shows everybody: `zh-Hans`, `en`.
    pub locale: String,
    /// The ISO 4217 code of its currency.
    pub currency: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
    /// The administrator's name.
    pub name: String,
    /// The administrator's email address.
    pub email: String,
    /// The administrator's password.
    pub password: String,
    /// The token that the server printed, where it asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// The body of `POST /api/v1/session`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SignInRequest {
    /// The email address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// Who is signed in, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Session {
    /// Who.
    pub user: SessionUser,
    /// The workspace.
    pub workspace: SessionWorkspace,
    /// What they may do.
    #[serde(default)]
    pub rights: SessionRights,
    /// What `X-CSRF-Token` carries.
    pub csrf_token: String,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SessionUser {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// The language that they read, where they chose one.
    pub locale: Option<String>,
    /// Whether they administer the workspace.
    pub administers: bool,
    /// Whether they may import files.
    pub may_import: bool,
    /// Whether they confirm, allocate, reverse and refund payments and write off receivables.
    #[serde(default)]
    pub handles_money: bool,
}

/// What somebody may do, by all their roles; of single records `GET /api/v1/{kind}/{id}/access` tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SessionRights {
    /// Rights that are not about the records of one kind: `people`, `roles`, `settings`,
    /// `money_setup`, `confirm_money`, `import`, `audit`.
    pub special: Vec<String>,
    /// For each kind the actions that they may do with some of its records.
    pub actions: BTreeMap<String, Vec<String>>,
    /// For each kind the fields of which something is kept from them: `read_only`, `masked`, `hidden`.
    pub fields: BTreeMap<String, BTreeMap<String, String>>,
}

/// The workspace of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SessionWorkspace {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The ISO 4217 code of its currency.
    pub currency: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
    /// Its language.
    pub locale: String,
}

/// The body of `PATCH /api/v1/session`: what people change of themselves. What is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SessionPatch {
    /// The name that others see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language that they read; `null` for the workspace's.
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub locale: Patch<String>,
    /// Their telephone number; `null` for none.
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub phone: Patch<String>,
}

/// A field of a merge patch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// It stays as it is.
    #[default]
    Absent,
    /// It is emptied.
    Null,
    /// It becomes this.
    Value(T),
}

impl<T> Patch<T> {
    /// Whether the field stays as it is.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// The caller's sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SessionList {
    /// The sessions, the one last used first.
    pub items: Vec<SessionInfo>,
}

/// One place where the caller is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// Its id.
    pub id: Uuid,
    /// Whether it is the one that asks.
    pub current: bool,
    /// What is signed in: the browser's or the device's own words.
    pub device: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub last_used_at: DateTime<Utc>,
}

/// The body of `PUT /api/v1/session/password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    /// The password until now.
    pub current_password: String,
    /// The password from now on.
    pub new_password: String,
}

/// The body of `PUT /api/v1/users/{id}/password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PasswordReset {
    /// The password from now on.
    pub password: String,
}

/// The body of `POST /api/v1/tokens`, for mobile apps.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TokenRequest {
    /// The email address.
    pub email: String,
    /// The password.
    pub password: String,
    /// What the person calls the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// The body of `POST /api/v1/tokens/refresh` and `DELETE /api/v1/tokens`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RefreshRequest {
    /// The refresh token.
    pub refresh_token: String,
}

/// A pair of tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// What `Authorization` carries.
    pub access_token: String,
    /// What gets the next pair, once.
    pub refresh_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// For how many seconds the access token is good.
    pub expires_in: u64,
}
