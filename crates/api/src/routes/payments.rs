//! What payments and allocations can do beside what every kind can.

use actix_web::Scope;
use actix_web::web;
use kehu_app::error::AppError;
use kehu_app::payments::{Allocate, Part};
use kehu_wire::money::{
    AllocateRequest, Allocated, ConfirmRequest, MatchRequest, RefundRequest, ReverseRequest,
    WhyRequest,
};

use crate::body::{Body, MaybeBody};
use crate::problem::Answer;
use crate::verb::Verb;

pub(super) fn verbs(scope: Scope) -> Scope {
    scope
        .service(web::resource("/{id}/confirm").post(confirm_payment))
        .service(web::resource("/{id}/reject").post(reject_payment))
        .service(web::resource("/{id}/reverse").post(reverse_payment))
        .service(web::resource("/{id}/match").post(match_payment))
        .service(web::resource("/{id}/allocate").post(allocate_payment))
        .service(web::resource("/{id}/refund").post(refund_payment))
}

pub(super) fn allocation_verbs(scope: Scope) -> Scope {
    scope.service(web::resource("/{id}/release").post(release_allocation))
}

/// Which receivables a body means.
fn way(request: AllocateRequest) -> Result<Allocate, AppError> {
    let AllocateRequest {
        allocations,
        oldest,
        contract_id,
    } = request;
    match allocations {
        None if oldest => Ok(Allocate::Oldest(contract_id)),
        Some(parts) if !oldest && contract_id.is_none() => Ok(Allocate::Parts(
            parts
                .into_iter()
                .map(|part| Part {
                    receivable_id: part.receivable_id,
                    amount: part.amount,
                    receivable_amount: part.receivable_amount,
                })
                .collect(),
        )),
        _ => Err(AppError::invalid("allocations", "parts_or_oldest")),
    }
}

/// Finance has seen it: it counts.
#[utoipa::path(post, path = "/api/v1/payments/{id}/confirm", tag = "payments",
    params(("id" = Uuid, Path, description = "The payment."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = Option<ConfirmRequest>,
    responses((status = 200, description = "The payment and what it settles now.",
        body = Allocated)))]
pub(crate) async fn confirm_payment(verb: Verb<MaybeBody<ConfirmRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let allocate = body.allocate.map(way).transpose();
        let allocate = allocate.map_err(|error| error.below("allocate"))?;
        let done = app.confirm_payment(ctx, id, body.customer_id, allocate);
        Ok(done.await?)
    })
    .await
}

/// Finance has not seen it.
#[utoipa::path(post, path = "/api/v1/payments/{id}/reject", tag = "payments",
    params(("id" = Uuid, Path, description = "The payment."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = WhyRequest,
    responses((status = 200, description = "The payment as it is now.",
        body = ref("#/components/schemas/Payment"))))]
pub(crate) async fn reject_payment(verb: Verb<Body<WhyRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let rejected = app.reject_payment(ctx, id, &body.reason);
        Ok(rejected.await?)
    })
    .await
}

/// It was a mistake: it is taken back with all its allocations.
#[utoipa::path(post, path = "/api/v1/payments/{id}/reverse", tag = "payments",
    params(("id" = Uuid, Path, description = "The payment."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = ReverseRequest,
    responses((status = 200, description = "The payment as it is now.",
        body = ref("#/components/schemas/Payment"))))]
pub(crate) async fn reverse_payment(verb: Verb<Body<ReverseRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let reversed = app.reverse_payment(ctx, id, &body.reason, body.reversed_on);
        Ok(reversed.await?)
    })
    .await
}

/// It is this customer's.
#[utoipa::path(post, path = "/api/v1/payments/{id}/match", tag = "payments",
    params(("id" = Uuid, Path, description = "The payment."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = MatchRequest,
    responses((status = 200, description = "The payment as it is now.",
        body = ref("#/components/schemas/Payment"))))]
pub(crate) async fn match_payment(verb: Verb<Body<MatchRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let matched = app.match_payment(ctx, id, body.customer_id);
        Ok(matched.await?)
    })
    .await
}

/// It settles receivables with what it has left.
#[utoipa::path(post, path = "/api/v1/payments/{id}/allocate", tag = "payments",
    params(("id" = Uuid, Path, description = "The payment."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = AllocateRequest,
    responses((status = 200, description = "The payment and what it settles now.",
        body = Allocated)))]
pub(crate) async fn allocate_payment(verb: Verb<Body<AllocateRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let done = app.allocate_payment(ctx, id, way(body)?);
        Ok(done.await?)
    })
    .await
}

/// Some of what it has left is paid back.
#[utoipa::path(post, path = "/api/v1/payments/{id}/refund", tag = "payments",
    params(("id" = Uuid, Path, description = "The payment."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = RefundRequest,
    responses((status = 200, description = "The refund.",
        body = ref("#/components/schemas/Refund"))))]
pub(crate) async fn refund_payment(verb: Verb<Body<RefundRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let RefundRequest {
            amount,
            reason,
            refunded_on,
            method,
        } = body;
        let refund = app.refund_payment(ctx, id, amount, &reason, refunded_on, method);
        Ok(refund.await?)
    })
    .await
}

/// The allocation is taken back.
#[utoipa::path(post, path = "/api/v1/allocations/{id}/release", tag = "allocations",
    params(("id" = Uuid, Path, description = "The allocation."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = WhyRequest,
    responses((status = 200, description = "The allocation as it is now.",
        body = ref("#/components/schemas/Allocation"))))]
pub(crate) async fn release_allocation(verb: Verb<Body<WhyRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let released = app.release_allocation(ctx, id, &body.reason);
        Ok(released.await?)
    })
    .await
}
