//! Builds the browser app: the compiler makes the module, `xtask-app` the folder to serve.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, UNIX_EPOCH};

use crate::process::{cargo, output, program, run, say};
use crate::{Outcome, paths};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// How to build the app and where to.
pub(crate) struct Recipe {
    pub(crate) profile: &'static str,
    folder: &'static str,
    brotli_quality: &'static str,
    /// How many bytes the first screen may take over the wire.
    first_screen: usize,
}

/// For working on it and for the tests.
pub(crate) const QUICK: Recipe = Recipe {
    profile: "wasm",
    folder: "app",
    brotli_quality: "5",
    // A fifth more than when it ships, because the build is quicker: tells of growth early.
    first_screen: 480_000,
};

/// For shipping: the smallest.
pub(crate) const SMALL: Recipe = Recipe {
    profile: "wasm-dist",
    folder: "app-dist",
    brotli_quality: "11",
    first_screen: 400_000,
};

impl Recipe {
    /// The folder with the finished app: always below the repository, where the server's crate
    /// looks for what it carries inside.
    pub(crate) fn out(&self) -> PathBuf {
        paths::root().join("target").join(self.folder)
    }
}

/// Builds what is out of date, and nothing else.
pub(crate) fn build(recipe: &Recipe) -> Outcome {
    let start = Instant::now();
    ensure_target()?;
    say("Building the app");
    run(
        cargo(["build", "--package", "kehu-frontend", "--target", TARGET])
            .args(["--profile", recipe.profile]),
    )?;
    let out = recipe.out();
    let wasm = paths::target()
        .join(TARGET)
        .join(recipe.profile)
        .join("kehu-frontend.wasm");
    let frontend = paths::root().join("frontend");
    let stamp_file = out.with_extension("stamp");
    let stamp = stamp(&[
        wasm.clone(),
        frontend.join("index.html"),
        frontend.join("static"),
        frontend.join("styles"),
        frontend.join("texts.rs"),
        frontend.join("locales"),
        paths::root().join("crates/xtask-app"),
    ])?;
    if fs::read_to_string(&stamp_file).is_ok_and(|there| there == stamp) {
        say("The app is up to date");
        return Ok(());
    }
    say("Packing the app");
    run(cargo(["run", "--quiet", "--package", "xtask-app", "--"])
        .args([&wasm, &frontend, &out])
        .arg(recipe.brotli_quality))?;
    fs::write(&stamp_file, stamp)
        .map_err(|error| format!("{} can't be written: {error}.", stamp_file.display()))?;
    say(&format!(
        "The app is in {} after {:.1} s",
        out.display(),
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// Refuses an app whose first screen takes longer to load than it may.
pub(crate) fn keep_small(recipe: &Recipe) -> Outcome {
    let note = recipe.out().with_extension("first-screen");
    let bytes: usize = fs::read_to_string(&note)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("{} does not tell how large the app is.", note.display()))?;
    let most = recipe.first_screen;
    if bytes > most {
        return Err(format!(
            "The first screen takes {bytes} bytes over the wire; {most} are allowed. \
             `frontend/src/parts.rs` tells how a page becomes a part that is fetched later."
        ));
    }
    say(&format!(
        "The first screen takes {bytes} bytes over the wire of {most} that are allowed"
    ));
    Ok(())
}

/// Installs the standard library for browsers when the toolchain has none.
fn ensure_target() -> Outcome {
    let folder = output(&mut program(
        "rustc",
        ["--print", "target-libdir", "--target", TARGET],
    ))?;
    let there = fs::read_dir(folder.trim()).is_ok_and(|mut entries| {
        entries.any(|entry| {
            entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
        })
    });
    if there {
        return Ok(());
    }
    say("Installing the Rust target for browsers: rustup target add wasm32-unknown-unknown");
    run(&mut program("rustup", ["target", "add", TARGET])).map_err(|why| {
        format!("The app needs the Rust target {TARGET} and it could not be installed: {why}")
    })
}

/// Names, sizes and times of the files: changes when one of them does.
fn stamp(places: &[PathBuf]) -> Outcome<String> {
    let mut lines = Vec::new();
    for place in places {
        if place.exists() {
            stamp_below(place, &mut lines)
                .map_err(|error| format!("{} can't be read: {error}.", place.display()))?;
        }
    }
    lines.sort();
    Ok(lines.join("\n"))
}

fn stamp_below(place: &Path, lines: &mut Vec<String>) -> std::io::Result<()> {
    let metadata = fs::metadata(place)?;
    if metadata.is_dir() {
        for entry in fs::read_dir(place)? {
            stamp_below(&entry?.path(), lines)?;
        }
        return Ok(());
    }
    let changed = metadata
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    lines.push(format!(
        "{} {} {}",
        place.display(),
        metadata.len(),
        changed.as_nanos()
    ));
    Ok(())
}
