//! Writes records of any kind: insert, change, purge, with everything that goes with a record (list
//! values, lines, search, keys of similarity, the change log). The `Writer` of the use cases is the only
//! caller.

use chrono::{DateTime, Utc};
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Field};
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use sea_orm::sea_query::{Expr, ExprTrait, InsertStatement, Query};
use uuid::Uuid;

use crate::StoreError;
use crate::changes::{self, Entry};
use crate::columns;
use crate::db::Session;
use crate::{dialect, document_lines, duplicates, search, values};

/// The most parameters that one statement carries on either database.
pub(crate) const PARAMETERS: usize = 30_000;

/// Inserts new records, which carry all their fields, with everything that goes with them: list
/// values, search, keys of similarity, and the change log.
///
/// # Errors
/// When the database fails, or a value that may stand only once stands already.
pub async fn insert(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    verb: &str,
    records: &[Record],
) -> Result<(), StoreError> {
    let fields: Vec<_> = def.all_fields().collect();
    let names: Vec<String> = std::iter::once("workspace_id".to_owned())
        .chain(fields.iter().copied().flat_map(columns::names))
        .collect();
    for chunk in records.chunks(PARAMETERS / names.len().max(1)) {
        let mut insert = InsertStatement::new();
        insert.into_table(def.table).columns(names.iter().cloned());
        for record in chunk {
            let mut row = vec![sea_orm::Value::from(ctx.workspace.id)];
            for field in &fields {
                columns::encode(field, record.get(field.name), &mut row);
            }
            insert.values_panic(row.into_iter().map(Expr::val));
        }
        session.run(&insert).await?;
    }
    document_lines::insert(session, ctx, def, records).await?;
    let workspace = ctx.workspace.id;
    values::insert(session, workspace, def, records).await?;
    search::insert(session, workspace, def, records).await?;
    duplicates::insert_keys(session, workspace, def, records).await?;
    let entries = records
        .iter()
        .map(|record| Entry::of_new(def, verb, record))
        .collect::<Vec<_>>();
    changes::append(session, ctx, &entries).await
}

/// Writes what differs between two states of a record, and everything that goes with it. The
/// version counts up by one; `after` carries the new one.
///
/// The caller holds the record by [`super::lock`]; so what was read is what is overwritten.
///
/// # Errors
/// When the database fails, or a value that may stand only once stands already.
pub async fn update(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    verb: &str,
    before: &Record,
    mut after: Record,
) -> Result<Record, StoreError> {
    let changed: Vec<&'static Field> = def
        .fields
        .iter()
        .filter(|f| before.get(f.name) != after.get(f.name))
        .collect();
    let trashed = before.get("deleted_at") != after.get("deleted_at");
    if changed.is_empty() && !trashed {
        return Ok(after);
    }
    stamp(ctx, &mut after, before.version() + 1);
    let mut update = Query::update();
    update.table(def.table);
    let stamps = ["version", "updated_at", "updated_by", "deleted_at"];
    let stamped = stamps.iter().filter_map(|name| def.field(name));
    for field in stamped.chain(changed.iter().copied()) {
        let mut encoded = Vec::new();
        columns::encode(field, after.get(field.name), &mut encoded);
        for (column, value) in columns::names(field).zip(encoded) {
            update.value(column, Expr::val(value));
        }
    }
    update
        .and_where(Expr::col("workspace_id").eq(ctx.workspace.id))
        .and_where(Expr::col("id").eq(after.id()))
        .and_where(Expr::col("version").eq(before.version()));
    if session.run(&update).await? == 0 {
        // Only who wrote without holding the record comes here; nothing is lost in silence.
        return Err(StoreError::Taken("version".to_owned()));
    }

    document_lines::replace(session, ctx, def, before, &after).await?;
    let workspace = ctx.workspace.id;
    for field in changed.iter().filter(|field| field.ty.is_list()) {
        values::replace(session, workspace, def, field.name, &after).await?;
    }
    if changed.iter().any(|field| field.searchable) {
        search::replace(session, workspace, def, &after).await?;
    }
    if changed.iter().any(|field| duplicates::is_compared(field)) {
        duplicates::replace_keys(session, workspace, def, &after).await?;
    }
    changes::append(session, ctx, &[Entry::of_change(def, verb, before, &after)]).await?;
    Ok(after)
}

fn stamp(ctx: &Ctx, record: &mut Record, version: i64) {
    record.set("version", Value::Int(version));
    record.set("updated_at", Value::Time(ctx.now));
    record.set("updated_by", Value::Id(ctx.actor.user_id));
}

/// Removes records for good, without a trace but in the change log.
///
/// # Errors
/// When the database fails.
pub async fn purge_many(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    verb: &str,
    records: &[Record],
) -> Result<(), StoreError> {
    let workspace = ctx.workspace.id;
    for chunk in records.chunks(500) {
        let ids: Vec<Uuid> = chunk.iter().map(Record::id).collect();
        dialect::remove_many_tokens(session, workspace, &ids).await?;
        let tables = ["list_values", "similarity_keys", "external_ids"].map(|t| (t, "record_id"));
        for (table, column) in tables.into_iter().chain([(def.table, "id")]) {
            let delete = Query::delete()
                .from_table(table)
                .and_where(Expr::col("workspace_id").eq(workspace))
                .and_where(Expr::col(column).is_in(ids.iter().copied()))
                .take();
            session.run(&delete).await?;
        }
        // What is a row of another is told by the changes of that.
        if def.is_within() {
            continue;
        }
        let entries: Vec<Entry> = chunk
            .iter()
            .map(|record| Entry::of_purge(def, verb, record))
            .collect();
        changes::append(session, ctx, &entries).await?;
    }
    Ok(())
}

/// Raises the moment a field holds, if it is earlier or missing, without counting up the version:
/// for derived moments such as the last activity.
///
/// # Errors
/// When the database fails.
pub async fn raise_moment(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    id: Uuid,
    field: &'static str,
    to: DateTime<Utc>,
) -> Result<(), StoreError> {
    let micros = to.timestamp_micros();
    let update = Query::update()
        .table(def.table)
        .value(field, micros)
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col(field).is_null().or(Expr::col(field).lt(micros)))
        .take();
    session.run(&update).await?;
    Ok(())
}
