//! `cargo xtask up`: build what is out of date and run it here.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use crate::process::{cargo, program, run, say};
use crate::{Outcome, app, paths};

/// What can be said after `up`.
#[derive(Default)]
struct Wish {
    demo: bool,
    debug: bool,
    port: Option<u16>,
}

/// Serves until it is stopped; comes back only with a problem.
pub(crate) fn up(args: &[&str]) -> Outcome {
    let wish = read(args)?;
    app::build(&app::QUICK)?;
    let kehu = build(&wish)?;
    let environment = environment(&wish)?;
    if wish.demo && !demo_file().exists() {
        say("Loading the demonstration data into data/demo.db");
        load_demo(&kehu)?;
    }
    say("Starting (Ctrl-C ends it)");
    let error = program(&kehu, ["serve"]).envs(environment).exec();
    Err(format!("{} can't be started: {error}.", kehu.display()))
}

/// Makes the demonstration data under another name first: a half-made file is never served.
fn load_demo(kehu: &Path) -> Outcome {
    let half_made = demo_file().with_extension("part");
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mut file = half_made.clone().into_os_string();
        file.push(suffix);
        // What is not there need not be removed.
        let _ = std::fs::remove_file(file);
    }
    let url = format!("sqlite://{}?mode=rwc", half_made.display());
    run(&mut program(kehu, ["demo", "--database-url", &url]))?;
    std::fs::rename(&half_made, demo_file())
        .map_err(|error| format!("The demonstration data can't be put in place: {error}."))
}

fn demo_file() -> PathBuf {
    paths::root().join("data/demo.db")
}

/// What the server is told beyond the settings of the person who types this.
fn environment(wish: &Wish) -> Outcome<Vec<(&'static str, String)>> {
    let chosen = |name: &str| std::env::var_os(name).is_some();
    let mut environment = Vec::new();
    if !chosen("KEHU_APP_DIR") {
        environment.push(("KEHU_APP_DIR", app::QUICK.out().display().to_string()));
    }
    if let Some(port) = wish.port {
        environment.push(("KEHU_PORT", port.to_string()));
    }
    let database_chosen = chosen("DATABASE_URL")
        || chosen("KEHU_DATABASE_URL")
        || paths::root().join("kehu.toml").exists();
    if wish.demo || !database_chosen {
        let file = if wish.demo {
            demo_file()
        } else {
            paths::root().join("data/kehu.db")
        };
        std::fs::create_dir_all(paths::root().join("data"))
            .map_err(|error| format!("The folder data/ can't be made: {error}."))?;
        let url = format!("sqlite://{}?mode=rwc", file.display());
        environment.extend([("DATABASE_URL", url.clone()), ("KEHU_DATABASE_URL", url)]);
    }
    Ok(environment)
}

fn build(wish: &Wish) -> Outcome<PathBuf> {
    say("Building the server");
    if wish.debug {
        crate::server::build()?;
        return Ok(crate::server::binary());
    }
    run(&mut cargo(["build", "--release", "--package", "kehu-api"]))?;
    Ok(paths::target().join("release/kehu"))
}

fn read(args: &[&str]) -> Outcome<Wish> {
    let mut wish = Wish::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg {
            "--demo" => wish.demo = true,
            "--debug" => wish.debug = true,
            "--port" => {
                let port = args.next().and_then(|port| port.parse().ok());
                wish.port = Some(port.ok_or("--port wants a number from 1 to 65535.")?);
            }
            other => return Err(format!("`up` does not understand {other:?}.")),
        }
    }
    Ok(wish)
}
