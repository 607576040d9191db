//! What leads can do beside what every kind can.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpResponse, Scope};
use kehu_app::conversion::{self, Parts, Party};
use kehu_domain::lead::Move;
use kehu_wire::lead::{Candidate, Candidates, ReasonRequest};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use crate::auth::Caller;
use crate::body::{Body, Fields, MaybeBody};
use crate::problem::{Answer, Refusal};
use crate::routes::records::duplicates;
use crate::state::State;
use crate::verb::{NoBody, Verb};

pub(super) fn verbs(scope: Scope) -> Scope {
    scope
        .service(web::resource("/{id}/mark-invalid").post(mark_lead_invalid))
        .service(web::resource("/{id}/reopen").post(reopen_lead))
        .service(web::resource("/{id}/void").post(void_lead))
        .service(web::resource("/{id}/reinstate").post(reinstate_lead))
        .service(web::resource("/{id}/convert").post(convert_lead))
        .service(web::resource("/{id}/undo-conversion").post(undo_lead_conversion))
        .service(web::resource("/{id}/conversion-candidates").get(list_conversion_candidates))
}

/// It cannot be reached for now.
#[utoipa::path(post, path = "/api/v1/leads/{id}/mark-invalid", tag = "leads",
    params(("id" = Uuid, Path, description = "The lead."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = ReasonRequest,
    responses((status = 200, description = "The lead as it is now.",
        body = ref("#/components/schemas/Lead"))))]
pub(crate) async fn mark_lead_invalid(verb: Verb<Body<ReasonRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let lead = app.set_aside_lead(ctx, id, Move::MarkInvalid, &body.reason);
        Ok(lead.await?)
    })
    .await
}

/// It is junk.
#[utoipa::path(post, path = "/api/v1/leads/{id}/void", tag = "leads",
    params(("id" = Uuid, Path, description = "The lead."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = ReasonRequest,
    responses((status = 200, description = "The lead as it is now.",
        body = ref("#/components/schemas/Lead"))))]
pub(crate) async fn void_lead(verb: Verb<Body<ReasonRequest>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let lead = app.set_aside_lead(ctx, id, Move::Void, &body.reason);
        Ok(lead.await?)
    })
    .await
}

/// It is taken up again.
#[utoipa::path(post, path = "/api/v1/leads/{id}/reopen", tag = "leads",
    params(("id" = Uuid, Path, description = "The lead."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    responses((status = 200, description = "The lead as it is now.",
        body = ref("#/components/schemas/Lead"))))]
pub(crate) async fn reopen_lead(verb: Verb<NoBody>) -> Answer {
    verb.answer(async |app, ctx, id, ()| {
        let lead = app.take_up_lead(ctx, id, Move::Reopen);
        Ok(lead.await?)
    })
    .await
}

/// It is no junk after all.
#[utoipa::path(post, path = "/api/v1/leads/{id}/reinstate", tag = "leads",
    params(("id" = Uuid, Path, description = "The lead."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    responses((status = 200, description = "The lead as it is now.",
        body = ref("#/components/schemas/Lead"))))]
pub(crate) async fn reinstate_lead(verb: Verb<NoBody>) -> Answer {
    verb.answer(async |app, ctx, id, ()| {
        let lead = app.take_up_lead(ctx, id, Move::Reinstate);
        Ok(lead.await?)
    })
    .await
}

/// It becomes a customer with a contact and, where wanted, an opportunity.
#[utoipa::path(post, path = "/api/v1/leads/{id}/convert", tag = "leads",
    params(("id" = Uuid, Path, description = "The lead."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = Option<kehu_wire::lead::ConvertRequest>,
    responses((status = 200, description = "What it became.",
        body = kehu_wire::lead::Conversion)))]
pub(crate) async fn convert_lead(verb: Verb<MaybeBody<Conversion>>) -> Answer {
    verb.answer(async |app, ctx, id, body| {
        let Conversion {
            customer,
            contact,
            opportunity,
            allow_duplicate,
        } = body;
        let parts = Parts {
            customer: party("customer", customer)?,
            contact: party("contact", contact)?,
            opportunity,
        };
        let done = app.convert_lead(ctx, id, parts, duplicates(allow_duplicate));
        Ok(done.await?)
    })
    .await
}

/// The body of `convert`, which tells a part that is left out (made from the lead) from `null`
/// (none): the wire type can't.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conversion {
    #[serde(default, deserialize_with = "given")]
    customer: Option<Option<Fields>>,
    #[serde(default, deserialize_with = "given")]
    contact: Option<Option<Fields>>,
    #[serde(default)]
    opportunity: Option<Fields>,
    #[serde(default)]
    allow_duplicate: bool,
}

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Fields>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn party(name: &str, part: Option<Option<Fields>>) -> Result<Party, Refusal> {
    let Some(part) = part else {
        return Ok(Party::New(Fields::new()));
    };
    let Some(fields) = part else {
        return Ok(Party::None);
    };
    match fields.get("id") {
        None => Ok(Party::New(fields)),
        Some(id) if fields.len() == 1 => id
            .as_str()
            .and_then(|id| Uuid::parse_str(id).ok())
            .map(Party::Existing)
            .ok_or_else(|| Refusal::parameter(&format!("{name}/id"), "id_invalid")),
        Some(_) => Err(Refusal::parameter(&format!("{name}/id"), "read_only")),
    }
}

/// It is a lead again.
#[utoipa::path(post, path = "/api/v1/leads/{id}/undo-conversion", tag = "leads",
    params(("id" = Uuid, Path, description = "The lead."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    responses((status = 200, description = "The lead as it is now.",
        body = ref("#/components/schemas/Lead"))))]
pub(crate) async fn undo_lead_conversion(verb: Verb<NoBody>) -> Answer {
    verb.answer(async |app, ctx, id, ()| {
        let lead = app.undo_lead_conversion(ctx, id);
        Ok(lead.await?)
    })
    .await
}

/// The records that it may already be.
#[utoipa::path(get, path = "/api/v1/leads/{id}/conversion-candidates", tag = "leads",
    params(("id" = Uuid, Path, description = "The lead.")),
    responses((status = 200, description = "The candidates.", body = Candidates)))]
pub(crate) async fn list_conversion_candidates(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
) -> Answer {
    let (customers, contacts) = state.app.conversion_candidates(&ctx, *id).await?;
    let tell = |found: Vec<conversion::Candidate>| {
        found
            .into_iter()
            .map(|c| Candidate {
                id: c.id,
                title: c.title,
                by: c.by.to_owned(),
                certain: c.certain,
            })
            .collect()
    };
    let answer = Candidates {
        customers: tell(customers),
        contacts: tell(contacts),
    };
    Ok(HttpResponse::Ok().json(answer))
}
