//! What leads can do beside what every kind can.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, Scope};
use kehu_domain::lead::Move;
use kehu_wire::lead::ReasonRequest;
use uuid::Uuid;

use crate::auth::Caller;
use crate::body::Body;
use crate::problem::Answer;
use crate::repeat::{self, Reply};
use crate::state::State;

pub(super) fn verbs(scope: Scope) -> Scope {
    scope
        .service(web::resource("/{id}/mark-invalid").post(mark_lead_invalid))
        .service(web::resource("/{id}/reopen").post(reopen_lead))
        .service(web::resource("/{id}/void").post(void_lead))
        .service(web::resource("/{id}/reinstate").post(reinstate_lead))
}

async fn mark_lead_invalid(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<ReasonRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let by = Move::MarkInvalid;
        let lead = state
            .app
            .set_aside_lead(ctx, *id, by, &body.value.reason)
            .await?;
        Ok(Reply::done(lead.to_json()))
    })
    .await
}

async fn void_lead(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<ReasonRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let lead = state
            .app
            .set_aside_lead(ctx, *id, Move::Void, &body.value.reason)
            .await?;
        Ok(Reply::done(lead.to_json()))
    })
    .await
}

async fn reopen_lead(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &[], async |ctx| {
        Ok(Reply::done(
            state
                .app
                .take_up_lead(ctx, *id, Move::Reopen)
                .await?
                .to_json(),
        ))
    })
    .await
}

async fn reinstate_lead(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &[], async |ctx| {
        Ok(Reply::done(
            state
                .app
                .take_up_lead(ctx, *id, Move::Reinstate)
                .await?
                .to_json(),
        ))
    })
    .await
}
