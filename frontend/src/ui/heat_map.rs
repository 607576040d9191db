//! A heat map: how much, on two axes at once.

use leptos::prelude::*;

use super::chart::{ChartFormat, ChartFrame, ChartTexts, Series};

/// Cells that are darker the larger their figure. One series is one column.
#[component]
pub fn HeatMap(
    /// What it shows.
    #[prop(into)]
    title: Signal<String>,
    /// In what the figures are.
    #[prop(optional, into)]
    unit: Signal<String>,
    /// The rows.
    #[prop(into)]
    labels: Signal<Vec<String>>,
    /// The columns.
    #[prop(into)]
    series: Signal<Vec<Series>>,
    /// How figures are written.
    #[prop(optional, into)]
    format: ChartFormat,
    /// The words.
    #[prop(into)]
    texts: Signal<ChartTexts>,
) -> impl IntoView {
    let kept = StoredValue::new(format.clone());
    let most = move || {
        series.with(|series| {
            series
                .iter()
                .flat_map(|one| one.values.iter().flatten())
                .copied()
                .fold(0.0, f64::max)
        })
    };
    let rows = move || {
        let (most, series) = (most(), series.get());
        let row = |(at, label): (usize, String)| {
            let cell = |one: &Series| {
                let value = one.values.get(at).copied().flatten();
                let share = value.map_or(0.0, |value| if most > 0.0 { value / most } else { 0.0 });
                let text = value.map_or_else(String::new, |value| {
                    kept.with_value(|format| format.write(value))
                });
                view! {
                    <td
                        style:--heat=format!("{:.0}%", share * 55.0)
                        title=format!("{label} · {}: {text}", one.name)
                    >
                        {text.clone()}
                    </td>
                }
            };
            view! { <tr><th scope="row">{label.clone()}</th>{series.iter().map(cell).collect_view()}</tr> }
        };
        labels.get().into_iter().enumerate().map(row).collect_view()
    };
    let heads = move || {
        series
            .get()
            .into_iter()
            .map(|one| view! { <th scope="col">{one.name}</th> })
            .collect_view()
    };
    view! {
        <ChartFrame title=title unit=unit labels=labels series=series format=format texts=texts hide_legend=true>
            <div class="heat" tabindex="0" role="region" aria-label=title>
                <table>
                    <thead>
                        <tr>
                            <td></td>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </ChartFrame>
    }
}
