//! Makes the folder that the server gives to browsers, out of the compiled app and its static files.
//!
//! A program of its own because the wasm-bindgen library takes a minute to compile: `cargo xtask`
//! stays quick to start and builds this one only when the app has to be packed.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod bindings;
mod compress;
mod first_screen;
mod folder;
#[path = "../../../frontend/texts.rs"]
mod texts;
mod wasm;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to pack and where to, as given on the command line in this order.
struct Order {
    /// The module as the compiler left it.
    wasm: PathBuf,
    /// The folder with `index.html`, `static/`, `styles/` and `locales/`.
    frontend: PathBuf,
    /// The folder to fill.
    out: PathBuf,
    /// Brotli's quality, 0 to 11.
    quality: i32,
}

fn main() -> ExitCode {
    match read_order().and_then(|order| pack(&order)) {
        Ok(sentence) => {
            println!("{sentence}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn read_order() -> Result<Order, String> {
    let mut args = std::env::args().skip(1);
    let (Some(wasm), Some(frontend), Some(out), Some(quality), None) = (
        args.next(),
        args.next(),
        args.next(),
        args.next(),
        args.next(),
    ) else {
        return Err("usage: xtask-app WASM FRONTEND_FOLDER OUT_FOLDER BROTLI_QUALITY".to_owned());
    };
    let quality = quality
        .parse()
        .map_err(|error| format!("the brotli quality {quality:?} is no number: {error}"))?;
    Ok(Order {
        wasm: wasm.into(),
        frontend: frontend.into(),
        out: out.into(),
        quality,
    })
}

fn pack(order: &Order) -> Result<String, String> {
    let bindings = bindings::make(&order.wasm, &order.out)?;
    let parts = bindings.parts;
    let files = folder::collect(&order.frontend, bindings.files)?;
    let transfer = folder::write(&order.out, &files, order.quality)?;
    let first_screen = first_screen::Sizes::of(&transfer, &parts);
    let note = order.out.with_extension("first-screen");
    fs::write(&note, first_screen.sum().to_string())
        .map_err(|error| format!("can't write {}: {error}", note.display()))?;
    Ok(first_screen.to_string())
}
