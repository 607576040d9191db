//! Passwords.

use actix_web::web::{Data, Path, ServiceConfig, put, resource};
use actix_web::{HttpRequest, HttpResponse};
use kehu_wire::problem::Problem;
use kehu_wire::session::{PasswordChange, PasswordReset};
use uuid::Uuid;

use crate::auth::{Caller, SignedIn, address_of};
use crate::body::Body;
use crate::problem::Answer;
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/session/password").route(put().to(change_password)))
        .service(resource("/users/{id}/password").route(put().to(set_password)));
}

/// Changes the caller's password and ends all their other sessions.
#[utoipa::path(
    put, path = "/api/v1/session/password", tag = "session",
    request_body = PasswordChange,
    responses(
        (status = 204, description = "Changed."),
        (status = 429, description = "Too many wrong passwords.", body = Problem,
         content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn change_password(
    state: Data<State>,
    caller: SignedIn,
    request: HttpRequest,
    body: Body<PasswordChange>,
) -> Answer {
    let PasswordChange {
        current_password,
        new_password,
    } = &body.value;
    let address = address_of(&request, &state.settings);
    let SignedIn { ctx, session } = caller;
    let app = &state.app;
    app.change_password(
        &ctx,
        session.session_id,
        address,
        current_password,
        new_password,
    )
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives another person a password and signs them out everywhere. Only administrators may.
#[utoipa::path(
    put, path = "/api/v1/users/{id}/password", tag = "session",
    params(("id" = Uuid, Path, description = "The person.")),
    request_body = PasswordReset,
    responses((status = 204, description = "Set.")),
)]
pub(crate) async fn set_password(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<PasswordReset>,
) -> Answer {
    state
        .app
        .set_password(&ctx, *id, &body.value.password)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
