//! What can go wrong, by what the caller can do about it.

use kehu_domain::def::FieldProblem;
use kehu_persistence::StoreError;
use serde_json::Value;

/// What can be done about a failure of storage.
pub use kehu_persistence::Trouble;

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in, or the proof is no good: a code (`not_signed_in`, `token_expired` …).
    #[error("not signed in: {0}")]
    Unauthenticated(&'static str),
    /// The caller may know of it but not do it: a code.
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// There is no such thing for the caller.
    #[error("not found")]
    NotFound,
    /// A rule stands against it: a code, and what the caller needs to go on.
    #[error("conflict: {code}")]
    Conflict {
        /// Which rule.
        code: &'static str,
        /// What to tell beside it, an object.
        details: Value,
    },
    /// The record changed since the caller read it.
    #[error("stale")]
    Stale {
        /// The fields that changed since.
        changed: Vec<String>,
        /// The version it has now.
        version: i64,
    },
    /// The change must say which version it is based on.
    #[error("the version is missing")]
    VersionMissing,
    /// Fields are wrong.
    #[error("{} field problems", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// Too often; try again after so many seconds.
    #[error("too many requests")]
    TooMany {
        /// When to try again, in seconds.
        retry_after: u64,
    },
    /// The same request was carried out meanwhile: its answer is kept.
    #[error("repeated")]
    Repeated,
    /// Storage failed.
    #[error("storage failed")]
    Store(#[source] StoreError),
    /// Something that must not happen.
    #[error("internal: {0}")]
    Internal(String),
}

impl AppError {
    /// One wrong field.
    #[must_use]
    pub fn invalid(name: &str, code: &'static str) -> Self {
        Self::Invalid(vec![FieldProblem::new(name, code)])
    }

    /// The same where the body that is wrong is a part of the request's.
    #[must_use]
    pub fn below(self, part: &str) -> Self {
        match self {
            Self::Invalid(mut problems) => {
                for problem in &mut problems {
                    problem.pointer = format!("/{part}{}", problem.pointer);
                }
                Self::Invalid(problems)
            }
            other => other,
        }
    }

    /// A rule without more to tell.
    #[must_use]
    pub const fn conflict(code: &'static str) -> Self {
        Self::Conflict {
            code,
            details: Value::Null,
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            // Found by the index after our own look missed it: another request was faster.
            StoreError::Taken(_) => Self::conflict("taken_meanwhile"),
            other => Self::Store(other),
        }
    }
}

impl From<serde_json::Error> for AppError {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(StoreError::Structure(error))
    }
}

impl From<kehu_domain::record::WrongShape> for AppError {
    fn from(error: kehu_domain::record::WrongShape) -> Self {
        Self::Store(StoreError::Malformed(error))
    }
}

impl AppError {
    /// What can be done about it, where it is a failure.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Store(error) => error.trouble(),
            _ => Trouble::Lasting,
        }
    }

    /// The code that clients tell problems apart by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated(code) | Self::Forbidden(code) | Self::Conflict { code, .. } => {
                code
            }
            Self::NotFound => "not_found",
            Self::Stale { .. } => "stale",
            Self::VersionMissing => "if_match_required",
            Self::Invalid(_) => "invalid",
            Self::TooMany { .. } => "too_many_requests",
            Self::Repeated => "repeated",
            Self::Store(_) | Self::Internal(_) => "internal",
        }
    }
}
