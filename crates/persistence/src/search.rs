//! The search index: tokens made by the domain, kept where each database finds them fast.

use std::cmp::{max, min};
use std::collections::BTreeMap;

use kehu_domain::def::Def;
use kehu_domain::kinds;
use kehu_domain::record::Record;
use kehu_domain::scope::{Reason, Scope};
use kehu_domain::search::{self, Token};
use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::dialect;
use crate::records::{self, Trash};

/// Indexes new records.
pub(crate) async fn insert(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    records: &[Record],
) -> Result<(), StoreError> {
    let documents = documents(workspace, def, records);
    dialect::index_tokens(session, workspace, def.kind, &documents, false).await
}

/// Indexes a changed record anew.
pub(crate) async fn replace(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    record: &Record,
) -> Result<(), StoreError> {
    let documents = documents(workspace, def, std::slice::from_ref(record));
    dialect::index_tokens(session, workspace, def.kind, &documents, true).await
}

/// How a query takes in what words find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// What they find is gathered, and the rest of the query looks through it.
    Gathered,
    /// What they find is gathered too, but the rest of the query goes through the records in the order
    /// asked for, and looks of each whether it is among that.
    Checked,
    /// The query goes through at most so many records in the order asked for, and looks of each whether
    /// the words find it. Where that does not fill the page, it is taken in another way.
    Walked(u64),
}

/// Beyond so many hits a page is filled sooner by going through the records in their order (SQLite, which
/// stops counting there).
const GATHERED: u64 = 2_000;

/// A token that no record has.
const NOTHING: &str = "1";

/// A walk goes so many times as far as it is thought to have to.
const PATIENCE: u64 = 3;

/// How a page of so many records takes in best what the words find.
pub(crate) async fn taking(
    session: &Session,
    workspace: Uuid,
    def: &Def,
    words: &str,
    wanted: u64,
) -> Result<Taking, StoreError> {
    let backend = session.backend();
    let Some(mut terms) = terms(backend, workspace, def, words) else {
        return Ok(Taking::Gathered);
    };
    if session.is_postgres() {
        // It would count all of them, however few are asked for; what it knows of its index costs nothing.
        terms.insert(0, dialect::search_term(backend, NOTHING, false));
        let thought = dialect::search_estimates(session, &terms).await?;
        return Ok(walk_or_gather(&thought, wanted));
    }
    let sought = dialect::search_all(backend, &terms);
    let some = dialect::search_some(&sought, GATHERED + 1);
    let found: i64 = match session.one(&some).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    };
    Ok(
        if u64::try_from(found).is_ok_and(|found| found > GATHERED) {
            Taking::Checked
        } else {
            Taking::Gathered
        },
    )
}

/// Chooses for a page of so many records by how many are thought to have each token. The first token is one
/// that no record has: what is thought of it is thought of all that are too rare to be known of. The second is
/// that of the kind in its workspace, which all have. To gather costs by hit what to walk costs by record.
#[must_use]
pub fn walk_or_gather(thought: &[u64], wanted: u64) -> Taking {
    let [unknown, all, tokens @ ..] = thought else {
        return Taking::Gathered;
    };
    if tokens.iter().any(|one| one <= unknown) {
        return Taking::Gathered;
    }
    let all = max(*all, 1);
    // As many as the rarest token has where they always come together, and fewer where each comes by
    // itself: in between, by the geometric mean.
    let most = tokens.iter().fold(all, |least, one| min(least, *one));
    let fewest = tokens
        .iter()
        .fold(all, |left, one| left.saturating_mul(min(*one, all)) / all);
    let hits = max(most.saturating_mul(fewest).isqrt(), 1);
    let far = wanted.saturating_mul(all) / hits;
    if far < hits {
        Taking::Walked(far.saturating_mul(PATIENCE))
    } else {
        Taking::Gathered
    }
}

/// The condition that a person's words find a record of a kind; `None` when the words hold nothing
/// to search for.
pub(crate) fn condition(
    backend: DbBackend,
    workspace: Uuid,
    def: &Def,
    words: &str,
    taking: Taking,
) -> Option<Expr> {
    let terms = terms(backend, workspace, def, words)?;
    let sought = dialect::search_all(backend, &terms);
    Some(match taking {
        Taking::Gathered => Expr::col("id").in_subquery(dialect::search_ids(backend, &sought)),
        Taking::Checked | Taking::Walked(_) => {
            dialect::search_check(backend, workspace, def.table, &sought)
        }
    })
}

/// What the index is asked for: records that have all of these, [`home`] first.
fn terms(backend: DbBackend, workspace: Uuid, def: &Def, words: &str) -> Option<Vec<String>> {
    let tokens = search::query_tokens(words);
    if tokens.is_empty() {
        return None;
    }
    let mut terms = vec![dialect::search_term(backend, &home(workspace, def), false)];
    terms.extend(tokens.iter().map(|token| match token {
        Token::Exact(text) => dialect::search_term(backend, &of_kind(def, text), false),
        Token::Prefix(text) => dialect::search_term(backend, &of_kind(def, text), true),
    }));
    Some(terms)
}

/// Indexes some more records anew that were indexed in another way than [`search::EDITION`]; `true`
/// while there are others. Meanwhile search finds each by its old tokens or its new ones.
///
/// # Errors
/// When the database fails.
pub async fn renew(session: &Session, batch: u64) -> Result<bool, StoreError> {
    dialect::lock(session, "search").await?;
    let state = Query::select()
        .columns(["edition", "done_to", "until"])
        .from("search_state")
        .take();
    let Some(row) = session.one(&state).await? else {
        return Ok(false);
    };
    let edition: i64 = row.try_get_by_index(0)?;
    if edition >= search::EDITION {
        return Ok(false);
    }
    let done_to: i64 = row.try_get_by_index(1)?;
    // What is indexed from now on is of this edition and has a higher number.
    let until: i64 = match row.try_get_by_index(2)? {
        Some(until) => until,
        None => last_document(session).await?,
    };
    let old = Query::select()
        .columns(["id", "workspace_id", "kind", "record_id"])
        .from("search_documents")
        .and_where(Expr::col("id").gt(done_to))
        .and_where(Expr::col("id").lte(until))
        .order_by("id", Order::Asc)
        .limit(batch)
        .take();
    let rows = session.all(&old).await?;
    let mut homes: BTreeMap<(Uuid, String), Vec<Uuid>> = BTreeMap::new();
    let mut last = None;
    for row in &rows {
        let home = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        homes
            .entry(home)
            .or_default()
            .push(row.try_get_by_index(3)?);
        last = Some(row.try_get_by_index::<i64>(0)?);
    }
    for ((workspace, kind), ids) in homes {
        renew_of(session, workspace, &kind, &ids).await?;
    }
    let mut update = Query::update();
    update.table("search_state");
    match last {
        Some(last) => update.value("done_to", last).value("until", until),
        None => update
            .value("edition", search::EDITION)
            .value("done_to", 0)
            .value("until", Option::<i64>::None),
    };
    session.run(&update).await?;
    Ok(last.is_some())
}

/// Puts a part of the index in order, so that it stays as fast as it was; `true` while there is more to
/// do.
///
/// # Errors
/// When the database fails.
pub async fn tidy(session: &Session) -> Result<bool, StoreError> {
    dialect::merge_search(session).await
}

async fn last_document(session: &Session) -> Result<i64, StoreError> {
    let last = Query::select()
        .expr(Expr::cust("coalesce(max(id), 0)"))
        .from("search_documents")
        .take();
    match session.one(&last).await? {
        Some(row) => Ok(row.try_get_by_index(0)?),
        None => Ok(0),
    }
}

async fn renew_of(
    session: &Session,
    workspace: Uuid,
    kind: &str,
    ids: &[Uuid],
) -> Result<(), StoreError> {
    let Some(def) = kinds::find(kind) else {
        return Ok(());
    };
    let everything = Scope::system(workspace, Reason::Settings);
    let fields: Vec<_> = def
        .all_fields()
        .filter(|field| field.searchable || field.name == "id")
        .collect();
    let found = records::get_many(session, def, &everything, Trash::Either, ids, &fields).await?;
    dialect::remove_many_tokens(session, workspace, ids).await?;
    insert(session, workspace, def, &found).await
}

fn documents(workspace: Uuid, def: &Def, records: &[Record]) -> Vec<(Uuid, String)> {
    let home = home(workspace, def);
    records
        .iter()
        .map(|record| {
            let texts = def
                .fields
                .iter()
                .filter(|field| field.searchable)
                .filter_map(|field| record.get(field.name).as_text());
            let mut document = home.clone();
            for token in search::index_tokens(texts).split_whitespace() {
                document.push(' ');
                document.push_str(&of_kind(def, token));
            }
            (record.id(), document)
        })
        .collect()
}

/// A token as records of this kind have it: a search among twenty thousand customers does not go through
/// what a million leads have. Kinds that begin alike share theirs; [`home`] tells them apart.
fn of_kind(def: &Def, token: &str) -> String {
    let kind: String = def.kind.chars().take(2).collect();
    format!("{kind}{token}")
}

/// The token that every record of one kind in one workspace carries. It keeps workspaces apart
/// inside the index itself.
fn home(workspace: Uuid, def: &Def) -> String {
    format!("0{}{}", workspace.simple(), def.kind.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::{Taking, walk_or_gather};

    #[test]
    fn what_many_have_is_walked_to_and_what_few_have_is_gathered() {
        let cases = [
            // Nothing is known.
            (&[][..], Taking::Gathered),
            // A third of all have it: a page of 51 is full after about 153.
            (&[30, 20_000, 6_667], Taking::Walked(456)),
            (&[30, 20_000, 300], Taking::Gathered),
            // A rare one decides, however common the other.
            (&[30, 20_000, 20_000, 40], Taking::Gathered),
            // Two that come together or not: between 2,222 and 6,667.
            (&[30, 20_000, 6_667, 6_667], Taking::Walked(795)),
            // In a large workspace the same share is more worth walking to.
            (&[5_000, 1_000_000, 15_000], Taking::Walked(10_200)),
            (&[1_000, 1_000_000, 5_000], Taking::Gathered),
            // What is too rare to be known of may be thought to be much.
            (&[15_000, 1_000_000, 15_000], Taking::Gathered),
            (&[15_000, 1_000_000, 900_000, 15_000], Taking::Gathered),
            // Estimates may contradict each other.
            (&[30, 0, 90_000], Taking::Gathered),
        ];
        for (thought, taking) in cases {
            assert_eq!(walk_or_gather(thought, 51), taking, "{thought:?}");
        }
    }
}
