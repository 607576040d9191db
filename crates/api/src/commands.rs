//! What the program does beside serving, one file per command.

pub mod audit;
pub mod backup;
pub mod check;
pub mod demo;
pub mod erase;
pub mod import;
pub mod users;
pub mod workspaces;

use std::io::{IsTerminal, Write, stdin, stdout};

use kehu_app::error::AppError;

/// Why a command failed, for who gave it.
pub type Failure = Box<dyn std::error::Error>;

/// Reads a password: typed unseen at a terminal, else the first line of the standard input.
fn read_password() -> Result<String, Failure> {
    if stdin().is_terminal() {
        return Ok(rpassword::prompt_password("New password: ")?);
    }
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn say(text: &str) -> Result<(), Failure> {
    Ok(writeln!(stdout(), "{text}")?)
}

/// Names the fields that are wrong.
fn explain(error: AppError) -> Failure {
    match error {
        AppError::Invalid(problems) => {
            let name = |pointer: &str| pointer.trim_start_matches('/').to_owned();
            let all: Vec<String> = problems
                .iter()
                .map(|p| format!("{}: {}", name(&p.pointer), p.code))
                .collect();
            all.join(", ").into()
        }
        other => other.into(),
    }
}
