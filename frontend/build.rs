//! Makes one sorted table of all texts from the files in `locales/<language>/<area>.json`, and fails
//! the build where the languages do not have the same keys or the same placeholders.
//! A key is the area and the way inside its file: `lead.field.name`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

/// The languages in the order of `i18n::Lang`. A new one gets its folder, a line here and its variant there.
const LANGUAGES: &[&str] = &["zh-Hans", "en"];

type Texts = BTreeMap<String, String>;
type Outcome<T> = Result<T, String>;

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    // The packer divides the modules at their lazy pages; it needs to know what refers to what.
    if env::var("TARGET").is_ok_and(|target| target.starts_with("wasm32")) {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    let all = LANGUAGES
        .iter()
        .map(|language| read_language(language))
        .collect::<Outcome<Vec<Texts>>>()?;
    compare(&all)?;
    let Some(first) = all.first() else {
        return Err("there is no language".to_owned());
    };
    let mut code = format!("pub(crate) const COUNT: usize = {};\n", first.len());
    code.push_str("pub(crate) static KEYS: [&str; COUNT] = [");
    for key in first.keys() {
        write!(code, "{key:?},").map_err(|e| e.to_string())?;
    }
    code.push_str("];\n");
    write!(
        code,
        "pub(crate) static TEXTS: [[&str; COUNT]; {}] = [",
        all.len()
    )
    .map_err(|e| e.to_string())?;
    for texts in &all {
        code.push('[');
        for text in texts.values() {
            write!(code, "{text:?},").map_err(|e| e.to_string())?;
        }
        code.push_str("],");
    }
    code.push_str("];\n");
    let out = env::var("OUT_DIR").map_err(|e| e.to_string())?;
    fs::write(Path::new(&out).join("texts.rs"), code).map_err(|e| e.to_string())
}

fn read_language(language: &str) -> Outcome<Texts> {
    let folder = Path::new("locales").join(language);
    let mut texts = Texts::new();
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
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
