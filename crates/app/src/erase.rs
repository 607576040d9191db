//! Erases what is known of a person: the values of some fields of one record, from every place where
//! they rest ([`Place`]).
//!
//! The record stays, with its number and what refers to it; the change log stays whole and says that
//! the values were erased, by a change with the verb `erase`.

use chrono::{DateTime, Utc};
use kehu_domain::ctx::Workspace;
use kehu_domain::def::{Def, Field, FieldProblem, Type, Unique};
use kehu_domain::record::Record;
use kehu_domain::scope::{Reason, Scope};
use kehu_domain::value::Value;
use kehu_persistence::places::{self, Erasure};
use kehu_persistence::records::{self, Trash};
use kehu_persistence::{changes, imports, workspaces};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::App;
use crate::context::system;
use crate::error::AppError;
use crate::writer::organisation_changed;

/// A place where a value rests.
pub type Place = places::Place;

/// For how many days copies of the database may hold what was erased meanwhile.
pub const COPY_DAYS: i64 = 30;

/// What stands in the place of a text that a record must have.
const PLACEHOLDER: &str = "—";

/// Why something is erased that no person of the workspace asked for.
const CAUSE: &str = "erase";

/// From where how much was erased: a place, and how many of its rows or values.
pub type Erased = Vec<(Place, u64)>;

/// The fields of these names; without any, all that tell how to reach a person or are declared to tell
/// something of one that not everybody should read.
///
/// # Errors
/// [`AppError::Invalid`] with a name that is no field, or one of a field whose values stay: they are
/// no words of or about a person, and others are computed from them.
pub fn fields_of(def: &'static Def, names: &[String]) -> Result<Vec<&'static Field>, AppError> {
    if names.is_empty() {
        let all = def.fields.iter();
        let theirs = all.filter(|field| places::identifies(field) && can_go(field));
        return Ok(theirs.collect());
    }
    let mut problems = Vec::new();
    let mut fields: Vec<&'static Field> = Vec::new();
    for name in names {
        match def.fields.iter().find(|field| field.name == name) {
            Some(field) if !can_go(field) => problems.push(FieldProblem::new(name, "not_erasable")),
            Some(field) if fields.contains(&field) => {}
            Some(field) => fields.push(field),
            None => problems.push(FieldProblem::new(name, "unknown_field")),
        }
    }
    if problems.is_empty() {
        Ok(fields)
    } else {
        Err(AppError::Invalid(problems))
    }
}

/// Whether a record can be without its value, or with a word in its place.
#[must_use]
pub const fn can_go(field: &Field) -> bool {
    match field.ty {
        // Of lines their words.
        Type::Text(_) | Type::LongText(_) | Type::Email | Type::Lines => true,
        Type::Phone | Type::Url | Type::Date | Type::Tags | Type::Texts => !field.required,
        Type::Int(..)
        | Type::Bool
        | Type::Time
        | Type::Money
        | Type::Choice(_)
        | Type::Dictionary(_)
        | Type::Ref(_)
        | Type::Refs(_)
        | Type::Json => false,
    }
}

impl App {
    /// The workspace that a record is in, or was in before it was removed.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there was never such a record.
    pub async fn workspace_of(&self, def: &'static Def, id: Uuid) -> Result<Workspace, AppError> {
        let session = self.db.read();
        for workspace in workspaces::first(&session, u64::from(u32::MAX)).await? {
            let logged = changes::of_record(&session, workspace.id, def.kind, id, None, 1).await?;
            if !logged.is_empty() {
                return Ok(workspace);
            }
        }
        Err(AppError::NotFound)
    }

    /// Erases the values of these fields of a record, which may lie in the trash or be removed, from
    /// every place. Tells from where how much.
    ///
    /// # Errors
    /// [`AppError::Conflict`] while an import that made or changed the record is at work.
    pub async fn erase(
        &self,
        workspace: Workspace,
        def: &'static Def,
        id: Uuid,
        fields: &[&'static Field],
        now: DateTime<Utc>,
    ) -> Result<Erased, AppError> {
        self.carry_over_log(now).await?;
        let ctx = system(workspace, now, CAUSE);
        let session = self.db.begin().await?;
        // Personal records too, which are nobody's but their owner's.
        let scope = Scope::system(ctx.workspace.id, Reason::Console);
        let before = records::lock(&session, def, &scope, Trash::Either, id).await?;
        if imports::erasing::at_work(&session, ctx.workspace.id, id).await? {
            return Err(AppError::conflict("import_at_work"));
        }
        let found =
            places::identifying(&session, ctx.workspace.id, def, id, before.as_ref()).await?;
        let erasure = Erasure {
            def,
            id,
            fields: fields.to_vec(),
            identifying: found,
            states: before.map(|before| {
                let after = without(def, fields, &before);
                (before, after)
            }),
        };
        let mut erased = Vec::new();
        for place in Place::ALL {
            erased.push((*place, place.erase(&session, &ctx, &erasure).await?));
        }
        organisation_changed(&session, &ctx, def).await?;
        session.commit().await?;
        self.leave_no_tokens().await?;
        Ok(erased)
    }

    /// Merges the search index until nothing is left in it of what was taken out.
    async fn leave_no_tokens(&self) -> Result<(), AppError> {
        while self.tidy_search().await? {}
        Ok(())
    }
}

/// The record without the values of these fields. Where it must have one, a word stands there.
fn without(def: &'static Def, fields: &[&'static Field], before: &Record) -> Record {
    let mut after = before.clone();
    for field in fields {
        let nothing = match field.ty {
            _ if before.get(field.name).is_null() => Value::Null,
            Type::Tags | Type::Texts => Value::List(Vec::new()),
            Type::Lines => wordless(before.get(field.name)),
            _ if field.required => placeholder(field, before.id()),
            _ => Value::Null,
        };
        after.set(field.name, nothing);
    }
    // A lead needs something to recognise it by.
    for problem in (def.check)(Some(before), &after) {
        let name = problem.pointer.trim_start_matches('/');
        if let Some(field) = fields.iter().find(|field| field.name == name)
            && after.get(name).is_null()
        {
            after.set(field.name, placeholder(field, before.id()));
        }
    }
    after
}

/// Lines without the words that somebody wrote; what they come to stays.
fn wordless(lines: &Value) -> Value {
    let Value::Json(lines) = lines else {
        return Value::Null;
    };
    let mut lines = lines.clone();
    let entries = lines.as_array_mut().into_iter().flatten();
    for line in entries.filter_map(Json::as_object_mut) {
        line.insert("name".to_owned(), Json::from(PLACEHOLDER));
        line.insert("unit".to_owned(), Json::Null);
    }
    Value::Json(lines)
}

fn placeholder(field: &Field, id: Uuid) -> Value {
    let id = id.simple();
    Value::Text(match (field.ty, field.unique) {
        (Type::Email, _) => format!("{id}@erased.invalid"),
        (_, Unique::Workspace | Unique::Within(_)) => id.to_string(),
        (_, Unique::No) => PLACEHOLDER.to_owned(),
    })
}
