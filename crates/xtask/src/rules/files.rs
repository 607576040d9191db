//! What a file may look like: names, length, marks.

use std::fs;
use std::path::Path;

use crate::process::{output, program};
use crate::{Outcome, paths};

const MOST_LINES: usize = 600;

pub(super) fn breaches() -> Outcome<Vec<String>> {
    let mut breaches = Vec::new();
    let listed = output(&mut program(
        "git",
        ["ls-files", "--cached", "--others", "--exclude-standard"],
    ))?;
    for name in listed.lines() {
        // A file that is deleted but still in the index, or not text, has no form to keep.
        if let Ok(text) = fs::read_to_string(paths::root().join(name)) {
            breaches.extend(in_file(name, &text));
        }
    }
    Ok(breaches)
}

fn in_file(name: &str, text: &str) -> Vec<String> {
    let path = Path::new(name);
    let mut breaches = Vec::new();
    if path
        .file_name()
        .is_some_and(|file| file == "package-lock.json")
    {
        if text.contains("\"resolved\"") {
            breaches.push(format!("{name}: names download hosts (\"resolved\")"));
        }
        return breaches;
    }
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    if ["rs", "css", "mjs", "toml", "sh", "html"].contains(&extension) {
        breaches.extend(marks(name, text));
    }
    if name.ends_with("Cargo.toml")
        && text.contains("[package]")
        && !text.contains("[lints]\nworkspace = true")
    {
        breaches.push(format!("{name}: does not take the workspace's lints"));
    }
    if extension == "rs" {
        breaches.extend(in_rust(name, text));
    }
    breaches
}

/// Work that was put off is an issue, not a comment. The words are put together here so that
/// this file keeps its own rule.
fn marks(name: &str, text: &str) -> Vec<String> {
    let words = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["HA", "CK"]].map(|word| word.concat());
    let mut breaches = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let found = |word: &str| {
            line.split(|letter: char| !letter.is_alphanumeric())
                .any(|part| part == word)
        };
        if words.iter().any(|word| found(word)) {
            breaches.push(format!("{name}:{number}: work put off in a comment"));
        }
    }
    breaches
}

fn in_rust(name: &str, text: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    if name.ends_with("/mod.rs") {
        breaches.push(format!(
            "{name}: a module's file is named after it, not mod.rs"
        ));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        breaches.push(format!(
            "{name}: {lines} lines; split it before {MOST_LINES}"
        ));
    }
    // Tests that stand in a file of their own belong to the file whose name the folder has.
    if !text.starts_with("//!") && !name.ends_with("/tests.rs") {
        breaches.push(format!(
            "{name}: does not begin by saying what it is for (//!)"
        ));
    }
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        let imports = line.starts_with("use ") || line.starts_with("pub use ");
        // A module of tests takes what stands above it.
        let usual = line.ends_with("prelude::*;") || line == "use super::*;";
        if imports && line.ends_with("::*;") && !usual {
            breaches.push(format!(
                "{name}:{number}: imports everything, and is no prelude"
            ));
        }
        if line.starts_with("#[ignore") {
            breaches.push(format!(
                "{name}:{number}: a test that is not run is no test"
            ));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::in_file;

    #[test]
    fn a_file_in_form_has_no_breach() {
        assert_eq!(
            in_file(
                "a/leads.rs",
                "//! Leads.\nuse leptos::prelude::*;\nuse super::*;\n"
            ),
            [""; 0]
        );
    }

    #[test]
    fn each_breach_is_named_with_its_place() {
        let mark = ["TO", "DO"].concat();
        let text = format!("use crate::*;\n// {mark}: later\n#[ignore]\n");
        assert_eq!(
            in_file("a/mod.rs", &text),
            [
                "a/mod.rs:2: work put off in a comment",
                "a/mod.rs: a module's file is named after it, not mod.rs",
                "a/mod.rs: does not begin by saying what it is for (//!)",
                "a/mod.rs:1: imports everything, and is no prelude",
                "a/mod.rs:3: a test that is not run is no test",
            ]
        );
    }

    #[test]
    fn six_hundred_lines_are_allowed_and_one_more_is_not() {
        let text = format!("//! Long.\n{}", "\n".repeat(599));
        assert_eq!(in_file("a.rs", &text), [""; 0]);
        assert_eq!(
            in_file("a.rs", &format!("{text}\n")),
            ["a.rs: 601 lines; split it before 600"]
        );
    }

    #[test]
    fn a_crate_takes_the_lints_of_the_workspace() {
        let lints = "[package]\n\n[lints]\nworkspace = true\n";
        assert_eq!(in_file("crates/a/Cargo.toml", lints), [""; 0]);
        assert_eq!(in_file("crates/a/Cargo.toml", "[package]\n").len(), 1);
    }

    #[test]
    fn a_lock_file_names_no_host() {
        let lock = r#"{"resolved": "https://registry"}"#;
        assert_eq!(in_file("package-lock.json", lock).len(), 1);
    }
}
