//! A side sheet: more about something without leaving the page. On a phone it comes from below.

use leptos::prelude::*;

use super::{
    button::IconButton,
    dialog::Modal,
    dom::{narrow, unique_id},
    icon::Glyph,
};

/// How a sheet stands on a wide window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SheetMode {
    /// Over the page, which waits.
    #[default]
    Over,
    /// Beside the list it belongs to, which goes on working.
    Docked,
}

/// A panel at the right, 400 px wide unless said otherwise. A docked one is an ordinary part of the page
/// on a wide window and a modal sheet on a phone.
#[component]
pub fn Sheet(
    /// True while it is shown.
    #[prop(into)]
    open: Signal<bool>,
    /// Called when it wants to be closed.
    #[prop(into)]
    on_close: Callback<()>,
    /// What it is about.
    #[prop(into)]
    title: Signal<String>,
    /// The words for the cross.
    #[prop(into)]
    close_label: Signal<String>,
    /// How it stands on a wide window.
    #[prop(optional)]
    mode: SheetMode,
    /// 640 px wide, for forms.
    #[prop(optional)]
    wide: bool,
    /// In place of the heading: a view of its own; the title then is only read out.
    #[prop(optional, into)]
    head: Option<ViewFn>,
    /// Small buttons before the cross.
    #[prop(optional, into)]
    actions: Option<ViewFn>,
    /// What stays at the bottom.
    #[prop(optional, into)]
    footer: Option<ViewFn>,
    /// What it shows; drawn anew at each opening.
    children: ChildrenFn,
) -> impl IntoView {
    let title_id = StoredValue::new(unique_id("sheet"));
    let parts = StoredValue::new((head, actions, footer, children));
    let inside = move || {
        parts.with_value(|(head, actions, footer, children)| {
            let drawn_head = head.as_ref().map(ViewFn::run);
            view! {
                <header class="sheet-head">
                    <div class="sheet-title">
                        <h2 id=title_id.get_value() class:visually-hidden=drawn_head.is_some()>
                            {title}
                        </h2>
                        {drawn_head}
                    </div>
                    <div class="sheet-actions">
                        {actions.as_ref().map(ViewFn::run)}
                        <IconButton
                            glyph=Glyph::Close
                            label=close_label
                            small=true
                            on_press=move |()| on_close.run(())
                        />
                    </div>
                </header>
                <div class="sheet-body">{children()}</div>
                {footer
                    .as_ref()
                    .map(|footer| view! { <footer class="sheet-foot">{footer.run()}</footer> })}
            }
        })
    };
    let narrow = narrow();
    let docked = Memo::new(move |_| mode == SheetMode::Docked && !narrow.get());
    let keydown = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            on_close.run(());
        }
    };
    move || {
        if docked.get() {
            let panel = move || {
                open.get().then(|| {
                    view! {
                        <aside
                            class="sheet docked"
                            class:wide=wide
                            aria-labelledby=title_id.get_value()
                            on:keydown=keydown
                        >
                            {inside()}
                        </aside>
                    }
                })
            };
            panel.into_any()
        } else {
            let class = if wide { "sheet wide" } else { "sheet" };
            view! {
                <Modal open=open on_close=on_close class=class title_id=title_id>
                    {move || open.get().then(inside)}
                </Modal>
            }
            .into_any()
        }
    }
}
