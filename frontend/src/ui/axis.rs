//! The plane that bars and lines are drawn on: marks, labels, and the figures under the pointer.

use leptos::{html, prelude::*};

use super::{
    chart::{ChartFormat, Series, series_color, width_of},
    dom::{number, whole},
    scale::{Scale, marks},
};

/// Room for the figures at the left, in pixels.
const LEFT: f64 = 52.0;
/// Room for the labels below, in pixels.
const BELOW: f64 = 24.0;
/// Room above the highest mark, in pixels.
const ABOVE: f64 = 8.0;

/// Where things are on the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// From figures to heights.
    pub vertical: Scale,
    /// Where the first slot begins.
    pub left: f64,
    /// How wide one label's slot is.
    pub slot: f64,
    /// The width of the whole.
    pub width: f64,
    /// The height of the whole.
    pub height: f64,
}

impl Plane {
    /// The middle of a slot.
    #[must_use]
    pub fn middle(&self, at: usize) -> f64 {
        self.left + self.slot * (number(at) + 0.5)
    }
}

/// Draws what lies on a plane.
pub type Draw = fn(&Plane, &[Series]) -> AnyView;

/// The plane with its marks. Left and right arrow keys move the figures that are shown.
#[component]
pub fn PlaneView(
    /// What the chart shows, for people who hear the page.
    #[prop(into)]
    label: Signal<String>,
    /// Along the bottom.
    #[prop(into)]
    labels: Signal<Vec<String>>,
    /// The figures.
    #[prop(into)]
    series: Signal<Vec<Series>>,
    /// The figures of one label lie on each other.
    stacked: bool,
    /// How figures are written.
    format: ChartFormat,
    /// How high it is, in pixels.
    height: f64,
    /// Draws bars or lines.
    draw: Draw,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = width_of(node);
    let hovered = RwSignal::new(None::<usize>);
    let format = StoredValue::new(format);
    let ticks = Memo::new(move |_| {
        let (low, high) = series.with(|series| bounds(series, labels.with(Vec::len), stacked));
        marks(low, high, 4)
    });
    let plane = Memo::new(move |_| {
        let (low, high) = ticks.with(|ticks| {
            (
                ticks.first().copied().unwrap_or(0.0),
                ticks.last().copied().unwrap_or(1.0),
            )
        });
        let count = number(labels.with(Vec::len)).max(1.0);
        let slot = (width.get() - LEFT - 4.0).max(1.0) / count;
        let vertical = Scale {
            low,
            high,
            from: height - BELOW,
            to: ABOVE,
        };
        Plane {
            vertical,
            left: LEFT,
            slot,
            width: width.get(),
            height,
        }
    });
    let grid = move || {
        plane.with(|plane| {
            let line = |tick: &f64| {
                let y = plane.vertical.place(*tick);
                let text = format.with_value(|format| format.write(*tick));
                view! {
                    <line class="grid" class:zero=*tick == 0.0 x1=LEFT x2=plane.width y1=y y2=y></line>
                    <text class="mark" x=LEFT - 8.0 y=y + 4.0 text-anchor="end">{text}</text>
                }
            };
            ticks.with(|ticks| ticks.iter().map(line).collect_view())
        })
    };
    let names = move || {
        plane.with(|plane| {
            let labels = labels.get();
            let longest = labels.iter().map(|label| text_width(label)).fold(0.0, f64::max);
            let every = whole((longest + 10.0) / plane.slot.max(1.0)) + 1;
            let name = |(at, label): (usize, String)| {
                view! {
                    <text class="mark" x=plane.middle(at) y=plane.height - 7.0 text-anchor="middle">{label}</text>
                }
            };
            labels.into_iter().enumerate().step_by(every).map(name).collect_view()
        })
    };
    let marks_drawn = move || plane.with(|plane| series.with(|series| draw(plane, series)));
    let find = move |event: web_sys::PointerEvent| {
        let x = f64::from(event.offset_x());
        let at = plane.with_untracked(|plane| whole((x - plane.left) / plane.slot));
        hovered.set((x > LEFT).then(|| at.min(labels.with_untracked(Vec::len).saturating_sub(1))));
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        let count = labels.with_untracked(Vec::len);
        let at = hovered.get_untracked();
        let to = match event.key().as_str() {
            "ArrowRight" => at.map_or(0, |at| (at + 1).min(count.saturating_sub(1))),
            "ArrowLeft" => at.map_or(0, |at| at.saturating_sub(1)),
            _ => return,
        };
        event.prevent_default();
        hovered.set(Some(to));
    };
    let band = move || {
        let at = hovered.get()?;
        plane.with(|plane| {
            let x = plane.left + plane.slot * number(at);
            Some(view! {
                <rect class="band" x=x y=ABOVE width=plane.slot height=plane.height - ABOVE - BELOW></rect>
            })
        })
    };
    let tip = move || {
        let at = hovered.get()?;
        let head = labels.with(|labels| labels.get(at).cloned())?;
        let left = plane.with(|plane| {
            let middle = plane.middle(at);
            if middle > plane.width / 2.0 {
                (None, Some(plane.width - middle + 12.0))
            } else {
                (Some(middle + 12.0), None)
            }
        });
        let line = |(nth, series): (usize, &Series)| {
            let value = series.values.get(at).copied().flatten()?;
            let text = format.with_value(|format| format.write(value));
            Some(
                view! { <li><i style:background=series_color(nth)></i><span>{series.name.clone()}</span><b>{text}</b></li> },
            )
        };
        let lines = series.with(|series| series.iter().enumerate().map(line).collect_view());
        let pixels = |value: Option<f64>| {
            value.map_or_else(|| "auto".to_owned(), |value| format!("{value:.0}px"))
        };
        Some(view! {
            <div class="chart-tip" style:left=pixels(left.0) style:right=pixels(left.1)>
                <b>{head}</b>
                <ul>{lines}</ul>
            </div>
        })
    };
    view! {
        <div
            class="plane"
            node_ref=node
            tabindex="0"
            role="group"
            aria-label=label
            on:keydown=keydown
            on:blur=move |_| hovered.set(None)
            style:height=format!("{height}px")
        >
            <svg
                class="plot"
                width="100%"
                height=height
                role="img"
                aria-label=label
                on:pointermove=find
                on:pointerleave=move |_| hovered.set(None)
            >
                {grid}
                {band}
                {names}
                {marks_drawn}
            </svg>
            <div aria-live="polite">{tip}</div>
        </div>
    }
}

/// The smallest and the largest figure; of stacks, the sums.
fn bounds(series: &[Series], count: usize, stacked: bool) -> (f64, f64) {
    let mut low = 0.0_f64;
    let mut high = 0.0_f64;
    for at in 0..count {
        let values = || series.iter().map(|series| series.at(at));
        if stacked {
            low = low.min(values().filter(|value| *value < 0.0).sum());
            high = high.max(values().filter(|value| *value > 0.0).sum());
        } else {
            low = values().fold(low, f64::min);
            high = values().fold(high, f64::max);
        }
    }
    (low, high)
}

/// About how wide a label is, in pixels: Chinese letters are twice as wide as Latin ones.
fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|c| if c.is_ascii() { 6.5 } else { 12.0 })
        .sum()
}
