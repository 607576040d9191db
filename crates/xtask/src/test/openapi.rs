//! `openapi/openapi.json` is made from the code and never edited.

use std::fs;
use std::path::PathBuf;

use crate::process::{output, program, say};
use crate::test::Count;
use crate::{Outcome, paths, server};

fn file() -> PathBuf {
    paths::root().join("openapi/openapi.json")
}

fn from_code() -> Outcome<String> {
    server::build()?;
    output(&mut program(server::binary(), ["openapi"]))
}

/// Writes what the code says now.
pub(crate) fn write() -> Outcome {
    let text = from_code()?;
    let problem =
        |error: std::io::Error| format!("openapi/openapi.json can't be written: {error}.");
    fs::create_dir_all(paths::root().join("openapi")).map_err(problem)?;
    fs::write(file(), text).map_err(problem)?;
    say("openapi/openapi.json is current");
    Ok(())
}

pub(super) fn compare() -> Outcome<Count> {
    let code = from_code()?;
    let there = fs::read_to_string(file()).unwrap_or_default();
    if there == code {
        return Ok(Count::ONE);
    }
    let line = 1 + there
        .lines()
        .zip(code.lines())
        .take_while(|(a, b)| a == b)
        .count();
    Err(format!(
        "openapi/openapi.json differs from the code from line {line} on: run `cargo xtask openapi`."
    ))
}
