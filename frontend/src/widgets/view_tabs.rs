//! The views of a list as tabs with their counts, and saving one more.

use std::collections::HashMap;

use kehu_domain::def::Def;
use kehu_wire::Record;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::app::go;
use crate::pages::list::count_of;
use crate::problems::explain;
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::urls::ListState;
use crate::widgets::load::say_problem;
use crate::widgets::views::{self, View};
use crate::{format, t};

/// The tabs of a list.
#[component]
pub(crate) fn ViewTabs(
    /// The kind.
    def: &'static Def,
    /// The state of the list.
    state: Memo<ListState>,
    /// Every view.
    views: Memo<Vec<View>>,
    /// The one that is shown.
    current: Memo<View>,
    /// The columns that are shown.
    shown: Memo<Vec<String>>,
    /// Called after a view was saved or deleted.
    on_saved: Callback<()>,
) -> impl IntoView {
    let app = App::here();
    let counts = RwSignal::new(HashMap::<String, String>::new());
    Effect::new(move |_| {
        app.written.track();
        for view in views.get() {
            spawn_local(async move {
                if let Some((n, capped)) = count_of(def, view.filter).await {
                    let _ = counts
                        .try_update(|counts| counts.insert(view.key, format::count(n, capped)));
                }
            });
        }
    });
    let tabs = Signal::derive(move || {
        let one = |view: View| {
            let tab = Tab::new(view.key.clone(), view.label);
            match counts.with(|counts| counts.get(&view.key).cloned()) {
                Some(count) => tab.count(count),
                None => tab,
            }
        };
        views.get().into_iter().map(one).collect::<Vec<_>>()
    });
    let choose = move |key: String| {
        go(&ListState {
            view: key,
            show: state.with_untracked(|state| state.show.clone()),
            ..ListState::default()
        }
        .href(def.plural));
    };
    let saving = RwSignal::new(false);
    let toasts = use_toasts();
    let delete = move || {
        let id = current.with_untracked(|view| view.key.clone());
        spawn_local(async move {
            match API.trash("saved-views", &id).await {
                Ok(()) => {
                    toasts.success(t!("list.view_deleted"));
                    // The list may have been left meanwhile.
                    if on_saved.try_run(()).is_some() {
                        go(&ListState::default().href(def.plural));
                    }
                }
                Err(error) => say_problem(toasts, &error),
            }
        });
    };
    let menu = Signal::derive(move || {
        let mut items =
            vec![MenuItem::new(t!("list.save_view"), move || saving.set(true)).glyph(Glyph::Save)];
        if current.with(|view| view.saved) {
            items.push(
                MenuItem::new(t!("list.view_delete"), delete)
                    .glyph(Glyph::Trash)
                    .danger(),
            );
        }
        items.push(MenuItem::separator());
        let trashed = state.with(|state| state.trashed);
        let label = if trashed {
            t!("list.close_trash")
        } else {
            t!("list.open_trash")
        };
        let next = if trashed {
            ListState::default()
        } else {
            ListState {
                view: "all".to_owned(),
                trashed: true,
                ..ListState::default()
            }
        };
        items.push(MenuItem::link(label, next.href(def.plural)).glyph(Glyph::Archive));
        items
    });
    view! {
        <Tabs
            id=format!("views-{}", def.kind)
            tabs=tabs
            value=Signal::derive(move || current.with(|view| view.key.clone()))
            on_change=choose
            label=t!("list.views")
            after=move || {
                view! {
                    <Menu label=t!("list.more_actions") icon=Glyph::Dots icon_only=true kind=ButtonKind::Quiet small=true items=menu />
                }
            }
        />
        <SaveView def=def state=state current=current shown=shown open=saving on_saved=on_saved />
    }
}

/// Asks for a name and saves what is shown as a view.
#[component]
fn SaveView(
    def: &'static Def,
    state: Memo<ListState>,
    current: Memo<View>,
    shown: Memo<Vec<String>>,
    open: RwSignal<bool>,
    on_saved: Callback<()>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let shared = RwSignal::new(false);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let save = Callback::new(move |()| {
        let label = name.get_untracked().trim().to_owned();
        if label.is_empty() || pending.get_untracked() {
            return;
        }
        let (now, view) = (state.get_untracked(), current.get_untracked());
        let text = |text: String| {
            if text.is_empty() {
                Value::Null
            } else {
                Value::String(text)
            }
        };
        let fields = Record::from_iter([
            ("name".to_owned(), Value::String(label)),
            ("record_kind".to_owned(), Value::from(def.kind)),
            (
                "filter".to_owned(),
                text(views::both(&view.filter, &now.filter)),
            ),
            (
                "sort".to_owned(),
                text(if now.sort.is_empty() {
                    view.sort
                } else {
                    now.sort
                }),
            ),
            ("columns".to_owned(), text(shown.get_untracked().join(","))),
            ("shared".to_owned(), Value::Bool(shared.get_untracked())),
        ]);
        pending.set(true);
        spawn_local(async move {
            let result = API.create("saved-views", fields, false, None).await;
            pending.set(false);
            match result {
                Ok(record) => {
                    toasts.success(t!("list.view_saved"));
                    open.set(false);
                    name.set(String::new());
                    // The list may have been left meanwhile.
                    if on_saved.try_run(()).is_some() {
                        let key = crate::widgets::lookups::text(&record, "id").to_owned();
                        go(&ListState {
                            view: key,
                            ..ListState::default()
                        }
                        .href(def.plural));
                    }
                }
                Err(error) => problem.set(Some(explain(&error))),
            }
        });
    });
    view! {
        <Dialog
            open=open
            on_close=move |()| open.set(false)
            title=t!("list.save_view")
            close_label=t!("common.close")
            footer=move || {
                view! {
                    <Button on_press=move |()| open.set(false)>{t!("common.cancel")}</Button>
                    <Button kind=ButtonKind::Primary pending=pending on_press=save>{t!("common.save")}</Button>
                }
            }
        >
            <div class="stack">
                <Field label=t!("list.view_name") required=true problem=problem>
                    <TextInput value=name on_change=move |text| name.set(text) max_length=60 autofocus=true on_enter=save />
                </Field>
                <Switch on=shared on_change=move |on| shared.set(on) label=t!("list.view_shared") />
            </div>
        </Dialog>
    }
}
