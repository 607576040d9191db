//! A funnel: how many are at each step, and what they are worth.

use leptos::prelude::*;

use super::chart::{ChartFormat, ChartFrame, ChartTexts, Series};
use super::dom::number;

/// One step of a funnel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelStep {
    /// What it is called.
    pub label: String,
    /// How many are there.
    pub count: f64,
    /// What they are worth, ready to be read.
    pub note: String,
}

/// Bars that become shorter and darker from step to step.
#[component]
pub fn FunnelChart(
    /// What it shows.
    #[prop(into)]
    title: Signal<String>,
    /// In what the figures are, or a remark.
    #[prop(optional, into)]
    unit: Signal<String>,
    /// The steps in order.
    #[prop(into)]
    steps: Signal<Vec<FunnelStep>>,
    /// What is counted, for the table.
    #[prop(into)]
    measure: Signal<String>,
    /// How figures are written.
    #[prop(optional, into)]
    format: ChartFormat,
    /// The words.
    #[prop(into)]
    texts: Signal<ChartTexts>,
    /// Called with the place of a step that was pressed.
    #[prop(optional, into)]
    on_step: Option<Callback<usize>>,
) -> impl IntoView {
    let labels = Signal::derive(move || {
        steps.with(|steps| {
            steps
                .iter()
                .map(|step| step.label.clone())
                .collect::<Vec<_>>()
        })
    });
    let series = Signal::derive(move || {
        steps.with(|steps| {
            vec![Series::new(
                measure.get(),
                steps.iter().map(|step| step.count),
            )]
        })
    });
    let kept = StoredValue::new(format.clone());
    let bars = move || {
        let steps = steps.get();
        let most = steps.iter().map(|step| step.count).fold(1.0, f64::max);
        let last = number(steps.len().saturating_sub(1)).max(1.0);
        let bar = |(at, step): (usize, FunnelStep)| {
            let width = format!("{:.1}%", (step.count / most * 100.0).max(8.0));
            let depth = format!("{:.0}%", 8.0 + number(at) / last * 40.0);
            let text = kept.with_value(|format| format.write(step.count));
            let press = move |_| {
                if let Some(on_step) = on_step {
                    on_step.run(at);
                }
            };
            view! {
                <li>
                    <button type="button" class="funnel-step" disabled=on_step.is_none() on:click=press>
                        <span class="clip">{step.label}</span>
                        <span class="funnel-room">
                            <span class="funnel-bar" style:width=width style:--depth=depth>{text}</span>
                        </span>
                        <span class="muted num">{step.note}</span>
                    </button>
                </li>
            }
        };
        steps.into_iter().enumerate().map(bar).collect_view()
    };
    view! {
        <ChartFrame title=title unit=unit labels=labels series=series format=format texts=texts hide_legend=true>
            <ol class="funnel">{bars}</ol>
        </ChartFrame>
    }
}
