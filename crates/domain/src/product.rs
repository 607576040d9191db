//! Products: what is sold, and for how much (产品).

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, Section, Visibility, no_check};
use crate::document::MAX_MILLIONTHS;
use crate::exchange::WHOLE;

record! {
    /// Something that is sold.
    pub struct Product {
        /// What it is called.
        name: String = def::text(200).required().searchable().sortable();
        /// Its number in the company's list.
        code: Option<String> = def::text(60).searchable().sortable().unique();
        /// What it belongs to.
        category: Option<String> = def::dictionary("product_category");
        /// What it is counted in: piece, hour, licence.
        unit: Option<String> = def::text(20);
        /// The price of one in the workspace's currency, in millionths of its major unit.
        unit_price: i64 = def::millionths(0, MAX_MILLIONTHS)
            .required()
            .sortable()
            .default(Default::Int(0));
        /// The tax on it.
        tax_rate: i64 = def::basis_points(WHOLE).required().default(Default::Int(0));
        /// Whether it is still sold.
        active: bool = def::boolean().required().default(Default::Bool(true));
        /// What it is.
        description: Option<String> = def::long_text(4000).section(Section::More);
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "product",
    plural: "products",
    table: "products",
    fields: Product::FIELDS,
    title: &["name"],
    visibility: Visibility::Workspace,
    check: no_check,
    can: Capabilities::NONE,
};
