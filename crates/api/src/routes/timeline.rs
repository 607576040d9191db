//! What happened with a lead or a customer.

use actix_web::web::{self, Data, Path, Query};
use actix_web::{HttpResponse, Scope};
use chrono::{DateTime, Utc};
use kehu_app::timeline::Happened;
use kehu_domain::value::format_time;
use kehu_wire::history::{TimelineItem, TimelinePage};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::auth::Caller;
use crate::problem::Answer;
use crate::routes::records::{self, Kind};
use crate::state::State;

pub(super) fn verbs(scope: Scope) -> Scope {
    scope.service(web::resource("/{id}/timeline").get(list_timeline))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimelineQuery {
    cursor: Option<DateTime<Utc>>,
    limit: Option<u64>,
}

async fn list_timeline(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    query: Query<TimelineQuery>,
) -> Answer {
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let (all, more) = state
        .app
        .list_timeline(&ctx, def, *id, query.cursor, limit)
        .await?;
    let next_cursor = all
        .last()
        .filter(|_| more)
        .map(|last| format_time(last.at()));
    let owners: Vec<Uuid> = all
        .iter()
        .filter_map(|happened| match happened {
            Happened::Activity(activity) => activity.id_in("owner_id"),
            Happened::Changed(_) => None,
        })
        .collect();
    let names = state.app.names(&ctx, &owners).await?;
    let changes: Vec<_> = all
        .iter()
        .filter_map(|happened| match happened {
            Happened::Activity(_) => None,
            Happened::Changed(change) => Some(change.clone()),
        })
        .collect();
    let mut changes = records::tell_changes(&state, &ctx, &changes)
        .await?
        .into_iter();
    let items = all
        .iter()
        .map(|happened| match happened {
            Happened::Activity(activity) => {
                let owner = activity.id_in("owner_id");
                let name = names.iter().find(|(id, _)| Some(*id) == owner);
                let owner = name.map(|(id, name)| json!({"id": id, "kind": "user", "title": name}));
                let mut told = activity.to_map();
                told.insert("owner".to_owned(), json!(owner));
                TimelineItem {
                    at: happened.at(),
                    activity: Some(told),
                    change: None,
                }
            }
            Happened::Changed(change) => TimelineItem {
                at: change.at,
                activity: None,
                change: changes.next(),
            },
        })
        .collect();
    Ok(HttpResponse::Ok().json(TimelinePage { items, next_cursor }))
}
