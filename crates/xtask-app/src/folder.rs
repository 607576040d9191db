//! The packed folder: which files it holds, under which addresses, and writing only what changed.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::compress;

/// One file of the packed folder.
pub(crate) struct File {
    /// The path inside the folder, with `/`.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) bytes: Vec<u8>,
}

impl File {
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
            files.push(File { name, bytes });
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

/// The bindings, `static/*`, `styles/*.css` as one `app.css`, and the page: once for the app, and as
/// `ui.html` with the script and the module `ui`. Pages and `boot.js` name the others with their
/// fingerprints.
pub(crate) fn collect(frontend: &Path, bindings: Vec<File>) -> Result<Vec<File>, String> {
    let mut files = bindings;
    files.extend(File::read_folder(&frontend.join("static"))?);
    let mut style = Vec::new();
    for sheet in File::read_folder(&frontend.join("styles"))? {
        if sheet.name.ends_with(".css") {
            style.extend_from_slice(&sheet.bytes);
            style.push(b'\n');
        }
    }
    files.push(File {
        name: "app.css".to_owned(),
        bytes: style,
    });
    // First the script that loads the module, so that the page then names its new fingerprint.
    let boot = files.iter().position(|file| file.name == "boot.js");
    if let Some(mut boot) = boot.map(|at| files.remove(at)) {
        boot.bytes = name_versions(&String::from_utf8_lossy(&boot.bytes), &files).into_bytes();
        files.push(boot);
    }
    let page = frontend.join("index.html");
    let page = fs::read_to_string(&page)
        .map_err(|error| format!("can't read {}: {error}", page.display()))?;
    let gallery = page.replace("\"/app.js\"", "\"/ui.js\"");
    let gallery = gallery.replace("\"/app_bg.wasm\"", "\"/ui_bg.wasm\"");
    let pages = [("index.html", page), ("ui.html", gallery)].map(|(name, page)| File {
        name: name.to_owned(),
        bytes: name_versions(&page, &files).into_bytes(),
    });
    files.extend(pages);
    Ok(files)
}

/// Gives every quoted address of a packed file the file's fingerprint: `"/app.css"` becomes
/// `"/app.css?v=…"`, so that browsers may keep it for as long as they like.
fn name_versions(page: &str, files: &[File]) -> String {
    // A service worker keeps its address: the browser compares its bytes itself.
    let files = files.iter().filter(|file| file.name != "service-worker.js");
    files.fold(page.to_owned(), |page, file| {
        let address = format!("\"/{}\"", file.name);
        let versioned = format!("\"/{}?v={}\"", file.name, fingerprint(&file.bytes));
        page.replace(&address, &versioned)
    })
}

/// Writes what changed, removes what is no longer named, and answers with the bytes that a first
/// visit transfers: the page, the style, the scripts and the module.
pub(crate) fn write(out: &Path, files: &[File], quality: i32) -> Result<usize, String> {
    let mut keep = BTreeSet::new();
    let mut transfer = 0;
    for file in files {
        let packed = compress::beside(out, file, quality)?;
        if ["index.html", "boot.js", "app.css", "app.js", "app_bg.wasm"]
            .contains(&file.name.as_str())
        {
            transfer += packed.brotli_len;
        }
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
        let files = vec![File {
            name: "app.css".to_owned(),
            bytes: b"a{}".to_vec(),
        }];
        let page = r#"<link href="/app.css"><a href="/apple">"#;
        let versioned = name_versions(page, &files);
        let expected = format!(
            r#"<link href="/app.css?v={}"><a href="/apple">"#,
            fingerprint(b"a{}")
        );
        assert_eq!(versioned, expected);
    }

    #[test]
    fn the_fingerprint_changes_with_the_bytes() {
        assert_ne!(fingerprint(b"a"), fingerprint(b"b"));
        assert_eq!(fingerprint(b"a").len(), 16);
    }
}
