//! Checks a body against a declaration and makes values of it, collecting every problem.
//!
//! The app in the browser checks with the same code as the server, which knows more of telephone
//! numbers.

use chrono::{DateTime, NaiveDate, Timelike, Utc};
use iso_currency::Currency;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::def::{Def, Default, Field, FieldProblem, Type, Write};
use crate::money::{self, MAX_AMOUNT, Money};
use crate::record::Record;
use crate::value::Value;

/// The most values that a list field holds.
pub const MAX_LIST: usize = 200;

/// What checking needs to know beside the declaration.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The workspace's currency.
    pub currency: Currency,
    /// The country whose telephone numbers are written without a prefix: `CN`.
    pub country: &'a str,
    /// Who acts.
    pub actor: Uuid,
    /// When.
    pub now: DateTime<Utc>,
}

/// Makes a new record of a body: its own fields only, with defaults. All problems are collected.
///
/// # Errors
/// Every problem of every field.
pub fn new_record(
    def: &'static Def,
    body: &Map<String, Json>,
    circumstances: Circumstances<'_>,
) -> Result<Record, Vec<FieldProblem>> {
    let mut problems = unknown_fields(def, body);
    let mut record = Record::with_capacity(def.fields.len() + 8);
    for field in def.fields {
        let value = match body.get(field.name) {
            Some(_) if !field.on_new() => {
                problems.push(FieldProblem::new(field.name, "read_only"));
                Value::Null
            }
            Some(json) => match value(field, json, circumstances) {
                Ok(value) => value,
                Err(problem) => {
                    problems.push(problem);
                    // A wrong value is not also a missing one.
                    record.push(field.name, Value::Null);
                    continue;
                }
            },
            None => default(field, circumstances),
        };
        if field.required && value.is_null() {
            problems.push(FieldProblem::new(field.name, "required"));
        }
        record.push(field.name, value);
    }
    if problems.is_empty() {
        problems.extend((def.check)(None, &record));
    }
    if problems.is_empty() {
        Ok(record)
    } else {
        Err(problems)
    }
}

/// Makes a new record of values that are checked each by themselves already: defaults, what is
/// required, and what must hold between fields. All problems are collected.
///
/// # Errors
/// Every problem of every field.
pub fn complete(
    def: &'static Def,
    mut given: Vec<(&'static str, Value)>,
    circumstances: Circumstances<'_>,
) -> Result<Record, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut record = Record::with_capacity(def.fields.len() + 8);
    for field in def.fields {
        let value = match given.iter().position(|(name, _)| *name == field.name) {
            Some(at) => given.swap_remove(at).1,
            None => default(field, circumstances),
        };
        if field.required && value.is_null() {
            problems.push(FieldProblem::new(field.name, "required"));
        }
        record.push(field.name, value);
    }
    if problems.is_empty() {
        problems.extend((def.check)(None, &record));
    }
    if problems.is_empty() {
        Ok(record)
    } else {
        Err(problems)
    }
}

/// Applies a merge patch: an absent field stays, `null` empties. All problems are collected.
///
/// # Errors
/// Every problem of every field.
pub fn patched(
    def: &'static Def,
    before: &Record,
    body: &Map<String, Json>,
    circumstances: Circumstances<'_>,
) -> Result<Record, Vec<FieldProblem>> {
    let mut problems = unknown_fields(def, body);
    let mut after = before.clone();
    for field in def.fields {
        let Some(json) = body.get(field.name) else {
            continue;
        };
        match value(field, json, circumstances) {
            Ok(value) if value == *before.get(field.name) => {}
            Ok(_) if !field.on_patch() => {
                problems.push(FieldProblem::new(field.name, "read_only"));
            }
            Ok(value) => {
                if field.required && value.is_null() {
                    problems.push(FieldProblem::new(field.name, "required"));
                }
                after.set(field.name, value);
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        problems.extend((def.check)(Some(before), &after));
    }
    if problems.is_empty() {
        Ok(after)
    } else {
        Err(problems)
    }
}

/// The names in a body that the kind does not have, and those that only the engine sets.
fn unknown_fields(def: &'static Def, body: &Map<String, Json>) -> Vec<FieldProblem> {
    body.keys()
        .filter_map(|name| match def.field(name) {
            None => Some(problem_at(name, "unknown_field")),
            Some(field) if field.write == Write::Engine => Some(problem_at(name, "read_only")),
            Some(_) => None,
        })
        .collect()
}

/// A problem of a name that a caller chose: escaped as JSON pointers are.
fn problem_at(name: &str, code: &'static str) -> FieldProblem {
    FieldProblem::new(&name.replace('~', "~0").replace('/', "~1"), code)
}

fn default(field: &Field, circumstances: Circumstances<'_>) -> Value {
    match field.default {
        Default::Null if field.ty.is_list() => Value::List(Vec::new()),
        Default::Null => Value::Null,
        Default::Bool(value) => Value::Bool(value),
        Default::Int(value) => Value::Int(value),
        Default::Text(value) => Value::Text(value.to_owned()),
        Default::Actor => Value::Id(circumstances.actor),
        Default::Now => Value::Time(circumstances.now),
    }
}

/// Makes a field's value of what a body gives for it.
///
/// # Errors
/// What is wrong with it.
pub fn value(
    field: &Field,
    json: &Json,
    circumstances: Circumstances<'_>,
) -> Result<Value, FieldProblem> {
    if json.is_null() {
        return Ok(if field.ty.is_list() {
            Value::List(Vec::new())
        } else {
            Value::Null
        });
    }
    let problem = |code| FieldProblem::new(field.name, code);
    let wrong_type = |expected: &str| problem("wrong_type").with(json!({ "expected": expected }));
    let text = || json.as_str().ok_or_else(|| wrong_type("text"));
    match field.ty {
        Type::Text(max) | Type::LongText(max) => {
            let lines = matches!(field.ty, Type::LongText(_));
            bounded_text(field, text()?, max, lines)
        }
        Type::Email => match bounded_text(field, text()?, 254, false)? {
            Value::Text(address) if !is_email(&address) => Err(problem("email_invalid")),
            Value::Text(address) => Ok(Value::Text(email_key(&address))),
            other => Ok(other),
        },
        Type::Phone => match bounded_text(field, text()?, 60, false)? {
            Value::Text(number) => phone(&number, circumstances.country)
                .map(Value::Text)
                .ok_or_else(|| problem("phone_invalid")),
            other => Ok(other),
        },
        Type::Url => match bounded_text(field, text()?, 500, false)? {
            Value::Text(address) if !is_web_address(&address) => Err(problem("url_invalid")),
            other => Ok(other),
        },
        Type::Int(min, max) => {
            let number = json.as_i64().ok_or_else(|| wrong_type("integer"))?;
            if number < min || number > max {
                return Err(problem("out_of_range").with(json!({"min": min, "max": max})));
            }
            Ok(Value::Int(number))
        }
        Type::Bool => json
            .as_bool()
            .map(Value::Bool)
            .ok_or_else(|| wrong_type("boolean")),
        Type::Date => date(text()?)
            .map(Value::Date)
            .ok_or_else(|| problem("date_invalid")),
        Type::Time => time(text()?)
            .map(Value::Time)
            .ok_or_else(|| problem("time_invalid")),
        Type::Money => money_value(field, json, circumstances.currency),
        Type::Choice(codes) => {
            let code = text()?;
            if codes.contains(&code) {
                Ok(Value::Text(code.to_owned()))
            } else {
                Err(problem("unknown_choice").with(json!({ "choices": codes })))
            }
        }
        Type::Dictionary(_) => bounded_text(field, text()?, 60, false),
        Type::Ref(_) => Uuid::parse_str(text()?)
            .ok()
            .map(Value::Id)
            .ok_or_else(|| problem("id_invalid")),
        Type::Refs(_) | Type::Tags | Type::Texts => list(field, json),
        Type::Json | Type::Lines => Ok(Value::Json(json.clone())),
    }
}

fn bounded_text(field: &Field, text: &str, max: usize, lines: bool) -> Result<Value, FieldProblem> {
    let allowed = |c: char| !c.is_control() || (lines && matches!(c, '\n' | '\r' | '\t'));
    if !text.chars().all(allowed) {
        return Err(FieldProblem::new(field.name, "control_character"));
    }
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if text.chars().count() > max {
        return Err(FieldProblem::new(field.name, "too_long").with(json!({ "max": max })));
    }
    Ok(Value::Text(text.to_owned()))
}

fn list(field: &Field, json: &Json) -> Result<Value, FieldProblem> {
    let problem = |code| FieldProblem::new(field.name, code);
    let entries = json
        .as_array()
        .ok_or_else(|| problem("wrong_type").with(json!({ "expected": "list" })))?;
    if entries.len() > MAX_LIST {
        return Err(problem("too_many").with(json!({ "max": MAX_LIST })));
    }
    let mut values: Vec<String> = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(text) = entry.as_str() else {
            return Err(problem("wrong_type").with(json!({ "expected": "text" })));
        };
        let value = match field.ty {
            Type::Refs(_) => Uuid::parse_str(text)
                .map(|id| id.to_string())
                .ok()
                .ok_or_else(|| problem("id_invalid"))?,
            _ => match bounded_text(field, text, 40, false)? {
                Value::Text(text) => text,
                _ => continue,
            },
        };
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(Value::List(values))
}

fn money_value(field: &Field, json: &Json, base: Currency) -> Result<Value, FieldProblem> {
    let problem = |code| FieldProblem::new(field.name, code);
    let wrong = || problem("wrong_type").with(json!({ "expected": "money" }));
    let object = json.as_object().ok_or_else(wrong)?;
    if object
        .keys()
        .any(|key| key != "amount" && key != "currency")
    {
        return Err(wrong());
    }
    let amount = object
        .get("amount")
        .and_then(Json::as_i64)
        .ok_or_else(wrong)?;
    let code = object
        .get("currency")
        .and_then(Json::as_str)
        .ok_or_else(wrong)?;
    let currency = money::currency(code).ok_or_else(|| problem("unknown_currency"))?;
    if !(0..=MAX_AMOUNT).contains(&amount) {
        return Err(problem("out_of_range").with(json!({"min": 0, "max": MAX_AMOUNT})));
    }
    // Another currency could neither be compared nor summed without a rate of its day.
    if currency != base && !field.foreign {
        return Err(problem("no_rate").with(json!({ "currency": base.code() })));
    }
    Ok(Value::Money(Money { amount, currency }))
}

/// A day written `2026-11-22`, of the years 1 to 9999.
fn date(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day: NaiveDate = shaped.then(|| text.parse().ok())??;
    (day >= NaiveDate::from_ymd_opt(1, 1, 1)?).then_some(day)
}

/// A moment in RFC 3339, to the microsecond, of the years 1 to 9999.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let moment = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
    let year = chrono::Datelike::year(&moment);
    if !(1..=9999).contains(&year) {
        return None;
    }
    let nanos = moment.nanosecond();
    moment.with_nanosecond(nanos.min(999_999_999) / 1000 * 1000)
}

/// Whether the text looks like an email address: something, an at sign, a domain with a dot or a
/// single name, no spaces.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let whole = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.');
    let plain =
        |c: char| !c.is_whitespace() && !matches!(c, '@' | ',' | ';' | '<' | '>' | '"' | '(' | ')');
    local.len() <= 64
        && whole(local)
        && whole(domain)
        && text.chars().filter(|c| *c != '@').all(plain)
        && local.chars().all(|c| c != '@')
        && domain.contains('.')
        && !domain.contains("..")
}

/// The address as it is stored and compared.
#[must_use]
pub fn email_key(text: &str) -> String {
    compatible(text).to_lowercase()
}

/// The text in NFKC, which makes one of the ways to write the same.
#[cfg(feature = "server")]
fn compatible(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfkc().collect()
}

/// Without the tables of Unicode, what input methods make: full-width letters, digits and signs
/// become the plain ones. The server does the rest.
#[cfg(not(feature = "server"))]
fn compatible(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(plain).collect()
}

fn is_web_address(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && !rest.chars().any(char::is_whitespace)
    })
}

#[cfg(feature = "server")]
fn phone(text: &str, country: &str) -> Option<String> {
    crate::normalise::phone_e164(text, country).ok()
}

/// Without the telephone plans: what has as many digits as numbers have; the server knows better.
#[cfg(not(feature = "server"))]
fn phone(text: &str, _country: &str) -> Option<String> {
    let folded = compatible(text);
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    (5..=20).contains(&digits).then_some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circumstances() -> Circumstances<'static> {
        Circumstances {
            currency: Currency::CNY,
            country: "CN",
            actor: Uuid::from_u128(7),
            now: DateTime::from_timestamp_micros(1_700_000_000_000_000).unwrap(),
        }
    }

    fn new_lead(body: Json) -> Result<Record, Vec<(String, &'static str)>> {
        new_record(
            &crate::lead::DEF,
            body.as_object().unwrap(),
            circumstances(),
        )
        .map_err(|problems| problems.into_iter().map(|p| (p.pointer, p.code)).collect())
    }

    #[test]
    fn all_problems_of_a_body_come_at_once() {
        let body = json!({"name": 7, "email": "nobody", "colour": "red", "status": "pending",
            "version": 3, "intent": "none", "amount": {"amount": -1, "currency": "CNY"}});
        let mut problems = new_lead(body).unwrap_err();
        problems.sort();
        let expected = [
            ("/amount", "out_of_range"),
            ("/colour", "unknown_field"),
            ("/email", "email_invalid"),
            ("/intent", "unknown_choice"),
            ("/name", "wrong_type"),
            ("/status", "read_only"),
            ("/version", "read_only"),
        ];
        assert_eq!(problems, expected.map(|(p, c)| (p.to_owned(), c)));
    }

    #[test]
    fn a_lead_of_nothing_is_refused() {
        assert_eq!(
            new_lead(json!({"name": "  "})),
            Err(vec![("/name".to_owned(), "lead_needs_a_name")])
        );
    }

    #[test]
    fn an_address_is_kept_in_lower_case() {
        let lead = new_lead(json!({"email": " Li.Wei@Example.COM "})).unwrap();
        assert_eq!(lead.get("email").as_text(), Some("li.wei@example.com"));
    }

    #[test]
    fn a_patch_leaves_what_it_does_not_name() {
        let before = new_lead(json!({"name": "Li Wei", "company": "Hengda"})).unwrap();
        let body = json!({"company": null, "note": "called"});
        let after = patched(
            &crate::lead::DEF,
            &before,
            body.as_object().unwrap(),
            circumstances(),
        )
        .unwrap();
        assert_eq!(after.get("name").as_text(), Some("Li Wei"));
        assert!(after.get("company").is_null());
        assert_eq!(after.get("note").as_text(), Some("called"));
    }

    #[test]
    fn days_and_moments_out_of_the_calendar_are_refused() {
        assert!(date("2025-02-30").is_none());
        assert!(date("0000-01-01").is_none());
        assert!(time("2026-01-01 10:00").is_none());
        let moment = time("2026-01-01T10:00:00.123456789+08:00").unwrap();
        assert_eq!(
            crate::value::format_time(moment),
            "2026-01-01T02:00:00.123456Z"
        );
    }

    #[test]
    fn text_with_a_control_character_is_refused() {
        assert_eq!(
            new_lead(json!({"name": "a\u{0}b"})),
            Err(vec![("/name".to_owned(), "control_character")])
        );
    }
}
