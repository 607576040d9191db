//! Who writes, from where, and what of a new record needs no rows: its fields, and what follows from
//! them by the rules of its kind.

use kehu_domain::check;
use kehu_domain::ctx::{Ctx, Owners};
use kehu_domain::def::{Def, FieldProblem};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_domain::value::Value;
use serde_json::{Map, Value as Json};

use crate::context::Organisation;
use crate::error::AppError;
use crate::kinds::behaviour;
use crate::prepare;

/// The way in which records come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A person or a program asks for it.
    Api,
    /// A file of what happened elsewhere and before.
    Import,
    /// The same file, tried: nothing is written.
    Trial,
    /// What an import brought is taken back.
    Undo,
    /// A lead becomes a customer, or a lead again.
    Conversion,
    /// A workspace is made.
    Setup,
    /// What the system does by itself.
    Job,
}

impl Source {
    /// Whether records tell of what happened long ago.
    pub(crate) const fn is_history(self) -> bool {
        matches!(self, Self::Import | Self::Trial)
    }
}

/// Who writes, and what is known of their workspace.
#[derive(Clone, Copy)]
pub(crate) struct Author<'a> {
    /// Who acts, when.
    pub(crate) ctx: &'a Ctx,
    /// People, pools, stages, dictionaries.
    pub(crate) organisation: &'a Organisation,
    /// The way in.
    pub(crate) source: Source,
}

/// Whether somebody said who is to own a new record, or in which pool it lies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Placed {
    Said,
    Unsaid,
}

impl<'a> Author<'a> {
    /// Who asks through the API.
    pub(crate) const fn api(ctx: &'a Ctx, organisation: &'a Organisation) -> Self {
        Self::from(ctx, organisation, Source::Api)
    }

    /// Who writes in another way.
    pub(crate) const fn from(ctx: &'a Ctx, organisation: &'a Organisation, source: Source) -> Self {
        Self {
            ctx,
            organisation,
            source,
        }
    }

    /// Checks a body that is to become a record, as far as that needs no rows.
    ///
    /// # Errors
    /// Every field that is no good, or no right to make one.
    pub(crate) fn draft(
        &self,
        def: &'static Def,
        body: &Map<String, Json>,
    ) -> Result<Record, AppError> {
        if !scope::may_create(&self.ctx.actor, def) {
            return Err(AppError::Forbidden("may_not_create"));
        }
        // What a lead brings along, nobody writes by hand.
        if self.source != Source::Conversion {
            self.may_write(def, body, true)?;
        }
        let own = check::new_record(def, body, prepare::circumstances(self.ctx))
            .map_err(AppError::Invalid)?;
        let said = ["owner_id", "pool_id"]
            .iter()
            .any(|name| body.contains_key(*name));
        let placed = if said { Placed::Said } else { Placed::Unsaid };
        let (record, mut problems) = self.begun(def, own, placed);
        problems.extend(prepare::check_codes(self.organisation, def, &record));
        if problems.is_empty() {
            Ok(record)
        } else {
            Err(AppError::Invalid(problems))
        }
    }

    /// The same for values that are checked each by themselves already. Codes of dictionaries were
    /// found before, or are made by the same transaction; what comes without an owner lies in a pool.
    ///
    /// # Errors
    /// Every field that is no good.
    pub(crate) fn draft_of_values(
        &self,
        def: &'static Def,
        values: Vec<(&'static str, Value)>,
    ) -> Result<Record, Vec<FieldProblem>> {
        let rights = &self.ctx.actor.rights;
        let kept: Vec<_> = values
            .iter()
            .filter(|(name, value)| !value.is_null() && !rights.may_write(def, name, true))
            .map(|(name, _)| no_right(name))
            .collect();
        if !kept.is_empty() {
            return Err(kept);
        }
        let own = check::complete(def, values, prepare::circumstances(self.ctx))?;
        let (record, problems) = self.begun(def, own, Placed::Said);
        if problems.is_empty() {
            Ok(record)
        } else {
            Err(problems)
        }
    }

    /// A record of checked fields with what follows from them by its kind.
    fn begun(&self, def: &'static Def, own: Record, placed: Placed) -> (Record, Vec<FieldProblem>) {
        let mut record = prepare::stamped(self.ctx, def);
        for (name, value) in own.into_values() {
            record.push(name, value);
        }
        let mut problems = self.placed(def, placed, &mut record);
        problems.extend((behaviour(def).begin)(self, &mut record));
        (record, problems)
    }

    /// Who owns a new record, or the pool that it lies in. What somebody enters of a pooled kind
    /// without a word about the owner is theirs; what comes from elsewhere lies in the pool.
    fn placed(&self, def: &'static Def, placed: Placed, record: &mut Record) -> Vec<FieldProblem> {
        let theirs =
            placed == Placed::Unsaid && self.ctx.actor.owners(def, Action::Create) != Owners::All;
        if def.can.pooled.is_some() && theirs {
            record.set("owner_id", Value::Id(self.ctx.actor.user_id));
        }
        let problems = self.owner_in_reach(def, Action::Create, record);
        if !problems.is_empty() || def.can.pooled.is_none() {
            return problems;
        }
        let owned = !record.get("owner_id").is_null();
        match record.get("pool_id").as_id() {
            Some(pool) if !self.organisation.is_pool_of(pool, def.kind) => {
                return vec![FieldProblem::new("pool_id", "unknown_pool")];
            }
            None if !owned => {
                let pool = self.organisation.default_pool(def.kind);
                record.set("pool_id", pool.map_or(Value::Null, Value::Id));
            }
            _ => {}
        }
        if owned {
            record.set("owner_since", Value::Time(self.ctx.now));
        }
        Vec::new()
    }

    /// Refuses a body of a new record with fields that the caller's roles keep from being written,
    /// and one of a change with fields that they do not see whole: who may guess would find out.
    ///
    /// # Errors
    /// Every such field.
    pub(crate) fn may_write(
        &self,
        def: &'static Def,
        body: &Map<String, Json>,
        new: bool,
    ) -> Result<(), AppError> {
        let actor = &self.ctx.actor;
        let open = |name: &str| match new {
            true => actor.rights.may_write(def, name, true),
            false => actor.may_ask(def, name),
        };
        let kept = body.keys().filter(|name| !open(name));
        let kept = kept.filter_map(|name| def.field(name));
        let problems: Vec<_> = kept.map(|field| no_right(field.name)).collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(AppError::Invalid(problems))
        }
    }

    /// The fields of a changed record that the caller's roles keep from being written.
    pub(crate) fn kept(
        &self,
        def: &'static Def,
        before: &Record,
        after: &Record,
    ) -> Vec<FieldProblem> {
        let rights = &self.ctx.actor.rights;
        let changed = |name: &str| before.get(name) != after.get(name);
        let fields = def.fields.iter().map(|field| field.name);
        fields
            .filter(|name| changed(name) && !rights.may_write(def, name, false))
            .map(no_right)
            .collect()
    }

    /// Whether the owner of a record, where it has one, is somebody whom the caller reaches.
    pub(crate) fn owner_in_reach(
        &self,
        def: &'static Def,
        action: Action,
        record: &Record,
    ) -> Vec<FieldProblem> {
        let (actor, tree) = (&self.ctx.actor, self.organisation.tree());
        match record.get("owner_id").as_id() {
            Some(owner)
                if owner != actor.user_id
                    && !tree.reaches(actor.may_give_to(def, action), Some(owner)) =>
            {
                vec![FieldProblem::new("owner_id", "owner_out_of_reach")]
            }
            _ => Vec::new(),
        }
    }
}

fn no_right(field: &'static str) -> FieldProblem {
    FieldProblem::new(field, "no_right_to_field")
}
