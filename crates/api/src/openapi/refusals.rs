//! What every operation can answer beside what it is for: the refusals, and who may call it.

use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Components, ContentBuilder, Ref, RefOr, Required, ResponseBuilder};

use kehu_wire::problem::Problem;

use super::{BEARER, COOKIE, CSRF, Method};
use crate::problem::PROBLEM_JSON;

/// The refusals: status, name, when.
const REFUSALS: [(&str, &str, &str); 12] = [
    ("400", "Unreadable", "The request cannot be read."),
    (
        "401",
        "NotSignedIn",
        "Nobody is signed in, or the proof is no good.",
    ),
    (
        "403",
        "Forbidden",
        "The caller may know of it, but not do it.",
    ),
    ("404", "NotFound", "There is no such thing for the caller."),
    (
        "409",
        "Conflict",
        "A rule or a duplicate stands against it.",
    ),
    (
        "412",
        "Stale",
        "The record changed since; `changed` lists the fields.",
    ),
    ("413", "TooLarge", "The body is too large."),
    (
        "415",
        "WrongType",
        "The body is not JSON by its type, or it is compressed (`unsupported_encoding`).",
    ),
    (
        "422",
        "Invalid",
        "Fields or parameters are wrong; `errors` lists them.",
    ),
    ("428", "VersionMissing", "`If-Match` is missing."),
    ("429", "TooOften", "Too often; try again later."),
    (
        "503",
        "Unavailable",
        "The database is out of reach, or has no room left (`storage_full`); try again later.",
    ),
];

/// Adds the refusals to what operations refer to.
pub(super) fn add(components: &mut Components) {
    for (status, name, when) in REFUSALS {
        let problem = ContentBuilder::new()
            .schema(Some(super::wire::<Problem>()))
            .build();
        let mut response = ResponseBuilder::new()
            .description(when)
            .content(PROBLEM_JSON, problem);
        if status == "429" {
            let seconds = ObjectBuilder::new().schema_type(Type::Integer);
            let mut header = Header::new(seconds);
            header.description = Some("Seconds to wait.".to_owned());
            response = response.header("Retry-After", header);
        }
        components
            .responses
            .insert(name.to_owned(), RefOr::T(response.build()));
    }
}

/// Adds to an operation who may call it and how it refuses.
pub(super) fn complete(path: &str, method: Method, operation: &mut Operation) {
    if !path.starts_with("/api/v1/") {
        operation.security = Some(Vec::new());
        return;
    }
    let public = operation.security.is_some();
    if !public {
        operation.security = Some(callers(method));
    }
    for status in statuses(path, public, method, operation) {
        let known = REFUSALS.iter().find(|(known, ..)| *known == status);
        let Some((_, name, _)) = known else { continue };
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| Ref::from_response_name(*name).into());
    }
}

/// The statuses that an operation can refuse with, by what it takes.
fn statuses(path: &str, public: bool, method: Method, operation: &Operation) -> Vec<&'static str> {
    let takes = |place: &ParameterIn| {
        parameters(operation).any(|parameter| parameter.parameter_in == *place)
    };
    let writes = method != Method::Get;
    let mut statuses = vec!["400", "503"];
    if !public {
        statuses.push("401");
    }
    if writes {
        statuses.extend(["403", "409", "422"]);
    }
    if public && writes {
        statuses.extend(["401", "429"]);
    }
    if takes(&ParameterIn::Path) {
        statuses.push("404");
    }
    if takes(&ParameterIn::Query) {
        statuses.push("422");
    }
    if operation.request_body.is_some() {
        statuses.extend(["413", "415"]);
    }
    // These say in their body which version they are based on.
    let versioned = ["/advance", "/win", "/lose"];
    if versioned.iter().any(|verb| path.ends_with(verb)) {
        statuses.push("412");
    }
    if let Some(version) = parameters(operation).find(|p| p.name == "If-Match") {
        statuses.push("412");
        if version.required == Required::True {
            statuses.push("428");
        }
    }
    statuses
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    let all = operation.parameters.iter().flatten();
    all.filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

/// The ways to say who calls.
fn callers(method: Method) -> Vec<SecurityRequirement> {
    let none: [&str; 0] = [];
    let cookie = SecurityRequirement::new(COOKIE, none);
    let cookie = if method == Method::Get {
        cookie
    } else {
        cookie.add(CSRF, none)
    };
    vec![SecurityRequirement::new(BEARER, none), cookie]
}
