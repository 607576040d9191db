//! The table: heading and first column stay, only the rows in sight are drawn, and on a phone each row is
//! a card.

use std::sync::Arc;

use leptos::{html, prelude::*};

use super::{
    checkbox::Checkbox,
    dom::{from_control, narrow, number, whole},
    table_head::TableHead,
    table_state::{Column, Row, TableState},
};

/// Rows drawn above and below what is in sight.
const SPARE: usize = 8;
/// For so many frames the row that the keys are on is waited for.
const FRAMES: u8 = 10;
/// The height of the head, in pixels, as the style sheet has it.
const HEAD: f64 = 34.0;

/// What a table says to people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableTexts {
    /// What the table shows, for people who hear the page.
    pub caption: String,
    /// For the box that chooses a row.
    pub select_row: String,
    /// For the box that chooses all rows.
    pub select_all: String,
    /// For the grip that changes the width of a column.
    pub resize: String,
}

/// Draws one cell: given the id of the row and the key of the column.
#[derive(Clone)]
pub struct CellView(DrawCell);

type DrawCell = Arc<dyn Fn(&str, &str) -> AnyView + Send + Sync>;

impl<F, V> From<F> for CellView
where
    F: Fn(&str, &str) -> V + Send + Sync + 'static,
    V: IntoAny,
{
    fn from(draw: F) -> Self {
        Self(Arc::new(move |row, column| draw(row, column).into_any()))
    }
}

impl CellView {
    /// The cell as a view.
    #[must_use]
    pub fn draw(&self, row: &str, column: &str) -> AnyView {
        (self.0)(row, column)
    }
}

/// What every row needs to know of its table.
#[derive(Clone, Copy)]
struct RowContext {
    state: TableState,
    columns: Signal<Vec<Column>>,
    cell: StoredValue<CellView>,
    texts: Signal<TableTexts>,
    selectable: bool,
    on_open: Option<Callback<String>>,
}

/// A table. The page fills `state.rows`, listens to `state.sort` and `state.selected`, and draws cells.
#[component]
pub fn DataTable(
    /// What the table remembers.
    state: TableState,
    /// Every column there is; the state says which are shown.
    #[prop(into)]
    columns: Signal<Vec<Column>>,
    /// Draws one cell.
    #[prop(into)]
    cell: CellView,
    /// What it says.
    #[prop(into)]
    texts: Signal<TableTexts>,
    /// Rows can be chosen.
    #[prop(optional)]
    selectable: bool,
    /// Called with the id of a row that was pressed, or on Enter.
    #[prop(optional, into)]
    on_open: Option<Callback<String>>,
    /// How many rows there are in all, where it is known.
    #[prop(optional, into)]
    total: Signal<Option<usize>>,
    /// What stands below the last row: the mark that loads more, or skeletons.
    #[prop(optional, into)]
    after: Option<ViewFnOnce>,
) -> impl IntoView {
    let scroll = NodeRef::<html::Div>::new();
    let (top, height, row_height) = (
        RwSignal::new(0.0),
        RwSignal::new(900.0),
        RwSignal::new(38.0),
    );
    let narrow = narrow();
    let shown = Memo::new(move |_| columns.with(|columns| state.shown(columns)));
    let context = RowContext {
        state,
        columns: shown.into(),
        cell: StoredValue::new(cell),
        texts,
        selectable,
        on_open,
    };
    let measure = move || {
        // The table may have gone by the frame that was waited for.
        let (Some(Some(scroll)), Some(known)) =
            (scroll.try_get_untracked(), row_height.try_get_untracked())
        else {
            return;
        };
        top.set(f64::from(scroll.scroll_top()));
        height.set(f64::from(scroll.client_height()));
        let first = scroll.query_selector("tbody tr.data").ok().flatten();
        if let Some(first) = first {
            let found = first.get_bounding_client_rect().height();
            if found > 1.0 && (found - known).abs() > 0.5 {
                row_height.set(found);
            }
        }
    };
    Effect::new(move |_| {
        state.rows.track();
        request_animation_frame(measure);
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    let window = Memo::new(move |_| {
        let count = state.rows.with(Vec::len);
        if narrow.get() {
            return (0, count);
        }
        let first = whole(top.get() / row_height.get()).saturating_sub(SPARE);
        let many = whole(height.get() / row_height.get()) + 2 * SPARE + 1;
        (first.min(count), (first + many).min(count))
    });
    let visible = move || {
        let (from, to) = window.get();
        state.rows.with(|rows| {
            let part = rows.get(from..to).unwrap_or_default();
            (from..to).zip(part.iter().cloned()).collect::<Vec<_>>()
        })
    };
    let room = move |rows: usize| format!("{}px", number(rows) * row_height.get());
    let above = move || room(window.get().0);
    let below = move || room(state.rows.with(Vec::len).saturating_sub(window.get().1));
    // Held while rows are exchanged: a table that is shorter for a moment makes the browser scroll back.
    let whole_height = move || {
        let rows = number(state.rows.with(Vec::len)) * row_height.get();
        (!narrow.get()).then(|| format!("{}px", rows + HEAD))
    };
    let width = move || {
        shown.with(|columns| columns.iter().map(|column| column.width).sum::<u32>())
            + if selectable { 44 } else { 0 }
    };
    keep_active_in_sight(state, scroll, row_height, top);
    view! {
        <div
            class="table-scroll"
            node_ref=scroll
            tabindex="-1"
            on:scroll=move |_| measure()
            on:keydown=move |event| keys(&event, state, on_open)
        >
            <div style:min-height=whole_height>
                <table
                    class="table"
                    class:cards=narrow
                    style:min-width=move || format!("{}px", width())
                    aria-label=move || texts.with(|texts| texts.caption.clone())
                    aria-rowcount=move || total.get().map(|total| total.to_string())
                >
                    <TableHead state=state columns=shown texts=texts selectable=selectable />
                    <tbody>
                        <tr class="room" aria-hidden="true" style:height=above></tr>
                        <For
                            each=visible
                            key=|(_, row)| row.clone()
                            children=move |(at, row)| table_row(context, at, row)
                        />
                        <tr class="room" aria-hidden="true" style:height=below></tr>
                    </tbody>
                </table>
            </div>
            {after.map(|after| after.run())}
        </div>
    }
}

/// One row; on a phone its cells carry their column's name.
fn table_row(context: RowContext, at: usize, row: Row) -> impl IntoView {
    let RowContext {
        state,
        columns,
        cell,
        texts,
        selectable,
        on_open,
    } = context;
    let id = StoredValue::new(row.id);
    let selected = Memo::new(move |_| {
        state
            .selected
            .with(|selected| id.with_value(|id| selected.contains(id)))
    });
    let active = Memo::new(move |_| {
        state
            .active
            .with(|active| id.with_value(|id| active.as_ref() == Some(id)))
    });
    let press = move |event: web_sys::MouseEvent| {
        if from_control(&event) {
            return;
        }
        state.active.set(Some(id.get_value()));
        if event.shift_key() && selectable {
            state.select_to(&id.get_value());
        } else if event.ctrl_key() || event.meta_key() {
            state.toggle(&id.get_value());
        } else if let Some(on_open) = on_open {
            on_open.run(id.get_value());
        }
    };
    let cells = move || {
        let draw = |column: &Column| {
            let inside = cell.with_value(|cell| id.with_value(|id| cell.draw(id, &column.key)));
            view! {
                <td class:num=column.numeric data-label=column.label.clone()>
                    {inside}
                </td>
            }
        };
        columns.with(|columns| columns.iter().map(draw).collect_view())
    };
    let select = selectable.then(|| {
        view! {
            <td class="select-cell">
                <Checkbox
                    checked=selected
                    on_change=move |_| state.toggle(&id.get_value())
                    label=Signal::derive(move || texts.with(|texts| texts.select_row.clone()))
                    hide_label=true
                />
            </td>
        }
    });
    view! {
        <tr
            class="data"
            class:active=active
            class:openable=on_open.is_some()
            data-id=id.get_value()
            aria-rowindex=(at + 2).to_string()
            aria-selected=move || selected.get().to_string()
            tabindex=move || if active.get() || (at == 0 && state.active.with(Option::is_none)) { "0" } else { "-1" }
            on:click=press
            on:focus=move |_| state.active.set(Some(id.get_value()))
        >
            {select}
            {cells}
        </tr>
    }
}

/// Keys while the focus is on a row.
fn keys(event: &web_sys::KeyboardEvent, state: TableState, on_open: Option<Callback<String>>) {
    if from_control(event) {
        return;
    }
    match event.key().as_str() {
        "ArrowDown" => drop(state.move_active(1)),
        "ArrowUp" => drop(state.move_active(-1)),
        "PageDown" => drop(state.move_active(12)),
        "PageUp" => drop(state.move_active(-12)),
        " " => state.toggle_active(),
        "Enter" => {
            if let (Some(id), Some(on_open)) = (state.active.get_untracked(), on_open) {
                on_open.run(id);
            }
        }
        _ => return,
    }
    event.prevent_default();
}

/// Scrolls the row that the keys are on into sight, and gives it the focus if a row had it.
fn keep_active_in_sight(
    state: TableState,
    scroll: NodeRef<html::Div>,
    row_height: RwSignal<f64>,
    scrolled: RwSignal<f64>,
) {
    Effect::new(move |before: Option<Option<String>>| {
        let active = state.active.get();
        let (Some(id), Some(scroll)) = (active.clone(), scroll.get_untracked()) else {
            return active;
        };
        if before.is_none_or(|before| before == active) {
            return active;
        }
        let at = state
            .rows
            .with_untracked(|rows| rows.iter().position(|row| row.id == id));
        let Some(at) = at else { return active };
        let had_focus = document().active_element().is_some_and(|element| {
            let row = element.tag_name() == "TR" && scroll.contains(Some(&element));
            row || scroll.is_same_node(Some(&element))
        });
        let height = row_height.get_untracked();
        let row_top = number(at) * height;
        let (top, view) = (
            f64::from(scroll.scroll_top()),
            f64::from(scroll.client_height()),
        );
        let options = web_sys::ScrollToOptions::new();
        if row_top < top {
            options.set_top(row_top);
            scroll.scroll_to_with_scroll_to_options(&options);
        } else if row_top + height + HEAD > top + view {
            options.set_top(row_top + height + HEAD - view);
            scroll.scroll_to_with_scroll_to_options(&options);
        }
        if had_focus {
            // The row that has the focus may not be drawn any more in a moment; the keys that come
            // until the next row has it belong to the table all the same.
            super::dom::focus(&scroll);
        }
        // The rows in sight are drawn before the browser tells of the scrolling, so that the focus finds
        // its row and no key is lost.
        scrolled.set(f64::from(scroll.scroll_top()));
        if had_focus {
            focus_active(state, scroll.into(), FRAMES);
        }
        active
    });
}

/// Gives the focus to the row that the keys are on, as soon as it is drawn. One that they were on before
/// does not get it: the browser would scroll back to it.
fn focus_active(state: TableState, scroll: web_sys::Element, frames: u8) {
    request_animation_frame(move || {
        // The table may have gone by then.
        let Some(Some(active)) = state.active.try_get_untracked() else {
            return;
        };
        let row = scroll.query_selector("tr.data[tabindex='0']");
        let row = row.ok().flatten();
        match row.filter(|row| row.get_attribute("data-id").as_ref() == Some(&active)) {
            Some(row) => super::dom::focus(&row),
            None if frames > 0 => focus_active(state, scroll, frames - 1),
            None => {}
        }
    });
}
