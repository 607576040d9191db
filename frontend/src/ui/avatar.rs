//! Avatars: a person or a company at a glance, made from the name.

use leptos::prelude::*;

/// How large an avatar is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AvatarSize {
    /// 22 px, in rows.
    #[default]
    Small,
    /// 30 px, in cards.
    Medium,
    /// 46 px, in page heads.
    Large,
}

/// The first letter of a name in a circle (person) or a rounded square (organisation). The colour
/// follows from the name, so that it is the same everywhere.
#[component]
pub fn Avatar(
    /// The whole name.
    #[prop(into)]
    name: Signal<String>,
    /// How large.
    #[prop(optional)]
    size: AvatarSize,
    /// A rounded square, softly coloured: for organisations.
    #[prop(optional)]
    square: bool,
    /// Where a picture is, if there is one.
    #[prop(optional, into)]
    image: Signal<Option<String>>,
) -> impl IntoView {
    let class = match size {
        AvatarSize::Small => "avatar",
        AvatarSize::Medium => "avatar md",
        AvatarSize::Large => "avatar lg",
    };
    view! {
        <span
            class=class
            class:square=square
            style:--h=move || hue(&name.get()).to_string()
            aria-hidden="true"
        >
            {move || match image.get() {
                Some(source) => view! { <img src=source alt="" /> }.into_any(),
                None => initial(&name.get()).into_any(),
            }}
        </span>
    }
}

/// An avatar with its name.
#[component]
pub fn Person(
    /// The whole name.
    #[prop(into)]
    name: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="who">
            <Avatar name=name />
            <span class="who-name">{name}</span>
        </span>
    }
}

/// A place on the colour wheel that depends on the name alone.
fn hue(name: &str) -> u32 {
    name.bytes().fold(7_u32, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u32::from(byte))
    }) % 360
}

/// The letter that stands for a name.
fn initial(name: &str) -> String {
    name.trim()
        .chars()
        .next()
        .map_or_else(|| "?".to_owned(), |c| c.to_uppercase().collect())
}
