//! The rules by which the hashes of the change log are chained.
//!
//! The hash of a change covers everything that the change says, but of its values only a digest: of
//! each old and new value, with a salt that nobody can guess. Who erases a value puts the digest in
//! its place and removes the salt; the hash is the same afterwards, and nobody finds the value by
//! trying all telephone numbers.
//!
//! A row is written with one random salt. The salt of each value is made from it, so that it can be
//! kept when the row's own has to go. Rows from before have none: their hash covers the values
//! ([`hash_with_values`]), until [`super::carry`] has carried them over.

use std::collections::BTreeMap;

use rand::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::changes::Change;

/// How many random bytes a salt has.
pub(crate) const SALT: usize = 16;

/// The salt of a row.
pub(crate) type Salt = [u8; SALT];

/// Something of an old and of a new value, as hexadecimal text; none for a side that has no value.
pub type Pair = [Option<String>; 2];

/// What is left of a row of which something was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remains {
    /// The digests of the values that were erased, by field.
    pub digests: BTreeMap<String, Pair>,
    /// The salts of the values that are still there, by field.
    pub salts: BTreeMap<String, Pair>,
}

/// What makes the digests of a row's values.
#[derive(Debug, Clone, Copy)]
pub enum Secret<'a> {
    /// The salt of the row, which has all its values.
    Salt(&'a Salt),
    /// What is left of one that has not.
    Remains(&'a Remains),
}

/// Salts for so many rows.
pub(crate) fn salts(rows: usize) -> Vec<Salt> {
    let mut salts = vec![[0; SALT]; rows];
    rand::rng().fill_bytes(salts.as_flattened_mut());
    salts
}

/// The hash of a change. `None` when values and salts do not fit each other: a value without a salt,
/// a salt or a digest without its value or beside one.
#[must_use]
pub fn hash(previous: &str, change: &Change, secret: Secret<'_>) -> Option<String> {
    let mut said = Vec::with_capacity(2_048);
    let number = |number: i64| number.to_be_bytes();
    let actor = change.actor_id.map(Uuid::into_bytes);
    for part in [
        previous.as_bytes(),
        change.kind.as_bytes(),
        change.record_id.as_bytes(),
        &number(change.version),
        change.verb.as_bytes(),
        actor.as_ref().map_or(&[], |id| id.as_slice()),
        &number(change.at.timestamp_micros()),
        change.request_id.as_bytes(),
        &[u8::from(change.cause.is_some())],
        change.cause.as_deref().unwrap_or_default().as_bytes(),
    ] {
        add(&mut said, part);
    }
    for (field, pair) in digests(change, secret)? {
        add(&mut said, field.as_bytes());
        for digest in &pair {
            add(
                &mut said,
                digest.as_ref().map_or(&[], |digest| digest.as_slice()),
            );
        }
    }
    Some(blake3::hash(&said).to_hex().to_string())
}

/// Adds a part with its length, so that no part can be taken for the end of another.
fn add(said: &mut Vec<u8>, part: &[u8]) {
    said.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    said.extend(part);
}

/// The hash of a change by the rule of before: SHA-256 over the hash before it and everything that
/// the change says, its values too.
#[must_use]
pub fn hash_with_values(previous: &str, change: &Change) -> String {
    let said = serde_json::json!([
        previous,
        change.kind,
        change.record_id,
        change.version,
        change.verb,
        change.actor_id,
        change.at.timestamp_micros(),
        change.request_id,
        change.cause,
        change.fields,
    ]);
    hexadecimal(&Sha256::digest(said.to_string().as_bytes()))
}

/// The digest of a value.
type OneDigest = [u8; 32];

/// The digests of a field's value before and after a change, where there is one.
type OldAndNew = [Option<OneDigest>; 2];

/// The digests of all values of a change, by field in the order of the alphabet.
fn digests<'a>(change: &'a Change, secret: Secret<'_>) -> Option<Vec<(&'a str, OldAndNew)>> {
    let fields = in_order(change);
    let mut said = Vec::with_capacity(256);
    let mut digest_of = |field: &str, value: &Value, salt: &Salt| {
        said.clear();
        said.extend(salt);
        add(&mut said, change.kind.as_bytes());
        add(&mut said, field.as_bytes());
        canonical(value, &mut said);
        *blake3::hash(&said).as_bytes()
    };
    if let Secret::Remains(remains) = secret {
        let mut told = remains.digests.keys().chain(remains.salts.keys());
        if !told.all(|field| change.fields.get(field).is_some()) {
            return None;
        }
    }
    let salts = match secret {
        Secret::Salt(salt) => salts_of(salt, fields.len()),
        Secret::Remains(_) => Vec::new(),
    };
    let mut digests = Vec::with_capacity(fields.len());
    for (at, (field, values)) in fields.into_iter().enumerate() {
        let mut pair = [None; 2];
        for (side, digest) in pair.iter_mut().enumerate() {
            let value = values.get(side).filter(|value| !value.is_null());
            *digest = match (secret, value) {
                (Secret::Salt(_), None) => None,
                (Secret::Salt(_), Some(value)) => {
                    Some(digest_of(field, value, salts.get(at)?.get(side)?))
                }
                (Secret::Remains(remains), value) => {
                    let salt = one(&remains.salts, field, side);
                    match (value, salt, one(&remains.digests, field, side)) {
                        (Some(value), Some(salt), None) => {
                            Some(digest_of(field, value, &unhexadecimal(salt)?))
                        }
                        (None, None, Some(digest)) => Some(unhexadecimal(digest)?),
                        (None, None, None) => None,
                        _ => return None,
                    }
                }
            };
        }
        digests.push((field, pair));
    }
    Some(digests)
}

/// The fields of a change and their values, in the order of the alphabet.
fn in_order(change: &Change) -> Vec<(&str, &Value)> {
    let fields = change.fields.as_object().into_iter().flatten();
    let mut fields: Vec<_> = fields
        .map(|(field, values)| (field.as_str(), values))
        .collect();
    fields.sort_unstable_by_key(|(field, _)| *field);
    fields
}

fn one<'a>(pairs: &'a BTreeMap<String, Pair>, field: &str, side: usize) -> Option<&'a String> {
    pairs.get(field)?.get(side)?.as_ref()
}

/// Takes the values of these fields out of a change and leaves their digests. Tells how many there
/// were; `None` when values and salts do not fit each other.
pub(crate) fn take_out(change: &mut Change, salt: Option<&Salt>, erased: &[&str]) -> Option<usize> {
    let secret = match (salt, &change.remains) {
        (Some(salt), None) => Secret::Salt(salt),
        (None, Some(remains)) => Secret::Remains(remains),
        _ => return None,
    };
    let digests: BTreeMap<String, OldAndNew> = digests(change, secret)?
        .into_iter()
        .map(|(field, pair)| (field.to_owned(), pair))
        .collect();
    let before = change.remains.clone();
    let mut remains = match before {
        Some(remains) => remains,
        None => all_salts(change, salt?),
    };
    let mut taken = 0;
    for field in erased {
        let Some(values) = change.fields.get_mut(*field).and_then(Value::as_array_mut) else {
            continue;
        };
        let known = digests.get(*field).into_iter().flatten();
        let left = remains.digests.entry((*field).to_owned()).or_default();
        for ((value, digest), left) in values.iter_mut().zip(known).zip(left) {
            if !value.is_null() {
                *left = digest.as_ref().map(|digest| hexadecimal(digest));
                *value = Value::Null;
                taken += 1;
            }
        }
        remains.salts.remove(*field);
    }
    remains
        .digests
        .retain(|_, pair| pair.iter().any(Option::is_some));
    if taken > 0 {
        change.remains = Some(remains);
    }
    Some(taken)
}

/// The salts of all values of a row, made from the row's.
fn all_salts(change: &Change, salt: &Salt) -> Remains {
    let mut remains = Remains::default();
    let fields = in_order(change);
    let salts = salts_of(salt, fields.len());
    for ((field, values), salts) in fields.into_iter().zip(salts) {
        let mut pair = Pair::default();
        for ((side, its), salt) in pair.iter_mut().enumerate().zip(salts) {
            let there = values.get(side).is_some_and(|value| !value.is_null());
            *its = there.then(|| hexadecimal(&salt));
        }
        remains.salts.insert(field.to_owned(), pair);
    }
    remains
}

/// The salts of the old and the new value of so many fields, from which neither that of the row nor
/// each other can be found: a stream of BLAKE3's.
fn salts_of(salt: &Salt, fields: usize) -> Vec<[Salt; 2]> {
    let mut salts = vec![[[0; SALT]; 2]; fields];
    let stream = salts.as_flattened_mut().as_flattened_mut();
    let mut hasher = blake3::Hasher::new();
    hasher.update(salt).finalize_xof().fill(stream);
    salts
}

/// JSON in which the names of an object stand in the order of the alphabet.
fn canonical(value: &Value, into: &mut Vec<u8>) {
    match value {
        Value::Object(object) => {
            let sorted: BTreeMap<_, _> = object.iter().collect();
            into.push(b'{');
            for (name, value) in sorted {
                into.extend(Value::from(name.as_str()).to_string().into_bytes());
                into.push(b':');
                canonical(value, into);
                into.push(b',');
            }
            into.push(b'}');
        }
        Value::Array(array) => {
            into.push(b'[');
            for value in array {
                canonical(value, into);
                into.push(b',');
            }
            into.push(b']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            into.extend(value.to_string().into_bytes());
        }
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |at: u8| {
        DIGITS
            .get(usize::from(at))
            .map_or('0', |digit| char::from(*digit))
    };
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// The bytes of a hexadecimal text; none when it is no such text or of another length.
fn unhexadecimal<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    if text.len() != LENGTH * 2 {
        return None;
    }
    let value = |digit: u8| DIGITS.iter().position(|one| *one == digit);
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = digits else { return None };
        *byte = u8::try_from(value(*high)? * 16 + value(*low)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SALT_OF_ROW: Salt = [7; SALT];

    fn change() -> Change {
        Change {
            sequence: 1,
            position: Some(1),
            kind: "lead".to_owned(),
            record_id: Uuid::from_u128(1),
            version: 2,
            verb: "update".to_owned(),
            actor_id: None,
            at: chrono::DateTime::UNIX_EPOCH,
            request_id: "one".to_owned(),
            cause: None,
            fields: json!({
                "amount": [null, {"currency": "CNY", "amount": 5}],
                "name": ["Ann", "Bob"],
                "phone": [null, "+8613800000001"],
            }),
            remains: None,
        }
    }

    fn erased(fields: &[&str]) -> Change {
        let mut change = change();
        take_out(&mut change, Some(&SALT_OF_ROW), fields).unwrap();
        change
    }

    fn hash_of(change: &Change) -> Option<String> {
        let remains = change.remains.as_ref();
        let secret = remains.map_or(Secret::Salt(&SALT_OF_ROW), Secret::Remains);
        hash("before", change, secret)
    }

    #[test]
    fn erasing_some_values_and_then_others_leaves_the_hash() {
        let whole = hash_of(&change());
        let mut change = erased(&["phone"]);
        assert_eq!(hash_of(&change), whole);
        assert_eq!(change.fields["phone"], json!([null, null]));
        assert_eq!(change.fields["name"], json!(["Ann", "Bob"]));
        assert_eq!(take_out(&mut change, None, &["name", "phone"]), Some(2));
        assert_eq!(hash_of(&change), whole);
        assert_eq!(take_out(&mut change, None, &["name", "phone"]), Some(0));
    }

    #[test]
    fn nothing_is_left_by_which_an_erased_value_could_be_tried() {
        let remains = erased(&["phone"]).remains.unwrap();
        assert!(!remains.salts.contains_key("phone"));
        let said = serde_json::to_string(&remains).unwrap();
        assert!(!said.contains(&hexadecimal(&SALT_OF_ROW)), "{said}");
        // The fields in the order of the alphabet: amount, name, phone.
        let [_, _, phone] = salts_of(&SALT_OF_ROW, 3).try_into().unwrap();
        assert!(!said.contains(&hexadecimal(&phone[1])), "{said}");
        assert!(
            said.contains(&hexadecimal(&salts_of(&SALT_OF_ROW, 3)[1][1])),
            "the name's"
        );
    }

    #[test]
    fn two_rows_with_the_same_values_have_other_digests() {
        let other = [8; SALT];
        let change = change();
        assert_ne!(
            digests(&change, Secret::Salt(&SALT_OF_ROW)),
            digests(&change, Secret::Salt(&other))
        );
    }

    #[test]
    fn values_and_salts_that_do_not_fit_have_no_hash_or_another() {
        let whole = hash_of(&change());
        let told = |alter: fn(&mut Change)| {
            let mut change = erased(&["phone"]);
            alter(&mut change);
            hash_of(&change)
        };
        // A value where one was erased; one without its salt; a salt without its value; a digest that
        // is gone or of a field that the change does not have.
        assert_eq!(
            told(|change| change.fields["phone"][1] = json!("+86")),
            None
        );
        assert_eq!(
            told(|change| drop(change.remains.as_mut().unwrap().salts.remove("name"))),
            None
        );
        assert_eq!(told(|change| change.fields["name"][0] = Value::Null), None);
        assert_ne!(
            told(|change| drop(change.remains.as_mut().unwrap().digests.remove("phone"))),
            whole
        );
        assert_eq!(
            told(|change| {
                let digests = &mut change.remains.as_mut().unwrap().digests;
                digests.insert("email".to_owned(), Pair::default());
            }),
            None
        );
        assert_ne!(
            told(|change| change.fields["name"][0] = json!("Eve")),
            whole
        );
    }

    #[test]
    fn the_order_of_names_in_a_structure_does_not_matter() {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        canonical(
            &serde_json::from_str(r#"{"b":[1,{"d":2,"c":3}],"a":"x"}"#).unwrap(),
            &mut one,
        );
        canonical(
            &serde_json::from_str(r#"{"a":"x","b":[1,{"c":3,"d":2}]}"#).unwrap(),
            &mut other,
        );
        assert_eq!(one, other);
    }
}
