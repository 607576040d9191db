//! The packed folder: which files it holds, under which addresses, and writing only what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::{compress, texts};

/// One file of the packed folder.
pub(crate) struct File {
    /// The path inside the folder, with `/`.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) bytes: Vec<u8>,
    /// Changes with what it holds.
    version: String,
}

impl File {
    /// A file that is its own version.
    pub(crate) fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        let version = fingerprint(&bytes);
        Self::of_version(name, bytes, version)
    }

    /// A file whose version is that of what it was made from.
    pub(crate) fn of_version(
        name: impl Into<String>,
        bytes: Vec<u8>,
        version: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            bytes,
            version: version.into(),
        }
    }

    /// Every file below `folder`, by name; none when there is no such folder.
    pub(crate) fn read_folder(folder: &Path) -> Result<Vec<Self>, String> {
        let mut files = Vec::new();
        if folder.is_dir() {
            read_below(folder, "", &mut files)?;
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }
}

fn read_below(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<(), String> {
    let problem = |error: std::io::Error| format!("can't read {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(problem)? {
        let entry = entry.map_err(problem)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(problem)?.is_dir() {
            read_below(&entry.path(), &format!("{name}/"), files)?;
        } else {
            let bytes = fs::read(entry.path()).map_err(problem)?;
            files.push(File::new(name, bytes));
        }
    }
    Ok(())
}

/// Sixteen hexadecimal digits that change with the bytes.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The bindings, `static/*`, `styles/*.css` as one `app.css`, and the page. The page and the scripts
/// in `static/` name the others with their versions.
pub(crate) fn collect(frontend: &Path, bindings: Vec<File>) -> Result<Vec<File>, String> {
    let mut files = bindings;
    let mut style = Vec::new();
    for sheet in File::read_folder(&frontend.join("styles"))? {
        if sheet.name.ends_with(".css") {
            style.extend_from_slice(&sheet.bytes);
            style.push(b'\n');
        }
    }
    files.push(File::new("app.css", style));
    files.extend(texts(&frontend.join("locales"))?);
    let (scripts, others): (Vec<_>, Vec<_>) = File::read_folder(&frontend.join("static"))?
        .into_iter()
        .partition(|file| file.name.ends_with(".js"));
    files.extend(others);
    // `boot.js` is before `service-worker.js`, which names it.
    for script in scripts {
        let text = name_versions(&String::from_utf8_lossy(&script.bytes), &files);
        files.push(File::new(script.name, text.into_bytes()));
    }
    let page = frontend.join("index.html");
    let page = fs::read_to_string(&page)
        .map_err(|error| format!("can't read {}: {error}", page.display()))?;
    let page = name_versions(&page, &files);
    files.push(File::new("index.html", page.into_bytes()));
    Ok(files)
}

/// A file for each language: the version of the keys, then line by line a key and its text.
fn texts(locales: &Path) -> Result<Vec<File>, String> {
    let all = texts::read(locales)?;
    let file = |(texts, language): (&texts::Texts, &&str)| {
        let mut text = texts::version(texts);
        for (key, words) in texts {
            text.extend(["\n", key, "\t", words]);
        }
        File::new(format!("texts/{language}.txt"), text.into_bytes())
    };
    Ok(all.iter().zip(texts::LANGUAGES).map(file).collect())
}

/// Gives every quoted address of a packed file the file's version: `"/app.css"` becomes
/// `"/app.css?v=…"`, so that browsers may keep it for as long as they like. `"/parts/*"` becomes the
/// addresses of all parts of the app, without the page of the design system, which only people who
/// build pages open.
fn name_versions(text: &str, files: &[File]) -> String {
    let versioned = |file: &File| format!("\"/{}?v={}\"", file.name, file.version);
    let parts: Vec<String> = files
        .iter()
        .filter(|file| file.name.starts_with("parts/") && !file.name.contains("gallery"))
        .map(versioned)
        .collect();
    let text = text.replace("\"/parts/*\"", &parts.join(", "));
    // A service worker keeps its address: the browser compares its bytes itself.
    let files = files.iter().filter(|file| file.name != "service-worker.js");
    files.fold(text, |text, file| {
        text.replace(&format!("\"/{}\"", file.name), &versioned(file))
    })
}

/// Writes what changed, removes what is no longer named, and answers with the bytes of each file that
/// a browser with brotli transfers.
pub(crate) fn write(
    out: &Path,
    files: &[File],
    quality: i32,
) -> Result<BTreeMap<String, usize>, String> {
    let mut keep = BTreeSet::new();
    let mut transfer = BTreeMap::new();
    for file in files {
        let packed = compress::beside(out, file, quality)?;
        transfer.insert(file.name.clone(), packed.brotli_len);
        keep.extend(packed.names);
    }
    for old in File::read_folder(out)? {
        if !keep.contains(&old.name) {
            let path = out.join(&old.name);
            fs::remove_file(&path)
                .map_err(|error| format!("can't remove {}: {error}", path.display()))?;
        }
    }
    Ok(transfer)
}

#[cfg(test)]
mod tests {
    use super::{File, fingerprint, name_versions};

    #[test]
    fn addresses_of_packed_files_carry_their_fingerprint_and_others_do_not() {
        let files = [File::new("app.css", b"a{}".to_vec())];
        let page = r#"<link href="/app.css"><a href="/apple">"#;
        let versioned = name_versions(page, &files);
        let expected = format!(
            r#"<link href="/app.css?v={}"><a href="/apple">"#,
            fingerprint(b"a{}")
        );
        assert_eq!(versioned, expected);
    }

    #[test]
    fn the_parts_of_the_app_are_listed_without_the_page_of_the_design_system() {
        let part = |name: &str| File::of_version(name, Vec::new(), "7");
        let files = ["parts/records.7.wasm", "parts/gallery.7.wasm"].map(part);
        let list = name_versions(r#"["/", "/parts/*"]"#, &files);
        assert_eq!(list, r#"["/", "/parts/records.7.wasm?v=7"]"#);
    }

    #[test]
    fn the_fingerprint_changes_with_the_bytes() {
        assert_ne!(fingerprint(b"a"), fingerprint(b"b"));
        assert_eq!(fingerprint(b"a").len(), 16);
    }
}
