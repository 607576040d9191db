//! Writes a file with its `.br` and `.gz` beside it, so that the server never compresses the app.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::folder::File;

/// Text and code shrink; pictures and woff2 fonts are compressed already.
const COMPRESSIBLE: [&str; 9] = [
    "css",
    "html",
    "ico",
    "js",
    "json",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];

/// What was written for one file.
pub(crate) struct Packed {
    /// The names in the folder, the file's own first.
    pub(crate) names: Vec<String>,
    /// The bytes that a browser with brotli transfers.
    pub(crate) brotli_len: usize,
}

/// Writes `file` into `out`, with compressed copies where they help. A file that is there already
/// with these bytes is left alone.
pub(crate) fn beside(out: &Path, file: &File, quality: i32) -> Result<Packed, String> {
    let path = out.join(&file.name);
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    let mut packed = Packed {
        names: vec![file.name.clone()],
        brotli_len: file.bytes.len(),
    };
    let compressible = COMPRESSIBLE.contains(&extension);
    let (br, gz) = (format!("{}.br", file.name), format!("{}.gz", file.name));
    let unchanged = fs::read(&path).is_ok_and(|there| there == file.bytes);
    let compressed = out.join(&br).exists() && out.join(&gz).exists();
    if !unchanged {
        put(&path, &file.bytes)?;
    }
    if compressible {
        if !unchanged || !compressed {
            put(&out.join(&br), &brotli(&file.bytes, quality)?)?;
            put(&out.join(&gz), &gzip(&file.bytes)?)?;
        }
        packed.brotli_len = fs::metadata(out.join(&br))
            .ok()
            .and_then(|metadata| usize::try_from(metadata.len()).ok())
            .unwrap_or(packed.brotli_len);
        packed.names.extend([br, gz]);
    }
    Ok(packed)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let problem = |error: std::io::Error| format!("can't write {}: {error}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(problem)?;
    }
    fs::write(path, bytes).map_err(problem)
}

fn brotli(bytes: &[u8], quality: i32) -> Result<Vec<u8>, String> {
    let params = brotli::enc::BrotliEncoderParams {
        quality,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &params)
        .map_err(|error| format!("brotli failed: {error}"))?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map_err(|error| format!("gzip failed: {error}"))
}
