//! The kernel's own rules: one way in, and no branch on a kind's name outside its own file.

use std::fs;

use crate::process::{output, program};
use crate::{Outcome, paths};

/// Who may call what the store writes records with: the use cases' `Writer`. Tests that put records
/// where no use case would are no way in.
const WRITERS: &[&str] = &[
    "crates/app/src/writer/",
    "crates/persistence/src/",
    "tests/",
];

/// What the store writes records with.
const WRITES: &str = "records::write";

/// Files other than the `Writer`'s that name what the store writes records with.
pub(super) fn other_writers() -> Outcome<Vec<String>> {
    in_rust(|name, text| {
        let rule = name.starts_with("crates/xtask/");
        if rule || WRITERS.iter().any(|allowed| name.starts_with(allowed)) {
            return Vec::new();
        }
        lines(name, text, |line| {
            line.contains(WRITES)
                || line.contains("store::write")
                || (line.contains("records::{") && names(line, "write"))
        })
    })
}

/// Where values of records become JSON beside `Shown`, and why that is no door.
const NO_DOORS: &[(&str, &str)] = &[
    ("crates/app/src/shown.rs", "the door"),
    (
        "crates/app/src/contracts.rs",
        "an opportunity's values become those of its contract",
    ),
    (
        "crates/app/src/conversion.rs",
        "a lead's values become those of what it is converted to",
    ),
    (
        "crates/app/src/imports/known.rs",
        "keys of rows, which stay in memory",
    ),
    (
        "crates/app/src/lists/cursor.rs",
        "values that may be asked for",
    ),
    (
        "crates/app/src/lists/summary.rs",
        "values that may be asked for",
    ),
];

/// Places in the use cases and the API where a value of a record becomes JSON otherwise than by `Shown`.
pub(super) fn other_doors() -> Outcome<Vec<String>> {
    in_rust(|name, text| {
        let inside = name.starts_with("crates/app/src/") || name.starts_with("crates/api/src/");
        if !inside || NO_DOORS.iter().any(|(allowed, _)| *allowed == name) {
            return Vec::new();
        }
        lines(name, text, |line| line.contains(".to_json()"))
    })
}

/// Who reads records whoever may see them, and why, in the order of the file: `Scope::system`.
const SYSTEM: &[(&str, &[&str])] = &[
    ("crates/app/src/contracts.rs", &["Consequence"]),
    (
        "crates/app/src/conversion.rs",
        &["Consequence", "Consequence"],
    ),
    ("crates/app/src/conversion/undo.rs", &["Consequence"]),
    ("crates/app/src/documents.rs", &["Consistency"]),
    ("crates/app/src/erase.rs", &["Console"]),
    ("crates/app/src/imports.rs", &["Console"]),
    ("crates/app/src/imports/lookups.rs", &["Consistency"]),
    (
        "crates/app/src/kinds/activity.rs",
        &["Consequence", "Consequence", "Consequence"],
    ),
    ("crates/app/src/opportunities.rs", &["Consistency"]),
    ("crates/app/src/ownership.rs", &["LostRace"]),
    ("crates/app/src/payments.rs", &["Consequence"]),
    ("crates/app/src/prepare.rs", &["Consistency", "Settings"]),
    (
        "crates/app/src/writer/change.rs",
        &["Consequence", "Consistency"],
    ),
    ("crates/app/src/writer/create.rs", &["Consequence"]),
    ("crates/app/src/writer/trash.rs", &["Removal"]),
    ("crates/persistence/src/money.rs", &["Settings"]),
    (
        "crates/persistence/src/organisation.rs",
        &["Settings", "Settings"],
    ),
    ("crates/persistence/src/records.rs", &["Consequence"]),
    ("crates/persistence/src/search.rs", &["Settings"]),
];

/// Reads of records beyond an actor's scope that are not listed, and listed ones that are gone.
pub(super) fn other_scopes() -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    let mut breaches = in_rust(|name, text| {
        let declared = name == "crates/domain/src/scope.rs" || name.starts_with("crates/xtask/");
        if !name.starts_with("crates/") || declared {
            return Vec::new();
        }
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
        let reasons = code.split("Scope::system(").skip(1).map(|call| {
            let reason = call.split_once("Reason::").map_or("", |(_, reason)| reason);
            let end = reason
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(reason.len());
            reason.get(..end).unwrap_or_default().to_owned()
        });
        let reasons: Vec<String> = reasons.collect();
        let mut listed = SYSTEM.iter().filter(|(file, _)| *file == name);
        let listed = listed.next().map_or(&[][..], |(_, reasons)| *reasons);
        if reasons != listed {
            vec![format!(
                "{name}: reads beyond the caller's scope for {reasons:?}, listed for {listed:?}"
            )]
        } else {
            Vec::new()
        }
    })?;
    found.append(&mut breaches);
    for (file, _) in SYSTEM {
        if !paths::root().join(file).exists() {
            found.push(format!("{file} is listed and gone"));
        }
    }
    Ok(found)
}

/// Places that decide by the name of a kind, outside folders of kinds and the declarations.
pub(super) fn branches_on_kinds() -> Outcome<Vec<String>> {
    in_rust(|name, text| {
        let of_kinds = name.contains("/kinds/");
        let ours = name.starts_with("crates/");
        if of_kinds || !ours || name.starts_with("crates/xtask") || name.ends_with("tests.rs") {
            return Vec::new();
        }
        lines(name, text, branches)
    })
}

/// Whether a line compares or matches a kind's name with one that is written there.
fn branches(line: &str) -> bool {
    let compared = ["kind == \"", "kind != \"", "\" == kind", "\" != kind"];
    let declared = line.contains(".kind == ") || line.contains(".kind != ");
    compared.iter().any(|form| line.contains(form))
        || (declared && line.contains("::DEF.kind"))
        || line.contains("match def.kind")
        || line.contains("match self.def.kind")
        || line.contains("matches!(def.kind")
}

/// Whether a line names this word.
fn names(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|part| part == word)
}

/// The lines of a file's code, without its tests, that are as `found` says.
fn lines(name: &str, text: &str, found: impl Fn(&str) -> bool) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    (1..)
        .zip(code.lines())
        .filter(|(_, line)| !line.trim_start().starts_with("//") && found(line))
        .map(|(number, line)| format!("{name}:{number}: {}", line.trim()))
        .collect()
}

fn in_rust(breaches: impl Fn(&str, &str) -> Vec<String>) -> Outcome<Vec<String>> {
    let listed = output(&mut program(
        "git",
        [
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "*.rs",
        ],
    ))?;
    let mut all = Vec::new();
    for name in listed.lines() {
        if let Ok(text) = fs::read_to_string(paths::root().join(name)) {
            all.extend(breaches(name, &text));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::{branches, lines};

    #[test]
    fn every_form_of_a_branch_is_seen() {
        for line in [
            "if def.kind == \"lead\" {",
            "match def.kind {",
            "matches!(def.kind, \"lead\" | \"customer\")",
            "if by.kind != \"lead\" && x",
            "def.kind == lead::DEF.kind",
        ] {
            assert!(branches(line), "{line}");
        }
        for line in ["if def.kind == target.kind {", "kind: \"lead\","] {
            assert!(!branches(line), "{line}");
        }
    }

    #[test]
    fn tests_and_comments_are_left_out() {
        let text = "// kind == \"lead\"\n\n#[cfg(test)]\nmod tests {\n kind == \"lead\"\n}\n";
        assert_eq!(lines("a.rs", text, branches), [""; 0]);
    }
}
