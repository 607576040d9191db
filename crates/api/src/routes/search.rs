//! Search over every kind.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query, ServiceConfig, resource};
use kehu_wire::search::{SearchAnswer, SearchHit};
use serde::Deserialize;

use crate::auth::Caller;
use crate::problem::Answer;
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(resource("/search").get(search));
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchQuery {
    q: String,
}

async fn search(state: Data<State>, Caller(ctx): Caller, query: Query<SearchQuery>) -> Answer {
    let found = state.app.search(&ctx, &query.q).await?;
    let items = found
        .into_iter()
        .map(|hit| SearchHit {
            kind: hit.kind.to_owned(),
            id: hit.id,
            title: hit.title,
            subtitle: hit.subtitle,
        })
        .collect();
    Ok(HttpResponse::Ok().json(SearchAnswer { items }))
}
