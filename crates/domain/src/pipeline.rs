//! Pipelines: the ways by which possible sales go (销售流程).

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, Visibility, no_check};

record! {
    /// A way from the first talk to the sale, in stages.
    pub struct Pipeline {
        /// Its name.
        name: String = def::text(120).required().searchable().sortable().unique();
        /// Where it stands among the others.
        position: i64 = def::int(0, 1_000_000).required().sortable().default(Default::Int(0));
        /// Whether new opportunities begin here.
        is_default: bool = def::boolean().required().default(Default::Bool(false));
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "pipeline",
    plural: "pipelines",
    table: "pipelines",
    fields: Pipeline::FIELDS,
    title: &["name"],
    visibility: Visibility::Workspace,
    check: no_check,
    can: Capabilities::NONE,
};
