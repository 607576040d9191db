//! A tree drawn as boxes below each other: who stands where.

use leptos::prelude::*;

use super::tree::{NodeView, TreeNode};

/// Boxes and lines. Each box is drawn by the page and can be pressed.
#[component]
pub fn OrgChart(
    /// The boxes of the first level.
    #[prop(into)]
    nodes: Signal<Vec<TreeNode>>,
    /// Draws what stands in a box; given its id.
    card: NodeView,
    /// What it shows, for people who hear the page.
    #[prop(into)]
    label: Signal<String>,
    /// Called with the id of a box that was pressed.
    #[prop(into)]
    on_open: Callback<String>,
) -> impl IntoView {
    let card = StoredValue::new(card);
    view! {
        <div class="org" tabindex="0" role="region" aria-label=label>
            <ul class="org-level">
                {move || nodes.get().into_iter().map(|node| branch(node, card, on_open)).collect_view()}
            </ul>
        </div>
    }
}

/// A box and what is below it.
fn branch(node: TreeNode, card: StoredValue<NodeView>, on_open: Callback<String>) -> AnyView {
    let TreeNode {
        id,
        label,
        children,
    } = node;
    let inside = card.with_value(|draw| draw(&id));
    let below = (!children.is_empty()).then(|| {
        view! {
            <ul class="org-level">
                {children.into_iter().map(|child| branch(child, card, on_open)).collect_view()}
            </ul>
        }
    });
    view! {
        <li>
            <button type="button" class="org-card" aria-label=label on:click=move |_| on_open.run(id.clone())>
                {inside}
            </button>
            {below}
        </li>
    }
    .into_any()
}
