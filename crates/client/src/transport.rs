//! What the client needs of whatever carries its requests.

use std::future::Future;

use serde_json::Value;

/// Carries requests to the server.
pub trait Transport {
    /// Sends one request and waits for the whole answer.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, Unreached>>;
}

/// The server was not reached.
#[derive(Debug, Clone, Copy)]
pub struct Unreached;

/// The methods that the API knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Do, or make.
    Post,
    /// Put in its place.
    Put,
    /// Change.
    Patch,
    /// Away with it.
    Delete,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path with its query, from `/api` on.
    pub path: String,
    /// Headers beyond those that every request has.
    pub headers: Vec<(&'static str, String)>,
    /// The body, as JSON.
    pub body: Option<Value>,
    /// The body, as a file of the browser.
    #[cfg(feature = "browser")]
    pub file: Option<wasm_bindgen::JsValue>,
}

impl Request {
    /// A request without a body.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            #[cfg(feature = "browser")]
            file: None,
        }
    }

    /// The same with a body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The same with a file of the browser as the body.
    #[cfg(feature = "browser")]
    #[must_use]
    pub fn file(mut self, file: wasm_bindgen::JsValue) -> Self {
        self.file = Some(file);
        self
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// After how many seconds to try again, where the server said so.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: String,
}

/// Puts a query behind a path; values are percent-encoded, empty ones left out.
#[must_use]
pub fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let mut text = path.to_owned();
    let mut separator = '?';
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(separator);
        text.push_str(name);
        text.push('=');
        encode_into(&mut text, value);
        separator = '&';
    }
    text
}

/// Percent-encodes a part of a path or the value of a query.
#[must_use]
pub fn encode(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    encode_into(&mut text, value);
    text
}

fn encode_into(text: &mut String, value: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |n: u8| DIGITS.get(usize::from(n)).map_or('0', |d| char::from(*d));
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push(digit(byte >> 4));
            text.push(digit(byte & 15));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_query_are_encoded_and_empty_ones_left_out() {
        assert_eq!(
            with_query(
                "/api/v1/leads",
                &[("q", "高 & 1%"), ("sort", ""), ("limit", "50")]
            ),
            "/api/v1/leads?q=%E9%AB%98%20%26%201%25&limit=50"
        );
    }
}
