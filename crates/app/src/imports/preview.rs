//! A first look at a file: how it is written, its first rows, and a mapping that fits its headings.

use kehu_domain::ctx::Ctx;
use kehu_domain::import::{Mapping, headings, kind};

use crate::error::AppError;
use crate::imports::{may_import, reader};

/// How many rows are shown.
const ROWS: usize = 50;

/// What a first look shows.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The encoding: `UTF-8`, `gb18030`, `UTF-16LE` …
    pub encoding: String,
    /// What separates cells.
    pub delimiter: char,
    /// Whether the first row seems to hold headings.
    pub header: bool,
    /// The columns.
    pub columns: Vec<String>,
    /// The first rows.
    pub rows: Vec<Vec<String>>,
    /// The mapping that fits.
    pub mapping: Mapping,
}

/// What is known before the look.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The kind of the records.
    pub kind: Option<String>,
    /// The encoding.
    pub encoding: Option<String>,
    /// What separates cells.
    pub delimiter: Option<char>,
    /// Whether the first row holds headings.
    pub header: Option<bool>,
}

/// Looks at the beginning of a file.
///
/// # Errors
/// When the caller may not import, or names a kind or an encoding that there is not.
pub fn preview_import(ctx: &Ctx, sample: &[u8], wanted: Wanted) -> Result<Preview, AppError> {
    may_import(ctx)?;
    let sample = sample.get(..reader::SAMPLE).unwrap_or(sample);
    if sample.is_empty() {
        return Err(AppError::invalid("file", "required"));
    }
    let def = match wanted.kind.as_deref() {
        Some(name) => Some(kind(name).ok_or_else(|| AppError::invalid("kind", "unknown_kind"))?),
        None => None,
    };
    let detected = reader::detect(sample);
    let stated = Mapping {
        encoding: wanted.encoding,
        delimiter: wanted.delimiter,
        header: wanted.header.unwrap_or(detected.header),
        ..Mapping::default()
    };
    let layout = reader::layout(&stated, sample)
        .ok_or_else(|| AppError::invalid("encoding", "unknown_encoding"))?;
    let mut rows = reader::sample_rows(sample, layout, ROWS + 1);
    let first = rows.first().cloned().unwrap_or_default();
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let columns = reader::columns(&first, width, layout);
    if layout.header && !rows.is_empty() {
        rows.remove(0);
    }
    rows.truncate(ROWS);
    let mut mapping = headings::propose(def, &columns, &rows);
    mapping.encoding = Some(layout.encoding.name().to_lowercase());
    mapping.delimiter = Some(char::from(layout.delimiter));
    mapping.header = layout.header;
    Ok(Preview {
        encoding: layout.encoding.name().to_owned(),
        delimiter: char::from(layout.delimiter),
        header: layout.header,
        columns,
        rows,
        mapping,
    })
}
