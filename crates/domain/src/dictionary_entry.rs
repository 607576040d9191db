//! Dictionaries: the lists of reasons, sources, industries that a workspace chooses from.

use crate::def::{self, Def, Default, Visibility, no_check};

/// The dictionaries.
pub const DICTIONARIES: &[&str] = &[
    "industry",
    "source",
    "lead_reason",
    "customer_reason",
    "opportunity_reason",
    "product_category",
    "payment_method",
    "income_band",
    "education",
    "marital_status",
];

record! {
    /// One entry of a dictionary.
    pub struct DictionaryEntry {
        /// The dictionary it stands in.
        dictionary: String = def::choice(DICTIONARIES).required().on_create();
        /// What records carry.
        code: String = def::text(60).required().on_create().unique_within("dictionary").sortable();
        /// What people read.
        name: String = def::text(120).required().searchable().sortable();
        /// Where it stands in the list.
        position: i64 = def::int(0, 100_000).default(Default::Int(0)).sortable();
        /// Whether it is offered for new records.
        active: bool = def::boolean().required().default(Default::Bool(true));
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "dictionary_entry",
    plural: "dictionary-entries",
    table: "dictionary_entries",
    fields: DictionaryEntry::FIELDS,
    title: &["name"],
    visibility: Visibility::Workspace,
    check: no_check,
};
