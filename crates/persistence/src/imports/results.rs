//! What became of the rows of an import: problems, rows that are kept as they were, and what each
//! transaction made and changed.

use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::imports::remove_from;

/// One problem of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Its number within the import, from 1 on.
    pub number: i64,
    /// The row, as a spreadsheet counts: the headings are row 1.
    pub row: i64,
    /// The heading of the column.
    pub column: Option<String>,
    /// The field that it was to become.
    pub field: Option<String>,
    /// What is wrong.
    pub code: String,
    /// Figures for the text.
    pub params: serde_json::Value,
    /// `refused`, `warning`, `duplicate` or `likely_duplicate`.
    pub severity: String,
}

/// Writes problems.
///
/// # Errors
/// When the database fails.
pub async fn add_problems(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
    problems: &[Problem],
) -> Result<(), StoreError> {
    for chunk in problems.chunks(1000) {
        let mut insert = Query::insert();
        insert.into_table("import_problems").columns([
            "workspace_id",
            "import_id",
            "number",
            "row",
            "column_name",
            "field",
            "code",
            "params",
            "severity",
        ]);
        for problem in chunk {
            insert.values_panic([
                workspace.into(),
                import.into(),
                problem.number.into(),
                problem.row.into(),
                problem.column.as_deref().into(),
                problem.field.as_deref().into(),
                problem.code.as_str().into(),
                problem.params.to_string().into(),
                problem.severity.as_str().into(),
            ]);
        }
        session.run(&insert).await?;
    }
    Ok(())
}

const PROBLEM: [&str; 7] = [
    "number",
    "row",
    "column_name",
    "field",
    "code",
    "params",
    "severity",
];

fn read_problem(row: &QueryResult) -> Result<Problem, StoreError> {
    let params: String = row.try_get_by_index(5)?;
    Ok(Problem {
        number: row.try_get_by_index(0)?,
        row: row.try_get_by_index(1)?,
        column: row.try_get_by_index(2)?,
        field: row.try_get_by_index(3)?,
        code: row.try_get_by_index(4)?,
        params: serde_json::from_str(&params)?,
        severity: row.try_get_by_index(6)?,
    })
}

/// The problems of an import after a number, in the order they were found; those of one severity
/// when it is named.
///
/// # Errors
/// When the database fails.
pub async fn problems(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
    severity: Option<&str>,
    after: i64,
    limit: u64,
) -> Result<Vec<Problem>, StoreError> {
    let mut query = Query::select();
    query
        .columns([
            "number",
            "row",
            "column_name",
            "field",
            "code",
            "params",
            "severity",
        ])
        .from("import_problems")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("import_id").eq(import))
        .and_where(Expr::col("number").gt(after))
        .order_by("number", Order::Asc)
        .limit(limit);
    if let Some(severity) = severity {
        query.and_where(Expr::col("severity").eq(severity));
    }
    session
        .all(&query)
        .await?
        .iter()
        .map(read_problem)
        .collect()
}

/// The problems that refused these rows.
///
/// # Errors
/// When the database fails.
pub async fn problems_of_rows(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
    rows: &[i64],
) -> Result<Vec<Problem>, StoreError> {
    let query = Query::select()
        .columns(PROBLEM)
        .from("import_problems")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("import_id").eq(import))
        .and_where(Expr::col("row").is_in(rows.iter().copied()))
        .and_where(Expr::col("severity").eq("refused"))
        .order_by("number", Order::Asc)
        .take();
    session
        .all(&query)
        .await?
        .iter()
        .map(read_problem)
        .collect()
}

/// Why rows are kept as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The headings.
    Headings,
    /// They were refused.
    Refused,
    /// They name a row further down.
    Waiting,
}

impl Kept {
    const fn code(self) -> &'static str {
        match self {
            Self::Headings => "headings",
            Self::Refused => "refused",
            Self::Waiting => "waiting",
        }
    }
}

/// Keeps rows as they were.
///
/// # Errors
/// When the database fails.
pub async fn keep_rows(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
    why: Kept,
    rows: &[(i64, Vec<String>)],
) -> Result<(), StoreError> {
    for chunk in rows.chunks(1000) {
        let mut insert = Query::insert();
        insert.into_table("import_rows").columns([
            "workspace_id",
            "import_id",
            "state",
            "row",
            "cells",
        ]);
        for (row, cells) in chunk {
            insert.values_panic([
                workspace.into(),
                import.into(),
                why.code().into(),
                (*row).into(),
                serde_json::to_string(cells)?.into(),
            ]);
        }
        session.run(&insert).await?;
    }
    Ok(())
}

/// Rows that are kept, after a row, in their order.
///
/// # Errors
/// When the database fails.
pub async fn kept_rows(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
    why: Kept,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, Vec<String>)>, StoreError> {
    let query = Query::select()
        .columns(["row", "cells"])
        .from("import_rows")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("import_id").eq(import))
        .and_where(Expr::col("state").eq(why.code()))
        .and_where(Expr::col("row").gt(after))
        .order_by("row", Order::Asc)
        .limit(limit)
        .take();
    session
        .all(&query)
        .await?
        .iter()
        .map(|row| {
            let cells: String = row.try_get_by_index(1)?;
            Ok((row.try_get_by_index(0)?, serde_json::from_str(&cells)?))
        })
        .collect()
}

/// Forgets rows that were kept for this reason.
///
/// # Errors
/// When the database fails.
pub async fn drop_rows(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
    why: Kept,
    rows: &[i64],
) -> Result<(), StoreError> {
    for chunk in rows.chunks(1000) {
        let delete = Query::delete()
            .from_table("import_rows")
            .and_where(Expr::col("workspace_id").eq(workspace))
            .and_where(Expr::col("import_id").eq(import))
            .and_where(Expr::col("state").eq(why.code()))
            .and_where(Expr::col("row").is_in(chunk.iter().copied()))
            .take();
        session.run(&delete).await?;
    }
    Ok(())
}

/// What one transaction of an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The records it made, by kind, in the order of their making.
    pub made: Vec<(String, Vec<Uuid>)>,
    /// The records it changed, with their version after it.
    pub changed: Vec<(String, Uuid, i64)>,
}

/// Writes what a transaction did.
///
/// # Errors
/// When the database fails.
pub async fn add_batch(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
    number: i64,
    batch: &Batch,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table("import_batches")
        .columns(["workspace_id", "import_id", "number", "made", "changed"])
        .values_panic([
            workspace.into(),
            import.into(),
            number.into(),
            serde_json::to_string(&batch.made)?.into(),
            serde_json::to_string(&batch.changed)?.into(),
        ])
        .take();
    session.run(&insert).await?;
    Ok(())
}

/// The last transaction of an import that is still remembered.
///
/// # Errors
/// When the database fails.
pub async fn last_batch(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
) -> Result<Option<(i64, Batch)>, StoreError> {
    let query = Query::select()
        .columns(["number", "made", "changed"])
        .from("import_batches")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("import_id").eq(import))
        .order_by("number", Order::Desc)
        .limit(1)
        .take();
    let Some(row) = session.one(&query).await? else {
        return Ok(None);
    };
    let (made, changed): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    let batch = Batch {
        made: serde_json::from_str(&made)?,
        changed: serde_json::from_str(&changed)?,
    };
    Ok(Some((row.try_get_by_index(0)?, batch)))
}

/// Forgets one transaction: it is undone.
///
/// # Errors
/// When the database fails.
pub async fn drop_batch(
    session: &Session,
    workspace: Uuid,
    import: Uuid,
    number: i64,
) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table("import_batches")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("import_id").eq(import))
        .and_where(Expr::col("number").eq(number))
        .take();
    session.run(&delete).await?;
    Ok(())
}

/// Forgets everything that an earlier run (a dry one) found.
///
/// # Errors
/// When the database fails.
pub async fn clear(session: &Session, workspace: Uuid, import: Uuid) -> Result<(), StoreError> {
    for table in ["import_problems", "import_rows", "import_batches"] {
        remove_from(session, table, workspace, import).await?;
    }
    Ok(())
}
