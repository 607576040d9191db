//! A dialog: asks for one thing and holds everything else back until it is answered. The browser keeps
//! the focus inside and gives it back afterwards.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::{button::IconButton, dom::unique_id, icon::Glyph};

/// How wide a dialog is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DialogWidth {
    /// 440 px: a question.
    #[default]
    Narrow,
    /// 640 px: a form.
    Middle,
    /// 960 px: things side by side.
    Wide,
}

/// A dialog in the middle of the window; on a phone it fills the bottom.
#[component]
pub fn Dialog(
    /// True while it is shown.
    #[prop(into)]
    open: Signal<bool>,
    /// Called when it wants to be closed: Escape, the cross, a press on the backdrop.
    #[prop(into)]
    on_close: Callback<()>,
    /// What it asks.
    #[prop(into)]
    title: Signal<String>,
    /// The words for the cross.
    #[prop(into)]
    close_label: Signal<String>,
    /// How wide.
    #[prop(optional)]
    width: DialogWidth,
    /// The buttons at the bottom.
    #[prop(optional, into)]
    footer: Option<ViewFn>,
    /// A press on the backdrop does not close it (it holds something typed).
    #[prop(optional)]
    steady: bool,
    /// What it shows; drawn anew at each opening.
    children: ChildrenFn,
) -> impl IntoView {
    let title_id = StoredValue::new(unique_id("dialog"));
    let class = match width {
        DialogWidth::Narrow => "dialog",
        DialogWidth::Middle => "dialog middle",
        DialogWidth::Wide => "dialog wide",
    };
    let body = StoredValue::new(children);
    let footer = StoredValue::new(footer);
    let inside = move || {
        open.get().then(|| {
            view! {
                <header class="dialog-head">
                    <h2 id=title_id.get_value()>{title}</h2>
                </header>
                <div class="dialog-body">{body.with_value(|children| children())}</div>
                {footer
                    .with_value(|footer| {
                        footer
                            .as_ref()
                            .map(|footer| view! { <footer class="dialog-foot">{footer.run()}</footer> })
                    })}
                <div class="dialog-x">
                    <IconButton
                        glyph=Glyph::Close
                        label=close_label
                        small=true
                        on_press=move |()| on_close.run(())
                    />
                </div>
            }
        })
    };
    view! { <Modal open=open on_close=on_close class=class title_id=title_id steady=steady>{inside}</Modal> }
}

/// The bare modal surface that dialogs and sheets share.
#[component]
pub fn Modal(
    /// True while it is shown.
    #[prop(into)]
    open: Signal<bool>,
    /// Called when it wants to be closed.
    #[prop(into)]
    on_close: Callback<()>,
    /// The class of the surface.
    class: &'static str,
    /// The id of the element that names it.
    title_id: StoredValue<String>,
    /// A press on the backdrop does not close it.
    #[prop(optional)]
    steady: bool,
    /// What it shows.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let open = open.get();
        let Some(dialog) = node.get() else { return };
        if open && !dialog.open() {
            // Showing fails only for an element outside the page.
            let _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let cancel = move |event: ev::Event| {
        event.prevent_default();
        on_close.run(());
    };
    let backdrop = move |event: ev::MouseEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let outside = node
            .get_untracked()
            .is_some_and(|dialog| target.as_ref() == Some(dialog.unchecked_ref::<Element>()));
        if outside && !steady {
            on_close.run(());
        }
    };
    view! {
        <dialog
            node_ref=node
            class=class
            aria-labelledby=title_id.get_value()
            on:cancel=cancel
            on:mousedown=backdrop
        >
            {children()}
        </dialog>
    }
}
