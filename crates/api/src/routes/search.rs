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

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    /// Words to search for.
    q: String,
}

/// Records of every searchable kind.
#[utoipa::path(get, path = "/api/v1/search", tag = "records", params(SearchQuery),
    responses((status = 200, description = "What was found.", body = SearchAnswer)))]
pub(crate) async fn search(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<SearchQuery>,
) -> Answer {
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
