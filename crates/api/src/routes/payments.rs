//! What payments and allocations can do beside what every kind can.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, Scope};
use kehu_app::error::AppError;
use kehu_app::payments::{self, Allocate, Part};
use kehu_wire::money::{
    AllocateRequest, Allocated, ConfirmRequest, MatchRequest, RefundRequest, ReverseRequest,
    WhyRequest,
};
use uuid::Uuid;

use crate::auth::Caller;
use crate::body::{Body, MaybeBody};
use crate::problem::Answer;
use crate::repeat::{self, Reply};
use crate::state::State;

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
pub(crate) async fn confirm_payment(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: MaybeBody<ConfirmRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let ConfirmRequest {
            customer_id,
            allocate,
        } = &body.value;
        let allocate = allocate.clone().map(way).transpose()?;
        let done = state
            .app
            .confirm_payment(ctx, *id, *customer_id, allocate)
            .await?;
        Ok(Reply::done(payments::tell(&done)))
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
pub(crate) async fn reject_payment(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<WhyRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let rejected = state
            .app
            .reject_payment(ctx, *id, &body.value.reason)
            .await?;
        Ok(Reply::done(rejected.to_json()))
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
pub(crate) async fn reverse_payment(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<ReverseRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let ReverseRequest {
            reason,
            reversed_on,
        } = &body.value;
        let reversed = state
            .app
            .reverse_payment(ctx, *id, reason, *reversed_on)
            .await?;
        Ok(Reply::done(reversed.to_json()))
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
pub(crate) async fn match_payment(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<MatchRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let matched = state
            .app
            .match_payment(ctx, *id, body.value.customer_id)
            .await?;
        Ok(Reply::done(matched.to_json()))
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
pub(crate) async fn allocate_payment(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<AllocateRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let done = state
            .app
            .allocate_payment(ctx, *id, way(body.value.clone())?)
            .await?;
        Ok(Reply::done(payments::tell(&done)))
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
pub(crate) async fn refund_payment(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<RefundRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let RefundRequest {
            amount,
            reason,
            refunded_on,
            method,
        } = &body.value;
        let (day, method) = (*refunded_on, method.clone());
        let refund = state
            .app
            .refund_payment(ctx, *id, *amount, reason, day, method)
            .await?;
        Ok(Reply::done(refund.to_json()))
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
pub(crate) async fn release_allocation(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<WhyRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let released = state
            .app
            .release_allocation(ctx, *id, &body.value.reason)
            .await?;
        Ok(Reply::done(released.to_json()))
    })
    .await
}
