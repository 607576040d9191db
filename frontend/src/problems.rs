//! Problems in words that a person understands.

use std::fmt::Display;

use kehu_client::Error;
use kehu_wire::problem::{FieldError, Problem};
use serde_json::Value;

use crate::i18n::{fill, find};
use crate::{t, tf};

/// What happened and what to do.
pub(crate) fn explain(error: &Error) -> String {
    match error {
        Error::Offline => t!("problem.offline").to_owned(),
        Error::Unreadable(_) => t!("problem.unreadable").to_owned(),
        Error::Refused(problem) => explain_problem(problem),
    }
}

/// The small print for whoever helps: the id of the request.
pub(crate) fn request_id(error: &Error) -> String {
    error
        .problem()
        .map(|problem| problem.request_id.as_str())
        .filter(|id| !id.is_empty())
        .map(|id| tf!("problem.request", id = id))
        .unwrap_or_default()
}

fn explain_problem(problem: &Problem) -> String {
    if problem.status == 429 {
        let seconds = problem.retry_after.unwrap_or(60);
        return tf!("problem.too_often", n = seconds);
    }
    if let (422, [error]) = (problem.status, problem.errors.as_slice()) {
        return field_problem(error);
    }
    by_code(&problem.code).unwrap_or_else(|| by_status(problem.status).to_owned())
}

/// The text of a code of the server, where there is one.
pub(crate) fn by_code(code: &str) -> Option<String> {
    find(&format!("problem.code.{}", code.replace('-', "_"))).map(str::to_owned)
}

fn by_status(status: u16) -> &'static str {
    match status {
        401 => t!("problem.signed_out"),
        403 => t!("problem.forbidden"),
        404 => t!("problem.not_found"),
        409 => t!("problem.rule"),
        412 => t!("problem.stale"),
        413 => t!("problem.too_large"),
        422 => t!("problem.fields"),
        503 => t!("problem.busy"),
        _ => t!("problem.server"),
    }
}

/// What is wrong with one field.
pub(crate) fn field_problem(error: &FieldError) -> String {
    field_text(&error.code, &error.params)
}

/// The text of a field problem's code with its figures.
pub(crate) fn field_text(code: &str, params: &Value) -> String {
    let Some(text) = find(&format!("problem.field.{}", code.replace('-', "_"))) else {
        return t!("problem.field_wrong").to_owned();
    };
    let texts: Vec<(&str, String)> = params
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.as_str(), text)
        })
        .collect();
    let values: Vec<(&str, &dyn Display)> = texts
        .iter()
        .map(|(name, text)| {
            let text: &dyn Display = text;
            (*name, text)
        })
        .collect();
    fill(text, &values)
}

/// The name of the field that a pointer such as `/email` points to.
pub(crate) fn field_of(pointer: &str) -> &str {
    pointer
        .trim_start_matches(['/', '?'])
        .split('/')
        .next()
        .unwrap_or_default()
}
