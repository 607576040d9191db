//! Reads and shows amounts in minor units. Pure, so that it can be tested without a browser.

/// How many minor units one major unit has, as a power of ten, and how the currency is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency {
    /// The ISO code, such as `CNY`.
    pub code: String,
    /// How it is written before an amount, such as `¥`.
    pub symbol: String,
    /// Digits after the point: 2 for most, 0 for yen.
    pub digits: u32,
}

/// The largest amount that every reader of JSON reads exactly.
const LARGEST: i64 = (1 << 53) - 1;

/// Reads `1,234.5`, `1234.50`, `12.8万`, `1.2亿`, `3k`, `2m`, full-width digits; gives minor units.
#[must_use]
pub fn parse_amount(text: &str, digits: u32) -> Option<i64> {
    let mut plain = String::new();
    let mut factor = 0_u32;
    for c in text.trim().chars() {
        let c = match u32::from(c) {
            wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0)?,
            _ => c,
        };
        match c {
            '-' if plain.is_empty() && factor == 0 => plain.push(c),
            '0'..='9' | '.' if factor == 0 => plain.push(c),
            ',' | ' ' | '_' | '¥' | '$' | '€' | '£' => {}
            '万' | '萬' if factor == 0 => factor = 4,
            '亿' | '億' if factor == 0 => factor = 8,
            'k' | 'K' if factor == 0 => factor = 3,
            'm' | 'M' if factor == 0 => factor = 6,
            _ => return None,
        }
    }
    let (negative, plain) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest.to_owned()),
        None => (false, plain),
    };
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let places = usize::try_from(digits + factor).ok()?;
    if whole.is_empty() && part.is_empty() || part.trim_end_matches('0').len() > places {
        return None;
    }
    let mut all = whole.to_owned();
    all.extend(part.chars().chain(std::iter::repeat('0')).take(places));
    let amount: i64 = all.parse().ok()?;
    (amount <= LARGEST).then_some(if negative { -amount } else { amount })
}

/// Shows minor units with grouping: `1,234.50`.
#[must_use]
pub fn show_amount(minor: i64, digits: u32) -> String {
    let factor = 10_u64.pow(digits);
    let (whole, part) = (minor.unsigned_abs() / factor, minor.unsigned_abs() % factor);
    let text = whole.to_string();
    let mut grouped = String::new();
    for (at, c) in text.chars().enumerate() {
        if at > 0 && (text.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(c);
    }
    let sign = if minor < 0 { "-" } else { "" };
    let width = usize::try_from(digits).unwrap_or(0);
    if digits == 0 {
        format!("{sign}{grouped}")
    } else {
        format!("{sign}{grouped}.{part:0width$}")
    }
}

/// Shows a number that counts in 10^-digits with grouping, without empty decimals: `1,234.5`, `13`.
#[must_use]
pub fn show_decimal(value: i64, digits: u32) -> String {
    let text = show_amount(value, digits);
    match text.split_once('.') {
        Some((whole, part)) => match part.trim_end_matches('0') {
            "" => whole.to_owned(),
            part => format!("{whole}.{part}"),
        },
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let cases = [
            ("1,234.5", 123_450),
            ("¥ 1234.50", 123_450),
            ("12.8万", 12_800_000),
            ("1.2亿", 12_000_000_000),
            ("3k", 300_000),
            ("-20", -2_000),
            ("１２３", 12_300),
            (".5", 50),
            ("1.2000", 120),
        ];
        for (text, minor) in cases {
            assert_eq!(parse_amount(text, 2), Some(minor), "{text}");
        }
        assert_eq!(parse_amount("1500", 0), Some(1_500));
    }

    #[test]
    fn what_is_no_amount_or_too_fine_or_too_large_is_refused() {
        for text in [
            "",
            "x",
            "1.234",
            "1-2",
            "12万3",
            "--1",
            "99999999999999999999",
            ".",
        ] {
            assert_eq!(parse_amount(text, 2), None, "{text}");
        }
    }

    #[test]
    fn decimals_are_shown_without_what_is_empty_and_read_back() {
        assert_eq!(show_decimal(12_500_000, 6), "12.5");
        assert_eq!(show_decimal(1_234_000_000, 6), "1,234");
        assert_eq!(show_decimal(-1, 6), "-0.000001");
        assert_eq!(show_decimal(1_300, 2), "13");
        assert_eq!(show_decimal(100, 0), "100");
        for value in [0, 1, 999_999, 1_000_000, 10_000_000_000_000] {
            assert_eq!(parse_amount(&show_decimal(value, 6), 6), Some(value));
        }
    }

    #[test]
    fn amounts_are_shown_with_groups_and_read_back() {
        assert_eq!(show_amount(123_456_789, 2), "1,234,567.89");
        assert_eq!(show_amount(-5, 2), "-0.05");
        assert_eq!(show_amount(1_500, 0), "1,500");
        for minor in [0, 1, -1, 99, 100_000, LARGEST] {
            assert_eq!(parse_amount(&show_amount(minor, 2), 2), Some(minor));
        }
    }
}
