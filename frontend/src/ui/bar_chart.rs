//! Bars: side by side, or on each other.

use leptos::prelude::*;

use super::{
    axis::{Plane, PlaneView},
    chart::{ChartFormat, ChartFrame, ChartTexts, Series, series_color},
    dom::number,
};

/// How the figures of one label lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BarLayout {
    /// Side by side.
    #[default]
    Grouped,
    /// On each other.
    Stacked,
}

/// A bar chart.
#[component]
pub fn BarChart(
    /// What it shows.
    #[prop(into)]
    title: Signal<String>,
    /// In what the figures are.
    #[prop(optional, into)]
    unit: Signal<String>,
    /// Along the bottom.
    #[prop(into)]
    labels: Signal<Vec<String>>,
    /// The figures.
    #[prop(into)]
    series: Signal<Vec<Series>>,
    /// How figures are written.
    #[prop(optional, into)]
    format: ChartFormat,
    /// The words.
    #[prop(into)]
    texts: Signal<ChartTexts>,
    /// How the figures of one label lie.
    #[prop(optional)]
    layout: BarLayout,
    /// How high it is, in pixels.
    #[prop(default = 220.0)]
    height: f64,
) -> impl IntoView {
    let kept = StoredValue::new(format.clone());
    let (stacked, draw): (bool, super::axis::Draw) = match layout {
        BarLayout::Grouped => (false, grouped),
        BarLayout::Stacked => (true, stacked),
    };
    view! {
        <ChartFrame title=title unit=unit labels=labels series=series format=format texts=texts>
            <PlaneView
                label=title
                labels=labels
                series=series
                stacked=stacked
                format=kept.get_value()
                height=height
                draw=draw
            />
        </ChartFrame>
    }
}

/// One bar between two heights.
fn bar(at: usize, x: f64, width: f64, one: f64, other: f64) -> impl IntoView {
    let (top, bottom) = (one.min(other), one.max(other));
    view! {
        <rect
            x=x
            y=top
            width=width
            height=(bottom - top).max(0.0)
            rx=(width / 4.0).min(3.0)
            fill=series_color(at)
        ></rect>
    }
}

/// Bars side by side.
fn grouped(plane: &Plane, series: &[Series]) -> AnyView {
    let room = (plane.slot * 0.72).min(64.0);
    let width = (room / number(series.len()).max(1.0) - 1.0).max(1.0);
    let zero = plane.vertical.place(0.0);
    let draw = |(nth, one): (usize, &Series)| {
        let bars = one.values.iter().enumerate().filter_map(|(at, value)| {
            let x = plane.middle(at) - room / 2.0 + (width + 1.0) * number(nth);
            value.map(|value| bar(nth, x, width, zero, plane.vertical.place(value)))
        });
        bars.collect_view()
    };
    series
        .iter()
        .enumerate()
        .map(draw)
        .collect_view()
        .into_any()
}

/// Bars on each other; what is below zero hangs.
fn stacked(plane: &Plane, series: &[Series]) -> AnyView {
    let width = (plane.slot * 0.62).min(46.0);
    let count = series
        .iter()
        .map(|series| series.values.len())
        .max()
        .unwrap_or(0);
    let stack = |at: usize| {
        let (mut above, mut below) = (0.0, 0.0);
        let mut one = |(nth, series): (usize, &Series)| {
            let value = series.at(at);
            let from = if value < 0.0 { &mut below } else { &mut above };
            let (start, end) = (*from, *from + value);
            *from = end;
            let x = plane.middle(at) - width / 2.0;
            bar(
                nth,
                x,
                width,
                plane.vertical.place(start),
                plane.vertical.place(end),
            )
        };
        series.iter().enumerate().map(&mut one).collect_view()
    };
    (0..count).map(stack).collect_view().into_any()
}
