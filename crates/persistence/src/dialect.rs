//! What differs between SQLite and PostgreSQL.

use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::sqlx;
use sea_orm::{DbBackend, DbErr, RuntimeErr, Statement, Value};
use uuid::Uuid;

use crate::db::Session;
use crate::{StoreError, Trouble};

/// Takes a lock that ends with the transaction, so that what is decided by reading first is decided
/// by one at a time. SQLite has one writer anyway.
pub(crate) async fn lock(session: &Session, what: &str) -> Result<(), StoreError> {
    advisory(session, "pg_advisory_xact_lock", what).await
}

/// Takes a lock that many share, but none beside who has taken it by [`lock`].
pub(crate) async fn lock_shared(session: &Session, what: &str) -> Result<(), StoreError> {
    advisory(session, "pg_advisory_xact_lock_shared", what).await
}

async fn advisory(session: &Session, function: &str, what: &str) -> Result<(), StoreError> {
    if session.is_postgres() {
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            format!("SELECT {function}(hashtextextended($1, 0))"),
            [Value::from(what)],
        );
        session.all_raw(statement).await?;
    }
    Ok(())
}

/// Locks the rows that a query finds until the end of the transaction.
pub(crate) fn for_update(session: &Session, query: &mut SelectStatement) {
    if session.is_postgres() {
        query.lock_exclusive();
    }
}

/// The ids of the records whose search tokens match.
pub(crate) fn search_ids(backend: DbBackend, matching: &str) -> SelectStatement {
    let mut query = Query::select();
    query.column("record_id").from("search_documents");
    if backend == DbBackend::Postgres {
        query.and_where(Expr::cust_with_values(
            "tokens @@ $1::tsquery",
            [matching.to_owned()],
        ));
    } else {
        query.and_where(Expr::cust_with_values(
            "id IN (SELECT rowid FROM search_index WHERE search_index MATCH ?)",
            [matching.to_owned()],
        ));
    }
    query
}

/// A query for how many records have the search tokens, up to so many. SQLite alone stops there.
pub(crate) fn search_some(matching: &str, limit: u64) -> SelectStatement {
    let some = Query::select()
        .expr(Expr::cust("1"))
        .from("search_index")
        .and_where(Expr::cust_with_values(
            "search_index MATCH ?",
            [matching.to_owned()],
        ))
        .limit(limit)
        .take();
    Query::select()
        .expr(Expr::cust("count(*)"))
        .from_subquery(some, "some")
        .take()
}

/// How many records PostgreSQL thinks to have each of these tokens, by the statistics of its index.
/// Nothing is read for it. Empty where it can't be told.
pub(crate) async fn search_estimates(
    session: &Session,
    terms: &[String],
) -> Result<Vec<u64>, StoreError> {
    // Nothing that has this function is planned for parallel workers, who would be told of in parts and
    // in another order.
    let each: Vec<String> = (1..=terms.len())
        .map(|n| format!("SELECT lastval() FROM search_documents WHERE tokens @@ ${n}::tsquery"))
        .collect();
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        format!("EXPLAIN (FORMAT JSON) {}", each.join(" UNION ALL ")),
        terms.iter().map(|term| Value::from(term.as_str())),
    );
    let rows = session.all_raw(statement).await?;
    let Some(row) = rows.first() else {
        return Ok(Vec::new());
    };
    let told: serde_json::Value = row.try_get_by_index(0)?;
    let plans = told.pointer("/0/Plan/Plans").and_then(|all| all.as_array());
    let thought: Vec<u64> = plans
        .into_iter()
        .flatten()
        .filter_map(|plan| plan.get("Plan Rows")?.as_u64())
        .collect();
    Ok(if thought.len() == terms.len() {
        thought
    } else {
        Vec::new()
    })
}

/// The condition that a record of this table has the search tokens, in a form that leaves the order of
/// the query to its other parts. SQLite gathers what has the tokens once, PostgreSQL looks at each.
pub(crate) fn search_check(
    backend: DbBackend,
    workspace: Uuid,
    table: &str,
    matching: &str,
) -> Expr {
    let its = format!("SELECT d.id FROM search_documents d WHERE d.record_id = {table}.id");
    let sql = if backend == DbBackend::Postgres {
        // The offset keeps the planner from turning it inside out.
        format!("EXISTS ({its} AND d.workspace_id = $1 AND d.tokens @@ $2::tsquery OFFSET 0)")
    } else {
        format!(
            "({its} AND d.workspace_id = ?) IN (SELECT rowid FROM search_index WHERE search_index MATCH ?)"
        )
    };
    Expr::cust_with_values(sql, [Value::from(workspace), Value::from(matching)])
}

/// Merges a part of the search index's segments, of which every change adds some and leaves what it
/// replaced; `true` while there is more to merge. PostgreSQL does so by itself.
pub(crate) async fn merge_search(session: &Session) -> Result<bool, StoreError> {
    if session.is_postgres() {
        return Ok(false);
    }
    let statement = |sql: &str| Statement::from_string(session.backend(), sql.to_owned());
    let segments = async || {
        let count = statement("SELECT count(DISTINCT segid) FROM search_index_idx");
        let rows = session.all_raw(count).await?;
        let count: i64 = match rows.first() {
            Some(row) => row.try_get_by_index(0)?,
            None => 0,
        };
        Ok::<i64, StoreError>(count)
    };
    if segments().await? < 2 {
        return Ok(false);
    }
    // Below zero all segments are merged, not only those of like size; so many pages at a time.
    let merge = "INSERT INTO search_index (search_index, rank) VALUES ('merge', -250)";
    session.run_raw(statement(merge)).await?;
    Ok(segments().await? > 1)
}

/// One condition of a search: a token, whole or as a beginning.
pub(crate) fn search_term(backend: DbBackend, token: &str, prefix: bool) -> String {
    match (backend == DbBackend::Postgres, prefix) {
        (true, false) => format!("'{}'", token.replace('\'', "''")),
        (true, true) => format!("'{}':*", token.replace('\'', "''")),
        (false, false) => format!("\"{}\"", token.replace('"', "\"\"")),
        (false, true) => format!("\"{}\"*", token.replace('"', "\"\"")),
    }
}

/// Joins the conditions of a search: all must hold.
pub(crate) fn search_all(backend: DbBackend, terms: &[String]) -> String {
    terms.join(if backend == DbBackend::Postgres {
        " & "
    } else {
        " AND "
    })
}

/// The function that tells where a text stands in another, from 1 on; 0 when it does not.
pub(crate) const fn position_function(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "strpos",
        _ => "instr",
    }
}

/// The last so many characters of a text; all of it when it has fewer.
pub(crate) fn last_characters(backend: DbBackend, text: Expr, count: usize) -> Expr {
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    match backend {
        DbBackend::Postgres => Func::cust("right").args([text, Expr::val(count)]).into(),
        _ => Func::cust("substr").args([text, Expr::val(-count)]).into(),
    }
}

/// Indexes one record's tokens anew.
pub(crate) async fn index_tokens(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    documents: &[(Uuid, String)],
    replace: bool,
) -> Result<(), StoreError> {
    let backend = session.backend();
    if replace {
        for (record, _) in documents {
            remove_tokens(session, workspace, *record).await?;
        }
    }
    if backend == DbBackend::Postgres {
        for chunk in documents.chunks(1000) {
            let mut sql = String::from(
                "INSERT INTO search_documents (workspace_id, kind, record_id, tokens) VALUES ",
            );
            let mut values: Vec<Value> = Vec::new();
            for (record, tokens) in chunk {
                let n = values.len();
                sql.push_str(&format!(
                    "{}(${}, ${}, ${}, array_to_tsvector(string_to_array(${}, ' ')))",
                    if n == 0 { "" } else { ", " },
                    n + 1,
                    n + 2,
                    n + 3,
                    n + 4
                ));
                values.extend([
                    Value::from(workspace),
                    Value::from(kind),
                    Value::from(*record),
                    Value::from(tokens.clone()),
                ]);
            }
            if !chunk.is_empty() {
                session
                    .run_raw(Statement::from_sql_and_values(backend, sql, values))
                    .await?;
            }
        }
        return Ok(());
    }
    // The documents' numbers are given here, so that both tables are filled by two statements for
    // many records.
    let first = Statement::from_string(
        backend,
        "SELECT coalesce(max(id), 0) + 1 FROM search_documents".to_owned(),
    );
    let rows = session.all_raw(first).await?;
    let mut number: i64 = match rows.first() {
        Some(row) => row.try_get_by_index(0)?,
        None => 1,
    };
    for chunk in documents.chunks(1000) {
        let mut documents_sql = String::from(
            "INSERT INTO search_documents (id, workspace_id, kind, record_id) VALUES ",
        );
        let mut index_sql = String::from("INSERT INTO search_index (rowid, tokens) VALUES ");
        let mut document_values: Vec<Value> = Vec::new();
        let mut index_values: Vec<Value> = Vec::new();
        for (record, tokens) in chunk {
            let comma = if index_values.is_empty() { "" } else { ", " };
            documents_sql.push_str(comma);
            documents_sql.push_str("(?, ?, ?, ?)");
            index_sql.push_str(comma);
            index_sql.push_str("(?, ?)");
            document_values.extend([
                Value::from(number),
                Value::from(workspace),
                Value::from(kind),
                Value::from(*record),
            ]);
            index_values.extend([Value::from(number), Value::from(tokens.clone())]);
            number += 1;
        }
        if !chunk.is_empty() {
            session
                .run_raw(Statement::from_sql_and_values(
                    backend,
                    documents_sql,
                    document_values,
                ))
                .await?;
            session
                .run_raw(Statement::from_sql_and_values(
                    backend,
                    index_sql,
                    index_values,
                ))
                .await?;
        }
    }
    Ok(())
}

/// Takes a record out of search.
async fn remove_tokens(session: &Session, workspace: Uuid, record: Uuid) -> Result<(), StoreError> {
    let backend = session.backend();
    let statements: &[&str] = if backend == DbBackend::Postgres {
        &["DELETE FROM search_documents WHERE workspace_id = $1 AND record_id = $2"]
    } else {
        &[
            "DELETE FROM search_index WHERE rowid = (SELECT id FROM search_documents \
             WHERE workspace_id = ? AND record_id = ?)",
            "DELETE FROM search_documents WHERE workspace_id = ? AND record_id = ?",
        ]
    };
    for sql in statements {
        session
            .run_raw(Statement::from_sql_and_values(
                backend,
                *sql,
                [Value::from(workspace), Value::from(record)],
            ))
            .await?;
    }
    Ok(())
}

/// How many days lie between two columns that hold days.
pub(crate) fn days_between(backend: DbBackend, from: &str, to: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("(CAST({to} AS date) - CAST({from} AS date))"),
        _ => format!("CAST(julianday({to}) - julianday({from}) AS integer)"),
    }
}

/// Joins each entry of a column that holds a list, as `entry.value`; none has no value.
pub(crate) fn each_in_list(backend: DbBackend, column: &str) -> String {
    match backend {
        DbBackend::Postgres => format!(
            "LEFT JOIN LATERAL json_array_elements_text(CAST({column} AS json)) \
             AS entry(value) ON TRUE"
        ),
        _ => format!("LEFT JOIN json_each({column}) AS entry"),
    }
}

/// What an error of the database says about trying again.
pub(crate) fn trouble(error: &DbErr) -> Trouble {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Trouble::Unreachable,
            _ => Trouble::Lasting,
        };
    };
    match cause.as_ref() {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Trouble::Unreachable,
        sqlx::Error::Database(refusal) => {
            refusal.code().map_or(Trouble::Lasting, |code| said(&code))
        }
        _ if matches!(error, DbErr::Conn(_)) => Trouble::Unreachable,
        _ => Trouble::Lasting,
    }
}

/// What a code says. PostgreSQL: no room on the disk (53100); connection failures (08), no resources
/// (53), shutting down or starting (57P), accepting nobody (55000), no such database (3D000), only to
/// be read (25006), two who waited for each other (40P01). SQLite, by its number without the details:
/// full disk (13); busy, read-only, failing disk, no file.
fn said(code: &str) -> Trouble {
    if let Ok(number) = code.parse::<u32>()
        && code.len() < 5
    {
        return match number & 0xff {
            13 => Trouble::Full,
            5 | 8 | 10 | 14 => Trouble::Unreachable,
            _ => Trouble::Lasting,
        };
    }
    match code {
        "53100" => Trouble::Full,
        "55000" | "3D000" | "25006" | "40P01" => Trouble::Unreachable,
        _ if ["08", "53", "57P"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            Trouble::Unreachable
        }
        _ => Trouble::Lasting,
    }
}

/// Takes many records out of search.
pub(crate) async fn remove_many_tokens(
    session: &Session,
    workspace: Uuid,
    records: &[Uuid],
) -> Result<(), StoreError> {
    let of_these = |query: &mut sea_orm::sea_query::DeleteStatement| {
        query
            .and_where(Expr::col("workspace_id").eq(workspace))
            .and_where(Expr::col("record_id").is_in(records.iter().copied()));
    };
    if !session.is_postgres() {
        let numbers = Query::select()
            .column("id")
            .from("search_documents")
            .and_where(Expr::col("workspace_id").eq(workspace))
            .and_where(Expr::col("record_id").is_in(records.iter().copied()))
            .take();
        let delete = Query::delete()
            .from_table("search_index")
            .and_where(Expr::col("rowid").in_subquery(numbers))
            .take();
        session.run(&delete).await?;
    }
    let mut delete = Query::delete();
    delete.from_table("search_documents");
    of_these(&mut delete);
    session.run(&delete).await?;
    Ok(())
}
