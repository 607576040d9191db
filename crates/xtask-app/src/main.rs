//! Makes the folder that the server gives to browsers, out of the compiled app and its static files.
//!
//! A program of its own because the wasm-bindgen library takes a minute to compile: `cargo xtask`
//! stays quick to start and builds this one only when the app has to be packed.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod bindings;
mod compress;
mod folder;

use std::path::PathBuf;
use std::process::ExitCode;

/// What to pack and where to, as given on the command line in this order.
struct Order {
    /// The app's module as the compiler left it.
    app: PathBuf,
    /// The module of the page `/ui`.
    gallery: PathBuf,
    /// The folder with `index.html`, `static/` and `styles/`.
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
    let (Some(app), Some(gallery), Some(frontend), Some(out), Some(quality), None) = (
        args.next(),
        args.next(),
        args.next(),
        args.next(),
        args.next(),
        args.next(),
    ) else {
        return Err(
            "usage: xtask-app APP_WASM GALLERY_WASM FRONTEND_FOLDER OUT_FOLDER BROTLI_QUALITY"
                .to_owned(),
        );
    };
    let quality = quality
        .parse()
        .map_err(|error| format!("the brotli quality {quality:?} is no number: {error}"))?;
    Ok(Order {
        app: app.into(),
        gallery: gallery.into(),
        frontend: frontend.into(),
        out: out.into(),
        quality,
    })
}

fn pack(order: &Order) -> Result<String, String> {
    let mut bindings = bindings::make(&order.app, &order.out, "app")?;
    bindings.extend(bindings::make(&order.gallery, &order.out, "ui")?);
    let files = folder::collect(&order.frontend, bindings)?;
    let transfer = folder::write(&order.out, &files, order.quality)?;
    Ok(format!(
        "packed {} files, {} kB over the wire with brotli",
        files.len(),
        transfer / 1000
    ))
}
