//! The one way out: a record leaves the use cases as a [`Shown`], made of who asks, its kind and the
//! fields that they may see, masked where they see only a part. Nothing else of a record can be sent.

use std::sync::Arc;

use kehu_domain::ctx::{Ctx, Owners};
use kehu_domain::def::{Def, Field};
use kehu_domain::record::Record;
use kehu_domain::rights::Action;
use kehu_domain::sight::{Sight, Veil};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::error::AppError;
use crate::feed::Change;

/// Refuses what is computed from fields that the caller does not see whole, for a sum tells of its
/// parts, and from records of which they see less than of what these belong to, for it would be wrong.
///
/// # Errors
/// [`AppError::Forbidden`] where something of it is kept from the caller.
pub(crate) fn computed_from(ctx: &Ctx, def: &Def, fields: &[&str]) -> Result<(), AppError> {
    let apart = def.above().is_empty();
    let seen = apart || ctx.actor.owners(def, Action::View) == Owners::All;
    if seen && fields.iter().all(|field| ctx.actor.may_ask(def, field)) {
        Ok(())
    } else {
        Err(AppError::Forbidden("fields_kept"))
    }
}

/// A record with the fields that were asked for, as far as who asks sees them. It is written as it is,
/// without a tree of JSON values in between: that is what a page of fifty records costs most.
#[derive(Debug, Clone)]
pub struct Shown {
    record: Record,
    fields: Arc<[&'static Field]>,
    sight: Sight,
    expanded: Vec<(String, Json)>,
}

impl Shown {
    /// Shows all of a record that the caller may see.
    #[must_use]
    pub fn of(ctx: &Ctx, def: &'static Def, record: Record) -> Self {
        Self::with(
            Sight::of(&ctx.actor, def),
            record,
            def.all_fields().collect(),
            Vec::new(),
        )
    }

    /// Shows these fields of a record, and these expansions beside them.
    pub(crate) const fn with(
        sight: Sight,
        record: Record,
        fields: Arc<[&'static Field]>,
        expanded: Vec<(String, Json)>,
    ) -> Self {
        Self {
            record,
            fields,
            sight,
            expanded,
        }
    }

    /// The record's id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.record.id()
    }

    /// The record's version: its `ETag`.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.record.version()
    }

    /// The whole record, for use cases that go on with it.
    pub(crate) const fn record(&self) -> &Record {
        &self.record
    }

    /// The id that a field of it holds, as far as who asks sees it.
    #[must_use]
    pub fn id_in(&self, field: &str) -> Option<Uuid> {
        let seen = self.sight.veil(field).is_none();
        self.record.get(field).as_id().filter(|_| seen)
    }

    /// The same as a tree of JSON values.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Json> {
        let fields = self.fields.iter().map(|field| {
            let value = self.record.get(field.name);
            let seen = self.sight.seen(field.name, value);
            let value = seen.as_ref().unwrap_or(value).to_json();
            (field.name.to_owned(), value)
        });
        fields.chain(self.expanded.iter().cloned()).collect()
    }
}

impl From<Shown> for Json {
    fn from(shown: Shown) -> Self {
        Self::Object(shown.to_map())
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let whole = self.sight.is_whole();
        // Both are in the order of the declaration; the record may carry more, for its order.
        let mut carried = self.record.iter();
        for field in self.fields.iter() {
            if let Some((name, value)) = carried.find(|(name, _)| *name == field.name) {
                match self.sight.seen(name, value).filter(|_| !whole) {
                    None => map.serialize_entry(name, value)?,
                    Some(seen) => map.serialize_entry(name, &seen)?,
                }
            }
        }
        for (name, value) in &self.expanded {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A change as far as the caller sees the fields of its record: values are masked or left out as on
/// the record itself.
pub(crate) fn seen_change(ctx: &Ctx, def: &Def, mut change: Change) -> Change {
    let sight = Sight::of(&ctx.actor, def);
    if sight.is_whole() {
        return change;
    }
    if let Some(fields) = change.fields.as_object_mut() {
        fields.retain(|name, _| sight.veil(name) != Some(Veil::Hidden));
        for (name, pair) in fields.iter_mut() {
            for value in pair.as_array_mut().into_iter().flatten() {
                if let Some(seen) = sight.seen_json(name, value) {
                    *value = seen;
                }
            }
        }
    }
    change
}

#[cfg(test)]
mod tests {
    use kehu_domain::lead::DEF;
    use kehu_domain::sight::Veils;
    use kehu_domain::value::Value;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_what_the_map_holds() {
        let mut record = Record::default();
        for field in DEF.all_fields() {
            record.push(field.name, Value::Text(format!("\"{}\"", field.name)));
        }
        let some = ["id", "name", "status", "collaborator_ids"];
        let fields = DEF.all_fields().filter(|field| some.contains(&field.name));
        let expanded = vec![("owner".to_owned(), Json::from("Ada"))];
        let fields: Arc<[_]> = fields.collect();
        let name = DEF.field("name").unwrap();
        let veiled = |veil| Veils::default().with(&DEF, name, veil);
        for (veils, seen) in [
            (Veils::default(), json!("\"name\"")),
            (veiled(Veil::Masked), json!("\"****")),
            (veiled(Veil::Hidden), Json::Null),
        ] {
            let sight = Sight::behind(Arc::new(veils), &DEF);
            let fields = Arc::clone(&fields);
            let shown = Shown::with(sight, record.clone(), fields, expanded.clone());
            let written = serde_json::to_value(&shown).unwrap();
            assert_eq!(written, Json::Object(shown.to_map()));
            assert_eq!(written["name"], seen);
            assert_eq!(shown.to_map().len(), some.len() + 1);
        }
    }
}
