//! The pages: each composes widgets for one address.

pub mod sign_in;
pub mod start;

use leptos::prelude::*;

use crate::t;
use crate::ui::gallery::Gallery;
use crate::ui::prelude::*;
use crate::urls::Route;

/// Draws the page of an address.
pub(crate) fn draw(route: Route) -> AnyView {
    match route {
        _ => nowhere(),
    }
}

/// Nothing lies at this address.
fn nowhere() -> AnyView {
    view! {
        <EmptyState glyph=Glyph::Help title=t!("problem.nowhere") text=t!("problem.nowhere_text")>
            <ButtonLink href="/">{t!("frame.workbench")}</ButtonLink>
        </EmptyState>
    }
    .into_any()
}

/// The page `/ui`, which shows every part in every state.
pub(crate) fn gallery_view() -> AnyView {
    view! { <Gallery /> }.into_any()
}
