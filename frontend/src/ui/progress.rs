//! Progress: how far something is, against where it should be.

use leptos::prelude::*;

use super::tone::Tone;

/// A bar from nothing to everything, with an optional line for where it should be by now.
#[component]
pub fn ProgressBar(
    /// How far, 0 to 1; `None` while it can't be known.
    #[prop(into)]
    value: Signal<Option<f64>>,
    /// Where it should be by now, 0 to 1.
    #[prop(optional, into)]
    pace: Signal<Option<f64>>,
    /// What the colour says.
    #[prop(optional, into)]
    tone: Option<Signal<Tone>>,
    /// What it measures, for people who hear the page.
    #[prop(into)]
    label: Signal<String>,
    /// How far in words, such as "3,120 of 10,000 rows".
    #[prop(optional, into)]
    text: Option<Signal<String>>,
) -> impl IntoView {
    let percent = |part: f64| format!("{:.2}%", part.clamp(0.0, 1.0) * 100.0);
    view! {
        <div
            class="bar"
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || value.get().map(|value| format!("{:.0}", value * 100.0))
            aria-valuetext=move || text.map(|text| text.get())
            data-tone=move || tone.map_or(Tone::Accent, |tone| tone.get()).name()
        >
            <i
                class:endless=move || value.get().is_none()
                style:width=move || value.get().map_or_else(|| "30%".to_owned(), percent)
            ></i>
            {move || pace.get().map(|pace| view! { <u style:left=percent(pace)></u> })}
        </div>
    }
}

/// A small turning circle for a wait of unknown length.
#[component]
pub fn Spinner(
    /// What is being waited for.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    view! { <span class="spinner" role="status" aria-label=label></span> }
}
