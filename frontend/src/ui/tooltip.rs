//! A tooltip: a short explanation on hover and on focus. Nothing that must be known stands only here.

use leptos::prelude::*;

use super::{
    anchored::{Anchored, Placement},
    dom::unique_id,
};

/// Explains what it is wrapped around.
#[component]
pub fn Tooltip(
    /// The explanation.
    #[prop(into)]
    text: Signal<String>,
    /// What is explained.
    children: Children,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let id = StoredValue::new(unique_id("tip"));
    view! {
        <span
            class="anchor"
            aria-describedby=move || open.get().then(|| id.get_value())
            on:pointerenter=move |_| open.set(true)
            on:pointerleave=move |_| open.set(false)
            on:focusin=move |_| open.set(true)
            on:focusout=move |_| open.set(false)
        >
            {children()}
            <Anchored
                open=open
                on_close=move |()| open.set(false)
                placement=Placement::Above
                keep_focus=true
                class="tooltip"
            >
                <span role="tooltip" id=id.get_value()>
                    {text}
                </span>
            </Anchored>
        </span>
    }
}
