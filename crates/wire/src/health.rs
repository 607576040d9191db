//! What the server says of itself.

use serde::{Deserialize, Serialize};

/// The answer of `/healthz`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Alive {
    /// `true`: otherwise nothing would answer.
    pub alive: bool,
}

/// The answer of `/readyz`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Ready {
    /// `true`: otherwise the answer is a problem.
    pub ready: bool,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// How many migrations have not run yet.
    pub pending_migrations: u64,
}
