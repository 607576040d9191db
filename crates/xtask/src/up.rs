//! `cargo xtask up`: build what is out of date and run it here.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;

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
    let database = paths::root()
        .join("data")
        .join(if wish.demo { "demo.db" } else { "kehu.db" });
    let is_new = !database.exists();
    let environment = [
        (
            "DATABASE_URL",
            format!("sqlite://{}?mode=rwc", database.display()),
        ),
        ("KEHU_APP_DIR", app::QUICK.out().display().to_string()),
    ];
    std::fs::create_dir_all(paths::root().join("data"))
        .map_err(|error| format!("The folder data/ can't be made: {error}."))?;
    if wish.demo && is_new {
        say("Loading the demo data into data/demo.db");
        run(program(&kehu, ["demo"]).envs(environment.clone()))?;
    }
    let mut serve = program(&kehu, ["serve"]);
    // Settings of the person who types this go first; what is here is the default.
    serve.envs(
        environment
            .into_iter()
            .filter(|(name, _)| std::env::var_os(name).is_none()),
    );
    if let Some(port) = wish.port {
        serve.env("KEHU_LISTEN", format!("127.0.0.1:{port}"));
    }
    say(&format!(
        "Kehu at http://127.0.0.1:{} (Ctrl-C ends it)",
        wish.port.unwrap_or(8080)
    ));
    let error = serve.exec();
    Err(format!("{} can't be started: {error}.", kehu.display()))
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
