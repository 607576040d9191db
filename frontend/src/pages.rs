//! The pages: each composes widgets for one address.

pub mod edit;
pub mod import;
pub mod import_mapping;
pub mod import_run;
pub mod list;
pub mod profile;
pub mod record;
pub mod settings;
pub mod sign_in;
pub mod start;
pub mod workbench;

use leptos::prelude::*;

use crate::pages::edit::{EditPage, NewPage};
use crate::pages::import::Import;
use crate::pages::list::ListPage;
use crate::pages::record::RecordPage;
use crate::pages::settings::Settings;
use crate::pages::workbench::Workbench;
use crate::t;
use crate::ui::prelude::*;
use crate::urls::Route;

/// Draws the page of an address.
pub(crate) fn draw(route: Route) -> AnyView {
    let def = kehu_domain::kinds::by_plural(route.plural());
    match (route, def) {
        (Route::List(_), Some(def)) => view! { <ListPage def=def /> }.into_any(),
        (Route::New(_), Some(def)) => view! { <NewPage def=def /> }.into_any(),
        (Route::Record(_, id), Some(def)) => view! { <RecordPage def=def id=id /> }.into_any(),
        (Route::Edit(_, id), Some(def)) => view! { <EditPage def=def id=id /> }.into_any(),
        (Route::Import, _) => view! { <Import /> }.into_any(),
        (Route::Workbench, _) => view! { <Workbench /> }.into_any(),
        (Route::Settings(section), _) => view! { <Settings section=section /> }.into_any(),
        _ => nowhere(),
    }
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
