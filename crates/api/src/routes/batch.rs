//! Many operations of any kinds in one request.

use actix_web::HttpRequest;
use actix_web::web::{Data, ServiceConfig, resource};
use kehu_app::bulk::{Atomicity, BatchError, MAX_OPERATIONS, Operation, OperationVerb};
use kehu_app::error::AppError;
use kehu_wire::batch::{BatchAnswer, BatchMode, BatchRequest, BatchVerb};
use serde_json::{Value, json};

use crate::auth::Caller;
use crate::body::Body;
use crate::problem::{Answer, Refusal};
use crate::repeat::{self, Reply};
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(resource("/batch").post(batch));
}

/// Up to 1,000 operations of any kinds, in their order.
#[utoipa::path(post, path = "/api/v1/batch", tag = "records",
    params(("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = BatchRequest,
    responses((status = 200, description = "What became of each.", body = BatchAnswer)))]
pub(crate) async fn batch(
    state: Data<State>,
    Caller(ctx): Caller,
    body: Body<BatchRequest>,
    request: HttpRequest,
) -> Answer {
    let BatchRequest { mode, operations } = body.value;
    if u64::try_from(operations.len()).unwrap_or(u64::MAX) > MAX_OPERATIONS {
        return Err(Refusal::parameter("operations", "too_many"));
    }
    let atomicity = match mode {
        BatchMode::All => Atomicity::All,
        BatchMode::Each => Atomicity::Each,
    };
    let operations: Vec<Operation> = operations
        .into_iter()
        .map(|operation| Operation {
            name: operation.name,
            verb: match operation.verb {
                BatchVerb::Create => OperationVerb::Create,
                BatchVerb::Update => OperationVerb::Update,
                BatchVerb::Delete => OperationVerb::Delete,
                BatchVerb::Restore => OperationVerb::Restore,
            },
            kind: operation.kind,
            id: operation.id,
            version: operation.version,
            body: operation.body,
        })
        .collect();
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let told = state.app.batch(ctx, atomicity, &operations, tell).await;
        Ok(Reply::done(&told.map_err(placed)?)?)
    })
    .await
}

/// What became of one operation.
fn tell(answer: Result<Value, AppError>) -> Value {
    match answer {
        Ok(record) => json!({"record": record, "problem": null}),
        Err(error) => json!({"record": null, "problem": *Refusal::from(error).0}),
    }
}

/// The refusal of a whole batch says which operation it was.
fn placed(failure: BatchError) -> Refusal {
    let mut refusal = Refusal::from(failure.error);
    if let Some(index) = failure.index {
        for error in &mut refusal.0.errors {
            error.pointer = format!("/operations/{index}/body{}", error.pointer);
        }
        let detail = refusal.0.detail.take().unwrap_or_default();
        refusal.0.detail = Some(format!("Operation {index}: {detail}"));
    }
    refusal
}
