//! Small helpers between the parts and the browser: ids, sizes, focus.

use std::{cell::Cell, time::Duration};

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Narrower than this the app is laid out for a phone, in CSS pixels.
pub const PHONE: f64 = 900.0;

/// What can take the keyboard focus inside a part.
pub const FOCUSABLE: &str = "a[href],button:not([disabled]),input:not([disabled]),\
    select:not([disabled]),textarea:not([disabled]),[tabindex]:not([tabindex='-1'])";

/// An id that no other element of the page has.
#[must_use]
pub fn unique_id(prefix: &str) -> String {
    thread_local!(static NEXT: Cell<u32> = const { Cell::new(0) });
    NEXT.with(|next| {
        next.set(next.get().wrapping_add(1));
        format!("{prefix}-{}", next.get())
    })
}

/// A length as a number to draw with.
#[must_use]
pub fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// How many whole steps fit, never below zero.
#[must_use]
#[expect(
    clippy::as_conversions,
    reason = "the standard library has no other way from f64 to usize; `as` saturates"
)]
pub fn whole(value: f64) -> usize {
    value.max(0.0) as usize
}

/// The size of the window in CSS pixels: width, then height.
#[must_use]
pub fn window_size() -> (f64, f64) {
    let read = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|v| v.as_f64());
    (
        read(window().inner_width()).unwrap_or(1280.0),
        read(window().inner_height()).unwrap_or(800.0),
    )
}

/// True while the window is as narrow as a phone; follows the window.
#[must_use]
pub fn narrow() -> Signal<bool> {
    let narrow = RwSignal::new(window_size().0 < PHONE);
    let handle = window_event_listener(leptos::ev::resize, move |_| {
        let now = window_size().0 < PHONE;
        if now != narrow.get_untracked() {
            narrow.set(now);
        }
    });
    on_cleanup(move || handle.remove());
    narrow.into()
}

/// Puts the focus on an element; the page scrolls to one out of sight.
pub fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // Focusing fails only for an element that has left the page meanwhile.
        let _ = element.focus();
    }
}

/// Whether no element has the focus, as after the one that had it has left the page.
#[must_use]
pub fn focus_is_lost() -> bool {
    document()
        .active_element()
        .is_none_or(|active| active.tag_name() == "BODY")
}

/// Puts the focus on the first match inside `root`, after the current drawing is done.
pub fn focus_soon(root: Element, selector: &'static str) {
    set_timeout(
        move || {
            if let Ok(Some(found)) = root.query_selector(selector) {
                focus(&found);
            }
        },
        Duration::ZERO,
    );
}

/// The elements inside `root` that match, in the order of the page.
#[must_use]
pub fn all(root: &Element, selector: &str) -> Vec<Element> {
    let Ok(list) = root.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|at| list.get(at)?.dyn_into().ok())
        .collect()
}

/// Moves the focus among the matches inside `root`: `step` places on, around the ends.
pub fn step_focus(root: &Element, selector: &str, step: isize) {
    let items = all(root, selector);
    let active = document().active_element();
    let at = active.and_then(|active| items.iter().position(|item| *item == active));
    let count = items.len().cast_signed();
    if count == 0 {
        return;
    }
    let next = match at {
        Some(at) => (at.cast_signed() + step).rem_euclid(count),
        None if step < 0 => count - 1,
        None => 0,
    };
    if let Some(item) = items.get(next.cast_unsigned()) {
        focus(item);
    }
}

/// True when the event came from something inside `row` that acts by itself.
#[must_use]
pub fn from_control(event: &web_sys::Event) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|element| {
            element
                .closest("a,button,input,select,textarea,label,[popover],dialog")
                .ok()?
        })
        .is_some()
}
