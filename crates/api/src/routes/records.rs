//! What every kind can do, under its own noun.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::web::{self, Data, Path, Query};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Scope};
use kehu_app::Outcome;
use kehu_app::bulk::{BulkAction, Chosen};
use kehu_app::error::AppError;
use kehu_app::feed::Change;
use kehu_app::lists::{Count, ListParams};
use kehu_app::records::{Based, Duplicates, ExternalId};
use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_wire::bulk::{BulkAnswer, BulkFailure, BulkRequest};
use kehu_wire::history::{self, Access, HistoryPage, Person};
use kehu_wire::page::Page;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::auth::Caller;
use crate::body::{Body, Fields};
use crate::problem::{Answer, Refusal};
use crate::repeat::{self, Reply};
use crate::state::State;
use crate::verb::{NoBody, Verb};

/// The kind that an address is about.
#[derive(Debug, Clone, Copy)]
pub struct Kind(pub &'static Def);

impl FromRequest for Kind {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .app_data::<Self>()
                .copied()
                .ok_or_else(|| AppError::NotFound.into()),
        )
    }
}

/// The addresses of one kind.
pub fn scope(def: &'static Def) -> Scope {
    let scope = web::scope(&format!("/{}", def.plural))
        .app_data(Kind(def))
        .service(web::resource("/summary").get(summarise_records));
    let scope = super::overviews(def, scope);
    // What only operations write has no addresses to write at.
    if def.is_ledger() {
        let scope = scope
            .service(web::resource("").get(list_records))
            .service(web::resource("/{id}").get(get_record))
            .service(web::resource("/{id}/history").get(list_history))
            .service(web::resource("/{id}/access").get(get_access));
        return super::verbs(def, scope);
    }
    let scope = scope
        .service(web::resource("").get(list_records).post(create_record))
        .service(web::resource("/bulk").post(bulk_records))
        .service(web::resource("/by-external-id/{source}/{external_id}").put(upsert_record))
        .service(
            web::resource("/{id}")
                .get(get_record)
                .patch(update_record)
                .delete(delete_record),
        )
        .service(web::resource("/{id}/restore").post(restore_record))
        .service(web::resource("/{id}/history").get(list_history))
        .service(web::resource("/{id}/access").get(get_access));
    super::verbs(def, scope)
}

/// The parameters of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    filter: Option<String>,
    sort: Option<String>,
    q: Option<String>,
    fields: Option<String>,
    expand: Option<String>,
    limit: Option<u64>,
    cursor: Option<String>,
    count: Option<CountQuery>,
    #[serde(default)]
    trashed: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CountQuery {
    Capped,
    Exact,
}

impl ListQuery {
    fn into_params(self) -> ListParams {
        ListParams {
            filter: self.filter,
            sort: self.sort,
            words: self.q,
            fields: self.fields,
            expand: self.expand,
            limit: self.limit,
            cursor: self.cursor,
            count: match self.count {
                None => Count::No,
                Some(CountQuery::Capped) => Count::Capped,
                Some(CountQuery::Exact) => Count::Exact,
            },
            trashed: self.trashed,
        }
    }
}

async fn list_records(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    query: Query<ListQuery>,
) -> Answer {
    let listed = state
        .app
        .list_records(&ctx, def, &query.into_inner().into_params())
        .await?;
    let capped = listed.count.is_some().then_some(listed.count_capped);
    Ok(HttpResponse::Ok().json(Page {
        items: listed.items,
        next_cursor: listed.next_cursor,
        count: listed.count,
        count_capped: capped,
    }))
}

/// The parameters of whatever makes a record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateQuery {
    #[serde(default)]
    allow_duplicate: bool,
}

impl CreateQuery {
    /// What to do about records that are there already.
    pub(super) const fn duplicates(&self) -> Duplicates {
        duplicates(self.allow_duplicate)
    }
}

/// What to do about records that are there already, as callers say it.
pub(super) const fn duplicates(allowed: bool) -> Duplicates {
    if allowed {
        Duplicates::Allow
    } else {
        Duplicates::Refuse
    }
}

async fn create_record(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    query: Query<CreateQuery>,
    body: Body<Fields>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let made = state
            .app
            .create_record(ctx, def, &body.value, query.duplicates())
            .await?;
        Ok(Reply {
            outcome: Outcome::Created,
            body: made.into(),
        })
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GetQuery {
    fields: Option<String>,
    expand: Option<String>,
}

async fn get_record(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    query: Query<GetQuery>,
) -> Answer {
    let (fields, expand) = (query.fields.as_deref(), query.expand.as_deref());
    let (record, version) = state
        .app
        .show_record(&ctx, def, *id, fields, expand)
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, etag(version)))
        .json(record))
}

async fn update_record(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    request: HttpRequest,
    body: Body<Fields>,
) -> Answer {
    let based = match if_match(&request)? {
        Based::Latest => return Err(AppError::VersionMissing.into()),
        on @ Based::On(_) => on,
    };
    let record = state
        .app
        .update_record(&ctx, def, *id, based, &body.value)
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, etag(record.version())))
        .json(record))
}

async fn delete_record(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    request: HttpRequest,
) -> Answer {
    state
        .app
        .delete_record(&ctx, def, *id, if_match(&request)?)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn restore_record(Kind(def): Kind, verb: Verb<NoBody>) -> Answer {
    verb.answer(async |app, ctx, id, ()| {
        let restored = app.restore_record(ctx, def, id);
        Ok(restored.await?)
    })
    .await
}

async fn upsert_record(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    path: Path<(String, String)>,
    query: Query<CreateQuery>,
    body: Body<Fields>,
    request: HttpRequest,
) -> Answer {
    let (source, external_id) = path.into_inner();
    let named = ExternalId {
        source: &source,
        id: &external_id,
    };
    let (record, outcome) = state
        .app
        .upsert_record(&ctx, def, named, &body.value, query.duplicates())
        .await?;
    Ok(Reply {
        outcome,
        body: record.into(),
    }
    .write(&request))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SummaryQuery {
    group_by: String,
    sum: Option<String>,
    filter: Option<String>,
    q: Option<String>,
}

async fn summarise_records(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    query: Query<SummaryQuery>,
) -> Answer {
    let query = query.into_inner();
    let params = ListParams {
        filter: query.filter,
        words: query.q,
        ..ListParams::default()
    };
    let sum = query.sum.as_deref();
    let told = state
        .app
        .summarise_records(&ctx, def, &params, &query.group_by, sum)
        .await?;
    Ok(HttpResponse::Ok().json(told))
}

async fn bulk_records(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    body: Body<BulkRequest>,
    request: HttpRequest,
) -> Answer {
    let BulkRequest {
        action,
        ids,
        filter,
        patch,
    } = body.value;
    let chosen = match (ids, filter) {
        (Some(ids), None) => Chosen::Ids(ids),
        (None, Some(filter)) => Chosen::Filter(filter),
        _ => return Err(Refusal::parameter("ids", "ids_or_filter")),
    };
    let patch = patch.unwrap_or_default();
    let action = match action.as_str() {
        "patch" => BulkAction::Patch(patch),
        "trash" => BulkAction::Trash,
        "restore" => BulkAction::Restore,
        verb => BulkAction::Verb(verb.to_owned(), Value::Object(patch)),
    };
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let result = state.app.bulk_records(ctx, def, chosen, action).await?;
        let failed = result.failed.iter().map(|(id, error)| BulkFailure {
            id: *id,
            code: error.code().to_owned(),
            detail: error.to_string(),
        });
        let answer = BulkAnswer {
            succeeded: u64::try_from(result.succeeded.len()).unwrap_or(u64::MAX),
            failed: failed.collect(),
        };
        Ok(Reply::done(&answer)?)
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HistoryQuery {
    cursor: Option<i64>,
    limit: Option<u64>,
}

async fn list_history(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    query: Query<HistoryQuery>,
) -> Answer {
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let changes = state
        .app
        .list_history(&ctx, def, *id, query.cursor, limit)
        .await?;
    let full = u64::try_from(changes.len()).unwrap_or(0) == limit;
    let next_cursor = changes
        .last()
        .filter(|_| full)
        .map(|last| last.sequence.to_string());
    let items = tell_changes(&state, &ctx, &changes).await?;
    Ok(HttpResponse::Ok().json(HistoryPage { items, next_cursor }))
}

/// Changes as they cross the wire, with the names of who made them.
///
/// # Errors
/// When storage fails.
pub async fn tell_changes(
    state: &State,
    ctx: &Ctx,
    changes: &[Change],
) -> Result<Vec<history::Change>, AppError> {
    let actors: Vec<Uuid> = changes
        .iter()
        .filter_map(|change| change.actor_id)
        .collect();
    let names = state.app.names(ctx, &actors).await?;
    Ok(changes
        .iter()
        .map(|change| history::Change {
            position: change.position,
            at: change.at,
            verb: change.verb.clone(),
            actor: change.actor_id.map(|id| Person {
                id,
                name: names
                    .iter()
                    .find(|(known, _)| *known == id)
                    .map_or_else(String::new, |(_, name)| name.clone()),
            }),
            version: change.version,
            changes: old_and_new(change),
            request_id: Some(change.request_id.clone()),
            cause: change.cause.clone(),
        })
        .collect())
}

/// `{field: [old, new]}` as `{field: {"old", "new"}}`; with `"erased": true` where a value was erased
/// and so is missing.
fn old_and_new(change: &Change) -> Map<String, Value> {
    let erased = |name: &str| {
        let remains = change.remains.as_ref();
        remains.is_some_and(|remains| remains.digests.contains_key(name))
    };
    let pair = |name: &str, value: &Value| {
        let mut pair = json!({
            "old": value.get(0).cloned().unwrap_or(Value::Null),
            "new": value.get(1).cloned().unwrap_or(Value::Null),
        });
        if let (true, Some(pair)) = (erased(name), pair.as_object_mut()) {
            pair.insert("erased".to_owned(), Value::Bool(true));
        }
        pair
    };
    let fields = change.fields.as_object();
    fields
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), pair(name, value)))
        .collect()
}

async fn get_access(
    state: Data<State>,
    Kind(def): Kind,
    Caller(ctx): Caller,
    id: Path<Uuid>,
) -> Answer {
    let access = state.app.get_access(&ctx, def, *id).await?;
    let tell = |verdict: kehu_app::access::Verdict| history::Verdict {
        allowed: verdict.allowed,
        because: verdict.because.to_owned(),
    };
    Ok(HttpResponse::Ok().json(Access {
        read: tell(access.read),
        write: tell(access.write),
        actions: access
            .actions
            .into_iter()
            .map(|(action, allowed)| (action.code().to_owned(), allowed))
            .collect(),
    }))
}

/// The ETag of a version.
#[must_use]
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version that `If-Match` names; none given, or `*`, is the latest.
fn if_match(request: &HttpRequest) -> Result<Based, Refusal> {
    let Some(header) = request.headers().get(IF_MATCH) else {
        return Ok(Based::Latest);
    };
    let text = header.to_str().unwrap_or_default().trim();
    let bare = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    bare.parse()
        .map(Based::On)
        .ok()
        .ok_or_else(|| Refusal::parameter("if-match", "etag_invalid"))
}
