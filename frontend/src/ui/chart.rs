//! What all charts share: the data, how figures are written, the frame with title, legend, table and export.

use std::sync::Arc;

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};

use super::{
    anchored::Placement,
    button::{ButtonKind, IconButton},
    chart_export::{save_csv, save_png},
    icon::Glyph,
    menu::{Menu, MenuItem},
};

/// One row of figures under a name: one line, one colour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// One figure for each label; `None` where there is none.
    pub values: Vec<Option<f64>>,
}

impl Series {
    /// Figures without gaps.
    #[must_use]
    pub fn new(name: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        Self {
            name: name.into(),
            values: values.into_iter().map(Some).collect(),
        }
    }

    /// The figure at a place, zero where there is none.
    #[must_use]
    pub fn at(&self, at: usize) -> f64 {
        self.values.get(at).copied().flatten().unwrap_or(0.0)
    }
}

/// How a figure is written.
#[derive(Clone)]
pub struct ChartFormat(Arc<dyn Fn(f64) -> String + Send + Sync>);

impl<F: Fn(f64) -> String + Send + Sync + 'static> From<F> for ChartFormat {
    fn from(write: F) -> Self {
        Self(Arc::new(write))
    }
}

impl Default for ChartFormat {
    fn default() -> Self {
        Self::from(|value: f64| format!("{}", (value * 100.0).round() / 100.0))
    }
}

impl ChartFormat {
    /// The figure as a text.
    #[must_use]
    pub fn write(&self, value: f64) -> String {
        (self.0)(value)
    }
}

/// The words around a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartTexts {
    /// For the button that shows the table.
    pub table: String,
    /// For the button that shows the chart.
    pub chart: String,
    /// For the menu.
    pub more: String,
    /// For saving the picture.
    pub png: String,
    /// For saving the figures.
    pub csv: String,
}

/// The colour of the series at that place, as CSS.
#[must_use]
pub fn series_color(at: usize) -> String {
    format!("var(--chart-{})", at % 8 + 1)
}

/// A title, a legend, the chart or its table, and ways to take both along.
#[component]
pub fn ChartFrame(
    /// What the chart shows.
    #[prop(into)]
    title: Signal<String>,
    /// In what the figures are, such as "CNY" or "pieces".
    #[prop(optional, into)]
    unit: Signal<String>,
    /// The labels: the first column of the table.
    #[prop(into)]
    labels: Signal<Vec<String>>,
    /// The figures: the other columns.
    #[prop(into)]
    series: Signal<Vec<Series>>,
    /// How figures are written.
    #[prop(optional, into)]
    format: ChartFormat,
    /// The words.
    #[prop(into)]
    texts: Signal<ChartTexts>,
    /// Without the names of the series below the title.
    #[prop(optional)]
    hide_legend: bool,
    /// The chart.
    children: ChildrenFn,
) -> impl IntoView {
    let as_table = RwSignal::new(false);
    let node = NodeRef::<html::Div>::new();
    let children = StoredValue::new(children);
    let format = StoredValue::new(format);
    let word = move |pick: fn(&ChartTexts) -> &String| texts.with(|texts| pick(texts).clone());
    let items = Signal::derive(move || {
        let csv = move || untrack(|| save_csv(&title.get(), &labels.get(), &series.get()));
        let mut items = vec![MenuItem::new(word(|texts| &texts.csv), csv).glyph(Glyph::Download)];
        if !as_table.get() {
            let png = move || {
                if let Some(node) = node.get_untracked() {
                    save_png(&title.get_untracked(), &node);
                }
            };
            items.push(MenuItem::new(word(|texts| &texts.png), png).glyph(Glyph::Image));
        }
        items
    });
    let flip = Signal::derive(move || {
        if as_table.get() {
            Glyph::Chart
        } else {
            Glyph::List
        }
    });
    let flip_label = Signal::derive(move || {
        if as_table.get() {
            word(|texts| &texts.chart)
        } else {
            word(|texts| &texts.table)
        }
    });
    let legend = move || {
        let names = series.get();
        (!hide_legend && names.len() > 1 && !as_table.get()).then(|| {
            let one = |(at, series): (usize, Series)| {
                view! { <li><i style:background=series_color(at)></i>{series.name}</li> }
            };
            view! {
                <ul class="legend" aria-hidden="true">
                    {names.into_iter().enumerate().map(one).collect_view()}
                </ul>
            }
        })
    };
    let body = move || {
        if as_table.get() {
            view! { <ChartTable labels=labels series=series format=format.get_value() title=title /> }.into_any()
        } else {
            children.with_value(|children| children())
        }
    };
    view! {
        <figure class="chart">
            <figcaption class="chart-head">
                <h3>{title}</h3>
                <span class="muted">{unit}</span>
                <span class="grow"></span>
                {move || {
                    view! {
                        <IconButton
                            glyph=flip.get()
                            label=flip_label
                            small=true
                            on_press=move |()| as_table.update(|table| *table = !*table)
                        />
                    }
                }}
                <Menu
                    label=Signal::derive(move || word(|texts| &texts.more))
                    icon=Glyph::Dots
                    icon_only=true
                    small=true
                    kind=ButtonKind::Quiet
                    placement=Placement::BelowEnd
                    items=items
                />
            </figcaption>
            {legend}
            <div class="chart-body" node_ref=node>{body}</div>
        </figure>
    }
}

/// The same figures as a table.
#[component]
fn ChartTable(
    labels: Signal<Vec<String>>,
    series: Signal<Vec<Series>>,
    format: ChartFormat,
    title: Signal<String>,
) -> impl IntoView {
    let rows = move || {
        let series = series.get();
        let row = |(at, label): (usize, String)| {
            let cells = series.iter().map(|series| {
                let value = series.values.get(at).copied().flatten();
                let text = value.map_or_else(|| "—".to_owned(), |value| format.write(value));
                view! { <td class="num">{text}</td> }
            });
            view! { <tr><td>{label}</td>{cells.collect_view()}</tr> }
        };
        labels.get().into_iter().enumerate().map(row).collect_view()
    };
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label=title>
            <table class="simple-table">
                <thead>
                    <tr>
                        <td></td>
                        {move || {
                            series.get().into_iter().map(|s| view! { <th scope="col" class="num">{s.name}</th> }).collect_view()
                        }}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The width of an element in pixels, as it changes.
#[must_use]
pub fn width_of(node: NodeRef<html::Div>) -> Signal<f64> {
    let width = RwSignal::new(0.0);
    let watcher = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let measured = element.clone();
        let measure = Closure::<dyn FnMut()>::new(move || {
            let now = measured.get_bounding_client_rect().width();
            if (now - width.get_untracked()).abs() > 0.5 {
                width.set(now);
            }
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(measure.as_ref().unchecked_ref()) {
            observer.observe(&element);
            watcher.set_value(Some((observer, measure)));
        }
    });
    on_cleanup(move || {
        if let Some((observer, _)) = watcher.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    });
    width.into()
}
