//! Who calls: by the cookie of a browser, or by the access token of a device.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE, HeaderName, HeaderValue, SET_COOKIE, USER_AGENT,
};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use kehu_app::clock;
use kehu_app::context::Request;
use kehu_app::error::AppError;
use kehu_app::secrets::same;
use kehu_app::sessions::{LONGEST, Recognised};
use kehu_domain::ctx::Ctx;
use kehu_domain::user;

use crate::problem::Refusal;
use crate::request;
use crate::settings::Settings;
use crate::state::State;

/// The header that unsafe requests with a cookie carry.
pub const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// The cookie that browsers are signed in by.
const COOKIE_NAME: &str = "kehu_session";

/// The context of a signed-in caller. A handler that takes it answers nobody else.
#[derive(Debug, Clone)]
pub struct Caller(pub Ctx);

/// The same with the session that the caller proved.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The caller.
    pub ctx: Ctx,
    /// Their session.
    pub session: Recognised,
}

impl FromRequest for Caller {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(identified(request).map(|signed_in| Self(signed_in.ctx)))
    }
}

impl FromRequest for SignedIn {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(identified(request))
    }
}

/// Who calls, or why that is not known.
struct Identity(Result<SignedIn, Refusal>);

/// Finds out who calls before a handler's parts are read: they are read all at once, and nobody is
/// to be told what is wrong with a body before it is known who they are.
///
/// # Errors
/// Those of the server itself.
pub async fn identify(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let identity = Identity(recognise(request.request()).await);
    request.extensions_mut().insert(identity);
    next.call(request).await
}

fn identified(request: &HttpRequest) -> Result<SignedIn, Refusal> {
    match request.extensions().get::<Identity>() {
        Some(Identity(result)) => result.clone(),
        None => Err(AppError::Unauthenticated("not_signed_in").into()),
    }
}

async fn recognise(request: &HttpRequest) -> Result<SignedIn, Refusal> {
    let state = state_of(request)?;
    let asked = request_of(request);
    let session = match (bearer_of(request)?, cookie_of(request)) {
        (Some(token), _) => state.app.recognise_token(token, asked.now).await?,
        (None, Some(token)) => by_cookie(&state, request, token, &asked).await?,
        (None, None) => return Err(AppError::Unauthenticated("not_signed_in").into()),
    };
    let ctx = state
        .app
        .context(session.workspace_id, session.user_id, asked)
        .await?;
    Ok(SignedIn { ctx, session })
}

async fn by_cookie(
    state: &State,
    request: &HttpRequest,
    token: &str,
    asked: &Request,
) -> Result<Recognised, Refusal> {
    let (session, renewed) = state.app.recognise_session(token, asked.now).await?;
    if let Some(token) = renewed {
        request.extensions_mut().insert(Renewed(token));
    }
    // Another site can make a browser send the cookie, but not read what this header must say.
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let given = request
        .headers()
        .get(CSRF_TOKEN)
        .and_then(|value| value.to_str().ok());
    if safe || given.is_some_and(|given| same(given, &session.csrf_token)) {
        Ok(session)
    } else {
        Err(AppError::Forbidden("csrf_token_wrong").into())
    }
}

/// The token that replaces the one that a request came with.
struct Renewed(String);

/// Hands out the cookie that replaces an old one, with whatever answer the request gets.
///
/// # Errors
/// Those of the server itself.
pub async fn renew_cookie(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let renewed = response.request().extensions_mut().remove::<Renewed>();
    if let Some(Renewed(token)) = renewed
        && !response.headers().contains_key(SET_COOKIE)
        && let Ok(state) = state_of(response.request())
        && let Ok(cookie) = HeaderValue::from_str(&cookie(&state.settings, &token))
    {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The cookie that signs a browser in.
#[must_use]
pub fn cookie(settings: &Settings, token: &str) -> String {
    with_age(settings, token, LONGEST.num_seconds())
}

/// The cookie that takes the place of the one that signed a browser in.
#[must_use]
pub fn no_cookie(settings: &Settings) -> String {
    with_age(settings, "", 0)
}

fn with_age(settings: &Settings, token: &str, seconds: i64) -> String {
    let secure = if settings.is_https() { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

fn cookie_of(request: &HttpRequest) -> Option<&str> {
    let headers = request
        .headers()
        .get_all(COOKIE)
        .filter_map(|value| value.to_str().ok());
    let mut cookies = headers.flat_map(|value| value.split(';')).map(str::trim);
    cookies.find_map(|cookie| cookie.strip_prefix(COOKIE_NAME)?.strip_prefix('='))
}

fn bearer_of(request: &HttpRequest) -> Result<Option<&str>, Refusal> {
    let Some(header) = request.headers().get(AUTHORIZATION) else {
        return Ok(None);
    };
    let invalid = || Refusal::from(AppError::Unauthenticated("token_invalid"));
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(invalid)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(token.trim()))
    } else {
        Err(invalid())
    }
}

fn state_of(request: &HttpRequest) -> Result<Data<State>, Refusal> {
    let state = request.app_data::<Data<State>>().cloned();
    state.ok_or_else(|| AppError::Internal("handlers have no state".to_owned()).into())
}

/// What a request brings beside its actor.
#[must_use]
pub fn request_of(request: &HttpRequest) -> Request {
    Request {
        id: request::id_of(request),
        now: clock::now(),
        locale: locale_of(request),
        repeat: None,
    }
}

/// The first language that the caller asks for and that the app has.
fn locale_of(request: &HttpRequest) -> Option<String> {
    let wanted = request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let language = |tag: &str| {
        tag.split(['-', ';'])
            .next()
            .unwrap_or_default()
            .trim()
            .to_lowercase()
    };
    wanted.split(',').map(language).find_map(|wanted| {
        let known = user::LOCALES
            .iter()
            .find(|locale| language(locale) == wanted)?;
        Some((*known).to_owned())
    })
}

/// What a request says of the program that sends it.
#[must_use]
pub fn device_of(request: &HttpRequest) -> Option<String> {
    let words = request.headers().get(USER_AGENT)?.to_str().ok()?;
    Some(words.to_owned())
}

/// Where a request comes from.
#[must_use]
pub fn address_of(request: &HttpRequest, settings: &Settings) -> Option<IpAddr> {
    if settings.behind_proxy {
        // The last one is what the proxy itself saw; those before it are what it was told.
        let forwarded = request.headers().get_all("x-forwarded-for").last()?;
        return forwarded
            .to_str()
            .ok()?
            .rsplit(',')
            .next()?
            .trim()
            .parse()
            .ok();
    }
    request.peer_addr().map(|address| address.ip())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let request = TestRequest::default()
            .insert_header(("cookie", "a=b; kehu_session_x=no; kehu_session=yes; c=d"))
            .to_http_request();
        assert_eq!(cookie_of(&request), Some("yes"));
    }

    #[test]
    fn the_cookie_is_for_https_only_where_the_app_is() {
        let mut settings = Settings::default();
        assert!(!cookie(&settings, "t").contains("Secure"));
        settings.public_url = Some("https://crm.example.com".to_owned());
        assert_eq!(
            cookie(&settings, "t"),
            "kehu_session=t; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn the_first_known_language_is_taken() {
        let locale = |wanted: &str| {
            let request = TestRequest::default().insert_header(("accept-language", wanted));
            locale_of(&request.to_http_request())
        };
        assert_eq!(
            locale("fr-FR, zh-CN;q=0.9, en;q=0.8").as_deref(),
            Some("zh-Hans")
        );
        assert_eq!(locale("en-GB").as_deref(), Some("en"));
        assert_eq!(locale("*"), None);
    }

    #[test]
    fn only_a_proxy_is_believed_where_requests_come_from() {
        let request = TestRequest::default()
            .peer_addr("192.0.2.1:1234".parse().unwrap())
            .insert_header(("x-forwarded-for", "198.51.100.7, 203.0.113.9"))
            .to_http_request();
        let mut settings = Settings::default();
        assert_eq!(address_of(&request, &settings), "192.0.2.1".parse().ok());
        settings.behind_proxy = true;
        assert_eq!(address_of(&request, &settings), "203.0.113.9".parse().ok());
    }
}
