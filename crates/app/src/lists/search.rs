//! Search over all kinds that people look for by words.

use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::kinds;
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_domain::sight::Sight;
use kehu_persistence::lists::{self as store, ListQuery, Page};
use kehu_persistence::records::Trash;
use uuid::Uuid;

use super::{kept_from_search, parse_sort};
use crate::App;
use crate::error::AppError;

/// A record that search found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The kind.
    pub kind: &'static str,
    /// The record.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// What else tells it apart.
    pub subtitle: String,
}

impl App {
    /// Records of every searchable kind that the words find.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn search(&self, ctx: &Ctx, words: &str) -> Result<Vec<Found>, AppError> {
        let mut found = Vec::new();
        if kehu_domain::search::query_tokens(words).is_empty() {
            return Ok(found);
        }
        let session = self.db.read();
        let mut found_kinds: Vec<&'static Def> = kinds::ALL
            .iter()
            .copied()
            .filter(|def| def.can.found.is_some() && kept_from_search(ctx, def).is_none())
            .collect();
        found_kinds.sort_by_key(|def| def.can.found);
        for def in found_kinds {
            let query = ListQuery {
                def,
                scope: scope::of(ctx, def, Action::View),
                filter: None,
                words: Some(words.to_owned()),
                trash: Trash::Outside,
            };
            let sort = parse_sort(ctx, def, "-updated_at")?;
            let fields = def.all_fields().collect();
            let page = Page {
                sort,
                after: None,
                limit: 8,
                fields,
            };
            let (records, _) = store::page(&session, &query, &page).await?;
            let sight = Sight::of(&ctx.actor, def);
            found.extend(records.iter().map(|record| Found {
                kind: def.kind,
                id: record.id(),
                title: sight.title(def, record),
                subtitle: subtitle(&sight, def, record),
            }));
        }
        Ok(found)
    }
}

fn subtitle(sight: &Sight, def: &Def, record: &Record) -> String {
    let title = sight.title(def, record);
    let telling = ["company", "job_title", "city", "email", "phone", "status"];
    telling
        .iter()
        .filter(|name| def.has(name) && sight.may_ask(name))
        .filter_map(|name| record.get(name).as_text())
        .find(|text| *text != title)
        .unwrap_or("")
        .to_owned()
}
