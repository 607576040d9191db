//! What a browser transfers until somebody who is signed in sees their first screen.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter, Result};

/// What every page loads, in Chinese.
const EVERY_PAGE: [&str; 9] = [
    "index.html",
    "boot.js",
    "app.css",
    "texts/zh-Hans.txt",
    "app.js",
    "parts.js",
    "app_bg.wasm",
    "manifest.webmanifest",
    "icons/icon.svg",
];

/// The part that draws the page `/`.
const FIRST_PART: &str = "workbench";

/// Bytes as they cross the wire.
pub(crate) struct Sizes {
    /// Each file of the first screen.
    files: Vec<(String, usize)>,
    /// What every other part adds when its first page is opened.
    more: Vec<(String, usize)>,
}

impl Sizes {
    /// Sorts what was packed into what comes first and what comes later.
    pub(crate) fn of(transfer: &BTreeMap<String, usize>, parts: &[(String, Vec<String>)]) -> Self {
        let size = |name: &str| transfer.get(name).copied().unwrap_or_default();
        let first_part = parts.iter().filter(|(part, _)| part == FIRST_PART);
        let mut names: Vec<&str> = EVERY_PAGE.to_vec();
        names.extend(first_part.flat_map(|(_, files)| files).map(String::as_str));
        let adds = |files: &[String]| {
            let more = files.iter().filter(|file| !names.contains(&file.as_str()));
            more.map(|file| size(file)).sum()
        };
        Self {
            more: parts
                .iter()
                .filter(|(part, _)| part != FIRST_PART)
                .map(|(part, files)| (part.clone(), adds(files)))
                .collect(),
            files: names
                .iter()
                .map(|name| ((*name).to_owned(), size(name)))
                .collect(),
        }
    }

    /// The bytes of the first screen.
    pub(crate) fn sum(&self) -> usize {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }
}

impl Display for Sizes {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(
            f,
            "bytes over the wire with brotli, until the first screen:"
        )?;
        for (name, bytes) in &self.files {
            writeln!(f, "{bytes:>9}  {name}")?;
        }
        writeln!(f, "{:>9}  together", self.sum())?;
        write!(f, "and when a page of another part is opened first:")?;
        for (part, bytes) in &self.more {
            write!(f, "\n{bytes:>9}  {part}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Sizes;

    #[test]
    fn the_first_screen_is_what_every_page_loads_and_the_workbench() {
        let sizes = [
            ("app.css", 1),
            ("app_bg.wasm", 10),
            ("parts/both.wasm", 100),
            ("parts/workbench.wasm", 1000),
            ("parts/records.wasm", 10_000),
        ];
        let transfer: BTreeMap<String, usize> =
            sizes.map(|(name, size)| (name.to_owned(), size)).into();
        let part =
            |part: &str, files: [&str; 2]| (part.to_owned(), files.map(str::to_owned).to_vec());
        let parts = [
            part("records", ["parts/both.wasm", "parts/records.wasm"]),
            part("workbench", ["parts/both.wasm", "parts/workbench.wasm"]),
        ];
        let sizes = Sizes::of(&transfer, &parts);
        assert_eq!(sizes.sum(), 1111);
        assert_eq!(sizes.more, [("records".to_owned(), 10_000)]);
    }
}
