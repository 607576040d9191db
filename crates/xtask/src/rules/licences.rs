//! Whether we may give away what we build on.

use std::collections::BTreeMap;

use crate::Outcome;
use crate::process::{cargo, output};

/// SPDX names that an Apache-2.0 program may carry inside.
const FITTING: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // Data: the certificate authorities that webpki-roots carries.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub(super) fn breaches() -> Outcome<Vec<String>> {
    let mut licences = BTreeMap::new();
    let lines = output(
        cargo([
            "tree",
            "--workspace",
            "--target",
            "all",
            "--edges",
            "normal",
        ])
        .args(["--prefix", "none", "--format", "{p}|{l}"]),
    )?;
    for (package, licence) in lines.lines().filter_map(|line| line.split_once('|')) {
        let name = package.split(" (").next().unwrap_or(package);
        licences.insert(name.to_owned(), licence.trim_end_matches(" (*)").to_owned());
    }
    Ok(licences
        .into_iter()
        .filter(|(_, licence)| !fits(licence))
        .map(|(name, licence)| {
            format!("{name}: {licence:?} is not in the list of rules/licences.rs")
        })
        .collect())
}

/// Whether an SPDX expression leaves a choice that fits.
fn fits(expression: &str) -> bool {
    // The old way to write OR.
    let expression = expression.replace('/', " OR ");
    let mut rest = expression.as_str();
    any_of(&mut rest) && rest.trim().is_empty()
}

fn any_of(rest: &mut &str) -> bool {
    let mut fits = all_of(rest);
    while let Some(after) = rest.trim_start().strip_prefix("OR ") {
        *rest = after;
        fits |= all_of(rest);
    }
    fits
}

fn all_of(rest: &mut &str) -> bool {
    let mut fits = one(rest);
    while let Some(after) = rest.trim_start().strip_prefix("AND ") {
        *rest = after;
        fits &= one(rest);
    }
    fits
}

fn one(rest: &mut &str) -> bool {
    *rest = rest.trim_start();
    if let Some(inside) = rest.strip_prefix('(') {
        *rest = inside;
        let fits = any_of(rest);
        *rest = rest.trim_start().strip_prefix(')').unwrap_or(rest);
        return fits;
    }
    let end = [" OR ", " AND ", ")"]
        .iter()
        .filter_map(|stop| rest.find(stop))
        .min();
    let (name, after) = rest
        .split_at_checked(end.unwrap_or(rest.len()))
        .unwrap_or((rest, ""));
    *rest = after;
    FITTING.contains(&name.trim())
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn one_fitting_choice_is_enough() {
        assert!(fits("MIT"));
        assert!(fits("GPL-3.0 OR MIT"));
        assert!(fits("Unlicense/MIT"));
        assert!(fits("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(fits("Apache-2.0 WITH LLVM-exception OR GPL-2.0"));
    }

    #[test]
    fn what_must_be_kept_too_must_fit_too() {
        assert!(!fits("GPL-3.0"));
        assert!(!fits("MIT AND GPL-3.0"));
        assert!(!fits("(MIT OR Apache-2.0) AND AGPL-3.0"));
        assert!(!fits(""));
    }
}
