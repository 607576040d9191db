//! Saved views: a list's filter, order and columns under a name.

use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, FieldProblem, Section, Visibility};
use crate::record::Record;

record! {
    /// A list's filter, order and columns under a name.
    pub struct SavedView {
        /// Its name, the text of its tab.
        name: String = def::text(60).required().searchable().sortable();
        /// The kind that it lists.
        record_kind: String = def::text(60).required().on_create();
        /// The filter, an expression over the kind's fields.
        filter: Option<String> = def::long_text(4096);
        /// The order, as in a list's `sort`.
        sort: Option<String> = def::text(250);
        /// The names of its columns, separated by commas.
        columns: Option<String> = def::text(1000);
        /// Whether everybody sees it.
        shared: bool = def::boolean().required().default(Default::Bool(false));
        /// Where its tab stands.
        position: i64 = def::int(0, 100_000).default(Default::Int(0)).sortable();
        /// Whose it is.
        owner_id: Option<Uuid> = def::reference("user")
            .by_operation()
            .default(Default::Actor)
            .section(Section::More);
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "saved_view",
    plural: "saved-views",
    table: "saved_views",
    fields: SavedView::FIELDS,
    title: &["name"],
    visibility: Visibility::Personal,
    check,
    can: Capabilities {
        // A view is personal.
        importable: false,
        ..Capabilities::NONE
    },
};

/// A view is over a kind that exists.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    let known = after
        .get("record_kind")
        .as_text()
        .is_some_and(|k| crate::kinds::find(k).is_some());
    if known {
        Vec::new()
    } else {
        vec![FieldProblem::new("record_kind", "unknown_kind")]
    }
}
