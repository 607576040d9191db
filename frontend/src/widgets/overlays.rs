//! What opens over every page: the palette, the keys, what an action asks for, converting a lead. They
//! are a part of their own, fetched when the first of them is opened.

use leptos::prelude::*;

use crate::parts::{Missing, draw_overlay, wasm_split};
use crate::widgets::actions::{ActionHost, Actions};
use crate::widgets::convert::ConvertSheet;
use crate::widgets::help::Help;
use crate::widgets::mover::{MoveDialog, Mover};
use crate::widgets::palette::Palette;

/// All of them; the frame draws them once.
pub(crate) fn overlays(palette: RwSignal<bool>, help: RwSignal<bool>) -> impl IntoView {
    let actions = Actions::here();
    (
        draw_overlay(palette.into(), fetch_palette, move || draw_palette(palette)),
        draw_overlay(help.into(), fetch_help, move || draw_help(help)),
        draw_overlay(actions.asking(), fetch_actions, draw_actions),
        draw_overlay(
            Signal::derive(move || actions.converting().with(Option::is_some)),
            fetch_conversion,
            draw_conversion,
        ),
        draw_overlay(actions.mover().asking(), fetch_move, move || {
            draw_move(actions.mover())
        }),
    )
}

#[wasm_split(overlays, fallible, preload(fetch_palette))]
fn draw_palette(open: RwSignal<bool>) -> Result<AnyView, Missing> {
    Ok(view! { <Palette open=open /> }.into_any())
}

#[wasm_split(overlays, fallible, preload(fetch_help))]
fn draw_help(open: RwSignal<bool>) -> Result<AnyView, Missing> {
    Ok(view! { <Help open=open /> }.into_any())
}

#[wasm_split(overlays, fallible, preload(fetch_actions))]
fn draw_actions() -> Result<AnyView, Missing> {
    Ok(view! { <ActionHost /> }.into_any())
}

#[wasm_split(overlays, fallible, preload(fetch_conversion))]
fn draw_conversion() -> Result<AnyView, Missing> {
    Ok(view! { <ConvertSheet /> }.into_any())
}

#[wasm_split(overlays, fallible, preload(fetch_move))]
fn draw_move(mover: Mover) -> Result<AnyView, Missing> {
    Ok(view! { <MoveDialog mover=mover /> }.into_any())
}
