//! What people may do: compiled from all their roles at once. A role gives, per kind and action, how
//! far it reaches; per field what is kept from them; and special rights. What several roles give
//! adds up.

mod reaches;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

pub use self::reaches::Reaches;
pub use self::written::{check_field_rights, check_grants};
use self::written::{granted, kept};
use crate::def::{Def, Visibility};
use crate::kinds;
use crate::role::Reach;
use crate::sight::{Veil, Veils};

codes! {
    /// What is done with records: what a role may be given for a kind.
    pub enum Action {
        /// See them: everywhere, in lists, sums, histories.
        View = "view",
        /// Make new ones.
        Create = "create",
        /// Change them.
        Edit = "edit",
        /// Make others that belong to them: an activity of a lead, a payment of a customer.
        Attach = "attach",
        /// Put them into the trash.
        Trash = "trash",
        /// Take them out of it.
        Restore = "restore",
        /// Take one without an owner out of its pool.
        Claim = "claim",
        /// Give one without an owner to somebody.
        Assign = "assign",
        /// Give one that has an owner to somebody else.
        Transfer = "transfer",
        /// Put one back into its pool.
        Return = "return",
        /// Set aside what cannot be reached.
        MarkInvalid = "mark-invalid",
        /// Set aside what is junk.
        Void = "void",
        /// Take up again what was set aside or lost.
        Reopen = "reopen",
        /// Take up again what was junk.
        Reinstate = "reinstate",
        /// Make a customer of a lead.
        Convert = "convert",
        /// Make it a lead again.
        UndoConversion = "undo-conversion",
        /// Move to another stage.
        Advance = "advance",
        /// Tell that the sale was made.
        Win = "win",
        /// Tell that it will not be made.
        Lose = "lose",
        /// Bring a document into force.
        Submit = "submit",
        /// End one before its time.
        Terminate = "terminate",
        /// Make them from a file.
        Import = "import",
        /// Do one thing to many at once.
        Bulk = "bulk",
    }
}

codes! {
    /// A right that is not about the records of one kind.
    pub enum Special {
        /// People and departments.
        People = "people",
        /// Roles, and who has which.
        Roles = "roles",
        /// Pools, pipelines, dictionaries, territories, products, tags.
        Settings = "settings",
        /// Rates of exchange.
        MoneySetup = "money_setup",
        /// Confirm, allocate, reverse and refund payments, write off receivables.
        ConfirmMoney = "confirm_money",
        /// Import files.
        Import = "import",
        /// What everybody did: others' imports, the integrity of the log.
        Audit = "audit",
    }
}

codes! {
    /// What a role keeps from people of one field.
    pub enum FieldRight {
        /// They see it and do not change it.
        ReadOnly = "read_only",
        /// They see enough to recognise it, and do not change it.
        Masked = "masked",
        /// They do not see it.
        Hidden = "hidden",
    }
}

/// What one role gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleRights {
    reads: Reaches,
    writes: Reaches,
    special: BTreeSet<Special>,
    grants: BTreeMap<&'static str, BTreeMap<Action, Reaches>>,
    fields: BTreeMap<&'static str, BTreeMap<&'static str, FieldRight>>,
}

impl Special {
    /// Those that together make an administrator; what is done with money and files is given apart.
    pub const ADMINISTERING: [Self; 5] = [
        Self::People,
        Self::Roles,
        Self::Settings,
        Self::MoneySetup,
        Self::Audit,
    ];
}

impl RoleRights {
    /// How far people see and change where nothing is said of a kind, and their special rights.
    #[must_use]
    pub const fn new(reads: Reaches, writes: Reaches, special: BTreeSet<Special>) -> Self {
        Self {
            reads,
            writes,
            special,
            grants: BTreeMap::new(),
            fields: BTreeMap::new(),
        }
    }

    /// All there is.
    #[must_use]
    pub fn everything() -> Self {
        let all = Reaches::of(Reach::All);
        Self::new(all, all, Special::ALL.iter().copied().collect())
    }

    /// With what stands in a role's `grants` and `field_rights`. What is not known there gives
    /// nothing and keeps nothing: it is refused when it is written.
    #[must_use]
    pub fn with(mut self, grants: &Json, fields: &Json) -> Self {
        for (def, action, reach) in granted(grants) {
            let of_kind = self.grants.entry(def.kind).or_default();
            of_kind.insert(action, Reaches::of(reach));
        }
        for (def, field, right) in kept(fields) {
            let of_kind = self.fields.entry(def.kind).or_default();
            of_kind.insert(field.name, right);
        }
        self
    }

    /// How far it reaches with an action on a kind: as it says, or as it says of the action that this
    /// one goes with, or as far as it reads or writes at all.
    #[must_use]
    pub fn reaches(&self, def: &Def, action: Action) -> Reaches {
        match (self.said(def, action), def.visibility) {
            // What belongs to others is reached through them.
            (
                Err(reaches),
                Visibility::Through(_) | Visibility::Ledger(_) | Visibility::Within(_),
            ) if reaches != Reaches::NONE => Reaches::of(Reach::All),
            // What everybody reads is set up by special rights, and what is personal is everybody's.
            (_, Visibility::Workspace | Visibility::Common)
                if action != Action::View && !self.special.contains(&def.can.set_up) =>
            {
                Reaches::NONE
            }
            (_, Visibility::Workspace | Visibility::Common | Visibility::Personal) => {
                Reaches::of(Reach::All)
            }
            (Ok(reaches) | Err(reaches), _) => reaches,
        }
    }

    /// Whom it may make the owner of a record of a kind.
    #[must_use]
    pub fn gives_to(&self, def: &Def, action: Action) -> Reaches {
        let (Ok(reaches) | Err(reaches)) = self.said(def, action);
        reaches
    }

    /// What it says of an action on a kind; if it says nothing, how far it reads or writes at all.
    fn said(&self, def: &Def, action: Action) -> Result<Reaches, Reaches> {
        let of_kind = self.grants.get(def.kind);
        let mut asked = action;
        loop {
            if let Some(reaches) = of_kind.and_then(|grants| grants.get(&asked)) {
                return Ok(*reaches);
            }
            match goes_with(asked) {
                // What was thrown away as junk is not taken up again by everybody.
                _ if asked == Action::Reinstate && !self.administers() => return Ok(Reaches::NONE),
                Some(with) => asked = with,
                None if asked == Action::View => return Err(self.reads),
                None => return Err(self.writes),
            }
        }
    }

    /// Whether it gives a special right.
    #[must_use]
    pub fn may(&self, special: Special) -> bool {
        self.special.contains(&special)
    }

    fn administers(&self) -> bool {
        let rights = Special::ADMINISTERING;
        rights.iter().all(|right| self.special.contains(right))
    }

    /// Whether it sees and does with a kind, and with all that it belongs to, what the other does.
    fn covers(&self, other: &Self, def: &Def) -> bool {
        let mut actions = Action::ALL.iter();
        actions.all(|action| {
            let action = *action;
            self.reaches(def, action).covers(other.reaches(def, action))
                && self
                    .gives_to(def, action)
                    .covers(other.gives_to(def, action))
        })
    }

    fn field(&self, def: &Def, field: &str) -> Option<FieldRight> {
        self.fields.get(def.kind)?.get(field).copied()
    }
}

/// The action whose reach counts where nothing is said of this one.
const fn goes_with(action: Action) -> Option<Action> {
    match action {
        Action::View | Action::Edit => None,
        Action::Attach | Action::Claim | Action::Bulk => Some(Action::View),
        Action::Import => Some(Action::Create),
        Action::Create
        | Action::Trash
        | Action::Restore
        | Action::Assign
        | Action::Transfer
        | Action::Return
        | Action::MarkInvalid
        | Action::Void
        | Action::Reopen
        | Action::Reinstate
        | Action::Convert
        | Action::UndoConversion
        | Action::Advance
        | Action::Win
        | Action::Lose
        | Action::Submit
        | Action::Terminate => Some(Action::Edit),
    }
}

/// What somebody may do, by all their roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    roles: Vec<Arc<RoleRights>>,
    special: BTreeSet<Special>,
    veils: Arc<Veils>,
    read_only: BTreeSet<(&'static str, &'static str)>,
}

impl Rights {
    /// What these roles give together.
    #[must_use]
    pub fn of(roles: Vec<Arc<RoleRights>>) -> Self {
        let special = roles.iter().flat_map(|role| role.special.iter().copied());
        let mut rights = Self {
            special: special.collect(),
            ..Self::default()
        };
        let mut veils = Veils::default();
        let named = roles.iter().flat_map(|role| role.fields.iter());
        let named: BTreeSet<(&'static str, &'static str)> = named
            .flat_map(|(kind, fields)| fields.keys().map(|field| (*kind, *field)))
            .collect();
        for (kind, name) in named {
            let Some(def) = kinds::find(kind) else {
                continue;
            };
            let Some(field) = def.field(name) else {
                continue;
            };
            let right = together(&roles, def, name);
            match right {
                None => continue,
                Some(FieldRight::ReadOnly) => {}
                Some(FieldRight::Masked) => veils = veils.with(def, field, Veil::Masked),
                Some(FieldRight::Hidden) => veils = veils.with(def, field, Veil::Hidden),
            }
            rights.read_only.insert((kind, name));
        }
        rights.veils = Arc::new(veils);
        rights.roles = roles;
        rights
    }

    /// All rights.
    #[must_use]
    pub fn everything() -> Self {
        Self::of(vec![Arc::new(RoleRights::everything())])
    }

    /// What each role gives.
    pub fn roles(&self) -> impl Iterator<Item = &RoleRights> {
        self.roles.iter().map(Arc::as_ref)
    }

    /// How far the action reaches.
    #[must_use]
    pub fn reaches(&self, def: &Def, action: Action) -> Reaches {
        let each = self.roles.iter().map(|role| role.reaches(def, action));
        each.fold(Reaches::NONE, Reaches::or)
    }

    /// Whom they may make the owner of a record of a kind.
    #[must_use]
    pub fn give_to(&self, def: &Def, action: Action) -> Reaches {
        let each = self.roles.iter().map(|role| role.gives_to(def, action));
        each.fold(Reaches::NONE, Reaches::or)
    }

    /// Whether they have a special right.
    #[must_use]
    pub fn may(&self, special: Special) -> bool {
        self.special.contains(&special)
    }

    /// Whether they administer the workspace: they have all rights that it takes.
    #[must_use]
    pub fn administer(&self) -> bool {
        Special::ADMINISTERING.iter().all(|right| self.may(*right))
    }

    /// The special rights.
    pub fn special(&self) -> impl Iterator<Item = Special> + '_ {
        self.special.iter().copied()
    }

    /// The fields that are kept from them.
    #[must_use]
    pub const fn veils(&self) -> &Arc<Veils> {
        &self.veils
    }

    /// Whether they may write a field: a masked one only into a new record, for what they see of it
    /// later is not what stands there.
    #[must_use]
    pub fn may_write(&self, def: &Def, field: &str, new: bool) -> bool {
        let masked = || self.veils.of(def, field) == Some(Veil::Masked);
        !self.is_kept(def, field) || (new && masked())
    }

    fn is_kept(&self, def: &Def, field: &str) -> bool {
        let mut kept = self.read_only.iter();
        kept.any(|(kind, name)| *kind == def.kind && *name == field)
    }

    /// The fields of which something is kept from them, with what.
    pub fn kept(&self) -> impl Iterator<Item = (&'static str, &'static str, FieldRight)> + '_ {
        self.read_only.iter().filter_map(|(kind, name)| {
            let right = match self.veils.of(kinds::find(kind)?, name) {
                None => FieldRight::ReadOnly,
                Some(Veil::Masked) => FieldRight::Masked,
                Some(Veil::Hidden) => FieldRight::Hidden,
            };
            Some((*kind, *name, right))
        })
    }

    /// Whether another's rights are no more than these: who gives rights gives none beyond their own.
    /// Who administers may give all there are.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        if self.administer() {
            return true;
        }
        let kept = |(kind, name): &(&'static str, &'static str)| {
            let Some(def) = kinds::find(kind) else {
                return true;
            };
            let weight = |rights: &Self| {
                let (read_only, veil) = (rights.is_kept(def, name), rights.veils.of(def, name));
                (veil == Some(Veil::Hidden), veil.is_some(), read_only)
            };
            weight(other) >= weight(self)
        };
        // Each by one of one's own: what two give apart is less than what one gives of both.
        let given = |role: &Arc<RoleRights>| {
            let covers = |own: &Arc<RoleRights>| kinds::ALL.iter().all(|def| own.covers(role, def));
            self.roles.iter().any(covers)
        };
        self.special.is_superset(&other.special)
            && self.read_only.iter().all(kept)
            && other.roles.iter().all(given)
    }
}

/// What roles together keep of a field. One of them takes away what others keep only where it sees all
/// records that any of them sees, of this kind and of those that it belongs to: else it would show the
/// others' records too.
fn together(roles: &[Arc<RoleRights>], def: &'static Def, field: &str) -> Option<FieldRight> {
    let lineage = lineage(def);
    let all = |def: &Def| {
        let each = roles.iter().map(|role| role.reaches(def, Action::View));
        each.fold(Reaches::NONE, Reaches::or)
    };
    let seen: Vec<Reaches> = lineage.iter().map(|def| all(def)).collect();
    let sees_all = |role: &&Arc<RoleRights>| {
        let mut each = lineage.iter().zip(&seen);
        each.all(|(def, seen)| role.reaches(def, Action::View).covers(*seen))
    };
    let blind = |role: &&Arc<RoleRights>| role.reaches(def, Action::View) == Reaches::NONE;
    let seeing = || roles.iter().filter(|role| !blind(role));
    let by_who_sees_all = seeing().filter(sees_all).map(|role| role.field(def, field));
    if let Some(least) = by_who_sees_all.min() {
        return least;
    }
    // Where nobody sees everything, what any of them keeps is kept.
    seeing().map(|role| role.field(def, field)).max().flatten()
}

/// A kind, what its records belong to, and so on.
fn lineage(def: &'static Def) -> Vec<&'static Def> {
    let mut all: Vec<&'static Def> = vec![def];
    let mut next = 0;
    while let Some(one) = all.get(next).copied() {
        next += 1;
        for (_, above) in one.above() {
            if all.iter().all(|known| known.kind != above.kind) {
                all.push(above);
            }
        }
    }
    all
}

/// Whether a role may be given this action on a kind.
#[must_use]
pub fn applies(def: &Def, action: Action) -> bool {
    if !has_rights(def) {
        return false;
    }
    match action {
        Action::View => true,
        Action::Create | Action::Edit | Action::Trash | Action::Restore | Action::Bulk => {
            !def.is_ledger()
        }
        Action::Import => !def.is_ledger() && def.can.importable,
        Action::Attach => kinds::ALL.iter().any(|other| match other.visibility {
            Visibility::Through(ways) => ways.iter().any(|(_, kind)| *kind == def.kind),
            _ => false,
        }),
        _ => def.can.verbs.contains(&action),
    }
}

/// Whether what people may do with a kind stands in their roles: the rest is set up by special rights
/// and read by everybody, or is everybody's own.
#[must_use]
pub const fn has_rights(def: &Def) -> bool {
    matches!(
        def.visibility,
        Visibility::Owned | Visibility::Through(_) | Visibility::Ledger(_) | Visibility::Within(_)
    )
}
