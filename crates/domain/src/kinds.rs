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
    &crate::document_line::DEF,
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

/// The kind with this noun in the plural, as in addresses: `dictionary-entries`.
#[must_use]
pub fn by_plural(plural: &str) -> Option<&'static Def> {
    ALL.iter().find(|def| def.plural == plural).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_hold_the_kinds_that_can_lie_in_them() {
        let pooled: Vec<&str> = ALL
            .iter()
            .filter(|def| def.can.pooled.is_some())
            .map(|def| def.kind)
            .collect();
        assert_eq!(pooled, crate::pool::POOLED);
    }

    #[test]
    fn capabilities_name_fields_and_statuses_that_there_are() {
        for def in ALL {
            let field = |name: &str| {
                let found = def.field(name);
                found.unwrap_or_else(|| panic!("{} has no {name}", def.kind))
            };
            if let Some(pooled) = def.can.pooled {
                field(pooled.reason_field);
                field("pool_id");
                field("owner_id");
            }
            if let Some(document) = def.can.document {
                field(document.day);
                field("amount");
                field("exchange_rate");
                field("base_amount");
                if document.number.is_some() {
                    field("number");
                }
            }
            for (kind, of) in def.can.parts {
                let part = find(kind).unwrap_or_else(|| panic!("no {kind}"));
                assert_eq!(part.field(of).unwrap().ty, crate::def::Type::Ref(def.kind));
            }
            if let Some(company) = def.can.company {
                field(company);
            }
            for code in def.can.stays.iter().chain(def.can.holds) {
                let crate::def::Type::Choice(codes) = field("status").ty else {
                    panic!("{} has no statuses", def.kind);
                };
                assert!(codes.contains(code), "{}: {code}", def.kind);
            }
            for of_same in def
                .fields
                .iter()
                .filter(|field| field.same_customer.is_some())
            {
                field("customer_id");
                assert!(matches!(of_same.ty, crate::def::Type::Ref(_)));
            }
        }
    }
}
