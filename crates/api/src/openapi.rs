//! The description of the API: OpenAPI 3.1, made from the declarations of the kinds and from the
//! annotations of the other routes. Knows no handler's work.

mod kinds;
mod refusals;
mod schemas;

use std::sync::LazyLock;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, InfoBuilder, LicenseBuilder, OpenApi as Document, Paths, Ref, tag::TagBuilder,
};
use utoipa::{OpenApi, ToSchema};

use crate::routes;

/// Operations and schemas that stand in the code as annotations. An operation that is not listed
/// here fails the test that compares the routes with the document.
#[derive(OpenApi)]
#[openapi(
    paths(
        routes::batch::batch,
        routes::board::get_opportunity_board,
        routes::board::get_opportunity_forecast,
        routes::changes::list_changes,
        routes::changes::stream_changes,
        routes::duplicates::check_duplicates,
        routes::contracts::create_contract_of_opportunity,
        routes::contracts::plan_receivables,
        routes::contracts::submit_contract,
        routes::contracts::terminate_contract,
        routes::contracts::transfer_contract,
        routes::contracts::reschedule_receivable,
        routes::contracts::write_off_receivable,
        routes::expressions::check_expression,
        routes::health::healthz,
        routes::health::readyz,
        routes::health::metrics,
        routes::docs::get_openapi,
        routes::imports::list_imports,
        routes::imports::create_import,
        routes::imports::preview,
        routes::imports::get_import,
        routes::imports::list_import_problems,
        routes::imports::get_refused_rows,
        routes::imports::start_import,
        routes::imports::cancel_import,
        routes::imports::undo_import,
        routes::imports::list_import_mappings,
        routes::imports::save_import_mapping,
        routes::imports::delete_import_mapping,
        routes::leads::mark_lead_invalid,
        routes::leads::reopen_lead,
        routes::leads::void_lead,
        routes::leads::reinstate_lead,
        routes::leads::convert_lead,
        routes::leads::undo_lead_conversion,
        routes::leads::list_conversion_candidates,
        routes::opportunities::advance_opportunity,
        routes::opportunities::win_opportunity,
        routes::opportunities::lose_opportunity,
        routes::opportunities::reopen_opportunity,
        routes::opportunities::transfer_opportunity,
        routes::money::get_customer_balance,
        routes::money::get_customer_statement,
        routes::money::get_ageing,
        routes::money::get_dso,
        routes::money::get_figures,
        routes::passwords::change_password,
        routes::passwords::set_password,
        routes::payments::confirm_payment,
        routes::payments::reject_payment,
        routes::payments::reverse_payment,
        routes::payments::match_payment,
        routes::payments::allocate_payment,
        routes::payments::refund_payment,
        routes::payments::release_allocation,
        routes::reports::get_won_report,
        routes::reports::get_funnel,
        routes::search::search,
        routes::session::sign_in,
        routes::session::get_session,
        routes::session::update_session,
        routes::session::sign_out,
        routes::sessions::list_sessions,
        routes::sessions::end_session,
        routes::sessions::end_sessions,
        routes::setup::get_setup,
        routes::setup::set_up,
        routes::tokens::create_tokens,
        routes::tokens::refresh_tokens,
        routes::tokens::delete_tokens,
    ),
    components(schemas(
        kehu_wire::bulk::BulkRequest,
        kehu_wire::bulk::BulkAnswer,
        kehu_wire::feed::FeedChange,
        kehu_wire::history::Access,
        kehu_wire::history::HistoryPage,
        kehu_wire::history::TimelinePage,
        kehu_wire::owner::OwnerRequest,
        kehu_wire::owner::ReturnRequest,
        kehu_wire::problem::Problem,
    ))
)]
struct Annotated;

/// The name of the security scheme of the app in the browser.
const COOKIE: &str = "session";

/// The name of the security scheme that goes with [`COOKIE`] on every call that changes something.
const CSRF: &str = "csrf";

/// The name of the security scheme of everything but the app in the browser.
const BEARER: &str = "bearer";

/// The document as it is served and printed: formatted, with a line break at its end.
pub static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = document().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
});

/// The description of the whole API.
#[must_use]
pub fn document() -> Document {
    let mut document = Annotated::openapi();
    document.info = InfoBuilder::new()
        .title("Kehu")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(INTRODUCTION))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    let mut components = document.components.take().unwrap_or_default();
    schemas::add(&mut components);
    refusals::add(&mut components);
    secure(&mut components);
    document.components = Some(components);
    kinds::add(&mut document.paths);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            refusals::complete(path, method, operation);
        }
    }
    document.tags = Some(tags(&document.paths));
    document
}

const INTRODUCTION: &str = "Everything that the app does goes through this API. \
    Every refusal is `application/problem+json`; clients tell problems apart by `code`. \
    Every answer carries `X-Request-Id`, which the server's log calls the request by; a request \
    may bring its own. Browsers sign in by cookie and send `X-CSRF-Token` with every call but GET; \
    everything else sends `Authorization: Bearer`. `docs/api.md` tells the rest.";

/// The operations of an address with their methods.
fn operations(
    item: &mut utoipa::openapi::PathItem,
) -> impl Iterator<Item = (Method, &mut utoipa::openapi::path::Operation)> {
    [
        (Method::Get, item.get.as_mut()),
        (Method::Post, item.post.as_mut()),
        (Method::Put, item.put.as_mut()),
        (Method::Patch, item.patch.as_mut()),
        (Method::Delete, item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

/// The methods that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

fn secure(components: &mut Components) {
    let cookie = ApiKeyValue::with_description(
        "kehu_session",
        "Set by `POST /api/v1/session`; HttpOnly, SameSite=Lax.",
    );
    let csrf = ApiKeyValue::with_description(
        "X-CSRF-Token",
        "The `csrf_token` of `GET /api/v1/session`; goes with the cookie.",
    );
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The `access_token` of `POST /api/v1/tokens`."))
        .build();
    components.add_security_scheme(COOKIE, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    components.add_security_scheme(CSRF, SecurityScheme::ApiKey(ApiKey::Header(csrf)));
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
}

/// The tags that operations carry, in the order of the addresses.
fn tags(paths: &Paths) -> Vec<utoipa::openapi::tag::Tag> {
    let mut names: Vec<String> = Vec::new();
    for item in paths.paths.values() {
        let operations = [&item.get, &item.post, &item.put, &item.patch, &item.delete];
        for operation in operations.into_iter().flatten() {
            for tag in operation.tags.iter().flatten() {
                if !names.contains(tag) {
                    names.push(tag.clone());
                }
            }
        }
    }
    names
        .into_iter()
        .map(|name| TagBuilder::new().name(name).build())
        .collect()
}

/// A reference to the schema of a type of the wire.
fn wire<T: ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
}

#[cfg(test)]
mod tests;
