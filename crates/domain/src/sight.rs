//! What a person sees of the fields of a kind: whole, masked, or not at all. One decision for
//! everything that leaves: records, titles, history, and what may be asked with a field.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ctx::Actor;
use crate::def::{Def, Field, Type};
use crate::record::Record;
use crate::value::Value;

/// How a field is kept from somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Veil {
    /// They see enough to recognise it: `138****1234`. What is no text is not seen at all.
    Masked,
    /// They do not see that there is a value.
    Hidden,
}

/// The fields that are kept from somebody, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Veils {
    of: BTreeMap<&'static str, BTreeMap<&'static str, Veil>>,
}

impl Veils {
    /// The same with a field of a kind kept from them.
    #[must_use]
    pub fn with(mut self, def: &Def, field: &Field, veil: Veil) -> Self {
        self.of
            .entry(def.kind)
            .or_default()
            .insert(field.name, veil);
        self
    }

    /// How a field of a kind is kept from them; `None` when they see it whole.
    #[must_use]
    pub fn of(&self, def: &Def, field: &str) -> Option<Veil> {
        self.of.get(def.kind)?.get(field).copied()
    }

    /// Whether they may filter, sort, group, sum or look for duplicates by a field of a kind: what is
    /// not seen whole would be found out by asking.
    #[must_use]
    pub fn may_ask(&self, def: &Def, field: &str) -> bool {
        let of_kind = self.of.get(def.kind);
        of_kind.is_none_or(|fields| !fields.contains_key(field))
    }
}

/// What somebody sees of the fields of one kind.
#[derive(Debug, Clone)]
pub struct Sight {
    veils: Arc<Veils>,
    kind: &'static str,
}

impl Sight {
    /// What an actor sees of a kind.
    #[must_use]
    pub fn of(actor: &Actor, def: &Def) -> Self {
        Self::behind(Arc::clone(actor.rights.veils()), def)
    }

    /// What is seen of a kind behind these veils.
    #[must_use]
    pub const fn behind(veils: Arc<Veils>, def: &Def) -> Self {
        Self {
            veils,
            kind: def.kind,
        }
    }

    /// How a field is kept from them; `None` when they see it whole.
    #[must_use]
    pub fn veil(&self, field: &str) -> Option<Veil> {
        self.veils.of.get(self.kind)?.get(field).copied()
    }

    /// Whether they see all fields whole.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.veils.of.contains_key(self.kind)
    }

    /// As [`Veils::may_ask`].
    #[must_use]
    pub fn may_ask(&self, field: &str) -> bool {
        self.veil(field).is_none()
    }

    /// What they see of a value of a field; `None` when it is seen as it is.
    #[must_use]
    pub fn seen(&self, field: &str, value: &Value) -> Option<Value> {
        match self.veil(field)? {
            Veil::Hidden => Some(Value::Null),
            Veil::Masked => Some(match value {
                Value::Text(text) => Value::Text(masked(text)),
                _ => Value::Null,
            }),
        }
    }

    /// What they see of a value of a field that was written as JSON, in a log: texts are masked, all
    /// else is left out.
    #[must_use]
    pub fn seen_json(&self, field: &str, value: &serde_json::Value) -> Option<serde_json::Value> {
        match self.veil(field)? {
            Veil::Hidden => Some(serde_json::Value::Null),
            Veil::Masked => Some(match value {
                serde_json::Value::String(text) => serde_json::Value::String(masked(text)),
                _ => serde_json::Value::Null,
            }),
        }
    }

    /// The text that names a record to them; empty when they see none of the fields that could.
    #[must_use]
    pub fn title(&self, def: &Def, record: &Record) -> String {
        let seen = |name: &&'static str| {
            let value = record.get(name);
            let seen = self.seen(name, value);
            let text = seen.as_ref().unwrap_or(value).as_text()?;
            Some(text.to_owned())
        };
        def.title.iter().find_map(seen).unwrap_or_default()
    }
}

/// A text of which only so much is left that who knows it recognises it: three letters from the
/// beginning and four from the end of what is long, the first of what is short, and all that follows
/// the `@` of an address.
#[must_use]
pub fn masked(text: &str) -> String {
    let (name, rest) = match text.rsplit_once('@') {
        Some((name, domain)) => (name, format!("@{domain}")),
        None => (text, String::new()),
    };
    let letters: Vec<char> = name.chars().collect();
    let (first, last) = match letters.len() {
        0 | 1 => (0, 0),
        2..=7 => (1, 0),
        8..=10 => (2, 2),
        _ if name.starts_with('+') => (6, 4),
        _ => (3, 4),
    };
    let first: String = letters.iter().take(first).collect();
    let last: String = letters.iter().skip(letters.len() - last).collect();
    format!("{first}****{last}{rest}")
}

/// The types of fields whose values a mask can show a part of.
#[must_use]
pub const fn can_be_masked(ty: Type) -> bool {
    matches!(
        ty,
        Type::Text(_) | Type::LongText(_) | Type::Email | Type::Phone | Type::Url
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead;

    #[test]
    fn a_mask_leaves_what_one_recognises() {
        for (text, seen) in [
            ("+8613800138000", "+86138****8000"),
            ("13800138000", "138****8000"),
            ("ada@example.com", "a****@example.com"),
            ("Li", "L****"),
            ("王", "****"),
            ("", "****"),
            ("ada.lovelace@example.com", "ada****lace@example.com"),
        ] {
            assert_eq!(masked(text), seen, "{text}");
        }
    }

    #[test]
    fn a_title_is_made_of_what_is_seen() {
        let mut record = Record::default();
        for field in lead::DEF.all_fields() {
            record.push(field.name, Value::Null);
        }
        record.put(lead::field::PHONE, "+8613800138000".to_owned());
        let veils = |veil| {
            let field = lead::DEF.field("phone").unwrap();
            let veils = Veils::default().with(&lead::DEF, field, veil);
            Sight::behind(Arc::new(veils), &lead::DEF)
        };
        assert_eq!(
            veils(Veil::Masked).title(&lead::DEF, &record),
            "+86138****8000"
        );
        assert_eq!(veils(Veil::Hidden).title(&lead::DEF, &record), "");
        assert!(!veils(Veil::Hidden).may_ask("phone"));
        assert!(veils(Veil::Hidden).may_ask("name"));
    }
}
