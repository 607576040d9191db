//! Lines, and areas below them.

use leptos::prelude::*;

use super::{
    axis::{Draw, Plane, PlaneView},
    chart::{ChartFormat, ChartFrame, ChartTexts, Series, series_color},
};

/// A line chart; with `area`, the ground below the lines is coloured.
#[component]
pub fn LineChart(
    /// What it shows.
    #[prop(into)]
    title: Signal<String>,
    /// In what the figures are.
    #[prop(optional, into)]
    unit: Signal<String>,
    /// Along the bottom.
    #[prop(into)]
    labels: Signal<Vec<String>>,
    /// The figures; a line breaks where there is none.
    #[prop(into)]
    series: Signal<Vec<Series>>,
    /// How figures are written.
    #[prop(optional, into)]
    format: ChartFormat,
    /// The words.
    #[prop(into)]
    texts: Signal<ChartTexts>,
    /// Colours the ground below the lines.
    #[prop(optional)]
    area: bool,
    /// How high it is, in pixels.
    #[prop(default = 220.0)]
    height: f64,
) -> impl IntoView {
    let kept = StoredValue::new(format.clone());
    let draw: Draw = if area { areas } else { lines };
    view! {
        <ChartFrame title=title unit=unit labels=labels series=series format=format texts=texts>
            <PlaneView
                label=title
                labels=labels
                series=series
                stacked=false
                format=kept.get_value()
                height=height
                draw=draw
            />
        </ChartFrame>
    }
}

/// The places of a series, in runs without gaps.
fn runs(plane: &Plane, series: &Series) -> Vec<Vec<(f64, f64)>> {
    let mut runs = vec![Vec::new()];
    for (at, value) in series.values.iter().enumerate() {
        match (value, runs.last_mut()) {
            (Some(value), Some(run)) => run.push((plane.middle(at), plane.vertical.place(*value))),
            (Some(_), None) => {}
            (None, _) => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// A run as the `d` of a path.
fn path(run: &[(f64, f64)]) -> String {
    let points: Vec<String> = run.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
    format!("M{}", points.join("L"))
}

fn lines(plane: &Plane, series: &[Series]) -> AnyView {
    let draw = |(nth, one): (usize, &Series)| {
        let color = series_color(nth);
        let run = |run: Vec<(f64, f64)>| {
            let dot = match run.as_slice() {
                [(x, y)] => Some(view! { <circle cx=*x cy=*y r=3.0 fill=color.clone()></circle> }),
                _ => None,
            };
            view! {
                <path class="line" d=path(&run) stroke=color.clone()></path>
                {dot}
            }
        };
        runs(plane, one).into_iter().map(run).collect_view()
    };
    series
        .iter()
        .enumerate()
        .map(draw)
        .collect_view()
        .into_any()
}

fn areas(plane: &Plane, series: &[Series]) -> AnyView {
    let zero = plane.vertical.place(0.0);
    let draw = |(nth, one): (usize, &Series)| {
        let ground = |run: Vec<(f64, f64)>| {
            let ends = (run.first().copied(), run.last().copied());
            let (Some((first, _)), Some((last, _))) = ends else {
                return None;
            };
            let d = format!("{}L{last:.1} {zero:.1}L{first:.1} {zero:.1}Z", path(&run));
            Some(view! { <path class="area" d=d fill=series_color(nth)></path> })
        };
        runs(plane, one).into_iter().map(ground).collect_view()
    };
    let grounds = series.iter().enumerate().map(draw).collect_view();
    (grounds, lines(plane, series)).into_any()
}
