//! Asking which records a new one would repeat.

use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, resource};
use kehu_app::duplicates::Known;
use kehu_domain::kinds;
use kehu_wire::duplicates::{DuplicatesAnswer, DuplicatesRequest};
use kehu_wire::problem::Duplicate;

use crate::auth::Caller;
use crate::body::Body;
use crate::problem::{Answer, Refusal};
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(resource("/duplicates/check").post(check_duplicates));
}

/// Which records a new one would repeat, certainly or likely.
#[utoipa::path(post, path = "/api/v1/duplicates/check", tag = "records",
    request_body = DuplicatesRequest,
    responses((status = 200, description = "What is there already.", body = DuplicatesAnswer)))]
pub(crate) async fn check_duplicates(
    state: Data<State>,
    Caller(ctx): Caller,
    body: Body<DuplicatesRequest>,
) -> Answer {
    let DuplicatesRequest {
        kind,
        fields,
        except,
    } = body.value;
    let def = kinds::find(&kind).ok_or_else(|| Refusal::parameter("kind", "unknown_kind"))?;
    let found = state
        .app
        .find_duplicates(&ctx, def, &fields, except)
        .await?;
    let tell = |found: Vec<Known>| found.into_iter().map(duplicate).collect();
    Ok(HttpResponse::Ok().json(DuplicatesAnswer {
        certain: tell(found.certain),
        similar: tell(found.similar),
    }))
}

fn duplicate(known: Known) -> Duplicate {
    let Known { kind, field, seen } = known;
    let held_by_another_team = seen.is_none();
    let (id, title) = seen.unzip();
    Duplicate {
        id,
        kind: kind.to_owned(),
        field: field.to_owned(),
        title,
        held_by_another_team,
    }
}
