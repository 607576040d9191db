//! Moving the cards of a board by touch: a long press lifts a card, it follows the finger, the board
//! scrolls at its edges, and lifting the finger drops it.

use std::time::Duration;

use leptos::{
    html, leptos_dom::helpers::IntervalHandle, leptos_dom::helpers::TimeoutHandle, prelude::*,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, PointerEvent};

/// How long a finger rests on a card before it is lifted.
const HOLD: Duration = Duration::from_millis(350);
/// How far a finger may slip meanwhile, in pixels.
const SLIP: f64 = 10.0;
/// How near to the edge of the board it begins to scroll, in pixels.
const EDGE: f64 = 48.0;
/// How far inside of the board a finger beside it is taken to be, in pixels.
const INSIDE: f64 = 12.0;

/// A card that is lifted by touch, and where the finger is.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifted {
    /// The id of the card.
    pub id: String,
    /// Where the finger is, from the left.
    pub x: f64,
    /// Where the finger is, from the top.
    pub y: f64,
}

/// What touch needs to know of a board. Copy it freely.
#[derive(Clone, Copy)]
pub struct Touch {
    /// The element of the board.
    pub node: NodeRef<html::Div>,
    /// The card that is lifted.
    pub lifted: RwSignal<Option<Lifted>>,
    /// True while a finger, not a mouse, is at work.
    pub finger: RwSignal<bool>,
    over: RwSignal<Option<String>>,
    dragged: RwSignal<Option<String>>,
    on_drop: Callback<(String, String)>,
    waiting: StoredValue<Option<(TimeoutHandle, f64, f64)>>,
    scroller: StoredValue<Option<IntervalHandle>>,
}

impl Touch {
    /// Touch for a board that marks the column under a card and the card that is dragged.
    #[must_use]
    pub fn new(
        over: RwSignal<Option<String>>,
        dragged: RwSignal<Option<String>>,
        on_drop: Callback<(String, String)>,
    ) -> Self {
        let touch = Self {
            node: NodeRef::new(),
            lifted: RwSignal::new(None),
            finger: RwSignal::new(false),
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

    /// While a card is lifted the page does not scroll under the finger. A listener that may say so must
    /// not be passive.
    fn hold_page(self) {
        let hold: Hold = Closure::new(move |event: web_sys::Event| {
            if self.lifted.with_untracked(Option::is_some) {
                event.prevent_default();
            }
        });
        let kept = StoredValue::new_local(hold);
        Effect::new(move |_| {
            let Some(board) = self.node.get() else { return };
            let options = web_sys::AddEventListenerOptions::new();
            options.set_passive(false);
            kept.with_value(|hold| {
                // Listening to an element of the page can't fail.
                let _ = board.add_event_listener_with_callback_and_add_event_listener_options(
                    "touchmove",
                    hold.as_ref().unchecked_ref(),
                    &options,
                );
            });
        });
    }

    /// A finger was put on a card.
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

    /// The finger left: what is lifted falls into the column below it.
    pub fn leave(self, dropped: bool) {
        self.forget();
        let lifted = self.lifted.get_untracked();
        let over = self.over.get_untracked();
        self.rest();
        if let (true, Some(lifted), Some(column)) = (dropped, lifted, over) {
            self.on_drop.run((lifted.id, column));
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

    /// Marks the column below the finger.
    fn look(self, x: f64, y: f64) {
        // A finger beside the board means the column at that side.
        let x = self.node.get_untracked().map_or(x, |board| {
            let bounds = board.get_bounding_client_rect();
            x.max(bounds.left() + INSIDE).min(bounds.right() - INSIDE)
        });
        let lane = below(x, y).and_then(|lane| lane.get_attribute("data-lane"));
        if self.over.get_untracked() != lane {
            self.over.set(lane);
        }
    }

    /// Scrolls the board while the finger is near one of its sides.
    fn begin_scrolling(self) {
        let step = move || {
            let (Some(board), Some(lifted)) =
                (self.node.get_untracked(), self.lifted.get_untracked())
            else {
                return;
            };
            let bounds = board.get_bounding_client_rect();
            let by = if lifted.x < bounds.left() + EDGE {
                -14.0
            } else if lifted.x > bounds.right() - EDGE {
                14.0
            } else {
                return;
            };
            board.scroll_by_with_x_and_y(by, 0.0);
            self.look(lifted.x, lifted.y);
        };
        if let Ok(handle) = set_interval_with_handle(step, Duration::from_millis(16)) {
            self.scroller.set_value(Some(handle));
        }
    }
}

type Hold = Closure<dyn FnMut(web_sys::Event)>;

/// The column at a place of the window.
fn below(x: f64, y: f64) -> Option<Element> {
    let (x, y) = (single(x), single(y));
    document()
        .element_from_point(x, y)?
        .closest("[data-lane]")
        .ok()?
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the standard library has no other way from f64 to f32; pixels fit"
)]
fn single(value: f64) -> f32 {
    value as f32
}
