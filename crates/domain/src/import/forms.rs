//! How days, moments and numbers are written, and reading them exactly.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use unicode_normalization::UnicodeNormalization;

use crate::import::NumberForm;

/// The forms of days that are tried when a mapping names none: those that can't be mistaken.
pub const DATE_FORMS: &[&str] = &["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d"];

/// Further forms that a preview tries on the cells of a column.
pub const RARER_DATE_FORMS: &[&str] =
    &["%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y年%m月%d号"];

/// Trimmed, with full-width letters, digits and signs made plain.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.trim().to_owned();
    }
    text.nfkc().collect::<String>().trim().to_owned()
}

/// Reads a day written in one of the forms.
#[must_use]
pub fn date(text: &str, forms: &[String]) -> Option<NaiveDate> {
    let day = forms
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())?;
    (day >= NaiveDate::from_ymd_opt(1, 1, 1)? && day <= NaiveDate::from_ymd_opt(9999, 12, 31)?)
        .then_some(day)
}

/// Reads a moment: RFC 3339, or a day in one of the forms with or without a time of day behind it,
/// in the time zone.
#[must_use]
pub fn moment(text: &str, forms: &[String], time_zone: &str) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.with_timezone(&Utc));
    }
    let zone = Tz::from_str(time_zone).ok()?;
    let local = forms
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| with_time_of_day(text, forms))?;
    // An hour that the change to summer time leaves out is taken as the one after it.
    let moment = zone.from_local_datetime(&local).earliest().or_else(|| {
        zone.from_local_datetime(&(local + chrono::TimeDelta::hours(1)))
            .earliest()
    })?;
    Some(moment.with_timezone(&Utc))
}

fn with_time_of_day(text: &str, forms: &[String]) -> Option<NaiveDateTime> {
    if let Some(day) = date(text, forms) {
        return day.and_hms_opt(0, 0, 0);
    }
    let (day, time) = text.split_once([' ', 'T'])?;
    let day = date(day.trim(), forms)?;
    let time = ["%H:%M:%S", "%H:%M", "%H:%M:%S%.f"]
        .iter()
        .find_map(|form| chrono::NaiveTime::parse_from_str(time.trim(), form).ok())?;
    Some(day.and_time(time))
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberProblem {
    /// It holds something else.
    NotANumber,
    /// It has more decimals than fit.
    TooManyDecimals,
    /// It is too large.
    TooLarge,
}

/// Reads a number exactly and gives it in units of 10^-`places`, multiplied by the form's scale:
/// `1,100.04` with two places is 110004.
///
/// # Errors
/// When the text is no number of this form, has more decimals than fit, or is too large.
pub fn number(text: &str, form: &NumberForm, places: u32) -> Result<i64, NumberProblem> {
    let text = text.trim_start_matches(['¥', '￥', '$', '€', '£']).trim();
    let text = text.strip_suffix('元').unwrap_or(text).trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = text.split_once(form.decimal).unwrap_or((text, ""));
    let digits = without_groups(whole, form.thousands).ok_or(NumberProblem::NotANumber)?;
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || !all_digits(&digits) || !all_digits(fraction) {
        return Err(NumberProblem::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    if digits.len() + fraction.len() > 24 {
        return Err(NumberProblem::TooLarge);
    }
    let mantissa: i128 = format!("{digits}{fraction}")
        .parse()
        .map_err(|_too_long: std::num::ParseIntError| NumberProblem::TooLarge)?;
    let decimals = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
    let scaled = mantissa
        .checked_mul(i128::from(form.scale))
        .and_then(|number| number.checked_mul(10_i128.checked_pow(places)?))
        .ok_or(NumberProblem::TooLarge)?;
    let divisor = 10_i128
        .checked_pow(decimals)
        .ok_or(NumberProblem::TooLarge)?;
    if scaled % divisor != 0 {
        return Err(NumberProblem::TooManyDecimals);
    }
    let number = scaled / divisor;
    i64::try_from(if negative { -number } else { number })
        .map_err(|_too_large| NumberProblem::TooLarge)
}

/// The digits without what groups them; `None` when the groups are not of three.
fn without_groups(whole: &str, mark: Option<char>) -> Option<String> {
    let Some(mark) = mark.filter(|mark| whole.contains(*mark)) else {
        return Some(whole.to_owned());
    };
    let mut groups = whole.split(mark);
    let first = groups.next()?;
    if first.is_empty() || first.len() > 3 {
        return None;
    }
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms() -> Vec<String> {
        DATE_FORMS.iter().map(|form| (*form).to_owned()).collect()
    }

    #[test]
    fn numbers_are_read_exactly() {
        let plain = NumberForm::default();
        assert_eq!(number("1,100.04", &plain, 2), Ok(110_004));
        assert_eq!(number("￥26000元", &plain, 2), Ok(2_600_000));
        assert_eq!(number("-3", &plain, 0), Ok(-3));
        assert_eq!(number("约十万", &plain, 2), Err(NumberProblem::NotANumber));
        assert_eq!(number("1,10", &plain, 2), Err(NumberProblem::NotANumber));
        assert_eq!(number("", &plain, 2), Err(NumberProblem::NotANumber));
        assert_eq!(
            number("1.005", &plain, 2),
            Err(NumberProblem::TooManyDecimals)
        );
        assert_eq!(
            number("99999999999999999999", &plain, 2),
            Err(NumberProblem::TooLarge)
        );
    }

    #[test]
    fn a_scale_multiplies_before_decimals_are_counted() {
        let millions = NumberForm {
            scale: 1_000_000,
            ..NumberForm::default()
        };
        assert_eq!(number("1100.04", &millions, 2), Ok(110_004_000_000));
        assert_eq!(number("0.000001", &millions, 0), Ok(1));
    }

    #[test]
    fn other_marks_than_ours_are_read() {
        let german = NumberForm {
            thousands: Some('.'),
            decimal: ',',
            scale: 1,
        };
        assert_eq!(number("1.234.567,89", &german, 2), Ok(123_456_789));
        assert_eq!(number("1,5", &german, 2), Ok(150));
    }

    #[test]
    fn days_that_there_are_not_are_refused() {
        assert_eq!(date("2025-02-30", &forms()), None);
        assert_eq!(
            date("2025年08月12日", &forms()),
            NaiveDate::from_ymd_opt(2025, 8, 12)
        );
        assert_eq!(
            date("2025/7/1", &forms()),
            NaiveDate::from_ymd_opt(2025, 7, 1)
        );
        assert_eq!(date("12025-01-01", &forms()), None);
    }

    #[test]
    fn a_moment_without_a_zone_is_one_of_the_workspace() {
        let read = |text| moment(text, &forms(), "Asia/Shanghai").map(|m| m.to_rfc3339());
        assert_eq!(
            read("2025/07/01 08:30").as_deref(),
            Some("2025-07-01T00:30:00+00:00")
        );
        assert_eq!(
            read("2025-07-01").as_deref(),
            Some("2025-06-30T16:00:00+00:00")
        );
        assert_eq!(
            read("2025-07-01T00:00:00Z").as_deref(),
            Some("2025-07-01T00:00:00+00:00")
        );
        assert_eq!(read("soon"), None);
    }
}
