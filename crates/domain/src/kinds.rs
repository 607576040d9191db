//! The kinds that there are: one line each.

use crate::def::Def;

/// Every kind, in the order of the API's description.
pub static ALL: &[&Def] = &[
    &crate::lead::DEF,
    &crate::customer::DEF,
    &crate::contact::DEF,
    &crate::product::DEF,
    &crate::pipeline::DEF,
    &crate::stage::DEF,
    &crate::opportunity::DEF,
    &crate::stage_change::DEF,
    &crate::contract::DEF,
    &crate::receivable::DEF,
    &crate::payment::DEF,
    &crate::allocation::DEF,
    &crate::adjustment::DEF,
    &crate::refund::DEF,
    &crate::exchange_rate::DEF,
    &crate::target::DEF,
    &crate::activity::DEF,
    &crate::task::DEF,
    &crate::tag::DEF,
    &crate::department::DEF,
    &crate::user::DEF,
    &crate::role::DEF,
    &crate::pool::DEF,
    &crate::territory::DEF,
    &crate::dictionary_entry::DEF,
    &crate::saved_view::DEF,
];

/// The kind with this noun in the singular: `lead`.
#[must_use]
pub fn find(kind: &str) -> Option<&'static Def> {
    ALL.iter().find(|def| def.kind == kind).copied()
}

/// The field of a kind that holds the name of a company: records are compared by it, however it is
/// spelled.
#[must_use]
pub fn company_field(def: &Def) -> Option<&'static str> {
    match def.kind {
        "lead" => Some("company"),
        "customer" => Some("name"),
        _ => None,
    }
}

/// The kind with this noun in the plural, as in addresses: `dictionary-entries`.
#[must_use]
pub fn by_plural(plural: &str) -> Option<&'static Def> {
    ALL.iter().find(|def| def.plural == plural).copied()
}
