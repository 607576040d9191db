//! Records that change: patched by a body or decided by an operation, and saved.

use chrono::{DateTime, Utc};
use kehu_domain::check;
use kehu_domain::def::{Def, FieldProblem, Type};
use kehu_domain::record::Record;
use kehu_domain::scope::{Action, Reason, Scope};
use kehu_domain::value::Value;
use kehu_persistence::records::{self as store, Trash, write};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::create::{holds, named};
use super::{Based, Writer};
use crate::documents::{self, Compute};
use crate::error::AppError;
use crate::kinds::behaviour;
use crate::prepare;

/// How far up a tree a circle is looked for.
const DEPTH: usize = 100;

impl Writer<'_> {
    /// Patches a record.
    ///
    /// # Errors
    /// Field problems, a stale version, or no right to change it.
    pub(crate) async fn update(
        &self,
        def: &'static Def,
        id: Uuid,
        based: Based,
        body: &Map<String, Json>,
    ) -> Result<Record, AppError> {
        let before = self.hold_version(Action::Edit, def, id, based).await?;
        let after = self.patched(def, &before, body).await?;
        self.save(def, "update", &before, after).await
    }

    /// A held record as a merge patch leaves it, with everything checked and nothing written yet but
    /// the tags that it needs.
    ///
    /// # Errors
    /// Every field that is no good.
    pub(crate) async fn patched(
        &self,
        def: &'static Def,
        before: &Record,
        body: &Map<String, Json>,
    ) -> Result<Record, AppError> {
        self.author.may_write(def, body, false)?;
        let mut after = check::patched(def, before, body, prepare::circumstances(self.ctx()))
            .map_err(AppError::Invalid)?;
        let problems = self
            .examine_change(def, before, &mut after, Compute::Changed)
            .await?;
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        self.make_tags(def, std::slice::from_ref(&after)).await?;
        Ok(after)
    }

    /// Completes a changed record by the rules of its kind, computes it, and checks what it names
    /// and what may stand only once.
    ///
    /// # Errors
    /// A rule of its kind that stands against it.
    pub(crate) async fn examine_change(
        &self,
        def: &'static Def,
        before: &Record,
        after: &mut Record,
        compute: Compute,
    ) -> Result<Vec<FieldProblem>, AppError> {
        let (session, ctx, organisation) = (self.session, self.ctx(), self.organisation());
        let kept = self.author.kept(def, before, after);
        if !kept.is_empty() {
            return Ok(kept);
        }
        (behaviour(def).change)(&self.author, before, after)?;
        let changed_owner = before.get("owner_id") != after.get("owner_id");
        let mut problems = if changed_owner {
            self.author.owner_in_reach(def, Action::Edit, after)
        } else {
            Vec::new()
        };
        problems.extend(documents::compute_changed(self, def, before, after, compute).await?);
        let changed = |name: &str| before.get(name) != after.get(name);
        let one = std::slice::from_ref(after);
        let references =
            prepare::check_references(self, def, one, |field| changed(field.name)).await?;
        problems.extend(references.into_iter().flatten());
        if !self.author.source.is_history() {
            let codes = prepare::check_codes(organisation, def, after);
            let codes = codes
                .into_iter()
                .filter(|problem| changed(problem.pointer.trim_start_matches('/')));
            problems.extend(codes);
        }
        problems.extend(prepare::check_unique(session, ctx, def, Some(before), after).await?);
        let other_customer = changed("customer_id");
        let mut of_customer = def.fields.iter().filter(|f| f.same_customer.is_some());
        if of_customer.any(|field| other_customer || changed(field.name)) {
            let same = prepare::check_same_customer(self, def, one).await?;
            problems.extend(same.into_iter().flatten());
        }
        if problems.is_empty() {
            problems.extend(self.circles(def, before, after).await?);
        }
        Ok(problems)
    }

    /// Writes what differs between two states of a held record.
    ///
    /// # Errors
    /// When it begins to need what lies in the trash, or storage fails.
    pub(crate) async fn save(
        &self,
        def: &'static Def,
        verb: &str,
        before: &Record,
        mut after: Record,
    ) -> Result<Record, AppError> {
        if self.is_dry() || *before == after {
            return Ok(after);
        }
        documents::identify_lines(def, &mut after);
        self.need_named(def, before, &after).await?;
        let after = write::update(self.session, self.ctx(), def, verb, before, after).await?;
        self.organisation_changed(def).await?;
        (behaviour(def).saved)(self, before, &after).await?;
        Ok(after)
    }

    /// Raises the moment a field holds, if it is earlier or missing, without counting up the version:
    /// for derived moments such as the last activity.
    ///
    /// # Errors
    /// When storage fails.
    pub(crate) async fn raise_moment(
        &self,
        def: &'static Def,
        id: Uuid,
        field: &'static str,
        to: DateTime<Utc>,
    ) -> Result<(), AppError> {
        Ok(write::raise_moment(self.session, self.workspace(), def, id, field, to).await?)
    }

    /// What a record begins to need stands outside the trash, and stays there.
    async fn need_named(
        &self,
        def: &'static Def,
        before: &Record,
        after: &Record,
    ) -> Result<(), AppError> {
        if !holds(def, after) {
            return Ok(());
        }
        let begins = !holds(def, before);
        let everything = Scope::system(self.workspace(), Reason::Consequence);
        let new = |kind: &str, id: Uuid| {
            let mut of_kind = def
                .fields
                .iter()
                .filter(|field| field.ty == Type::Ref(kind_of(kind)));
            of_kind.any(|field| {
                after.get(field.name).as_id() == Some(id)
                    && (begins || before.get(field.name).as_id() != Some(id))
            })
        };
        for (target, ids) in named(def, std::slice::from_ref(after)) {
            let Some(id_field) = target.field("id") else {
                continue;
            };
            let ids: Vec<Uuid> = ids.into_iter().filter(|id| new(target.kind, *id)).collect();
            if ids.is_empty() {
                continue;
            }
            store::lock_many(self.session, target, &everything, &ids).await?;
            let fields = [id_field];
            let found = store::get_many(
                self.session,
                target,
                &everything,
                Trash::Outside,
                &ids,
                &fields,
            )
            .await?;
            let missing = ids
                .iter()
                .find(|id| found.iter().all(|record| record.id() != **id));
            if let Some(missing) = missing {
                let mut fields = def.fields.iter();
                let field = fields.find(|field| after.get(field.name).as_id() == Some(*missing));
                let name = field.map_or("", |field| field.name);
                return Err(AppError::invalid(name, "not_found"));
            }
        }
        Ok(())
    }

    /// Nothing may lie below itself in a tree, over however many steps.
    async fn circles(
        &self,
        def: &'static Def,
        before: &Record,
        after: &Record,
    ) -> Result<Vec<FieldProblem>, AppError> {
        let (session, workspace) = (self.session, self.workspace());
        let scope = Scope::system(workspace, Reason::Consistency);
        let upward = def.fields.iter();
        for field in upward.filter(|field| field.ty == Type::Ref(def.kind)) {
            if before.get(field.name) == after.get(field.name) {
                continue;
            }
            // Two who hang two branches below each other at once must not both succeed.
            let tree = Value::Text("tree".to_owned());
            kehu_persistence::duplicates::guard_value(session, workspace, def, field, &tree)
                .await?;
            let Some(id_field) = def.field("id") else {
                continue;
            };
            let mut above = after.get(field.name).as_id();
            let mut steps = 0;
            while let Some(id) = above {
                steps += 1;
                if id == after.id() || steps > DEPTH {
                    return Ok(vec![FieldProblem::new(field.name, "circle")]);
                }
                let (ids, fields) = ([id], [id_field, field]);
                let found =
                    store::get_many(session, def, &scope, Trash::Either, &ids, &fields).await?;
                above = found
                    .first()
                    .and_then(|record| record.get(field.name).as_id());
            }
        }
        Ok(Vec::new())
    }
}

/// The declared noun that equals this text.
fn kind_of(kind: &str) -> &'static str {
    kehu_domain::kinds::find(kind).map_or("", |def| def.kind)
}
