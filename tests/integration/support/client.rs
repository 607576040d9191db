//! A caller of the API that sees everything: status, headers and body of every answer.

use std::sync::Mutex;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// Somebody who calls: by cookie with its CSRF token, by bearer token, or as nobody.
pub(crate) struct Caller {
    base: String,
    http: reqwest::Client,
    csrf: Mutex<Option<String>>,
    bearer: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body; `Null` where there is none, text where it is no JSON.
    pub(crate) body: Value,
    /// What was asked, for the message of a failure.
    asked: String,
}

impl Caller {
    /// Nobody yet, with an empty jar of cookies.
    pub(crate) fn nobody(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            http: reqwest::Client::builder()
                .cookie_store(true)
                .build()
                .unwrap(),
            csrf: Mutex::new(None),
            bearer: None,
        }
    }

    /// Signed in by this access token.
    pub(crate) fn with_bearer(base: &str, token: &str) -> Self {
        Self {
            bearer: Some(token.to_owned()),
            ..Self::nobody(base)
        }
    }

    /// Signed in by cookie.
    pub(crate) async fn sign_in(base: &str, email: &str, password: &str) -> Self {
        let caller = Self::nobody(base);
        let body = serde_json::json!({"email": email, "password": password});
        let session = caller.post("/api/v1/session", body).await.ok();
        caller.keep_csrf(&session);
        caller
    }

    /// Sends the CSRF token of this session from now on.
    pub(crate) fn keep_csrf(&self, session: &Value) {
        *self.csrf.lock().unwrap() = session["csrf_token"].as_str().map(str::to_owned);
    }

    /// The access token that it is signed in by.
    pub(crate) fn bearer(&self) -> Option<&str> {
        self.bearer.as_deref()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body))
            .await
    }

    /// A verb that needs no body.
    pub(crate) async fn act(&self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// A merge patch of the version that the caller has seen.
    pub(crate) async fn patch(&self, path: &str, version: i64, body: Value) -> Answer {
        let request = self
            .request(Method::PATCH, path)
            .header("If-Match", format!("\"{version}\""));
        self.send(request.json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Any request, for what the others don't cover: headers, broken bodies.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = self.csrf.lock().unwrap().as_deref() {
            request = request.header("X-CSRF-Token", HeaderValue::from_str(token).unwrap());
        }
        if let Some(token) = &self.bearer {
            request = request.bearer_auth(token);
        }
        request
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let asked = format!("{} {}", request.method(), request.url().path());
        let response = self.http.execute(request).await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        Answer {
            status,
            headers,
            body,
            asked,
        }
    }
}

impl Answer {
    /// The body, which must have come with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        let Self { asked, body, .. } = &self;
        assert_eq!(self.status, status, "{asked} answered {body:#}");
        self.body
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        let Self { asked, body, .. } = &self;
        assert!(
            (200..300).contains(&self.status),
            "{asked} answered {} {body:#}",
            self.status
        );
        self.body
    }

    /// The problem, which must have this status and code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        let content_type = self.headers.get("content-type").cloned();
        let problem = self.expect(status);
        assert_eq!(content_type.unwrap(), "application/problem+json");
        assert_eq!(problem["code"], code, "{problem:#}");
        problem
    }
}
