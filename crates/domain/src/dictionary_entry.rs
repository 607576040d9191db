//! Dictionaries: the lists of reasons, sources, industries that a workspace chooses from.

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, FieldProblem, Visibility};
use crate::record::Record;

/// The dictionaries.
pub const DICTIONARIES: &[&str] = &[
    "industry",
    "source",
    "lead_reason",
    "customer_reason",
    OPPORTUNITY_REASON,
    "product_category",
    "payment_method",
    "income_band",
    "education",
    "marital_status",
];

/// The dictionary whose entries may be reasons for one outcome alone.
pub const OPPORTUNITY_REASON: &str = "opportunity_reason";

codes! {
    /// How what has a reason ended.
    pub enum Outcome {
        /// It was won.
        Won = "won",
        /// It was lost.
        Lost = "lost",
    }
}

record! {
    /// One entry of a dictionary.
    pub struct DictionaryEntry {
        /// The dictionary it stands in.
        dictionary: String = def::choice(DICTIONARIES).required().on_create();
        /// What records carry.
        code: String = def::text(60).required().on_create().unique_within("dictionary").sortable();
        /// What people read.
        name: String = def::text(120).required().searchable().sortable();
        /// Of a reason of opportunities: the outcome that it is for; either one where it says none.
        outcome: Option<Outcome> = def::choice(Outcome::CODES);
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
    check,
    can: Capabilities::NONE,
};

fn check(_: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    let reason = after.get("dictionary").as_text() == Some(OPPORTUNITY_REASON);
    if reason || after.get("outcome").is_null() {
        Vec::new()
    } else {
        vec![FieldProblem::new("outcome", "opportunity_reasons_only")]
    }
}
