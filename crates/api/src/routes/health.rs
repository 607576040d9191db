//! Whether the server lives, whether it can do its work, and its figures.

use std::sync::OnceLock;
use std::time::Duration;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use kehu_app::error::AppError;
use kehu_wire::health::{Alive, Ready};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sha2::{Digest, Sha256};

use crate::problem::{Answer, unavailable};
use crate::state::State;

/// How long the database may take to answer before it counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(3);

/// The upper bounds in seconds that request times are counted by.
const BUCKETS: [f64; 11] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// The addresses that are asked by machines, outside the API. Nobody needs to be signed in.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(web::resource("/healthz").get(healthz))
        .service(web::resource("/readyz").get(readyz))
        .service(web::resource("/metrics").get(metrics));
}

/// Whether the process answers at all.
#[utoipa::path(get, path = "/healthz", tag = "operations",
    responses((status = 200, description = "It lives.", body = Alive)))]
pub(crate) async fn healthz() -> Answer {
    std::future::ready(()).await;
    Ok(HttpResponse::Ok().json(Alive { alive: true }))
}

/// Whether it can do its work: the database answers, its schema is the program's, and what is written
/// lasts, as of at most five seconds ago.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, description = "It can do its work.", body = Ready),
        (status = 503, description = "It can't, for now: `unavailable`, `storage_full` or \
                `migrations_pending`.",
            body = kehu_wire::problem::Problem, content_type = "application/problem+json")))]
pub(crate) async fn readyz(state: Data<State>) -> Answer {
    let asked = tokio::time::timeout(PATIENCE, state.app.schema_state()).await;
    let Ok(Ok(schema)) = asked else {
        return Err(unavailable("unavailable", "The database does not answer."));
    };
    if schema.pending > 0 {
        let detail = format!("{} migrations have not run yet.", schema.pending);
        return Err(unavailable("migrations_pending", &detail));
    }
    state.readiness.ask(&state.app).await?;
    Ok(HttpResponse::Ok().json(Ready {
        ready: true,
        database: schema.database.to_owned(),
        pending_migrations: 0,
    }))
}

/// The figures in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "The figures.", body = String,
            content_type = "text/plain"),
        (status = 401, description = "The setting `metrics_token` asks for a token.",
            body = kehu_wire::problem::Problem, content_type = "application/problem+json")))]
pub(crate) async fn metrics(state: Data<State>, request: HttpRequest) -> Answer {
    std::future::ready(()).await;
    if let Some(token) = &state.settings.metrics_token
        && !carries(&request, token)
    {
        return Err(AppError::Unauthenticated("not_signed_in").into());
    }
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(recorder().map(PrometheusHandle::render).unwrap_or_default()))
}

/// Compares hashes, so that the time it takes tells nothing of the token.
fn carries(request: &HttpRequest, token: &str) -> bool {
    let given = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(token))
}

/// What counts for this process; none when something else in it took the place before.
pub fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
                .ok()?
                .install_recorder()
                .ok()
        })
        .as_ref()
}
