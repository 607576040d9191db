//! What an import remembers of the rows it has seen: by which row a value, a name or a company
//! stands already. Within one transaction it stands for what is not written yet; in a dry run, for
//! everything that would have been written.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use uuid::Uuid;

/// What is remembered, by what it was remembered for.
#[derive(Debug, Default)]
pub(super) struct Memory {
    rows: HashMap<u128, i64>,
}

/// Something that rows have in common. Values are kept as hashes of 128 bits: a file has millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key(u128);

impl Key {
    /// The value of a field of a kind.
    pub(super) fn value(kind: &str, field: &str, value: &str) -> Self {
        Self::of(&["value", kind, field, value])
    }

    /// A company's name, folded.
    pub(super) fn company(kind: &str, key: &str) -> Self {
        Self::of(&["company", kind, key])
    }

    /// A company's name as the first row of the file spells it.
    pub(super) fn spelling(kind: &str, name: &str) -> Self {
        Self::of(&["spelling", kind, name])
    }

    /// The id that another system has.
    pub(super) fn external(kind: &str, source: &str, id: &str) -> Self {
        Self::of(&["external", kind, source, id])
    }

    fn of(parts: &[&str]) -> Self {
        let half = |salt: u64| {
            let mut hasher = DefaultHasher::new();
            salt.hash(&mut hasher);
            parts.hash(&mut hasher);
            u128::from(hasher.finish())
        };
        Self(half(1) << 64 | half(2))
    }
}

impl Memory {
    /// The row by which this is known.
    pub(super) fn row(&self, key: Key) -> Option<i64> {
        self.rows.get(&key.0).copied()
    }

    /// Remembers a row for something, unless an earlier one is.
    pub(super) fn remember(&mut self, key: Key, row: i64) {
        self.rows.entry(key.0).or_insert(row);
    }

    /// Remembers a row for something, in place of earlier ones.
    pub(super) fn remember_last(&mut self, key: Key, row: i64) {
        self.rows.insert(key.0, row);
    }

    /// Takes in everything that another remembers.
    pub(super) fn take_in(&mut self, other: Self) {
        for (key, row) in other.rows {
            self.rows.entry(key).or_insert(row);
        }
    }
}

/// Whether an id is one that a dry run gave.
pub(super) fn is_stand_in(id: &str) -> bool {
    Uuid::parse_str(id).is_ok_and(|id| id.as_u128() >> 64 == 0)
}

/// The id that a dry run gives to what a row would have made.
pub(super) fn stand_in(row: i64) -> Uuid {
    Uuid::from_u128(u128::from(row.unsigned_abs()))
}
