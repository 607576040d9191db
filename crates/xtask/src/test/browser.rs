//! The journeys of `tests/e2e`, on the built app and a server of their own.

use crate::process::{program, watch};
use crate::server::{Server, binary};
use crate::test::Count;
use crate::{Outcome, app, install, paths};

/// Runs every `*.test.mjs`, or the files named after `--`.
pub(super) fn journeys(rest: &[&str]) -> Outcome<Count> {
    let chromium = install::chromium()?;
    let node = install::tool("node")?;
    install::browser_packages()?;
    app::build(&app::QUICK)?;
    let server = Server::start("e2e")?;
    let folder = paths::root().join("tests/e2e");
    let mut command = program(
        node,
        ["--test", "--test-concurrency=1", "--test-reporter=spec"],
    );
    command.args(rest).current_dir(folder);
    command
        .env("TEST_URL", server.address())
        .env("TEST_CHROMIUM", chromium);
    command.env("TEST_SHOTS", paths::target().join("e2e"));
    // Journeys that begin with the first run start servers of their own.
    command
        .env("TEST_PROGRAM", binary())
        .env("TEST_APP", app::QUICK.out());
    let mut count = Count::default();
    let ended = watch(command, |line| {
        if let Some(("ℹ", result)) = line.split_once(' ') {
            let number = |word: &str| result.strip_prefix(word)?.trim().parse::<u32>().ok();
            count.passed += number("pass ").unwrap_or_default();
            count.failed += number("fail ").unwrap_or_default();
        }
    });
    match ended {
        Err(problem) if count.failed == 0 => Err(problem),
        _ => Ok(count),
    }
}
