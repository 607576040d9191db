//! The client of Kehu's API: typed calls over a small transport. In a browser the transport is its
//! own `fetch` ([`browser`]), elsewhere it is `reqwest` ([`native`]).

#[cfg(feature = "browser")]
pub mod browser;
pub mod imports;
pub mod money;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
pub mod records;
pub mod sessions;
pub mod transport;
pub mod verbs;

use std::sync::{Mutex, PoisonError};

use kehu_wire::problem::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::transport::{Method, Request, Response, Transport};

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The server was not reached.
    #[error("the server was not reached")]
    Offline,
    /// The server refused.
    #[error("{}: {}", .0.code, .0.title)]
    Refused(Box<Problem>),
    /// What came back is not what the API promises.
    #[error("the answer is not what was promised: {0}")]
    Unreadable(String),
}

impl Error {
    /// The refusal, where it is one.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// The HTTP status of the refusal; 0 where it is none.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.problem().map_or(0, |problem| problem.status)
    }

    /// The code of the refusal; empty where it is none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.problem().map_or("", |problem| problem.code.as_str())
    }
}

/// The client.
#[derive(Debug)]
pub struct Client<T> {
    transport: T,
    csrf_token: Mutex<Option<String>>,
}

impl<T: Transport> Client<T> {
    /// A client over this transport.
    pub const fn new(transport: T) -> Self {
        Self {
            transport,
            csrf_token: Mutex::new(None),
        }
    }

    /// Remembers what `X-CSRF-Token` carries from now on; the session's calls do this by themselves.
    pub fn set_csrf_token(&self, token: Option<String>) {
        *self
            .csrf_token
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// Sends a request and gives the answer's JSON; `Null` where it has none.
    ///
    /// # Errors
    /// When the server is not reached, refuses, or answers something that is no JSON.
    pub async fn call(&self, mut request: Request) -> Result<Value, Error> {
        if !matches!(request.method, Method::Get) {
            let token = self
                .csrf_token
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if let Some(token) = token {
                request = request.header("X-CSRF-Token", token);
            }
        }
        let response = self
            .transport
            .send(request)
            .await
            .map_err(|transport::Unreached| Error::Offline)?;
        read(&response)
    }

    /// Sends a request and reads the answer as `A`.
    ///
    /// # Errors
    /// As [`Self::call`], and when the answer is no `A`.
    pub async fn ask<A: DeserializeOwned>(&self, request: Request) -> Result<A, Error> {
        let answer = self.call(request).await?;
        serde_json::from_value(answer).map_err(|error| Error::Unreadable(error.to_string()))
    }
}

/// A body as JSON. What this crate sends always has a JSON form.
fn body<B: Serialize>(value: &B) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Reads text into JSON here and nowhere else, so that a program holds one reader of text.
fn read(response: &Response) -> Result<Value, Error> {
    let success = (200..300).contains(&response.status);
    if success && response.body.is_empty() {
        return Ok(Value::Null);
    }
    let value = serde_json::from_str(&response.body);
    if success {
        return value.map_err(|error| Error::Unreadable(error.to_string()));
    }
    let problem = value.and_then(serde_json::from_value::<Problem>);
    let mut problem = problem.unwrap_or_default();
    problem.status = response.status;
    problem.retry_after = response.retry_after.or(problem.retry_after);
    Err(Error::Refused(Box::new(problem)))
}
