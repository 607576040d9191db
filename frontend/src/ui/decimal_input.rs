//! Decimal numbers that are kept as whole ones: quantities, prices of one, rates, percent.

use leptos::prelude::*;

use super::{
    field::ControlAttributes,
    money_text::{parse_amount, show_decimal},
};

/// A decimal number, kept as a whole number of 10^-digits. Shows grouping when the focus leaves.
#[component]
pub fn DecimalInput(
    /// The number in 10^-digits.
    #[prop(into)]
    value: Signal<Option<i64>>,
    /// Called with the new number, or with nothing when it was taken back.
    #[prop(into)]
    on_change: Callback<Option<i64>>,
    /// How many digits after the point it can have.
    digits: u32,
    /// A unit inside, at the right: `%`.
    #[prop(optional, into)]
    suffix: Option<Signal<String>>,
    /// What to say when what was typed is no such number.
    #[prop(into)]
    unreadable: Signal<String>,
    /// What it is while nothing was typed.
    #[prop(optional, into)]
    placeholder: Signal<String>,
    /// The name, where no field stands around it.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let field = ControlAttributes::here();
    let typed = RwSignal::new(None::<String>);
    let wrong = RwSignal::new(false);
    let shown = move || {
        typed.get().unwrap_or_else(|| {
            value
                .get()
                .map_or_else(String::new, |number| show_decimal(number, digits))
        })
    };
    let plain = |text: &str| text.trim().trim_end_matches(['%', '％']).to_owned();
    let type_in = move |text: String| {
        let number = parse_amount(&plain(&text), digits);
        wrong.set(false);
        if number.is_some() || text.trim().is_empty() {
            on_change.run(number);
        }
        typed.set(Some(text));
    };
    let settle = move |_| {
        // An input that is taken away while it has the focus is left, too.
        let Some(text) = typed.try_get_untracked().flatten() else {
            return;
        };
        let readable = text.trim().is_empty() || parse_amount(&plain(&text), digits).is_some();
        wrong.set(!readable);
        if readable {
            typed.set(None);
        }
    };
    view! {
        <div>
            <span class="input numeric">
                <input
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    id=field.id()
                    disabled=disabled
                    placeholder=placeholder
                    aria-label=move || label.map(|label| label.get())
                    aria-describedby=move || field.described_by()
                    aria-invalid=move || if wrong.get() { Some("true") } else { field.invalid() }
                    aria-required=move || field.required()
                    prop:value=shown
                    on:input:target=move |event| type_in(event.target().value())
                    on:blur=settle
                />
                {suffix.map(|suffix| view! { <span class="suffix">{suffix}</span> })}
            </span>
            {move || {
                wrong
                    .get()
                    .then(|| {
                        view! {
                            <p class="field-problem" role="alert">
                                {unreadable}
                            </p>
                        }
                    })
            }}
        </div>
    }
}
