//! Runs wasm-bindgen, or takes what it made last time when the module has not changed.

use std::fs;
use std::path::Path;

use crate::folder::{File, fingerprint};

/// The name of the note beside the packed folder that says which module its bindings came from.
const NOTE: &str = "bindings";

/// The module and its JavaScript, with a last line that starts the app.
pub(crate) fn make(wasm: &Path, out: &Path) -> Result<Vec<File>, String> {
    let input =
        fs::read(wasm).map_err(|error| format!("can't read {}: {error}", wasm.display()))?;
    let cache = out.with_extension(NOTE);
    let note = cache.join("made-from");
    // The options below are part of what made the bindings.
    let stamp = fingerprint(&[input.as_slice(), include_bytes!("bindings.rs")].concat());
    if fs::read_to_string(&note).ok().as_deref() != Some(stamp.as_str()) {
        run(wasm, &cache)?;
        fs::write(&note, &stamp)
            .map_err(|error| format!("can't write {}: {error}", note.display()))?;
    }
    let mut files = File::read_folder(&cache)?;
    files.retain(|file| file.name != "made-from");
    start_by_itself(&mut files)?;
    Ok(files)
}

fn run(wasm: &Path, cache: &Path) -> Result<(), String> {
    if cache.exists() {
        fs::remove_dir_all(cache)
            .map_err(|error| format!("can't empty {}: {error}", cache.display()))?;
    }
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("app")
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(cache))
        .map_err(|error| format!("wasm-bindgen refused {}: {error:#}", wasm.display()))
}

/// The page needs no inline script, and the module is fetched under a name that changes with it.
fn start_by_itself(files: &mut [File]) -> Result<(), String> {
    let module = files
        .iter()
        .find(|file| file.name == "app_bg.wasm")
        .map(|file| fingerprint(&file.bytes))
        .ok_or("wasm-bindgen made no app_bg.wasm")?;
    let script = files
        .iter_mut()
        .find(|file| file.name == "app.js")
        .ok_or("wasm-bindgen made no app.js")?;
    let start = format!("\n__wbg_init({{ module_or_path: \"/app_bg.wasm?v={module}\" }});\n");
    script.bytes.extend_from_slice(start.as_bytes());
    Ok(())
}
