//! Gives the code the keys of all texts, sorted, for `t!` and `tf!` to be checked against; fails the
//! build where the languages differ.

mod texts;

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use texts::{Outcome, read, version};

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=texts.rs");
    // The packer divides the module into parts, and needs to know what refers to what.
    if env::var("TARGET").is_ok_and(|target| target.starts_with("wasm32")) {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    let all = read(Path::new("locales"))?;
    let Some(texts) = all.first() else {
        return Err("there is no language".to_owned());
    };
    let mut code = format!(
        "pub(crate) const COUNT: usize = {};\npub(crate) const VERSION: &str = {:?};\n",
        texts.len(),
        version(texts),
    );
    code.push_str("pub(crate) const KEYS: [&str; COUNT] = [");
    for key in texts.keys() {
        write!(code, "{key:?},").map_err(|e| e.to_string())?;
    }
    code.push_str("];\n");
    let out = env::var("OUT_DIR").map_err(|e| e.to_string())?;
    fs::write(Path::new(&out).join("texts.rs"), code).map_err(|e| e.to_string())
}
