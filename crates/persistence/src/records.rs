//! Single records of any kind: read, insert, change, trash.

use chrono::{DateTime, Utc};
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Field, Type};
use kehu_domain::record::Record;
use kehu_domain::scope::Scope;
use kehu_domain::value::Value;
use sea_orm::sea_query::{Expr, ExprTrait, InsertStatement, Query, SelectStatement};
use uuid::Uuid;

use crate::StoreError;
use crate::changes::{self, Entry};
use crate::columns;
use crate::db::Session;
use crate::{dialect, duplicates, scope, search, values};

/// The most parameters that one statement carries on either database.
const PARAMETERS: usize = 30_000;

/// Whether records in the trash count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trash {
    /// Only those outside.
    Outside,
    /// Only those inside.
    Inside,
    /// Both.
    Either,
}

/// A query for all rows of the kind's table that are in the scope, with these fields.
pub(crate) fn select(
    def: &'static Def,
    scope: &Scope,
    trash: Trash,
    fields: &[&'static Field],
) -> SelectStatement {
    let mut query = Query::select();
    query.from(def.table);
    columns::select(&mut query, fields);
    query.cond_where(scope::condition(def, scope));
    match trash {
        Trash::Outside => query.and_where(Expr::col("deleted_at").is_null()),
        Trash::Inside => query.and_where(Expr::col("deleted_at").is_not_null()),
        Trash::Either => &mut query,
    };
    query
}

/// Reads one record.
///
/// # Errors
/// When the database fails.
pub async fn get(
    session: &Session,
    def: &'static Def,
    scope: &Scope,
    trash: Trash,
    id: Uuid,
) -> Result<Option<Record>, StoreError> {
    let fields: Vec<_> = def.all_fields().collect();
    let query = select(def, scope, trash, &fields)
        .and_where(Expr::col("id").eq(id))
        .take();
    session
        .one(&query)
        .await?
        .map(|row| columns::decode(&row, &fields))
        .transpose()
}

/// Reads one record and keeps others from changing it until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(
    session: &Session,
    def: &'static Def,
    scope: &Scope,
    trash: Trash,
    id: Uuid,
) -> Result<Option<Record>, StoreError> {
    let fields: Vec<_> = def.all_fields().collect();
    let mut query = select(def, scope, trash, &fields)
        .and_where(Expr::col("id").eq(id))
        .take();
    dialect::for_update(session, &mut query);
    session
        .one(&query)
        .await?
        .map(|row| columns::decode(&row, &fields))
        .transpose()
}

/// Reads those of these records that are in the scope, in no particular order.
///
/// # Errors
/// When the database fails.
pub async fn get_many(
    session: &Session,
    def: &'static Def,
    scope: &Scope,
    trash: Trash,
    ids: &[Uuid],
    fields: &[&'static Field],
) -> Result<Vec<Record>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(1000) {
        let query = select(def, scope, trash, fields)
            .and_where(Expr::col("id").is_in(chunk.iter().copied()))
            .take();
        for row in session.all(&query).await? {
            found.push(columns::decode(&row, fields)?);
        }
    }
    Ok(found)
}

/// Keeps others from changing these records until the transaction ends; everybody locks in the
/// order of the ids, so nobody waits in a circle.
///
/// # Errors
/// When the database fails.
pub async fn lock_many(
    session: &Session,
    def: &'static Def,
    scope: &Scope,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    if !session.is_postgres() {
        return Ok(());
    }
    for chunk in ids.chunks(1000) {
        let mut query = select(def, scope, Trash::Either, &[])
            .column("id")
            .and_where(Expr::col("id").is_in(chunk.iter().copied()))
            .order_by("id", sea_orm::sea_query::Order::Asc)
            .take();
        dialect::for_update(session, &mut query);
        session.all(&query).await?;
    }
    Ok(())
}

/// Reads the records of a small kind (pools, roles, departments) whole, at most 10,000.
///
/// # Errors
/// When the database fails.
pub async fn all(
    session: &Session,
    def: &'static Def,
    scope: &Scope,
) -> Result<Vec<Record>, StoreError> {
    let fields: Vec<_> = def.all_fields().collect();
    let query = select(def, scope, Trash::Outside, &fields)
        .order_by_expr(Expr::col("id"), sea_orm::sea_query::Order::Asc)
        .limit(10_000)
        .take();
    session
        .all(&query)
        .await?
        .iter()
        .map(|row| columns::decode(row, &fields))
        .collect()
}

/// The records in the scope whose field has one of these values, with their value.
///
/// # Errors
/// When the database fails.
pub async fn by_values(
    session: &Session,
    def: &'static Def,
    scope: &Scope,
    field: &'static Field,
    wanted: &[Value],
) -> Result<Vec<(Uuid, Value)>, StoreError> {
    let Some(id) = def.field("id") else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for chunk in wanted.chunks(1000) {
        let query = select(def, scope, Trash::Outside, &[id, field])
            .and_where(
                Expr::col(field.name).is_in(
                    chunk
                        .iter()
                        .map(|value| columns::parameter(field.ty, value)),
                ),
            )
            .take();
        for row in session.all(&query).await? {
            let record = columns::decode(&row, &[id, field])?;
            found.push((record.id(), record.get(field.name).clone()));
        }
    }
    Ok(found)
}

/// The records outside the trash whose field names this one, in the order of their making: what
/// belongs to a document. For a document's own parts, not for lists without an end.
///
/// # Errors
/// When the database fails.
pub async fn belonging(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    field: &str,
    id: Uuid,
) -> Result<Vec<Record>, StoreError> {
    belonging_in(session, workspace, def, Trash::Outside, field, id).await
}

/// The same of those in the trash.
///
/// # Errors
/// When the database fails.
pub async fn belonging_trashed(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    field: &str,
    id: Uuid,
) -> Result<Vec<Record>, StoreError> {
    belonging_in(session, workspace, def, Trash::Inside, field, id).await
}

async fn belonging_in(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    trash: Trash,
    field: &str,
    id: Uuid,
) -> Result<Vec<Record>, StoreError> {
    let everything = Scope::everything(workspace);
    let fields: Vec<_> = def.all_fields().collect();
    let query = select(def, &everything, trash, &fields)
        .and_where(Expr::col(field.to_owned()).eq(id))
        .order_by("id", sea_orm::sea_query::Order::Asc)
        .take();
    let rows = session.all(&query).await?;
    rows.iter()
        .map(|row| columns::decode(row, &fields))
        .collect()
}

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
/// The caller holds the record by [`lock`]; so what was read is what is overwritten.
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

/// Removes a record for good, without a trace but in the change log. For what an undone import or
/// conversion made.
///
/// # Errors
/// When the database fails.
pub async fn purge(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    verb: &str,
    record: &Record,
) -> Result<(), StoreError> {
    let (workspace, id) = (ctx.workspace.id, record.id());
    dialect::remove_tokens(session, workspace, id).await?;
    for table in ["list_values", "similarity_keys", "external_ids"] {
        let delete = Query::delete()
            .from_table(table)
            .and_where(Expr::col("workspace_id").eq(workspace))
            .and_where(Expr::col("record_id").eq(id))
            .take();
        session.run(&delete).await?;
    }
    let delete = Query::delete()
        .from_table(def.table)
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("id").eq(id))
        .take();
    session.run(&delete).await?;
    changes::append(session, ctx, &[Entry::of_purge(def, verb, record)]).await
}

/// Removes many records for good, as [`purge`] does one.
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
        let entries: Vec<Entry> = chunk
            .iter()
            .map(|record| Entry::of_purge(def, verb, record))
            .collect();
        changes::append(session, ctx, &entries).await?;
    }
    Ok(())
}

/// Which records outside the trash name one of these in a field of any kind: (the named one, the
/// one that names it). Fields that the engine keeps to know who was there before do not count.
///
/// # Errors
/// When the database fails.
pub async fn referring_many(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    let mut found = Vec::new();
    for def in kehu_domain::kinds::ALL {
        let fields = def
            .fields
            .iter()
            .filter(|field| field.ty == Type::Ref(leak_free(kind)));
        for field in fields {
            for chunk in ids.chunks(1000) {
                let query = Query::select()
                    .columns([field.name, "id"])
                    .from(def.table)
                    .and_where(Expr::col("workspace_id").eq(workspace))
                    .and_where(Expr::col("deleted_at").is_null())
                    .and_where(Expr::col(field.name).is_in(chunk.iter().copied()))
                    .take();
                for row in session.all(&query).await? {
                    found.push((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
                }
            }
        }
    }
    Ok(found)
}

/// The ids of the records outside the trash that name this one in any field of any kind, as far as
/// the actor's workspace goes: at most `limit` of each kind, as (kind, field, id).
///
/// # Errors
/// When the database fails.
pub async fn referring(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    id: Uuid,
    limit: u64,
) -> Result<Vec<(&'static Def, &'static Field, Uuid)>, StoreError> {
    let mut found = Vec::new();
    for def in kehu_domain::kinds::ALL {
        for field in def
            .fields
            .iter()
            .filter(|field| field.ty == Type::Ref(leak_free(kind)))
        {
            let query = Query::select()
                .column("id")
                .from(def.table)
                .and_where(Expr::col("workspace_id").eq(workspace))
                .and_where(Expr::col("deleted_at").is_null())
                .and_where(Expr::col(field.name).eq(id))
                .limit(limit)
                .take();
            for row in session.all(&query).await? {
                found.push((*def, field, row.try_get_by_index(0)?));
            }
        }
    }
    Ok(found)
}

/// The declared noun that equals this text.
fn leak_free(kind: &str) -> &'static str {
    kehu_domain::kinds::find(kind).map_or("", |def| def.kind)
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
