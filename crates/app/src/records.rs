//! What every kind can do: make, read, change, trash, restore, upsert, bulk, batch, history.

use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_persistence::records::{self as store, Trash};
use kehu_persistence::{changes, external_ids};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::error::AppError;
use crate::feed::Change;
use crate::shown::{Shown, seen_change};
use crate::writer::{Author, Writer};
pub use crate::writer::{Based, Duplicates};
use crate::{App, Outcome};

/// What another system calls a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExternalId<'a> {
    /// The system.
    pub source: &'a str,
    /// Its id there.
    pub id: &'a str,
}

impl App {
    /// One record, as far as the caller sees it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none in the caller's sight.
    pub async fn get_record(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
    ) -> Result<Shown, AppError> {
        let record = self.load_record(ctx, def, id).await?;
        Ok(Shown::of(ctx, def, record))
    }

    /// One whole record, for use cases that go on with it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none in the caller's sight.
    pub(crate) async fn load_record(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
    ) -> Result<Record, AppError> {
        let scope = scope::of(ctx, def, Action::View);
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
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let author = Author::api(ctx, &organisation);
        let record = author.draft(def, body)?;
        let session = self.db.begin().await?;
        let made = Writer::new(&session, author)
            .create(def, record, duplicates)
            .await?;
        self.answer(session, ctx, Outcome::Created, def, made).await
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
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let after = writer.update(def, id, based, body).await?;
        self.answer(session, ctx, Outcome::Done, def, after).await
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
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        writer.trash(def, id, based).await?;
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
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let after = writer.restore(def, id).await?;
        self.answer(session, ctx, Outcome::Done, def, after).await
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
    ) -> Result<(Shown, Outcome), AppError> {
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
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let workspace = ctx.workspace.id;
        external_ids::guard(&session, workspace, def, source, external_id).await?;
        let ids = [external_id.to_owned()];
        let found = external_ids::find(&session, workspace, def, source, &ids).await?;
        let read = scope::of(ctx, def, Action::View);
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
            let after = writer.update(def, id, Based::Latest, body).await?;
            (after, Outcome::Done)
        } else {
            let made = writer.create_of_body(def, body, duplicates).await?;
            let tied = [(external_id.to_owned(), made.id())];
            external_ids::insert(&session, workspace, def, source, &tied).await?;
            (made, Outcome::Created)
        };
        let shown = self.answer(session, ctx, outcome, def, record).await?;
        Ok((shown, outcome))
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
        self.load_record(ctx, def, id).await?;
        let session = self.db.read();
        let workspace = ctx.workspace.id;
        let all = changes::of_record(&session, workspace, def.kind, id, before, limit).await?;
        let seen = all.into_iter();
        Ok(seen.map(|change| seen_change(ctx, def, change)).collect())
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
