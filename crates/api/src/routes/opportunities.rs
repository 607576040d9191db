//! What opportunities can do beside what every kind can.

use actix_web::Scope;
use actix_web::web;
use kehu_app::opportunities::{Step, To};
use kehu_app::records::Based;
use kehu_wire::opportunity::{AdvanceRequest, CloseRequest, ReopenRequest};
use kehu_wire::owner::OwnerRequest;

use crate::body::{Body, MaybeBody};
use crate::problem::Answer;
use crate::verb::Verb;

pub(super) fn verbs(scope: Scope) -> Scope {
    scope
        .service(web::resource("/{id}/advance").post(advance_opportunity))
        .service(web::resource("/{id}/win").post(win_opportunity))
        .service(web::resource("/{id}/lose").post(lose_opportunity))
        .service(web::resource("/{id}/reopen").post(reopen_opportunity))
        .service(web::resource("/{id}/transfer").post(transfer_opportunity))
}

/// It goes to another stage of its pipeline.
#[utoipa::path(post, path = "/api/v1/opportunities/{id}/advance", tag = "opportunities",
    params(("id" = Uuid, Path, description = "The opportunity."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = AdvanceRequest,
    responses((status = 200, description = "The opportunity as it is now.",
        body = ref("#/components/schemas/Opportunity"))))]
pub(crate) async fn advance_opportunity(verb: Verb<Body<AdvanceRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let AdvanceRequest {
            stage_id,
            fields,
            checklist_done,
            reason,
            note,
            closed_on,
            if_version,
        } = body;
        let step = Step {
            fields: fields.unwrap_or_default(),
            checklist_done: checklist_done.unwrap_or_default(),
            reason,
            note,
            closed_on,
            based: based(if_version),
        };
        let moved = app.advance_opportunity(ctx, id, To::Stage(stage_id), &step);
        Ok(moved.await?)
    })
    .await
}

/// The sale was made.
#[utoipa::path(post, path = "/api/v1/opportunities/{id}/win", tag = "opportunities",
    params(("id" = Uuid, Path, description = "The opportunity."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = CloseRequest,
    responses((status = 200, description = "The opportunity as it is now.",
        body = ref("#/components/schemas/Opportunity"))))]
pub(crate) async fn win_opportunity(verb: Verb<Body<CloseRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let step = closing(body);
        let moved = app.advance_opportunity(ctx, id, To::Won, &step);
        Ok(moved.await?)
    })
    .await
}

/// The sale will not be made.
#[utoipa::path(post, path = "/api/v1/opportunities/{id}/lose", tag = "opportunities",
    params(("id" = Uuid, Path, description = "The opportunity."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = CloseRequest,
    responses((status = 200, description = "The opportunity as it is now.",
        body = ref("#/components/schemas/Opportunity"))))]
pub(crate) async fn lose_opportunity(verb: Verb<Body<CloseRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let step = closing(body);
        let moved = app.advance_opportunity(ctx, id, To::Lost, &step);
        Ok(moved.await?)
    })
    .await
}

/// It was not decided after all.
#[utoipa::path(post, path = "/api/v1/opportunities/{id}/reopen", tag = "opportunities",
    params(("id" = Uuid, Path, description = "The opportunity."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = Option<ReopenRequest>,
    responses((status = 200, description = "The opportunity as it is now.",
        body = ref("#/components/schemas/Opportunity"))))]
pub(crate) async fn reopen_opportunity(verb: Verb<MaybeBody<ReopenRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let reopened = app.reopen_opportunity(ctx, id, body.reason.as_deref());
        Ok(reopened.await?)
    })
    .await
}

/// It goes to another owner.
#[utoipa::path(post, path = "/api/v1/opportunities/{id}/transfer", tag = "opportunities",
    params(("id" = Uuid, Path, description = "The opportunity."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = OwnerRequest,
    responses((status = 200, description = "The opportunity as it is now.",
        body = ref("#/components/schemas/Opportunity"))))]
pub(crate) async fn transfer_opportunity(verb: Verb<Body<OwnerRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let handed = app.transfer_opportunity(ctx, id, body.owner_id);
        Ok(handed.await?)
    })
    .await
}

fn closing(body: CloseRequest) -> Step {
    let CloseRequest {
        reason,
        note,
        closed_on,
        fields,
        checklist_done,
        if_version,
    } = body;
    Step {
        fields: fields.unwrap_or_default(),
        checklist_done: checklist_done.unwrap_or_default(),
        reason: Some(reason),
        note,
        closed_on,
        based: based(if_version),
    }
}

fn based(version: Option<i64>) -> Based {
    version.map_or(Based::Latest, Based::On)
}
