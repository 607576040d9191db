//! What the files hold, read without any of the program's own code.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use serde_json::{Value, json};

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data")
}

pub(super) fn leads_file() -> Vec<u8> {
    std::fs::read(data().join("leads-zh.csv")).unwrap()
}

pub(super) fn practice_file(name: &str) -> Vec<u8> {
    std::fs::read(data().join("crm-sales-opportunities").join(name)).unwrap()
}

/// What is expected of the file of leads.
pub(super) struct Leads {
    /// Rows that repeat an earlier row's mobile number or email.
    pub(super) duplicates: usize,
    /// Rows with a value that can't be read.
    pub(super) bad: usize,
    /// Their first four cells, in order.
    pub(super) bad_rows: Vec<String>,
    /// The leads where bad values refuse their row, in order.
    pub(super) rows: Vec<Value>,
    all: usize,
    /// Rows that spell the company of an earlier lead in another way. The file has 67 names that
    /// came from another row in a variant; 56 of them differ from it at all, the other eleven are
    /// the same letter for letter and so what many leads of one company look like.
    likely: usize,
}

impl Leads {
    pub(super) fn created(&self, dropping: bool) -> usize {
        self.all - self.duplicates - if dropping { 0 } else { self.bad }
    }

    pub(super) fn likely_duplicates(&self, dropping: bool) -> usize {
        assert!(dropping);
        self.likely
    }
}

/// No cell of the file holds a quote or a comma, so splitting is reading.
pub(super) fn leads(file: &[u8]) -> Leads {
    let (text, _, broken) = encoding_rs::GB18030.decode(file);
    assert!(!broken && !text.contains('"'));
    let mut seen: HashSet<String> = HashSet::new();
    let mut companies: HashMap<String, &str> = HashMap::new();
    let mut leads = Leads {
        duplicates: 0,
        bad: 0,
        bad_rows: Vec::new(),
        rows: Vec::new(),
        all: 0,
        likely: 0,
    };
    for line in text.lines().skip(1) {
        leads.all += 1;
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), 17);
        let mobile: String = plain(cells[3]).replace(['+', ' '], "");
        let mobile = mobile.strip_prefix("86").unwrap_or(&mobile).to_owned();
        let email = plain(cells[5]).to_lowercase();
        let bad_mobile = mobile.len() != 11;
        let bad_email = !email.is_empty() && !email.contains('@');
        let amount = cells[14].parse::<i64>().ok();
        let bad_amount = !cells[14].is_empty() && amount.is_none();
        let date = date(cells[16]);
        let bad = bad_mobile || bad_email || bad_amount || date.is_none();
        let keys: Vec<String> = [mobile.clone(), email.clone()]
            .into_iter()
            .zip([bad_mobile, bad_email || email.is_empty()])
            .filter_map(|(key, none)| (!none).then_some(key))
            .collect();
        if keys.iter().any(|key| seen.contains(key)) {
            leads.duplicates += 1;
            assert!(!bad, "one kind of dirt a row");
            continue;
        }
        let company = company(cells[1]);
        if !company.is_empty() {
            let first = companies.entry(company).or_insert(cells[1]);
            leads.likely += usize::from(*first != cells[1]);
        }
        if bad {
            leads.bad += 1;
            leads.bad_rows.push(cells[..4].join(","));
            seen.extend(keys);
            continue;
        }
        seen.extend(keys);
        let text = |cell: &str| match cell.trim() {
            "" => Value::Null,
            text => json!(text),
        };
        leads.rows.push(json!([
            format!("+86{mobile}"),
            text(cells[0]),
            text(cells[1]),
            text(&email),
            text(cells[8]),
            amount.map(|amount| amount * 100),
            date,
        ]));
    }
    leads.bad_rows.sort();
    leads.rows.sort_by_key(Value::to_string);
    leads
}

/// Full-width letters, digits and signs made plain.
fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap(),
        '\u{3000}' => ' ',
        other => other,
    };
    text.chars()
        .map(narrow)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A company's name without what varies in writing it, in this file.
fn company(name: &str) -> String {
    let name: String = plain(name)
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let mut rest = name.as_str();
    for form in ["有限责任公司", "有限公司", "公司"] {
        if let Some(shorter) = rest.strip_suffix(form)
            && !shorter.is_empty()
        {
            rest = shorter;
        }
    }
    rest.to_owned()
}

/// The day as the API writes it; `None` for one that there is not.
fn date(text: &str) -> Option<String> {
    let parts: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().unwrap())
        .collect();
    let (year, month, day) = (parts[0], parts[1], parts[2]);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    (day <= days[usize::try_from(month).unwrap() - 1])
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn lines(file: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(file).unwrap();
    assert!(!text.contains('"'));
    let line = |line: &str| line.split(',').map(|cell| cell.trim().to_owned()).collect();
    text.lines().skip(1).map(line).collect()
}

/// The companies: name, parent, revenue in cents, employees, year, country; in order.
pub(super) fn accounts(file: &[u8]) -> Vec<Value> {
    let mut rows: Vec<Value> = lines(file)
        .iter()
        .map(|cells| {
            let (millions, rest) = cells[3].split_once('.').unwrap_or((&cells[3], ""));
            let cents: i64 = format!("{millions}{rest:0<8}").parse().unwrap();
            let number = |text: &str| text.parse::<i64>().unwrap();
            let parent = (!cells[6].is_empty()).then(|| cells[6].clone());
            let country = cells[5].replace("Philipines", "Philippines");
            json!([
                cells[0],
                parent,
                cents,
                number(&cells[4]),
                number(&cells[2]),
                country
            ])
        })
        .collect();
    rows.sort_by_key(Value::to_string);
    rows
}

/// Agent, manager, office; in order.
pub(super) fn sales_team(file: &[u8]) -> Vec<[String; 3]> {
    let mut rows: Vec<[String; 3]> = lines(file)
        .into_iter()
        .map(|cells| cells.try_into().unwrap())
        .collect();
    let offices: HashMap<&String, ()> = rows.iter().map(|row| (&row[2], ())).collect();
    assert_eq!((rows.len(), offices.len()), (35, 3));
    rows.sort();
    rows
}
