//! A timeline: what happened, newest first, under headings of days.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    tone::Tone,
};

/// The list that timeline entries stand in.
#[component]
pub fn Timeline(
    /// What it tells of, for people who hear the page.
    #[prop(into)]
    label: Signal<String>,
    /// Headings of days and entries.
    children: Children,
) -> impl IntoView {
    view! {
        <ol class="timeline" aria-label=label>
            {children()}
        </ol>
    }
}

/// A heading between entries, such as "Yesterday".
#[component]
pub fn TimelineDay(
    /// The heading.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    view! { <li class="timeline-day">{label}</li> }
}

/// One thing that happened.
#[component]
pub fn TimelineItem(
    /// What kind of thing.
    glyph: Glyph,
    /// What it means.
    #[prop(optional)]
    tone: Tone,
    /// What happened, in bold.
    #[prop(into)]
    title: Signal<String>,
    /// More, on the same line.
    #[prop(optional, into)]
    subtitle: Signal<Option<String>>,
    /// When and who, at the right.
    #[prop(optional, into)]
    when: Signal<String>,
    /// The exact moment, shown on hover.
    #[prop(optional, into)]
    exact: Signal<Option<String>>,
    /// The rest.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <li class="event" data-tone=tone.name()>
            <span class="event-dot">
                <Icon glyph />
            </span>
            <div class="event-body">
                <div class="event-head">
                    <span class="event-title">
                        <b>{title}</b>
                        {move || subtitle.get().map(|text| view! { <span>" · " {text}</span> })}
                    </span>
                    <time title=move || exact.get()>{when}</time>
                </div>
                {children.map(|children| view! { <div class="event-text">{children()}</div> })}
            </div>
        </li>
    }
}
