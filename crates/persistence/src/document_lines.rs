//! The lines of documents, a row each: read with their documents, one query for many, and written with
//! them, one statement for all.

use std::collections::{HashMap, HashSet};

use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Field};
use kehu_domain::document_line::{self, DEF};
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, InsertStatement, JoinType, OnConflict, Order, Query,
    SelectStatement,
};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::db::Session;
use crate::records::write::PARAMETERS;
use crate::{StoreError, columns};

/// Whether documents and their lines were read as of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// They were.
    Whole,
    /// Somebody wrote one of the documents meanwhile.
    Torn,
}

/// Puts the lines of documents into them, where the fields that were read have them.
///
/// # Errors
/// When the database fails.
pub(crate) async fn fill(
    session: &Session,
    workspace: Uuid,
    def: &'static Def,
    fields: &[&'static Field],
    documents: &mut [Record],
) -> Result<Read, StoreError> {
    let asked = |field: &&'static Field| fields.iter().any(|read| read.name == field.name);
    let Some((lines, naming)) = def.lines().filter(asked).zip(document_line::naming(def)) else {
        return Ok(Read::Whole);
    };
    let mut versions: HashMap<Uuid, i64> = HashMap::with_capacity(documents.len());
    let mut told: HashMap<Uuid, Vec<Json>> = HashMap::new();
    let columns = columns_of_lines(def, naming);
    let ids: Vec<Uuid> = documents.iter().map(Record::id).collect();
    for chunk in ids.chunks(1000) {
        let query = with_their_lines(workspace, def, naming, &columns, chunk);
        for row in session.all(&query).await? {
            let row = columns::decode(&row, &columns)?;
            let Some(document) = row.get(naming.name).as_id() else {
                continue;
            };
            versions.insert(document, row.version());
            if !row.get("id").is_null() {
                let lines = told.entry(document).or_default();
                lines.push(document_line::told(&row));
            }
        }
    }
    for document in documents {
        let same = versions.get(&document.id()) == Some(&document.version());
        if document.carries("version") && !same {
            return Ok(Read::Torn);
        }
        let lines_of_it = told.remove(&document.id()).map(Json::Array);
        document.set(lines.name, lines_of_it.map_or(Value::Null, Value::Json));
    }
    Ok(Read::Whole)
}

/// What is read of each line: the document with its version, then what is told of the line.
fn columns_of_lines(def: &'static Def, naming: &'static Field) -> Vec<&'static Field> {
    let own = DEF
        .fields
        .iter()
        .filter(|field| !document_line::names_document(field));
    std::iter::once(naming)
        .chain(def.field("version"))
        .chain(DEF.field("id"))
        .chain(own)
        .collect()
}

/// Documents with their lines in order; one that has none has one row too.
fn with_their_lines(
    workspace: Uuid,
    def: &'static Def,
    naming: &'static Field,
    columns: &[&'static Field],
    ids: &[Uuid],
) -> SelectStatement {
    let (document, line) = (def.table, DEF.table);
    let mut query = Query::select();
    query
        .column((document, "id"))
        .column((document, "version"))
        .from(document);
    for field in columns.iter().skip(2).copied() {
        for name in columns::names(field) {
            query.column((line, name));
        }
    }
    let same = Condition::all()
        .add(Expr::col((line, "workspace_id")).equals((document, "workspace_id")))
        .add(Expr::col((line, naming.name)).equals((document, "id")));
    query
        .join(JoinType::LeftJoin, line, same)
        .and_where(Expr::col((document, "workspace_id")).eq(workspace))
        .and_where(Expr::col((document, "id")).is_in(ids.iter().copied()))
        .order_by((document, "id"), Order::Asc)
        .order_by((line, "position"), Order::Asc)
        .take()
}

/// Writes the lines of new documents.
///
/// # Errors
/// When the database fails.
pub(crate) async fn insert(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    documents: &[Record],
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for document in documents {
        rows.extend(rows_of(def, document)?);
    }
    put(session, ctx, &rows).await
}

/// Writes what differs between the lines of two states of a document: those that are gone are removed,
/// those that are new or changed are written, with their places.
///
/// # Errors
/// When the database fails.
pub(crate) async fn replace(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    before: &Record,
    after: &Record,
) -> Result<(), StoreError> {
    let (old, new) = (rows_of(def, before)?, rows_of(def, after)?);
    let kept: HashSet<Uuid> = new.iter().map(Record::id).collect();
    let gone: Vec<Uuid> = old
        .iter()
        .map(Record::id)
        .filter(|id| !kept.contains(id))
        .collect();
    if !gone.is_empty() {
        let delete = Query::delete()
            .from_table(DEF.table)
            .and_where(Expr::col("workspace_id").eq(ctx.workspace.id))
            .and_where(Expr::col("id").is_in(gone))
            .take();
        session.run(&delete).await?;
    }
    let known: HashMap<Uuid, &Record> = old.iter().map(|row| (row.id(), row)).collect();
    let changed: Vec<Record> = new
        .into_iter()
        .filter(|row| known.get(&row.id()) != Some(&row))
        .collect();
    put(session, ctx, &changed).await
}

/// The lines of a document as rows; they lie in the trash with it.
fn rows_of(def: &'static Def, document: &Record) -> Result<Vec<Record>, StoreError> {
    let mut rows = document_line::rows(def, document)?;
    for row in &mut rows {
        row.push("deleted_at", document.get("deleted_at").clone());
    }
    Ok(rows)
}

/// Writes rows, over those that have their ids already.
async fn put(session: &Session, ctx: &Ctx, rows: &[Record]) -> Result<(), StoreError> {
    let fields: Vec<_> = DEF.all_fields().collect();
    let names: Vec<String> = std::iter::once("workspace_id".to_owned())
        .chain(fields.iter().copied().flat_map(columns::names))
        .collect();
    for chunk in rows.chunks(PARAMETERS / names.len().max(1)) {
        let mut insert = InsertStatement::new();
        insert.into_table(DEF.table).columns(names.iter().cloned());
        for row in chunk {
            let mut values = vec![sea_orm::Value::from(ctx.workspace.id)];
            for field in &fields {
                let stamp = stamp(ctx, field.name);
                let value = stamp.as_ref().unwrap_or_else(|| row.get(field.name));
                columns::encode(field, value, &mut values);
            }
            insert.values_panic(values.into_iter().map(Expr::val));
        }
        insert.on_conflict(over_the_same(&names));
        let written = session.run(&insert).await?;
        if written != u64::try_from(chunk.len()).unwrap_or(u64::MAX) {
            // A line of another document has the id; nothing is written over in silence.
            return Err(StoreError::Taken("id".to_owned()));
        }
    }
    Ok(())
}

/// What the engine sets of a row that is written.
fn stamp(ctx: &Ctx, field: &str) -> Option<Value> {
    match field {
        "version" => Some(Value::Int(1)),
        "created_at" | "updated_at" => Some(Value::Time(ctx.now)),
        "created_by" | "updated_by" => Some(Value::Id(ctx.actor.user_id)),
        _ => None,
    }
}

/// A row that is there keeps what was when it was made, and counts up its version. It is one of the same
/// document.
fn over_the_same(names: &[String]) -> OnConflict {
    const KEPT: [&str; 5] = ["workspace_id", "id", "version", "created_at", "created_by"];
    let mut conflict = OnConflict::column("id");
    let written = names.iter().filter(|name| !KEPT.contains(&name.as_str()));
    conflict.update_columns(written.cloned());
    conflict.value("version", Expr::col((DEF.table, "version")).add(1_i64));
    let place = ["workspace_id"].into_iter().chain(
        DEF.fields
            .iter()
            .filter(|field| document_line::names_document(field))
            .map(|field| field.name),
    );
    for column in place {
        let (new, old) = (
            Expr::col(("excluded", column)),
            Expr::col((DEF.table, column)),
        );
        conflict.action_and_where(
            new.clone()
                .eq(old.clone())
                .or(new.is_null().and(old.is_null())),
        );
    }
    conflict
}
