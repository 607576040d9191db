//! A tree: things inside things, opened and closed by pointer or by keys.

use std::{collections::BTreeSet, sync::Arc};

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::{
    dom::{all, focus, step_focus},
    icon::{Glyph, Icon},
};

/// One node, with what is inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeNode {
    /// What is stored.
    pub id: String,
    /// What is read.
    pub label: String,
    /// What is inside.
    pub children: Vec<TreeNode>,
}

impl TreeNode {
    /// A node with what is inside it.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        label: impl Into<String>,
        children: impl Into<Vec<Self>>,
    ) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            children: children.into(),
        }
    }
}

/// Draws what stands in a node's line; given its id.
pub type NodeView = Arc<dyn Fn(&str) -> AnyView + Send + Sync>;

/// A node and the one that it is to be inside of; `None` for the first level.
pub type NodeMove = (String, Option<String>);

/// What every node needs to know of its tree.
#[derive(Clone, Copy)]
struct TreeContext {
    closed: RwSignal<BTreeSet<String>>,
    chosen: Signal<Option<String>>,
    on_choose: Callback<String>,
    line: StoredValue<Option<NodeView>>,
    on_move: Option<Callback<NodeMove>>,
    dragged: RwSignal<Option<String>>,
    /// Where what is dragged would be inside of.
    over: RwSignal<Option<String>>,
}

/// A tree. Arrow keys move, open and close; Enter chooses. Where nodes may be moved, they are dragged
/// onto another, or go inside the one before with Alt and the right arrow, and outwards with the left.
#[component]
pub fn Tree(
    /// The nodes of the first level.
    #[prop(into)]
    nodes: Signal<Vec<TreeNode>>,
    /// The id of the chosen node.
    #[prop(into)]
    chosen: Signal<Option<String>>,
    /// Called with the id of what was chosen.
    #[prop(into)]
    on_choose: Callback<String>,
    /// What it shows, for people who hear the page.
    #[prop(into)]
    label: Signal<String>,
    /// Draws a node's line; without it the label stands there.
    #[prop(optional)]
    line: Option<NodeView>,
    /// Called with a node and where it is to be; without it nodes stay where they are.
    #[prop(optional, into)]
    on_move: Option<Callback<NodeMove>>,
) -> impl IntoView {
    let context = TreeContext {
        closed: RwSignal::new(BTreeSet::new()),
        chosen,
        on_choose,
        line: StoredValue::new(line),
        on_move,
        dragged: RwSignal::new(None),
        over: RwSignal::new(None),
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        let Some(root) = event
            .current_target()
            .and_then(|at| at.dyn_into::<Element>().ok())
        else {
            return;
        };
        let Some(at) = document()
            .active_element()
            .filter(|at| at.has_attribute("data-node"))
        else {
            return;
        };
        let id = at.get_attribute("data-node").unwrap_or_default();
        if let (true, Some(on_move)) = (event.alt_key(), on_move) {
            if let Some(to) = beside(&at, &event.key()) {
                on_move.run((id, to));
                event.prevent_default();
                event.stop_propagation();
            }
            return;
        }
        let is_open = at.get_attribute("aria-expanded");
        match (event.key().as_str(), is_open.as_deref()) {
            ("ArrowDown", _) => step_focus(&root, LINE, 1),
            ("ArrowUp", _) => step_focus(&root, LINE, -1),
            ("ArrowRight", Some("false")) => context.closed.update(|closed| {
                closed.remove(&id);
            }),
            ("ArrowRight", Some("true")) => step_focus(&root, LINE, 1),
            ("ArrowLeft", Some("true")) => context.closed.update(|closed| {
                closed.insert(id);
            }),
            ("ArrowLeft", _) => {
                let outer = at
                    .parent_element()
                    .and_then(|at| at.closest("[data-node]").ok().flatten());
                outer.iter().for_each(focus);
            }
            ("Home", _) => all(&root, LINE).first().into_iter().for_each(focus),
            ("End", _) => all(&root, LINE).last().into_iter().for_each(focus),
            ("Enter" | " ", _) => on_choose.run(id),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <ul class="tree" role="tree" aria-label=label on:keydown=keydown>
            {move || {
                let nodes = nodes.get();
                nodes.into_iter().enumerate().map(|(at, node)| branch(context, node, at == 0, 1)).collect_view()
            }}
        </ul>
    }
}

const LINE: &str = "[data-node]";

/// Where a node goes by this key: inside the one before it, or out of the one around it.
fn beside(at: &Element, key: &str) -> Option<Option<String>> {
    let node = |at: Element| at.get_attribute("data-node");
    let around = |at: &Element| at.parent_element()?.closest(LINE).ok().flatten();
    match key {
        "ArrowRight" => at.previous_element_sibling().and_then(node).map(Some),
        "ArrowLeft" => Some(around(&around(at)?).and_then(node)),
        _ => None,
    }
}

/// Whether a node is this one or inside of it.
fn is_within(id: &str, outer: &str) -> bool {
    let inside = |at: Element| at.closest(&format!("[data-node='{outer}']")).ok().flatten();
    let found = document().query_selector(&format!("[data-node='{id}']"));
    found.ok().flatten().and_then(inside).is_some()
}

/// One node and what is inside it.
fn branch(context: TreeContext, node: TreeNode, first: bool, level: u32) -> AnyView {
    let TreeNode {
        id,
        label,
        children,
    } = node;
    let id = StoredValue::new(id);
    let has_children = !children.is_empty();
    let children = StoredValue::new(children);
    let open = Memo::new(move |_| {
        context
            .closed
            .with(|closed| id.with_value(|id| !closed.contains(id)))
    });
    let chosen = Memo::new(move |_| {
        context
            .chosen
            .with(|chosen| id.with_value(|id| chosen.as_ref() == Some(id)))
    });
    let flip = move |event: web_sys::MouseEvent| {
        event.stop_propagation();
        context.closed.update(|closed| {
            let id = id.get_value();
            if !closed.remove(&id) {
                closed.insert(id);
            }
        });
    };
    let inside = match context.line.get_value() {
        Some(draw) => id.with_value(|id| draw(id)),
        None => label.clone().into_any(),
    };
    let below = move || {
        (has_children && open.get()).then(|| {
            let nodes = children.get_value();
            view! {
                <ul role="group">
                    {nodes.into_iter().map(|node| branch(context, node, false, level + 1)).collect_view()}
                </ul>
            }
        })
    };
    let choose = move |event: web_sys::MouseEvent| {
        event.stop_propagation();
        context.on_choose.run(id.get_value());
    };
    let start = move |event: web_sys::DragEvent| {
        event.stop_propagation();
        if let Some(data) = event.data_transfer() {
            // Without data some browsers don't begin to drag; nobody reads it.
            let _ = data.set_data("text/plain", "");
        }
        context.dragged.set(Some(id.get_value()));
    };
    let end = move |_| {
        context.dragged.set(None);
        context.over.set(None);
    };
    let taken = move || {
        let dragged = context.dragged.get_untracked()?;
        let inside = id.with_value(|id| is_within(id, &dragged));
        (!inside).then_some(dragged)
    };
    let dragged_over = move |event: web_sys::DragEvent| {
        if taken().is_some() {
            event.prevent_default();
            context.over.set(Some(id.get_value()));
        }
    };
    let dropped = move |event: web_sys::DragEvent| {
        event.prevent_default();
        let moved = taken();
        end(event);
        if let (Some(on_move), Some(moved)) = (context.on_move, moved) {
            on_move.run((moved, Some(id.get_value())));
        }
    };
    let is_over = move || {
        context
            .over
            .with(|over| id.with_value(|id| over.as_ref() == Some(id)))
    };
    view! {
        <li
            role="treeitem"
            data-node=id.get_value()
            aria-label=label
            attr:aria-level=level.to_string()
            aria-expanded=move || has_children.then(|| open.get().to_string())
            aria-selected=move || chosen.get().to_string()
            tabindex=move || if chosen.get() || (first && context.chosen.with(Option::is_none)) { "0" } else { "-1" }
            on:click=choose
            draggable=context.on_move.map(|_| "true")
            on:dragstart=start
            on:dragend=end
        >
            <div
                class="tree-line"
                class:on=chosen
                class:over=is_over
                on:dragover=dragged_over
                on:drop=dropped
                style:--level=(level - 1).to_string()
            >
                <span class="tree-flip" class:open=open class:leaf=!has_children on:click=flip>
                    <Icon glyph=Glyph::ChevronRight />
                </span>
                {inside}
            </div>
            {below}
        </li>
    }
    .into_any()
}
