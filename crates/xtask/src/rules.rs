//! The house rules that the compiler and the linter can't see.

mod directions;
mod files;
mod licences;

use crate::Outcome;
use crate::process::say;
use crate::test::Count;

/// Checks them all and prints each breach in a line of its own.
pub(crate) fn check() -> Outcome<Count> {
    let rules: [(&str, Vec<String>); 3] = [
        (
            "crates depend only in the allowed directions",
            directions::breaches()?,
        ),
        ("files keep the house's form", files::breaches()?),
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
