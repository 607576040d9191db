//! A form: fields in as many columns as fit, sent on Enter and by its button.

use leptos::prelude::*;

/// Fields side by side where there is room. The browser's own messages are off: problems stand on fields.
#[component]
pub fn Form(
    /// Called when the form is sent.
    #[prop(into)]
    on_submit: Callback<()>,
    /// Ties a button outside the form to it.
    #[prop(optional, into)]
    id: Option<String>,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        on_submit.run(());
    };
    view! {
        <form class="form" id=id novalidate=true on:submit=submit>
            {children()}
            // Enter sends a form only where it has a button, and the visible one may stand outside.
            <button type="submit" class="visually-hidden" tabindex="-1" aria-hidden="true"></button>
        </form>
    }
}
