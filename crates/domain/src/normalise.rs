//! One spelling for what people spell in many ways: telephone numbers, email addresses, names of
//! companies. Two records with the same key are duplicates; the keys are not for showing.

use std::str::FromStr;

use phonenumber::country;
use unicode_normalization::UnicodeNormalization;

/// What two email addresses have in common that reach the same mailbox: width folded, trimmed,
/// in lower case.
#[must_use]
pub fn email_key(text: &str) -> String {
    text.nfkc().collect::<String>().trim().to_lowercase()
}

/// From this similarity on two names are likely of the same company. Chinese names differ in one
/// character when they differ in the city, so one slip counts from twelve characters on.
pub const LIKELY_SAME_COMPANY: u16 = 910;

/// The legal forms at the end of Chinese names, longest first. 集团 and 股份 stay: 凌云有限公司 and
/// 凌云集团有限公司 are two companies more often than one.
const CHINESE_FORMS: &[&str] = &[
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "公司",
    "有限合伙",
    "株式会社",
];

/// The legal forms at the end of names in Latin letters, dots taken out.
const LATIN_FORMS: &[&str] = &[
    "ab",
    "ag",
    "as",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "kg",
    "kk",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "nv",
    "oy",
    "plc",
    "pte",
    "pty",
    "pvt",
    "sa",
    "sarl",
    "sl",
    "slu",
    "spa",
    "srl",
];

/// What is left of a company's name when width, case, spaces, punctuation, brackets and legal
/// forms are folded. Never empty for a name that has a letter or digit.
#[must_use]
pub fn company_key(name: &str) -> String {
    let folded = name.nfkc().collect::<String>().to_lowercase();
    let mut words: Vec<String> = folded
        .replace(['.', '\'', '’'], "")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if words.len() > 1 && words.first().is_some_and(|word| word == "the") {
        words.remove(0);
    }
    while words.len() > 1
        && words
            .last()
            .is_some_and(|w| LATIN_FORMS.contains(&w.as_str()))
    {
        words.pop();
    }
    let mut key = words.concat();
    while let Some(shorter) = CHINESE_FORMS
        .iter()
        .find_map(|form| key.strip_suffix(form))
        .filter(|rest| !rest.is_empty())
    {
        key.truncate(shorter.len());
    }
    key
}

/// How alike two names of companies are, 0 to 1000; 1000 when they differ only in what
/// [`company_key`] folds. A name without a letter or digit is like no other.
#[must_use]
pub fn company_similarity(a: &str, b: &str) -> u16 {
    let (a, b) = (company_key(a), company_key(b));
    if a.is_empty() || b.is_empty() {
        return 0;
    }
    let longest = a.chars().count().max(b.chars().count());
    let edits = strsim::osa_distance(&a, &b).min(longest);
    u16::try_from((longest - edits) * 1000 / longest).unwrap_or(0)
}

/// Why a text is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// It holds something else than one number.
    #[error("not a telephone number")]
    NotANumber,
    /// Too few digits to be reached from another town.
    #[error("too short for a telephone number")]
    TooShort,
    /// More digits than numbers of the country have.
    #[error("too long for a telephone number")]
    TooLong,
    /// It names a country code that there is not.
    #[error("unknown country code")]
    UnknownCountry,
}

/// Reads a telephone number as people write it and gives it in E.164, an extension behind it as
/// `;ext=12`. `default_country` (ISO 3166, two letters: `CN`) is where a number without a country
/// code belongs. It is enough that the number is possible: prefixes that aren't in use yet are fine.
///
/// # Errors
/// When the text is not one possible number.
pub fn phone_e164(text: &str, default_country: &str) -> Result<String, PhoneError> {
    let (number, extension) = split_extension(&fold(text));
    let mut number = digits_and_plus(&number)?;
    if let Some(rest) = number.strip_prefix("00") {
        number = format!("+{rest}");
    }
    let chinese = match number.strip_prefix("+86") {
        Some(rest) => Some(rest),
        None if default_country == "CN" && !number.starts_with('+') => Some(number.as_str()),
        None => None,
    };
    let number = match chinese {
        Some(national) => chinese_e164(national)?,
        None => foreign_e164(&number, default_country)?,
    };
    Ok(match extension {
        Some(extension) => format!("{number};ext={extension}"),
        None => number,
    })
}

/// The E.164 form of a Chinese mobile number, however it is written; `None` for every other
/// number. Mobile numbers have 11 digits and begin with 1.
#[must_use]
pub fn mobile_cn(text: &str) -> Option<String> {
    let number = phone_e164(text, "CN").ok()?;
    let national = number.strip_prefix("+86")?;
    is_mobile_cn(national).then_some(number)
}

/// Width folded, dashes of every kind made `-`.
fn fold(text: &str) -> String {
    text.nfkc()
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー' => '-',
            other => other,
        })
        .collect::<String>()
        .trim()
        .to_lowercase()
}

/// Takes an extension off the end: `转801`, `分机 801`, `ext. 801`, `x801`, `#801`, `;ext=801`, and
/// `010-12345678-801` as it is written in China.
fn split_extension(text: &str) -> (String, Option<String>) {
    const MARKS: &[&str] = &[
        "转分机",
        "轉分機",
        "分机号",
        "分机",
        "分機",
        "转",
        "轉",
        ";ext=",
        "extension",
        "ext",
        "x",
        "#",
    ];
    let is_extension =
        |part: &str| (1..=6).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    for mark in MARKS {
        if let Some((number, extension)) = text.split_once(mark) {
            let extension = extension.trim_matches([' ', '.', ':', '-']);
            if is_extension(extension) {
                let number = number.trim_end_matches([' ', ',', ';', '-', '(']);
                return (number.to_owned(), Some(extension.to_owned()));
            }
        }
    }
    let mut parts = text.split('-');
    if let (Some(area), Some(number), Some(extension), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
        && area.starts_with('0')
        && !area.starts_with("00")
        && (7..=8).contains(&number.trim().len())
        && is_extension(extension.trim())
    {
        return (format!("{area}{number}"), Some(extension.trim().to_owned()));
    }
    (text.to_owned(), None)
}

/// The digits of the number, with a `+` in front where it has one.
fn digits_and_plus(text: &str) -> Result<String, PhoneError> {
    let mut number = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' => number.push(c),
            '+' if number.is_empty() => number.push(c),
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' => {}
            _ => return Err(PhoneError::NotANumber),
        }
    }
    match number.trim_start_matches('+').len() {
        0 => Err(PhoneError::NotANumber),
        1..=4 => Err(PhoneError::TooShort),
        5..=17 => Ok(number),
        _ => Err(PhoneError::TooLong),
    }
}

fn is_mobile_cn(national: &str) -> bool {
    national.len() == 11
        && national.starts_with('1')
        && national.bytes().all(|byte| byte.is_ascii_digit())
}

/// Mobile numbers have 11 digits; area code and number together 10 or 11, 400 and 800 numbers 10.
fn chinese_e164(national: &str) -> Result<String, PhoneError> {
    let national = match national.strip_prefix("86") {
        Some(mobile) if is_mobile_cn(mobile) => mobile,
        _ => national.strip_prefix('0').unwrap_or(national),
    };
    match national.len() {
        0..=9 => Err(PhoneError::TooShort),
        10 | 11 => Ok(format!("+86{national}")),
        _ => Err(PhoneError::TooLong),
    }
}

fn foreign_e164(number: &str, default_country: &str) -> Result<String, PhoneError> {
    // With a country given, the parser would apply its prefixes to foreign numbers too.
    let country = if number.starts_with('+') {
        None
    } else {
        Some(
            country::Id::from_str(default_country)
                .map_err(|_unknown| PhoneError::UnknownCountry)?,
        )
    };
    let parsed = phonenumber::parse(country, number).map_err(|error| match error {
        phonenumber::ParseError::InvalidCountryCode => PhoneError::UnknownCountry,
        phonenumber::ParseError::TooShortAfterIdd | phonenumber::ParseError::TooShortNsn => {
            PhoneError::TooShort
        }
        phonenumber::ParseError::TooLong => PhoneError::TooLong,
        _ => PhoneError::NotANumber,
    })?;
    let national = parsed.national().to_string();
    check_length(parsed.code().value(), national.len())?;
    Ok(format!("+{}{national}", parsed.code().value()))
}

/// Whether numbers of any type in any region with this country code have so many digits. Short service
/// numbers are left out: they cannot be told from a number without its area code.
fn check_length(code: u16, length: usize) -> Result<(), PhoneError> {
    let regions = phonenumber::metadata::DATABASE
        .by_code(&code)
        .ok_or(PhoneError::UnknownCountry)?;
    let possible: Vec<usize> = regions
        .iter()
        .flat_map(|region| {
            let kinds = region.descriptors();
            [
                Some(kinds.general()),
                kinds.fixed_line(),
                kinds.mobile(),
                kinds.toll_free(),
                kinds.shared_cost(),
                kinds.voip(),
            ]
        })
        .flatten()
        .flat_map(|kind| kind.possible_length().iter().copied().map(usize::from))
        .collect();
    if possible.contains(&length) {
        Ok(())
    } else if possible.iter().any(|other| *other > length) {
        Err(PhoneError::TooShort)
    } else {
        Err(PhoneError::TooLong)
    }
}

#[cfg(test)]
mod tests;
