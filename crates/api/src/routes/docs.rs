//! The description of the API, to be fetched and to be read. Nothing of it comes from elsewhere.

use std::sync::{Arc, LazyLock};

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, LOCATION,
};
use actix_web::web::{self, Bytes, Path};
use actix_web::{HttpRequest, HttpResponse, Scope};
use sha2::{Digest, Sha256};
use utoipa_swagger_ui::Config;

use crate::openapi;
use crate::problem::{self, Answer};
use crate::site;

/// The addresses of the description.
pub fn configure(scope: Scope) -> Scope {
    scope
        .service(web::resource("/openapi.json").get(get_openapi))
        .service(web::resource("/docs").get(to_docs))
        .service(web::resource("/docs/{file:.*}").get(docs))
}

struct Described {
    bytes: Bytes,
    tag: String,
}

static DESCRIBED: LazyLock<Described> = LazyLock::new(|| {
    let hash = Sha256::digest(openapi::TEXT.as_bytes());
    let hex: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
    Described {
        bytes: Bytes::from_static(openapi::TEXT.as_bytes()),
        tag: format!("\"{hex}\""),
    }
});

/// This description.
#[utoipa::path(get, path = "/api/openapi.json", tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object,
            headers(("ETag" = String, description = "Changes with the description."))),
        (status = 304, description = "It is what `If-None-Match` says.")))]
pub(crate) async fn get_openapi(request: HttpRequest) -> Answer {
    std::future::ready(()).await;
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .is_some_and(|given| given.as_bytes() == DESCRIBED.tag.as_bytes());
    let mut response = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response.insert_header((ETAG, DESCRIBED.tag.as_str()));
    response.insert_header((CACHE_CONTROL, "no-cache"));
    if known {
        return Ok(response.finish());
    }
    Ok(response
        .content_type("application/json")
        .body(DESCRIBED.bytes.clone()))
}

async fn to_docs() -> Answer {
    std::future::ready(()).await;
    let there = (LOCATION, "/api/docs/");
    Ok(HttpResponse::PermanentRedirect()
        .insert_header(there)
        .finish())
}

async fn docs(file: Path<String>) -> Answer {
    let config = Config::from("/api/openapi.json").persist_authorization(false);
    let Ok(Some(found)) = utoipa_swagger_ui::serve(&file, Arc::new(config)) else {
        return problem::no_such_address();
    };
    let mut response = HttpResponse::Ok();
    response
        .content_type(found.content_type)
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_SECURITY_POLICY, site::POLICY));
    if found.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response.body(found.bytes.into_owned()))
}
