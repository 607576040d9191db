//! A popover: a button that opens a small surface with anything in it.

use leptos::prelude::*;

use super::{
    anchored::{Anchored, Placement},
    button::ButtonKind,
    icon::{Glyph, Icon},
};

/// A button and a surface. The surface closes on Escape and on a press outside.
#[component]
pub fn Popover(
    /// What the button says.
    #[prop(into)]
    label: Signal<String>,
    /// True while it is shown.
    open: RwSignal<bool>,
    /// A picture on the button.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// How loudly the button speaks.
    #[prop(optional)]
    kind: ButtonKind,
    /// A small button.
    #[prop(optional)]
    small: bool,
    /// Where it floats.
    #[prop(optional)]
    placement: Placement,
    /// What it shows.
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <span class="anchor">
            <button
                type="button"
                class="btn"
                class:sm=small
                data-kind=kind.name()
                aria-haspopup="dialog"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {icon.map(|glyph| view! { <Icon glyph /> })}
                <span class="btn-text">{label}</span>
                <Icon glyph=Glyph::ChevronDown />
            </button>
            <Anchored
                open=open
                on_close=move |()| open.set(false)
                placement=placement
                class="popover"
                children=children
            />
        </span>
    }
}
