//! A gauge: how far something is on a half circle.

use leptos::prelude::*;

use super::tone::Tone;

/// A half circle that fills, with the figure inside.
#[component]
pub fn Gauge(
    /// How far, 0 to 1.
    #[prop(into)]
    value: Signal<f64>,
    /// Where it should be by now, 0 to 1.
    #[prop(optional, into)]
    pace: Signal<Option<f64>>,
    /// The figure, ready to be read.
    #[prop(into)]
    text: Signal<String>,
    /// What it measures.
    #[prop(into)]
    label: Signal<String>,
    /// What the colour says.
    #[prop(default = Tone::Accent.into(), into)]
    tone: Signal<Tone>,
) -> impl IntoView {
    const ARC: &str = "M8 56A48 48 0 0 1 104 56";
    // The length of that arc: half the circle of radius 48.
    let filled = move || {
        format!(
            "{:.1} 200",
            value.get().clamp(0.0, 1.0) * 48.0 * std::f64::consts::PI
        )
    };
    let mark = move || {
        pace.get().map(|pace| {
            let turn = format!("rotate({:.1} 56 56)", pace.clamp(0.0, 1.0) * 180.0);
            view! { <line class="gauge-pace" x1="1" x2="15" y1="56" y2="56" transform=turn></line> }
        })
    };
    view! {
        <div class="gauge" data-tone=move || tone.get().name()>
            <svg viewBox="0 0 112 62" role="img" aria-label=move || format!("{} {}", label.get(), text.get())>
                <path class="gauge-room" d=ARC></path>
                <path class="gauge-fill" d=ARC stroke-dasharray=filled></path>
                {mark}
            </svg>
            <b aria-hidden="true">{text}</b>
            <span aria-hidden="true">{label}</span>
        </div>
    }
}
