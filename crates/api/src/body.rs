//! Bodies: read once, as bytes that a repeated request is recognised by and as what they say. None is
//! inflated: what is small on the wire and large in memory is not read at all.

use std::future::Future;
use std::pin::Pin;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue,
};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use crate::problem::{self, Refusal};

/// The body of a request that must have one.
#[derive(Debug)]
pub struct Body<T> {
    /// What it says.
    pub value: T,
    /// As it came.
    pub bytes: Bytes,
}

/// The body of a request that may have none.
#[derive(Debug)]
pub struct MaybeBody<T> {
    /// What it says; the default where there is none.
    pub value: T,
    /// As it came.
    pub bytes: Bytes,
}

/// Refuses every body that is compressed or encoded otherwise, before anything reads it: the framework would
/// inflate a whole part of it before it counts what came out.
///
/// # Errors
/// Those of the server itself.
pub async fn refuse_encoded(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if is_plain(request.headers()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let mut refused = HttpResponse::from_error(problem::encoded());
    let plain = HeaderValue::from_static("identity");
    refused.headers_mut().insert(ACCEPT_ENCODING, plain);
    Ok(request.into_response(refused))
}

/// Whether a body is as it stands on the wire.
fn is_plain(headers: &HeaderMap) -> bool {
    let codings = |value: &HeaderValue| {
        let mut codings = value.as_bytes().split(|byte| *byte == b',');
        codings.all(|coding| {
            let coding = coding.trim_ascii();
            coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
        })
    };
    headers.get_all(CONTENT_ENCODING).all(codings)
}

/// The fields of a record.
pub type Fields = Map<String, Value>;

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Refusal>>>>;

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            if !is_json {
                return Err(problem::wrong_type());
            }
            let bytes = bytes.await.map_err(|error| refused(&error))?;
            Ok(Self {
                value: parse(&bytes)?,
                bytes,
            })
        })
    }
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for MaybeBody<T> {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            let bytes = bytes.await.map_err(|error| refused(&error))?;
            if bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Self {
                    value: T::default(),
                    bytes,
                });
            }
            if !is_json {
                return Err(problem::wrong_type());
            }
            Ok(Self {
                value: parse(&bytes)?,
                bytes,
            })
        })
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let Some(value) = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
    else {
        return false;
    };
    let essence = value
        .split(';')
        .next()
        .unwrap_or("")
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn refused(error: &actix_web::Error) -> Refusal {
    if error.as_response_error().status_code() == actix_web::http::StatusCode::PAYLOAD_TOO_LARGE {
        problem::too_large()
    } else {
        problem::unreadable("The body could not be read to its end.")
    }
}

/// Reads what a body says.
///
/// # Errors
/// Unreadable when it is no JSON, a problem of fields when it is not what the operation takes.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        if error.is_data() {
            problem::shape(&place_of::<T>(bytes), &error.to_string())
        } else {
            problem::unreadable(&format!("The body is no JSON: {error}."))
        }
    })
}

/// Where in a body stands what can't be read: a JSON pointer. Reading it once more keeps track of the
/// way there, which costs something; bodies that are right don't pay for it.
fn place_of<T: DeserializeOwned>(bytes: &[u8]) -> String {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut reader) else {
        return String::new();
    };
    error
        .path()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}
