//! The list of a kind: views as tabs, filter, columns, rows, bulk actions, and one record beside it.

use kehu_client::records::ListQuery;
use kehu_domain::def::Def;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use serde_json::Value;

use crate::app::{go, replace};
use crate::pages::opportunities::ways;
use crate::state::{API, App, storage_get, storage_set};
use crate::ui::dom::narrow;
use crate::ui::prelude::*;
use crate::urls::{self, ListState};
use crate::widgets::actions::{Actions, Asked};
use crate::widgets::bulk_bar::BulkBar;
use crate::widgets::cells::{cell, title_cell};
use crate::widgets::filter_bar::{FilterBar, columns, expand_of};
use crate::widgets::keys;
use crate::widgets::kinds;
use crate::widgets::listing::Listing;
use crate::widgets::load::{Load, problem_view};
use crate::widgets::peek::Peek;
use crate::widgets::view_tabs::ViewTabs;
use crate::widgets::views::{self, View};
use crate::{format, t, tf};

/// The key of the column with the button that claims.
const CLAIM: &str = "_claim";

/// The list of a kind.
#[component]
pub(crate) fn ListPage(
    /// The kind.
    def: &'static Def,
) -> impl IntoView {
    let app = App::here();
    app.place(vec![Crumb::here(kinds::plural(def))]);
    let query_map = use_query_map();
    let state = Memo::new(move |_| query_map.with(|map| ListState::read(|name| map.get(name))));
    let saved = RwSignal::new(Vec::<View>::new());
    let read_saved = move || {
        let query = ListQuery {
            filter: format!("record_kind == \"{}\"", def.kind),
            sort: "position,name".to_owned(),
            limit: Some(50),
            ..ListQuery::default()
        };
        spawn_local(async move {
            if let Ok(page) = API.list("saved-views", &query).await {
                let _ = saved.try_set(page.items.iter().map(views::of_record).collect());
            }
        });
    };
    read_saved();
    let all_views = Memo::new(move |_| {
        let mut all = views::built_in(def);
        all.extend(saved.get());
        all
    });
    let view = Memo::new(move |_| {
        let key = state.with(|state| state.view.clone());
        let key = if key.is_empty() {
            views::first(def).to_owned()
        } else {
            key
        };
        all_views.with(|all| {
            all.iter()
                .find(|view| view.key == key)
                .cloned()
                .unwrap_or_default()
        })
    });

    let shown = Memo::new(move |_| shown_columns(def, &state.get(), &view.get()));
    let wanted = Memo::new(move |_| {
        let (state, view) = (state.get(), view.get());
        ListQuery {
            filter: if state.trashed {
                state.filter.clone()
            } else {
                views::both(&view.filter, &state.filter)
            },
            sort: if state.sort.is_empty() {
                view.sort.clone()
            } else {
                state.sort.clone()
            },
            q: state.q,
            expand: shown.with(|shown| expand_of(def, shown)),
            trashed: state.trashed,
            ..ListQuery::default()
        }
    });
    let listing = Listing::new(def, wanted);
    let table = listing.table;
    let change = move |edit: &dyn Fn(&mut ListState)| {
        let mut next = state.get_untracked();
        edit(&mut next);
        if next != state.get_untracked() {
            replace(&next.href(def.plural));
        }
    };
    tie_sort(def, state, view, table);
    tie_columns(def, state, shown, table);

    let phone = narrow();
    let open_full = move |id: &str| {
        listing.keep();
        go(&urls::record(def.plural, id));
    };
    let open = Callback::new(move |id: String| {
        if phone.get_untracked() || state.with_untracked(|state| state.peek == id) {
            return open_full(&id);
        }
        let mut next = state.get_untracked();
        let first = next.peek.is_empty();
        next.peek = id;
        let href = next.href(def.plural);
        if first { go(&href) } else { replace(&href) }
    });
    let close_peek = Callback::new(move |()| change(&|next| next.peek.clear()));
    let search = NodeRef::<html::Input>::new();
    list_keys(def, listing, state, open, close_peek, search);

    let in_pool = Memo::new(move |_| view.with(|view| view.key == "pool"));
    let actions = Actions::here();
    let claim = move |id: String| {
        let asked = Asked {
            def,
            verb: "claim",
            ids: vec![id.clone()],
            on_done: Callback::new(move |()| listing.drop_row(&id)),
        };
        actions.ask(asked);
    };
    let draw = move |id: &str, column: &str| -> AnyView {
        let Some(record) = listing.record(id) else {
            return ().into_any();
        };
        if column == CLAIM {
            let id = id.to_owned();
            return view! {
                <Button small=true on_press=move |()| claim(id.clone())>{t!("list.claim")}</Button>
            }
            .into_any();
        }
        if def.title.first() == Some(&column) {
            return title_cell(def, &record);
        }
        def.field(column)
            .map_or_else(|| ().into_any(), |field| cell(def, &record, field))
    };
    let all_columns = Signal::derive(move || {
        let shown = shown.get();
        let names: Vec<&str> = shown.iter().map(String::as_str).collect();
        let mut all = columns(def, &names);
        if in_pool.get() {
            let at = all
                .iter()
                .position(|column| column.optional)
                .unwrap_or(all.len());
            all.insert(at, Column::new(CLAIM, "").width(84));
        }
        all
    });
    let texts = TableTexts {
        caption: kinds::plural(def).to_owned(),
        select_row: t!("list.select_row").to_owned(),
        select_all: t!("list.select_all").to_owned(),
        resize: t!("list.resize").to_owned(),
    };
    let column_texts = ColumnTexts {
        button: t!("list.columns").to_owned(),
        up: t!("list.column_up").to_owned(),
        down: t!("list.column_down").to_owned(),
        reset: t!("list.columns_reset").to_owned(),
    };
    let count_text = Signal::derive(move || {
        listing
            .count
            .get()
            .map(|(n, capped)| tf!("list.count", n = format::count(n, capped)))
            .unwrap_or_default()
    });
    let texts = StoredValue::new(texts);
    let rows = move || {
        let empty = table.rows.with(Vec::is_empty);
        match listing.load.get() {
            Load::Loading => view! { <SkeletonRows rows=12 label=t!("common.loading") /> }.into_any(),
            Load::Problem(error) => problem_view(&error, Callback::new(move |()| listing.reload())),
            Load::Ready(()) if empty => nothing(def, &state.get(), &view.get()),
            Load::Ready(()) => view! {
                <DataTable
                    state=table
                    columns=all_columns
                    cell=draw
                    texts=texts.get_value()
                    selectable=true
                    on_open=open
                    total=Signal::derive(move || listing.count.get().and_then(|(n, _)| usize::try_from(n).ok()))
                    after=move || {
                        view! {
                            <LoadMore
                                more=Signal::derive(move || listing.has_more())
                                loading=listing.loading_more
                                on_more=move |()| listing.more()
                                label=t!("list.load_more")
                                loading_label=t!("common.loading")
                            />
                        }
                    }
                />
            }
            .into_any(),
        }
    };
    // Drawn once per change of state, not per row.
    let phase = Memo::new(move |_| {
        (
            listing.load.with(std::mem::discriminant),
            table.rows.with(Vec::is_empty),
            state.with(|state| state.trashed),
        )
    });
    let body = move || {
        phase.get();
        untrack(rows)
    };
    view! {
        <div class="list-page">
            <section class="list-main" on:scroll:capture=move |event| remember_scroll(listing, &event)>
                <div class="list-head">
                    <PageHead title=kinds::plural(def) remark=count_text>
                        {(def.kind == "opportunity").then(|| ways(state))}
                        {import_link(app, def)}
                        {kinds::may_make(def, app).then(|| new_link(def))}
                    </PageHead>
                    <ViewTabs
                        def=def
                        state=state
                        views=all_views
                        current=view
                        shown=shown
                        on_saved=Callback::new(move |()| read_saved())
                    />
                </div>
                <div class="list-tools">
                    <FilterBar
                        def=def
                        filter=Signal::derive(move || state.with(|state| state.filter.clone()))
                        on_change=move |text: String| change(&|next| next.filter.clone_from(&text))
                    />
                    <span class="grow"></span>
                    <SearchBox state=state on_change=Callback::new(move |q: String| change(&|next| next.q.clone_from(&q))) node=search />
                    <ColumnChooser state=table columns=all_columns texts=column_texts />
                </div>
                <BulkBar def=def listing=listing view=view trashed=Signal::derive(move || state.with(|state| state.trashed)) />
                <div
                    class="list-body"
                    role="tabpanel"
                    id=format!("views-{}-panel", def.kind)
                    aria-labelledby=move || format!("views-{}-tab-{}", def.kind, view.with(|view| view.key.clone()))
                >
                    {body}
                </div>
            </section>
            <Peek
                def=def
                id=Signal::derive(move || state.with(|state| state.peek.clone()))
                on_close=close_peek
                on_open=Callback::new(move |id: String| open_full(&id))
            />
        </div>
    }
}

fn remember_scroll(listing: Listing, event: &leptos::ev::Event) {
    use leptos::wasm_bindgen::JsCast;
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if let Some(element) = target.filter(|element| element.class_list().contains("table-scroll")) {
        let _ = listing.scroll.try_set_value(element.scroll_top());
    }
}

fn new_link(def: &'static Def) -> AnyView {
    view! {
        <ButtonLink href=format!("/{}/new", def.plural) kind=ButtonKind::Primary icon=Glyph::Plus>
            {tf!("list.new", kind = kinds::noun(def))}
        </ButtonLink>
    }
    .into_any()
}

fn import_link(app: App, def: &Def) -> Option<impl IntoView + use<>> {
    app.may_import(Some(def)).then(|| {
        view! {
            <ButtonLink href=format!("/import?kind={}", def.kind) icon=Glyph::Upload>
                {t!("list.import")}
            </ButtonLink>
        }
    })
}

/// The keys of the columns that are shown: the address, the view, what this browser remembers, the kind's own.
fn shown_columns(def: &'static Def, state: &ListState, view: &View) -> Vec<String> {
    let given = [state.columns.as_str(), view.columns.as_str()]
        .into_iter()
        .find(|text| !text.is_empty());
    let text = given
        .map(str::to_owned)
        .or_else(|| storage_get(&columns_key(def)));
    let chosen: Vec<String> = text
        .iter()
        .flat_map(|text| text.split(','))
        .filter(|name| def.has(name))
        .map(str::to_owned)
        .collect();
    if chosen.is_empty() {
        views::default_columns(def)
            .into_iter()
            .map(str::to_owned)
            .collect()
    } else {
        chosen
    }
}

fn columns_key(def: &Def) -> String {
    format!("kehu.columns.{}", def.kind)
}

/// The heading of a column sorts; the address says so.
fn tie_sort(def: &'static Def, state: Memo<ListState>, view: Memo<View>, table: TableState) {
    let of_text = |text: &str| {
        let first = text.split(',').next().unwrap_or_default().trim();
        let key = first.trim_start_matches('-');
        (!key.is_empty()).then(|| Sort {
            key: key.to_owned(),
            descending: first.starts_with('-'),
        })
    };
    let wanted = Memo::new(move |_| {
        let own = state.with(|state| state.sort.clone());
        of_text(if own.is_empty() { view.get().sort } else { own }.as_str())
    });
    Effect::new(move |_| table.sort.set(wanted.get()));
    Effect::new(move |before: Option<()>| {
        let sort = table.sort.get();
        if before.is_none() || sort == wanted.get_untracked() {
            return;
        }
        let text =
            sort.map(|sort| format!("{}{}", if sort.descending { "-" } else { "" }, sort.key));
        let next = ListState {
            sort: text.unwrap_or_default(),
            ..state.get_untracked()
        };
        replace(&next.href(def.plural));
    });
}

/// What a person chose of the columns stands in the address and is remembered for the next time.
fn tie_columns(
    def: &'static Def,
    state: Memo<ListState>,
    shown: Memo<Vec<String>>,
    table: TableState,
) {
    Effect::new(move |before: Option<()>| {
        let chosen = table.layout.with(|layout| layout.shown.clone());
        if before.is_none() {
            return;
        }
        let names: Vec<String> = chosen
            .unwrap_or_default()
            .into_iter()
            .filter(|name| def.has(name))
            .collect();
        let text = names.join(",");
        storage_set(&columns_key(def), &text);
        if names != shown.get_untracked() {
            let next = ListState {
                columns: text,
                ..state.get_untracked()
            };
            replace(&next.href(def.plural));
        }
    });
}

/// The shortcuts of a list.
fn list_keys(
    def: &'static Def,
    listing: Listing,
    state: Memo<ListState>,
    open: Callback<String>,
    close_peek: Callback<()>,
    search: NodeRef<html::Input>,
) {
    let table = listing.table;
    keys::on_key(move |event| {
        if keys::busy(&event) || event.default_prevented() {
            return;
        }
        let peeking = state.with_untracked(|state| !state.peek.is_empty());
        let step = |by: isize| {
            if let Some(id) = table.move_active(by).filter(|_| peeking) {
                open.run(id);
            }
        };
        match event.key().as_str() {
            "j" => step(1),
            "k" => step(-1),
            "x" => table.toggle_active(),
            "Enter" => {
                let on_control =
                    leptos::prelude::document()
                        .active_element()
                        .is_some_and(|element| {
                            matches!(element.tag_name().as_str(), "A" | "BUTTON" | "SUMMARY")
                        });
                match table.active.get_untracked() {
                    Some(id) if !on_control => open.run(id),
                    _ => return,
                }
            }
            "e" => match table.active.get_untracked() {
                Some(id) => {
                    listing.keep();
                    go(&format!("{}/edit", urls::record(def.plural, &id)));
                }
                None => return,
            },
            "/" => {
                if let Some(input) = search.get_untracked() {
                    // The box is on the page, so it takes the focus.
                    let _ = input.focus();
                }
            }
            "Escape" if peeking => close_peek.run(()),
            "Escape" => table.selected.update(|selected| selected.clear()),
            _ => return,
        }
        event.prevent_default();
    });
}

/// The box for words to find.
#[component]
pub(crate) fn SearchBox(
    /// The state of the list.
    state: Memo<ListState>,
    /// Called with the words when typing rests.
    on_change: Callback<String>,
    /// The box, for the shortcut that goes to it.
    node: NodeRef<html::Input>,
) -> impl IntoView {
    let text = RwSignal::new(state.with_untracked(|state| state.q.clone()));
    let rest = crate::ui::combobox::debounced(on_change);
    Effect::new(move |_| {
        let q = state.with(|state| state.q.clone());
        if q.is_empty() {
            text.set(q);
        }
    });
    view! {
        <div class="list-search">
            <TextInput
                value=text
                on_change=move |new: String| {
                    text.set(new.clone());
                    rest(new);
                }
                kind="search"
                icon=Glyph::Search
                placeholder=t!("list.search")
                label=Signal::derive(|| t!("list.search").to_owned())
                node_ref=node
            />
        </div>
    }
}

/// The list is empty: why, and how to begin.
fn nothing(def: &'static Def, state: &ListState, view: &View) -> AnyView {
    let filtered = !state.filter.is_empty() || !state.q.is_empty();
    let title = match view.key.as_str() {
        _ if state.trashed => t!("list.empty_trash"),
        _ if filtered => t!("list.empty_filtered"),
        "mine" => t!("list.empty_mine"),
        "pool" => t!("list.empty_pool"),
        "due" => t!("list.empty_due"),
        _ => t!("list.empty_title"),
    };
    let begin = !filtered && !state.trashed && view.key == "all";
    // Others may have what this person has not.
    let mine = !filtered && !state.trashed && view.key == "mine";
    let elsewhere = mine.then(|| {
        let others = views::built_in(def).into_iter();
        others
            .filter(|other| matches!(other.key.as_str(), "pool" | "all"))
            .map(|other| {
                let next = ListState {
                    view: other.key,
                    show: state.show.clone(),
                    ..ListState::default()
                };
                view! { <ButtonLink href=next.href(def.plural)>{other.label}</ButtonLink> }
            })
            .collect_view()
    });
    let clear = filtered.then(|| {
        let next = ListState {
            filter: String::new(),
            q: String::new(),
            ..state.clone()
        };
        let href = next.href(def.plural);
        view! { <ButtonLink href=href>{t!("list.clear_filters")}</ButtonLink> }
    });
    let may = kinds::may_make(def, App::here());
    let new = ((begin || mine) && may).then(|| new_link(def));
    let text = if begin || mine {
        t!("list.empty_text")
    } else {
        ""
    };
    view! {
        <EmptyState glyph=kinds::glyph(def.kind) title=title text=text>
            {clear}
            {elsewhere}
            {new}
        </EmptyState>
    }
    .into_any()
}

/// The number of records of a view, for its tab.
pub(crate) async fn count_of(def: &'static Def, filter: String) -> Option<(u64, bool)> {
    let query = ListQuery {
        filter,
        fields: "id".to_owned(),
        limit: Some(1),
        count: "capped",
        ..ListQuery::default()
    };
    let page = API.list(def.plural, &query).await.ok()?;
    Some((page.count?, page.count_capped.unwrap_or_default()))
}

/// The version of a record.
pub(crate) fn version(record: &kehu_wire::Record) -> i64 {
    record
        .get("version")
        .and_then(Value::as_i64)
        .unwrap_or_default()
}
