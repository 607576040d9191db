//! How a page is laid out: its head, facts in two columns, figures, steps.

use leptos::prelude::*;

use super::{progress::ProgressBar, tone::Tone};

/// The head of a page: title, a remark beside it, and actions at the right.
#[component]
pub fn PageHead(
    /// The title.
    #[prop(into)]
    title: Signal<String>,
    /// Beside it, such as how many there are.
    #[prop(optional, into)]
    remark: Signal<String>,
    /// The actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="page-head">
            <h1>{title}</h1>
            <span class="muted">{remark}</span>
            <div class="page-actions">{children.map(|children| children())}</div>
        </div>
    }
}

/// Names and values in two columns.
#[component]
pub fn Facts(
    /// [`Fact`]s.
    children: Children,
) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One name and its value.
#[component]
pub fn Fact(
    /// The name.
    #[prop(into)]
    label: Signal<String>,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <dt>{label}</dt>
        <dd>{children()}</dd>
    }
}

/// A figure that matters, against what it should be.
#[component]
pub fn Figure(
    /// What is counted.
    #[prop(into)]
    label: Signal<String>,
    /// How much, ready to be read.
    #[prop(into)]
    value: Signal<String>,
    /// What it should be in the end, ready to be read, such as "/ 180".
    #[prop(optional, into)]
    goal: Signal<String>,
    /// How it stands against the pace or the time before.
    #[prop(optional, into)]
    change: Signal<String>,
    /// What the change means.
    #[prop(optional, into)]
    change_tone: Signal<Tone>,
    /// How far, 0 to 1; without it there is no bar.
    #[prop(optional, into)]
    progress: Option<Signal<Option<f64>>>,
    /// Where it should be by now, 0 to 1.
    #[prop(optional, into)]
    pace: Signal<Option<f64>>,
    /// What the colour of the bar says.
    #[prop(default = Tone::Accent.into(), into)]
    tone: Signal<Tone>,
    /// Below, at the left.
    #[prop(optional, into)]
    foot: Signal<String>,
    /// Below, at the right.
    #[prop(optional, into)]
    foot_end: Signal<String>,
) -> impl IntoView {
    view! {
        <section class="card figure">
            <div class="figure-label">
                <span>{label}</span>
                <span class="figure-change" data-tone=move || change_tone.get().name()>{change}</span>
            </div>
            <div class="figure-value">{value} " " <small>{goal}</small></div>
            {progress
                .map(|value| view! { <ProgressBar value=value pace=pace tone=tone label=label /> })}
            <div class="figure-foot">
                <span>{foot}</span>
                <span>{foot_end}</span>
            </div>
        </section>
    }
}

/// One step on a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is stored.
    pub key: String,
    /// What is read.
    pub label: String,
    /// It can be gone to from here.
    pub open: bool,
}

/// A path of steps as arrows: those behind, the present one, those ahead.
#[component]
pub fn Steps(
    /// The steps in order.
    #[prop(into)]
    steps: Signal<Vec<Step>>,
    /// The key of the present one.
    #[prop(into)]
    current: Signal<String>,
    /// What the path is, for people who hear the page.
    #[prop(into)]
    label: Signal<String>,
    /// What the present step means; `Danger` when the path ended badly.
    #[prop(default = Tone::Accent.into(), into)]
    tone: Signal<Tone>,
    /// Called with the key of the step to go to.
    #[prop(optional, into)]
    on_step: Option<Callback<String>>,
) -> impl IntoView {
    let draw = move || {
        let now = current.get();
        let steps = steps.get();
        let here = steps.iter().position(|step| step.key == now);
        let one = |(at, step): (usize, Step)| {
            let (key, title) = (step.key.clone(), step.label.clone());
            let press = move |_| {
                if let Some(on_step) = on_step {
                    on_step.run(key.clone());
                }
            };
            view! {
                <li>
                    <button
                        type="button"
                        class:done=here.is_some_and(|here| at < here)
                        aria-current=(here == Some(at)).then_some("step")
                        disabled=!step.open || on_step.is_none()
                        title=title
                        on:click=press
                    >
                        <span class="clip">{step.label}</span>
                    </button>
                </li>
            }
        };
        steps.into_iter().enumerate().map(one).collect_view()
    };
    view! {
        <ol class="steps" aria-label=label data-tone=move || tone.get().name()>
            {draw}
        </ol>
    }
}
