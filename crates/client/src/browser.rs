//! The transport in a browser: its own `fetch`, with the cookies of the page.

use gloo_net::http::RequestBuilder;
use wasm_bindgen::JsValue;

use crate::transport::{Method, Request, Response, Transport, Unreached};

/// The browser's `fetch`, to the server that the page came from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Browser;

impl Transport for Browser {
    async fn send(&self, request: Request) -> Result<Response, Unreached> {
        let method = match request.method {
            Method::Get => gloo_net::http::Method::GET,
            Method::Post => gloo_net::http::Method::POST,
            Method::Put => gloo_net::http::Method::PUT,
            Method::Patch => gloo_net::http::Method::PATCH,
            Method::Delete => gloo_net::http::Method::DELETE,
        };
        let mut builder = RequestBuilder::new(&request.path)
            .method(method)
            .header("Accept", "application/json");
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let built = match request.body {
            Some(body) => builder
                .header("Content-Type", "application/json")
                .body(JsValue::from_str(&body.to_string())),
            None => match &request.file {
                Some(file) => builder
                    .header("Content-Type", "application/octet-stream")
                    .body(file),
                None => builder.build(),
            },
        };
        let unreached = |_: gloo_net::Error| Unreached;
        let response = built.map_err(unreached)?.send().await.map_err(unreached)?;
        Ok(Response {
            status: response.status(),
            retry_after: response
                .headers()
                .get("Retry-After")
                .and_then(|v| v.parse().ok()),
            body: response.text().await.map_err(unreached)?,
        })
    }
}
