//! A donut: parts of a whole, few of them.

use std::f64::consts::TAU;

use leptos::prelude::*;

use super::chart::{ChartFormat, ChartFrame, ChartTexts, Series, series_color};

/// A donut with its parts listed beside it.
#[component]
pub fn DonutChart(
    /// What it shows.
    #[prop(into)]
    title: Signal<String>,
    /// In what the figures are.
    #[prop(optional, into)]
    unit: Signal<String>,
    /// The parts and their figures.
    #[prop(into)]
    parts: Signal<Vec<(String, f64)>>,
    /// What the figures are, for the table.
    #[prop(into)]
    measure: Signal<String>,
    /// How figures are written.
    #[prop(optional, into)]
    format: ChartFormat,
    /// The words.
    #[prop(into)]
    texts: Signal<ChartTexts>,
    /// Called with the place of a part that was pressed.
    #[prop(optional, into)]
    on_part: Option<Callback<usize>>,
) -> impl IntoView {
    let labels = Signal::derive(move || {
        parts.with(|parts| {
            parts
                .iter()
                .map(|(name, _)| name.clone())
                .collect::<Vec<_>>()
        })
    });
    let series = Signal::derive(move || {
        parts.with(|parts| vec![Series::new(measure.get(), parts.iter().map(|part| part.1))])
    });
    let sum = move || parts.with(|parts| parts.iter().map(|part| part.1.max(0.0)).sum::<f64>());
    let kept = StoredValue::new(format.clone());
    let slices = move || {
        let sum = sum();
        let mut from = 0.0;
        let slice = |(at, (name, value)): (usize, (String, f64))| {
            let share = if sum > 0.0 { value.max(0.0) / sum } else { 0.0 };
            let d = arc(from, from + share);
            from += share;
            let text = kept.with_value(|format| {
                format!("{name}: {} ({:.1}%)", format.write(value), share * 100.0)
            });
            view! { <path d=d fill=series_color(at)><title>{text}</title></path> }
        };
        parts
            .get()
            .into_iter()
            .enumerate()
            .map(slice)
            .collect_view()
    };
    let lines = move || {
        let sum = sum();
        let line = |(at, (name, value)): (usize, (String, f64))| {
            let share = if sum > 0.0 {
                value.max(0.0) / sum * 100.0
            } else {
                0.0
            };
            let text = kept.with_value(|format| format.write(value));
            let inside = view! {
                <i style:background=series_color(at)></i>
                <span class="clip">{name}</span>
                <b>{text}</b>
                <span class="muted">{format!("{share:.0}%")}</span>
            };
            match on_part {
                Some(on_part) => view! {
                    <li><button type="button" on:click=move |_| on_part.run(at)>{inside}</button></li>
                }
                .into_any(),
                None => view! { <li><span>{inside}</span></li> }.into_any(),
            }
        };
        parts.get().into_iter().enumerate().map(line).collect_view()
    };
    view! {
        <ChartFrame title=title unit=unit labels=labels series=series format=format texts=texts hide_legend=true>
            <div class="donut">
                <svg class="plot" viewBox="-60 -60 120 120" role="img" aria-label=title>
                    {slices}
                    <text class="donut-sum" text-anchor="middle" y="5">
                        {move || kept.with_value(|format| format.write(sum()))}
                    </text>
                </svg>
                <ul class="donut-list">{lines}</ul>
            </div>
        </ChartFrame>
    }
}

/// A ring segment between two shares of the circle, as the `d` of a path.
fn arc(from: f64, to: f64) -> String {
    const OUTER: f64 = 56.0;
    const INNER: f64 = 38.0;
    // A whole circle begins where it ends and would not be drawn.
    let to = to.min(from + 0.9999);
    let point = |share: f64, radius: f64| {
        let angle = share * TAU - TAU / 4.0;
        format!("{:.2} {:.2}", angle.cos() * radius, angle.sin() * radius)
    };
    let large = u8::from(to - from > 0.5);
    format!(
        "M{}A{OUTER} {OUTER} 0 {large} 1 {}L{}A{INNER} {INNER} 0 {large} 0 {}Z",
        point(from, OUTER),
        point(to, OUTER),
        point(to, INNER),
        point(from, INNER)
    )
}
