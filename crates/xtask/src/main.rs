//! Everything that a person types to build, run and test Kehu: `cargo xtask help`.
//!
//! It needs nothing but the standard library, so that it starts at once.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod app;
mod dist;
mod install;
mod paths;
mod process;
mod rules;
mod server;
mod test;
mod up;

use std::process::ExitCode;

/// What a command gives: nothing, or one sentence that says what went wrong.
type Outcome<T = ()> = Result<T, String>;

const HELP: &str = "\
cargo xtask COMMAND

  up [--demo] [--port N] [--debug]
             build the app and the server and run them here; --demo on demonstration data
  test [STAGE…] [-- ARGS]
             every test, or the named stages of: format rules code lint app openapi e2e fuzz
  app [--small]
             build the browser app into target/app (--small: as shipped, into target/app-dist)
  dist       build dist/kehu, one program with the app inside
  openapi    write openapi/openapi.json from the code
  fuzz [ARGS]
             every operation of the API in depth
  bench [imports|http] [ARGS]
             measure the speed; see docs/performance.md
  help       this text";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match command(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("\nxtask: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn command(args: &[&str]) -> Outcome {
    match args {
        ["up", rest @ ..] => up::up(rest),
        ["test", rest @ ..] => test::test(rest),
        ["app"] => app::build(&app::QUICK),
        ["app", "--small"] => app::build(&app::SMALL).and_then(|()| app::keep_small(&app::SMALL)),
        ["dist"] => dist::dist(),
        ["openapi"] => test::write_openapi(),
        ["fuzz", rest @ ..] => test::fuzz(rest),
        ["bench", rest @ ..] => bench(rest),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        [other, ..] => Err(format!(
            "{other:?} is not understood here; see `cargo xtask help`."
        )),
    }
}

/// Builds the product as people run it beside what measures it.
fn bench(args: &[&str]) -> Outcome {
    if !args.contains(&"imports") && !args.contains(&"sqlite") {
        install::postgres()?;
    }
    let build = [
        "build",
        "--release",
        "--package",
        "kehu-tests",
        "--package",
        "kehu-api",
    ];
    process::run(process::cargo(build).args(["--bin", "bench", "--bin", "kehu"]))?;
    process::run(&mut process::program(
        paths::target().join("release/bench"),
        args,
    ))
}
