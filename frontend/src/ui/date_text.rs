//! Reads dates as people type them. Pure, so that it can be tested without a browser.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};

/// Reads `2026-11-22`, `2026/11/22`, `2026.11.22`, `20261122`, `11-22` (this year), `22` (this month),
/// `2026年11月22日`, and `+3` or `-3` (days from today).
#[must_use]
pub fn parse_day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let text = text.trim();
    if let Some(days) = text.strip_prefix('+') {
        return today.checked_add_days(Days::new(days.trim().parse().ok()?));
    }
    if let Some(days) = text.strip_prefix('-') {
        return today.checked_sub_days(Days::new(days.trim().parse().ok()?));
    }
    let digits: Vec<u32> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    if text
        .chars()
        .any(|c| !(c.is_ascii_digit() || "-/. 年月日".contains(c)))
    {
        return None;
    }
    match digits.as_slice() {
        [packed] if *packed >= 10_000_000 => NaiveDate::from_ymd_opt(
            i32::try_from(packed / 10_000).ok()?,
            packed / 100 % 100,
            packed % 100,
        ),
        [day] => NaiveDate::from_ymd_opt(today.year(), today.month(), *day),
        [month, day] => NaiveDate::from_ymd_opt(today.year(), *month, *day),
        [year, month, day] => {
            let year = if *year < 100 { year + 2000 } else { *year };
            NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, *month, *day)
        }
        _ => None,
    }
}

/// Reads `9`, `930`, `9:30`, `9：30`, `09:30`.
#[must_use]
pub fn parse_time(text: &str) -> Option<NaiveTime> {
    let text = text.trim().replace('：', ":");
    let (hour, minute) = match text.split_once(':') {
        Some((hour, minute)) => (hour.parse().ok()?, minute.parse().ok()?),
        None => {
            let number: u32 = text.parse().ok()?;
            if number < 24 {
                (number, 0)
            } else {
                (number / 100, number % 100)
            }
        }
    };
    NaiveTime::from_hms_opt(hour, minute, 0)
}

/// A day as it stands in a text: `2026-11-22`.
#[must_use]
pub fn show_day(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<String> {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        parse_day(text, today).map(show_day)
    }

    #[test]
    fn every_usual_way_of_writing_a_day_is_read() {
        for text in [
            "2026-12-05",
            "2026/12/5",
            "2026.12.05",
            "20261205",
            "12-5",
            "26-12-5",
            "2026年12月5日",
            "+13",
        ] {
            assert_eq!(day(text).as_deref(), Some("2026-12-05"), "{text}");
        }
        assert_eq!(day("5").as_deref(), Some("2026-11-05"));
        assert_eq!(day("-22").as_deref(), Some("2026-10-31"));
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "soon",
            "2026-02-30",
            "13-40",
            "2026-1-2-3",
            "12-5x",
            "999999999999",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_with_and_without_a_colon() {
        let show = |text| parse_time(text).map(|time| time.format("%H:%M").to_string());
        assert_eq!(show("9").as_deref(), Some("09:00"));
        assert_eq!(show("930").as_deref(), Some("09:30"));
        assert_eq!(show("9：30").as_deref(), Some("09:30"));
        assert_eq!(show("25:00"), None);
        assert_eq!(show("x"), None);
    }
}
