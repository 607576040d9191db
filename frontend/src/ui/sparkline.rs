//! A sparkline: the course of something in the space of a word.

use leptos::prelude::*;

use super::{dom::number, scale::Scale, tone::Tone};

/// A small line without marks; the last figure has a dot.
#[component]
pub fn Sparkline(
    /// The figures.
    #[prop(into)]
    values: Signal<Vec<f64>>,
    /// What it shows and how it went, in words.
    #[prop(into)]
    label: Signal<String>,
    /// What the colour says.
    #[prop(default = Tone::Accent)]
    tone: Tone,
    /// How wide, in pixels.
    #[prop(default = 84.0)]
    width: f64,
    /// How high, in pixels.
    #[prop(default = 22.0)]
    height: f64,
) -> impl IntoView {
    let points = move || {
        values.with(|values| {
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let x = Scale {
                low: 0.0,
                high: number(values.len().saturating_sub(1)),
                from: 3.0,
                to: width - 3.0,
            };
            let y = Scale {
                low,
                high,
                from: height - 3.0,
                to: 3.0,
            };
            let point = |(at, value): (usize, &f64)| (x.place(number(at)), y.place(*value));
            values.iter().enumerate().map(point).collect::<Vec<_>>()
        })
    };
    let line = move || {
        points()
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let dot = move || {
        points()
            .last()
            .map(|(x, y)| view! { <circle cx=*x cy=*y r=2.5></circle> })
    };
    view! {
        <svg class="spark" data-tone=tone.name() width=width height=height role="img" aria-label=label>
            <polyline points=line></polyline>
            {dot}
        </svg>
    }
}
