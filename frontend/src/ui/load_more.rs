//! The mark at the end of a list: when it comes into sight, more is fetched.

use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};

use super::{button::Button, progress::Spinner};

/// Calls `on_more` when it comes into sight, and offers a button for when that does not happen.
#[component]
pub fn LoadMore(
    /// True while there is more.
    #[prop(into)]
    more: Signal<bool>,
    /// True while more is on its way.
    #[prop(into)]
    loading: Signal<bool>,
    /// Fetches more.
    #[prop(into)]
    on_more: Callback<()>,
    /// For the button.
    #[prop(into)]
    label: Signal<String>,
    /// While more is on its way.
    #[prop(into)]
    loading_label: Signal<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let watcher = StoredValue::new_local(None::<(web_sys::IntersectionObserver, Watch)>);
    Effect::new(move |_| {
        let Some(mark) = node.get() else { return };
        let seen: Watch = Closure::new(move |entries: js_sys::Array| {
            let in_sight = entries.iter().any(|entry| {
                entry
                    .dyn_into::<web_sys::IntersectionObserverEntry>()
                    .is_ok_and(|e| e.is_intersecting())
            });
            if in_sight && more.get_untracked() && !loading.get_untracked() {
                on_more.run(());
            }
        });
        let options = web_sys::IntersectionObserverInit::new();
        options.set_root_margin("400px");
        let made = web_sys::IntersectionObserver::new_with_options(
            seen.as_ref().unchecked_ref(),
            &options,
        );
        if let Ok(observer) = made {
            observer.observe(&mark);
            watcher.set_value(Some((observer, seen)));
        }
    });
    // After a page has arrived the mark may still be in sight, and then nobody tells of it again.
    Effect::new(move |_| {
        if !loading.get() && more.get() {
            watcher.with_value(|watcher| {
                if let (Some((observer, _)), Some(mark)) = (watcher, node.get_untracked()) {
                    observer.unobserve(&mark);
                    observer.observe(&mark);
                }
            });
        }
    });
    on_cleanup(move || {
        if let Some((observer, _)) = watcher.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    });
    view! {
        <div class="load-more" node_ref=node>
            {move || match (more.get(), loading.get()) {
                (_, true) => Some(view! { <Spinner label=loading_label /> }.into_any()),
                (true, false) => {
                    Some(
                        view! {
                            <Button small=true on_press=move |()| on_more.run(())>
                                {label}
                            </Button>
                        }
                            .into_any(),
                    )
                }
                (false, false) => None,
            }}
        </div>
    }
}

type Watch = Closure<dyn FnMut(js_sys::Array)>;
