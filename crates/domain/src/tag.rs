//! Tags: labels on records.

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, Visibility, no_check};

/// The colours that a tag or a pool can have; the app maps them to its tokens.
pub const COLOURS: &[&str] = &["grey", "blue", "green", "yellow", "red", "cyan", "violet"];

record! {
    /// A label.
    pub struct Tag {
        /// What it says; records carry this text.
        name: String = def::text(40).required().searchable().sortable().unique().on_create();
        /// Its colour.
        colour: String = def::choice(COLOURS).required().default(Default::Text("grey"));
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "tag",
    plural: "tags",
    table: "tags",
    fields: Tag::FIELDS,
    title: &["name"],
    visibility: Visibility::Common,
    check: no_check,
    can: Capabilities::NONE,
};
