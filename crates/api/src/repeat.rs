//! `Idempotency-Key`: the same request a second time gets the answer of the first.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION};
use kehu_app::error::AppError;
use kehu_app::{App, Outcome};
use kehu_domain::ctx::{Ctx, RepeatKey};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::problem::{Answer, Refusal};

/// The header that carries the key.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// An answer before it is written.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Whether something new was made.
    pub outcome: Outcome,
    /// The body.
    pub body: Value,
}

impl Reply {
    /// An answer about something that was there.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn done(body: &impl Serialize) -> Result<Self, AppError> {
        Ok(Self {
            outcome: Outcome::Done,
            body: serde_json::to_value(body)?,
        })
    }

    /// The answer with the headers that a record has.
    #[must_use]
    pub fn write(&self, request: &HttpRequest) -> HttpResponse {
        let status = match self.outcome {
            Outcome::Created => StatusCode::CREATED,
            Outcome::Done => StatusCode::OK,
        };
        let mut response = HttpResponse::build(status);
        if let Some(version) = self.body.get("version").and_then(Value::as_i64) {
            response.insert_header((ETAG, format!("\"{version}\"")));
        }
        if let Some(id) = self.body.get("id").and_then(Value::as_str)
            && self.outcome == Outcome::Created
        {
            let list = request
                .path()
                .split("/by-external-id/")
                .next()
                .unwrap_or_default();
            response.insert_header((LOCATION, format!("{list}/{id}")));
        }
        response.json(&self.body)
    }
}

/// Runs an operation that makes something, once per key.
///
/// # Errors
/// Those of the operation; a key that came with another request.
pub async fn once(
    app: &App,
    request: &HttpRequest,
    mut ctx: Ctx,
    body: &[u8],
    run: impl AsyncFnOnce(&Ctx) -> Result<Reply, Refusal>,
) -> Answer {
    ctx.repeat = key(request, body)?;
    if let Some(repeated) = replay(app, &ctx).await? {
        return Ok(repeated.write(request));
    }
    match run(&ctx).await {
        // The same request was faster, from another connection: its answer is kept by now.
        Err(refusal) if refusal.0.code == "repeated" => match replay(app, &ctx).await? {
            Some(repeated) => Ok(repeated.write(request)),
            None => Err(refusal),
        },
        other => other.map(|reply| reply.write(request)),
    }
}

async fn replay(app: &App, ctx: &Ctx) -> Result<Option<Reply>, AppError> {
    let repeated = app.repeated(ctx).await?;
    Ok(repeated.map(|repeated| Reply {
        outcome: repeated.outcome,
        body: repeated.body,
    }))
}

fn key(request: &HttpRequest, body: &[u8]) -> Result<Option<RepeatKey>, Refusal> {
    let Some(header) = request.headers().get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let wrong = || Refusal::parameter("idempotency-key", "idempotency_key_invalid");
    let key = header.to_str().ok().ok_or_else(wrong)?;
    if key.is_empty() || key.len() > 200 || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(wrong());
    }
    let mut hash = Sha256::new();
    for part in [
        request.method().as_str(),
        request.path(),
        request.query_string(),
    ] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(body);
    let fingerprint = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Some(RepeatKey {
        key: key.to_owned(),
        fingerprint,
    }))
}
