//! What a table remembers: order, widths, what is chosen, where the keys are. Pages own it and bind their
//! keys to it; the table draws it.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;

/// One column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// What is stored.
    pub key: String,
    /// What is read.
    pub label: String,
    /// Width in pixels before anybody changed it.
    pub width: u32,
    /// Figures: aligned at the right.
    pub numeric: bool,
    /// The heading sorts.
    pub sortable: bool,
    /// Shown only when it is chosen.
    pub optional: bool,
}

impl Column {
    /// A column 160 px wide.
    #[must_use]
    pub fn new(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            width: 160,
            ..Self::default()
        }
    }

    /// The same with another width, in pixels.
    #[must_use]
    pub fn width(self, width: u32) -> Self {
        Self { width, ..self }
    }

    /// The same for figures.
    #[must_use]
    pub fn numeric(self) -> Self {
        Self {
            numeric: true,
            ..self
        }
    }

    /// The same with a heading that sorts.
    #[must_use]
    pub fn sortable(self) -> Self {
        Self {
            sortable: true,
            ..self
        }
    }

    /// The same, shown only when it is chosen.
    #[must_use]
    pub fn optional(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }
}

/// One row: its id, and a version that changes when its cells must be drawn anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// The id of what the row shows.
    pub id: String,
    /// The version of what the row shows.
    pub version: i64,
}

impl Row {
    /// A row.
    #[must_use]
    pub fn new(id: impl Into<String>, version: i64) -> Self {
        Self {
            id: id.into(),
            version,
        }
    }
}

/// By what the rows are sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The key of the column.
    pub key: String,
    /// Largest first.
    pub descending: bool,
}

/// What a person changed about the columns; worth keeping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnLayout {
    /// The keys of the columns that are shown, in order; `None` as the table was made.
    pub shown: Option<Vec<String>>,
    /// Widths in pixels that differ from the table as it was made.
    pub widths: BTreeMap<String, u32>,
}

/// The state of one table. Copy it freely.
#[derive(Clone, Copy, Debug)]
pub struct TableState {
    /// The ids of the rows, in order, as they are drawn.
    pub rows: RwSignal<Vec<Row>>,
    /// The id of the row that the keys are on.
    pub active: RwSignal<Option<String>>,
    /// The ids of the chosen rows.
    pub selected: RwSignal<BTreeSet<String>>,
    /// By what the rows are sorted.
    pub sort: RwSignal<Option<Sort>>,
    /// What a person changed about the columns.
    pub layout: RwSignal<ColumnLayout>,
    /// The row that a range began with.
    anchor: RwSignal<Option<String>>,
}

impl Default for TableState {
    fn default() -> Self {
        Self::new()
    }
}

impl TableState {
    /// An empty table, nothing chosen.
    #[must_use]
    pub fn new() -> Self {
        Self {
            rows: RwSignal::new(Vec::new()),
            active: RwSignal::new(None),
            selected: RwSignal::new(BTreeSet::new()),
            sort: RwSignal::new(None),
            layout: RwSignal::new(ColumnLayout::default()),
            anchor: RwSignal::new(None),
        }
    }

    /// Where the keys are.
    fn position(&self) -> Option<usize> {
        let active = self.active.get_untracked()?;
        self.rows
            .with_untracked(|rows| rows.iter().position(|row| row.id == active))
    }

    /// Moves the keys on by `step` rows and stops at the ends; gives the id of the row.
    pub fn move_active(&self, step: isize) -> Option<String> {
        let count = self.rows.with_untracked(Vec::len);
        let last = count.checked_sub(1)?;
        let at = match self.position() {
            Some(at) => at.saturating_add_signed(step).min(last),
            None => 0,
        };
        let id = self
            .rows
            .with_untracked(|rows| rows.get(at).map(|row| row.id.clone()));
        self.active.set(id.clone());
        id
    }

    /// Chooses a row, or takes the choice back.
    pub fn toggle(&self, id: &str) {
        self.anchor.set(Some(id.to_owned()));
        self.selected.update(|selected| {
            if !selected.remove(id) {
                selected.insert(id.to_owned());
            }
        });
    }

    /// Chooses the row that the keys are on, or takes the choice back.
    pub fn toggle_active(&self) {
        if let Some(id) = self.active.get_untracked() {
            self.toggle(&id);
        }
    }

    /// Chooses every row from where the last choice was made to this one.
    pub fn select_to(&self, id: &str) {
        let from = self.anchor.get_untracked();
        let between = self.rows.with_untracked(|rows| {
            let place = |id: &str| rows.iter().position(|row| row.id == id);
            let (one, other) = (from.as_deref().and_then(place), place(id));
            let (Some(one), Some(other)) = (one.or(other), other) else {
                return Vec::new();
            };
            let range = one.min(other)..=one.max(other);
            rows.get(range)
                .unwrap_or_default()
                .iter()
                .map(|row| row.id.clone())
                .collect()
        });
        self.selected.update(|selected| selected.extend(between));
    }

    /// Chooses every row that is loaded, or none when all were chosen.
    pub fn toggle_all(&self) {
        let all: BTreeSet<String> = self
            .rows
            .with_untracked(|rows| rows.iter().map(|row| row.id.clone()).collect());
        self.selected.update(|selected| {
            if all.is_subset(selected) {
                selected.clear();
            } else {
                *selected = all;
            }
        });
    }

    /// Takes every choice back.
    pub fn clear_selection(&self) {
        self.selected.update(BTreeSet::clear);
    }

    /// What a press on a heading means: ascending, then descending, then as it was.
    pub fn cycle_sort(&self, key: &str) {
        self.sort.update(|sort| {
            *sort = match sort.take() {
                Some(old) if old.key == key && old.descending => None,
                Some(old) if old.key == key => Some(Sort {
                    descending: true,
                    ..old
                }),
                _ => Some(Sort {
                    key: key.to_owned(),
                    descending: false,
                }),
            };
        });
    }

    /// The columns that are shown, in order, with their widths.
    #[must_use]
    pub fn shown(&self, columns: &[Column]) -> Vec<Column> {
        self.layout.with(|layout| {
            let wide = |column: &Column| Column {
                width: layout
                    .widths
                    .get(&column.key)
                    .copied()
                    .unwrap_or(column.width),
                ..column.clone()
            };
            match &layout.shown {
                None => columns
                    .iter()
                    .filter(|column| !column.optional)
                    .map(wide)
                    .collect(),
                Some(keys) => keys
                    .iter()
                    .filter_map(|key| columns.iter().find(|column| column.key == *key))
                    .map(wide)
                    .collect(),
            }
        })
    }

    /// Sets the width of a column, in pixels, within reason.
    pub fn set_width(&self, key: &str, width: u32) {
        self.layout.update(|layout| {
            layout.widths.insert(key.to_owned(), width.clamp(56, 800));
        });
    }
}
