//! What an actor may see and do with the records of a kind: pure data, from which storage makes
//! its one condition and memory its one test.

use uuid::Uuid;

use crate::ctx::{Actor, Ctx, Owners};
use crate::def::{Def, Visibility};
pub use crate::rights::Action;

/// The records of one kind that an actor may do one thing with.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Scope {
    /// The workspace. Nothing crosses it.
    pub workspace_id: Uuid,
    /// Within it.
    pub rule: Rule,
}

/// Why something is done with records whoever may see them. None of what is read so is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// What everybody's work goes by: roles, pipelines, rates of exchange, tags.
    Settings,
    /// What must stand only once, or fit what is there: numbers, circles, one customer for all.
    Consistency,
    /// What follows from an act that was allowed.
    Consequence,
    /// What is nothing without a record is removed with it.
    Removal,
    /// A member of a pool is told that somebody was faster.
    LostRace,
    /// Somebody at the server's own console asks.
    Console,
}

impl Scope {
    /// All records of a workspace: the one door beside an actor's own scope, for what the caller is not
    /// shown. `cargo xtask test rules` lists who goes through it.
    #[must_use]
    pub const fn system(workspace_id: Uuid, _reason: Reason) -> Self {
        Self {
            workspace_id,
            rule: Rule::Everything,
        }
    }
}

/// Which records of the workspace are in scope.
#[derive(Debug, Clone)]
pub enum Rule {
    /// None.
    Nothing,
    /// All.
    Everything,
    /// Those of these owners; and, where the kind has the fields, those that the actor
    /// collaborates on and those that lie unowned in one of these pools.
    Owned {
        /// The owners; neither all nor none.
        owners: Owners,
        /// The actor.
        user_id: Uuid,
        /// The pools.
        pools: Vec<Uuid>,
    },
    /// Those that belong to a record that is in its own kind's scope, and the actor's own:
    /// (field, kind, that kind's scope).
    Through {
        /// The actor.
        user_id: Uuid,
        /// The ways.
        ways: Vec<(&'static str, &'static Def, Rule)>,
    },
    /// Those that are in both.
    Both(Box<(Rule, Rule)>),
    /// The actor's own and, for reading, those shared with everybody.
    Personal {
        /// The actor.
        user_id: Uuid,
        /// Whether shared ones count.
        shared: bool,
    },
}

/// The scope of `action` on records of `def` for who acts.
#[must_use]
pub fn of(ctx: &Ctx, def: &'static Def, action: Action) -> Scope {
    Scope {
        workspace_id: ctx.workspace.id,
        rule: rule(&ctx.actor, def, action),
    }
}

/// Whether the actor may make records of this kind at all.
#[must_use]
pub fn may_create(actor: &Actor, def: &Def) -> bool {
    may_make(actor, def, Action::Create)
}

/// Whether the actor may make records of this kind from a file.
#[must_use]
pub fn may_import(actor: &Actor, def: &Def) -> bool {
    may_make(actor, def, Action::Import)
}

fn may_make(actor: &Actor, def: &Def, action: Action) -> bool {
    match def.visibility {
        Visibility::Workspace => actor.may(def.can.set_up),
        Visibility::Ledger(_) => false,
        Visibility::Common | Visibility::Personal => true,
        Visibility::Owned | Visibility::Through(_) => actor.owners(def, action) != Owners::None,
    }
}

fn rule(actor: &Actor, def: &'static Def, action: Action) -> Rule {
    match def.visibility {
        Visibility::Workspace | Visibility::Common => {
            if action == Action::View || action == Action::Attach || actor.may(def.can.set_up) {
                Rule::Everything
            } else {
                Rule::Nothing
            }
        }
        Visibility::Personal => Rule::Personal {
            user_id: actor.user_id,
            shared: action == Action::View,
        },
        Visibility::Owned => owned(actor, actor.owners(def, action), action),
        Visibility::Ledger(_) if action != Action::View => Rule::Nothing,
        Visibility::Through(ways) | Visibility::Ledger(ways) => {
            let owners = actor.owners(def, action);
            if owners == Owners::None {
                return Rule::Nothing;
            }
            let through = through(actor, ways, action);
            match (owners, &through) {
                (Owners::All, Rule::Through { ways, .. })
                    if ways
                        .iter()
                        .all(|(_, _, rule)| matches!(rule, Rule::Everything)) =>
                {
                    Rule::Everything
                }
                (Owners::All, _) => through,
                _ if !def.has("owner_id") => through,
                _ => Rule::Both(Box::new((owned(actor, owners, action), through))),
            }
        }
    }
}

fn owned(actor: &Actor, owners: Owners, action: Action) -> Rule {
    match owners {
        Owners::All => Rule::Everything,
        Owners::None => Rule::Nothing,
        _ => Rule::Owned {
            owners,
            user_id: actor.user_id,
            pools: match action {
                Action::View | Action::Claim | Action::Attach | Action::Bulk => actor.pools.clone(),
                _ => Vec::new(),
            },
        },
    }
}

/// What belongs to records that are seen is seen with them; what is done with it changes them.
fn through(actor: &Actor, ways: &[(&'static str, &str)], action: Action) -> Rule {
    let above_action = match action {
        Action::View => Action::View,
        _ => Action::Edit,
    };
    let way = |(field, kind): &(&'static str, &str)| {
        let above = crate::kinds::find(kind)?;
        Some((*field, above, rule(actor, above, above_action)))
    };
    Rule::Through {
        user_id: actor.user_id,
        ways: ways.iter().filter_map(way).collect(),
    }
}
