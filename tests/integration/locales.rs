//! The texts of the app: every declared field, choice and problem has one, and none is left over.
//! That the languages have the same keys is checked when the app is built.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use kehu_domain::def::{BASE, Type};
use kehu_domain::{kinds, lead, opportunity};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The texts of a language by key.
fn texts(language: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(root().join("frontend/locales").join(language)).unwrap() {
        let path = entry.unwrap().path();
        let area = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let tree: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        flatten(&area, &tree, &mut texts);
    }
    texts
}

fn flatten(prefix: &str, value: &Value, texts: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, inner)| flatten(&format!("{prefix}.{key}"), inner, texts)),
        text => {
            texts.insert(prefix.to_owned(), text.as_str().unwrap().to_owned());
        }
    }
}

/// The text of every Rust file below these folders.
fn sources(folders: &[&str]) -> String {
    let mut all = String::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    all
}

/// The keys that the declarations ask for.
fn declared() -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = BASE
        .iter()
        .map(|field| format!("base.field.{}", field.name))
        .collect();
    for def in kinds::ALL {
        keys.insert(format!("{}.name", def.kind));
        keys.insert(format!("{}.plural", def.kind));
        for field in def.fields {
            keys.insert(format!("{}.field.{}", def.kind, field.name));
            if let Type::Choice(codes) = field.ty {
                for code in codes {
                    keys.insert(format!("{}.choice.{}.{code}", def.kind, field.name));
                }
            }
        }
    }
    keys
}

#[test]
fn every_declared_field_and_choice_has_a_text_and_no_other() {
    let declared = declared();
    let kinds: BTreeSet<&str> = kinds::ALL.iter().map(|def| def.kind).collect();
    let there: BTreeSet<String> = texts("en")
        .into_keys()
        .filter(|key| {
            let area = key.split('.').next().unwrap_or_default();
            key.starts_with("base.field.") || (kinds.contains(area) && !key.contains(".view."))
        })
        .collect();
    let missing: Vec<_> = declared.difference(&there).collect();
    let unknown: Vec<_> = there.difference(&declared).collect();
    assert!(missing.is_empty(), "no text for {missing:?}");
    assert!(
        unknown.is_empty(),
        "texts for what is not declared: {unknown:?}"
    );
}

#[test]
fn every_verb_has_its_texts() {
    let texts = texts("en");
    for verb in lead::Move::CODES
        .iter()
        .chain(opportunity::Move::CODES)
        .copied()
        .chain(["create", "trash", "restore"])
    {
        let verb = verb.replace('-', "_");
        for family in ["name", "did"] {
            let key = format!("verb.{family}.{verb}");
            assert!(texts.contains_key(&key), "no text for {key}");
        }
    }
}

/// The codes that stand in the sources right behind these openings: `conflict("in_use"`. With
/// `second`, behind the first argument: `FieldProblem::new(name, "required"`.
fn codes(sources: &str, openings: &[&str], second: bool) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for opening in openings {
        for rest in sources.split(opening).skip(1) {
            let rest = match rest.split_once(',') {
                Some((_, behind)) if second => behind.trim_start(),
                _ if second => continue,
                _ => rest.trim_start(),
            };
            let code = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
            let Some((code, _)) = code else {
                continue;
            };
            let is_code = code.len() > 2
                && code
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '-'));
            if is_code {
                codes.insert(code.replace('-', "_"));
            }
        }
    }
    codes
}

#[test]
fn every_problem_of_a_field_has_a_text() {
    let sources = sources(&["crates/domain/src", "crates/app/src", "crates/api/src"]);
    let openings = [
        "FieldProblem::new(",
        "AppError::invalid(",
        "Refusal::parameter(",
        "problem_at(",
    ];
    let found = codes(&sources, &openings, true);
    assert!(found.contains("required") && found.contains("too_long"));
    let texts = texts("en");
    let missing: Vec<_> = found
        .iter()
        .filter(|code| !texts.contains_key(&format!("problem.field.{code}")))
        .collect();
    assert!(missing.is_empty(), "no text for the problems {missing:?}");
}

#[test]
fn every_refusal_has_a_text() {
    let sources = sources(&["crates/app/src", "crates/api/src"]);
    let found = codes(
        &sources,
        &[
            "conflict(",
            "Forbidden(",
            "Unauthenticated(",
            "unavailable(",
        ],
        false,
    );
    assert!(found.contains("in_use") || found.contains("last_administrator"));
    let texts = texts("en");
    let missing: Vec<_> = found
        .iter()
        .filter(|code| !texts.contains_key(&format!("problem.code.{code}")))
        .collect();
    assert!(missing.is_empty(), "no text for the refusals {missing:?}");
}

#[test]
fn no_text_is_left_over() {
    let app = sources(&["frontend/src"]);
    let server = sources(&["crates/domain/src", "crates/app/src", "crates/api/src"]);
    let declared = declared();
    let used = |key: &str| {
        if declared.contains(key) || app.contains(&format!("\"{key}\"")) {
            return true;
        }
        let last = key.rsplit('.').next().unwrap_or_default();
        // The same problem in other words: of a row, of what the reader may not see.
        let last = match key.starts_with("import.problem.") {
            true => last.trim_end_matches("_row").trim_end_matches("_hidden"),
            false => last,
        };
        let literal = |source: &str| {
            source.contains(&format!("\"{last}\""))
                || source.contains(&format!("\"{}\"", last.replace('_', "-")))
        };
        if key.starts_with("problem.field.") || key.starts_with("problem.code.") {
            return literal(&server);
        }
        let made_at_run_time = [
            "list.op.",
            "money.entry.",
            "verb.",
            "import.count.",
            "import.problem.",
            "import.severity.",
            "import.state.",
            "right.action.",
            "right.field.",
            "right.special.",
        ];
        let is_view = key.contains(".view.");
        (is_view
            || made_at_run_time
                .iter()
                .any(|family| key.starts_with(family)))
            && (literal(&app) || literal(&server))
    };
    let left: Vec<_> = texts("en").into_keys().filter(|key| !used(key)).collect();
    assert!(left.is_empty(), "nobody uses {left:?}");
}

#[test]
fn every_rule_says_in_words_what_it_is() {
    let sources = sources(&["crates/app/src"]);
    let rules = codes(&sources, &["conflict("], false);
    let words = fs::read_to_string(root().join("crates/api/src/problem/details.rs")).unwrap();
    let missing: Vec<_> = rules
        .iter()
        .filter(|code| !words.contains(&format!("\"{code}\" =>")))
        .collect();
    assert!(missing.is_empty(), "no words for the rules {missing:?}");
}
