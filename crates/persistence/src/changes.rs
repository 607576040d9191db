//! The change log: every mutation, written in the transaction that makes it.
//!
//! Rows get their place in the feed (`position`) after they are committed, by [`seal`], because the
//! order of inserting is not the order of committing: a reader that followed the sequence would
//! lose the row that commits late.
//!
//! The values of a row can be erased, and the chain of hashes holds still: it covers a salted digest
//! of each ([`chain`]).

pub mod carry;
pub mod chain;
pub mod erase;
pub mod seal;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use serde_json::{Map, json};
use uuid::Uuid;

use crate::changes::chain::Remains;
use crate::db::Session;
use crate::{StoreError, columns};

/// One change of one record, before it is stored.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The kind of the record.
    pub kind: &'static str,
    /// The record.
    pub record_id: Uuid,
    /// Its version after the change.
    pub version: i64,
    /// What happened: `create`, `update`, `claim` …
    pub verb: String,
    /// `{field: [old, new]}`.
    pub fields: serde_json::Value,
}

impl Entry {
    pub(crate) fn of_new(def: &Def, verb: &str, record: &Record) -> Self {
        let fields: Map<String, serde_json::Value> = def
            .fields
            .iter()
            .map(|field| (field.name, record.get(field.name)))
            .filter(|(_, value)| !value.is_null() && **value != Value::List(Vec::new()))
            .map(|(name, value)| (name.to_owned(), json!([null, value.to_json()])))
            .collect();
        Self::with(def, verb, record, fields)
    }

    pub(crate) fn of_change(def: &Def, verb: &str, before: &Record, after: &Record) -> Self {
        let fields: Map<String, serde_json::Value> = def
            .fields
            .iter()
            .filter(|field| before.get(field.name) != after.get(field.name))
            .map(|field| {
                let (old, new) = (before.get(field.name), after.get(field.name));
                (field.name.to_owned(), json!([old.to_json(), new.to_json()]))
            })
            .collect();
        Self::with(def, verb, after, fields)
    }

    pub(crate) fn of_purge(def: &Def, verb: &str, record: &Record) -> Self {
        Self::with(def, verb, record, Map::new())
    }

    fn with(
        def: &Def,
        verb: &str,
        record: &Record,
        fields: Map<String, serde_json::Value>,
    ) -> Self {
        Self {
            kind: def.kind,
            record_id: record.id(),
            version: record.version(),
            verb: verb.to_owned(),
            fields: serde_json::Value::Object(fields),
        }
    }
}

/// A stored change.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its place in the order of inserting.
    pub sequence: i64,
    /// Its place in the feed, once it has one.
    pub position: Option<i64>,
    /// The kind of the record.
    pub kind: String,
    /// The record.
    pub record_id: Uuid,
    /// Its version after the change.
    pub version: i64,
    /// What happened.
    pub verb: String,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
    /// The request it came with.
    pub request_id: String,
    /// What made it happen, if no person asked for it directly.
    pub cause: Option<String>,
    /// `{field: [old, new]}`; a value that was erased is missing.
    pub fields: serde_json::Value,
    /// What is left of erased values, and of the salts of the others; none in a row that has all its
    /// values.
    pub remains: Option<Remains>,
}

/// Writes changes to the log.
///
/// # Errors
/// When the database fails.
pub async fn append(session: &Session, ctx: &Ctx, entries: &[Entry]) -> Result<(), StoreError> {
    for chunk in entries.chunks(2000) {
        let salts = chain::salts(chunk.len());
        let mut insert = Query::insert();
        insert.into_table("changes").columns([
            "workspace_id",
            "kind",
            "record_id",
            "version",
            "verb",
            "actor_id",
            "at",
            "request_id",
            "cause",
            "fields",
            "salt",
        ]);
        for (entry, salt) in chunk.iter().zip(salts) {
            insert.values_panic([
                ctx.workspace.id.into(),
                entry.kind.into(),
                entry.record_id.into(),
                entry.version.into(),
                entry.verb.as_str().into(),
                Some(ctx.actor.user_id).filter(|id| !id.is_nil()).into(),
                ctx.now.timestamp_micros().into(),
                ctx.request_id.as_str().into(),
                ctx.cause.as_deref().into(),
                entry.fields.to_string().into(),
                salt.to_vec().into(),
            ]);
        }
        session.run(&insert).await?;
    }
    Ok(())
}

const COLUMNS: [&str; 12] = [
    "sequence",
    "position",
    "kind",
    "record_id",
    "version",
    "verb",
    "actor_id",
    "at",
    "request_id",
    "cause",
    "fields",
    "remains",
];

fn select(workspace: Uuid) -> SelectStatement {
    Query::select()
        .columns(COLUMNS)
        .from("changes")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .take()
}

fn read(row: &QueryResult) -> Result<Change, StoreError> {
    let fields: String = row.try_get_by_index(10)?;
    let remains: Option<String> = row.try_get_by_index(11)?;
    Ok(Change {
        sequence: match row.try_get_by_index::<i64>(0) {
            Ok(sequence) => sequence,
            Err(_) => i64::from(row.try_get_by_index::<i32>(0)?),
        },
        position: row.try_get_by_index(1)?,
        kind: row.try_get_by_index(2)?,
        record_id: row.try_get_by_index(3)?,
        version: row.try_get_by_index(4)?,
        verb: row.try_get_by_index(5)?,
        actor_id: row.try_get_by_index(6)?,
        at: columns::moment(row.try_get_by_index(7)?).unwrap_or_default(),
        request_id: row.try_get_by_index(8)?,
        cause: row.try_get_by_index(9)?,
        fields: serde_json::from_str(&fields)?,
        remains: remains
            .map(|remains| serde_json::from_str(&remains))
            .transpose()?,
    })
}

/// The changes of one record, newest first, those before `before` (a sequence).
///
/// # Errors
/// When the database fails.
pub async fn of_record(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    record: Uuid,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Change>, StoreError> {
    let mut query = select(workspace);
    query
        .and_where(Expr::col("kind").eq(kind))
        .and_where(Expr::col("record_id").eq(record))
        .order_by("sequence", Order::Desc)
        .limit(limit);
    if let Some(before) = before {
        query.and_where(Expr::col("sequence").lt(before));
    }
    session.all(&query).await?.iter().map(read).collect()
}

/// All changes of one record, newest first: for what takes changes back.
///
/// # Errors
/// When the database fails.
pub async fn all_of_record(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    record: Uuid,
) -> Result<Vec<Change>, StoreError> {
    let query = select(workspace)
        .and_where(Expr::col("kind").eq(kind))
        .and_where(Expr::col("record_id").eq(record))
        .order_by("sequence", Order::Desc)
        .take();
    session.all(&query).await?.iter().map(read).collect()
}

/// The changes of one record with this verb, in no particular order.
///
/// # Errors
/// When the database fails.
pub async fn with_verb(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    record: Uuid,
    verb: &str,
) -> Result<Vec<Change>, StoreError> {
    let query = select(workspace)
        .and_where(Expr::col("kind").eq(kind))
        .and_where(Expr::col("record_id").eq(record))
        .and_where(Expr::col("verb").eq(verb))
        .take();
    session.all(&query).await?.iter().map(read).collect()
}

/// The changes of one record before a moment, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_record_before(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    record: Uuid,
    before: Option<DateTime<Utc>>,
    limit: u64,
) -> Result<Vec<Change>, StoreError> {
    let mut query = select(workspace);
    query
        .and_where(Expr::col("kind").eq(kind))
        .and_where(Expr::col("record_id").eq(record))
        .order_by("sequence", Order::Desc)
        .limit(limit);
    if let Some(before) = before {
        query.and_where(Expr::col("at").lt(before.timestamp_micros()));
    }
    session.all(&query).await?.iter().map(read).collect()
}

/// Which of these records were changed by anything but this cause.
///
/// # Errors
/// When the database fails.
pub async fn touched(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    records: &[Uuid],
    cause: &str,
) -> Result<HashSet<Uuid>, StoreError> {
    let mut found = HashSet::new();
    for chunk in records.chunks(1000) {
        let other = Expr::col("cause")
            .is_null()
            .or(Expr::col("cause").ne(cause));
        let query = Query::select()
            .distinct()
            .column("record_id")
            .from("changes")
            .and_where(Expr::col("workspace_id").eq(workspace))
            .and_where(Expr::col("kind").eq(kind))
            .and_where(Expr::col("record_id").is_in(chunk.iter().copied()))
            .and_where(other)
            .take();
        for row in session.all(&query).await? {
            found.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(found)
}

/// The changes of one record since a version, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn since_version(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    record: Uuid,
    version: i64,
) -> Result<Vec<Change>, StoreError> {
    let mut query = select(workspace);
    query
        .and_where(Expr::col("kind").eq(kind))
        .and_where(Expr::col("record_id").eq(record))
        .and_where(Expr::col("version").gt(version))
        .order_by("sequence", Order::Asc)
        .limit(1000);
    session.all(&query).await?.iter().map(read).collect()
}

/// The feed after a position, oldest first. What the reader may not see is still in it: the caller
/// takes it out.
///
/// # Errors
/// When the database fails.
pub async fn feed(
    session: &Session,
    workspace: Uuid,
    since: i64,
    limit: u64,
) -> Result<Vec<Change>, StoreError> {
    let mut query = select(workspace);
    query
        .and_where(Expr::col("position").gt(since))
        .order_by("position", Order::Asc)
        .limit(limit);
    session.all(&query).await?.iter().map(read).collect()
}
