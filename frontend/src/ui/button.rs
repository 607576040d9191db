//! Buttons, and links that look like buttons.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How loudly a button speaks. One primary per view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// An ordinary action, with a border.
    #[default]
    Default,
    /// The one thing that most people come here to do.
    Primary,
    /// Without border, for toolbars and rows.
    Quiet,
    /// Destroys something.
    Danger,
}

impl ButtonKind {
    /// The value of the `data-kind` attribute that the style sheets know.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Primary => "primary",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

/// A button with a text. While `pending` it shows a spinner and ignores presses.
#[component]
pub fn Button(
    /// How loudly it speaks.
    #[prop(optional)]
    kind: ButtonKind,
    /// A picture before the text.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// A picture after the text, such as a chevron.
    #[prop(optional)]
    trailing: Option<Glyph>,
    /// 26 px high instead of 32.
    #[prop(optional)]
    small: bool,
    /// As wide as what it stands in.
    #[prop(optional)]
    wide: bool,
    /// Sends the form that it stands in.
    #[prop(optional)]
    submit: bool,
    /// True while the action is on its way.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// True while the action can't be done.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Why it can't be done, or more about it; shown on hover.
    #[prop(optional, into)]
    title: Option<Signal<String>>,
    /// What a press does; not called while pending.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
    /// The text.
    children: Children,
) -> impl IntoView {
    let press = move |event: web_sys::MouseEvent| {
        if pending.get_untracked() {
            event.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class="btn"
            class:sm=small
            class:wide=wide
            data-kind=kind.name()
            disabled=disabled
            aria-busy=move || pending.get().then_some("true")
            title=move || title.map(|title| title.get())
            on:click=press
        >
            {move || {
                if pending.get() {
                    Some(view! { <span class="spinner" aria-hidden="true"></span> }.into_any())
                } else {
                    icon.map(|glyph| view! { <Icon glyph /> }.into_any())
                }
            }}
            <span class="btn-text">{children()}</span>
            {trailing.map(|glyph| view! { <Icon glyph /> })}
        </button>
    }
}

/// A button that is a picture alone; its label is read out and shown on hover.
#[component]
pub fn IconButton(
    /// The picture.
    glyph: Glyph,
    /// What it does, in words.
    #[prop(into)]
    label: Signal<String>,
    /// How loudly it speaks.
    #[prop(default = ButtonKind::Quiet)]
    kind: ButtonKind,
    /// 26 px instead of 32.
    #[prop(optional)]
    small: bool,
    /// True while the action can't be done.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// True while the action is on its way.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// For a button that is on or off.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// What a press does; not called while pending.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
) -> impl IntoView {
    let press = move |_| {
        if let (false, Some(on_press)) = (pending.get_untracked(), on_press) {
            on_press.run(());
        }
    };
    view! {
        <button
            type="button"
            class="btn icon"
            class:sm=small
            data-kind=kind.name()
            disabled=disabled
            aria-label=label
            title=label
            aria-busy=move || pending.get().then_some("true")
            aria-pressed=move || pressed.map(|pressed| pressed.get().to_string())
            on:click=press
        >
            {move || {
                if pending.get() {
                    view! { <span class="spinner" aria-hidden="true"></span> }.into_any()
                } else {
                    view! { <Icon glyph /> }.into_any()
                }
            }}
        </button>
    }
}

/// A link that looks like a button: for going somewhere, not for doing something.
#[component]
pub fn ButtonLink(
    /// Where it leads.
    #[prop(into)]
    href: Signal<String>,
    /// How loudly it speaks.
    #[prop(optional)]
    kind: ButtonKind,
    /// A picture before the text.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// 26 px high instead of 32.
    #[prop(optional)]
    small: bool,
    /// Saves what the link leads to instead of opening it.
    #[prop(optional)]
    download: bool,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! {
        <a
            class="btn"
            class:sm=small
            data-kind=kind.name()
            href=href
            download=download.then_some("")
            rel=download.then_some("external")
        >
            {icon.map(|glyph| view! { <Icon glyph /> })}
            <span class="btn-text">{children()}</span>
        </a>
    }
}
