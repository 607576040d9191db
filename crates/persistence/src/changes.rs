//! The change log: every mutation, written in the transaction that makes it.
//!
//! Rows get their place in the feed (`position`) after they are committed, by [`seal`], because the
//! order of inserting is not the order of committing: a reader that followed the sequence would
//! lose the row that commits late.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{DbBackend, QueryResult, Statement};
use serde_json::{Map, json};
use uuid::Uuid;

use crate::db::{Db, Session};
use crate::{StoreError, columns, dialect};

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
    /// `{field: [old, new]}`.
    pub fields: serde_json::Value,
}

/// Writes changes to the log.
///
/// # Errors
/// When the database fails.
pub async fn append(session: &Session, ctx: &Ctx, entries: &[Entry]) -> Result<(), StoreError> {
    for chunk in entries.chunks(2000) {
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
        ]);
        for entry in chunk {
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
            ]);
        }
        session.run(&insert).await?;
    }
    Ok(())
}

const COLUMNS: [&str; 11] = [
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

/// Changes in their places with their hashes, for who follows the chain.
///
/// # Errors
/// When the database fails.
pub async fn sealed(
    session: &Session,
    workspace: Uuid,
    since: i64,
    limit: u64,
) -> Result<Vec<(Change, String)>, StoreError> {
    let mut query = select(workspace);
    query
        .column("hash")
        .and_where(Expr::col("position").gt(since))
        .order_by("position", Order::Asc)
        .limit(limit);
    let rows = session.all(&query).await?;
    rows.iter()
        .map(|row| {
            let hash: Option<String> = row.try_get_by_index(COLUMNS.len())?;
            Ok((read(row)?, hash.unwrap_or_default()))
        })
        .collect()
}

/// The last position of a workspace's feed and its hash.
///
/// # Errors
/// When the database fails.
pub async fn head_hash(session: &Session, workspace: Uuid) -> Result<(i64, String), StoreError> {
    read_head(session, workspace).await
}

/// The last position of a workspace's feed.
///
/// # Errors
/// When the database fails.
pub async fn head(session: &Session, workspace: Uuid) -> Result<i64, StoreError> {
    let query = Query::select()
        .column("position")
        .from("feed_heads")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .take();
    match session.one(&query).await? {
        Some(row) => Ok(row.try_get_by_index(0)?),
        None => Ok(0),
    }
}

/// What makes the hash of a change from the one before and its content.
pub type Chain = fn(previous: &str, change: &Change) -> String;

/// Gives committed changes their positions, gapless per workspace, and chains their hashes. Returns
/// how many it placed; call again while it returns `batch`.
///
/// # Errors
/// When the database fails.
pub async fn seal(db: &Db, batch: u64, chain: Chain) -> Result<u64, StoreError> {
    let waiting = Query::select()
        .column("workspace_id")
        .columns(COLUMNS)
        .from("changes")
        .and_where(Expr::col("position").is_null())
        .order_by("workspace_id", Order::Asc)
        .order_by("sequence", Order::Asc)
        .limit(batch)
        .take();
    // Nothing waits most of the time: look without taking the writer.
    let probe = waiting.clone().limit(1).take();
    if db.read().one(&probe).await?.is_none() {
        return Ok(0);
    }
    let session = db.begin().await?;
    dialect::lock(&session, "seal").await?;
    let rows = session.all(&waiting).await?;
    let mut placed = 0;
    let mut current: Option<(Uuid, i64, String)> = None;
    let mut updates: Vec<(i64, i64, String)> = Vec::new();
    for row in &rows {
        let workspace: Uuid = row.try_get("", "workspace_id")?;
        let change = read_after_workspace(row)?;
        if current.as_ref().is_none_or(|(at, ..)| *at != workspace) {
            if let Some((done, position, hash)) = current.take() {
                write_head(&session, done, position, &hash).await?;
            }
            let (position, hash) = read_head(&session, workspace).await?;
            current = Some((workspace, position, hash));
        }
        if let Some((_, position, hash)) = &mut current {
            *position += 1;
            *hash = chain(hash, &change);
            updates.push((change.sequence, *position, hash.clone()));
        }
        placed += 1;
    }
    if let Some((done, position, hash)) = current {
        write_head(&session, done, position, &hash).await?;
    }
    place(&session, &updates).await?;
    session.commit().await?;
    Ok(placed)
}

fn read_after_workspace(row: &QueryResult) -> Result<Change, StoreError> {
    let fields: String = row.try_get("", "fields")?;
    Ok(Change {
        sequence: match row.try_get::<i64>("", "sequence") {
            Ok(sequence) => sequence,
            Err(_) => i64::from(row.try_get::<i32>("", "sequence")?),
        },
        position: row.try_get("", "position")?,
        kind: row.try_get("", "kind")?,
        record_id: row.try_get("", "record_id")?,
        version: row.try_get("", "version")?,
        verb: row.try_get("", "verb")?,
        actor_id: row.try_get("", "actor_id")?,
        at: columns::moment(row.try_get("", "at")?).unwrap_or_default(),
        request_id: row.try_get("", "request_id")?,
        cause: row.try_get("", "cause")?,
        fields: serde_json::from_str(&fields)?,
    })
}

async fn read_head(session: &Session, workspace: Uuid) -> Result<(i64, String), StoreError> {
    let query = Query::select()
        .columns(["position", "hash"])
        .from("feed_heads")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .take();
    match session.one(&query).await? {
        Some(row) => Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)),
        None => Ok((0, String::new())),
    }
}

async fn write_head(
    session: &Session,
    workspace: Uuid,
    position: i64,
    hash: &str,
) -> Result<(), StoreError> {
    let upsert = Query::insert()
        .into_table("feed_heads")
        .columns(["workspace_id", "position", "hash"])
        .values_panic([workspace.into(), position.into(), hash.into()])
        .on_conflict(
            sea_orm::sea_query::OnConflict::column("workspace_id")
                .update_columns(["position", "hash"])
                .to_owned(),
        )
        .take();
    session.run(&upsert).await?;
    Ok(())
}

async fn place(session: &Session, updates: &[(i64, i64, String)]) -> Result<(), StoreError> {
    let backend = session.backend();
    for chunk in updates.chunks(500) {
        let mut rows = String::new();
        let mut values: Vec<sea_orm::Value> = Vec::new();
        for (sequence, position, hash) in chunk {
            let comma = if rows.is_empty() { "" } else { ", " };
            if backend == DbBackend::Postgres {
                let n = values.len();
                rows.push_str(&format!(
                    "{comma}(${}::bigint, ${}::bigint, ${}::text)",
                    n + 1,
                    n + 2,
                    n + 3
                ));
            } else {
                rows.push_str(comma);
                rows.push_str("(?, ?, ?)");
            }
            values.extend([(*sequence).into(), (*position).into(), hash.as_str().into()]);
        }
        let sql = format!(
            "WITH placed (sequence, position, hash) AS (VALUES {rows}) UPDATE changes SET \
             position = placed.position, hash = placed.hash FROM placed \
             WHERE changes.sequence = placed.sequence"
        );
        session
            .run_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
    }
    Ok(())
}
