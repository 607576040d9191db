//! Money and phone numbers: texts that mean more than their letters.

use leptos::prelude::*;

use super::{
    field::ControlAttributes,
    input::TextInput,
    money_text::{Currency, parse_amount, show_amount},
    select::{Choice, Select},
};

/// An amount of money in minor units. Reads `12.8万` and `3k` too; shows grouping when the focus leaves.
#[component]
pub fn MoneyInput(
    /// The amount in minor units.
    #[prop(into)]
    value: Signal<Option<i64>>,
    /// Called with the new amount, or with nothing when it was taken back.
    #[prop(into)]
    on_change: Callback<Option<i64>>,
    /// In what currency.
    #[prop(into)]
    currency: Signal<Currency>,
    /// What to say when what was typed is no amount.
    #[prop(into)]
    unreadable: Signal<String>,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The name, where no field stands around it.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
) -> impl IntoView {
    let field = ControlAttributes::here();
    let typed = RwSignal::new(None::<String>);
    let wrong = RwSignal::new(false);
    let digits = move || currency.with(|currency| currency.digits);
    let shown = move || {
        typed.get().unwrap_or_else(|| {
            value
                .get()
                .map_or_else(String::new, |minor| show_amount(minor, digits()))
        })
    };
    let type_in = move |text: String| {
        let amount = parse_amount(&text, currency.with_untracked(|currency| currency.digits));
        wrong.set(false);
        if amount.is_some() || text.trim().is_empty() {
            on_change.run(amount);
        }
        typed.set(Some(text));
    };
    let settle = move |_| {
        // An input that is taken away while it has the focus is left, too.
        let Some(text) = typed.try_get_untracked().flatten() else {
            return;
        };
        let readable = text.trim().is_empty()
            || parse_amount(&text, currency.with_untracked(|currency| currency.digits)).is_some();
        wrong.set(!readable);
        if readable {
            typed.set(None);
        }
    };
    view! {
        <div>
            <span class="input numeric">
                <span class="suffix" aria-hidden="true">
                    {move || currency.with(|currency| currency.symbol.clone())}
                </span>
                <input
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    id=field.id()
                    disabled=disabled
                    aria-label=move || label.map(|label| label.get())
                    aria-describedby=move || field.described_by()
                    aria-invalid=move || if wrong.get() { Some("true") } else { field.invalid() }
                    aria-required=move || field.required()
                    prop:value=shown
                    on:input:target=move |event| type_in(event.target().value())
                    on:blur=settle
                />
                <span class="suffix">{move || currency.with(|currency| currency.code.clone())}</span>
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

/// A phone number: the country's prefix and the rest. It gives the whole, such as `+8613800138000`.
#[component]
pub fn PhoneInput(
    /// The whole number.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the whole number, or an empty text.
    #[prop(into)]
    on_change: Callback<String>,
    /// The prefixes to choose from: value `+86`, label such as `中国 +86`.
    #[prop(into)]
    prefixes: Signal<Vec<Choice>>,
    /// What the choice of the prefix is called.
    #[prop(into)]
    prefix_label: Signal<String>,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let chosen = RwSignal::new(None::<String>);
    let prefix = Memo::new(move |_| {
        let number = value.get();
        prefixes.with(|prefixes| {
            let known = prefixes
                .iter()
                .filter(|choice| number.starts_with(choice.value.as_str()))
                .max_by_key(|choice| choice.value.len());
            let first = prefixes.first().map(|choice| choice.value.clone());
            known
                .map(|choice| choice.value.clone())
                .or_else(|| chosen.get())
                .or(first)
                .unwrap_or_default()
        })
    });
    let rest = Signal::derive(move || {
        let number = value.get();
        number
            .strip_prefix(&prefix.get())
            .map_or(number.clone(), str::to_owned)
    });
    let give = move |prefix: String, rest: String| {
        let kept: String = rest
            .chars()
            .filter(|c| c.is_ascii_digit() || " -+*".contains(*c))
            .collect();
        let whole = if kept.is_empty() || kept.starts_with('+') {
            kept
        } else {
            prefix + &kept
        };
        on_change.run(whole);
    };
    view! {
        <div class="phone-input">
            <Select
                value=prefix
                choices=prefixes
                label=prefix_label
                disabled=disabled
                on_change=move |new: String| {
                    chosen.set(Some(new.clone()));
                    give(new, rest.get_untracked());
                }
            />
            <TextInput
                value=rest
                kind="tel"
                inputmode="tel"
                disabled=disabled
                on_change=move |rest| give(prefix.get_untracked(), rest)
            />
        </div>
    }
}
