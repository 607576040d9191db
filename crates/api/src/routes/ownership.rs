//! Who handles a lead or a customer.

use actix_web::Scope;
use actix_web::web;
use kehu_domain::lead::Move;
use kehu_wire::owner::{OwnerRequest, ReturnRequest};

use crate::body::Body;
use crate::problem::Answer;
use crate::routes::records::Kind;
use crate::verb::{NoBody, Verb};

pub(super) fn verbs(scope: Scope) -> Scope {
    scope
        .service(web::resource("/{id}/claim").post(claim))
        .service(web::resource("/{id}/assign").post(assign))
        .service(web::resource("/{id}/transfer").post(transfer))
        .service(web::resource("/{id}/return").post(return_to_pool))
}

async fn claim(Kind(def): Kind, verb: Verb<NoBody>) -> Answer {
    verb.answer(async |app, ctx, id, ()| Ok(app.claim(ctx, def, id).await?))
        .await
}

async fn assign(Kind(def): Kind, verb: Verb<Body<OwnerRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let assigned = app.hand(ctx, def, id, Move::Assign, body.owner_id);
        Ok(assigned.await?)
    })
    .await
}

async fn transfer(Kind(def): Kind, verb: Verb<Body<OwnerRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let handed = app.hand(ctx, def, id, Move::Transfer, body.owner_id);
        Ok(handed.await?)
    })
    .await
}

async fn return_to_pool(Kind(def): Kind, verb: Verb<Body<ReturnRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let returned = app.return_to_pool(ctx, def, id, &body.reason, body.note.as_deref());
        Ok(returned.await?)
    })
    .await
}
