//! `cargo xtask dist`: the one program that is shipped, with the app inside.

use std::fs;

use crate::process::{cargo, run, say};
use crate::{Outcome, app, paths};

/// Builds `dist/kehu`.
pub(crate) fn dist() -> Outcome {
    app::build(&app::SMALL)?;
    app::keep_small(&app::SMALL)?;
    say("Building the server with the app inside");
    run(&mut cargo([
        "build",
        "--profile",
        "dist",
        "--package",
        "kehu-api",
        "--features",
        "embed",
    ]))?;
    let folder = paths::root().join("dist");
    let built = paths::target().join("dist/kehu");
    let shipped = folder.join("kehu");
    let bytes = fs::create_dir_all(&folder)
        .and_then(|()| fs::copy(&built, &shipped))
        .map_err(|error| format!("{} can't be written: {error}.", shipped.display()))?;
    say(&format!(
        "dist/kehu is ready: {} MB, nothing else to install",
        bytes / 1_000_000
    ));
    Ok(())
}
