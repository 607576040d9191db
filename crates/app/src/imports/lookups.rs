//! Finds the records that cells name, and makes those that are missing where the mapping says so.

use std::collections::{BTreeMap, HashMap};

use kehu_domain::check;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, FieldProblem};
use kehu_domain::import::plan::{By, Given, Plan, PlanLookup};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Reason, Scope};
use kehu_domain::tag;
use kehu_domain::value::Value;
use kehu_persistence::external_ids;
use kehu_persistence::records::{self, Trash};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::error::AppError;
use crate::imports::memory::{Key, Memory, stand_in};
use crate::imports::rows::FileRow;
use crate::prepare;
use crate::writer::Writer;

/// What a name leads to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Hit {
    /// This: an id, or the code of a dictionary's entry.
    One(Value),
    /// Several records have the name.
    Many,
    /// It could not be made.
    Refused(&'static str),
}

/// What names lead to, by the number of the plan's field and the name.
pub(super) type Hits = HashMap<(usize, String), Hit>;

/// Finds records within one transaction.
pub(super) struct Finder<'a> {
    pub(super) writer: Writer<'a>,
    /// What a dry run has seen before.
    pub(super) before: &'a Memory,
    /// What was seen in this transaction.
    pub(super) seen: Memory,
    /// What was made, in the order of making.
    pub(super) made: Vec<(&'static Def, Vec<Uuid>)>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(writer: Writer<'a>, before: &'a Memory) -> Self {
        Self {
            writer,
            before,
            seen: Memory::default(),
            made: Vec::new(),
        }
    }

    /// Finds everything that the rows name. `in_file` tells names of the file's own rows, which are
    /// not made here.
    pub(super) async fn find(
        &mut self,
        plan: &Plan,
        rows: &[FileRow],
        in_file: &(dyn Fn(usize, &str) -> bool + Sync),
    ) -> Result<Hits, AppError> {
        let mut hits = Hits::new();
        for (at, field) in plan.fields.iter().enumerate() {
            let Some(lookup) = &field.lookup else {
                continue;
            };
            let mut wanted: BTreeMap<&str, &FileRow> = BTreeMap::new();
            for row in rows {
                for (given_at, given) in &row.read.given {
                    match given {
                        Given::Find(name) if *given_at == at => {
                            wanted.entry(name).or_insert(row);
                        }
                        Given::FindAll(names) if *given_at == at => {
                            for name in names {
                                wanted.entry(name).or_insert(row);
                            }
                        }
                        _ => {}
                    }
                }
            }
            let mut found = self.existing(lookup, &wanted).await?;
            if let Some(create) = &lookup.create {
                wanted.retain(|name, _| !found.contains_key(*name) && !in_file(at, name));
                found.extend(Box::pin(self.make(lookup, create, &wanted)).await?);
            }
            hits.extend(found.into_iter().map(|(name, hit)| ((at, name), hit)));
        }
        Ok(hits)
    }

    /// The row by which something was made before, in a dry run or in this transaction.
    fn remembered(&self, key: Key) -> Option<i64> {
        self.before.row(key).or_else(|| self.seen.row(key))
    }

    async fn existing(
        &mut self,
        lookup: &PlanLookup,
        wanted: &BTreeMap<&str, &FileRow>,
    ) -> Result<HashMap<String, Hit>, AppError> {
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        if let Some(dictionary) = lookup.dictionary {
            return self.entries_of(dictionary, wanted).await;
        }
        let read = scope::of(self.writer.ctx(), lookup.def, lookup.naming);
        let mut found: HashMap<String, Hit> = HashMap::new();
        let mut add = |name: String, id: Uuid| {
            found
                .entry(name)
                .and_modify(|hit| {
                    if *hit != Hit::One(Value::Id(id)) {
                        *hit = Hit::Many;
                    }
                })
                .or_insert(Hit::One(Value::Id(id)));
        };
        match &lookup.by {
            By::Id => {
                let ids: Vec<Uuid> = wanted
                    .keys()
                    .filter_map(|text| Uuid::parse_str(text).ok())
                    .collect();
                for id in self.visible(lookup.def, &read, &ids).await? {
                    let text = wanted.keys().find(|text| Uuid::parse_str(text) == Ok(id));
                    add((*text.unwrap_or(&"")).to_owned(), id);
                }
            }
            By::External(source) => {
                let names: Vec<String> = wanted.keys().map(|name| (*name).to_owned()).collect();
                let workspace = self.writer.ctx().workspace.id;
                let tied =
                    external_ids::find(self.writer.session, workspace, lookup.def, source, &names)
                        .await?;
                let ids: Vec<Uuid> = tied.iter().map(|(_, id)| *id).collect();
                let visible = self.visible(lookup.def, &read, &ids).await?;
                for (name, id) in tied {
                    if visible.contains(&id) {
                        add(name, id);
                    }
                }
                for name in wanted.keys().filter(|_| self.writer.is_dry()) {
                    let key = Key::external(lookup.def.kind, source, name);
                    if let Some(row) = self.remembered(key)
                        && !found.contains_key(*name)
                    {
                        found.insert((*name).to_owned(), Hit::One(Value::Id(stand_in(row))));
                    }
                }
            }
            By::Field(name) => {
                let Some(field) = lookup.def.field(name) else {
                    return Ok(found);
                };
                // Written as the field is kept: an email in lower case, a telephone number in E.164.
                let circumstances = prepare::circumstances(self.writer.ctx());
                let mut asked: Vec<(&str, Value)> = Vec::new();
                for text in wanted.keys() {
                    let json = Json::from(*text);
                    if let Ok(value) = check::value(field, &json, circumstances) {
                        asked.push((text, value));
                    }
                }
                let values: Vec<Value> = asked.iter().map(|(_, value)| value.clone()).collect();
                let rows =
                    records::by_values(self.writer.session, lookup.def, &read, field, &values)
                        .await?;
                for (id, value) in rows {
                    for (text, _) in asked.iter().filter(|(_, asked)| *asked == value) {
                        add((*text).to_owned(), id);
                    }
                }
                for (text, value) in asked.iter().filter(|_| self.writer.is_dry()) {
                    let key = Key::value(lookup.def.kind, name, value.as_text().unwrap_or(""));
                    if let Some(row) = self.remembered(key)
                        && !found.contains_key(*text)
                    {
                        found.insert((*text).to_owned(), Hit::One(Value::Id(stand_in(row))));
                    }
                }
            }
        }
        Ok(found)
    }

    async fn visible(
        &self,
        def: &'static Def,
        read: &Scope,
        ids: &[Uuid],
    ) -> Result<Vec<Uuid>, AppError> {
        let Some(id) = def.field("id") else {
            return Ok(Vec::new());
        };
        let rows =
            records::get_many(self.writer.session, def, read, Trash::Outside, ids, &[id]).await?;
        Ok(rows.iter().map(Record::id).collect())
    }

    /// Entries of a dictionary by code, then by name.
    async fn entries_of(
        &mut self,
        dictionary: &str,
        wanted: &BTreeMap<&str, &FileRow>,
    ) -> Result<HashMap<String, Hit>, AppError> {
        let names: Vec<&str> = wanted.keys().copied().collect();
        let (session, workspace) = (self.writer.session, self.writer.workspace());
        let entries =
            kehu_persistence::organisation::entries(session, workspace, dictionary, &names).await?;
        let mut found = HashMap::new();
        for name in names {
            let by_code = entries.iter().find(|entry| entry.code == name);
            let known = by_code.or_else(|| entries.iter().find(|entry| entry.name == name));
            let remembered = || {
                let key = Key::value("dictionary_entry", dictionary, name);
                self.remembered(key).map(|_| name.to_owned())
            };
            if let Some(code) = known.map(|entry| entry.code.clone()).or_else(remembered) {
                found.insert(name.to_owned(), Hit::One(Value::Text(code)));
            }
        }
        Ok(found)
    }

    /// Makes the records of these names.
    async fn make(
        &mut self,
        lookup: &PlanLookup,
        plan: &Plan,
        wanted: &BTreeMap<&str, &FileRow>,
    ) -> Result<HashMap<String, Hit>, AppError> {
        let mut hits = HashMap::new();
        if wanted.is_empty() {
            return Ok(hits);
        }
        if !scope::may_import(&self.writer.ctx().actor, lookup.def) {
            let refused = |name: &&str| ((*name).to_owned(), Hit::Refused("may_not_create"));
            return Ok(wanted.keys().map(refused).collect());
        }
        let circumstances = prepare::circumstances(self.writer.ctx());
        let rows: Vec<FileRow> = wanted
            .values()
            .map(|row| FileRow::read(plan, row.number, row.cells.clone(), circumstances))
            .collect();
        let inner = self.find(plan, &rows, &|_, _| false).await?;
        let mut records = Vec::new();
        for (name, row) in wanted.keys().zip(&rows) {
            let mut settled = settle(plan, row, &inner);
            let problem = settled.problems.first().map(|problem| problem.code);
            let mut named = || -> Result<(), FieldProblem> {
                let text = Json::from(*name);
                let mut give = |field_name: &'static str, json: &Json| {
                    let Some(field) = lookup.def.field(field_name) else {
                        return Ok(());
                    };
                    let value = check::value(field, json, circumstances)?;
                    settled.values.push((field_name, value));
                    Ok(())
                };
                match (lookup.dictionary, &lookup.by) {
                    (Some(dictionary), _) => {
                        give("dictionary", &Json::from(dictionary))?;
                        give("code", &text)?;
                        give("name", &text)
                    }
                    (None, By::Field(field)) => give(field, &text),
                    (None, By::Id | By::External(_)) => Ok(()),
                }
            };
            let made = match (problem, named()) {
                (Some(code), _) => Err(code),
                (None, Err(problem)) => Err(problem.code),
                (None, Ok(())) => self
                    .writer
                    .author
                    .draft_of_values(lookup.def, settled.values)
                    .map_err(|problems| problems.first().map_or("invalid", |p| p.code)),
            };
            let key = match (&made, lookup.dictionary, &lookup.by) {
                (Ok(_), Some(dictionary), _) => {
                    Some(Key::value("dictionary_entry", dictionary, name))
                }
                (Ok(record), None, By::Field(field)) => {
                    let value = record.get(field).as_text().unwrap_or("");
                    Some(Key::value(lookup.def.kind, field, value))
                }
                _ => None,
            };
            if let Some(key) = key {
                self.seen.remember(key, row.number);
            }
            let hit = match made {
                Ok(record) if lookup.dictionary.is_some() => {
                    let code = record.get("code").clone();
                    records.push(record);
                    Hit::One(code)
                }
                Ok(record) => {
                    let id = if self.writer.is_dry() {
                        stand_in(row.number)
                    } else {
                        record.id()
                    };
                    records.push(record);
                    Hit::One(Value::Id(id))
                }
                Err(code) => Hit::Refused(code),
            };
            hits.insert((*name).to_owned(), hit);
        }
        self.write(lookup.def, &mut records).await?;
        Ok(hits)
    }

    /// Makes records of another kind that rows of the file need.
    async fn write(&mut self, def: &'static Def, records: &mut [Record]) -> Result<(), AppError> {
        if records.is_empty() {
            return Ok(());
        }
        self.made
            .push((def, records.iter().map(Record::id).collect()));
        self.writer.insert(def, records).await
    }

    /// Makes the tags that records carry and that there are not yet; they are taken back with what
    /// the import made.
    pub(super) async fn make_tags(&mut self, names: &[(String, i64)]) -> Result<(), AppError> {
        let mut missing: BTreeMap<&str, i64> = BTreeMap::new();
        for (name, row) in names {
            let key = Key::value("tag", "name", name);
            if !self.writer.organisation().has_tag(name) && self.remembered(key).is_none() {
                missing.entry(name).or_insert(*row);
            }
        }
        let Some(field) = tag::DEF.field("name").filter(|_| !missing.is_empty()) else {
            return Ok(());
        };
        let values: Vec<Value> = missing
            .keys()
            .map(|name| Value::Text((*name).to_owned()))
            .collect();
        let everything = everything(self.writer.ctx());
        let session = self.writer.session;
        let there = records::by_values(session, &tag::DEF, &everything, field, &values).await?;
        for (_, value) in &there {
            missing.remove(value.as_text().unwrap_or(""));
        }
        let mut made = Vec::new();
        for (name, row) in missing {
            let values = vec![("name", Value::Text(name.to_owned()))];
            if let Ok(record) = self.writer.author.draft_of_values(&tag::DEF, values) {
                made.push(record);
            }
            self.seen.remember(Key::value("tag", "name", name), row);
        }
        self.write(&tag::DEF, &mut made).await
    }
}

/// All records of the workspace, whoever may see them.
pub(super) fn everything(ctx: &Ctx) -> Scope {
    Scope::system(ctx.workspace.id, Reason::Consistency)
}

/// What a row's cells come to, with what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub(super) values: Vec<(&'static str, Value)>,
    pub(super) problems: Vec<Unsettled>,
}

/// A cell that came to nothing.
#[derive(Debug)]
pub(super) struct Unsettled {
    /// The number of the plan's field.
    pub(super) at: usize,
    /// Why.
    pub(super) code: &'static str,
    /// Figures for the text.
    pub(super) params: Json,
    /// The name that led nowhere, if it is one.
    pub(super) name: Option<String>,
}

/// Puts what names lead to into a row's values.
pub(super) fn settle(plan: &Plan, row: &FileRow, hits: &Hits) -> Settled {
    let mut settled = Settled::default();
    for problem in &row.read.problems {
        settled.problems.push(Unsettled {
            at: problem.at,
            code: problem.code,
            params: problem.params.clone(),
            name: None,
        });
    }
    for (at, given) in &row.read.given {
        let Some(field) = plan.fields.get(*at) else {
            continue;
        };
        let led_nowhere = |name: &str| {
            let code = match hits.get(&(*at, name.to_owned())) {
                Some(Hit::Many) => "ambiguous",
                Some(Hit::Refused(code)) => code,
                _ if field
                    .lookup
                    .as_ref()
                    .is_some_and(|l| l.dictionary.is_some()) =>
                {
                    "unknown_code"
                }
                _ => "not_found",
            };
            Unsettled {
                at: *at,
                code,
                params: serde_json::json!({ "name": name }),
                name: Some(name.to_owned()),
            }
        };
        let found = |name: &str| match hits.get(&(*at, name.to_owned())) {
            Some(Hit::One(value)) => Ok(value.clone()),
            _ => Err(led_nowhere(name)),
        };
        let value = match given {
            Given::Value(value) => Ok(value.clone()),
            Given::Find(name) => found(name),
            Given::FindAll(names) => names
                .iter()
                .map(|name| found(name))
                .map(|hit| Ok(hit?.as_id().unwrap_or_default().to_string()))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::List),
        };
        match value {
            Ok(value) => settled.values.push((field.field.name, value)),
            Err(problem) => settled.problems.push(problem),
        }
    }
    settled
}
