//! The page `/ui`: every part in every state.

use leptos::prelude::*;

use super::prelude::*;

/// Draws the gallery alone, without the app around it.
pub fn mount() {
    leptos::mount::mount_to_body(Gallery);
}

/// Every part in every state, for people who build pages.
#[component]
pub fn Gallery() -> impl IntoView {
    provide_toasts();
    view! { <Button kind=ButtonKind::Primary icon=Glyph::Plus>"New"</Button> }
}
