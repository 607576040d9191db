//! Tokens for mobile apps.

use actix_web::web::{Data, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};
use kehu_app::clock;
use kehu_app::sign_in::Attempt;
use kehu_app::tokens::Pair;
use kehu_wire::session::{RefreshRequest, TokenRequest, Tokens};

use crate::auth::{address_of, device_of};
use crate::body::Body;
use crate::problem::Answer;
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/tokens")
                .post(create_tokens)
                .delete(delete_tokens),
        )
        .service(resource("/tokens/refresh").post(refresh_tokens));
}

/// Signs a device in.
#[utoipa::path(
    post, path = "/api/v1/tokens", tag = "session", security(()),
    request_body = TokenRequest,
    responses((status = 200, description = "Signed in.", body = Tokens)),
)]
pub(crate) async fn create_tokens(
    state: Data<State>,
    request: HttpRequest,
    body: Body<TokenRequest>,
) -> Answer {
    let TokenRequest {
        email,
        password,
        device,
    } = body.value;
    let address = address_of(&request, &state.settings);
    let device = device.or_else(|| device_of(&request));
    let attempt = Attempt {
        email,
        password,
        address,
        device,
    };
    let pair = state.app.create_tokens(attempt, clock::now()).await?;
    Ok(HttpResponse::Ok().json(shown(pair)))
}

/// Exchanges a refresh token for the next pair. Each is good once: when one comes a second time, it
/// was copied, and the device is signed out.
#[utoipa::path(
    post, path = "/api/v1/tokens/refresh", tag = "session",
    security(()),
    request_body = RefreshRequest,
    responses((status = 200, description = "The next pair.", body = Tokens)),
)]
pub(crate) async fn refresh_tokens(state: Data<State>, body: Body<RefreshRequest>) -> Answer {
    let pair = state
        .app
        .refresh_tokens(&body.value.refresh_token, clock::now())
        .await?;
    Ok(HttpResponse::Ok().json(shown(pair)))
}

/// Signs the device out that the refresh token belongs to.
#[utoipa::path(
    delete, path = "/api/v1/tokens", tag = "session", security(()),
    request_body = RefreshRequest,
    responses((status = 204, description = "Signed out.")),
)]
pub(crate) async fn delete_tokens(state: Data<State>, body: Body<RefreshRequest>) -> Answer {
    state
        .app
        .delete_tokens(&body.value.refresh_token, clock::now())
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

fn shown(pair: Pair) -> Tokens {
    let Pair {
        access_token,
        refresh_token,
        expires_in,
    } = pair;
    Tokens {
        access_token,
        refresh_token,
        token_type: "Bearer".to_owned(),
        expires_in,
    }
}
