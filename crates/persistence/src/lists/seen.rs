//! How a list takes in what its reader may see: in the form of the scope that is quickest for as
//! many people as they reach.

use kehu_domain::ctx::Owners;
use kehu_domain::record::Record;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};

use super::{ListQuery, Page, count_of, passing};
use crate::db::Session;
use crate::reach::Look;
use crate::records::Trash;
use crate::{StoreError, columns, keyset, scope};

/// Up to so many records are gathered and put in order; where there are more, a page is filled sooner
/// by going through all records in their order.
const GATHERED: u64 = 2_000;

/// So many records that a page has room for are looked at before it is known how dense those lie that
/// are seen.
const SAMPLE: u64 = 2;

/// Where fewer than so many of the sample are seen, the people are gathered instead.
const DENSE: usize = 3;

/// The form of the scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// All records that are seen are gathered.
    Gathered,
    /// Records are gone through, and each is looked at.
    Looked(Look),
}

impl Seen {
    /// The form for a page.
    pub(super) async fn of_page(session: &Session, query: &ListQuery) -> Result<Self, StoreError> {
        let look = scope::look_in_order(session, &query.scope).await?;
        let several = scope::owners(&query.scope.rule).is_some_and(Owners::may_be_several);
        if look != Look::Few || !several {
            return Ok(Self::Looked(look));
        }
        let alone = query.words.is_none() && query.trash == Trash::Outside;
        Ok(if alone && are_few(session, query).await? {
            Self::Gathered
        } else {
            Self::Looked(Look::Many)
        })
    }

    /// The form for what goes through all that is seen.
    pub(super) async fn of_all(session: &Session, query: &ListQuery) -> Result<Self, StoreError> {
        Ok(Self::Looked(scope::look(session, &query.scope).await?))
    }

    /// The condition in this form.
    pub(super) fn condition(self, session: &Session, query: &ListQuery) -> Condition {
        let backend = session.backend();
        match self {
            Self::Gathered => scope::gathered(backend, query.def, &query.scope),
            Self::Looked(look) => scope::condition(backend, query.def, &query.scope, look),
        }
    }
}

/// Whether the reader sees few records of the kind, filter or not.
async fn are_few(session: &Session, query: &ListQuery) -> Result<bool, StoreError> {
    let rows = scope::rows(session.backend(), query.def, &query.scope)
        .limit(GATHERED + 1)
        .take();
    Ok(counted(session, rows).await? <= GATHERED)
}

async fn counted(session: &Session, rows: SelectStatement) -> Result<u64, StoreError> {
    let count = Query::select()
        .expr(Expr::cust("count(*)"))
        .from_subquery(rows, "some")
        .take();
    let count: i64 = match session.one(&count).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    };
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The first records of a segment for a reader who reaches very many people. The first records in
/// order tell whether to look up from the owner of each or to gather the people after all: who
/// reaches many may still see little of what a filter leaves.
pub(super) async fn of_many(
    session: &Session,
    query: &ListQuery,
    page: &Page,
    segment: &Condition,
    wanted: u64,
) -> Result<Vec<Record>, StoreError> {
    let sample = wanted.saturating_mul(SAMPLE);
    let everybody = Condition::all().add(Expr::col("workspace_id").eq(query.scope.workspace_id));
    let in_order = |seen: Condition, fields, limit: u64| {
        let mut rows = passing(session, query, seen, fields);
        rows.cond_where(segment.clone());
        keyset::order(session.backend(), &mut rows, &page.sort);
        rows.limit(limit).take()
    };
    let look = |look| Seen::Looked(look).condition(session, query);
    let mut first = in_order(everybody, &[], sample);
    first.column("id");
    let seen = look(Look::Each).add(Expr::col("id").in_subquery(first.clone()));
    let rows = read(session, page, in_order(seen, &page.fields, wanted)).await?;
    if count_of(&rows) >= wanted || counted(session, first).await? < sample {
        return Ok(rows);
    }
    let way = if rows.len() < DENSE {
        Look::Many
    } else {
        Look::Each
    };
    read(session, page, in_order(look(way), &page.fields, wanted)).await
}

async fn read(
    session: &Session,
    page: &Page,
    select: SelectStatement,
) -> Result<Vec<Record>, StoreError> {
    let rows = session.all(&select).await?;
    rows.iter()
        .map(|row| columns::decode(row, &page.fields))
        .collect()
}
