//! Erases what imports keep of a record.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait, Func, Query};
use serde_json::Value;
use uuid::Uuid;

use crate::db::Session;
use crate::{StoreError, dialect};

/// Forgets the files of the imports that made or changed a record. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn files(session: &Session, workspace: Uuid, record: Uuid) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    for import in of_record(session, workspace, record).await? {
        let delete = Query::delete()
            .from_table("import_files")
            .and_where(Expr::col("workspace_id").eq(workspace))
            .and_where(Expr::col("import_id").eq(import))
            .take();
        forgotten += u64::from(session.run(&delete).await? > 0);
    }
    Ok(forgotten)
}

/// Whether an import that made or changed this record is still at work, and needs its file.
///
/// # Errors
/// When the database fails.
pub async fn at_work(session: &Session, workspace: Uuid, record: Uuid) -> Result<bool, StoreError> {
    let imports = of_record(session, workspace, record).await?;
    let query = Query::select()
        .column("id")
        .from("imports")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("id").is_in(imports))
        .and_where(Expr::col("lease_until").is_not_null())
        .take();
    Ok(session.one(&query).await?.is_some())
}

/// The imports that made or changed a record, as far as they can still be undone.
async fn of_record(
    session: &Session,
    workspace: Uuid,
    record: Uuid,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let named = |column: &'static str| holds(session, Expr::col(column), &record.to_string());
    let query = Query::select()
        .distinct()
        .column("import_id")
        .from("import_batches")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(named("made").or(named("changed")))
        .take();
    let rows = session.all(&query).await?;
    rows.iter()
        .map(|row| Ok(row.try_get_by_index(0)?))
        .collect()
}

/// Forgets the kept rows of all imports in which one of these values stands as a cell, however it is
/// written there. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn rows(
    session: &Session,
    workspace: Uuid,
    values: &BTreeSet<String>,
) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    for value in values {
        let query = Query::select()
            .columns(["import_id", "row", "cells"])
            .from("import_rows")
            .and_where(Expr::col("workspace_id").eq(workspace))
            .and_where(Expr::col("state").ne("headings"))
            .and_where(may_hold(session, "cells", value))
            .take();
        for row in session.all(&query).await? {
            let cells: String = row.try_get_by_index(2)?;
            let cells: Vec<String> = serde_json::from_str(&cells)?;
            if !cells.iter().any(|cell| same(cell, value)) {
                continue;
            }
            let (import, number): (Uuid, i64) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let delete = Query::delete()
                .from_table("import_rows")
                .and_where(Expr::col("workspace_id").eq(workspace))
                .and_where(Expr::col("import_id").eq(import))
                .and_where(Expr::col("row").eq(number))
                .take();
            forgotten += session.run(&delete).await?;
        }
    }
    Ok(forgotten)
}

/// Takes out of the problems of all imports what they tell of this record, or of one with one of
/// these values. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn problems(
    session: &Session,
    workspace: Uuid,
    record: Uuid,
    values: &BTreeSet<String>,
) -> Result<u64, StoreError> {
    let mut changed = 0;
    let id = record.to_string();
    for value in values.iter().chain([&id]) {
        let query = Query::select()
            .columns(["import_id", "number", "params"])
            .from("import_problems")
            .and_where(Expr::col("workspace_id").eq(workspace))
            .and_where(may_hold(session, "params", value))
            .take();
        for row in session.all(&query).await? {
            let params: String = row.try_get_by_index(2)?;
            let mut params: Value = serde_json::from_str(&params)?;
            if !tells(&params, value) {
                continue;
            }
            params = match params.get("id") {
                Some(told) if *told == id.as_str() => serde_json::json!({ "id": id }),
                _ => Value::Null,
            };
            let (import, number): (Uuid, i64) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let update = Query::update()
                .table("import_problems")
                .value("params", params.to_string())
                .and_where(Expr::col("workspace_id").eq(workspace))
                .and_where(Expr::col("import_id").eq(import))
                .and_where(Expr::col("number").eq(number))
                .take();
            changed += session.run(&update).await?;
        }
    }
    Ok(changed)
}

/// Whether one of the texts in some JSON is this value, however it is written.
pub(crate) fn tells(json: &Value, value: &str) -> bool {
    match json {
        Value::String(text) => same(text, value),
        Value::Array(array) => array.iter().any(|one| tells(one, value)),
        Value::Object(object) => object.values().any(|one| tells(one, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a text is a value as somebody may have typed it: without regard to small and capital
/// letters and to what stands between the digits of a number, with or without the country.
fn same(text: &str, value: &str) -> bool {
    let (text, value) = (plain(text), plain(value));
    let number = |text: &str| text.len() >= NUMBER && text.bytes().all(|c| c.is_ascii_digit());
    let (own, other) = (core(&value), core(&text));
    text == value
        || (number(own) && number(other) && (own.ends_with(other) || other.ends_with(own)))
}

/// So many digits make a telephone number.
const NUMBER: usize = 7;

/// A number without `+` and without the extension.
fn core(plain: &str) -> &str {
    let number = plain
        .split_once(";ext=")
        .map_or(plain, |(number, _)| number);
    number.trim_start_matches('+')
}

/// What may stand between the digits of a number.
const BETWEEN: [&str; 5] = [" ", "-", "(", ")", "."];

fn plain(text: &str) -> String {
    let between = |c: &char| BETWEEN.iter().any(|one| one.starts_with(*c));
    let kept = text.trim().chars().filter(|c| !between(c));
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

/// The condition that the JSON in a column may hold a value, so that only few rows are looked at. A
/// number is looked for by its last digits, for it may stand there without its country.
pub(crate) fn may_hold(session: &Session, column: &'static str, value: &str) -> Expr {
    let value = plain(value);
    let number = core(&value);
    let sought = match number.len().checked_sub(NUMBER) {
        Some(from) if number.bytes().all(|c| c.is_ascii_digit()) => {
            number.get(from..).unwrap_or(number).to_owned()
        }
        _ => value,
    };
    let escaped = Value::from(sought).to_string();
    let mut text: Expr = Expr::col(column);
    for between in BETWEEN {
        text = Func::cust("replace")
            .args([text, Expr::val(between), Expr::val("")])
            .into();
    }
    holds(
        session,
        Func::cust("lower").arg(text).into(),
        escaped.trim_matches('"'),
    )
}

/// The condition that a text holds another.
fn holds(session: &Session, text: Expr, sought: &str) -> Expr {
    Expr::from(
        Func::cust(dialect::position_function(session.backend())).args([text, Expr::val(sought)]),
    )
    .gt(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_recognised_however_it_is_typed() {
        for (typed, value) in [
            ("138 0000-0001", "+8613800000001"),
            ("+86 (138) 00000001", "+8613800000001"),
            ("13800000001", "+8613800000001;ext=12"),
            ("Ann@Example.org ", "ann@example.org"),
        ] {
            assert!(same(typed, value), "{typed}");
        }
        for (typed, value) in [
            ("13800000002", "+8613800000001"),
            ("0001", "+8613800000001"),
            ("", "+8613800000001"),
            ("ann@example.org", "joann@example.org"),
        ] {
            assert!(!same(typed, value), "{typed}");
        }
    }
}
