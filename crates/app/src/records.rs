//! What every kind can do: make, read, change, trash, restore, upsert, bulk, batch, history.

use kehu_domain::check;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_domain::value::Value;
use kehu_persistence::db::Session;
use kehu_persistence::records::{self as store, Trash};
use kehu_persistence::{changes, duplicates, external_ids};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::context::Organisation;
use crate::error::AppError;
use crate::feed::Change;
use crate::{App, Outcome, documents, prepare, rules};

/// What to do about records that certainly are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// Refuse.
    Refuse,
    /// Make one more.
    Allow,
}

/// Which version of a record a change is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Based {
    /// This one; refuse when it is not the latest.
    On(i64),
    /// Whichever is the latest.
    Latest,
}

/// What another system calls a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExternalId<'a> {
    /// The system.
    pub source: &'a str,
    /// Its id there.
    pub id: &'a str,
}

impl App {
    /// One record.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none in the caller's sight.
    pub async fn get_record(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
    ) -> Result<Record, AppError> {
        let scope = scope::of(ctx, def, Action::Read);
        let session = self.db.read();
        store::get(&session, def, &scope, Trash::Either, id)
            .await?
            .ok_or(AppError::NotFound)
    }

    /// Makes a record.
    ///
    /// # Errors
    /// Field problems, a duplicate, or no right to make one.
    pub async fn create_record(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        body: &Map<String, Json>,
        duplicates: Duplicates,
    ) -> Result<Record, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let record = check_new(ctx, &organisation, def, body)?;
        let session = self.db.begin().await?;
        let made = create_in(&session, ctx, &organisation, def, record, duplicates).await?;
        self.finish(session, ctx, Outcome::Created, &made.to_json())
            .await?;
        Ok(made)
    }

    /// Changes a record by a merge patch.
    ///
    /// # Errors
    /// Field problems, a stale version, or no right to change it.
    pub async fn update_record(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
        based: Based,
        body: &Map<String, Json>,
    ) -> Result<Record, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let after = update_in(&session, ctx, &organisation, def, id, based, body).await?;
        self.finish(session, ctx, Outcome::Done, &after.to_json())
            .await?;
        Ok(after)
    }

    /// Puts a record into the trash.
    ///
    /// # Errors
    /// A stale version, a rule that keeps it, or no right.
    pub async fn delete_record(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
        based: Based,
    ) -> Result<(), AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        trash_in(&session, ctx, &organisation, def, id, based).await?;
        self.finish(session, ctx, Outcome::Done, &Json::Null).await
    }

    /// Takes a record out of the trash.
    ///
    /// # Errors
    /// When it is not there, or a value that may stand only once is taken by another meanwhile.
    pub async fn restore_record(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
    ) -> Result<Record, AppError> {
        let session = self.db.begin().await?;
        let after = restore_in(&session, ctx, def, id).await?;
        self.finish(session, ctx, Outcome::Done, &after.to_json())
            .await?;
        Ok(after)
    }

    /// Makes or changes the record that another system knows by its own id.
    ///
    /// # Errors
    /// As for making and changing.
    pub async fn upsert_record(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        named: ExternalId<'_>,
        body: &Map<String, Json>,
        duplicates: Duplicates,
    ) -> Result<(Record, Outcome), AppError> {
        let ExternalId {
            source,
            id: external_id,
        } = named;
        let sane = |text: &str| {
            !text.is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control)
        };
        if !sane(source) || !sane(external_id) {
            return Err(AppError::invalid("external_id", "external_id_invalid"));
        }
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let workspace = ctx.workspace.id;
        external_ids::guard(&session, workspace, def, source, external_id).await?;
        let ids = [external_id.to_owned()];
        let found = external_ids::find(&session, workspace, def, source, &ids).await?;
        let read = scope::of(ctx, def, Action::Read);
        let known = match found.first() {
            // Another team's record answers as any other that is out of sight: not found. One that
            // lies in the trash gives its external id to the new one.
            Some((_, id)) => {
                let seen = store::get(&session, def, &read, Trash::Either, *id).await?;
                let record = seen.ok_or(AppError::NotFound)?;
                if record.get("deleted_at").is_null() {
                    Some(*id)
                } else {
                    external_ids::remove(&session, workspace, def, source, external_id).await?;
                    None
                }
            }
            None => None,
        };
        let (record, outcome) = if let Some(id) = known {
            let after =
                update_in(&session, ctx, &organisation, def, id, Based::Latest, body).await?;
            (after, Outcome::Done)
        } else {
            let record = check_new(ctx, &organisation, def, body)?;
            let made = create_in(&session, ctx, &organisation, def, record, duplicates).await?;
            let tied = [(external_id.to_owned(), made.id())];
            external_ids::insert(&session, workspace, def, source, &tied).await?;
            (made, Outcome::Created)
        };
        self.finish(session, ctx, outcome, &record.to_json())
            .await?;
        Ok((record, outcome))
    }

    /// The changes of a record that the caller sees, newest first.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none in the caller's sight.
    pub async fn list_history(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<Change>, AppError> {
        self.get_record(ctx, def, id).await?;
        let session = self.db.read();
        let workspace = ctx.workspace.id;
        Ok(changes::of_record(&session, workspace, def.kind, id, before, limit).await?)
    }

    /// The name of a person of the workspace, as history shows it.
    ///
    /// # Errors
    /// When there is no such workspace.
    pub async fn names(&self, ctx: &Ctx, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let named = |id: &Uuid| Some((*id, organisation.person(*id)?.name.clone()));
        Ok(ids.iter().filter_map(named).collect())
    }
}

/// Checks a body that is to become a record, as far as that needs no rows.
pub(crate) fn check_new(
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    body: &Map<String, Json>,
) -> Result<Record, AppError> {
    if !scope::may_create(&ctx.actor, def) {
        return Err(AppError::Forbidden("may_not_create"));
    }
    let mut record = prepare::stamped(ctx, def);
    let own =
        check::new_record(def, body, prepare::circumstances(ctx)).map_err(AppError::Invalid)?;
    for (name, value) in own.into_values() {
        record.push(name, value);
    }
    let mut problems = rules::complete_new(ctx, organisation, def, body, &mut record);
    problems.extend(prepare::check_codes(organisation, def, &record));
    if problems.is_empty() {
        Ok(record)
    } else {
        Err(AppError::Invalid(problems))
    }
}

/// Makes a checked record within a transaction.
pub(crate) async fn create_in(
    session: &Session,
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    record: Record,
    on_duplicates: Duplicates,
) -> Result<Record, AppError> {
    let mut record = record;
    let refuse = on_duplicates == Duplicates::Refuse;
    let one = std::slice::from_mut(&mut record);
    // Held in one order by everybody: what it comes from, what it must not repeat, its number.
    rules::hold_named(session, ctx, def, one).await?;
    if refuse {
        duplicates::guard(session, ctx.workspace.id, def, one).await?;
    }
    let mut problems: Vec<_> = documents::complete_new(session, ctx, organisation, def, one)
        .await?
        .into_iter()
        .flatten()
        .collect();
    let one = std::slice::from_ref(&record);
    problems.extend(
        prepare::check_references(session, ctx, organisation, def, one, |_| true)
            .await?
            .into_iter()
            .flatten(),
    );
    problems.extend(prepare::check_unique(session, ctx, def, None, &record).await?);
    problems.extend(rules::check_named(session, ctx, def, None, &record).await?);
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    if refuse {
        let matches = duplicates::certain(session, ctx.workspace.id, def, one).await?;
        if !matches.is_empty() {
            return Err(prepare::tell_duplicates(session, ctx, def, &matches).await?);
        }
    }
    prepare::make_tags(session, ctx, organisation, def, &[&record]).await?;
    store::write::insert(session, ctx, def, "create", one).await?;
    rules::after_insert(session, ctx, def, one).await?;
    Ok(record)
}

/// Loads a record that is to be changed, locked, and makes sure that it may be.
pub(crate) async fn load_for_change(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    id: Uuid,
    trash: Trash,
) -> Result<Record, AppError> {
    let write = scope::of(ctx, def, Action::Write);
    if let Some(record) = store::lock(session, def, &write, trash, id).await? {
        return Ok(record);
    }
    let read = scope::of(ctx, def, Action::Read);
    match store::get(session, def, &read, trash, id).await? {
        Some(_) => Err(AppError::Forbidden("may_not_change")),
        None => Err(AppError::NotFound),
    }
}

/// Refuses a change that is based on an older version than the latest.
pub(crate) async fn check_version(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    record: &Record,
    based: Based,
) -> Result<(), AppError> {
    let Based::On(version) = based else {
        return Ok(());
    };
    if version == record.version() {
        return Ok(());
    }
    let since =
        changes::since_version(session, ctx.workspace.id, def.kind, record.id(), version).await?;
    let mut changed: Vec<String> = since
        .iter()
        .filter_map(|change| change.fields.as_object())
        .flat_map(|fields| fields.keys().cloned())
        .collect();
    changed.sort_unstable();
    changed.dedup();
    Err(AppError::Stale {
        changed,
        version: record.version(),
    })
}

/// Patches a record within a transaction.
pub(crate) async fn update_in(
    session: &Session,
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    id: Uuid,
    based: Based,
    body: &Map<String, Json>,
) -> Result<Record, AppError> {
    let before = load_for_change(session, ctx, def, id, Trash::Outside).await?;
    check_version(session, ctx, def, &before, based).await?;
    let after = patched_in(session, ctx, organisation, def, &before, body).await?;
    let after = store::write::update(session, ctx, def, "update", &before, after).await?;
    rules::organisation_changed(session, ctx, def).await?;
    Ok(after)
}

/// A record as a merge patch leaves it, with everything checked and nothing written yet but the
/// tags that it needs.
pub(crate) async fn patched_in(
    session: &Session,
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    before: &Record,
    body: &Map<String, Json>,
) -> Result<Record, AppError> {
    let mut after = check::patched(def, before, body, prepare::circumstances(ctx))
        .map_err(AppError::Invalid)?;
    rules::complete_changed(ctx, organisation, def, before, &mut after)?;
    let mut problems =
        documents::complete_changed(session, ctx, organisation, def, before, &mut after).await?;
    let changed = |name: &str| before.get(name) != after.get(name);
    let one = std::slice::from_ref(&after);
    problems.extend(
        prepare::check_references(session, ctx, organisation, def, one, |field| {
            changed(field.name)
        })
        .await?
        .into_iter()
        .flatten(),
    );
    problems.extend(
        prepare::check_codes(organisation, def, &after)
            .into_iter()
            .filter(|problem| changed(problem.pointer.trim_start_matches('/'))),
    );
    problems.extend(prepare::check_unique(session, ctx, def, Some(before), &after).await?);
    problems.extend(rules::check_named(session, ctx, def, Some(before), &after).await?);
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    rules::check_circles(session, ctx, def, before, &after).await?;
    prepare::make_tags(session, ctx, organisation, def, &[&after]).await?;
    Ok(after)
}

/// Trashes a record within a transaction.
pub(crate) async fn trash_in(
    session: &Session,
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    id: Uuid,
    based: Based,
) -> Result<Record, AppError> {
    let before = load_for_change(session, ctx, def, id, Trash::Outside).await?;
    check_version(session, ctx, def, &before, based).await?;
    let mut after = before.clone();
    after.set("deleted_at", Value::Time(ctx.now));
    rules::check_trash(session, ctx, organisation, def, &before, &after).await?;
    let after = store::write::update(session, ctx, def, "trash", &before, after).await?;
    rules::trash_parts(session, ctx, def, &before, &after).await?;
    rules::organisation_changed(session, ctx, def).await?;
    Ok(after)
}

/// Restores a record within a transaction.
pub(crate) async fn restore_in(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    id: Uuid,
) -> Result<Record, AppError> {
    let before = load_for_change(session, ctx, def, id, Trash::Inside).await?;
    let mut after = before.clone();
    after.set("deleted_at", Value::Null);
    let problems = prepare::check_unique(session, ctx, def, None, &after).await?;
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    let after = store::write::update(session, ctx, def, "restore", &before, after).await?;
    rules::trash_parts(session, ctx, def, &before, &after).await?;
    rules::organisation_changed(session, ctx, def).await?;
    Ok(after)
}
