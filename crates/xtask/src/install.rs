//! What the tests need from the machine: installed when it is missing, said before it is done.
//!
//! With `CI` set nothing is installed behind anybody's back: what is missing fails.

use std::path::{Path, PathBuf};

use crate::process::{program, run, say};
use crate::{Outcome, paths};

/// The browser: `TEST_CHROMIUM`, or Debian's.
pub(crate) fn chromium() -> Outcome<PathBuf> {
    if let Some(path) = std::env::var_os("TEST_CHROMIUM") {
        return Ok(path.into());
    }
    let find = || {
        ["chromium", "chromium-browser"]
            .iter()
            .find_map(|name| paths::find_program(name))
    };
    match find() {
        Some(path) => Ok(path),
        None => {
            debian(
                "The browser journeys need Chromium",
                &["chromium", "fonts-noto-cjk"],
            )?;
            find().ok_or_else(|| "Chromium is installed but not on the PATH.".to_owned())
        }
    }
}

/// The server programs that the integration tests start for themselves.
pub(crate) fn postgres() -> Outcome {
    let there = Path::new("/usr/lib/postgresql/15/bin/initdb").exists()
        || paths::find_program("initdb").is_some()
        || std::env::var_os("TEST_POSTGRES").is_some();
    if there {
        return Ok(());
    }
    debian("The integration tests need PostgreSQL", &["postgresql-15"])
}

/// A program of the Python environment in `target/venv`, which `tests/tools.txt` lists:
/// schemathesis, and the node that every machine then has alike.
pub(crate) fn tool(name: &str) -> Outcome<PathBuf> {
    let venv = paths::target().join("venv");
    let wanted = paths::root().join("tests/tools.txt");
    let list = std::fs::read_to_string(&wanted)
        .map_err(|error| format!("{} can't be read: {error}.", wanted.display()))?;
    let note = venv.join("installed");
    if std::fs::read_to_string(&note).is_ok_and(|there| there == list) {
        return Ok(venv.join("bin").join(name));
    }
    say("Installing the test tools of tests/tools.txt into target/venv");
    if paths::find_program("python3").is_none() || !has_venv() {
        debian("The test tools need Python's venv", &["python3-venv"])?;
    }
    run(program("python3", ["-m", "venv", "--clear"]).arg(&venv))?;
    let pip = [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
    ];
    run(program(venv.join("bin/pip"), pip).arg(&wanted))?;
    std::fs::write(&note, list)
        .map_err(|error| format!("{} can't be written: {error}.", note.display()))?;
    Ok(venv.join("bin").join(name))
}

fn has_venv() -> bool {
    program("python3", ["-c", "import ensurepip, venv"])
        .status()
        .is_ok_and(|status| status.success())
}

/// The packages of `tests/e2e/package-lock.json`, which name no host.
pub(crate) fn browser_packages() -> Outcome {
    let folder = paths::root().join("tests/e2e");
    let read = |name: &str| std::fs::read(folder.join(name)).ok();
    let installed = folder.join("node_modules/.installed-from");
    if std::fs::read(&installed).ok() == read("package-lock.json") {
        return Ok(());
    }
    let npm = tool("npm")?;
    say("Installing the browser driver: npm ci in tests/e2e");
    run(with_tools(
        program(npm, ["ci", "--no-progress"]).current_dir(&folder),
    )?)?;
    std::fs::copy(folder.join("package-lock.json"), &installed)
        .map_err(|error| format!("{} can't be written: {error}.", installed.display()))?;
    Ok(())
}

/// npm is a script that looks for `node` on the `PATH`.
fn with_tools(command: &mut std::process::Command) -> Outcome<&mut std::process::Command> {
    let mut folders = vec![paths::target().join("venv/bin")];
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let path = std::env::join_paths(folders)
        .map_err(|error| format!("target/ has a name that PATH can't carry: {error}."))?;
    Ok(command.env("PATH", path))
}

fn debian(why: &str, packages: &[&str]) -> Outcome {
    let names = packages.join(" ");
    let by_hand = format!("apt-get install --no-install-recommends {names}");
    if std::env::var_os("CI").is_some() {
        return Err(format!("{why}, and this machine has none: {by_hand}"));
    }
    if paths::find_program("apt-get").is_none() {
        return Err(format!(
            "{why}; install the equivalent of Debian's {names}."
        ));
    }
    say(&format!("{why}. Installing: {names}"));
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| {
        use std::os::unix::fs::MetadataExt;
        me.uid() == 0
    });
    let script = format!("apt-get update -qq && {by_hand} -y -qq");
    let mut command = if root {
        program("sh", ["-c"])
    } else {
        program("sudo", ["sh", "-c"])
    };
    run(command.arg(script).env("DEBIAN_FRONTEND", "noninteractive"))
        .map_err(|error| format!("{why}, and it could not be installed ({error}) Try: {by_hand}"))
}
