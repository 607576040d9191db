//! Failed attempts to sign in, counted by account and by address.
//!
//! An attempt counts as failed from its beginning and is taken back when it succeeds, so that any
//! number of them at once never get more guesses than one after the other.

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};

use crate::StoreError;
use crate::db::Session;
use crate::dialect;

/// How often something may fail.
#[derive(Debug, Clone)]
pub struct Limit {
    /// What is counted.
    pub key: String,
    /// So many failures …
    pub failures: i64,
    /// … within this time from the first of them.
    pub within: Duration,
}

/// Counts an attempt against all of these limits, or tells how long to wait when one is used up;
/// then nothing is counted. Limits come in the same order from every caller, so that two attempts
/// never wait for each other.
///
/// # Errors
/// When the database fails.
pub async fn take(
    session: &Session,
    limits: &[Limit],
    now: DateTime<Utc>,
) -> Result<Option<Duration>, StoreError> {
    let mut wait: Option<Duration> = None;
    let mut counted = Vec::with_capacity(limits.len());
    for limit in limits {
        let (failures, since) = lock(session, &limit.key, now).await?;
        let ends = since + limit.within;
        if ends <= now {
            counted.push((limit, 1, now));
        } else if failures < limit.failures {
            counted.push((limit, failures + 1, since));
        } else {
            wait = wait.max(Some(ends - now));
        }
    }
    if wait.is_none() {
        for (limit, failures, since) in counted {
            write(session, &limit.key, failures, since).await?;
        }
    }
    Ok(wait)
}

/// Takes an attempt back that succeeded.
///
/// # Errors
/// When the database fails.
pub async fn give_back(session: &Session, key: &str) -> Result<(), StoreError> {
    let update = Query::update()
        .table("sign_in_attempts")
        .value("failures", Expr::col("failures").sub(1))
        .and_where(Expr::col("key").eq(key))
        .and_where(Expr::col("failures").gt(0))
        .take();
    session.run(&update).await?;
    Ok(())
}

/// Forgets all failures of one key.
///
/// # Errors
/// When the database fails.
pub async fn clear(session: &Session, key: &str) -> Result<(), StoreError> {
    let update = Query::update()
        .table("sign_in_attempts")
        .value("failures", 0_i64)
        .and_where(Expr::col("key").eq(key))
        .take();
    session.run(&update).await?;
    Ok(())
}

/// Forgets the failures from before a moment.
///
/// # Errors
/// When the database fails.
pub async fn forget(session: &Session, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table("sign_in_attempts")
        .and_where(Expr::col("since").lt(before.timestamp_micros()))
        .take();
    session.run(&delete).await
}

async fn lock(
    session: &Session,
    key: &str,
    now: DateTime<Utc>,
) -> Result<(i64, DateTime<Utc>), StoreError> {
    let insert = Query::insert()
        .into_table("sign_in_attempts")
        .columns(["key", "failures", "since"])
        .values_panic([key.into(), 0_i64.into(), now.timestamp_micros().into()])
        .on_conflict(OnConflict::column("key").do_nothing().to_owned())
        .take();
    let mut query = Query::select()
        .columns(["failures", "since"])
        .from("sign_in_attempts")
        .and_where(Expr::col("key").eq(key))
        .take();
    dialect::for_update(session, &mut query);
    loop {
        session.run(&insert).await?;
        // Missing only when it was forgotten between the two statements.
        if let Some(row) = session.one(&query).await? {
            let since: i64 = row.try_get_by_index(1)?;
            let since = DateTime::from_timestamp_micros(since).unwrap_or(now);
            return Ok((row.try_get_by_index(0)?, since));
        }
    }
}

async fn write(
    session: &Session,
    key: &str,
    failures: i64,
    since: DateTime<Utc>,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table("sign_in_attempts")
        .value("failures", failures)
        .value("since", since.timestamp_micros())
        .and_where(Expr::col("key").eq(key))
        .take();
    session.run(&update).await?;
    Ok(())
}
