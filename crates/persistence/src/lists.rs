//! Pages of records.

mod seen;

use kehu_domain::def::{Def, Field};
use kehu_domain::expr::Expr;
use kehu_domain::record::Record;
use kehu_domain::scope::Scope;
use kehu_domain::value::Value;
use sea_orm::sea_query::{Condition, Expr as Sql, Query, SelectStatement};
use uuid::Uuid;

pub use crate::keyset::Sort;

use crate::db::Session;
use crate::document_lines::{self, Read};
use crate::lists::seen::Seen;
use crate::reach::Look;
use crate::records::{self, Trash};
use crate::search::{self, Taking};
use crate::{StoreError, columns, expr, keyset};

/// What a list asks for.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// The kind.
    pub def: &'static Def,
    /// What the reader may see.
    pub scope: Scope,
    /// What they must pass.
    pub filter: Option<Expr>,
    /// Words to search for.
    pub words: Option<String>,
    /// Whether to list the trash.
    pub trash: Trash,
}

/// Which page of it.
#[derive(Debug, Clone)]
pub struct Page {
    /// The order; ends with the id, so that no two rows are equal.
    pub sort: Vec<Sort>,
    /// The sort values of the last row of the page before.
    pub after: Option<Vec<Value>>,
    /// At most so many rows.
    pub limit: u64,
    /// The fields to read. Those of the order must be among them.
    pub fields: Vec<&'static Field>,
}

/// Reads one page, and tells whether there is more.
///
/// # Errors
/// When the database fails.
pub async fn page(
    session: &Session,
    query: &ListQuery,
    page: &Page,
) -> Result<(Vec<Record>, bool), StoreError> {
    let wanted = page.limit + 1;
    let taking = match &query.words {
        Some(words) => {
            let workspace = query.scope.workspace_id;
            search::taking(session, workspace, query.def, words, wanted).await?
        }
        None => Taking::Gathered,
    };
    let seen = match (Seen::of_page(session, query).await?, taking) {
        // Words that many records have don't leave few to look at.
        (Seen::Looked(Look::Each), Taking::Checked | Taking::Walked(_)) => Seen::Looked(Look::Many),
        (seen, _) => seen,
    };
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let workspace = query.scope.workspace_id;
    loop {
        let mut rows = read(session, query, page, (taking, seen), wanted).await?;
        if matches!(taking, Taking::Walked(_)) && count_of(&rows) < wanted {
            rows = read(session, query, page, (Taking::Gathered, seen), wanted).await?;
        }
        let more = rows.len() > limit;
        rows.truncate(limit);
        // As for single records: nobody is told the lines of another version.
        match document_lines::fill(session, workspace, query.def, &page.fields, &mut rows).await? {
            Read::Whole => return Ok((rows, more)),
            Read::Torn => {}
        }
    }
}

/// The first rows of a page, at most as many as are wanted.
async fn read(
    session: &Session,
    query: &ListQuery,
    page: &Page,
    (taking, seen): (Taking, Seen),
    wanted: u64,
) -> Result<Vec<Record>, StoreError> {
    let segments = match &page.after {
        Some(last) => keyset::segments(&page.sort, last),
        None => vec![Condition::all()],
    };
    let mut rows: Vec<Record> = Vec::new();
    for segment in segments {
        let missing = wanted.saturating_sub(count_of(&rows));
        if missing == 0 {
            break;
        }
        if seen == Seen::Looked(Look::Each) && query.words.is_none() {
            rows.extend(seen::of_many(session, query, page, &segment, missing).await?);
            continue;
        }
        let condition = seen.condition(session, query);
        let mut select = match taking {
            Taking::Walked(far) => walked(session, query, (page, segment), condition, far),
            Taking::Gathered | Taking::Checked => {
                let mut select = taken(session, query, condition, &page.fields, taking);
                select.cond_where(segment);
                select
            }
        };
        keyset::order(session.backend(), &mut select, &page.sort);
        select.limit(missing);
        for row in session.all(&select).await? {
            rows.push(columns::decode(&row, &page.fields)?);
        }
        if matches!(taking, Taking::Walked(_)) {
            // What a walk has not reached comes before the next segment.
            break;
        }
    }
    Ok(rows)
}

fn count_of(rows: &[Record]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

/// What the words find among the first `far` records that pass everything else.
fn walked(
    session: &Session,
    query: &ListQuery,
    (page, segment): (&Page, Condition),
    seen: Condition,
    far: u64,
) -> SelectStatement {
    let mut first = passing(session, query, seen, &page.fields);
    first.cond_where(segment);
    keyset::order(session.backend(), &mut first, &page.sort);
    first.limit(far);
    let mut select = Query::select();
    columns::select(&mut select, &page.fields);
    select.from_subquery(first, query.def.table);
    if let Some(found) = found(session, query, Taking::Walked(far)) {
        select.and_where(found);
    }
    select
}

/// Counts what a list holds, up to `cap` when there is one.
///
/// # Errors
/// When the database fails.
pub async fn count(
    session: &Session,
    query: &ListQuery,
    cap: Option<u64>,
) -> Result<u64, StoreError> {
    let mut rows = matching(session, query, &[]).await?;
    rows.expr(Sql::cust("1"));
    if let Some(cap) = cap {
        rows.limit(cap + 1);
    }
    let count = Query::select()
        .expr(Sql::cust("count(*)"))
        .from_subquery(rows, "matching")
        .take();
    let count: i64 = match session.one(&count).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    };
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The ids of the first `limit` records that match, in the order of their making.
///
/// # Errors
/// When the database fails.
pub async fn ids(
    session: &Session,
    query: &ListQuery,
    limit: u64,
) -> Result<Vec<Uuid>, StoreError> {
    let mut select = matching(session, query, &[]).await?;
    select
        .column("id")
        .order_by("created_at", sea_orm::sea_query::Order::Asc)
        .order_by("id", sea_orm::sea_query::Order::Asc)
        .limit(limit);
    let rows = session.all(&select).await?;
    rows.iter()
        .map(|row| Ok(row.try_get_by_index(0)?))
        .collect()
}

/// All that match: scope, trash, filter and words in one condition.
pub(crate) async fn matching(
    session: &Session,
    query: &ListQuery,
    fields: &[&'static Field],
) -> Result<SelectStatement, StoreError> {
    let seen = Seen::of_all(session, query).await?;
    let seen = seen.condition(session, query);
    Ok(taken(session, query, seen, fields, Taking::Gathered))
}

fn taken(
    session: &Session,
    query: &ListQuery,
    seen: Condition,
    fields: &[&'static Field],
    taking: Taking,
) -> SelectStatement {
    let mut select = passing(session, query, seen, fields);
    if let Some(found) = found(session, query, taking) {
        select.and_where(found);
    }
    select
}

/// All that are seen and pass everything but the words.
fn passing(
    session: &Session,
    query: &ListQuery,
    seen: Condition,
    fields: &[&'static Field],
) -> SelectStatement {
    let mut select = records::select_seen(query.def, seen, query.trash, fields);
    if let Some(filter) = &query.filter {
        let workspace = query.scope.workspace_id;
        select.cond_where(expr::condition(
            session.backend(),
            workspace,
            query.def,
            filter,
        ));
    }
    select
}

/// The condition that the words find a record, where there are words.
fn found(session: &Session, query: &ListQuery, taking: Taking) -> Option<Sql> {
    let words = query.words.as_ref()?;
    let workspace = query.scope.workspace_id;
    search::condition(session.backend(), workspace, query.def, words, taking)
}
