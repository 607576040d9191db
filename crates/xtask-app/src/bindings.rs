//! Runs wasm-bindgen, or takes what it made last time when the module has not changed.

use std::fs;
use std::path::Path;

use crate::folder::{File, fingerprint};

/// The name of the note beside the packed folder that says which module its bindings came from.
const NOTE: &str = "bindings";

/// The module `<name>_bg.wasm` and its JavaScript `<name>.js`.
pub(crate) fn make(wasm: &Path, out: &Path, name: &str) -> Result<Vec<File>, String> {
    let input =
        fs::read(wasm).map_err(|error| format!("can't read {}: {error}", wasm.display()))?;
    let cache = out.with_extension(format!("{name}-{NOTE}"));
    let note = cache.join("made-from");
    // The options below are part of what made the bindings.
    let stamp = fingerprint(&[input.as_slice(), include_bytes!("bindings.rs")].concat());
    if fs::read_to_string(&note).ok().as_deref() != Some(stamp.as_str()) {
        run(wasm, &cache, name)?;
        fs::write(&note, &stamp)
            .map_err(|error| format!("can't write {}: {error}", note.display()))?;
    }
    let mut files = File::read_folder(&cache)?;
    files.retain(|file| file.name != "made-from");
    Ok(files)
}

fn run(wasm: &Path, cache: &Path, name: &str) -> Result<(), String> {
    if cache.exists() {
        fs::remove_dir_all(cache)
            .map_err(|error| format!("can't empty {}: {error}", cache.display()))?;
    }
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name(name)
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(cache))
        .map_err(|error| format!("wasm-bindgen refused {}: {error:#}", wasm.display()))
}
