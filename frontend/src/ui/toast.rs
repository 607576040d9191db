//! Toasts: what just happened, with a way back where there is one. They are read out, go away by
//! themselves, and wait while the pointer or the focus rests on them.

use std::{sync::Arc, time::Duration};

use leptos::{html, prelude::*};

use super::{
    button::{Button, ButtonKind, IconButton},
    icon::{Glyph, Icon},
    tone::Tone,
};

/// How long a toast stays.
const STAY: Duration = Duration::from_secs(6);
/// How long a toast stays that tells of a problem or offers something.
const STAY_LONGER: Duration = Duration::from_secs(12);

/// What a message offers. It must outlive whoever sent the message, so it is no `Callback`.
type Offer = (String, Arc<dyn Fn() + Send + Sync>);

/// One message.
#[derive(Clone)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
    action: Option<Offer>,
}

/// Where messages are sent to. Copy it freely.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
    held: RwSignal<bool>,
}

impl Toasts {
    /// Says that something was done.
    pub fn success(&self, text: impl Into<String>) {
        self.push(Tone::Success, text.into(), None);
    }

    /// Says something worth knowing.
    pub fn info(&self, text: impl Into<String>) {
        self.push(Tone::Info, text.into(), None);
    }

    /// Says that something could not be done.
    pub fn problem(&self, text: impl Into<String>) {
        self.push(Tone::Danger, text.into(), None);
    }

    /// Says that something was done and offers one more thing, such as undoing it.
    pub fn offer(
        &self,
        tone: Tone,
        text: impl Into<String>,
        action: impl Into<String>,
        on_press: impl Fn() + Send + Sync + 'static,
    ) {
        self.push(tone, text.into(), Some((action.into(), Arc::new(on_press))));
    }

    fn push(&self, tone: Tone, text: String, action: Option<Offer>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let stay = if tone == Tone::Danger || action.is_some() {
            STAY_LONGER
        } else {
            STAY
        };
        self.list.update(|list| {
            list.push(Toast {
                id,
                tone,
                text,
                action,
            })
        });
        self.remove_later(id, stay);
    }

    fn remove_later(self, id: u32, stay: Duration) {
        set_timeout(
            move || {
                if self.held.get_untracked() {
                    self.remove_later(id, Duration::from_secs(2));
                } else {
                    self.remove(id);
                }
            },
            stay,
        );
    }

    fn remove(&self, id: u32) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Makes the place for messages; call it once at the root, and draw one [`ToastHost`].
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts {
        list: RwSignal::new(Vec::new()),
        next: StoredValue::new(0),
        held: RwSignal::new(false),
    };
    provide_context(toasts);
    toasts
}

/// The place for messages of this page.
#[must_use]
pub fn use_toasts() -> Toasts {
    use_context::<Toasts>().unwrap_or_else(provide_toasts)
}

/// Draws the messages at the bottom of the window, above everything else.
#[component]
pub fn ToastHost(
    /// The words for the cross.
    #[prop(into)]
    close_label: Signal<String>,
) -> impl IntoView {
    let toasts = use_toasts();
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let any = toasts.list.with(|list| !list.is_empty());
        let Some(host) = node.get() else { return };
        // Showing it anew lifts it above a dialog that was opened meanwhile.
        let _ = host.hide_popover();
        if any {
            let _ = host.show_popover();
        }
    });
    let hold = move |held: bool| toasts.held.set(held);
    view! {
        <div
            node_ref=node
            class="toasts"
            role="log"
            aria-live="off"
            popover="manual"
            on:pointerenter=move |_| hold(true)
            on:pointerleave=move |_| hold(false)
            on:focusin=move |_| hold(true)
            on:focusout=move |_| hold(false)
        >
            <For
                each=move || toasts.list.get()
                key=|toast| toast.id
                children=move |toast| one(toasts, toast, close_label)
            />
        </div>
        <div class="visually-hidden" role="status" aria-live="polite">
            {move || toasts.list.with(|list| list.last().map(|toast| toast.text.clone()))}
        </div>
    }
}

/// One message as it is drawn.
fn one(toasts: Toasts, toast: Toast, close_label: Signal<String>) -> impl IntoView {
    let Toast {
        id,
        tone,
        text,
        action,
    } = toast;
    let glyph = match tone {
        Tone::Success => Glyph::Check,
        Tone::Warning | Tone::Danger => Glyph::Warning,
        Tone::Neutral | Tone::Accent | Tone::Info => Glyph::Info,
    };
    let button = action.map(|(label, on_press)| {
        let press = move |()| {
            toasts.remove(id);
            on_press();
        };
        view! {
            <Button kind=ButtonKind::Default small=true on_press=press>
                {label}
            </Button>
        }
    });
    view! {
        <div class="toast" data-tone=tone.name()>
            <Icon glyph />
            <span class="toast-text">{text}</span>
            {button}
            <IconButton
                glyph=Glyph::Close
                label=close_label
                small=true
                on_press=move |()| toasts.remove(id)
            />
        </div>
    }
}
