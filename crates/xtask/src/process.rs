//! Running other programs: said aloud, and their failure in one sentence.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};

use crate::{Outcome, paths};

/// One line about what happens now.
pub(crate) fn say(line: &str) {
    println!("==> {line}");
}

/// A program to run in the repository's folder.
pub(crate) fn program<A: AsRef<OsStr>>(
    name: impl AsRef<OsStr>,
    args: impl IntoIterator<Item = A>,
) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(paths::root());
    command
}

/// The cargo that runs this program, without what it told us about ourselves: build scripts that
/// look at those variables would run again each time.
pub(crate) fn cargo<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = program(cargo, args);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let about_us = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ];
        if about_us.iter().any(|start| name.starts_with(start)) || name == "CARGO" {
            command.env_remove(&*name);
        }
    }
    command
}

/// Runs with the terminal's output; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    success(command, status)
}

/// Runs and gives what it printed.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let output = command.stderr(Stdio::piped()).output();
    let output = output.map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "`{}` failed ({}): {}",
        shown(command),
        output.status,
        words.trim()
    ))
}

/// Runs, passes on each line that it prints to either stream, and lets `see` have it too.
pub(crate) fn watch(mut command: Command, mut see: impl FnMut(&str)) -> Outcome {
    let broken = |error: std::io::Error| format!("a pipe can't be made: {error}.");
    let (reader, writer) = std::io::pipe().map_err(broken)?;
    command
        .stdout(writer.try_clone().map_err(broken)?)
        .stderr(writer);
    let mut child = command
        .spawn()
        .map_err(|error| not_started(&command, &error))?;
    // Our ends of the pipe: without this, reading never ends.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut lines = BufReader::new(reader);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(broken)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        see(text.trim_end());
        line.clear();
    }
    let status = child
        .wait()
        .map_err(|error| not_started(&command, &error))?;
    success(&command, status)
}

fn success(command: &Command, status: ExitStatus) -> Outcome {
    if status.success() {
        Ok(())
    } else {
        Err(format!(
            "`{}` failed ({status}); its own words are above.",
            shown(command)
        ))
    }
}

fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` can't be started: {error}.", shown(command))
}

/// The command as a person would type it, shortened when it is long.
fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned()),
    );
    let line = words.join(" ");
    match line.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
