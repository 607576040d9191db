//! Carries a log over whose hashes cover the values themselves, so that these can be erased.
//!
//! The old rows get salts and hashes of the new rule, a chain of their own from the beginning. What
//! comes behind them chains on to the last hash that they had before. A change of its own, the
//! joint, says where that was: it stands in the chain like every other, and covers both hashes.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use uuid::Uuid;

use crate::StoreError;
use crate::changes::chain::{self, Secret};
use crate::changes::seal::{self, Sealed};
use crate::db::{Db, Session};
use crate::dialect;

/// What the joint is a change of; no kind of record, so that nobody reads it in a feed.
const KIND: &str = "change_log";

/// How many changes are carried over at once.
const PAGE: u64 = 1_000;

/// Where a log was carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joint {
    /// The last change that was.
    pub position: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The hash that it had before, which the next change chains on to.
    pub old_hash: String,
    /// The hash that it has since.
    pub hash: String,
    /// The first change that was altered or missing already.
    pub broken_at: Option<i64>,
}

/// Carries over the log of every workspace that waits for it. Returns how many changes.
///
/// # Errors
/// When the database fails.
pub async fn carry_over(db: &Db, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let waiting = Query::select()
        .column("workspace_id")
        .from("feed_heads")
        .and_where(Expr::col("carry_to").is_not_null())
        .take();
    let mut carried = 0;
    for row in db.read().all(&waiting).await? {
        let workspace: Uuid = row.try_get_by_index(0)?;
        let session = db.begin().await?;
        dialect::lock(&session, "seal").await?;
        carried += carry_workspace(&session, workspace, now).await?;
        session.commit().await?;
    }
    Ok(carried)
}

async fn carry_workspace(
    session: &Session,
    workspace: Uuid,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let query = Query::select()
        .columns(["carry_to", "position", "hash"])
        .from("feed_heads")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .take();
    let Some(row) = session.one(&query).await? else {
        return Ok(0);
    };
    let Some(to) = row.try_get_by_index::<Option<i64>>(0)? else {
        // Another process was faster.
        return Ok(0);
    };
    let (head, head_hash): (i64, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    let mut carrying = Carrying::default();
    loop {
        let query = seal::select(workspace)
            .and_where(Expr::col("position").gt(carrying.at))
            .and_where(Expr::col("position").lte(to))
            .order_by("position", Order::Asc)
            .limit(PAGE)
            .take();
        let rows = session.all(&query).await?;
        if rows.is_empty() {
            break;
        }
        let page: Result<Vec<Sealed>, _> = rows.iter().map(seal::read_sealed).collect();
        let written: Vec<_> = page?
            .into_iter()
            .filter_map(|sealed| carrying.carry(sealed))
            .collect();
        seal::write_many(session, [("salt", "bytea"), ("hash", "text")], &written).await?;
    }
    if head == to && carrying.old_hash != head_hash {
        carrying.broken_at.get_or_insert(to);
        carrying.old_hash = head_hash;
    }
    write_joint(session, workspace, to, &carrying, now).await?;
    let update = Query::update()
        .table("feed_heads")
        .value("carry_to", Option::<i64>::None)
        .and_where(Expr::col("workspace_id").eq(workspace))
        .take();
    session.run(&update).await?;
    Ok(carrying.carried)
}

/// How far a log is carried over.
#[derive(Default)]
struct Carrying {
    at: i64,
    carried: u64,
    old_hash: String,
    hash: String,
    broken_at: Option<i64>,
}

impl Carrying {
    /// Proves one change by the old rule and chains it by the new one. What is to be written of it.
    fn carry(&mut self, sealed: Sealed) -> Option<[sea_orm::Value; 3]> {
        let Sealed { change, hash, .. } = sealed;
        let position = change.position.unwrap_or_default();
        if position != self.at + 1 || hash != chain::hash_with_values(&self.old_hash, &change) {
            self.broken_at.get_or_insert(self.at + 1);
        }
        self.at = position;
        self.old_hash = hash;
        let salt = chain::salts(1).pop()?;
        self.hash = chain::hash(&self.hash, &change, Secret::Salt(&salt))?;
        self.carried += 1;
        let hash = self.hash.as_str().into();
        Some([change.sequence.into(), salt.to_vec().into(), hash])
    }
}

async fn write_joint(
    session: &Session,
    workspace: Uuid,
    to: i64,
    carrying: &Carrying,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let fields = serde_json::json!({
        "position": [null, to],
        "old_hash": [null, carrying.old_hash],
        "hash": [null, carrying.hash],
        "broken_at": [null, carrying.broken_at],
    });
    let salt = chain::salts(1).pop().map(|salt| salt.to_vec());
    let insert = Query::insert()
        .into_table("changes")
        .columns([
            "workspace_id",
            "kind",
            "record_id",
            "version",
            "verb",
            "at",
            "request_id",
            "cause",
            "fields",
            "salt",
        ])
        .values_panic([
            workspace.into(),
            KIND.into(),
            workspace.into(),
            1_i64.into(),
            "carry_over".into(),
            now.timestamp_micros().into(),
            "carry_over".into(),
            "carry_over".into(),
            fields.to_string().into(),
            salt.into(),
        ])
        .take();
    session.run(&insert).await?;
    Ok(())
}

/// Where the log of a workspace was carried over, if it was.
///
/// # Errors
/// When the database fails.
pub async fn joint(session: &Session, workspace: Uuid) -> Result<Option<Joint>, StoreError> {
    let found = super::of_record(session, workspace, KIND, workspace, None, 1_000).await?;
    let Some(change) = found.last() else {
        return Ok(None);
    };
    let said = |field: &str| change.fields.get(field).and_then(|pair| pair.get(1));
    let text = |field: &str| {
        said(field)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
    };
    Ok(Some(Joint {
        position: said("position")
            .and_then(serde_json::Value::as_i64)
            .unwrap_or_default(),
        at: change.at,
        old_hash: text("old_hash").to_owned(),
        hash: text("hash").to_owned(),
        broken_at: said("broken_at").and_then(serde_json::Value::as_i64),
    }))
}
