//! Reads a file of cells: finds out its encoding and what separates its cells, and gives its rows
//! as text. Knows nothing of mappings.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use kehu_domain::import::Mapping;

/// How much of a file is looked at to find out its layout.
pub(crate) const SAMPLE: usize = 256 * 1024;

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// How a file is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Its encoding.
    pub(crate) encoding: &'static Encoding,
    /// What separates its cells.
    pub(crate) delimiter: u8,
    /// Whether its first row holds headings.
    pub(crate) header: bool,
}

/// A row as it stands in the file.
#[derive(Debug, Clone)]
pub(crate) struct RawRow {
    /// Its number as a spreadsheet counts, from 1 on.
    pub(crate) number: i64,
    /// Its cells.
    pub(crate) cells: csv::StringRecord,
}

/// Finds out the layout from the beginning of a file.
pub(crate) fn detect(sample: &[u8]) -> Layout {
    let encoding = detect_encoding(sample);
    let text = decode(sample, encoding);
    let delimiter = detect_delimiter(&text);
    let header = first_rows(&text, delimiter, 1)
        .first()
        .is_none_or(|row| looks_like_headings(row));
    Layout {
        encoding,
        delimiter,
        header,
    }
}

/// The layout that a mapping states, and what it leaves open from the beginning of the file.
/// `None` when it names an encoding that there is not.
pub(crate) fn layout(mapping: &Mapping, sample: &[u8]) -> Option<Layout> {
    let encoding = match &mapping.encoding {
        Some(name) => encoding(name)?,
        None => detect_encoding(sample),
    };
    let stated = mapping.delimiter.map(u8::try_from);
    let delimiter = match stated {
        Some(Ok(delimiter)) => delimiter,
        Some(Err(_)) => return None,
        None => detect_delimiter(&decode(sample, encoding)),
    };
    Some(Layout {
        encoding,
        delimiter,
        header: mapping.header,
    })
}

/// The encoding of this name. What calls itself GBK or GB2312 is read as GB18030, which contains
/// them.
fn encoding(name: &str) -> Option<&'static Encoding> {
    let found = Encoding::for_label(name.trim().as_bytes())?;
    Some(if found == GBK { GB18030 } else { found })
}

fn detect_encoding(sample: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return encoding;
    }
    // Text in UTF-16 has zeros in one half of its bytes: separators and line ends at least.
    let zeros = |from: usize| {
        sample
            .iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (high_first, low_first) = (zeros(0), zeros(1));
    if high_first + low_first > 0 {
        return if low_first >= high_first {
            UTF_16LE
        } else {
            UTF_16BE
        };
    }
    if is_utf8_so_far(sample) {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, false);
    let guess = detector.guess(Some(b"cn"), Utf8Detection::Deny);
    if guess == GBK { GB18030 } else { guess }
}

/// The sample may end within a character.
fn is_utf8_so_far(sample: &[u8]) -> bool {
    match std::str::from_utf8(sample) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && sample.len() > 3,
    }
}

fn decode(sample: &[u8], encoding: &'static Encoding) -> String {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut text = String::with_capacity(
        decoder
            .max_utf8_buffer_length(sample.len())
            .unwrap_or(sample.len() * 3),
    );
    // The room is enough for all of it, and what is cut off at the end is left out.
    let _ = decoder.decode_to_string(sample, &mut text, false);
    text
}

/// What splits the first rows into the most cells with the same number in each.
fn detect_delimiter(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let rows = first_rows(text, delimiter, 30);
        let width = rows.first().map_or(0, Vec::len);
        let same = rows.iter().filter(|row| row.len() == width).count();
        if width < 2 {
            0
        } else {
            same * 100 / rows.len().max(1) * 100 + width
        }
    };
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(|delimiter| score(*delimiter))
        .unwrap_or(b',')
}

/// The first rows of a text. The last row of a sample may be cut off, so it is left out.
pub(crate) fn first_rows(text: &str, delimiter: u8, limit: usize) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = csv_reader(text.as_bytes(), delimiter)
        .records()
        .take(limit + 1)
        .filter_map(Result::ok)
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect();
    if rows.len() > limit || (rows.len() > 1 && text.len() >= SAMPLE / 3) {
        rows.pop();
    }
    rows
}

/// The first rows of the beginning of a file.
pub(crate) fn sample_rows(sample: &[u8], layout: Layout, limit: usize) -> Vec<Vec<String>> {
    first_rows(&decode(sample, layout.encoding), layout.delimiter, limit)
}

/// Headings are texts, each once, and none of them is a figure or an address.
fn looks_like_headings(row: &[String]) -> bool {
    let figure = |cell: &str| {
        let digits = cell.chars().filter(char::is_ascii_digit).count();
        cell.contains('@') || digits * 2 > cell.chars().count()
    };
    let filled: Vec<&str> = row
        .iter()
        .map(|cell| cell.trim())
        .filter(|c| !c.is_empty())
        .collect();
    let different: std::collections::HashSet<&&str> = filled.iter().collect();
    different.len() == filled.len() && !filled.iter().any(|cell| figure(cell))
}

fn csv_reader<R: Read>(input: R, delimiter: u8) -> csv::Reader<R> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(64 * 1024)
        .from_reader(input)
}

/// The rows of a file.
pub(crate) struct Rows<R> {
    inner: csv::Reader<Decoding<R>>,
    number: i64,
    headings: Vec<String>,
}

impl<R: Read> Rows<R> {
    /// Begins to read a file; its headings are read already.
    pub(crate) fn new(input: R, layout: Layout) -> io::Result<Self> {
        let mut rows = Self {
            inner: csv_reader(Decoding::new(input, layout.encoding), layout.delimiter),
            number: 0,
            headings: Vec::new(),
        };
        if layout.header
            && let Some(first) = rows.next_row()?
        {
            rows.headings = first
                .cells
                .iter()
                .map(|cell| cell.trim().to_owned())
                .collect();
        }
        Ok(rows)
    }

    /// The headings; empty where the file has none.
    #[cfg(test)]
    pub(crate) fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The next row that has a cell with something in it.
    pub(crate) fn next_row(&mut self) -> io::Result<Option<RawRow>> {
        let mut cells = csv::StringRecord::new();
        loop {
            let more = self
                .inner
                .read_record(&mut cells)
                .map_err(io::Error::other)?;
            if !more {
                return Ok(None);
            }
            self.number += 1;
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(Some(RawRow {
                    number: self.number,
                    cells,
                }));
            }
        }
    }
}

/// The names of the columns: the headings, or numbers for a file without.
pub(crate) fn columns(headings: &[String], width: usize, layout: Layout) -> Vec<String> {
    if layout.header {
        headings
            .iter()
            .map(|heading| heading.trim().to_owned())
            .collect()
    } else {
        (1..=width).map(|number| number.to_string()).collect()
    }
}

/// Text in any encoding, read as UTF-8. What is no text of the encoding becomes U+FFFD, which the
/// rows' check finds.
struct Decoding<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    ready: Vec<u8>,
    ready_at: usize,
    ended: bool,
}

impl<R: Read> Decoding<R> {
    fn new(input: R, encoding: &'static Encoding) -> Self {
        Self {
            input,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: Vec::new(),
            raw_at: 0,
            ready: Vec::new(),
            ready_at: 0,
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        while self.ready_at >= self.ready.len() && !self.ended {
            let mut last = false;
            if self.raw_at >= self.raw.len() {
                self.raw.resize(64 * 1024, 0);
                let read = self.input.read(&mut self.raw)?;
                self.raw.truncate(read);
                self.raw_at = 0;
                last = read == 0;
            }
            let source = self.raw.get(self.raw_at..).unwrap_or_default();
            let room = self
                .decoder
                .max_utf8_buffer_length(source.len())
                .unwrap_or(256 * 1024);
            self.ready.resize(room.max(16), 0);
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(source, &mut self.ready, last);
            self.raw_at += read;
            self.ready.truncate(written);
            self.ready_at = 0;
            self.ended = last && result == CoderResult::InputEmpty;
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let ready = self.ready.get(self.ready_at..).unwrap_or_default();
        let length = ready.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..length), ready.get(..length)) {
            to.copy_from_slice(from);
        }
        self.ready_at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "姓名,手机\r\n吴辉,13590830166\r\n李玉华,17821993518\r\n";

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    fn rows(bytes: &[u8], layout: Layout) -> Vec<Vec<String>> {
        let mut rows = Rows::new(bytes, layout).unwrap();
        let mut all = vec![rows.headings().to_vec()];
        while let Some(row) = rows.next_row().unwrap() {
            all.push(row.cells.iter().map(str::to_owned).collect());
        }
        all
    }

    #[test]
    fn every_encoding_is_found_and_read_the_same() {
        let expected = vec![
            vec!["姓名".to_owned(), "手机".to_owned()],
            vec!["吴辉".to_owned(), "13590830166".to_owned()],
            vec!["李玉华".to_owned(), "17821993518".to_owned()],
        ];
        let with_bom = format!("\u{feff}{TEXT}");
        let files = [
            (TEXT.as_bytes().to_vec(), UTF_8),
            (with_bom.as_bytes().to_vec(), UTF_8),
            (GB18030.encode(TEXT).0.to_vec(), GB18030),
            (utf16(TEXT, u16::to_le_bytes), UTF_16LE),
            (utf16(&with_bom, u16::to_le_bytes), UTF_16LE),
            (utf16(TEXT, u16::to_be_bytes), UTF_16BE),
            (utf16(&with_bom, u16::to_be_bytes), UTF_16BE),
        ];
        for (bytes, encoding) in files {
            let layout = detect(&bytes);
            assert_eq!(layout.encoding, encoding);
            assert!(layout.header);
            assert_eq!(rows(&bytes, layout), expected, "{}", encoding.name());
        }
    }

    #[test]
    fn commas_semicolons_and_tabs_are_told_apart() {
        for (text, delimiter) in [
            ("a,b\n1;2,3\n", b','),
            ("a;b;c\n1,5;2;3\n", b';'),
            ("a\tb\n\"x,y\tz\"\t2\n", b'\t'),
            ("one\ntwo\n", b','),
        ] {
            assert_eq!(detect(text.as_bytes()).delimiter, delimiter, "{text:?}");
        }
    }

    #[test]
    fn a_first_row_of_data_is_no_heading() {
        assert!(!detect("吴辉,13590830166\n李玉华,17821993518\n".as_bytes()).header);
        assert!(detect("name,phone\n".as_bytes()).header);
    }

    #[test]
    fn a_cell_may_hold_lines_and_empty_rows_are_passed_over() {
        let layout = detect(b"a,b\n1,2\n");
        let found = rows(b"a,b\n\"x\ny\",2\n,\n3,4\n", layout);
        assert_eq!(found.len(), 3);
        assert_eq!(found[1], ["x\ny", "2"]);
        assert_eq!(found[2], ["3", "4"]);
    }
}
