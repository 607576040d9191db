//! Keyboard shortcuts: which strokes count, and the sequences that begin with G.

use std::time::Duration;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// True when a stroke is meant for what has the focus: somebody is typing, or a dialog is open.
pub(crate) fn busy(event: &KeyboardEvent) -> bool {
    if event.is_composing() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return true;
    }
    let typing = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|element| {
            element
                .closest("input:not([type=checkbox]),textarea,select,[contenteditable]")
                .ok()?
        })
        .is_some();
    typing || modal_open()
}

/// Whether a dialog holds the page back.
pub(crate) fn modal_open() -> bool {
    document()
        .query_selector("dialog:modal")
        .ok()
        .flatten()
        .is_some()
}

/// Listens to a stroke anywhere on the page for as long as the caller is drawn.
pub(crate) fn on_key(handle: impl Fn(KeyboardEvent) + 'static) {
    let listener = window_event_listener(leptos::ev::keydown, handle);
    on_cleanup(move || listener.remove());
}

/// Remembers that G was pressed a moment ago.
#[derive(Clone, Copy)]
pub(crate) struct Sequence(StoredValue<bool>);

impl Sequence {
    /// Nothing pressed yet.
    pub(crate) fn new() -> Self {
        Self(StoredValue::new(false))
    }

    /// Begins; it is forgotten after a second and a half.
    pub(crate) fn begin(self) {
        self.0.set_value(true);
        set_timeout(
            move || {
                let _ = self.0.try_set_value(false);
            },
            Duration::from_millis(1500),
        );
    }

    /// Whether it has begun; ends it.
    pub(crate) fn take(self) -> bool {
        let begun = self.0.get_value();
        self.0.set_value(false);
        begun
    }
}
