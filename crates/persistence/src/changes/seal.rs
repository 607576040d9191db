//! Gives committed changes their place in the feed and chains their hashes.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};
use sea_orm::{DbBackend, QueryResult, Statement};
use uuid::Uuid;

use crate::changes::chain::{self, Salt, Secret};
use crate::changes::{COLUMNS, Change, read};
use crate::db::{Db, Session};
use crate::{StoreError, dialect};

/// A change as the chain has it.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The change.
    pub change: Change,
    /// Its hash; empty while it has no place.
    pub hash: String,
    /// The salt of the row; none when something of it was erased, and in rows from before there were
    /// salts.
    pub(crate) salt: Option<Salt>,
}

impl Sealed {
    /// What makes its digests; none in a row from before there were salts.
    #[must_use]
    pub const fn secret(&self) -> Option<Secret<'_>> {
        match (&self.salt, &self.change.remains) {
            (Some(salt), None) => Some(Secret::Salt(salt)),
            (None, Some(remains)) => Some(Secret::Remains(remains)),
            (None, None) | (Some(_), Some(_)) => None,
        }
    }

    /// How many of its values were erased.
    #[must_use]
    pub fn erased(&self) -> usize {
        let remains = self.change.remains.iter();
        let pairs = remains.flat_map(|remains| remains.digests.values());
        pairs.flatten().filter(|digest| digest.is_some()).count()
    }
}

pub(super) fn select(workspace: Uuid) -> SelectStatement {
    super::select(workspace).columns(["hash", "salt"]).take()
}

pub(super) fn read_sealed(row: &QueryResult) -> Result<Sealed, StoreError> {
    let hash: Option<String> = row.try_get_by_index(COLUMNS.len())?;
    let salt: Option<Vec<u8>> = row.try_get_by_index(COLUMNS.len() + 1)?;
    Ok(Sealed {
        change: read(row)?,
        hash: hash.unwrap_or_default(),
        // One of another length was never ours.
        salt: salt.and_then(|salt| salt.try_into().ok()),
    })
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
) -> Result<Vec<Sealed>, StoreError> {
    let query = select(workspace)
        .and_where(Expr::col("position").gt(since))
        .order_by("position", Order::Asc)
        .limit(limit)
        .take();
    session.all(&query).await?.iter().map(read_sealed).collect()
}

/// The last position of a workspace's feed and its hash.
///
/// # Errors
/// When the database fails.
pub async fn head(session: &Session, workspace: Uuid) -> Result<(i64, String), StoreError> {
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

/// Gives committed changes their positions, gapless per workspace, and chains their hashes. Returns
/// how many it placed; call again while it returns `batch`.
///
/// # Errors
/// When the database fails.
pub async fn seal(db: &Db, batch: u64) -> Result<u64, StoreError> {
    let waiting = Query::select()
        .columns(COLUMNS)
        .columns(["hash", "salt", "workspace_id"])
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
    let mut current: Option<(Uuid, i64, String)> = None;
    let mut placed: Vec<[sea_orm::Value; 3]> = Vec::with_capacity(rows.len());
    for row in &rows {
        let workspace: Uuid = row.try_get_by_index(COLUMNS.len() + 2)?;
        let mut sealed = read_sealed(row)?;
        if current.as_ref().is_none_or(|(at, ..)| *at != workspace) {
            if let Some((done, position, hash)) = current.take() {
                write_head(&session, done, position, &hash).await?;
            }
            let (position, hash) = head(&session, workspace).await?;
            current = Some((workspace, position, hash));
        }
        if sealed.secret().is_none() {
            salt_late(&session, &mut sealed).await?;
        }
        if let Some((_, position, hash)) = &mut current {
            *position += 1;
            // Where values and salts do not fit each other, no hash does: the proof will say so.
            let secret = sealed.secret();
            *hash = secret
                .and_then(|secret| chain::hash(hash, &sealed.change, secret))
                .unwrap_or_default();
            let sequence = sealed.change.sequence;
            placed.push([sequence.into(), (*position).into(), hash.as_str().into()]);
        }
    }
    if let Some((done, position, hash)) = current {
        write_head(&session, done, position, &hash).await?;
    }
    let columns = [("position", "bigint"), ("hash", "text")];
    write_many(&session, columns, &placed).await?;
    session.commit().await?;
    Ok(u64::try_from(placed.len()).unwrap_or(u64::MAX))
}

/// Gives a salt to a change that was written before there were any and has no place yet.
async fn salt_late(session: &Session, sealed: &mut Sealed) -> Result<(), StoreError> {
    if sealed.salt.is_some() || sealed.change.remains.is_some() {
        return Ok(());
    }
    sealed.salt = chain::salts(1).pop();
    let salt = sealed.salt.map(|salt| salt.to_vec());
    let update = Query::update()
        .table("changes")
        .value("salt", salt)
        .and_where(Expr::col("sequence").eq(sealed.change.sequence))
        .take();
    session.run(&update).await?;
    Ok(())
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
            OnConflict::column("workspace_id")
                .update_columns(["position", "hash"])
                .to_owned(),
        )
        .take();
    session.run(&upsert).await?;
    Ok(())
}

/// Writes two columns (with their types) of many changes, which stand in front as their sequences.
pub(super) async fn write_many(
    session: &Session,
    columns: [(&str, &str); 2],
    changes: &[[sea_orm::Value; 3]],
) -> Result<(), StoreError> {
    let backend = session.backend();
    let [(first, first_type), (second, second_type)] = columns;
    for chunk in changes.chunks(500) {
        let mut rows = String::new();
        for at in 0..chunk.len() {
            let comma = if rows.is_empty() { "" } else { ", " };
            if backend == DbBackend::Postgres {
                let n = at * 3;
                rows.push_str(&format!(
                    "{comma}(${}::bigint, ${}::{first_type}, ${}::{second_type})",
                    n + 1,
                    n + 2,
                    n + 3
                ));
            } else {
                rows.push_str(comma);
                rows.push_str("(?, ?, ?)");
            }
        }
        let sql = format!(
            "WITH written (sequence, {first}, {second}) AS (VALUES {rows}) UPDATE changes SET \
             {first} = written.{first}, {second} = written.{second} FROM written \
             WHERE changes.sequence = written.sequence"
        );
        let values = chunk.iter().flatten().cloned();
        session
            .run_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
    }
    Ok(())
}
