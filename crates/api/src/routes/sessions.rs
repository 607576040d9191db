//! All sessions of the caller: browsers and devices.

use actix_web::HttpResponse;
use actix_web::http::header::SET_COOKIE;
use actix_web::web::{Data, Path, ServiceConfig, resource};
use kehu_app::sessions::Place;
use kehu_wire::session::{SessionInfo, SessionList};
use uuid::Uuid;

use crate::auth::{self, Caller, SignedIn};
use crate::problem::Answer;
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/sessions")
                .get(list_sessions)
                .delete(end_sessions),
        )
        .service(resource("/sessions/{id}").delete(end_session));
}

/// Where the caller is signed in, the session last used first.
#[utoipa::path(
    get, path = "/api/v1/sessions", tag = "session",
    responses((status = 200, description = "There.", body = SessionList)),
)]
pub(crate) async fn list_sessions(state: Data<State>, caller: SignedIn) -> Answer {
    let SignedIn { ctx, session } = caller;
    let shown = |place: Place| SessionInfo {
        id: place.id,
        current: place.id == session.session_id,
        device: place.device,
        created_at: place.created_at,
        last_used_at: place.last_used_at,
    };
    let items = state
        .app
        .list_sessions(&ctx)
        .await?
        .into_iter()
        .map(shown)
        .collect();
    Ok(HttpResponse::Ok().json(SessionList { items }))
}

/// Ends one of the caller's sessions.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}", tag = "session",
    params(("id" = Uuid, Path, description = "The session.")),
    responses((status = 204, description = "Ended.")),
)]
pub(crate) async fn end_session(state: Data<State>, Caller(ctx): Caller, id: Path<Uuid>) -> Answer {
    state.app.end_session(&ctx, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Signs the caller out everywhere, here and on all devices too.
#[utoipa::path(
    delete, path = "/api/v1/sessions", tag = "session",
    responses((status = 204, description = "Signed out.")),
)]
pub(crate) async fn end_sessions(state: Data<State>, Caller(ctx): Caller) -> Answer {
    state.app.end_sessions(&ctx).await?;
    let gone = auth::no_cookie(&state.settings);
    Ok(HttpResponse::NoContent()
        .insert_header((SET_COOKIE, gone))
        .finish())
}
