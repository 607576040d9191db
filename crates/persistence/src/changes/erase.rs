//! Erases values from the change log.

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use serde_json::Value;
use uuid::Uuid;

use crate::StoreError;
use crate::changes::chain;
use crate::changes::seal::{self, Sealed};
use crate::db::Session;

/// The verb of the change that says that values were erased.
pub const VERB: &str = "erase";

/// How many changes are looked at in one go.
const PAGE: u64 = 500;

/// Erases the values of these fields from all changes of a record, with their salts. The digests
/// stay, so that the chain holds. Returns how many values there were.
///
/// The log must be carried over ([`super::carry`]).
///
/// # Errors
/// When the database fails.
pub async fn erase(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    record: Uuid,
    fields: &[&str],
) -> Result<u64, StoreError> {
    let mut erased = 0;
    let mut after = 0;
    loop {
        let page = page(session, workspace, kind, record, after).await?;
        let Some(last) = page.last().map(|sealed| sealed.change.sequence) else {
            return Ok(erased);
        };
        after = last;
        for sealed in page {
            erased += erase_one(session, sealed, fields).await?;
        }
    }
}

async fn erase_one(session: &Session, sealed: Sealed, fields: &[&str]) -> Result<u64, StoreError> {
    let Sealed {
        mut change, salt, ..
    } = sealed;
    let sequence = change.sequence;
    let taken = match chain::take_out(&mut change, salt.as_ref(), fields) {
        Some(0) => return Ok(0),
        Some(taken) => taken,
        // Written before there were salts, and no place yet: it gets one here.
        None if salt.is_none() && change.remains.is_none() => {
            let salt = chain::salts(1).pop();
            chain::take_out(&mut change, salt.as_ref(), fields).unwrap_or_default()
        }
        // Somebody altered the row: the values go all the same, and the proof says so as before.
        None => blank(&mut change.fields, fields),
    };
    let remains = change.remains.as_ref();
    let remains = remains.map(serde_json::to_string).transpose()?;
    let update = Query::update()
        .table("changes")
        .value("fields", change.fields.to_string())
        .value("remains", remains)
        .value("salt", Option::<Vec<u8>>::None)
        .and_where(Expr::col("sequence").eq(sequence))
        .take();
    session.run(&update).await?;
    Ok(u64::try_from(taken).unwrap_or(u64::MAX))
}

fn blank(values: &mut Value, fields: &[&str]) -> usize {
    let mut blanked = 0;
    for field in fields {
        if let Some(pair) = values.get_mut(*field) {
            *pair = serde_json::json!([null, null]);
            blanked += 1;
        }
    }
    blanked
}

/// The values that these fields of a record ever had, as the log knows them.
///
/// # Errors
/// When the database fails.
pub async fn values(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    record: Uuid,
    fields: &[&str],
) -> Result<Vec<Value>, StoreError> {
    let mut values = Vec::new();
    let mut after = 0;
    loop {
        let page = page(session, workspace, kind, record, after).await?;
        let Some(last) = page.last() else {
            return Ok(values);
        };
        after = last.change.sequence;
        let pairs = page.iter().flat_map(|sealed| {
            fields
                .iter()
                .filter_map(|field| sealed.change.fields.get(*field))
        });
        let all = pairs.filter_map(Value::as_array).flatten();
        values.extend(all.filter(|value| !value.is_null()).cloned());
    }
}

async fn page(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    record: Uuid,
    after: i64,
) -> Result<Vec<Sealed>, StoreError> {
    let query = seal::select(workspace)
        .and_where(Expr::col("kind").eq(kind))
        .and_where(Expr::col("record_id").eq(record))
        .and_where(Expr::col("sequence").gt(after))
        .order_by("sequence", Order::Asc)
        .limit(PAGE)
        .take();
    let rows = session.all(&query).await?;
    rows.iter().map(seal::read_sealed).collect()
}
