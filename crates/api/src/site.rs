//! The app for the browser, from the folder that the build leaves it in or from inside the program.

use std::path::{Component, Path, PathBuf};

use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_ENCODING, Allow, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, VARY,
};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use crate::problem::Answer;
use crate::state::State;

/// Nothing but our own files runs in the page.
pub(crate) const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// What no address of ours fits: below `/api`, however that is spelled, nothing; elsewhere the app, which
/// can only be read.
///
/// # Errors
/// Not found, below `/api` and when the app was not built.
pub async fn elsewhere(state: Data<State>, request: HttpRequest) -> Answer {
    if is_of_api(request.path()) {
        return crate::problem::no_such_address();
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return serve(state, request).await;
    }
    let methods = Allow(vec![Method::GET, Method::HEAD]);
    Ok(HttpResponse::MethodNotAllowed()
        .insert_header(methods)
        .finish())
}

/// Whether a path leads to the API for anybody between us and the caller: escaped once or more often, with
/// slashes and dots that say nothing, in capitals.
fn is_of_api(path: &str) -> bool {
    let Some(path) = unescaped(path) else {
        return true;
    };
    let mut place: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(place.pop()),
            part => place.push(part),
        }
        if place
            .first()
            .is_some_and(|first| first.eq_ignore_ascii_case("api"))
        {
            return true;
        }
    }
    false
}

/// A path without escapes, those that were escaped themselves included; none when there is no end of them.
fn unescaped(path: &str) -> Option<String> {
    let mut path = path.to_owned();
    for _ in 0..4 {
        let next = percent_decode_str(&path).decode_utf8_lossy().into_owned();
        if next == path {
            return Some(path);
        }
        path = next;
    }
    None
}

/// A file of the app, in the shortest form that the browser takes; for any other address outside
/// the API the page itself, which knows its own addresses.
async fn serve(state: Data<State>, request: HttpRequest) -> Answer {
    let path = request.path().trim_start_matches('/');
    let named = Path::new(path);
    let is_file = !path.is_empty()
        && named.extension().is_some()
        && named
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
    let (name, fallback) = if is_file {
        (named.to_path_buf(), false)
    } else {
        (PathBuf::from("index.html"), true)
    };
    let accepted = request
        .headers()
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    for (suffix, encoding) in [(".br", "br"), (".gz", "gzip"), ("", "")] {
        if !encoding.is_empty() && !accepted.contains(encoding) {
            continue;
        }
        let mut file = name.clone().into_os_string();
        file.push(suffix);
        if let Some(bytes) = read(&state, Path::new(&file)).await {
            return Ok(answer(&request, &name, encoding, bytes, fallback));
        }
    }
    crate::problem::no_such_address()
}

fn answer(
    request: &HttpRequest,
    name: &Path,
    encoding: &str,
    bytes: Vec<u8>,
    fallback: bool,
) -> HttpResponse {
    let hash = Sha256::digest(&bytes);
    let tag: String = hash
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("\"{tag}\"");
    // Addresses with a version in their query never change; everything else is asked for again.
    let lasting = !fallback && request.query_string().starts_with("v=");
    let caching = if lasting {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .is_some_and(|v| v.as_bytes() == tag.as_bytes());
    let mut response = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((CONTENT_TYPE, media_type(name)))
        .insert_header((CACHE_CONTROL, caching))
        .insert_header((VARY, "accept-encoding"))
        .insert_header((ETAG, tag))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY));
    if !encoding.is_empty() {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    if known {
        response.finish()
    } else {
        response.body(bytes)
    }
}

fn media_type(name: &Path) -> &'static str {
    match name.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(feature = "embed")]
async fn read(_state: &State, file: &Path) -> Option<Vec<u8>> {
    std::future::ready(()).await;
    Embedded::get(file.to_str()?).map(|found| found.data.into_owned())
}

#[cfg(not(feature = "embed"))]
async fn read(state: &State, file: &Path) -> Option<Vec<u8>> {
    tokio::fs::read(state.settings.app_dir.join(file))
        .await
        .ok()
}

/// The app as it is shipped: `cargo xtask app --small` leaves it there.
#[cfg(feature = "embed")]
#[derive(rust_embed::RustEmbed)]
#[folder = "../../target/app-dist"]
struct Embedded;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_known_in_every_spelling() {
        for path in [
            "/api",
            "/api/",
            "//api/v1",
            "/./api",
            "/x/../api/v1",
            "/%61pi",
            "/%2561pi",
            "/API/v1",
            "/%2Fapi",
            "/%5Capi",
            "/api%2Fv1",
            "/api/../leads",
            "api",
            "/%25252525252561pi",
        ] {
            assert!(is_of_api(path), "{path}");
        }
        for path in [
            "/",
            "/leads",
            "/apiary",
            "/leads/api",
            "/x/%2e%2e/leads",
            "/%",
            "/%ff",
        ] {
            assert!(!is_of_api(path), "{path}");
        }
    }
}
