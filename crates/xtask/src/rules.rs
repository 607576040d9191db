//! The house rules that the compiler and the linter can't see.

mod directions;
mod files;
mod kernel;
mod licences;

use crate::Outcome;
use crate::process::say;
use crate::test::Count;

/// Checks them all and prints each breach in a line of its own.
pub(crate) fn check() -> Outcome<Count> {
    let rules: [(&str, Vec<String>); 7] = [
        (
            "crates depend only in the allowed directions",
            directions::breaches()?,
        ),
        ("files keep the house's form", files::breaches()?),
        (
            "records are written by the `Writer` alone",
            kernel::other_writers()?,
        ),
        ("records leave as `Shown` alone", kernel::other_doors()?),
        (
            "who reads beyond the caller's scope is listed",
            kernel::other_scopes()?,
        ),
        (
            "no branch on a kind's name outside its own file",
            kernel::branches_on_kinds()?,
        ),
        (
            "every dependency has a licence that fits",
            licences::breaches()?,
        ),
    ];
    let mut count = Count::default();
    for (rule, breaches) in rules {
        if breaches.is_empty() {
            count.passed += 1;
            say(&format!("kept: {rule}"));
        } else {
            count.failed += 1;
            say(&format!("BROKEN: {rule}"));
            for breach in breaches {
                println!("    {breach}");
            }
        }
    }
    Ok(count)
}
