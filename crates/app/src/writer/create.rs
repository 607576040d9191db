//! New records: examined many at a time, written with everything that follows from them.

use std::collections::BTreeMap;

use kehu_domain::def::{Def, Type, Visibility};
use kehu_domain::kinds;
use kehu_domain::record::{Record, base};
use kehu_domain::scope::{Reason, Scope};
use kehu_persistence::duplicates;
use kehu_persistence::records::{self as store, write};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{Duplicates, Writer};
use crate::documents;
use crate::error::AppError;
use crate::kinds::behaviour;
use crate::prepare::{self, Problems};

impl Writer<'_> {
    /// Makes a record of a body.
    ///
    /// # Errors
    /// Field problems, a duplicate, or no right to make one.
    pub(crate) async fn create_of_body(
        &self,
        def: &'static Def,
        body: &Map<String, Json>,
        on_duplicates: Duplicates,
    ) -> Result<Record, AppError> {
        let record = self.author.draft(def, body)?;
        self.create(def, record, on_duplicates).await
    }

    /// Makes a drafted record.
    ///
    /// # Errors
    /// Field problems, or a duplicate.
    pub(crate) async fn create(
        &self,
        def: &'static Def,
        record: Record,
        on_duplicates: Duplicates,
    ) -> Result<Record, AppError> {
        let mut coming = [record];
        let mut problems: Vec<_> = self
            .examine(def, &mut coming, on_duplicates)
            .await?
            .into_iter()
            .flatten()
            .collect();
        let [mut record] = coming;
        let (session, ctx) = (self.session, self.ctx());
        problems.extend(prepare::check_unique(session, ctx, def, None, &record).await?);
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        if on_duplicates == Duplicates::Refuse {
            let one = std::slice::from_ref(&record);
            let matches = prepare::certain_duplicates(session, ctx, def, one).await?;
            if !matches.is_empty() {
                return Err(prepare::tell_duplicates(session, ctx, def, &matches).await?);
            }
        }
        self.insert(def, std::slice::from_mut(&mut record)).await?;
        Ok(record)
    }

    /// Holds what drafted records come from and must not repeat, computes them, and checks what they
    /// name. What is wrong with each comes back in their order. A dry run holds nothing.
    ///
    /// Everybody holds in one order: what is named, what may not be repeated, then values that may
    /// stand once, numbers last.
    pub(crate) async fn examine(
        &self,
        def: &'static Def,
        coming: &mut [Record],
        on_duplicates: Duplicates,
    ) -> Result<Problems, AppError> {
        if !self.is_dry() {
            self.hold_named(def, coming).await?;
            if on_duplicates == Duplicates::Refuse {
                duplicates::guard(self.session, self.workspace(), def, coming).await?;
            }
        }
        let mut problems = documents::compute_new(self, def, coming).await?;
        let named = prepare::check_references(self, def, coming, |_| true).await?;
        let same = prepare::check_same_customer(self, def, coming).await?;
        for ((all, named), same) in problems.iter_mut().zip(named).zip(same) {
            all.extend(named);
            all.extend(same);
        }
        Ok(problems)
    }

    /// Writes examined records: the tags that they carry, their numbers, themselves, and what
    /// follows by their kind.
    ///
    /// # Errors
    /// When storage fails.
    pub(crate) async fn insert(
        &self,
        def: &'static Def,
        coming: &mut [Record],
    ) -> Result<(), AppError> {
        if self.is_dry() || coming.is_empty() {
            return Ok(());
        }
        self.make_tags(def, coming).await?;
        documents::number(self, def, coming).await?;
        for record in coming.iter_mut() {
            documents::identify_lines(def, record);
        }
        write::insert(self.session, self.ctx(), def, "create", coming).await?;
        (behaviour(def).made)(self, coming).await?;
        self.organisation_changed(def).await
    }

    /// Writes rows that an operation made itself, whole: entries of ledgers and histories, which
    /// nothing follows from.
    ///
    /// # Errors
    /// When storage fails.
    pub(crate) async fn append(
        &self,
        def: &'static Def,
        verb: &str,
        rows: &[Record],
    ) -> Result<(), AppError> {
        if self.is_dry() || rows.is_empty() {
            return Ok(());
        }
        write::insert(self.session, self.ctx(), def, verb, rows).await?;
        self.organisation_changed(def).await
    }

    /// Makes the tags that records carry and that do not exist yet.
    pub(super) async fn make_tags(
        &self,
        def: &'static Def,
        coming: &[Record],
    ) -> Result<(), AppError> {
        let made = prepare::missing_tags(self, def, coming).await?;
        self.append(&kehu_domain::tag::DEF, "create", &made).await
    }

    /// Holds what records name that need it as long as they count ([`Capabilities::holds`]), so that
    /// nothing happens to it meanwhile: an opportunity is not reopened while a contract is made of
    /// it, a customer not trashed while they pay.
    ///
    /// [`Capabilities::holds`]: kehu_domain::capabilities::Capabilities::holds
    pub(crate) async fn hold_named(
        &self,
        def: &'static Def,
        coming: &[Record],
    ) -> Result<(), AppError> {
        let everything = Scope::system(self.workspace(), Reason::Consequence);
        for (target, ids) in named(def, coming) {
            store::lock_many(self.session, target, &everything, &ids).await?;
        }
        Ok(())
    }
}

/// What records name that need it as long as they count, in the order in which everybody holds it, so
/// that nobody waits in a circle: a lead before what is made of it, a document before what it names, and
/// of that an opportunity before a contact and a contact before the customer. That is the order of the
/// kinds backwards.
pub(super) fn named(def: &'static Def, coming: &[Record]) -> Vec<(&'static Def, Vec<Uuid>)> {
    if def.can.holds.is_empty() {
        return Vec::new();
    }
    let mut wanted: BTreeMap<&'static str, Vec<Uuid>> = BTreeMap::new();
    for field in def.fields {
        let Type::Ref(kind) = field.ty else { continue };
        let ids = coming.iter().filter_map(|one| one.get(field.name).as_id());
        wanted.entry(kind).or_default().extend(ids);
    }
    let shared = |def: &Def| matches!(def.visibility, Visibility::Workspace | Visibility::Common);
    let held = kinds::ALL.iter().rev().filter(|target| !shared(target));
    held.filter_map(|target| {
        let mut ids = wanted.remove(target.kind)?;
        ids.sort_unstable();
        ids.dedup();
        (!ids.is_empty()).then_some((*target, ids))
    })
    .collect()
}

/// Whether a record counts so that it needs what it names.
pub(super) fn holds(def: &Def, record: &Record) -> bool {
    let outside = record.lacks(base::DELETED_AT);
    let status = record.get("status").as_text();
    outside && status.is_some_and(|status| def.can.holds.contains(&status))
}
