//! Refusals on the wire: RFC 9457 problems, for our own errors and the framework's.

mod details;

use actix_web::error::{PathError, QueryPayloadError};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError, web};
use kehu_app::error::{AppError, Trouble};
use kehu_domain::def::FieldProblem;
use kehu_wire::problem::{FieldError, Problem};

/// A refusal on its way out.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .0.code)]
pub struct Refusal(pub Box<Problem>);

/// What handlers answer with.
pub type Answer<T = HttpResponse> = Result<T, Refusal>;

/// The media type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

impl Refusal {
    /// A refusal with this status and code.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, detail: &str) -> Self {
        Self(Box::new(Problem {
            type_uri: format!("urn:kehu:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            detail: (!detail.is_empty()).then(|| detail.to_owned()),
            code: code.to_owned(),
            ..Problem::default()
        }))
    }

    /// The same with problems of fields.
    #[must_use]
    pub fn with_errors(mut self, problems: Vec<FieldProblem>) -> Self {
        self.0.errors = problems
            .into_iter()
            .map(|p| FieldError {
                pointer: p.pointer,
                code: p.code.to_owned(),
                params: p.params,
            })
            .collect();
        self
    }

    /// A problem of a parameter of the query.
    #[must_use]
    pub fn parameter(name: &str, code: &str) -> Self {
        let mut refusal = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "Some parameters are wrong.",
        );
        refusal.0.errors.push(FieldError {
            pointer: format!("/{name}"),
            code: code.to_owned(),
            params: serde_json::Value::Null,
        });
        refusal
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        let code = error.code();
        match error {
            AppError::Unauthenticated(code) => {
                Self::new(StatusCode::UNAUTHORIZED, code, "Sign in first.")
            }
            AppError::Forbidden(code) => {
                Self::new(StatusCode::FORBIDDEN, code, "You may not do this.")
            }
            AppError::NotFound => Self::new(
                StatusCode::NOT_FOUND,
                code,
                "There is no such thing for you.",
            ),
            AppError::Conflict { code, details } => conflict(code, &details),
            AppError::Stale { changed, version } => {
                let detail = format!("The record changed meanwhile; its version is {version} now.");
                let mut refusal = Self::new(StatusCode::PRECONDITION_FAILED, code, &detail);
                refusal.0.changed = changed;
                refusal
            }
            AppError::VersionMissing => Self::new(
                StatusCode::PRECONDITION_REQUIRED,
                code,
                "Say with If-Match which version the change is based on.",
            ),
            AppError::Invalid(problems) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                code,
                "Some fields are wrong.",
            )
            .with_errors(problems),
            AppError::TooMany { retry_after } => {
                let mut refusal = Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    code,
                    "Too often; wait a little.",
                );
                refusal.0.retry_after = Some(retry_after);
                refusal
            }
            AppError::Repeated => Self::new(
                StatusCode::CONFLICT,
                code,
                "The same request is being carried out.",
            ),
            error @ (AppError::Store(_) | AppError::Internal(_)) => failed(&error),
        }
    }
}

fn conflict(code: &str, details: &serde_json::Value) -> Refusal {
    let mut refusal = Refusal::new(StatusCode::CONFLICT, code, details::of_rule(code));
    let part = |name: &str| {
        details
            .get(name)
            .cloned()
            .unwrap_or(serde_json::Value::Null)
    };
    refusal.0.duplicates = serde_json::from_value(part("duplicates")).unwrap_or_default();
    refusal.0.open = serde_json::from_value(part("open")).unwrap_or_default();
    let figures = details.as_object().into_iter().flatten();
    refusal.0.params = figures
        .filter(|(name, _)| !matches!(name.as_str(), "duplicates" | "open"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    refusal
}

/// Logs a failure once, with its causes, and tells nothing of it but the request's id.
fn failed(error: &AppError) -> Refusal {
    let mut causes = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        causes.push_str(": ");
        causes.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(causes, "a request failed");
    match error.trouble() {
        Trouble::Full => unavailable(
            "storage_full",
            "There is no room left to store anything; what was stored can be read.",
        ),
        Trouble::Unreachable => unavailable("unavailable", "Try again in a moment."),
        Trouble::Lasting => Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong here.",
        ),
    }
}

/// What can't be done for now.
#[must_use]
pub fn unavailable(code: &str, detail: &str) -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        if let Some(seconds) = self.0.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        response.body(serde_json::to_string(&self.0).unwrap_or_default())
    }
}

/// The framework's own refusals of parameters in the path, as problems.
#[must_use]
pub fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_: PathError, _| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is no such address.",
        )
        .into()
    })
}

/// The framework's own refusals of parameters in the query, as problems.
#[must_use]
pub fn query_config() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|error, _| match error {
        QueryPayloadError::Deserialize(error) => shape("", &error.to_string()).into(),
        other => unreadable(&other.to_string()).into(),
    })
}

/// A body beyond the limit.
#[must_use]
pub fn too_large() -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "The body is too large.",
    )
}

/// A body that is not JSON by its type.
#[must_use]
pub fn wrong_type() -> Refusal {
    let detail = "Send the body as application/json.";
    Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        detail,
    )
}

/// A body that is compressed, or encoded otherwise.
#[must_use]
pub fn encoded() -> Refusal {
    Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_encoding",
        "Send the body as it is, without Content-Encoding.",
    )
}

/// A body that can't be read.
#[must_use]
pub fn unreadable(detail: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "unreadable", detail)
}

/// A body or query that can be read, but is not what the operation takes; `place` is the JSON pointer
/// of what is wrong, as far as that is known.
#[must_use]
pub fn shape(place: &str, detail: &str) -> Refusal {
    let mut refusal = Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail);
    // serde names the field in back-ticks: unknown field `x`, missing field `x`.
    let field = detail.split('`').nth(1).unwrap_or_default();
    let codes: [(&[&str], &str); 5] = [
        (&["unknown field"], "unknown_field"),
        (&["missing field"], "required"),
        (&["unknown variant"], "unknown_choice"),
        (&["UUID parsing failed"], "id_invalid"),
        // Days are the only other texts that are read.
        (
            &["input ", "premature end of input", "trailing input"],
            "date_invalid",
        ),
    ];
    let begins = |words: &[&str]| words.iter().any(|words| detail.starts_with(words));
    let known = codes.iter().find(|(words, _)| begins(words));
    let code = known.map_or("wrong_type", |(_, code)| code);
    let pointer = match code {
        "unknown_field" | "required" if !place.ends_with(&format!("/{field}")) => {
            format!("{place}/{field}")
        }
        _ => place.to_owned(),
    };
    refusal.0.errors.push(FieldError {
        pointer,
        code: code.to_owned(),
        params: serde_json::Value::Null,
    });
    refusal
}

/// The answer at an address that there is not.
///
/// # Errors
/// Always.
pub fn no_such_address() -> Answer {
    Err(Refusal::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "There is no such address.",
    ))
}
