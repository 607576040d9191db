//! Divides the module into its parts and runs wasm-bindgen, or takes what they made last time when the
//! module has not changed.

use std::fs;
use std::path::Path;

use crate::folder::{File, fingerprint};
use crate::wasm::without_custom_sections;

/// The name of the note beside the packed folder that says which module its bindings came from.
const NOTE: &str = "bindings";

/// The script that fetches parts.
const PARTS: &str = "parts.js";

/// What became of the module.
pub(crate) struct Bindings {
    /// `app.js`, `app_bg.wasm`, `parts.js` and the modules in `parts/`.
    pub(crate) files: Vec<File>,
    /// Each part by name, with the files that the browser fetches for it.
    pub(crate) parts: Vec<(String, Vec<String>)>,
}

/// The module `app_bg.wasm` with its JavaScript, and its parts. They are of one version: a part of
/// another build must never come into a running app, so each carries the build in its name.
pub(crate) fn make(wasm: &Path, out: &Path) -> Result<Bindings, String> {
    let input =
        fs::read(wasm).map_err(|error| format!("can't read {}: {error}", wasm.display()))?;
    let cache = out.with_extension(NOTE);
    let note = cache.join("made-from");
    // The options below are part of what made the bindings.
    let version = fingerprint(&[input.as_slice(), include_bytes!("bindings.rs")].concat());
    if fs::read_to_string(&note).ok().as_deref() != Some(version.as_str()) {
        if cache.exists() {
            fs::remove_dir_all(&cache)
                .map_err(|error| format!("can't empty {}: {error}", cache.display()))?;
        }
        let divided = cache.join("divided");
        divide(&input, &divided, &version)?;
        bind(&divided.join("app.wasm"), &cache)?;
        fs::write(&note, &version)
            .map_err(|error| format!("can't write {}: {error}", note.display()))?;
    }
    collect(&cache, &version)
}

fn divide(input: &[u8], folder: &Path, version: &str) -> Result<(), String> {
    let script = format!("./{PARTS}");
    let main = folder.join("app.wasm");
    let app = format!("/app.js?v={version}");
    let mut options = wasm_split_cli_support::Options::new(input);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.link_name = &script;
    options.main_module = &app;
    let divided = wasm_split_cli_support::transform(options)
        .map_err(|error| format!("the module can't be divided: {error:#}"))?;
    let mut parts: Vec<String> = divided
        .prefetch_map
        .into_iter()
        .map(|(part, files)| format!("{part} {}\n", files.join(" ")))
        .collect();
    parts.sort();
    let list = folder.join("parts");
    fs::write(&list, parts.concat())
        .map_err(|error| format!("can't write {}: {error}", list.display()))
}

fn bind(wasm: &Path, cache: &Path) -> Result<(), String> {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("app")
        .typescript(false)
        .omit_default_module_path(true)
        // The parts use what the linker exports.
        .keep_lld_exports(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(cache))
        .map_err(|error| format!("wasm-bindgen refused {}: {error:#}", wasm.display()))
}

/// Gives every file its address and every mention of it the version.
fn collect(cache: &Path, version: &str) -> Result<Bindings, String> {
    let file = |name: String, bytes| File::of_version(name, bytes, version);
    let mut bindings = Bindings {
        files: Vec::new(),
        parts: Vec::new(),
    };
    let mut script = String::new();
    for found in File::read_folder(&cache.join("divided"))? {
        match found.name.as_str() {
            "app.wasm" => {}
            "parts" => bindings.parts = read_parts(&String::from_utf8_lossy(&found.bytes), version),
            PARTS => script.push_str(&String::from_utf8_lossy(&found.bytes)),
            name => {
                let address = address(name.trim_end_matches(".wasm"), version);
                let module = without_custom_sections(&found.bytes)
                    .ok_or_else(|| format!("the part {name} is no module"))?;
                bindings.files.push(file(address, module));
            }
        }
    }
    for part in &bindings.files {
        let mention = part.name.trim_start_matches("parts/");
        let mention = mention.trim_end_matches(&format!(".{version}.wasm"));
        script = script.replace(
            &format!("\"./{mention}.wasm\""),
            &format!("\"/{}?v={version}\"", part.name),
        );
    }
    bindings
        .files
        .push(file(PARTS.to_owned(), script.into_bytes()));
    for found in File::read_folder(cache)? {
        match found.name.as_str() {
            "app.js" => {
                let app = String::from_utf8_lossy(&found.bytes);
                let app = app.replace(
                    &format!("from \"./{PARTS}\""),
                    &format!("from \"/{PARTS}?v={version}\""),
                );
                bindings.files.push(file(found.name, app.into_bytes()));
            }
            "app_bg.wasm" => bindings.files.push(file(found.name, found.bytes)),
            _ => {}
        }
    }
    Ok(bindings)
}

/// Where a module of the divided app lies in the folder.
fn address(module: &str, version: &str) -> String {
    format!("parts/{module}.{version}.wasm")
}

fn read_parts(list: &str, version: &str) -> Vec<(String, Vec<String>)> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let part = words.next()?.to_owned();
        Some((part, words.map(|module| address(module, version)).collect()))
    };
    list.lines().filter_map(line).collect()
}
