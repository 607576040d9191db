//! Breadcrumbs: where this page lies.

use leptos::prelude::*;

/// One step on the way to this page; the last one has no link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub href: Option<String>,
}

impl Crumb {
    /// A step that leads somewhere.
    #[must_use]
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: Some(href.into()),
        }
    }

    /// The page itself.
    #[must_use]
    pub fn here(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: None,
        }
    }
}

/// The way to this page, first step first.
#[component]
pub fn Breadcrumbs(
    /// The steps.
    #[prop(into)]
    items: Signal<Vec<Crumb>>,
    /// The name of this navigation for people who hear the page.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let step = |crumb: Crumb| match crumb.href {
        Some(href) => view! { <li><a href=href>{crumb.label}</a></li> }.into_any(),
        None => view! { <li><b aria-current="page">{crumb.label}</b></li> }.into_any(),
    };
    view! {
        <nav class="crumbs" aria-label=label>
            <ol>{move || items.get().into_iter().map(step).collect_view()}</ol>
        </nav>
    }
}
