//! What stands where data would stand: loading, empty, problem; and notes above it.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    tone::Tone,
};

/// A grey shape in the place of a text that is on its way.
#[component]
pub fn Skeleton(
    /// How wide, as CSS, such as `60%` or `120px`.
    #[prop(default = "100%")]
    width: &'static str,
    /// How high, as CSS.
    #[prop(default = "14px")]
    height: &'static str,
) -> impl IntoView {
    view! { <span class="skeleton" style:width=width style:height=height></span> }
}

/// Rows of grey shapes, for a list that is on its way.
#[component]
pub fn SkeletonRows(
    /// How many rows.
    #[prop(default = 8)]
    rows: usize,
    /// What is on its way, for people who hear the page.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let widths = ["62%", "48%", "70%", "55%"];
    let row = move |width: &'static str| {
        view! {
            <div class="skeleton-row">
                <Skeleton width="22px" height="22px" />
                <Skeleton width=width />
                <Skeleton width="80px" />
            </div>
        }
    };
    view! {
        <div class="skeleton-rows" role="status" aria-label=label>
            {widths.iter().cycle().take(rows).map(|width| row(width)).collect_view()}
        </div>
    }
}

/// Nothing here yet: what would be here, and how to begin.
#[component]
pub fn EmptyState(
    /// A picture of what would be here.
    #[prop(default = Glyph::Inbox)]
    glyph: Glyph,
    /// What is missing, in a short sentence.
    #[prop(into)]
    title: Signal<String>,
    /// How to begin.
    #[prop(optional, into)]
    text: Option<Signal<String>>,
    /// Buttons that begin.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="state">
            <span class="state-icon">
                <Icon glyph />
            </span>
            <h2>{title}</h2>
            {text.map(|text| view! { <p>{text}</p> })}
            {children.map(|children| view! { <div class="state-actions">{children()}</div> })}
        </div>
    }
}

/// Something went wrong: what happened, and what can be done.
#[component]
pub fn ProblemState(
    /// What happened, in a short sentence.
    #[prop(into)]
    title: Signal<String>,
    /// What to do about it.
    #[prop(optional, into)]
    text: Option<Signal<String>>,
    /// Small print for whoever helps, such as the id of the request.
    #[prop(optional, into)]
    detail: Option<Signal<String>>,
    /// Buttons such as "Try again".
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="state" data-tone="danger" role="alert">
            <span class="state-icon">
                <Icon glyph=Glyph::Warning />
            </span>
            <h2>{title}</h2>
            {text.map(|text| view! { <p>{text}</p> })}
            {children.map(|children| view! { <div class="state-actions">{children()}</div> })}
            {detail.map(|detail| view! { <code class="state-detail">{detail}</code> })}
        </div>
    }
}

/// A strip with a remark about what follows, such as a likely duplicate.
#[component]
pub fn Note(
    /// What kind of remark.
    #[prop(default = Tone::Info)]
    tone: Tone,
    /// The remark, and what can be done.
    children: Children,
) -> impl IntoView {
    let glyph = match tone {
        Tone::Success => Glyph::Check,
        Tone::Warning | Tone::Danger => Glyph::Warning,
        Tone::Neutral | Tone::Accent | Tone::Info => Glyph::Info,
    };
    view! {
        <div class="note" data-tone=tone.name() role="note">
            <Icon glyph />
            <div>{children()}</div>
        </div>
    }
}
