//! Text: one line, and several.

use leptos::{html, prelude::*};

use super::{
    field::ControlAttributes,
    icon::{Glyph, Icon},
};

/// One line of text.
#[component]
pub fn TextInput(
    /// What it holds.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the whole text at every stroke.
    #[prop(into)]
    on_change: Callback<String>,
    /// The `type` of the input: `text`, `email`, `tel`, `url`, `search`, `password`.
    #[prop(default = "text")]
    kind: &'static str,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Signal<String>,
    /// The name, where no field stands around it.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    /// A picture inside, at the left.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// A unit inside, at the right.
    #[prop(optional, into)]
    suffix: Option<Signal<String>>,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// What the browser may fill in, as in HTML.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Which keyboard a phone shows, as in HTML.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// The longest text, in characters.
    #[prop(optional)]
    max_length: Option<u32>,
    /// Takes the focus when it appears.
    #[prop(optional)]
    autofocus: bool,
    /// Figures: aligned at the right.
    #[prop(optional)]
    numeric: bool,
    /// Called when the focus leaves.
    #[prop(optional, into)]
    on_blur: Option<Callback<()>>,
    /// Called on Enter, when no word is being composed.
    #[prop(optional, into)]
    on_enter: Option<Callback<()>>,
    /// The element, for callers that must focus it.
    #[prop(optional)]
    node_ref: NodeRef<html::Input>,
) -> impl IntoView {
    let field = ControlAttributes::here();
    let keydown = move |event: web_sys::KeyboardEvent| {
        let enter = event.key() == "Enter" && !event.is_composing();
        if let (true, Some(on_enter)) = (enter, on_enter) {
            event.prevent_default();
            on_enter.run(());
        }
    };
    view! {
        <span class="input" class:numeric=numeric>
            {icon.map(|glyph| view! { <Icon glyph /> })}
            <input
                node_ref=node_ref
                type=kind
                id=field.id()
                prop:value=value
                placeholder=placeholder
                disabled=disabled
                autocomplete=autocomplete
                inputmode=inputmode
                maxlength=max_length
                autofocus=autofocus
                aria-label=move || label.map(|label| label.get())
                aria-describedby=move || field.described_by()
                aria-invalid=move || field.invalid()
                aria-required=move || field.required()
                on:input:target=move |event| on_change.run(event.target().value())
                on:blur=move |_| {
                    if let Some(on_blur) = on_blur {
                        on_blur.run(());
                    }
                }
                on:keydown=keydown
            />
            {suffix.map(|suffix| view! { <span class="suffix">{suffix}</span> })}
        </span>
    }
}

/// Several lines of text; grows with what is typed.
#[component]
pub fn TextArea(
    /// What it holds.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the whole text at every stroke.
    #[prop(into)]
    on_change: Callback<String>,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Signal<String>,
    /// The name, where no field stands around it.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    /// How many lines it shows at least.
    #[prop(default = 3)]
    rows: u32,
    /// The longest text, in characters.
    #[prop(optional)]
    max_length: Option<u32>,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Takes the focus when it appears.
    #[prop(optional)]
    autofocus: bool,
    /// Called on Ctrl+Enter or ⌘+Enter.
    #[prop(optional, into)]
    on_submit: Option<Callback<()>>,
    /// The element, for callers that must focus it.
    #[prop(optional)]
    node_ref: NodeRef<html::Textarea>,
) -> impl IntoView {
    let field = ControlAttributes::here();
    let keydown = move |event: web_sys::KeyboardEvent| {
        let send = event.key() == "Enter" && (event.ctrl_key() || event.meta_key());
        if let (true, Some(on_submit)) = (send, on_submit) {
            event.prevent_default();
            on_submit.run(());
        }
    };
    view! {
        <textarea
            node_ref=node_ref
            class="textarea"
            id=field.id()
            prop:value=value
            rows=rows
            placeholder=placeholder
            disabled=disabled
            maxlength=max_length
            autofocus=autofocus
            aria-label=move || label.map(|label| label.get())
            aria-describedby=move || field.described_by()
            aria-invalid=move || field.invalid()
            aria-required=move || field.required()
            on:input:target=move |event| on_change.run(event.target().value())
            on:keydown=keydown
        ></textarea>
    }
}
