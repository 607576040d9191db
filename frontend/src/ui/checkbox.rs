//! Yes or no, on or off, one of a few in sight.

use leptos::{html, prelude::*};

use super::{dom::unique_id, field::ControlAttributes, select::Choice};

/// A box with a tick, and its text.
#[component]
pub fn Checkbox(
    /// True while ticked.
    #[prop(into)]
    checked: Signal<bool>,
    /// Called with the new state.
    #[prop(into)]
    on_change: Callback<bool>,
    /// The text.
    #[prop(into)]
    label: Signal<String>,
    /// The text is read out but not drawn (in table rows).
    #[prop(optional)]
    hide_label: bool,
    /// Neither yes nor no: some of what it stands for.
    #[prop(optional, into)]
    partly: Signal<bool>,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = node.get() {
            input.set_indeterminate(partly.get());
        }
    });
    view! {
        <label class="check">
            <input
                node_ref=node
                type="checkbox"
                prop:checked=checked
                disabled=disabled
                on:change:target=move |event| on_change.run(event.target().checked())
            />
            <span class:visually-hidden=hide_label>{label}</span>
        </label>
    }
}

/// On or off, at once and without saving.
#[component]
pub fn Switch(
    /// True while on.
    #[prop(into)]
    on: Signal<bool>,
    /// Called with the new state.
    #[prop(into)]
    on_change: Callback<bool>,
    /// The text.
    #[prop(into)]
    label: Signal<String>,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                role="switch"
                class="switch"
                prop:checked=on
                disabled=disabled
                on:change:target=move |event| on_change.run(event.target().checked())
            />
            <span>{label}</span>
        </label>
    }
}

/// One of the buttons of a radio group, for groups with a layout of their own.
#[component]
pub fn Radio(
    /// The name that the buttons of one group share.
    #[prop(into)]
    name: String,
    /// True while it is the chosen one.
    #[prop(into)]
    checked: Signal<bool>,
    /// Called when it is chosen.
    #[prop(into)]
    on_choose: Callback<()>,
    /// The text.
    #[prop(into)]
    label: Signal<String>,
    /// More about it, in small print.
    #[prop(optional, into)]
    hint: Signal<Option<String>>,
    /// True while it can't be chosen.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="radio"
                name=name
                prop:checked=checked
                disabled=disabled
                on:change=move |_| on_choose.run(())
            />
            <span>
                {label}
                {move || hint.get().map(|hint| view! { <small class="check-hint">{hint}</small> })}
            </span>
        </label>
    }
}

/// One out of few, all in sight.
#[component]
pub fn RadioGroup(
    /// What is chosen.
    #[prop(into)]
    value: Signal<String>,
    /// Called with what was chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// What can be chosen.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The name, where no field stands around it.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    /// Side by side instead of one below the other.
    #[prop(optional)]
    inline: bool,
) -> impl IntoView {
    let field = ControlAttributes::here();
    let name = StoredValue::new(unique_id("radio"));
    let radio = move |choice: Choice| {
        let (own, chosen) = (choice.value.clone(), choice.value);
        view! {
            <Radio
                name=name.get_value()
                checked=Signal::derive(move || value.with(|value| *value == own))
                on_choose=move |()| on_change.run(chosen.clone())
                label=choice.label
                hint=choice.hint
                disabled=choice.disabled
            />
        }
    };
    view! {
        <div
            class="radios"
            class:inline=inline
            role="radiogroup"
            id=field.id()
            aria-label=move || label.map(|label| label.get())
            aria-labelledby=field.label_id()
            aria-describedby=move || field.described_by()
        >
            {move || choices.get().into_iter().map(radio).collect_view()}
        </div>
    }
}
