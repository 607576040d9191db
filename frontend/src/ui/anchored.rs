//! What floats next to something: menus, lists of choices, calendars. It lies in the browser's top
//! layer, so nothing cuts it off, and follows its anchor while the page scrolls.

use leptos::{ev, html, leptos_dom::helpers::WindowListenerHandle, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::dom::{focus, focus_is_lost, number, window_size};

/// Where it floats, seen from its anchor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// Below, left edges in line.
    #[default]
    BelowStart,
    /// Below, right edges in line.
    BelowEnd,
    /// Above, in the middle.
    Above,
}

/// A floating surface. Its anchor is the element that it is written into. It closes on Escape and on a
/// press outside, and gives the focus back to where it was.
#[component]
pub fn Anchored(
    /// True while it is shown.
    #[prop(into)]
    open: Signal<bool>,
    /// Called when it wants to be closed.
    #[prop(into)]
    on_close: Callback<()>,
    /// Where it floats.
    #[prop(optional)]
    placement: Placement,
    /// At least as wide as its anchor.
    #[prop(optional)]
    match_width: bool,
    /// The focus stays where it was, as in a text with suggestions.
    #[prop(optional)]
    keep_focus: bool,
    /// A class for the surface.
    #[prop(default = "")]
    class: &'static str,
    /// What it shows.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let before = StoredValue::new_local(None::<Element>);
    let listeners = StoredValue::new_local(Vec::<WindowListenerHandle>::new());
    let stop = move || {
        for listener in listeners
            .try_update_value(std::mem::take)
            .unwrap_or_default()
        {
            listener.remove();
        }
    };
    on_cleanup(stop);
    Effect::new(move |was_open: Option<bool>| {
        let open = open.get();
        let Some(surface) = node.get() else {
            return open;
        };
        let surface: HtmlElement = surface.unchecked_into();
        if open {
            before.set_value(document().active_element());
            // Showing fails only when it is shown already.
            let _ = surface.show_popover();
            place(&surface, placement, match_width);
            let first = surface
                .query_selector("[autofocus],[data-first]")
                .ok()
                .flatten();
            if let (false, Some(first)) = (keep_focus, first) {
                focus(&first);
            }
            listeners.set_value(listen(&surface, placement, match_width, on_close));
        } else if was_open == Some(true) {
            stop();
            // Its contents are gone already, and with them the focus that they held.
            let inside = |at: Element| surface.contains(Some(&at));
            let lost = focus_is_lost() || document().active_element().is_some_and(inside);
            let _ = surface.hide_popover();
            if let (true, Some(before)) = (lost, before.get_value()) {
                focus(&before);
            }
        }
        open
    });
    let keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.prevent_default();
            event.stop_propagation();
            on_close.run(());
        }
    };
    view! {
        <div node_ref=node class=format!("float {class}") popover="manual" on:keydown=keydown>
            {move || open.get().then(|| children())}
        </div>
    }
}

/// Follows the page while the surface is open, and tells of presses outside.
fn listen(
    surface: &HtmlElement,
    placement: Placement,
    match_width: bool,
    on_close: Callback<()>,
) -> Vec<WindowListenerHandle> {
    let (for_press, for_resize, for_scroll) = (surface.clone(), surface.clone(), surface.clone());
    vec![
        window_event_listener(ev::pointerdown, move |event| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            let inside = for_press.parent_element().is_some_and(|anchor| {
                target
                    .as_ref()
                    .is_some_and(|target| anchor.contains(Some(target)))
            });
            if !inside {
                on_close.run(());
            }
        }),
        window_event_listener(ev::resize, move |_| {
            place(&for_resize, placement, match_width)
        }),
        // Inner scrolling does not bubble up to the window, but the wheel and the finger do.
        window_event_listener(ev::wheel, move |_| {
            let surface = for_scroll.clone();
            request_animation_frame(move || place(&surface, placement, match_width));
        }),
    ]
}

/// Puts the surface next to its anchor, inside the window, above it where there is no room below.
fn place(surface: &HtmlElement, placement: Placement, match_width: bool) {
    const GAP: f64 = 4.0;
    const EDGE: f64 = 8.0;
    let Some(anchor) = surface.parent_element() else {
        return;
    };
    let at = anchor.get_bounding_client_rect();
    let (window_width, window_height) = window_size();
    let style = surface.style();
    let set = |name: &str, value: f64| {
        // A property that exists can always be set.
        let _ = style.set_property(name, &format!("{value:.1}px"));
    };
    if match_width {
        set("min-width", at.width());
    }
    let side = |value: i32| number(usize::try_from(value).unwrap_or(0));
    let (width, height) = (side(surface.offset_width()), side(surface.offset_height()));
    let left = match placement {
        Placement::BelowStart => at.left(),
        Placement::BelowEnd => at.right() - width,
        Placement::Above => at.left() + (at.width() - width) / 2.0,
    };
    let (below, above) = (at.bottom() + GAP, at.top() - GAP - height);
    let room_below = below + height <= window_height - EDGE;
    let top = match placement {
        Placement::Above if above >= EDGE => above,
        _ if room_below || at.top() < window_height - at.bottom() => below,
        _ => above,
    };
    set("left", left.min(window_width - width - EDGE).max(EDGE));
    set("top", top.min(window_height - height - EDGE).max(EDGE));
}
