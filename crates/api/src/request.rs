//! What every request gets: an id, and a line in the log when it is answered; and that nothing but
//! a problem leaves as a refusal.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_ENCODING, ALLOW, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, ResponseError};

use crate::problem::{PROBLEM_JSON, Refusal};

/// The header that carries a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: the caller's own, where it is a plain one, or a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// The id of this request.
#[must_use]
pub fn id_of(request: &HttpRequest) -> String {
    request
        .extensions()
        .get::<RequestId>()
        .map_or_else(String::new, |id| id.0.clone())
}

/// Gives the request its id, logs how it was answered, and puts on every answer the headers that
/// keep browsers from harm.
///
/// # Errors
/// Those of the server itself.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let id = given_id(&request).unwrap_or_else(|| kehu_app::ids::new_id().simple().to_string());
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let response = next.call(request).await?.map_into_boxed_body();
    let mut response = as_problem(response, &id);
    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "none".to_owned());
    let (status, elapsed) = (response.status().as_u16(), begun.elapsed());
    // What other systems call a record may be somebody's address.
    let path = if path.contains("/by-external-id/") {
        route.clone()
    } else {
        path
    };
    // Callers make methods up; each would be counted by itself for ever.
    let counted = match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "other",
    }
    .to_owned();
    metrics::counter!("kehu_requests_total", "method" => counted.clone(),
        "route" => route.clone(), "status" => status.to_string())
    .increment(1);
    metrics::histogram!("kehu_request_seconds", "method" => counted, "route" => route)
        .record(elapsed.as_secs_f64());
    let us = elapsed.as_micros();
    tracing::info!(request.id = %id, %method, path, status, us, "answered");
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    for (name, value) in SAFETY {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    Ok(response)
}

const SAFETY: [(&str, &str); 3] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
];

/// Every refusal leaves as a problem that names the request, the framework's own included.
fn as_problem(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let ours = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Refusal>());
    let mut problem = match ours {
        Some(refusal) => refusal.0.clone(),
        None => {
            let is_problem = |value: &HeaderValue| value.as_bytes() == PROBLEM_JSON.as_bytes();
            if response.headers().get(CONTENT_TYPE).is_some_and(is_problem) {
                return response;
            }
            let code = match status.as_u16() {
                400 => "unreadable",
                404 => "not_found",
                405 => "method_not_allowed",
                413 => "too_large",
                415 => "unsupported_media_type",
                503 => "unavailable",
                _ if status.is_client_error() => "refused",
                _ => "internal",
            };
            Refusal::new(status, code, "").0
        }
    };
    id.clone_into(&mut problem.request_id);
    let mut refused = Refusal(problem).error_response();
    // What would have been right instead.
    for name in [ALLOW, ACCEPT_ENCODING] {
        if let Some(value) = response.headers().get(&name) {
            refused.headers_mut().insert(name, value.clone());
        }
    }
    response.into_response(refused)
}

fn given_id(request: &ServiceRequest) -> Option<String> {
    let given = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let good = (8..=64).contains(&given.len()) && given.chars().all(plain);
    good.then(|| given.to_owned())
}
