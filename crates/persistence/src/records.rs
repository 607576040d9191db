//! Single records of any kind: read and held; [`write`] writes them.

pub mod write;

use kehu_domain::def::{Def, Field, Type};
use kehu_domain::record::Record;
use kehu_domain::scope::{Reason, Scope};
use kehu_domain::value::Value;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

use crate::StoreError;
use crate::columns;
use crate::db::Session;
use crate::document_lines::{self, Read};
use crate::reach::Look;
use crate::{dialect, scope};

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

/// A query for rows of the kind's table that are in the scope, with these fields: for few of them,
/// for the owner of each is looked at.
fn select(
    session: &Session,
    def: &'static Def,
    scope: &Scope,
    trash: Trash,
    fields: &[&'static Field],
) -> SelectStatement {
    let seen = scope::condition(session.backend(), def, scope, Look::Each);
    select_seen(def, seen, trash, fields)
}

/// A query for all rows of the kind's table for which the condition of a scope holds, with these
/// fields.
pub(crate) fn select_seen(
    def: &'static Def,
    seen: Condition,
    trash: Trash,
    fields: &[&'static Field],
) -> SelectStatement {
    let mut query = Query::select();
    query.from(def.table);
    columns::select(&mut query, fields);
    query.cond_where(seen);
    match trash {
        Trash::Outside => query.and_where(Expr::col("deleted_at").is_null()),
        Trash::Inside => query.and_where(Expr::col("deleted_at").is_not_null()),
        Trash::Either => &mut query,
    };
    query
}

/// Reads what a query finds, with the lines of documents where these are asked for. Who reads documents
/// without holding them may come between two statements of somebody who writes them; then they are read
/// once more, so that nobody is told the lines of another version.
pub(crate) async fn read(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    query: &SelectStatement,
    fields: &[&'static Field],
) -> Result<Vec<Record>, StoreError> {
    loop {
        let rows = session.all(query).await?;
        let mut found = rows
            .iter()
            .map(|row| columns::decode(row, fields))
            .collect::<Result<Vec<_>, _>>()?;
        match document_lines::fill(session, workspace, def, fields, &mut found).await? {
            Read::Whole => return Ok(found),
            Read::Torn => {}
        }
    }
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
    let query = select(session, def, scope, trash, &fields)
        .and_where(Expr::col("id").eq(id))
        .take();
    let found = read(session, scope.workspace_id, def, &query, &fields).await?;
    Ok(found.into_iter().next())
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
    let mut query = select(session, def, scope, trash, &fields)
        .and_where(Expr::col("id").eq(id))
        .take();
    dialect::for_update(session, &mut query);
    let found = read(session, scope.workspace_id, def, &query, &fields).await?;
    Ok(found.into_iter().next())
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
        let query = select(session, def, scope, trash, fields)
            .and_where(Expr::col("id").is_in(chunk.iter().copied()))
            .take();
        found.extend(read(session, scope.workspace_id, def, &query, fields).await?);
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
        let mut query = select(session, def, scope, Trash::Either, &[])
            .column("id")
            .and_where(Expr::col("id").is_in(chunk.iter().copied()))
            .order_by("id", sea_orm::sea_query::Order::Asc)
            .take();
        dialect::for_update(session, &mut query);
        session.all(&query).await?;
    }
    Ok(())
}

/// Reads the records of a small kind (pipelines, stages) whole, however many they are.
///
/// # Errors
/// When the database fails.
pub async fn all(
    session: &Session,
    def: &'static Def,
    scope: &Scope,
    trash: Trash,
) -> Result<Vec<Record>, StoreError> {
    let fields: Vec<_> = def.all_fields().collect();
    let query = select(session, def, scope, trash, &fields)
        .order_by_expr(Expr::col("id"), sea_orm::sea_query::Order::Asc)
        .take();
    read(session, scope.workspace_id, def, &query, &fields).await
}

/// The records in the scope, outside the trash, whose field has one of these values, with their
/// value.
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
    by_values_in(session, def, scope, Trash::Outside, field, wanted).await
}

/// The same with those in the trash, or those alone.
///
/// # Errors
/// When the database fails.
pub async fn by_values_in(
    session: &Session,
    def: &'static Def,
    scope: &Scope,
    trash: Trash,
    field: &'static Field,
    wanted: &[Value],
) -> Result<Vec<(Uuid, Value)>, StoreError> {
    let Some(id) = def.field("id") else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for chunk in wanted.chunks(1000) {
        let wanted = chunk
            .iter()
            .map(|value| columns::parameter(field.ty, value));
        let query = select(session, def, scope, trash, &[id, field])
            .and_where(Expr::col(field.name).is_in(wanted))
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
    let everything = Scope::system(workspace, Reason::Consequence);
    let fields: Vec<_> = def.all_fields().collect();
    let query = select(session, def, &everything, trash, &fields)
        .and_where(Expr::col(field.to_owned()).eq(id))
        .order_by("id", sea_orm::sea_query::Order::Asc)
        .take();
    read(session, workspace, def, &query, &fields).await
}

/// Which records outside the trash name one of these in a field of any kind: (the named one, the
/// one that names it). `counts` picks the fields that do.
///
/// # Errors
/// When the database fails.
pub async fn referring_many(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    ids: &[Uuid],
    counts: impl Fn(&Def, &Field) -> bool,
) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    let mut found = Vec::new();
    for (def, field) in naming(kind).filter(|(def, field)| counts(def, field)) {
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
    Ok(found)
}

/// A record that names another: its kind, the field, its id.
pub type Referring = (&'static Def, &'static Field, Uuid);

/// The records outside the trash that name this one in any field of any kind.
///
/// # Errors
/// When the database fails.
pub async fn referring(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    id: Uuid,
) -> Result<Vec<Referring>, StoreError> {
    let mut found = Vec::new();
    for (def, field) in naming(kind) {
        let rows = session
            .all(&by_reference(def, field, workspace, id))
            .await?;
        for row in rows {
            found.push((def, field, row.try_get_by_index(0)?));
        }
    }
    Ok(found)
}

/// One of the records outside the trash that name this one, if there is any.
///
/// # Errors
/// When the database fails.
pub async fn first_referring(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    id: Uuid,
) -> Result<Option<Referring>, StoreError> {
    for (def, field) in naming(kind) {
        let query = by_reference(def, field, workspace, id).limit(1).take();
        if let Some(row) = session.one(&query).await? {
            return Ok(Some((def, field, row.try_get_by_index(0)?)));
        }
    }
    Ok(None)
}

/// One of the records that name this one and keep it out of the trash ([`Capabilities::holds`]), if
/// there is any: a contract in force keeps its customer.
///
/// [`Capabilities::holds`]: kehu_domain::capabilities::Capabilities::holds
///
/// # Errors
/// When the database fails.
pub async fn first_holding(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    id: Uuid,
) -> Result<Option<Referring>, StoreError> {
    for (def, field) in naming(kind).filter(|(def, _)| !def.can.holds.is_empty()) {
        let query = by_reference(def, field, workspace, id)
            .and_where(Expr::col("status").is_in(def.can.holds.iter().copied()))
            .limit(1)
            .take();
        if let Some(row) = session.one(&query).await? {
            return Ok(Some((def, field, row.try_get_by_index(0)?)));
        }
    }
    Ok(None)
}

/// The fields of all kinds that name records of this one.
fn naming(kind: &str) -> impl Iterator<Item = (&'static Def, &'static Field)> {
    let kind = leak_free(kind);
    kehu_domain::kinds::ALL.iter().flat_map(move |def| {
        let fields = def.fields.iter();
        fields
            .filter(move |field| field.ty == Type::Ref(kind))
            .map(move |field| (*def, field))
    })
}

fn by_reference(
    def: &'static Def,
    field: &'static Field,
    workspace: Uuid,
    id: Uuid,
) -> SelectStatement {
    Query::select()
        .column("id")
        .from(def.table)
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("deleted_at").is_null())
        .and_where(Expr::col(field.name).eq(id))
        .take()
}

/// The declared noun that equals this text.
fn leak_free(kind: &str) -> &'static str {
    kehu_domain::kinds::find(kind).map_or("", |def| def.kind)
}
