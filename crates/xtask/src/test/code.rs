//! The tests that cargo runs.

use crate::process::{cargo, watch};
use crate::test::Count;
use crate::{Outcome, install, paths};

/// The server's crates with the integration tests, then the app's and the task runner's own. Each
/// group by itself: together they would choose other features of the crates that they share.
pub(super) fn test(rest: &[&str]) -> Outcome<Count> {
    install::postgres()?;
    // Some tests start and kill the real program.
    crate::server::build()?;
    let groups: [&[&str]; 3] = [
        &[],
        &["--package", "kehu-frontend"],
        &["--package", "xtask", "--package", "xtask-app"],
    ];
    let mut count = Count::default();
    for group in groups {
        let of_group = run(group, rest)?;
        count.passed += of_group.passed;
        count.failed += of_group.failed;
    }
    Ok(count)
}

fn run(packages: &[&str], rest: &[&str]) -> Outcome<Count> {
    let nextest = paths::find_program("cargo-nextest").is_some();
    let mut command = if nextest {
        cargo([
            "nextest",
            "run",
            "--no-fail-fast",
            "--no-tests",
            "pass",
            "--status-level",
            "slow",
        ])
    } else {
        cargo(["test", "--no-fail-fast", "--lib", "--bins", "--tests"])
    };
    command.args(packages);
    if !nextest && !rest.is_empty() {
        command.arg("--");
    }
    command.args(rest);
    let mut count = Count::default();
    let ended = watch(command, |line| {
        let seen = read(line);
        count.passed += seen.passed;
        count.failed += seen.failed;
    });
    match ended {
        Err(problem) if count.failed == 0 => Err(problem),
        _ => Ok(count),
    }
}

/// What a summary line tells: nextest's `Summary [ 0.05s] 3 tests run: 2 passed, 1 failed, 0
/// skipped`, or the `test result: FAILED. 2 passed; 1 failed; 0 ignored` of each test program.
fn read(line: &str) -> Count {
    let counts = match line.split_once(" run: ").or_else(|| line.split_once(". ")) {
        Some((start, counts))
            if start.contains("Summary [") || start.starts_with("test result:") =>
        {
            counts
        }
        _ => return Count::default(),
    };
    let number_before = |word: &str| -> u32 {
        let words: Vec<&str> = counts
            .split([' ', ',', ';'])
            .filter(|w| !w.is_empty())
            .collect();
        let number = words.windows(2).find(|pair| pair.last() == Some(&word));
        number
            .and_then(|pair| pair.first())
            .and_then(|n| n.parse().ok())
            .unwrap_or_default()
    };
    let failed = number_before("failed") + number_before("timed");
    Count {
        passed: number_before("passed"),
        failed,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn summaries_of_both_test_runners_are_read() {
        let of = |line| {
            let count = read(line);
            (count.passed, count.failed)
        };
        assert_eq!(
            of("     Summary [   0.052s] 3 tests run: 2 passed, 1 failed, 0 skipped"),
            (2, 1)
        );
        assert_eq!(
            of("     Summary [   9.1s] 12 tests run: 12 passed (1 slow), 0 skipped"),
            (12, 0)
        );
        assert_eq!(
            of("test result: ok. 5 passed; 0 failed; 0 ignored; finished in 0.00s"),
            (5, 0)
        );
        assert_eq!(of("test leads::claiming ... ok"), (0, 0));
    }
}
