//! Imports: a file comes in as the body, is tried, run, stopped and undone.

pub(crate) mod reasons;
pub(crate) mod view;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{self, Bytes, Data, Path, Payload, Query, ServiceConfig, resource, scope};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt;
use kehu_app::imports::Start;
use kehu_app::imports::preview::{Wanted, preview_import};
use kehu_app::imports::upload::Upload;
use kehu_wire::import::{
    Import, ImportPage, ImportPreview, ImportProblemPage, SaveMapping, SavedMapping, SavedMappings,
    StartImport,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::auth::Caller;
use crate::body::{Body, MaybeBody};
use crate::problem::{self, Answer, Refusal};
use crate::repeat::{self, Reply};
use crate::state::State;

/// How much of a file a preview takes in.
const PREVIEW_BYTES: usize = 1024 * 1024;

/// The media types of files that may be imported.
const FILE_TYPES: [&str; 6] = [
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/csv",
    "application/vnd.ms-excel",
    "application/octet-stream",
];

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(
            scope("/imports")
                .service(resource("").get(list_imports).post(create_import))
                .service(resource("/preview").post(preview))
                .service(resource("/{id}").get(get_import))
                .service(resource("/{id}/problems").get(list_import_problems))
                .service(resource("/{id}/refused.csv").get(get_refused_rows))
                .service(resource("/{id}/start").post(start_import))
                .service(resource("/{id}/cancel").post(cancel_import))
                .service(resource("/{id}/undo").post(undo_import)),
        )
        .service(
            scope("/import-mappings")
                .service(
                    resource("")
                        .get(list_import_mappings)
                        .post(save_import_mapping),
                )
                .service(resource("/{id}").delete(delete_import_mapping)),
        );
}

/// The parameters of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    limit: Option<u64>,
    cursor: Option<String>,
}

fn limit(given: Option<u64>) -> Result<u64, Refusal> {
    match given.unwrap_or(50) {
        limit @ 1..=200 => Ok(limit),
        _ => Err(Refusal::parameter("limit", "out_of_range")),
    }
}

/// The caller's imports, newest first; everybody's for who administers.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200, description = "How many."),
        ("cursor" = Option<String>, Query, description = "Where the page begins.")),
    responses((status = 200, description = "The imports.", body = ImportPage)))]
pub(crate) async fn list_imports(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<PageQuery>,
) -> Answer {
    let limit = limit(query.limit)?;
    let before = match &query.cursor {
        Some(text) => Some(
            Uuid::parse_str(text)
                .ok()
                .ok_or_else(|| Refusal::parameter("cursor", "cursor_invalid"))?,
        ),
        None => None,
    };
    let found = state.app.list_imports(&ctx, before, limit + 1).await?;
    let (items, next_cursor) = page(found, limit, |import| import.id.to_string());
    let items = items.iter().map(view::import).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(ImportPage { items, next_cursor }))
}

/// Cuts off the one item that says whether there are more.
fn page<T>(
    mut items: Vec<T>,
    limit: u64,
    cursor: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(cursor);
    (items, next)
}

/// The parameters of a new import.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateQuery {
    file_name: Option<String>,
    mapping_id: Option<Uuid>,
}

/// Takes in a file, which is the body. It is imported by `start`.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports",
    params(("file_name" = Option<String>, Query, description = "What the file is called."),
        ("mapping_id" = Option<Uuid>, Query, description = "A saved mapping."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body(content((String = "text/csv"), (String = "application/octet-stream")),
        description = "The file: CSV in UTF-8, GB18030 or UTF-16; cells separated by commas, \
            semicolons or tabs."),
    responses((status = 201, description = "The import.", body = Import)))]
pub(crate) async fn create_import(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<CreateQuery>,
    request: HttpRequest,
    mut body: Payload,
) -> Answer {
    check_file_type(&request)?;
    let mapping = match query.mapping_id {
        Some(id) => {
            let saved = state.app.list_import_mappings(&ctx).await?;
            let found = saved.into_iter().find(|saved| saved.id == id);
            Some(
                found
                    .ok_or_else(|| Refusal::parameter("mapping_id", "not_found"))?
                    .mapping,
            )
        }
        None => None,
    };
    if announced(&request).is_some_and(|bytes| bytes > state.settings.max_import_bytes) {
        return Err(problem::too_large());
    }
    let name = query.file_name.as_deref().unwrap_or_default();
    let mut upload = state.app.begin_upload(&ctx, name).await?;
    let mut hash = Sha256::new();
    if let Err(refusal) = take_in(&state, &mut body, &mut upload, &mut hash).await {
        upload.abandon().await?;
        return Err(refusal);
    }
    let id = upload.id();
    let mut upload = Some(upload);
    let answer = repeat::once(&state.app, &request, ctx, &hash.finalize(), async |ctx| {
        let Some(upload) = upload.take() else {
            return Err(problem::unreadable("The file was taken in already."));
        };
        let import = upload.finish(ctx, mapping.as_ref(), view::json).await?;
        Ok(Reply {
            outcome: kehu_app::Outcome::Created,
            body: view::json(&import),
        })
    })
    .await;
    // The answer was another file's: the same request came before.
    if let Some(upload) = upload {
        tracing::debug!(import.id = %id, "a repeated upload is dropped");
        upload.abandon().await?;
    }
    answer
}

async fn take_in(
    state: &State,
    body: &mut Payload,
    upload: &mut Upload<'_>,
    hash: &mut Sha256,
) -> Result<(), Refusal> {
    let largest = i64::try_from(state.settings.max_import_bytes).unwrap_or(i64::MAX);
    while let Some(bytes) = body.next().await {
        let broken = |_cut_off: actix_web::error::PayloadError| {
            problem::unreadable("The file could not be read to its end.")
        };
        let bytes = bytes.map_err(broken)?;
        hash.update(&bytes);
        upload.add(&bytes).await?;
        if upload.bytes() > largest {
            return Err(problem::too_large());
        }
    }
    Ok(())
}

/// How many bytes the request says that it brings.
fn announced(request: &HttpRequest) -> Option<usize> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

fn check_file_type(request: &HttpRequest) -> Result<(), Refusal> {
    let given = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|essence| essence.trim().to_ascii_lowercase());
    match given {
        Some(given) if FILE_TYPES.contains(&given.as_str()) => Ok(()),
        _ => Err(Refusal::new(
            actix_web::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Send the file as text/csv or application/octet-stream.",
        )),
    }
}

/// The parameters of a preview.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewQuery {
    kind: Option<String>,
    encoding: Option<String>,
    delimiter: Option<String>,
    header: Option<bool>,
}

/// Looks at the beginning of a file: how it is written, its first rows, and a mapping that fits.
/// Nothing is kept. The first 256 KiB are enough.
#[utoipa::path(post, path = "/api/v1/imports/preview", tag = "imports",
    params(("kind" = Option<String>, Query, description = "The kind of the records; the one that fits best without."),
        ("encoding" = Option<String>, Query, description = "In place of the detected one."),
        ("delimiter" = Option<String>, Query, description = "`comma`, `semicolon` or `tab`, in place of the detected one."),
        ("header" = Option<bool>, Query, description = "Whether the first row holds headings.")),
    request_body(content((String = "text/csv"), (String = "application/octet-stream")),
        description = "The file, or its beginning."),
    responses((status = 200, description = "What it looks like.", body = ImportPreview)))]
pub(crate) async fn preview(
    Caller(ctx): Caller,
    query: Query<PreviewQuery>,
    request: HttpRequest,
    mut body: Payload,
) -> Answer {
    check_file_type(&request)?;
    let mut sample = Vec::new();
    while let Some(bytes) = body.next().await {
        let broken = |_cut_off: actix_web::error::PayloadError| {
            problem::unreadable("The file could not be read to its end.")
        };
        let bytes: Bytes = bytes.map_err(broken)?;
        sample.extend_from_slice(&bytes);
        if sample.len() > PREVIEW_BYTES {
            return Err(problem::too_large());
        }
    }
    let PreviewQuery {
        kind,
        encoding,
        delimiter,
        header,
    } = query.into_inner();
    let wanted = Wanted {
        kind,
        encoding,
        delimiter: delimiter.as_deref().map(view::delimiter).transpose()?,
        header,
    };
    let preview = preview_import(&ctx, &sample, wanted)?;
    Ok(HttpResponse::Ok().json(ImportPreview {
        encoding: preview.encoding,
        delimiter: preview.delimiter.to_string(),
        header: preview.header,
        columns: preview.columns,
        rows: preview.rows,
        mapping: preview.mapping,
    }))
}

/// One import: its state, counts and progress.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports",
    params(("id" = Uuid, Path, description = "The import.")),
    responses((status = 200, description = "The import.", body = Import)))]
pub(crate) async fn get_import(state: Data<State>, Caller(ctx): Caller, id: Path<Uuid>) -> Answer {
    let import = state.app.get_import(&ctx, *id).await?;
    Ok(HttpResponse::Ok().json(view::import(&import)?))
}

/// The parameters of a page of problems.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProblemQuery {
    limit: Option<u64>,
    cursor: Option<String>,
    severity: Option<String>,
}

/// The problems of an import's rows.
#[utoipa::path(get, path = "/api/v1/imports/{id}/problems", tag = "imports",
    params(("id" = Uuid, Path, description = "The import."),
        ("severity" = Option<String>, Query, description = "`refused`, `warning`, `duplicate`, `likely_duplicate` or `kept`."),
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 200, description = "How many."),
        ("cursor" = Option<String>, Query, description = "Where the page begins.")),
    responses((status = 200, description = "The problems.", body = ImportProblemPage)))]
pub(crate) async fn list_import_problems(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    query: Query<ProblemQuery>,
) -> Answer {
    let limit = limit(query.limit)?;
    let after = match &query.cursor {
        Some(text) => text
            .parse()
            .ok()
            .ok_or_else(|| Refusal::parameter("cursor", "cursor_invalid"))?,
        None => 0,
    };
    let severity = query.severity.as_deref();
    let found = state
        .app
        .list_import_problems(&ctx, *id, severity, after, limit + 1)
        .await?;
    let (items, next_cursor) = page(found, limit, |problem| problem.number.to_string());
    let items = items.into_iter().map(view::problem).collect();
    Ok(HttpResponse::Ok().json(ImportProblemPage { items, next_cursor }))
}

/// The refused rows as they were, with the reason in one more column: a file to mend and import
/// again. UTF-8 with a byte order mark.
#[utoipa::path(get, path = "/api/v1/imports/{id}/refused.csv", tag = "imports",
    params(("id" = Uuid, Path, description = "The import.")),
    responses((status = 200, description = "The rows.", body = String, content_type = "text/csv")))]
pub(crate) async fn get_refused_rows(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
) -> Answer {
    let rows = state.app.refused_rows(&ctx, *id).await?;
    let chinese = ctx.locale.starts_with("zh");
    let pieces = futures_util::stream::unfold(Some(rows), move |rows| async move {
        let mut rows = rows?;
        let explain = |problem: &kehu_app::imports::Problem| reasons::explain(problem, chinese);
        match rows.next(explain, reasons::heading(chinese)).await {
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), Some(rows))),
            Ok(None) => None,
            Err(error) => Some((Err(Refusal::from(error)), None)),
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"refused.csv\""))
        .streaming(pieces))
}

/// Imports the file, or tries it without writing. What was stopped goes on where it stopped.
#[utoipa::path(post, path = "/api/v1/imports/{id}/start", tag = "imports",
    params(("id" = Uuid, Path, description = "The import."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = StartImport,
    responses((status = 200, description = "The import, which runs from now on.", body = Import)))]
pub(crate) async fn start_import(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: MaybeBody<StartImport>,
    request: HttpRequest,
) -> Answer {
    let StartImport { dry_run, mapping } = body.value;
    let start = Start { dry_run, mapping };
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let start = start.clone();
        let import = state.app.start_import(ctx, *id, start, view::json).await?;
        Ok(Reply::done(&view::json(&import))?)
    })
    .await
}

/// Stops an import. What is done stays.
#[utoipa::path(post, path = "/api/v1/imports/{id}/cancel", tag = "imports",
    params(("id" = Uuid, Path, description = "The import."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    responses((status = 200, description = "The import.", body = Import)))]
pub(crate) async fn cancel_import(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: MaybeBody<Option<serde_json::Value>>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let import = state.app.cancel_import(ctx, *id, view::json).await?;
        Ok(Reply::done(&view::json(&import))?)
    })
    .await
}

/// Takes back everything that the import did and that nobody has touched since.
#[utoipa::path(post, path = "/api/v1/imports/{id}/undo", tag = "imports",
    params(("id" = Uuid, Path, description = "The import."),
        ("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    responses((status = 200, description = "The import, which is being undone.", body = Import)))]
pub(crate) async fn undo_import(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    body: MaybeBody<Option<serde_json::Value>>,
    request: HttpRequest,
) -> Answer {
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let import = state.app.undo_import(ctx, *id, view::json).await?;
        Ok(Reply::done(&view::json(&import))?)
    })
    .await
}

/// The saved mappings of the workspace.
#[utoipa::path(get, path = "/api/v1/import-mappings", tag = "imports",
    responses((status = 200, description = "The mappings.", body = SavedMappings)))]
pub(crate) async fn list_import_mappings(state: Data<State>, Caller(ctx): Caller) -> Answer {
    let saved = state.app.list_import_mappings(&ctx).await?;
    let items = saved.into_iter().map(view::saved).collect();
    Ok(HttpResponse::Ok().json(SavedMappings { items }))
}

/// Saves a mapping under a name, in place of the one of the same name.
#[utoipa::path(post, path = "/api/v1/import-mappings", tag = "imports",
    params(("Idempotency-Key" = Option<String>, Header, description = "As everywhere.")),
    request_body = SaveMapping,
    responses((status = 201, description = "The mapping.", body = SavedMapping)))]
pub(crate) async fn save_import_mapping(
    state: Data<State>,
    Caller(ctx): Caller,
    body: Body<SaveMapping>,
    request: HttpRequest,
) -> Answer {
    let SaveMapping { name, mapping } = body.value;
    repeat::once(&state.app, &request, ctx, &body.bytes, async |ctx| {
        let saved = state.app.save_import_mapping(ctx, &name, &mapping).await?;
        let body = serde_json::to_value(view::saved(saved)).unwrap_or_default();
        Ok(Reply {
            outcome: kehu_app::Outcome::Created,
            body,
        })
    })
    .await
}

/// Forgets a saved mapping.
#[utoipa::path(delete, path = "/api/v1/import-mappings/{id}", tag = "imports",
    params(("id" = Uuid, Path, description = "The mapping.")),
    responses((status = 204, description = "It is gone.")))]
pub(crate) async fn delete_import_mapping(
    state: Data<State>,
    Caller(ctx): Caller,
    id: web::Path<Uuid>,
) -> Answer {
    state.app.delete_import_mapping(&ctx, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
