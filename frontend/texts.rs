//! Reads the texts in `locales/<language>/<area>.json`, and refuses them where the languages do not have
//! the same keys or the same placeholders. A key is the area and the way inside its file:
//! `lead.field.name`.
//!
//! The build script takes the keys from here, which the app's code is checked against; the packer takes
//! the texts, which the app loads for the one language that it speaks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The languages in the order of `i18n::Lang`. A new one gets its folder, a line here, its variant
/// there and its file in `static/boot.js`.
pub(crate) const LANGUAGES: &[&str] = &["zh-Hans", "en"];

/// The texts of a language by their keys.
pub(crate) type Texts = BTreeMap<String, String>;

/// What it gave, or why there is nothing.
pub(crate) type Outcome<T> = Result<T, String>;

/// The texts of every language, in the order of [`LANGUAGES`].
pub(crate) fn read(locales: &Path) -> Outcome<Vec<Texts>> {
    let all = LANGUAGES
        .iter()
        .map(|language| read_language(&locales.join(language)))
        .collect::<Outcome<Vec<Texts>>>()?;
    compare(&all)?;
    Ok(all)
}

/// Changes with the keys: code and texts must be of the same.
pub(crate) fn version(texts: &Texts) -> String {
    // FNV-1a, which gives the same on every machine.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in texts.keys().flat_map(|key| key.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}

fn read_language(folder: &Path) -> Outcome<Texts> {
    let mut texts = Texts::new();
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|e| e.to_string())?.path();
        let Some(area) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let value: Value =
            serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
        flatten(area, &value, &mut texts)?;
    }
    Ok(texts)
}

fn flatten(prefix: &str, value: &Value, texts: &mut Texts) -> Outcome<()> {
    match value {
        Value::String(text) if text.contains(['\t', '\n']) => Err(format!(
            "{prefix} holds a tab or a new line, which divide texts"
        )),
        Value::String(text) => {
            texts.insert(prefix.to_owned(), text.clone());
            Ok(())
        }
        Value::Object(map) => map
            .iter()
            .try_for_each(|(key, inner)| flatten(&format!("{prefix}.{key}"), inner, texts)),
        _ => Err(format!("{prefix} is neither a text nor a group of texts")),
    }
}

fn compare(all: &[Texts]) -> Outcome<()> {
    let mut wrong = String::new();
    let keys: BTreeSet<&String> = all.iter().flat_map(BTreeMap::keys).collect();
    for key in keys {
        let mut expected = None;
        for (texts, language) in all.iter().zip(LANGUAGES) {
            let Some(text) = texts.get(key) else {
                wrong.push_str(&format!("\n{language} has no text for {key}"));
                continue;
            };
            let found = placeholders(text);
            if expected.get_or_insert_with(|| found.clone()) != &found {
                wrong.push_str(&format!("\n{language} has other placeholders in {key}"));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The names in `{name}` and `{name|one|many}`.
fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{')
        .skip(1)
        .filter_map(|part| part.split(['}', '|']).next())
        .map(str::to_owned)
        .collect()
}
