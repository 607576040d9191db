//! `cargo xtask test`: every test, in stages that can also be run one by one.

mod browser;
mod code;
mod fuzz;
mod openapi;

use std::time::Instant;

pub(crate) use fuzz::fuzz;
pub(crate) use openapi::write as write_openapi;

use crate::process::{cargo, run, say};
use crate::{Outcome, app, rules};

/// How many tests a stage ran, and how they ended.
#[derive(Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

impl Count {
    /// A stage that is one single test.
    const ONE: Self = Self {
        passed: 1,
        failed: 0,
    };
}

struct Stage {
    name: &'static str,
    what: &'static str,
    /// Takes what follows `--` on the command line.
    run: fn(&[&str]) -> Outcome<Count>,
}

const STAGES: [Stage; 8] = [
    Stage {
        name: "format",
        what: "the code is formatted",
        run: |_| format(),
    },
    Stage {
        name: "rules",
        what: "the house rules are kept",
        run: |_| rules::check(),
    },
    Stage {
        name: "code",
        what: "unit and integration tests, on both databases",
        run: code::test,
    },
    Stage {
        name: "lint",
        what: "clippy has nothing to say",
        run: |_| lint(),
    },
    Stage {
        name: "app",
        what: "the browser app builds and its first screen stays small",
        run: |_| build_app(),
    },
    Stage {
        name: "openapi",
        what: "openapi/openapi.json is current",
        run: |_| openapi::compare(),
    },
    Stage {
        name: "e2e",
        what: "journeys in a real browser",
        run: browser::journeys,
    },
    Stage {
        name: "fuzz",
        what: "no request breaks the API's promises",
        run: |_| fuzz::short(),
    },
];

/// What happened in one stage.
struct Line {
    name: &'static str,
    seconds: f64,
    count: Count,
    problem: Option<String>,
}

/// Runs the named stages, or all of them. What follows `--` goes to the stage's own test runner.
pub(crate) fn test(args: &[&str]) -> Outcome {
    let (names, rest) = match args.iter().position(|arg| *arg == "--") {
        Some(at) => (
            args.get(..at).unwrap_or_default(),
            args.get(at + 1..).unwrap_or_default(),
        ),
        None => (args, [].as_slice()),
    };
    if let Some(name) = names
        .iter()
        .find(|name| !STAGES.iter().any(|stage| stage.name == **name))
    {
        let known = STAGES.map(|stage| stage.name).join(", ");
        return Err(format!(
            "{name:?} is no stage of the tests; these are: {known}."
        ));
    }
    let mut lines = Vec::new();
    for stage in STAGES
        .iter()
        .filter(|stage| names.is_empty() || names.contains(&stage.name))
    {
        lines.push(run_stage(stage, rest));
    }
    close(&lines)
}

fn run_stage(stage: &Stage, rest: &[&str]) -> Line {
    say(&format!("[{}] {}", stage.name, stage.what));
    let start = Instant::now();
    let (count, problem) = match (stage.run)(rest) {
        Ok(count) => (count, None),
        Err(problem) => (
            Count {
                passed: 0,
                failed: 1,
            },
            Some(problem),
        ),
    };
    let seconds = start.elapsed().as_secs_f64();
    if let Some(problem) = &problem {
        say(&format!("[{}] {problem}", stage.name));
    }
    say(&format!("[{}] took {seconds:.1} s", stage.name));
    Line {
        name: stage.name,
        seconds,
        count,
        problem,
    }
}

/// The closing table, and the line that a machine reads.
fn close(lines: &[Line]) -> Outcome {
    println!(
        "\n{:<10}{:>10}{:>10}{:>10}",
        "stage", "seconds", "passed", "failed"
    );
    let mut total = Count::default();
    let mut seconds = 0.0;
    for line in lines {
        let Count { passed, failed } = line.count;
        println!(
            "{:<10}{:>10.1}{passed:>10}{failed:>10}",
            line.name, line.seconds
        );
        if let Some(problem) = &line.problem {
            println!("          {problem}");
        }
        total.passed += passed;
        total.failed += failed;
        seconds += line.seconds;
    }
    println!(
        "{:<10}{seconds:>10.1}{:>10}{:>10}",
        "together", total.passed, total.failed
    );
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        return Err("The tests did not pass.".to_owned());
    }
    Ok(())
}

fn format() -> Outcome<Count> {
    run(&mut cargo(["fmt", "--all", "--check"]))
        .map_err(|problem| format!("Not everything is formatted: `cargo fmt --all`. {problem}"))?;
    Ok(Count::ONE)
}

/// The server's crates in the debug profile, where they are built for the tests; the app's for
/// browsers, in the profile that shares its macros with the built app.
fn lint() -> Outcome<Count> {
    let browser = ["--package", "kehu-frontend", "--target", app::TARGET];
    let parts: [&[&str]; 3] = [
        &["--all-targets"],
        &[
            "--all-targets",
            "--package",
            "xtask",
            "--package",
            "xtask-app",
        ],
        &[&browser, ["--profile", app::QUICK.profile].as_slice()].concat(),
    ];
    let mut count = Count::default();
    for part in parts {
        match run(cargo(["clippy"])
            .args(part)
            .args(["--", "--deny", "warnings"]))
        {
            Ok(()) => count.passed += 1,
            Err(problem) => {
                say(&problem);
                count.failed += 1;
            }
        }
    }
    Ok(count)
}

fn build_app() -> Outcome<Count> {
    app::build(&app::QUICK)?;
    app::keep_small(&app::QUICK)?;
    Ok(Count::ONE)
}
