//! Everything that a person types to build, run and test Kehu: `cargo xtask help`.
//!
//! It needs nothing but the standard library, so that it starts at once.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod app;
mod paths;
mod process;

use std::process::ExitCode;

/// What a command gives: nothing, or one sentence that says what went wrong.
type Outcome<T = ()> = Result<T, String>;

const HELP: &str = "\
cargo xtask COMMAND

  app        build the browser app into target/app (--small: as it is shipped, into target/app-dist)
  help       this text
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("\nxtask: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Outcome {
    match args {
        ["app"] => app::build(&app::QUICK),
        ["app", "--small"] => app::build(&app::SMALL),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        [other, ..] => Err(format!(
            "{other:?} is not understood here; see `cargo xtask help`."
        )),
    }
}
