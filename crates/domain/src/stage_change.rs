//! The stage history of opportunities: who moved what from where to where, and the amount then.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Visibility, no_check};
use crate::money::Money;

record! {
    /// One change of stage.
    pub struct StageChange {
        /// The opportunity.
        opportunity_id: Uuid = def::reference("opportunity").required().by_operation();
        /// Its pipeline.
        pipeline_id: Uuid = def::reference("pipeline").required().by_operation();
        /// The stage before; none for a new one.
        from_stage_id: Option<Uuid> = def::reference("stage").by_operation();
        /// The stage after.
        to_stage_id: Uuid = def::reference("stage").required().by_operation();
        /// When.
        changed_at: DateTime<Utc> = def::time().required().by_operation().sortable();
        /// How many seconds it was in the stage before.
        seconds_before: Option<i64> = def::int(0, i64::MAX).by_operation();
        /// Its amount then, in the workspace's currency.
        amount: Option<Money> = def::money().by_operation();
        /// Who handled it then.
        owner_id: Option<Uuid> = def::reference("user").by_operation();
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "stage_change",
    plural: "stage-changes",
    table: "stage_changes",
    fields: StageChange::FIELDS,
    title: &[],
    visibility: Visibility::Ledger(&[("opportunity_id", "opportunity")]),
    check: no_check,
    can: Capabilities::NONE,
};
