//! Records as they cross the wire: the fields asked for, and what they refer to.

use std::sync::Arc;

use kehu_domain::def::Field;
use kehu_domain::record::Record;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

/// A record with the fields that were asked for. It is written as it is, without a tree of JSON values
/// in between: that is what a page of fifty records costs most.
#[derive(Debug, Clone)]
pub struct Shown {
    record: Record,
    fields: Arc<[&'static Field]>,
    expanded: Vec<(String, Json)>,
}

impl Shown {
    /// Shows these fields of a record, and these expansions beside them.
    pub(crate) const fn new(
        record: Record,
        fields: Arc<[&'static Field]>,
        expanded: Vec<(String, Json)>,
    ) -> Self {
        Self {
            record,
            fields,
            expanded,
        }
    }

    /// The same as a tree of JSON values.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Json> {
        let fields = self.fields.iter().map(|field| {
            let value = self.record.get(field.name).to_json();
            (field.name.to_owned(), value)
        });
        fields.chain(self.expanded.iter().cloned()).collect()
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        // Both are in the order of the declaration; the record may carry more, for its order.
        let mut carried = self.record.iter();
        for field in self.fields.iter() {
            if let Some((name, value)) = carried.find(|(name, _)| *name == field.name) {
                map.serialize_entry(name, value)?;
            }
        }
        for (name, value) in &self.expanded {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use kehu_domain::lead::DEF;
    use kehu_domain::value::Value;

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
        let shown = Shown::new(record, fields.collect(), expanded);
        let written = serde_json::to_value(&shown).unwrap();
        assert_eq!(written, Json::Object(shown.to_map()));
        assert_eq!(shown.to_map().len(), some.len() + 1);
    }
}
