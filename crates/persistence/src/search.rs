//! The search index: tokens made by the domain, kept where each database finds them fast.

use kehu_domain::def::Def;
use kehu_domain::record::Record;
use kehu_domain::search::{self, Token};
use sea_orm::DbBackend;
use sea_orm::sea_query::SelectStatement;
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::dialect;

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

/// The ids of the records of a kind that a person's words find; `None` when the words hold nothing
/// to search for.
pub(crate) fn matching(
    backend: DbBackend,
    workspace: Uuid,
    def: &Def,
    words: &str,
) -> Option<SelectStatement> {
    let tokens = search::query_tokens(words);
    if tokens.is_empty() {
        return None;
    }
    let mut terms = vec![dialect::search_term(backend, &home(workspace, def), false)];
    terms.extend(tokens.iter().map(|token| match token {
        Token::Exact(text) => dialect::search_term(backend, text, false),
        Token::Prefix(text) => dialect::search_term(backend, text, true),
    }));
    Some(dialect::search_ids(
        backend,
        &dialect::search_all(backend, &terms),
    ))
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
            (
                record.id(),
                format!("{home} {}", search::index_tokens(texts))
                    .trim_end()
                    .to_owned(),
            )
        })
        .collect()
}

/// The token that every record of one kind in one workspace carries. It keeps workspaces apart
/// inside the index itself.
fn home(workspace: Uuid, def: &Def) -> String {
    format!("0{}{}", workspace.simple(), def.kind.replace('_', ""))
}
