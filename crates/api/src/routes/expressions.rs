//! Asking whether a filter is right.

use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, resource};
use kehu_domain::kinds;
use kehu_wire::expression::{Condition, ExpressionAnswer, ExpressionRequest};

use crate::auth::Caller;
use crate::body::Body;
use crate::problem::{Answer, Refusal};
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(resource("/expressions/check").post(check_expression));
}

/// Whether a filter is right, and its parts where it is a plain conjunction.
#[utoipa::path(post, path = "/api/v1/expressions/check", tag = "records",
    request_body = ExpressionRequest,
    responses((status = 200, description = "It is right.", body = ExpressionAnswer)))]
pub(crate) async fn check_expression(
    state: Data<State>,
    Caller(ctx): Caller,
    body: Body<ExpressionRequest>,
) -> Answer {
    let def =
        kinds::find(&body.value.kind).ok_or_else(|| Refusal::parameter("kind", "unknown_kind"))?;
    let parts = state.app.check_expression(&ctx, def, &body.value.text)?;
    let conditions = parts.map(|parts| {
        let tell = |part: kehu_domain::expr::Condition| Condition {
            field: part.field.to_owned(),
            op: part.op.to_owned(),
            value: part.value,
        };
        parts.into_iter().map(tell).collect()
    });
    Ok(HttpResponse::Ok().json(ExpressionAnswer { conditions }))
}
