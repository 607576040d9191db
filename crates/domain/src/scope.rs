//! What an actor may see and do with the records of a kind: pure data, from which storage makes
//! its one condition and memory its one test.

use uuid::Uuid;

use crate::ctx::{Actor, Ctx, Owners};
use crate::def::{Def, Field, Type, Visibility};
pub use crate::rights::Action;
use crate::rights::{Reaches, RoleRights};

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
    /// Those that are in one of these: by one role or another.
    Any(Vec<Rule>),
    /// The actor's own and, for reading, those shared with everybody.
    Personal {
        /// The actor.
        user_id: Uuid,
        /// Whether shared ones count.
        shared: bool,
    },
}

/// The scope of `action` on records of `def` for who acts. Nothing is done with what is not seen.
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

/// The right that it takes to name a record in a field: what a record belongs to takes it in.
#[must_use]
pub fn naming(def: &Def, field: &Field) -> Action {
    match def.visibility {
        Visibility::Through(ways) if ways.iter().any(|(name, _)| *name == field.name) => {
            Action::Attach
        }
        _ => Action::View,
    }
}

fn may_make(actor: &Actor, def: &Def, action: Action) -> bool {
    match def.visibility {
        Visibility::Workspace => actor.may(def.can.set_up),
        Visibility::Ledger(_) | Visibility::Within(_) => false,
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
        Visibility::Ledger(_) | Visibility::Within(_) if action != Action::View => Rule::Nothing,
        Visibility::Owned => {
            let (plain, mut rules) = (each_role(actor, def, action), Vec::new());
            let mut together = Reaches::NONE;
            for role in plain {
                let (view, asked) = (role.reaches(def, Action::View), role.reaches(def, action));
                if view.covers(asked) {
                    together = together.or(asked);
                } else {
                    rules.push(by_role(actor, role, def, action));
                }
            }
            rules.push(owned(actor, together, action));
            any(rules)
        }
        // What one role gives of a record and another of what it belongs to does not multiply.
        Visibility::Through(_) | Visibility::Ledger(_) | Visibility::Within(_) => {
            let roles = each_role(actor, def, action);
            any(roles
                .into_iter()
                .map(|role| by_role(actor, role, def, action)))
        }
    }
}

/// The roles that differ in what they give of this action, and of seeing, on this kind and those above.
fn each_role<'a>(actor: &'a Actor, def: &'static Def, action: Action) -> Vec<&'a RoleRights> {
    let mut known: Vec<(Vec<Reaches>, &RoleRights)> = Vec::new();
    for role in actor.rights.roles() {
        let mut gives = Vec::new();
        signature(role, def, action, &mut gives);
        if known.iter().all(|(same, _)| *same != gives) {
            known.push((gives, role));
        }
    }
    known.into_iter().map(|(_, role)| role).collect()
}

fn signature(role: &RoleRights, def: &'static Def, action: Action, gives: &mut Vec<Reaches>) {
    gives.extend([role.reaches(def, Action::View), role.reaches(def, action)]);
    for (_, above) in def.above() {
        signature(role, above, above_action(action), gives);
    }
}

fn by_role(actor: &Actor, role: &RoleRights, def: &'static Def, action: Action) -> Rule {
    let (view, asked) = (role.reaches(def, Action::View), role.reaches(def, action));
    if view == Reaches::NONE || asked == Reaches::NONE {
        return Rule::Nothing;
    }
    let of_owners = def.has("owner_id");
    let mut parts = Vec::new();
    let narrow = |reaches: &Reaches| of_owners && !reaches.covers(Reaches::ALL);
    parts.extend(
        [asked]
            .iter()
            .filter(|one| narrow(one))
            .map(|one| owned(actor, *one, action)),
    );
    if !view.covers(asked) {
        parts.extend(
            [view]
                .iter()
                .filter(|one| narrow(one))
                .map(|one| owned(actor, *one, Action::View)),
        );
    }
    if def.visibility != Visibility::Owned {
        parts.push(through(actor, role, def, action));
    }
    let first = parts.pop().unwrap_or(Rule::Everything);
    parts
        .into_iter()
        .fold(first, |all, part| match (all, part) {
            (Rule::Nothing, _) | (_, Rule::Nothing) => Rule::Nothing,
            (Rule::Everything, one) | (one, Rule::Everything) => one,
            (all, part) => Rule::Both(Box::new((part, all))),
        })
}

/// What any of these takes in.
fn any(rules: impl IntoIterator<Item = Rule>) -> Rule {
    let mut some = Vec::new();
    for rule in rules {
        match rule {
            Rule::Nothing => {}
            Rule::Everything => return Rule::Everything,
            rule => some.push(rule),
        }
    }
    match some.len() {
        0 => Rule::Nothing,
        1 => some.pop().unwrap_or(Rule::Nothing),
        _ => Rule::Any(some),
    }
}

fn owned(actor: &Actor, reaches: Reaches, action: Action) -> Rule {
    match reaches.owners(actor.user_id, actor.department_id) {
        Owners::All => Rule::Everything,
        Owners::None => Rule::Nothing,
        owners => Rule::Owned {
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
const fn above_action(action: Action) -> Action {
    match action {
        Action::View => Action::View,
        _ => Action::Edit,
    }
}

fn through(actor: &Actor, role: &RoleRights, def: &'static Def, action: Action) -> Rule {
    let within = matches!(def.visibility, Visibility::Within(_));
    // Who does not see that a document has lines does not see the lines.
    let kept = |above: &Def| {
        let mut lines = above.fields.iter().filter(|field| field.ty == Type::Lines);
        within && lines.any(|field| !actor.may_ask(above, field.name))
    };
    let all = def.above();
    let ways = all.iter().filter(|(_, above)| !kept(above));
    let ways: Vec<_> = ways
        .map(|(field, above)| {
            (
                *field,
                *above,
                by_role(actor, role, above, above_action(action)),
            )
        })
        .collect();
    let everything = |(_, _, rule): &(&str, &Def, Rule)| matches!(rule, Rule::Everything);
    if ways.len() == all.len() && ways.iter().all(everything) {
        return Rule::Everything;
    }
    Rule::Through {
        user_id: actor.user_id,
        ways,
    }
}
