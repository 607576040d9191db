//! What contracts and their receivables can do beside what every kind can.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, Scope};
use kehu_app::contracts::{Planned, Schedule};
use kehu_wire::money::{
    PlanRequest, Receivables, RescheduleRequest, SubmitRequest, TerminateRequest, WriteOffRequest,
};
use kehu_wire::owner::OwnerRequest;
use serde_json::json;
use uuid::Uuid;

use crate::auth::Caller;
use crate::body::{Body, Fields, MaybeBody};
use crate::problem::{Answer, Refusal};
use crate::repeat::{self, Reply};
use crate::state::State;

pub(super) fn verbs(scope: Scope) -> Scope {
    scope
        .service(web::resource("/{id}/receivables").put(plan_receivables))
        .service(web::resource("/{id}/submit").post(submit_contract))
        .service(web::resource("/{id}/terminate").post(terminate_contract))
        .service(web::resource("/{id}/transfer").post(transfer_contract))
}

pub(super) fn of_opportunity(scope: Scope) -> Scope {
    scope.service(web::resource("/{id}/contract").post(create_contract_of_opportunity))
}

pub(super) fn receivable_verbs(scope: Scope) -> Scope {
    scope
        .service(web::resource("/{id}/reschedule").post(reschedule_receivable))
        .service(web::resource("/{id}/write-off").post(write_off_receivable))
}

/// A won opportunity becomes a contract: name, customer, contact and lines come along.
#[utoipa::path(post, path = "/api/v1/opportunities/{id}/contract", tag = "opportunities",
    params(("id" = Uuid, Path, description = "The opportunity."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body(content = Option<Object>, description = "Fields of the contract in place of the opportunity's."),
    responses((status = 200, description = "The contract, a draft.",
        body = ref("#/components/schemas/Contract"))))]
pub(crate) async fn create_contract_of_opportunity(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: MaybeBody<Fields>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let made = state
            .app
            .create_contract_of_opportunity(ctx, *id, &body.value)
            .await?;
        Ok(Reply::done(made.to_json()))
    })
    .await
}

/// How a draft is to be paid, in place of what was planned before.
#[utoipa::path(put, path = "/api/v1/contracts/{id}/receivables", tag = "contracts",
    params(("id" = Uuid, Path, description = "The contract."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = PlanRequest,
    responses((status = 200, description = "The receivables.", body = Receivables)))]
pub(crate) async fn plan_receivables(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<PlanRequest>,
    request: HttpRequest,
) -> Answer {
    let schedule = schedule(body.value)?;
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let planned = state
            .app
            .plan_receivables(ctx, *id, schedule.clone())
            .await?;
        let items: Vec<_> = planned.iter().map(|record| record.to_json()).collect();
        Ok(Reply::done(json!({ "items": items })))
    })
    .await
}

fn schedule(request: PlanRequest) -> Result<Schedule, Refusal> {
    let PlanRequest {
        receivables,
        shares,
        monthly,
        first_due_on,
        every_months,
    } = request;
    let first = || first_due_on.ok_or_else(|| Refusal::parameter("first_due_on", "required"));
    match (receivables, shares, monthly) {
        (Some(given), None, None) => Ok(Schedule::Given(
            given
                .into_iter()
                .map(|one| Planned {
                    due_on: one.due_on,
                    amount: one.amount,
                    note: one.note,
                })
                .collect(),
        )),
        (None, Some(shares), None) => Ok(Schedule::Shares {
            shares,
            first: first()?,
            step: every_months.unwrap_or(1),
        }),
        (None, None, Some(count)) => Ok(Schedule::Monthly {
            count: usize::try_from(count).unwrap_or(usize::MAX),
            first: first()?,
        }),
        _ => Err(Refusal::parameter("receivables", "one_way_to_plan")),
    }
}

/// It comes into force: from now on its receivables are owed.
#[utoipa::path(post, path = "/api/v1/contracts/{id}/submit", tag = "contracts",
    params(("id" = Uuid, Path, description = "The contract."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = Option<SubmitRequest>,
    responses((status = 200, description = "The contract as it is now.",
        body = ref("#/components/schemas/Contract"))))]
pub(crate) async fn submit_contract(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: MaybeBody<SubmitRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let day = body.value.effective_on;
        Ok(Reply::done(
            state.app.submit_contract(ctx, *id, day).await?.to_json(),
        ))
    })
    .await
}

/// It ends before its time: what is outstanding falls away.
#[utoipa::path(post, path = "/api/v1/contracts/{id}/terminate", tag = "contracts",
    params(("id" = Uuid, Path, description = "The contract."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = TerminateRequest,
    responses((status = 200, description = "The contract as it is now.",
        body = ref("#/components/schemas/Contract"))))]
pub(crate) async fn terminate_contract(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<TerminateRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let TerminateRequest {
            reason,
            terminated_on,
        } = &body.value;
        let ended = state
            .app
            .terminate_contract(ctx, *id, reason, *terminated_on)
            .await?;
        Ok(Reply::done(ended.to_json()))
    })
    .await
}

/// It goes to another owner, with its receivables.
#[utoipa::path(post, path = "/api/v1/contracts/{id}/transfer", tag = "contracts",
    params(("id" = Uuid, Path, description = "The contract."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = OwnerRequest,
    responses((status = 200, description = "The contract as it is now.",
        body = ref("#/components/schemas/Contract"))))]
pub(crate) async fn transfer_contract(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<OwnerRequest>,
    request: HttpRequest,
) -> Answer {
    let owner = body.value.owner_id;
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        Ok(Reply::done(
            state
                .app
                .transfer_contract(ctx, *id, owner)
                .await?
                .to_json(),
        ))
    })
    .await
}

/// It is due on another day.
#[utoipa::path(post, path = "/api/v1/receivables/{id}/reschedule", tag = "receivables",
    params(("id" = Uuid, Path, description = "The receivable."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = RescheduleRequest,
    responses((status = 200, description = "The receivable as it is now.",
        body = ref("#/components/schemas/Receivable"))))]
pub(crate) async fn reschedule_receivable(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<RescheduleRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let RescheduleRequest { due_on, note } = &body.value;
        let moved = state
            .app
            .reschedule_receivable(ctx, *id, *due_on, note.as_deref())
            .await?;
        Ok(Reply::done(moved.to_json()))
    })
    .await
}

/// Some of it is given up.
#[utoipa::path(post, path = "/api/v1/receivables/{id}/write-off", tag = "receivables",
    params(("id" = Uuid, Path, description = "The receivable."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = WriteOffRequest,
    responses((status = 200, description = "The receivable as it is now.",
        body = ref("#/components/schemas/Receivable"))))]
pub(crate) async fn write_off_receivable(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: Body<WriteOffRequest>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let WriteOffRequest { amount, reason } = &body.value;
        let left = state
            .app
            .write_off_receivable(ctx, *id, *amount, reason)
            .await?;
        Ok(Reply::done(left.to_json()))
    })
    .await
}
