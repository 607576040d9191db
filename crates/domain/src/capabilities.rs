//! What the engine does for some kinds and not for others, as their declarations say. A capability
//! has two users or more; what one kind alone needs is its behaviour, in the use cases.

use crate::rights::{Action, Special};

/// What a kind can beside what every kind can.
#[derive(Debug, Clone, Copy)]
pub struct Capabilities {
    /// Records without an owner lie in a pool, and people claim, hand over and return them.
    pub pooled: Option<Pooled>,
    /// Has lines, a rate of exchange or a number.
    pub document: Option<Document>,
    /// Activities, changes and what else happened to a record are told in one timeline.
    pub timeline: bool,
    /// Whether people look for it by words from everywhere: its place among the kinds that are found,
    /// the first first.
    pub found: Option<u8>,
    /// The field that holds the name of a company: records are compared by it, however it is
    /// spelled.
    pub company: Option<&'static str>,
    /// The statuses in which a record never goes to the trash.
    pub stays: &'static [&'static str],
    /// The statuses in which a record keeps what it names out of the trash: a contract in force
    /// needs its customer.
    pub holds: &'static [&'static str],
    /// What is nothing without the record and is removed with it: (kind, the field that names the
    /// record).
    pub parts: &'static [(&'static str, &'static str)],
    /// Whether files recognise records by their name, where nothing of them is unique.
    pub known_by_name: KnownByName,
    /// Whether files may bring records; kinds that nobody writes by hand are left out anyway.
    pub importable: bool,
    /// What is done with its records beside making, changing and trashing them, each a right of its
    /// own.
    pub verbs: &'static [Action],
    /// The special right that it takes to change records that everybody reads.
    pub set_up: Special,
    /// Whether records are removed for good when they have lain in the trash for long.
    pub purged: bool,
}

/// How the records of a pooled kind go back to their pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pooled {
    /// The dictionary that the reason of a return comes from.
    pub reasons: &'static str,
    /// The field that keeps it.
    pub reason_field: &'static str,
}

/// What a document computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document {
    /// What its numbers begin with, where it is numbered: `C` for `C2026-00001`.
    pub number: Option<&'static str>,
    /// The field with the day whose rate of exchange counts.
    pub day: &'static str,
    /// Whether it must be worth something: by its lines, or by somebody's word.
    pub amount_required: bool,
}

/// Whether files recognise the records of a kind by their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownByName {
    /// Never: names repeat.
    No,
    /// Where the file has neither a telephone number nor an email address.
    WithoutContact,
    /// Always.
    Yes,
}

impl Capabilities {
    /// None of them.
    pub const NONE: Self = Self {
        pooled: None,
        document: None,
        timeline: false,
        found: None,
        company: None,
        stays: &[],
        holds: &[],
        parts: &[],
        known_by_name: KnownByName::No,
        importable: true,
        verbs: &[],
        set_up: Special::Settings,
        purged: true,
    };
}
