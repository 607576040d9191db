//! The heading of a table: sorts, and changes widths by dragging or with the arrow keys. And the menu that
//! chooses columns.

use leptos::prelude::*;

use super::{
    anchored::{Anchored, Placement},
    button::{Button, ButtonKind, IconButton},
    checkbox::Checkbox,
    icon::{Glyph, Icon},
    table::TableTexts,
    table_state::{Column, TableState},
};

/// The heading row.
#[component]
pub fn TableHead(
    /// What the table remembers.
    state: TableState,
    /// The columns that are shown.
    #[prop(into)]
    columns: Signal<Vec<Column>>,
    /// What the table says.
    #[prop(into)]
    texts: Signal<TableTexts>,
    /// Rows can be chosen.
    selectable: bool,
) -> impl IntoView {
    let all = Memo::new(move |_| {
        let rows = state.rows.with(Vec::len);
        let selected = state.selected.with(std::collections::BTreeSet::len);
        (
            rows > 0 && selected >= rows,
            selected > 0 && selected < rows,
        )
    });
    let select = selectable.then(|| {
        view! {
            <th class="select-cell" scope="col">
                <Checkbox
                    checked=Signal::derive(move || all.get().0)
                    partly=Signal::derive(move || all.get().1)
                    on_change=move |_| state.toggle_all()
                    label=Signal::derive(move || texts.with(|texts| texts.select_all.clone()))
                    hide_label=true
                />
            </th>
        }
    });
    view! {
        <thead>
            <tr>
                {select}
                {move || columns.get().into_iter().map(|column| heading(state, column, texts)).collect_view()}
            </tr>
        </thead>
    }
}

/// One heading.
fn heading(state: TableState, column: Column, texts: Signal<TableTexts>) -> impl IntoView {
    let Column {
        key,
        label,
        width,
        numeric,
        sortable,
        optional: _,
    } = column;
    let key = StoredValue::new(key);
    let descending = Memo::new(move |_| {
        let sort = state
            .sort
            .get()
            .filter(|sort| key.with_value(|key| sort.key == *key));
        sort.map(|sort| sort.descending)
    });
    let aria = move || {
        sortable.then(|| match descending.get() {
            Some(true) => "descending",
            Some(false) => "ascending",
            None => "none",
        })
    };
    let glyph = Signal::derive(move || match descending.get() {
        Some(true) => Glyph::ArrowDown,
        Some(false) => Glyph::ArrowUp,
        None => Glyph::Sort,
    });
    let name = label.clone();
    let inside = if sortable {
        view! {
            <button
                type="button"
                class="sorter"
                class:on=move || descending.get().is_some()
                on:click=move |_| key.with_value(|key| state.cycle_sort(key))
            >
                <span class="clip">{label}</span>
                <Icon glyph />
            </button>
        }
        .into_any()
    } else {
        view! { <span class="clip">{label}</span> }.into_any()
    };
    view! {
        <th
            scope="col"
            class:num=numeric
            aria-sort=aria
            style:width=format!("{width}px")
        >
            {inside}
            <span
                class="grip"
                role="separator"
                aria-orientation="vertical"
                tabindex="0"
                aria-valuenow=width.to_string()
                aria-label=move || texts.with(|texts| format!("{} {name}", texts.resize))
                on:pointerdown=move |event| drag(&event, state, key, width)
                on:click=|event| event.stop_propagation()
                on:keydown=move |event| {
                    let new = match event.key().as_str() {
                        "ArrowLeft" => width.saturating_sub(16),
                        "ArrowRight" => width + 16,
                        _ => return,
                    };
                    event.prevent_default();
                    event.stop_propagation();
                    key.with_value(|key| state.set_width(key, new));
                }
            ></span>
        </th>
    }
}

/// Follows the pointer until it is let go.
fn drag(event: &web_sys::PointerEvent, state: TableState, key: StoredValue<String>, width: u32) {
    event.prevent_default();
    let from = event.client_x();
    let key = key.get_value();
    let moving = window_event_listener(leptos::ev::pointermove, move |event| {
        let change = event.client_x() - from;
        state.set_width(&key, width.saturating_add_signed(change));
    });
    let done = StoredValue::new_local(None::<leptos::leptos_dom::helpers::WindowListenerHandle>);
    let moving = StoredValue::new_local(Some(moving));
    let handle = window_event_listener(leptos::ev::pointerup, move |_| {
        for listener in [moving, done] {
            if let Some(listener) = listener.try_update_value(Option::take).flatten() {
                listener.remove();
            }
        }
    });
    done.set_value(Some(handle));
}

/// The words of the menu that chooses columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnTexts {
    /// On the button.
    pub button: String,
    /// For the step up in the order.
    pub up: String,
    /// For the step down in the order.
    pub down: String,
    /// Goes back to the table as it was made.
    pub reset: String,
}

/// A button that opens the list of columns: which are shown, and in what order.
#[component]
pub fn ColumnChooser(
    /// What the table remembers.
    state: TableState,
    /// Every column there is.
    #[prop(into)]
    columns: Signal<Vec<Column>>,
    /// The words.
    #[prop(into)]
    texts: Signal<ColumnTexts>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let keys = move || -> Vec<String> {
        columns.with(|columns| {
            state
                .shown(columns)
                .into_iter()
                .map(|column| column.key)
                .collect()
        })
    };
    let set = move |keys: Vec<String>| state.layout.update(|layout| layout.shown = Some(keys));
    let toggle = move |key: String| {
        let mut shown = untrack(keys);
        let before = shown.len();
        shown.retain(|other| *other != key);
        if shown.len() == before {
            shown.push(key);
        }
        if !shown.is_empty() {
            set(shown);
        }
    };
    let shift = move |key: &str, step: isize| {
        let mut shown = untrack(keys);
        let Some(at) = shown.iter().position(|other| other == key) else {
            return;
        };
        let to = at.saturating_add_signed(step);
        if to < shown.len() {
            shown.swap(at, to);
            set(shown);
        }
    };
    let text = move |pick: fn(&ColumnTexts) -> &String| {
        Signal::derive(move || texts.with(|texts| pick(texts).clone()))
    };
    let line = move |column: Column, on: bool| {
        let key = StoredValue::new(column.key);
        view! {
            <div class="column-line">
                <Checkbox checked=on on_change=move |_| toggle(key.get_value()) label=column.label />
                {on
                    .then(|| {
                        view! {
                            <span class="column-steps">
                                <IconButton
                                    glyph=Glyph::ChevronUp
                                    label=text(|texts| &texts.up)
                                    small=true
                                    on_press=move |()| key.with_value(|key| shift(key, -1))
                                />
                                <IconButton
                                    glyph=Glyph::ChevronDown
                                    label=text(|texts| &texts.down)
                                    small=true
                                    on_press=move |()| key.with_value(|key| shift(key, 1))
                                />
                            </span>
                        }
                    })}
            </div>
        }
    };
    let lines = move || {
        let shown = keys();
        let all = columns.get();
        let first = shown
            .iter()
            .filter_map(|key| all.iter().find(|column| column.key == *key));
        let rest = all.iter().filter(|column| !shown.contains(&column.key));
        let first = first
            .map(|column| line(column.clone(), true))
            .collect_view();
        (
            first,
            rest.map(|column| line(column.clone(), false))
                .collect_view(),
        )
    };
    view! {
        <span class="anchor">
            <Button
                kind=ButtonKind::Quiet
                small=true
                icon=Glyph::Columns
                on_press=move |()| open.update(|open| *open = !*open)
            >
                {text(|texts| &texts.button)}
            </Button>
            <Anchored open=open on_close=move |()| open.set(false) placement=Placement::BelowEnd class="columns">
                <div class="column-lines">{lines}</div>
                <Button
                    kind=ButtonKind::Quiet
                    small=true
                    wide=true
                    on_press=move |()| state.layout.set(super::table_state::ColumnLayout::default())
                >
                    {text(|texts| &texts.reset)}
                </Button>
            </Anchored>
        </span>
    }
}
