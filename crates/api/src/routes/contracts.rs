//! What contracts and their receivables can do beside what every kind can.

use actix_web::Scope;
use actix_web::web::{self, Query};
use kehu_app::contracts::{Planned, Schedule};
use kehu_wire::money::{
    PlanRequest, Receivables, RescheduleRequest, SubmitRequest, TerminateRequest, WriteOffRequest,
};
use kehu_wire::owner::OwnerRequest;

use crate::body::{Body, Fields, MaybeBody};
use crate::problem::{Answer, Refusal};
use crate::routes::records::CreateQuery;
use crate::verb::Verb;

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
///
/// Where it has one already, a further one is made only when that is asked for.
#[utoipa::path(post, path = "/api/v1/opportunities/{id}/contract", tag = "opportunities",
    params(("id" = Uuid, Path, description = "The opportunity."),
        ("allow_duplicate" = Option<bool>, Query,
            description = "Whether a contract that it has already is no obstacle."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body(content = Option<Object>, description = "Fields of the contract in place of the opportunity's."),
    responses((status = 200, description = "The contract, a draft.",
        body = ref("#/components/schemas/Contract"))))]
pub(crate) async fn create_contract_of_opportunity(
    verb: Verb<MaybeBody<Fields>>,
    query: Query<CreateQuery>,
) -> Answer {
    verb.answer(async |app, ctx, id, fields| {
        let made = app.create_contract_of_opportunity(ctx, id, &fields, query.duplicates());
        Ok(made.await?)
    })
    .await
}

/// How a draft is to be paid, in place of what was planned before.
#[utoipa::path(put, path = "/api/v1/contracts/{id}/receivables", tag = "contracts",
    params(("id" = Uuid, Path, description = "The contract."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = PlanRequest,
    responses((status = 200, description = "The receivables.", body = Receivables)))]
pub(crate) async fn plan_receivables(verb: Verb<Body<PlanRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let planned = app.plan_receivables(ctx, id, schedule(body)?);
        Ok(planned.await?)
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
pub(crate) async fn submit_contract(verb: Verb<MaybeBody<SubmitRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let submitted = app.submit_contract(ctx, id, body.effective_on);
        Ok(submitted.await?)
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
pub(crate) async fn terminate_contract(verb: Verb<Body<TerminateRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let ended = app.terminate_contract(ctx, id, &body.reason, body.terminated_on);
        Ok(ended.await?)
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
pub(crate) async fn transfer_contract(verb: Verb<Body<OwnerRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let handed = app.transfer_contract(ctx, id, body.owner_id);
        Ok(handed.await?)
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
pub(crate) async fn reschedule_receivable(verb: Verb<Body<RescheduleRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let moved = app.reschedule_receivable(ctx, id, body.due_on, body.note.as_deref());
        Ok(moved.await?)
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
pub(crate) async fn write_off_receivable(verb: Verb<Body<WriteOffRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let left = app.write_off_receivable(ctx, id, body.amount, &body.reason);
        Ok(left.await?)
    })
    .await
}
