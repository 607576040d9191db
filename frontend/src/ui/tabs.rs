//! Tabs, and the segmented switch between few views.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::dom::{all, focus, step_focus};

/// One tab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tab {
    /// What is stored.
    pub key: String,
    /// What is read.
    pub label: String,
    /// A number beside it, ready to be read.
    pub count: Option<String>,
    /// The number in red.
    pub hot: bool,
}

impl Tab {
    /// A tab with its text.
    #[must_use]
    pub fn new(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            count: None,
            hot: false,
        }
    }

    /// The same with a number.
    #[must_use]
    pub fn count(self, count: impl Into<String>) -> Self {
        Self {
            count: Some(count.into()),
            ..self
        }
    }

    /// The same with the number in red.
    #[must_use]
    pub fn hot(self) -> Self {
        Self { hot: true, ..self }
    }
}

/// Keys that move among tabs and segments.
fn move_among(event: &web_sys::KeyboardEvent, selector: &str) {
    let Some(root) = event.current_target().and_then(|at| at.dyn_into().ok()) else {
        return;
    };
    match event.key().as_str() {
        "ArrowRight" => step_focus(&root, selector, 1),
        "ArrowLeft" => step_focus(&root, selector, -1),
        "Home" => all(&root, selector).first().into_iter().for_each(focus),
        "End" => all(&root, selector).last().into_iter().for_each(focus),
        _ => return,
    }
    event.prevent_default();
}

/// A row of tabs. Arrow keys move, Enter or Space chooses. What belongs to the chosen one stands in a
/// [`TabPanel`] with the same `id`.
#[component]
pub fn Tabs(
    /// The tabs.
    #[prop(into)]
    tabs: Signal<Vec<Tab>>,
    /// The key of the chosen one.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the key of what was chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// What the row is called, for people who hear the page.
    #[prop(into)]
    label: Signal<String>,
    /// Ties the tabs to their panel.
    #[prop(into)]
    id: String,
    /// What stands after the last tab, such as a button for one more.
    #[prop(optional, into)]
    after: Option<ViewFnOnce>,
) -> impl IntoView {
    let id = StoredValue::new(id);
    let tab = move |tab: Tab| {
        let (own, chosen) = (tab.key.clone(), tab.key);
        let selected = Memo::new(move |_| value.with(|value| *value == own));
        view! {
            <button
                type="button"
                class="tab"
                role="tab"
                id=format!("{}-tab-{chosen}", id.get_value())
                aria-controls=format!("{}-panel", id.get_value())
                aria-selected=move || selected.get().to_string()
                tabindex=move || if selected.get() { "0" } else { "-1" }
                on:click=move |_| on_change.run(chosen.clone())
            >
                {tab.label}
                {tab.count.map(|count| view! { <small class:hot=tab.hot>{count}</small> })}
            </button>
        }
    };
    view! {
        <div class="tabs">
            <div
                class="tablist"
                role="tablist"
                aria-label=label
                on:keydown=move |event| move_among(&event, "[role=tab]")
            >
                {move || tabs.get().into_iter().map(tab).collect_view()}
            </div>
            {after.map(|after| after.run())}
        </div>
    }
}

/// What belongs to the chosen tab.
#[component]
pub fn TabPanel(
    /// The same `id` as the tabs have.
    #[prop(into)]
    id: String,
    /// The key of the chosen tab.
    #[prop(into)]
    value: Signal<String>,
    /// What it shows.
    children: Children,
) -> impl IntoView {
    let panel_id = format!("{id}-panel");
    view! {
        <div
            role="tabpanel"
            id=panel_id
            aria-labelledby=move || format!("{id}-tab-{}", value.get())
            tabindex="0"
            class="tab-panel"
        >
            {children()}
        </div>
    }
}

/// A switch between few views of the same thing, such as board and list.
#[component]
pub fn Segment(
    /// The views; counts are not drawn.
    #[prop(into)]
    choices: Signal<Vec<Tab>>,
    /// The key of the chosen one.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the key of what was chosen.
    #[prop(into)]
    on_change: Callback<String>,
    /// What is being switched.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let choice = move |choice: Tab| {
        let (own, chosen) = (choice.key.clone(), choice.key);
        let selected = Memo::new(move |_| value.with(|value| *value == own));
        view! {
            <button
                type="button"
                role="radio"
                aria-checked=move || selected.get().to_string()
                tabindex=move || if selected.get() { "0" } else { "-1" }
                on:click=move |_| on_change.run(chosen.clone())
            >
                {choice.label}
            </button>
        }
    };
    view! {
        <div
            class="segment"
            role="radiogroup"
            aria-label=label
            on:keydown=move |event| move_among(&event, "[role=radio]")
        >
            {move || choices.get().into_iter().map(choice).collect_view()}
        </div>
    }
}
