//! Badges, counts and chips: a state, a number, a choice, in few letters.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    tone::Tone,
};

/// A state in one or two words.
#[component]
pub fn Badge(
    /// What the state means.
    #[prop(optional, into)]
    tone: Signal<Tone>,
    /// Without the dot before the text.
    #[prop(optional)]
    plain: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <span class="badge" class:plain=plain data-tone=move || tone.get().name()>
            {children()}
        </span>
    }
}

/// A number of things that wait. Draws nothing for zero.
#[component]
pub fn Count(
    /// The number; above 99 it reads 99+.
    #[prop(into)]
    value: Signal<usize>,
    /// Red, for what must be done now.
    #[prop(optional)]
    hot: bool,
) -> impl IntoView {
    move || {
        let text = match value.get() {
            0 => return None,
            many if many > 99 => "99+".to_owned(),
            few => few.to_string(),
        };
        Some(view! { <span class="count" class:hot=hot>{text}</span> })
    }
}

/// A choice that narrows a list: on or off, and with a cross where it can be taken away.
#[component]
pub fn Chip(
    /// What it says.
    #[prop(into)]
    label: Signal<String>,
    /// True while it narrows.
    #[prop(optional, into)]
    on: Signal<bool>,
    /// Dashed: an invitation to add one more.
    #[prop(optional)]
    dashed: bool,
    /// A picture before the text.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// What a press does.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
    /// What the cross does; without it there is no cross.
    #[prop(optional, into)]
    on_remove: Option<Callback<()>>,
    /// The words for the cross.
    #[prop(optional, into)]
    remove_label: Signal<String>,
) -> impl IntoView {
    let press = move |_| {
        if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    view! {
        <span class="chip" class:on=on class:dashed=dashed>
            <button type="button" aria-pressed=move || on.get().to_string() on:click=press>
                {icon.map(|glyph| view! { <Icon glyph /> })} {label}
            </button>
            {on_remove
                .map(|on_remove| {
                    view! {
                        <button
                            type="button"
                            class="chip-x"
                            aria-label=move || format!("{} {}", remove_label.get(), label.get())
                            on:click=move |_| on_remove.run(())
                        >
                            <Icon glyph=Glyph::Close />
                        </button>
                    }
                })}
        </span>
    }
}
