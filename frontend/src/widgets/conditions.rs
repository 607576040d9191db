//! Conditions of a filter: as text in the expression language, and in words.

use kehu_domain::def::{Def, Field, Type};
use kehu_wire::expression::Condition;
use serde_json::Value;

use crate::i18n::find;
use crate::t;
use crate::widgets::{cells, kinds};

/// The comparisons that a filter builder offers for a type, the most useful first.
pub(crate) const fn operators(ty: Type) -> &'static [&'static str] {
    match ty {
        Type::Text(_) | Type::LongText(_) | Type::Email | Type::Phone | Type::Url => {
            &["contains", "eq", "starts_with", "is_null", "is_not_null"]
        }
        Type::Int(..) | Type::Money => &["ge", "le", "eq", "is_null", "is_not_null"],
        Type::Bool => &["eq"],
        Type::Date | Type::Time => &["ge", "lt", "is_null", "is_not_null"],
        Type::Choice(_) | Type::Dictionary(_) | Type::Ref(_) => {
            &["in", "not_in", "is_null", "is_not_null"]
        }
        Type::Refs(_) | Type::Tags | Type::Texts => &["has", "is_null", "is_not_null"],
        Type::Json | Type::Lines => &[],
    }
}

/// The name of a comparison.
pub(crate) fn operator_name(ty: Type, op: &str) -> &'static str {
    let time = matches!(ty, Type::Date | Type::Time);
    match op {
        "ge" if time => t!("list.op.after"),
        "lt" if time => t!("list.op.before"),
        _ => find(&format!("list.op.{op}")).unwrap_or_default(),
    }
}

/// Whether a comparison needs a value.
pub(crate) fn needs_value(op: &str) -> bool {
    !matches!(op, "is_null" | "is_not_null")
}

/// All conditions at once as text.
pub(crate) fn to_text(def: &Def, conditions: &[Condition]) -> String {
    let parts: Vec<String> = conditions
        .iter()
        .filter_map(|condition| Some(one_to_text(def.field(&condition.field)?, condition)))
        .collect();
    parts.join(" && ")
}

fn one_to_text(field: &Field, condition: &Condition) -> String {
    let (name, value) = (field.name, literal(field, &condition.value));
    match condition.op.as_str() {
        "ne" => format!("{name} != {value}"),
        "lt" => format!("{name} < {value}"),
        "le" => format!("{name} <= {value}"),
        "gt" => format!("{name} > {value}"),
        "ge" => format!("{name} >= {value}"),
        "in" => format!("{name} in {value}"),
        "not_in" => format!("!({name} in {value})"),
        "contains" => format!("{name}.contains({value})"),
        "starts_with" => format!("{name}.startsWith({value})"),
        "ends_with" => format!("{name}.endsWith({value})"),
        "has" => format!("{value} in {name}"),
        "is_null" if field.ty.is_list() => format!("size({name}) == 0"),
        "is_null" => format!("{name} == null"),
        "is_not_null" if field.ty.is_list() => format!("size({name}) != 0"),
        "is_not_null" => format!("{name} != null"),
        _ => format!("{name} == {value}"),
    }
}

/// A value as it stands in an expression.
fn literal(field: &Field, value: &Value) -> String {
    match (value, field.ty) {
        (Value::Array(values), _) => {
            let parts: Vec<String> = values.iter().map(|value| literal(field, value)).collect();
            format!("[{}]", parts.join(", "))
        }
        (Value::Object(_), Type::Money) => {
            let code = value
                .get("currency")
                .and_then(Value::as_str)
                .unwrap_or_default();
            format!(
                "money(\"{}\", \"{code}\")",
                crate::format::major_units(value)
            )
        }
        (Value::Object(map), _) => map
            .get("expr")
            .and_then(Value::as_str)
            .unwrap_or("null")
            .to_owned(),
        (Value::String(text), Type::Date | Type::Time) => {
            let function = if text.len() == 10 {
                "date"
            } else {
                "timestamp"
            };
            format!("{function}({})", quoted(text))
        }
        (Value::String(text), _) => quoted(text),
        (other, _) => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A condition in words, for its chip.
pub(crate) fn in_words(def: &'static Def, condition: &Condition) -> String {
    let Some(field) = def.field(&condition.field) else {
        return condition.field.clone();
    };
    let name = kinds::field_name(def, field.name);
    let op = condition.op.as_str();
    if !needs_value(op) {
        return format!("{name} {}", operator_name(field.ty, op));
    }
    let value = value_in_words(def, field, &condition.value);
    match op {
        "eq" | "in" | "has" => format!("{name}: {value}"),
        _ => format!("{name} {} {value}", operator_name(field.ty, op)),
    }
}

fn value_in_words(def: &'static Def, field: &'static Field, value: &Value) -> String {
    match value {
        Value::Array(values) => {
            let parts: Vec<String> = values
                .iter()
                .map(|value| value_in_words(def, field, value))
                .collect();
            parts.join(t!("common.list_separator"))
        }
        Value::Object(map) => match map.get("expr").and_then(Value::as_str) {
            Some("me") => t!("list.me").to_owned(),
            Some("now") => t!("list.now").to_owned(),
            Some("today") => t!("list.today").to_owned(),
            Some(expression) => expression.to_owned(),
            None => cells::value_text(def, field, value),
        },
        Value::String(day) if matches!(field.ty, Type::Time) && day.len() == 10 => {
            crate::format::day(day)
        }
        Value::String(id) if matches!(field.ty, Type::Refs(_)) => match field.ty {
            Type::Refs(kind) => kehu_domain::kinds::find(kind)
                .map(|def| crate::widgets::lookups::Lookups::here().title(def, id))
                .unwrap_or_default(),
            _ => String::new(),
        },
        _ => cells::value_text(def, field, value),
    }
}
