//! What an actor may see and do with the records of a kind: pure data, from which storage makes
//! its one condition and memory its one test.

use uuid::Uuid;

use crate::ctx::{Actor, Ctx, Owners};
use crate::def::{Def, Visibility};

/// What is to be done with records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See them.
    Read,
    /// Change them.
    Write,
}

/// The records of one kind that an actor may do one thing with.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The workspace. Nothing crosses it.
    pub workspace_id: Uuid,
    /// Within it.
    pub rule: Rule,
}

impl Scope {
    /// All records of a workspace: for what follows from an act that was allowed, not for what the
    /// caller is shown.
    #[must_use]
    pub const fn everything(workspace_id: Uuid) -> Self {
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
        /// The owners.
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
    match def.visibility {
        Visibility::Workspace => actor.administers,
        Visibility::Ledger(_) | Visibility::Within(_) => false,
        Visibility::Common | Visibility::Personal => true,
        Visibility::Owned | Visibility::Through(_) => match &actor.writes {
            Owners::All => true,
            Owners::Only(people) => !people.is_empty(),
        },
    }
}

fn rule(actor: &Actor, def: &'static Def, action: Action) -> Rule {
    let owners = match action {
        Action::Read => &actor.reads,
        Action::Write => &actor.writes,
    };
    match def.visibility {
        Visibility::Workspace | Visibility::Common => {
            if action == Action::Read || actor.administers {
                Rule::Everything
            } else {
                Rule::Nothing
            }
        }
        Visibility::Personal => Rule::Personal {
            user_id: actor.user_id,
            shared: action == Action::Read,
        },
        Visibility::Owned => match owners {
            Owners::All => Rule::Everything,
            Owners::Only(people) if people.is_empty() => Rule::Nothing,
            Owners::Only(_) => Rule::Owned {
                owners: owners.clone(),
                user_id: actor.user_id,
                pools: match action {
                    Action::Read => actor.pools.clone(),
                    Action::Write => Vec::new(),
                },
            },
        },
        Visibility::Ledger(_) | Visibility::Within(_) if action == Action::Write => Rule::Nothing,
        Visibility::Through(ways) | Visibility::Ledger(ways) | Visibility::Within(ways) => {
            match owners {
                Owners::All => Rule::Everything,
                Owners::Only(people) if people.is_empty() => Rule::Nothing,
                Owners::Only(_) => Rule::Through {
                    user_id: actor.user_id,
                    ways: ways
                        .iter()
                        .filter_map(|(field, kind)| {
                            let above = crate::kinds::find(kind)?;
                            Some((*field, above, rule(actor, above, action)))
                        })
                        .collect(),
                },
            }
        }
    }
}
