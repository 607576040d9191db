//! The transport outside a browser: `reqwest`, with cookies of its own.

use crate::transport::{Method, Request, Response, Transport, Unreached};

/// A connection to the server at one address.
#[derive(Debug, Clone)]
pub struct Native {
    base: String,
    client: reqwest::Client,
    bearer: Option<String>,
}

impl Native {
    /// To the server at `base`, such as `http://127.0.0.1:8080`, signed in by cookie if at all.
    ///
    /// # Errors
    /// When the machine offers no way to connect.
    pub fn new(base: impl Into<String>) -> Result<Self, reqwest::Error> {
        Ok(Self {
            base: base.into(),
            client: reqwest::Client::builder().cookie_store(true).build()?,
            bearer: None,
        })
    }

    /// The same, signed in by this access token.
    #[must_use]
    pub fn with_bearer(mut self, token: String) -> Self {
        self.bearer = Some(token);
        self
    }
}

impl Transport for Native {
    async fn send(&self, request: Request) -> Result<Response, Unreached> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self
            .client
            .request(method, format!("{}{}", self.base, request.path));
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if let Some(token) = &self.bearer {
            builder = builder.bearer_auth(token);
        }
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        let unreached = |_: reqwest::Error| Unreached;
        let response = builder.send().await.map_err(unreached)?;
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Response {
            status: response.status().as_u16(),
            retry_after,
            body: response.text().await.map_err(unreached)?,
        })
    }
}
