//! Who handles a lead or a customer.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, Scope};
use kehu_domain::lead::Move;
use kehu_wire::owner::{OwnerRequest, ReturnRequest};
use uuid::Uuid;

use crate::auth::Caller;
use crate::body::Body;
use crate::problem::Answer;
use crate::repeat::{self, Reply};
use crate::routes::records::Kind;
use crate::state::State;

pub(super) fn verbs(scope: Scope) -> Scope {
    scope
        .service(web::resource("/{id}/claim").post(claim))
        .service(web::resource("/{id}/assign").post(assign))
        .service(web::resource("/{id}/transfer").post(transfer))
        .service(web::resource("/{id}/return").post(return_to_pool))
}

async fn claim(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &[], async |ctx| {
        Ok(Reply::done(state.app.claim(ctx, def, *id).await?.to_json()))
    })
    .await
}

async fn assign(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<OwnerRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let owner = body.value.owner_id;
        Ok(Reply::done(
            state
                .app
                .hand(ctx, def, *id, Move::Assign, owner)
                .await?
                .to_json(),
        ))
    })
    .await
}

async fn transfer(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<OwnerRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let owner = body.value.owner_id;
        Ok(Reply::done(
            state
                .app
                .hand(ctx, def, *id, Move::Transfer, owner)
                .await?
                .to_json(),
        ))
    })
    .await
}

async fn return_to_pool(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<ReturnRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let (reason, note) = (&body.value.reason, body.value.note.as_deref());
        let record = state
            .app
            .return_to_pool(ctx, def, *id, reason, note)
            .await?;
        Ok(Reply::done(record.to_json()))
    })
    .await
}
