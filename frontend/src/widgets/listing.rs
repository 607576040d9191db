//! The records of a list: what is asked for, what came, and more of it as one scrolls. What was
//! shown last is kept, so that coming back shows the same place.

use std::cell::RefCell;
use std::collections::HashMap;

use kehu_client::records::ListQuery;
use kehu_domain::def::Def;
use kehu_wire::Record;
use kehu_wire::page::Page;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::state::{API, App};
use crate::ui::prelude::{Row, TableState};
use crate::widgets::load::Load;
use crate::widgets::lookups::{Lookups, text};

/// How many records come at once.
const PAGE: u32 = 50;

/// The most records that one request gives.
const MOST: usize = 200;

/// What was shown last of a kind.
#[derive(Clone)]
struct Kept {
    query: ListQuery,
    rows: Vec<Row>,
    items: HashMap<String, Record>,
    cursor: Option<String>,
    count: Option<(u64, bool)>,
    active: Option<String>,
    scroll: i32,
}

thread_local!(static KEPT: RefCell<HashMap<&'static str, Kept>> = RefCell::new(HashMap::new()));

/// The records of a list. Copy it freely.
#[derive(Clone, Copy)]
pub struct Listing {
    /// The kind.
    pub(crate) def: &'static Def,
    /// The table that shows them.
    pub(crate) table: TableState,
    /// The records by id.
    pub(crate) items: RwSignal<HashMap<String, Record>>,
    /// How many there are, and whether there are more than that.
    pub(crate) count: RwSignal<Option<(u64, bool)>>,
    /// How far the first page is.
    pub(crate) load: RwSignal<Load<()>>,
    /// Whether more are on their way.
    pub(crate) loading_more: RwSignal<bool>,
    cursor: RwSignal<Option<String>>,
    query: RwSignal<ListQuery>,
    /// Counts the questions, so that a late answer to an old one is dropped.
    turn: StoredValue<u32>,
    /// How far the table is scrolled.
    pub(crate) scroll: StoredValue<i32>,
    lookups: Lookups,
}

impl Listing {
    /// A list that asks whenever the question changes.
    pub(crate) fn new(def: &'static Def, wanted: Memo<ListQuery>) -> Self {
        let listing = Self {
            def,
            table: TableState::new(),
            items: RwSignal::new(HashMap::new()),
            count: RwSignal::new(None),
            load: RwSignal::new(Load::Loading),
            loading_more: RwSignal::new(false),
            cursor: RwSignal::new(None),
            query: RwSignal::new(ListQuery::default()),
            turn: StoredValue::new(0),
            scroll: StoredValue::new(0),
            lookups: Lookups::here(),
        };
        Effect::new(move |before: Option<()>| {
            let query = wanted.get();
            let kept = before
                .is_none()
                .then(|| KEPT.with(|kept| kept.borrow().get(def.plural).cloned()))
                .flatten();
            match kept.filter(|kept| kept.query == query) {
                Some(kept) => listing.show_kept(kept),
                None => {
                    listing.query.set(query);
                    listing.reload();
                }
            }
        });
        // Somebody else may have written meanwhile; what this person wrote counts at once.
        let app = App::here();
        Effect::new(move |before: Option<u32>| {
            let written = app.written.get();
            if before.is_some_and(|before| before != written) {
                listing.refresh();
            }
            written
        });
        on_cleanup(move || listing.keep());
        listing
    }

    fn show_kept(self, kept: Kept) {
        self.query.set(kept.query);
        self.items.set(kept.items);
        self.table.rows.set(kept.rows);
        self.table.active.set(kept.active);
        self.cursor.set(kept.cursor);
        self.count.set(kept.count);
        self.load.set(Load::Ready(()));
        let top = kept.scroll;
        // The rows are drawn in the next frame and take their height in the one after.
        request_animation_frame(move || {
            request_animation_frame(move || {
                if let Ok(Some(table)) = document().query_selector(".list-main .table-scroll") {
                    table.set_scroll_top(top);
                }
            });
        });
        self.refresh();
    }

    /// Keeps what is shown for coming back.
    pub(crate) fn keep(self) {
        let ready = self
            .load
            .try_with_untracked(|load| matches!(load, Load::Ready(())));
        if ready != Some(true) {
            return;
        }
        let kept = Kept {
            query: self.query.try_get_untracked().unwrap_or_default(),
            rows: self.table.rows.try_get_untracked().unwrap_or_default(),
            items: self.items.try_get_untracked().unwrap_or_default(),
            cursor: self.cursor.try_get_untracked().flatten(),
            count: self.count.try_get_untracked().flatten(),
            active: self.table.active.try_get_untracked().flatten(),
            scroll: self.scroll.try_get_value().unwrap_or_default(),
        };
        KEPT.with(|all| all.borrow_mut().insert(self.def.plural, kept));
    }

    /// Whether there is more.
    pub(crate) fn has_more(self) -> bool {
        self.cursor.with(Option::is_some)
    }

    /// Reads the first page anew.
    pub(crate) fn reload(self) {
        let turn = self.begin();
        self.load.set(Load::Loading);
        self.table.selected.update(|selected| selected.clear());
        let query = ListQuery {
            limit: Some(PAGE),
            count: "capped",
            ..self.query.get_untracked()
        };
        spawn_local(async move {
            let result = API.list(self.def.plural, &query).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match result {
                Ok(page) => {
                    self.items.update(HashMap::clear);
                    let rows = self.take(&page);
                    self.table.rows.set(rows);
                    self.finish(page);
                    self.load.set(Load::Ready(()));
                }
                Err(error) => self.load.set(Load::Problem(error)),
            }
        });
    }

    /// Reads what is shown once more, without anything blinking.
    pub(crate) fn refresh(self) {
        let shown = self.table.rows.with_untracked(Vec::len);
        if shown > MOST {
            return;
        }
        let turn = self.begin();
        let limit = u32::try_from(shown).unwrap_or(PAGE).clamp(PAGE, 200);
        let query = ListQuery {
            limit: Some(limit),
            count: "capped",
            ..self.query.get_untracked()
        };
        spawn_local(async move {
            let result = API.list(self.def.plural, &query).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            if let Ok(page) = result {
                let rows = self.take(&page);
                let there: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
                self.table.rows.set(rows);
                self.table
                    .selected
                    .update(|selected| selected.retain(|id| there.contains(id)));
                self.finish(page);
                self.load.set(Load::Ready(()));
            }
        });
    }

    /// Reads the next page.
    pub(crate) fn more(self) {
        let Some(cursor) = self.cursor.get_untracked() else {
            return;
        };
        if self.loading_more.get_untracked() {
            return;
        }
        let turn = self.turn.get_value();
        self.loading_more.set(true);
        let query = ListQuery {
            limit: Some(PAGE),
            cursor,
            ..self.query.get_untracked()
        };
        spawn_local(async move {
            let result = API.list(self.def.plural, &query).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.loading_more.set(false);
            if let Ok(page) = result {
                let rows = self.take(&page);
                self.table.rows.update(|all| {
                    for row in rows {
                        if all.iter().all(|known| known.id != row.id) {
                            all.push(row);
                        }
                    }
                });
                self.cursor.set(page.next_cursor);
            }
        });
    }

    /// Takes a record out of the list without asking, because it does not belong to it any more.
    pub(crate) fn drop_row(self, id: &str) {
        self.table
            .rows
            .update(|rows| rows.retain(|row| row.id != id));
        self.count.update(|count| {
            if let Some((n, false)) = count {
                *n = n.saturating_sub(1);
            }
        });
    }

    fn begin(self) -> u32 {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        self.loading_more.set(false);
        turn
    }

    fn finish(self, page: Page) {
        self.cursor.set(page.next_cursor);
        self.count.set(
            page.count
                .map(|count| (count, page.count_capped.unwrap_or_default())),
        );
    }

    fn take(self, page: &Page) -> Vec<Row> {
        let mut rows = Vec::with_capacity(page.items.len());
        self.items.update_untracked(|items| {
            for record in &page.items {
                let id = text(record, "id").to_owned();
                let version = record
                    .get("version")
                    .and_then(Value::as_i64)
                    .unwrap_or_default();
                rows.push(Row::new(id.clone(), version));
                for value in record.values() {
                    if let (Some(id), Some(title)) = (value.get("id"), value.get("title")) {
                        self.lookups.remember(
                            id.as_str().unwrap_or_default(),
                            title.as_str().unwrap_or_default(),
                        );
                    }
                }
                items.insert(id, record.clone());
            }
        });
        rows
    }

    /// A record of the list.
    pub(crate) fn record(self, id: &str) -> Option<Record> {
        self.items.with_untracked(|items| items.get(id).cloned())
    }
}
