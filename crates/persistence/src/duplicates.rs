//! Finding records that are, or may be, the same as a new one.

use std::collections::HashSet;

use kehu_domain::def::{Def, Field};
use kehu_domain::kinds;
use kehu_domain::normalise;
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use uuid::Uuid;

use crate::db::Session;
use crate::{StoreError, columns, dialect};

/// How many records are looked at in one go.
const MATCHES: u64 = 10_000;

/// A record that has one of the values asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The record.
    pub record_id: Uuid,
    /// The field.
    pub field: &'static str,
    /// The value.
    pub value: String,
}

/// A record whose company has the same name, however it is spelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Similar {
    /// The record.
    pub record_id: Uuid,
    /// What both names have in common ([`normalise::company_key`]).
    pub key: String,
    /// The name as the record spells it.
    pub name: String,
}

/// Keeps others from making a record with one of these values until the transaction ends, so that
/// of two who make the same at once the second finds the first.
///
/// # Errors
/// When the database fails.
pub async fn guard(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    records: &[Record],
) -> Result<(), StoreError> {
    if !session.is_postgres() {
        return Ok(());
    }
    let mut keys: Vec<String> = keys_of(def, records)
        .into_iter()
        .flat_map(|(field, values)| {
            values.into_iter().map(move |value| {
                format!("{workspace}:{}:{}:{}", def.kind, field.name, text(value))
            })
        })
        .collect();
    // Everybody locks in the same order, so nobody waits for each other in a circle.
    keys.sort_unstable();
    keys.dedup();
    // Many keys at once (an import) take the whole kind instead of a lock each; who has few shares
    // the kind, so that the two ways exclude each other.
    let kind = format!("{workspace}:{}", def.kind);
    if keys.len() > 20 {
        return dialect::lock(session, &kind).await;
    }
    if !keys.is_empty() {
        dialect::lock_shared(session, &kind).await?;
    }
    for key in keys {
        dialect::lock(session, &key).await?;
    }
    Ok(())
}

/// The records outside the trash that certainly are the same as one of these: an equal value in a
/// field that is a duplicate key; at least one for each value that there is, the oldest first. Of
/// the whole workspace, whoever may see them.
///
/// # Errors
/// When the database fails.
pub async fn certain(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    records: &[Record],
) -> Result<Vec<Match>, StoreError> {
    let Some(id) = def.field("id") else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (field, mut values) in keys_of(def, records) {
        while !values.is_empty() {
            let rest = values.split_off(values.len().min(1000));
            let wanted = values
                .iter()
                .map(|value| columns::parameter(field.ty, value));
            let query = Query::select()
                .columns([id.name, field.name])
                .from(def.table)
                .and_where(Expr::col("workspace_id").eq(workspace))
                .and_where(Expr::col("deleted_at").is_null())
                .and_where(Expr::col(field.name).is_in(wanted))
                .order_by(id.name, Order::Asc)
                .limit(MATCHES)
                .take();
            let rows = session.all(&query).await?;
            let full = u64::try_from(rows.len()).is_ok_and(|rows| rows == MATCHES);
            let mut seen = HashSet::new();
            for row in rows {
                let record = columns::decode(&row, &[id, field])?;
                let value = text(record.get(field.name));
                seen.insert(value.clone());
                found.push(Match {
                    record_id: record.id(),
                    field: field.name,
                    value,
                });
            }
            // One value that thousands have must not hide the others.
            values.retain(|value| full && !seen.contains(&text(value)));
            values.extend(rest);
        }
    }
    Ok(found)
}

/// The fields by which records of a kind are certainly the same, with the values of these.
fn keys_of<'a>(def: &'static Def, records: &'a [Record]) -> Vec<(&'static Field, Vec<&'a Value>)> {
    let keys = def.fields.iter().filter(|field| field.duplicate_key);
    keys.map(|field| {
        let values = records.iter().map(|record| record.get(field.name));
        (field, values.filter(|value| !value.is_null()).collect())
    })
    .filter(|(_, values): &(_, Vec<_>)| !values.is_empty())
    .collect()
}

/// A value as text: a text itself, an id as it is written.
fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => other.to_json().as_str().unwrap_or_default().to_owned(),
    }
}

/// The records outside the trash whose company's name, without what varies in writing it, is one of
/// these keys ([`normalise::company_key`]): at least one for each key that there is, the oldest
/// first. Of the whole workspace, whoever may see them.
///
/// # Errors
/// When the database fails.
pub async fn similar(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    keys: &[String],
) -> Result<Vec<Similar>, StoreError> {
    let Some(company) = def.can.company else {
        return Ok(Vec::new());
    };
    let of_key = |column: &'static str| Expr::col(("similarity_keys", column));
    let of_record = |column: &'static str| Expr::col((def.table, column));
    let mut found: Vec<Similar> = Vec::new();
    let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    while !keys.is_empty() {
        let rest = keys.split_off(keys.len().min(1000));
        let query = Query::select()
            .expr(of_key("record_id"))
            .expr(of_key("key"))
            .expr(of_record(company))
            .from("similarity_keys")
            .inner_join(
                def.table,
                of_record("workspace_id")
                    .equals(("similarity_keys", "workspace_id"))
                    .and(of_record("id").equals(("similarity_keys", "record_id"))),
            )
            .and_where(of_key("workspace_id").eq(workspace))
            .and_where(of_key("kind").eq(def.kind))
            .and_where(of_key("key").is_in(keys.iter().copied()))
            .and_where(of_record("deleted_at").is_null())
            .order_by(("similarity_keys", "record_id"), Order::Asc)
            .limit(MATCHES)
            .take();
        let rows = session.all(&query).await?;
        let full = u64::try_from(rows.len()).is_ok_and(|rows| rows == MATCHES);
        let first = found.len();
        for row in rows {
            found.push(Similar {
                record_id: row.try_get_by_index(0)?,
                key: row.try_get_by_index(1)?,
                name: row.try_get_by_index(2)?,
            });
        }
        let seen: HashSet<&str> = found.iter().skip(first).map(|s| s.key.as_str()).collect();
        keys.retain(|key| full && !seen.contains(key));
        keys.extend(rest);
    }
    Ok(found)
}

/// Whether the records of a kind are companies themselves, and don't just belong to one: two of
/// the same name are one too many then.
#[must_use]
pub fn is_company(def: &Def) -> bool {
    def.can
        .company
        .is_some_and(|field| def.title.first() == Some(&field))
}

/// The key of similarity of a record, if its kind has a company's name.
#[must_use]
pub fn similarity_key(def: &Def, record: &Record) -> Option<String> {
    let key = normalise::company_key(record.get(def.can.company?).as_text()?);
    (!key.is_empty()).then_some(key)
}

/// Whether a change of this field changes keys of similarity.
pub(crate) fn is_compared(field: &Field) -> bool {
    kinds::ALL
        .iter()
        .any(|def| def.can.company == Some(field.name))
}

pub(crate) async fn insert_keys(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    records: &[Record],
) -> Result<(), StoreError> {
    let keys: Vec<(String, Uuid)> = records
        .iter()
        .filter_map(|record| Some((similarity_key(def, record)?, record.id())))
        .collect();
    for chunk in keys.chunks(2000) {
        let mut insert = Query::insert();
        insert
            .into_table("similarity_keys")
            .columns(["workspace_id", "kind", "key", "record_id"]);
        for (key, record) in chunk {
            insert.values_panic([
                workspace.into(),
                def.kind.into(),
                key.as_str().into(),
                (*record).into(),
            ]);
        }
        session.run(&insert).await?;
    }
    Ok(())
}

pub(crate) async fn replace_keys(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    record: &Record,
) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table("similarity_keys")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("record_id").eq(record.id()))
        .take();
    session.run(&delete).await?;
    insert_keys(session, workspace, def, std::slice::from_ref(record)).await
}

/// Whether another record outside the trash has this value of a field that may stand only once
/// (among those with the same value of another field, where `within` names one).
///
/// # Errors
/// When the database fails.
pub async fn taken(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    field: &'static Field,
    value: &Value,
    within: Option<(&'static Field, &Value)>,
    except: Uuid,
) -> Result<bool, StoreError> {
    let mut query = Query::select();
    query
        .column("id")
        .from(def.table)
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("deleted_at").is_null())
        .and_where(Expr::col(field.name).eq(columns::parameter(field.ty, value)))
        .and_where(Expr::col("id").ne(except))
        .limit(1);
    if let Some((other, its)) = within {
        query.and_where(Expr::col(other.name).eq(columns::parameter(other.ty, its)));
    }
    Ok(session.one(&query).await?.is_some())
}

/// Keeps others from writing this value of a field that may stand only once until the transaction
/// ends.
///
/// # Errors
/// When the database fails.
pub async fn guard_value(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    field: &Field,
    value: &Value,
) -> Result<(), StoreError> {
    let text = value.to_json();
    dialect::lock(
        session,
        &format!("{workspace}:{}:{}:{text}", def.kind, field.name),
    )
    .await
}
