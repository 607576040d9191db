//! The values of list fields, one row each, so that filters find the records that have one.

use kehu_domain::def::Def;
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;

/// The ids of the records of a kind whose list field has this value.
pub(crate) fn records_with(
    workspace: Uuid,
    kind: &str,
    field: &str,
    value: &str,
) -> SelectStatement {
    Query::select()
        .column("record_id")
        .from("list_values")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("kind").eq(kind))
        .and_where(Expr::col("field").eq(field))
        .and_where(Expr::col("value").eq(value))
        .take()
}

/// Writes the values of all list fields of new records.
pub(crate) async fn insert(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    records: &[Record],
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for field in def.fields.iter().filter(|field| field.ty.is_list()) {
        for record in records {
            if let Value::List(values) = record.get(field.name) {
                rows.extend(
                    values
                        .iter()
                        .map(|value| (field.name, value.clone(), record.id())),
                );
            }
        }
    }
    insert_rows(session, workspace, def.kind, &rows).await
}

/// Writes the values of one list field anew.
pub(crate) async fn replace(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    field: &'static str,
    record: &Record,
) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table("list_values")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("record_id").eq(record.id()))
        .and_where(Expr::col("field").eq(field))
        .take();
    session.run(&delete).await?;
    let rows: Vec<_> = match record.get(field) {
        Value::List(values) => values
            .iter()
            .map(|value| (field, value.clone(), record.id()))
            .collect(),
        _ => Vec::new(),
    };
    insert_rows(session, workspace, def.kind, &rows).await
}

async fn insert_rows(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    rows: &[(&'static str, String, Uuid)],
) -> Result<(), StoreError> {
    for chunk in rows.chunks(2000) {
        let mut insert = Query::insert();
        insert.into_table("list_values").columns([
            "workspace_id",
            "kind",
            "field",
            "value",
            "record_id",
        ]);
        for (field, value, record) in chunk {
            insert.values_panic([
                workspace.into(),
                kind.into(),
                (*field).into(),
                value.as_str().into(),
                (*record).into(),
            ]);
        }
        session.run(&insert).await?;
    }
    Ok(())
}
