//! Records that go to the trash, come back, or are removed for good.

use kehu_domain::def::{Def, Visibility};
use kehu_domain::record::{Record, base};
use kehu_domain::scope::{Action, Reason, Scope};
use kehu_domain::{kinds, value::Value};
use kehu_persistence::records::{self as store, Trash, write};
use serde_json::json;
use uuid::Uuid;

use super::{Based, Writer};
use crate::error::AppError;
use crate::kinds::behaviour;
use crate::prepare;

impl Writer<'_> {
    /// Puts a record into the trash.
    ///
    /// # Errors
    /// A stale version, no right, or a rule that keeps it: it counts, or something that counts needs
    /// it.
    pub(crate) async fn trash(
        &self,
        def: &'static Def,
        id: Uuid,
        based: Based,
    ) -> Result<Record, AppError> {
        let before = self.hold_version(Action::Trash, def, id, based).await?;
        self.trash_held(def, before).await
    }

    /// Puts a held record into the trash.
    ///
    /// # Errors
    /// As [`Writer::trash`].
    pub(crate) async fn trash_held(
        &self,
        def: &'static Def,
        before: Record,
    ) -> Result<Record, AppError> {
        let mut after = before.clone();
        after.put(base::DELETED_AT, self.ctx().now);
        self.may_go(def, &before, &after).await?;
        let after = self.save(def, "trash", &before, after).await?;
        (behaviour(def).trashed)(self, &before, &after).await?;
        Ok(after)
    }

    async fn may_go(
        &self,
        def: &'static Def,
        before: &Record,
        after: &Record,
    ) -> Result<(), AppError> {
        (behaviour(def).trash)(&self.author, before, after)?;
        let status = before.get("status").as_text();
        if status.is_some_and(|status| def.can.stays.contains(&status)) {
            return Err(AppError::conflict("document_counts"));
        }
        let (session, workspace, id) = (self.session, self.workspace(), before.id());
        // Settings that others still name stay; what people write may go, but for what a document
        // that counts needs.
        let by = if def.visibility == Visibility::Workspace {
            store::first_referring(session, workspace, def.kind, id).await?
        } else {
            store::first_holding(session, workspace, def.kind, id).await?
        };
        match by {
            None => Ok(()),
            Some((by, field, _)) => Err(AppError::Conflict {
                code: "in_use",
                details: json!({"kind": by.kind, "field": field.name}),
            }),
        }
    }

    /// Takes a record out of the trash.
    ///
    /// # Errors
    /// When it is not there, or a value that may stand only once is taken by another meanwhile.
    pub(crate) async fn restore(&self, def: &'static Def, id: Uuid) -> Result<Record, AppError> {
        let before = self
            .hold_for(Action::Restore, def, id, Trash::Inside)
            .await?;
        let mut after = before.clone();
        after.clear(base::DELETED_AT);
        (behaviour(def).restore)(&self.author, &before, &after)?;
        let problems = prepare::check_unique(self.session, self.ctx(), def, None, &after).await?;
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        let after = self.save(def, "restore", &before, after).await?;
        (behaviour(def).trashed)(self, &before, &after).await?;
        Ok(after)
    }

    /// Removes records for good, with the parts that are nothing without them
    /// ([`Capabilities::parts`]); the change log alone still tells of them.
    ///
    /// [`Capabilities::parts`]: kehu_domain::capabilities::Capabilities::parts
    ///
    /// # Errors
    /// When storage fails.
    pub(crate) async fn purge(
        &self,
        def: &'static Def,
        verb: &str,
        gone: &[Record],
    ) -> Result<(), AppError> {
        let (session, ctx) = (self.session, self.ctx());
        let everything = Scope::system(self.workspace(), Reason::Removal);
        for (part, of) in parts(def) {
            let fields: Vec<_> = part.all_fields().collect();
            let Some(field) = part.field(of) else {
                continue;
            };
            let wanted: Vec<Value> = gone.iter().map(|record| Value::Id(record.id())).collect();
            let query =
                store::by_values_in(session, part, &everything, Trash::Either, field, &wanted);
            let ids: Vec<Uuid> = query.await?.into_iter().map(|(id, _)| id).collect();
            let rows =
                store::get_many(session, part, &everything, Trash::Either, &ids, &fields).await?;
            write::purge_many(session, ctx, part, verb, &rows).await?;
        }
        write::purge_many(session, ctx, def, verb, gone).await?;
        self.organisation_changed(def).await
    }
}

/// The kinds whose records are parts of this one's, with the field that names it.
pub(crate) fn parts(def: &Def) -> impl Iterator<Item = (&'static Def, &'static str)> {
    let parts = def.can.parts.iter();
    parts.filter_map(|(kind, field)| Some((kinds::find(kind)?, *field)))
}
