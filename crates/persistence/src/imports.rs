//! Imports: their files, how far each is, what became of its rows, and saved mappings.

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::Session;
use crate::{StoreError, columns};

pub mod erasing;
pub mod mappings;
pub mod results;

/// An import as it stands.
#[derive(Debug, Clone)]
pub struct Import {
    /// Its id.
    pub id: Uuid,
    /// The workspace.
    pub workspace_id: Uuid,
    /// Who imports.
    pub actor_id: Uuid,
    /// What the file was called.
    pub file_name: String,
    /// How large it is.
    pub bytes: i64,
    /// Where it stands: `uploaded`, `checking`, `checked`, `running` …
    pub state: String,
    /// The mapping, as JSON.
    pub mapping: Option<String>,
    /// Why it failed: a problem as JSON.
    pub error: Option<String>,
    /// When the file came.
    pub created_at: DateTime<Utc>,
    /// When the last run began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it was last taken up, for the rate.
    pub resumed_at: Option<DateTime<Utc>>,
    /// How many rows were done then.
    pub resumed_rows: i64,
    /// How many rows there are, once they are counted.
    pub rows_total: Option<i64>,
    /// How many are done.
    pub rows_done: i64,
    /// What became of them.
    pub counts: Counts,
}

/// What became of the rows of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Made.
    pub created: i64,
    /// Written over.
    pub updated: i64,
    /// Left as they were, because the record was there already.
    pub duplicates: i64,
    /// Refused.
    pub refused: i64,
    /// Values left out.
    pub warnings: i64,
    /// Made, but likely the same as another.
    pub likely_duplicates: i64,
    /// Records of other kinds that were made because rows named them.
    pub others_created: i64,
    /// How many problems are told.
    pub problems: i64,
    /// How many transactions it took.
    pub batches: i64,
    /// Undone.
    pub undone: i64,
    /// Kept when the rest was undone, because somebody has touched them.
    pub kept: i64,
}

const COLUMNS: [&str; 16] = [
    "id",
    "workspace_id",
    "actor_id",
    "file_name",
    "bytes",
    "state",
    "mapping",
    "error",
    "created_at",
    "started_at",
    "finished_at",
    "resumed_at",
    "resumed_rows",
    "rows_total",
    "rows_done",
    "counts",
];

fn read(row: &QueryResult) -> Result<Import, StoreError> {
    let moment = |at: usize| -> Result<Option<DateTime<Utc>>, StoreError> {
        let micros: Option<i64> = row.try_get_by_index(at)?;
        Ok(micros.and_then(columns::moment))
    };
    let counts: String = row.try_get_by_index(15)?;
    Ok(Import {
        id: row.try_get_by_index(0)?,
        workspace_id: row.try_get_by_index(1)?,
        actor_id: row.try_get_by_index(2)?,
        file_name: row.try_get_by_index(3)?,
        bytes: row.try_get_by_index(4)?,
        state: row.try_get_by_index(5)?,
        mapping: row.try_get_by_index(6)?,
        error: row.try_get_by_index(7)?,
        created_at: moment(8)?.unwrap_or_default(),
        started_at: moment(9)?,
        finished_at: moment(10)?,
        resumed_at: moment(11)?,
        resumed_rows: row.try_get_by_index(12)?,
        rows_total: row.try_get_by_index(13)?,
        rows_done: row.try_get_by_index(14)?,
        counts: serde_json::from_str(&counts)?,
    })
}

/// Writes a new import; its file follows in parts.
///
/// # Errors
/// When the database fails.
pub async fn insert(session: &Session, import: &Import) -> Result<(), StoreError> {
    let micros = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros());
    let insert = Query::insert()
        .into_table("imports")
        .columns(COLUMNS)
        .values_panic([
            import.id.into(),
            import.workspace_id.into(),
            import.actor_id.into(),
            import.file_name.as_str().into(),
            import.bytes.into(),
            import.state.as_str().into(),
            import.mapping.as_deref().into(),
            import.error.as_deref().into(),
            import.created_at.timestamp_micros().into(),
            micros(import.started_at).into(),
            micros(import.finished_at).into(),
            micros(import.resumed_at).into(),
            import.resumed_rows.into(),
            import.rows_total.into(),
            import.rows_done.into(),
            serde_json::to_string(&import.counts)?.into(),
        ])
        .take();
    session.run(&insert).await?;
    Ok(())
}

/// Writes how an import stands: everything that changes after its beginning. With a worker's name
/// only while that worker holds the lease. Tells whether it was written.
///
/// # Errors
/// When the database fails.
pub async fn save(
    session: &Session,
    import: &Import,
    lease: Lease<'_>,
) -> Result<bool, StoreError> {
    let micros = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros());
    let mut update = Query::update();
    update
        .table("imports")
        .value("state", import.state.as_str())
        .value("bytes", import.bytes)
        .value("mapping", import.mapping.as_deref())
        .value("error", import.error.as_deref())
        .value("started_at", micros(import.started_at))
        .value("finished_at", micros(import.finished_at))
        .value("resumed_at", micros(import.resumed_at))
        .value("resumed_rows", import.resumed_rows)
        .value("rows_total", import.rows_total)
        .value("rows_done", import.rows_done)
        .value("counts", serde_json::to_string(&import.counts)?)
        .and_where(Expr::col("workspace_id").eq(import.workspace_id))
        .and_where(Expr::col("id").eq(import.id));
    match lease {
        Lease::Offer => update
            .value("lease_owner", Option::<String>::None)
            .value("lease_until", 0_i64),
        Lease::Hold { owner, until } => update
            .value("lease_until", until.timestamp_micros())
            .and_where(Expr::col("lease_owner").eq(owner)),
        Lease::Leave { owner } => update
            .value("lease_owner", Option::<String>::None)
            .value("lease_until", Option::<i64>::None)
            .and_where(Expr::col("lease_owner").eq(owner)),
        Lease::None => update
            .value("lease_owner", Option::<String>::None)
            .value("lease_until", Option::<i64>::None),
    };
    Ok(session.run(&update).await? > 0)
}

/// Who works on an import from now on.
#[derive(Debug, Clone, Copy)]
pub enum Lease<'a> {
    /// Whoever takes it first.
    Offer,
    /// This worker goes on.
    Hold {
        /// The worker.
        owner: &'a str,
        /// When others may take over if it says nothing more.
        until: DateTime<Utc>,
    },
    /// This worker is done.
    Leave {
        /// The worker.
        owner: &'a str,
    },
    /// Nobody, and nobody did.
    None,
}

/// The import that has waited longest for work, or whose worker has not been heard of: a certain
/// one, or any.
fn waiting(certain: Option<Uuid>, now: DateTime<Utc>) -> SelectStatement {
    let mut query = Query::select();
    query
        .columns(["workspace_id", "id"])
        .from("imports")
        .and_where(Expr::col("lease_until").is_not_null())
        .and_where(Expr::col("lease_until").lt(now.timestamp_micros()))
        .order_by("lease_until", Order::Asc)
        .limit(1);
    if let Some(id) = certain {
        query.and_where(Expr::col("id").eq(id));
    }
    query
}

/// Whether an import waits for work.
///
/// # Errors
/// When the database fails.
pub async fn anything_waits(
    session: &Session,
    certain: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    Ok(session.one(&waiting(certain, now)).await?.is_some())
}

/// Takes an import that waits for work: its workspace and its id.
///
/// # Errors
/// When the database fails.
pub async fn take_lease(
    session: &Session,
    certain: Option<Uuid>,
    owner: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<(Uuid, Uuid)>, StoreError> {
    let Some(row) = session.one(&waiting(certain, now)).await? else {
        return Ok(None);
    };
    let (workspace, id): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let update = Query::update()
        .table("imports")
        .value("lease_owner", owner)
        .value("lease_until", until.timestamp_micros())
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col("lease_until").lt(now.timestamp_micros()))
        .take();
    Ok((session.run(&update).await? > 0).then_some((workspace, id)))
}

/// Gives a worker's sign of life. `false` when the lease is another's by now, or the work is over.
///
/// # Errors
/// When the database fails.
pub async fn renew_lease(
    session: &Session,
    workspace: Uuid,
    id: Uuid,
    owner: &str,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let update = Query::update()
        .table("imports")
        .value("lease_until", until.timestamp_micros())
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col("lease_owner").eq(owner))
        .take();
    Ok(session.run(&update).await? > 0)
}

fn select(workspace: Uuid) -> SelectStatement {
    Query::select()
        .columns(COLUMNS)
        .from("imports")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .take()
}

/// One import.
///
/// # Errors
/// When the database fails.
pub async fn get(
    session: &Session,
    workspace: Uuid,
    id: Uuid,
) -> Result<Option<Import>, StoreError> {
    let query = select(workspace).and_where(Expr::col("id").eq(id)).take();
    session.one(&query).await?.as_ref().map(read).transpose()
}

/// The same, and nobody else changes it until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(
    session: &Session,
    workspace: Uuid,
    id: Uuid,
) -> Result<Option<Import>, StoreError> {
    let mut query = select(workspace).and_where(Expr::col("id").eq(id)).take();
    crate::dialect::for_update(session, &mut query);
    session.one(&query).await?.as_ref().map(read).transpose()
}

/// The imports of a workspace, newest first, those before `before`; one person's or everybody's.
///
/// # Errors
/// When the database fails.
pub async fn list(
    session: &Session,
    workspace: Uuid,
    actor: Option<Uuid>,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Import>, StoreError> {
    let mut query = select(workspace);
    query.order_by("id", Order::Desc).limit(limit);
    if let Some(actor) = actor {
        query.and_where(Expr::col("actor_id").eq(actor));
    }
    if let Some(before) = before {
        query.and_where(Expr::col("id").lt(before));
    }
    session.all(&query).await?.iter().map(read).collect()
}

/// Writes one part of an import's file.
///
/// # Errors
/// When the database fails.
pub async fn add_part(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
    part: i64,
    content: Vec<u8>,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table("import_files")
        .columns(["workspace_id", "import_id", "part", "content"])
        .values_panic([workspace.into(), import.into(), part.into(), content.into()])
        .take();
    session.run(&insert).await?;
    Ok(())
}

/// One part of an import's file; `None` behind the last.
///
/// # Errors
/// When the database fails.
pub async fn part(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
    part: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let query = Query::select()
        .column("content")
        .from("import_files")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("import_id").eq(import))
        .and_where(Expr::col("part").eq(part))
        .take();
    session
        .one(&query)
        .await?
        .map(|row| Ok(row.try_get_by_index(0)?))
        .transpose()
}

/// Forgets the file of an import.
///
/// # Errors
/// When the database fails.
pub async fn remove_file(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
) -> Result<(), StoreError> {
    remove_from(session, "import_files", workspace, import).await
}

/// Forgets an import whose file did not come whole.
///
/// # Errors
/// When the database fails.
pub async fn remove(session: &Session, workspace: Uuid, import: Uuid) -> Result<(), StoreError> {
    remove_file(session, workspace, import).await?;
    let delete = Query::delete()
        .from_table("imports")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("id").eq(import))
        .take();
    session.run(&delete).await?;
    Ok(())
}

pub(crate) async fn remove_from(
    session: &Session,
    table: &'static str,
    workspace: Uuid,
    import: Uuid,
) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(table)
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("import_id").eq(import))
        .take();
    session.run(&delete).await?;
    Ok(())
}

/// The imports whose file has waited since before `since` without being imported: (workspace, id).
///
/// # Errors
/// When the database fails.
pub async fn forgotten(
    session: &Session,
    since: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    let with_files = Query::select()
        .column("import_id")
        .from("import_files")
        .take();
    let query = Query::select()
        .columns(["workspace_id", "id"])
        .from("imports")
        .and_where(Expr::col("created_at").lt(since.timestamp_micros()))
        .and_where(Expr::col("lease_until").is_null())
        .and_where(Expr::col("id").in_subquery(with_files))
        .limit(limit)
        .take();
    session
        .all(&query)
        .await?
        .iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}
