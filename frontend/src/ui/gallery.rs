//! The page `/ui`: every part in every state. Its texts are examples and stay untranslated.

pub mod basics;
pub mod charts;
pub mod data;
pub mod forms;
pub mod layers;
pub mod schedule;

use leptos::prelude::*;

use super::prelude::*;

/// Every part in every state, for people who build pages.
#[component]
pub fn Gallery() -> impl IntoView {
    let theme = RwSignal::new("auto".to_owned());
    Effect::new(move |before: Option<()>| {
        let theme = theme.get();
        if before.is_some() {
            let root = document().document_element();
            // The attribute is there or it is not; neither can fail.
            let _ = root.map(|root| match theme.as_str() {
                "auto" => root.remove_attribute("data-theme"),
                chosen => root.set_attribute("data-theme", chosen),
            });
        }
    });
    let themes = ["auto", "light", "dark"]
        .map(|key| Tab::new(key, key))
        .to_vec();
    view! {
        <main class="gallery">
            <PageHead title="Parts" remark="Every part in every state">
                <Segment
                    choices=themes
                    value=theme
                    on_change=move |key| theme.set(key)
                    label="Theme"
                />
            </PageHead>
            <basics::Basics />
            <forms::Forms />
            <layers::Layers />
            <data::Data />
            <charts::Charts />
            <schedule::Schedule />
        </main>
    }
}

/// A heading and what belongs under it.
#[component]
fn Shelf(
    /// The heading.
    title: &'static str,
    /// The parts.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="shelf">
            <h2>{title}</h2>
            <div class="shelf-body">{children()}</div>
        </section>
    }
}
