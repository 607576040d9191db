//! What pages look up again and again: dictionaries, the colours of tags, the titles of records.

use std::collections::HashMap;

use kehu_client::records::ListQuery;
use kehu_domain::def::Def;
use kehu_domain::dictionary_entry::{OPPORTUNITY_REASON, Outcome};
use kehu_domain::exchange;
use kehu_domain::opportunity::NOT_RECORDED;
use kehu_wire::Record;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::state::API;
use crate::ui::prelude::Choice;
use crate::ui::tone::Tone;
use crate::widgets::kinds;

/// The most entries that are kept: more is asked for when it is needed.
const MOST_PAGES: usize = 10;

/// One entry of a dictionary.
#[derive(Clone, Debug)]
struct Entry {
    dictionary: String,
    code: String,
    name: String,
    active: bool,
    /// The outcome that it is a reason for; either one where it is empty.
    outcome: String,
}

/// What was looked up. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Lookups {
    entries: RwSignal<Vec<Entry>>,
    tags: RwSignal<Vec<(String, String)>>,
    titles: RwSignal<HashMap<String, String>>,
    /// The currencies with a rate and today's rate; `None` until somebody asks.
    rates: RwSignal<Option<Vec<(String, i64)>>>,
}

impl Lookups {
    /// Makes the place for them and begins to read.
    pub(crate) fn provide() -> Self {
        let lookups = Self {
            entries: RwSignal::new(Vec::new()),
            tags: RwSignal::new(Vec::new()),
            titles: RwSignal::new(HashMap::new()),
            rates: RwSignal::new(None),
        };
        provide_context(lookups);
        lookups.read_dictionaries();
        lookups.read_tags();
        lookups
    }

    /// What was looked up for this page.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Reads the dictionaries again.
    pub(crate) fn read_dictionaries(self) {
        spawn_local(async move {
            let records = every("dictionary-entries", "position,name").await;
            let entries = records
                .iter()
                .map(|record| Entry {
                    dictionary: text(record, "dictionary").to_owned(),
                    code: text(record, "code").to_owned(),
                    name: text(record, "name").to_owned(),
                    outcome: text(record, "outcome").to_owned(),
                    active: record
                        .get("active")
                        .and_then(Value::as_bool)
                        .unwrap_or(true),
                })
                .collect();
            let _ = self.entries.try_set(entries);
        });
    }

    /// Reads the tags again.
    pub(crate) fn read_tags(self) {
        spawn_local(async move {
            let records = every("tags", "name").await;
            let tags = records
                .iter()
                .map(|record| {
                    (
                        text(record, "name").to_owned(),
                        text(record, "colour").to_owned(),
                    )
                })
                .collect();
            let _ = self.tags.try_set(tags);
        });
    }

    /// The name of a code of a dictionary; the code itself while it is not known.
    pub(crate) fn entry_name(self, dictionary: &str, code: &str) -> String {
        self.entries.with(|entries| {
            entries
                .iter()
                .find(|entry| entry.dictionary == dictionary && entry.code == code)
                .map_or_else(|| code.to_owned(), |entry| entry.name.clone())
        })
    }

    /// The entries of a dictionary that are offered; `keep` is offered even when it is not active.
    pub(crate) fn entry_choices(self, dictionary: &str, keep: &str) -> Vec<Choice> {
        self.entries.with(|entries| {
            entries
                .iter()
                .filter(|entry| {
                    entry.dictionary == dictionary && (entry.active || entry.code == keep)
                })
                .map(|entry| Choice::new(entry.code.clone(), entry.name.clone()))
                .collect()
        })
    }

    /// The reasons that are offered for winning or losing an opportunity.
    pub(crate) fn reason_choices(self, outcome: Outcome) -> Vec<Choice> {
        self.entries.with(|entries| {
            entries
                .iter()
                .filter(|entry| entry.dictionary == OPPORTUNITY_REASON && entry.active)
                // What nobody wrote down stays to imported history.
                .filter(|entry| entry.code != NOT_RECORDED)
                .filter(|entry| entry.outcome.is_empty() || entry.outcome == outcome.code())
                .map(|entry| Choice::new(entry.code.clone(), entry.name.clone()))
                .collect()
        })
    }

    /// The tone of a tag.
    pub(crate) fn tag_tone(self, name: &str) -> Tone {
        self.tags.with(|tags| {
            tags.iter()
                .find(|(known, _)| known == name)
                .map_or(Tone::Neutral, |(_, colour)| kinds::tone(colour))
        })
    }

    /// The tags whose name has these letters.
    pub(crate) fn tag_choices(self, letters: &str) -> Vec<Choice> {
        let letters = letters.to_lowercase();
        self.tags.with(|tags| {
            tags.iter()
                .filter(|(name, _)| name.to_lowercase().contains(&letters))
                .map(|(name, _)| Choice::new(name.clone(), name.clone()))
                .collect()
        })
    }

    /// Reads the rates of exchange again.
    pub(crate) async fn read_rates(self) -> Vec<(String, i64)> {
        let today = crate::format::today().to_string();
        let mut rates: Vec<(String, i64)> = Vec::new();
        for record in every("exchange-rates", "-valid_from").await {
            let code = text(&record, "currency");
            let rate = record.get("rate").and_then(Value::as_i64);
            let known = rates.iter().any(|(known, _)| known == code);
            if let (Some(rate), false) =
                (rate, known || text(&record, "valid_from") > today.as_str())
            {
                rates.push((code.to_owned(), rate));
            }
        }
        let _ = self.rates.try_set(Some(rates.clone()));
        rates
    }

    /// The currencies that amounts can be in: the workspace's own first, then those with a rate;
    /// `keep` is offered in any case.
    pub(crate) fn currency_choices(self, own: &str, keep: &str) -> Vec<Choice> {
        if self.rates.with(Option::is_none) {
            self.rates.set(Some(Vec::new()));
            spawn_local(async move {
                self.read_rates().await;
            });
        }
        let mut codes = vec![own.to_owned()];
        self.rates.with(|rates| {
            codes.extend(rates.iter().flatten().map(|(code, _)| code.clone()));
        });
        codes.push(keep.to_owned());
        let mut seen: Vec<String> = Vec::new();
        codes.retain(|code| {
            let new = !code.is_empty() && !seen.contains(code);
            seen.push(code.clone());
            new
        });
        codes
            .into_iter()
            .map(|code| Choice::new(code.clone(), code))
            .collect()
    }

    /// A price of the workspace's currency in another one at today's rate, both in millionths;
    /// `None` where there is no rate.
    pub(crate) async fn price_in(self, price: i64, currency: &str) -> Option<i64> {
        let rates = self.read_rates().await;
        let (_, rate) = rates.iter().find(|(code, _)| code == currency)?;
        let millionths = i128::from(price) * i128::from(exchange::MILLION);
        exchange::divide_rounded(millionths, i128::from(*rate)).and_then(exchange::amount)
    }

    /// Remembers the title of a record.
    pub(crate) fn remember(self, id: &str, title: &str) {
        let known = self.titles.with_untracked(|titles| titles.contains_key(id));
        if !known && !id.is_empty() && !title.is_empty() {
            self.titles.update(|titles| {
                titles.insert(id.to_owned(), title.to_owned());
            });
        }
    }

    /// The title of a record; empty while it is on its way.
    pub(crate) fn title(self, def: &'static Def, id: &str) -> String {
        if let Some(title) = self.titles.with(|titles| titles.get(id).cloned()) {
            return title;
        }
        if !id.is_empty() {
            let id = id.to_owned();
            spawn_local(async move {
                let title = match API.get(def.plural, &id, "").await {
                    Ok(record) => title_of(def, &record),
                    Err(_) => "…".to_owned(),
                };
                let _ = self.titles.try_update(|titles| titles.insert(id, title));
            });
        }
        String::new()
    }
}

/// The text of a field; empty where it has none.
pub(crate) fn text<'a>(record: &'a Record, name: &str) -> &'a str {
    record.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The title of a record.
pub(crate) fn title_of(def: &Def, record: &Record) -> String {
    def.title
        .iter()
        .map(|name| text(record, name))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
        .to_owned()
}

/// All records of a kind, up to a limit; what can't be read is left out.
pub(crate) async fn every(plural: &str, sort: &str) -> Vec<Record> {
    let mut query = ListQuery {
        sort: sort.to_owned(),
        limit: Some(200),
        ..ListQuery::default()
    };
    let mut records = Vec::new();
    for _ in 0..MOST_PAGES {
        let Ok(page) = API.list(plural, &query).await else {
            break;
        };
        records.extend(page.items);
        match page.next_cursor {
            Some(cursor) => query.cursor = cursor,
            None => break,
        }
    }
    records
}
