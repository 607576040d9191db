//! A choice among few: the browser's own select, which works everywhere and opens as people know it.

use leptos::prelude::*;

use super::{
    field::ControlAttributes,
    icon::{Glyph, Icon},
};

/// One thing that can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What is read.
    pub label: String,
    /// More about it, in small print.
    pub hint: Option<String>,
    /// Shown, but not to be chosen.
    pub disabled: bool,
}

impl Choice {
    /// A choice with its text.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            hint: None,
            disabled: false,
        }
    }

    /// The same with small print.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The same, not to be chosen.
    #[must_use]
    pub fn disabled(self) -> Self {
        Self {
            disabled: true,
            ..self
        }
    }
}

/// One out of few.
#[component]
pub fn Select(
    /// What is chosen; empty for nothing.
    #[prop(into)]
    value: Signal<String>,
    /// Called with what was chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// What can be chosen.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The text for nothing chosen; with it, nothing can be chosen again.
    #[prop(optional, into)]
    placeholder: Option<Signal<String>>,
    /// The name, where no field stands around it.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    /// 26 px high instead of 32.
    #[prop(optional)]
    small: bool,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let field = ControlAttributes::here();
    let option = move |choice: Choice| {
        let own = choice.value.clone();
        let selected = Signal::derive(move || value.with(|value| *value == own));
        view! {
            <option value=choice.value disabled=choice.disabled prop:selected=selected>
                {choice.label}
            </option>
        }
    };
    view! {
        <span class="select" class:sm=small>
            <select
                id=field.id()
                disabled=disabled
                aria-label=move || label.map(|label| label.get())
                aria-describedby=move || field.described_by()
                aria-invalid=move || field.invalid()
                aria-required=move || field.required()
                on:change:target=move |event| on_change.run(event.target().value())
            >
                {placeholder
                    .map(|text| {
                        view! {
                            <option value="" prop:selected=move || value.with(String::is_empty)>
                                {text}
                            </option>
                        }
                    })}
                {move || choices.get().into_iter().map(option).collect_view()}
            </select>
            <Icon glyph=Glyph::ChevronDown />
        </span>
    }
}
