//! Dragging by touch: a long press lifts something, it follows the finger, what lies below scrolls at
//! its edges, and lifting the finger drops it.

use std::time::Duration;

use leptos::{
    html, leptos_dom::helpers::IntervalHandle, leptos_dom::helpers::TimeoutHandle, prelude::*,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, PointerEvent};

/// How long a finger rests on something before it is lifted.
const HOLD: Duration = Duration::from_millis(350);
/// How far a finger may slip meanwhile, in pixels.
const SLIP: f64 = 10.0;
/// How near to an edge scrolling begins, in pixels.
const EDGE: f64 = 48.0;
/// How far inside of the area a finger beside it is taken to be, in pixels.
const INSIDE: f64 = 12.0;
/// How far each step of scrolling goes, in pixels.
const STEP: f64 = 14.0;

/// What is lifted by touch, and where the finger is.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifted {
    /// Its id.
    pub id: String,
    /// Where the finger is, from the left.
    pub x: f64,
    /// Where the finger is, from the top.
    pub y: f64,
}

/// What touch needs to know of an area in which something is dragged. Copy it freely.
#[derive(Clone, Copy)]
pub struct Touch {
    /// The element of the area.
    pub node: NodeRef<html::Div>,
    /// What is lifted.
    pub lifted: RwSignal<Option<Lifted>>,
    /// True while a finger, not a mouse, is at work.
    pub finger: RwSignal<bool>,
    target: &'static str,
    over: RwSignal<Option<String>>,
    dragged: RwSignal<Option<String>>,
    on_drop: Callback<(String, String)>,
    waiting: StoredValue<Option<(TimeoutHandle, f64, f64)>>,
    scroller: StoredValue<Option<IntervalHandle>>,
}

impl Touch {
    /// Touch for an area whose places have the attribute `target`, which holds their key. The place
    /// under what is dragged is marked, and what is dragged.
    #[must_use]
    pub fn new(
        target: &'static str,
        over: RwSignal<Option<String>>,
        dragged: RwSignal<Option<String>>,
        on_drop: Callback<(String, String)>,
    ) -> Self {
        let touch = Self {
            node: NodeRef::new(),
            lifted: RwSignal::new(None),
            finger: RwSignal::new(false),
            target,
            over,
            dragged,
            on_drop,
            waiting: StoredValue::new(None),
            scroller: StoredValue::new(None),
        };
        touch.hold_page();
        on_cleanup(move || touch.rest());
        touch
    }

    /// While something is lifted the page does not scroll under the finger. A listener that may say so must
    /// not be passive.
    fn hold_page(self) {
        let hold: Hold = Closure::new(move |event: web_sys::Event| {
            if self.lifted.with_untracked(Option::is_some) {
                event.prevent_default();
            }
        });
        let kept = StoredValue::new_local(hold);
        Effect::new(move |_| {
            let Some(area) = self.node.get() else { return };
            let options = web_sys::AddEventListenerOptions::new();
            options.set_passive(false);
            kept.with_value(|hold| {
                // Listening to an element of the page can't fail.
                let _ = area.add_event_listener_with_callback_and_add_event_listener_options(
                    "touchmove",
                    hold.as_ref().unchecked_ref(),
                    &options,
                );
            });
        });
    }

    /// A finger was put on something that can be dragged.
    pub fn press(self, event: &PointerEvent, id: String) {
        let finger = event.pointer_type() == "touch";
        self.finger.set(finger);
        if !finger || !event.is_primary() {
            return;
        }
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let lift = move || {
            self.waiting.set_value(None);
            self.dragged.set(Some(id.clone()));
            self.lifted.set(Some(Lifted { id, x, y }));
            self.look(x, y);
            self.begin_scrolling();
        };
        if let Ok(handle) = set_timeout_with_handle(lift, HOLD) {
            self.waiting.set_value(Some((handle, x, y)));
        }
    }

    /// The finger moved.
    pub fn follow(self, event: &PointerEvent) {
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        if let Some((_, from_x, from_y)) = self.waiting.get_value()
            && (x - from_x).hypot(y - from_y) > SLIP
        {
            self.forget();
        }
        if self.lifted.with_untracked(Option::is_some) {
            self.lifted.update(|lifted| {
                if let Some(lifted) = lifted {
                    (lifted.x, lifted.y) = (x, y);
                }
            });
            self.look(x, y);
        }
    }

    /// The finger left: what is lifted falls into the place below it.
    pub fn leave(self, dropped: bool) {
        self.forget();
        let lifted = self.lifted.get_untracked();
        let over = self.over.get_untracked();
        self.rest();
        if let (true, Some(lifted), Some(place)) = (dropped, lifted, over) {
            self.on_drop.run((lifted.id, place));
        }
    }

    fn forget(self) {
        if let Some((handle, ..)) = self.waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    }

    fn rest(self) {
        if let Some(handle) = self.scroller.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        if self.lifted.try_with_untracked(Option::is_some) == Some(true) {
            self.lifted.set(None);
            self.dragged.set(None);
            self.over.set(None);
        }
    }

    /// Marks the place below the finger.
    fn look(self, x: f64, y: f64) {
        // A finger beside the area means the place at that side.
        let x = self.node.get_untracked().map_or(x, |area| {
            let bounds = area.get_bounding_client_rect();
            x.max(bounds.left() + INSIDE).min(bounds.right() - INSIDE)
        });
        let place = below(x, y, self.target);
        if self.over.get_untracked() != place {
            self.over.set(place);
        }
    }

    /// Scrolls the area while the finger is near one of its sides, and the page near its ends.
    fn begin_scrolling(self) {
        let page = self
            .node
            .get_untracked()
            .and_then(|area| scrolling_above(&area));
        let page = StoredValue::new_local(page);
        let step = move || {
            let (Some(area), Some(lifted)) =
                (self.node.get_untracked(), self.lifted.get_untracked())
            else {
                return;
            };
            let bounds = area.get_bounding_client_rect();
            let across = near_edge(lifted.x, bounds.left(), bounds.right());
            area.scroll_by_with_x_and_y(across, 0.0);
            let along = page.try_with_value(|page| {
                let page = page.as_ref()?;
                let bounds = page.get_bounding_client_rect();
                let by = near_edge(lifted.y, bounds.top(), bounds.bottom());
                page.scroll_by_with_x_and_y(0.0, by);
                Some(by)
            });
            if across != 0.0 || along.flatten().is_some_and(|by| by != 0.0) {
                self.look(lifted.x, lifted.y);
            }
        };
        if let Ok(handle) = set_interval_with_handle(step, Duration::from_millis(16)) {
            self.scroller.set_value(Some(handle));
        }
    }
}

/// How far to scroll for a finger that is near the beginning or the end.
fn near_edge(at: f64, from: f64, to: f64) -> f64 {
    if at < from + EDGE {
        -STEP
    } else if at > to - EDGE {
        STEP
    } else {
        0.0
    }
}

/// The nearest element around this one that scrolls up and down.
fn scrolling_above(area: &Element) -> Option<Element> {
    let mut next = area.parent_element();
    while let Some(element) = next {
        let style = window().get_computed_style(&element).ok().flatten();
        let overflow = style.and_then(|style| style.get_property_value("overflow-y").ok());
        if matches!(overflow.as_deref(), Some("auto" | "scroll"))
            && element.scroll_height() > element.client_height()
        {
            return Some(element);
        }
        next = element.parent_element();
    }
    None
}

type Hold = Closure<dyn FnMut(web_sys::Event)>;

/// The key of the place that lies there in the window.
fn below(x: f64, y: f64, target: &str) -> Option<String> {
    let (x, y) = (single(x), single(y));
    let found = document().element_from_point(x, y)?;
    let place = found.closest(&format!("[{target}]")).ok()??;
    place.get_attribute(target)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the standard library has no other way from f64 to f32; pixels fit"
)]
fn single(value: f64) -> f32 {
    value as f32
}
