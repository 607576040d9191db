//! A card: one subject with a heading, on a surface of its own.

use leptos::prelude::*;

/// A bordered surface with an optional heading, something at the heading's right, and a body.
#[component]
pub fn Card(
    /// The heading; without one the body begins at the top.
    #[prop(optional, into)]
    title: Option<Signal<String>>,
    /// Small things right after the heading, such as a count.
    #[prop(optional, into)]
    after_title: Option<ViewFnOnce>,
    /// Small things at the far right of the heading, such as a link.
    #[prop(optional, into)]
    more: Option<ViewFnOnce>,
    /// The body brings its own padding (tables, lists of rows).
    #[prop(optional)]
    flush: bool,
    /// The body.
    children: Children,
) -> impl IntoView {
    let header = title.map(|title| {
        view! {
            <header class="card-head">
                <h2>{title}</h2>
                {after_title.map(|view| view.run())}
                <span class="more">{more.map(|view| view.run())}</span>
            </header>
        }
    });
    view! {
        <section class="card">
            {header} <div class="card-body" class:flush=flush>
                {children()}
            </div>
        </section>
    }
}
