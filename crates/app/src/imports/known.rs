//! What stands in the store already that rows may repeat: asked for many rows at once.

use std::collections::{BTreeMap, HashMap, HashSet};

use kehu_domain::def::{Field, Unique};
use kehu_domain::import::OnDuplicate;
use kehu_domain::import::plan::Plan;
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use kehu_persistence::records::{self, Trash};
use kehu_persistence::{duplicates, external_ids};
use uuid::Uuid;

use crate::error::AppError;
use crate::imports::lookups::{Finder, everything};
use crate::imports::memory::Key;
use crate::prepare;

/// A way in which a record can be the same as another.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// The field; empty for the external id.
    pub(super) field: &'static str,
    /// What both would have.
    pub(super) key: Key,
    /// Whether two records can't have it, whatever the mapping says.
    pub(super) strict: bool,
}

/// The records of the store that rows repeat.
#[derive(Debug, Default)]
pub(super) struct Known {
    records: HashMap<Key, Uuid>,
    similar: HashMap<Key, (Uuid, String)>,
}

impl Known {
    /// The record that has this already.
    pub(super) fn record(&self, key: Key) -> Option<Uuid> {
        self.records.get(&key).copied()
    }

    /// The oldest record with the same company's name, folded, and how it spells it.
    pub(super) fn similar(&self, key: Key) -> Option<(Uuid, &str)> {
        let (id, name) = self.similar.get(&key)?;
        Some((*id, name))
    }

    /// Asks the store for everything that these records could repeat.
    pub(super) async fn ask(
        finder: &Finder<'_>,
        plan: &Plan,
        records: &[Record],
        external: &[String],
    ) -> Result<Self, AppError> {
        let mut known = Self::default();
        let writer = finder.writer;
        let (session, workspace) = (writer.session, writer.workspace());
        let def = plan.def;
        if plan.on_duplicate != OnDuplicate::Create {
            for found in prepare::certain_duplicates(session, writer.ctx(), def, records).await? {
                let key = Key::value(def.kind, found.field, &found.value);
                known.records.entry(key).or_insert(found.record_id);
            }
        }
        known.ask_fields(finder, plan, records).await?;
        if let Some((source, _)) = &plan.external_id {
            let tied = external_ids::find(session, workspace, def, source, external).await?;
            let ids: Vec<Uuid> = tied.iter().map(|(_, id)| *id).collect();
            let id_field: Vec<&'static Field> = def.field("id").into_iter().collect();
            let all = everything(finder.writer.ctx());
            let live =
                records::get_many(session, def, &all, Trash::Outside, &ids, &id_field).await?;
            let live: HashSet<Uuid> = live.iter().map(Record::id).collect();
            for (id, record) in tied {
                if live.contains(&record) {
                    known
                        .records
                        .insert(Key::external(def.kind, source, &id), record);
                } else if !writer.is_dry() {
                    // What lies in the trash gives its external id to the new one.
                    external_ids::remove(session, workspace, def, source, &id).await?;
                }
            }
        }
        let keys: HashSet<String> = records
            .iter()
            .filter_map(|record| duplicates::similarity_key(def, record))
            .collect();
        let keys: Vec<String> = keys.into_iter().collect();
        for found in duplicates::similar(session, workspace, def, &keys).await? {
            let key = Key::company(def.kind, &found.key);
            let oldest = (found.record_id, found.name);
            known.similar.entry(key).or_insert(oldest);
        }
        Ok(known)
    }

    /// Asks for values that may stand only once, and for those that the mapping recognises records
    /// by.
    async fn ask_fields(
        &mut self,
        finder: &Finder<'_>,
        plan: &Plan,
        records: &[Record],
    ) -> Result<(), AppError> {
        let all = everything(finder.writer.ctx());
        let def = plan.def;
        let fields = def.fields.iter().filter(|field| {
            let named = plan.identify_by.iter().any(|by| by.name == field.name);
            field.unique != Unique::No || (named && plan.on_duplicate != OnDuplicate::Create)
        });
        for field in fields {
            let mut values: BTreeMap<&str, Value> = BTreeMap::new();
            for record in records {
                if let Some(text) = record.get(field.name).as_text() {
                    values.insert(text, record.get(field.name).clone());
                }
            }
            let values: Vec<Value> = values.into_values().collect();
            let found =
                records::by_values(finder.writer.session, def, &all, field, &values).await?;
            let within = match field.unique {
                Unique::Within(other) => def.field(other),
                Unique::No | Unique::Workspace => None,
            };
            let others: HashMap<Uuid, String> = match (within, def.field("id")) {
                (Some(other), Some(id)) => {
                    let ids: Vec<Uuid> = found.iter().map(|(id, _)| *id).collect();
                    let of = [id, other];
                    let rows = records::get_many(
                        finder.writer.session,
                        def,
                        &all,
                        Trash::Outside,
                        &ids,
                        &of,
                    );
                    let text = |record: &Record| record.get(other.name).to_json().to_string();
                    rows.await?
                        .iter()
                        .map(|record| (record.id(), text(record)))
                        .collect()
                }
                _ => HashMap::new(),
            };
            for (id, value) in found {
                let value = value.as_text().unwrap_or_default();
                let key = match others.get(&id) {
                    Some(other) => Key::value(def.kind, field.name, &format!("{other} {value}")),
                    None => Key::value(def.kind, field.name, value),
                };
                self.records.entry(key).or_insert(id);
            }
        }
        Ok(())
    }
}

/// Everything by which a record could be the same as another, the surest first.
pub(super) fn marks(plan: &Plan, record: &Record, external: Option<&str>) -> Vec<Mark> {
    let def = plan.def;
    let mut marks = Vec::new();
    if let (Some((source, _)), Some(id)) = (&plan.external_id, external) {
        marks.push(Mark {
            field: "",
            key: Key::external(def.kind, source, id),
            strict: true,
        });
    }
    for field in def.fields {
        let named = plan.identify_by.iter().any(|by| by.name == field.name);
        let strict = field.unique != Unique::No;
        if !(strict || field.duplicate_key || named) {
            continue;
        }
        let Some(value) = record.get(field.name).as_text() else {
            continue;
        };
        let key = match field.unique {
            Unique::Within(other) => {
                let other = record.get(other).to_json().to_string();
                Key::value(def.kind, field.name, &format!("{other} {value}"))
            }
            Unique::No | Unique::Workspace => Key::value(def.kind, field.name, value),
        };
        marks.push(Mark {
            field: field.name,
            key,
            strict,
        });
    }
    marks
}
