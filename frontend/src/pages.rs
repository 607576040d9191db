//! The pages: each composes widgets for one address. They come in parts that are fetched when the first
//! page of theirs is opened.

pub mod edit;
pub mod finance;
pub mod import;
pub mod import_mapping;
pub mod import_run;
pub mod list;
pub mod opportunities;
pub mod profile;
pub mod record;
pub mod settings;
pub mod sign_in;
pub mod start;
pub mod workbench;

use kehu_domain::def::Def;
use kehu_wire::session::SetupState;
use leptos::prelude::*;

use crate::pages::edit::{EditPage, NewPage};
use crate::pages::finance::Finance;
use crate::pages::import::Import;
use crate::pages::list::ListPage;
use crate::pages::opportunities::OpportunitiesPage;
use crate::pages::record::RecordPage;
use crate::pages::settings::Settings;
use crate::pages::start::Start;
use crate::pages::workbench::Workbench;
use crate::parts::{Missing, draw_part, wasm_split};
use crate::t;
use crate::ui::gallery::Gallery;
use crate::ui::prelude::*;
use crate::urls::Route;

/// Draws the page of an address.
pub(crate) fn draw(route: Route) -> AnyView {
    let def = kehu_domain::kinds::by_plural(route.plural());
    match (route, def) {
        (Route::Workbench, _) => draw_part(fetch_workbench, draw_workbench),
        (Route::Settings(section), _) => {
            draw_part(fetch_settings, move || draw_settings(section.clone()))
        }
        (Route::Finance, _) => draw_part(fetch_finance, draw_finance),
        (Route::Import, _) => draw_part(fetch_import, draw_import),
        (
            route @ (Route::List(_) | Route::New(_) | Route::Record(..) | Route::Edit(..)),
            Some(def),
        ) => draw_part(fetch_records, move || draw_records(route.clone(), def)),
        _ => nowhere(),
    }
}

#[wasm_split(workbench, fallible, preload(fetch_workbench))]
fn draw_workbench() -> Result<AnyView, Missing> {
    Ok(view! { <Workbench /> }.into_any())
}

#[wasm_split(records, fallible, preload(fetch_records))]
fn draw_records(route: Route, def: &'static Def) -> Result<AnyView, Missing> {
    Ok(match route {
        Route::New(_) => view! { <NewPage def=def /> }.into_any(),
        Route::Record(_, id) => view! { <RecordPage def=def id=id /> }.into_any(),
        Route::Edit(_, id) => view! { <EditPage def=def id=id /> }.into_any(),
        _ if def.kind == "opportunity" => view! { <OpportunitiesPage /> }.into_any(),
        _ => view! { <ListPage def=def /> }.into_any(),
    })
}

#[wasm_split(office, fallible, preload(fetch_settings))]
fn draw_settings(section: String) -> Result<AnyView, Missing> {
    Ok(view! { <Settings section=section /> }.into_any())
}

#[wasm_split(finance, fallible, preload(fetch_finance))]
fn draw_finance() -> Result<AnyView, Missing> {
    Ok(view! { <Finance /> }.into_any())
}

#[wasm_split(office, fallible, preload(fetch_import))]
fn draw_import() -> Result<AnyView, Missing> {
    Ok(view! { <Import /> }.into_any())
}

/// The first run.
pub(crate) fn start(state: SetupState) -> AnyView {
    draw_part(fetch_start, move || draw_start(state.clone()))
}

#[wasm_split(start, fallible, preload(fetch_start))]
fn draw_start(state: SetupState) -> Result<AnyView, Missing> {
    Ok(view! { <Start state=state /> }.into_any())
}

/// The page `/ui`, which shows every part of the design system in every state.
pub(crate) fn gallery() -> AnyView {
    draw_part(fetch_gallery, draw_gallery)
}

#[wasm_split(gallery, fallible, preload(fetch_gallery))]
fn draw_gallery() -> Result<AnyView, Missing> {
    Ok(view! { <Gallery /> }.into_any())
}

/// Nothing lies at this address.
fn nowhere() -> AnyView {
    view! {
        <h1 class="visually-hidden">{t!("problem.nowhere")}</h1>
        <EmptyState glyph=Glyph::Help title=t!("problem.nowhere") text=t!("problem.nowhere_text")>
            <ButtonLink href="/">{t!("frame.workbench")}</ButtonLink>
        </EmptyState>
    }
    .into_any()
}
