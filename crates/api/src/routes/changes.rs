//! The change feed, to be fetched or streamed.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Query, ServiceConfig, resource};
use futures_util::stream;
use kehu_domain::ctx::Ctx;
use kehu_wire::feed::{FeedChange, FeedPage};
use serde::Deserialize;
use tokio::sync::watch;
use uuid::Uuid;

use crate::auth::{Caller, SignedIn};
use crate::problem::{Answer, Refusal};
use crate::routes::records;
use crate::state::State;

/// How long the stream rests when there is nothing new.
const REST: Duration = Duration::from_millis(500);

/// After how many rests the stream says that it is still there.
const RESTS_PER_BEAT: u32 = 30;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/changes").get(list_changes))
        .service(resource("/changes/stream").get(stream_changes));
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedQuery {
    /// The position to go on from: the `next` of the page before.
    #[serde(default)]
    #[param(minimum = 0)]
    since: i64,
    /// How many, 200 when it is left out, 1,000 at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

/// The change feed: what changed, in order, as far as the caller sees it.
#[utoipa::path(get, path = "/api/v1/changes", tag = "changes", params(FeedQuery),
    responses((status = 200, description = "The changes after `since`.", body = FeedPage)))]
pub(crate) async fn list_changes(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<FeedQuery>,
) -> Answer {
    if query.since < 0 {
        return Err(Refusal::parameter("since", "out_of_range"));
    }
    Ok(HttpResponse::Ok().json(page(&state, &ctx, query.since, query.limit.unwrap_or(200)).await?))
}

async fn page(state: &State, ctx: &Ctx, since: i64, limit: u64) -> Answer<FeedPage> {
    let feed = state.app.list_changes(ctx, since, limit).await?;
    let told = records::tell_changes(state, ctx, &feed.items).await?;
    let items = feed
        .items
        .iter()
        .zip(told)
        .map(|(change, told)| FeedChange {
            kind: change.kind.clone(),
            record_id: change.record_id,
            change: told,
        })
        .collect();
    Ok(FeedPage {
        items,
        next: feed.next,
        more: feed.more,
    })
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreamQuery {
    /// The position to go on from; the end of the feed when it is left out.
    #[param(minimum = 0)]
    since: Option<i64>,
}

/// One event of the stream, as the browser's `EventSource` reads it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its form is told")]
pub(crate) struct ChangeEvent {
    /// The position.
    id: String,
    /// `change`.
    event: String,
    /// The change as JSON, in the form of the feed's items.
    data: String,
}

/// The feed as server-sent events: each change is an event whose id is its position, so that a
/// browser that comes back goes on where it was.
#[utoipa::path(get, path = "/api/v1/changes/stream", tag = "changes", params(StreamQuery,
        ("Last-Event-ID" = Option<String>, Header,
            description = "The last position seen; goes before `since`.")),
    responses((status = 200, description = "Events of the type `change`.", body = ChangeEvent,
        content_type = "text/event-stream")))]
pub(crate) async fn stream_changes(
    state: Data<State>,
    SignedIn { ctx, session }: SignedIn,
    query: Query<StreamQuery>,
    request: actix_web::HttpRequest,
) -> Answer {
    let last_seen = request
        .headers()
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok());
    let since = match last_seen.or(query.since) {
        Some(since) => since,
        None => state.app.feed_head(&ctx).await?,
    };
    let begin = Stream {
        state: state.get_ref().clone(),
        ctx,
        session: session.session_id,
        since,
        rests: 0,
        greeted: false,
    };
    let events = stream::unfold(begin, |mut at| async move {
        let event = at.next().await?;
        Some((Ok::<_, Refusal>(Bytes::from(event)), at))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("cache-control", "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events))
}

/// Waits until the server ends.
async fn ended(ending: &mut watch::Receiver<bool>) {
    if ending.wait_for(|ends| *ends).await.is_err() {
        // Nobody is left who could say so.
        std::future::pending::<()>().await;
    }
}

struct Stream {
    state: State,
    ctx: Ctx,
    /// What signed the caller in.
    session: Uuid,
    since: i64,
    rests: u32,
    greeted: bool,
}

impl Stream {
    /// The next events; `None` ends the stream.
    async fn next(&mut self) -> Option<String> {
        if !self.greeted {
            self.greeted = true;
            return Some(format!(": from {}\n\n", self.since));
        }
        loop {
            // Rights may have changed since the stream began, and the session may have ended.
            self.renew().await?;
            let page = page(&self.state, &self.ctx, self.since, 200).await.ok()?;
            self.since = page.next;
            let events: String = page
                .items
                .iter()
                .filter_map(|change| {
                    let data = serde_json::to_string(change).ok()?;
                    let position = change.change.position.unwrap_or(page.next);
                    Some(format!("id: {position}\nevent: change\ndata: {data}\n\n"))
                })
                .collect();
            if !events.is_empty() {
                self.rests = 0;
                return Some(events);
            }
            if page.more {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(REST) => {}
                () = ended(&mut self.state.ending) => return None,
            }
            self.rests += 1;
            if self.rests >= RESTS_PER_BEAT {
                self.rests = 0;
                return Some(": still here\n\n".to_owned());
            }
        }
    }

    async fn renew(&mut self) -> Option<()> {
        let request = kehu_app::context::Request {
            id: self.ctx.request_id.clone(),
            now: kehu_app::clock::now(),
            locale: Some(self.ctx.locale.clone()),
            repeat: None,
        };
        let (workspace, user) = (self.ctx.workspace.id, self.ctx.actor.user_id);
        let goes_on = self.state.app.session_goes_on(self.session, request.now);
        if !goes_on.await.ok()? {
            return None;
        }
        self.ctx = self
            .state
            .app
            .context(workspace, user, request)
            .await
            .ok()?;
        Some(())
    }
}
