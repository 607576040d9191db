//! A menu: a button that opens a list of things to do.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{
    anchored::{Anchored, Placement},
    button::ButtonKind,
    dom::{all, focus, step_focus},
    icon::{Glyph, Icon},
};

/// One line of a menu.
#[derive(Clone, Default)]
pub struct MenuItem {
    label: String,
    glyph: Option<Glyph>,
    hint: Option<String>,
    href: Option<String>,
    checked: Option<bool>,
    danger: bool,
    disabled: bool,
    separator: bool,
    on_pick: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl MenuItem {
    /// A line that does something.
    #[must_use]
    pub fn new(label: impl Into<String>, on_pick: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            label: label.into(),
            on_pick: Some(Arc::new(on_pick)),
            ..Self::default()
        }
    }

    /// A line that leads somewhere.
    #[must_use]
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: Some(href.into()),
            ..Self::default()
        }
    }

    /// A line between groups.
    #[must_use]
    pub fn separator() -> Self {
        Self {
            separator: true,
            ..Self::default()
        }
    }

    /// With a picture before the text.
    #[must_use]
    pub fn glyph(self, glyph: Glyph) -> Self {
        Self {
            glyph: Some(glyph),
            ..self
        }
    }

    /// With small print at the right, such as a key.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// With a tick, or with the room for one.
    #[must_use]
    pub fn checked(self, checked: bool) -> Self {
        Self {
            checked: Some(checked),
            ..self
        }
    }

    /// In red: it destroys something.
    #[must_use]
    pub fn danger(self) -> Self {
        Self {
            danger: true,
            ..self
        }
    }

    /// Shown, but can't be picked.
    #[must_use]
    pub fn disabled(self) -> Self {
        Self {
            disabled: true,
            ..self
        }
    }
}

/// A button and its menu. Arrow keys move, Home and End jump, Enter picks, Escape closes.
#[component]
pub fn Menu(
    /// What the button says.
    #[prop(into)]
    label: Signal<String>,
    /// The lines.
    #[prop(into)]
    items: Signal<Vec<MenuItem>>,
    /// A picture on the button.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// The button is the picture alone; the label is read out.
    #[prop(optional)]
    icon_only: bool,
    /// How loudly the button speaks.
    #[prop(optional)]
    kind: ButtonKind,
    /// A small button.
    #[prop(optional)]
    small: bool,
    /// Where the menu floats.
    #[prop(optional)]
    placement: Placement,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| open.set(false));
    let show = move || open.set(true);
    let button_key = move |event: web_sys::KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowDown" | "ArrowUp") && !open.get_untracked() {
            event.prevent_default();
            show();
        }
    };
    view! {
        <span class="anchor">
            <button
                type="button"
                class="btn"
                class:icon=icon_only
                class:sm=small
                data-kind=kind.name()
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                aria-label=move || icon_only.then(|| label.get())
                title=move || icon_only.then(|| label.get())
                on:click=move |_| if open.get_untracked() { close.run(()) } else { show() }
                on:keydown=button_key
            >
                {icon.map(|glyph| view! { <Icon glyph /> })}
                {(!icon_only)
                    .then(|| {
                        view! {
                            <span class="btn-text">{label}</span>
                            <Icon glyph=Glyph::ChevronDown />
                        }
                    })}
            </button>
            <Anchored open=open on_close=close placement=placement class="menu">
                <MenuLines label=label items=items on_done=close />
            </Anchored>
        </span>
    }
}

/// The lines of a menu, for menus that open by other means than a button.
#[component]
pub fn MenuLines(
    /// What the menu is called.
    #[prop(into)]
    label: Signal<String>,
    /// The lines.
    #[prop(into)]
    items: Signal<Vec<MenuItem>>,
    /// Called after a line was picked.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    const LINE: &str = "[role^=menuitem]:not([aria-disabled=true])";
    let keydown = move |event: web_sys::KeyboardEvent| {
        let Some(root) = event.current_target().and_then(|at| at.dyn_into().ok()) else {
            return;
        };
        match event.key().as_str() {
            "ArrowDown" => step_focus(&root, LINE, 1),
            "ArrowUp" => step_focus(&root, LINE, -1),
            "Home" => all(&root, LINE).first().into_iter().for_each(focus),
            "End" => all(&root, LINE).last().into_iter().for_each(focus),
            "Tab" => return on_done.run(()),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="menu-lines" role="menu" aria-label=label on:keydown=keydown>
            {move || {
                items
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(at, item)| line(item, at == 0, on_done))
                    .collect_view()
            }}
        </div>
    }
}

/// One line: a separator, a link, or a button.
fn line(item: MenuItem, first: bool, on_done: Callback<()>) -> AnyView {
    let MenuItem {
        label,
        glyph,
        hint,
        href,
        checked,
        danger,
        disabled,
        separator,
        on_pick,
    } = item;
    if separator {
        return view! { <div class="menu-line" role="separator"></div> }.into_any();
    }
    let picture = match checked {
        Some(true) => Some(Glyph::Check),
        Some(false) => None,
        None => glyph,
    };
    let inside = view! {
        <span class="menu-icon">{picture.map(|glyph| view! { <Icon glyph /> })}</span>
        <span class="menu-text">{label}</span>
        {hint.map(|hint| view! { <span class="menu-hint">{hint}</span> })}
    };
    let pick = move |_| {
        if !disabled {
            on_done.run(());
            if let Some(on_pick) = &on_pick {
                on_pick();
            }
        }
    };
    let role = if checked.is_some() {
        "menuitemcheckbox"
    } else {
        "menuitem"
    };
    match href {
        Some(href) => view! {
            <a class="menu-item" role="menuitem" tabindex="-1" data-first=first href=href on:click=pick>
                {inside}
            </a>
        }
        .into_any(),
        None => view! {
            <button
                type="button"
                class="menu-item"
                class:danger=danger
                role=role
                tabindex="-1"
                data-first=first
                aria-checked=checked.map(|checked| checked.to_string())
                aria-disabled=disabled.then_some("true")
                on:click=pick
            >
                {inside}
            </button>
        }
        .into_any(),
    }
}
