//! Numbers, money and times as the language and the workspace write them, by the browser's `Intl`.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use kehu_domain::def::Scale;
use kehu_domain::money;
use serde_json::Value;
use wasm_bindgen::JsValue;

use crate::i18n::{Lang, lang};
use crate::t;
use crate::ui::money_text::show_decimal;

const DAY_MS: f64 = 86_400_000.0;

thread_local! {
    static FORMATS: RefCell<HashMap<String, Function>> = RefCell::new(HashMap::new());
    static ZONE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Sets the time zone that days are days of: an IANA name.
pub(crate) fn set_zone(zone: &str) {
    ZONE.with(|cell| zone.clone_into(&mut cell.borrow_mut()));
    FORMATS.with(|formats| formats.borrow_mut().clear());
}

/// The time zone of the browser.
pub(crate) fn browser_zone() -> String {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    Reflect::get(&format.resolved_options(), &"timeZone".into())
        .ok()
        .and_then(|zone| zone.as_string())
        .unwrap_or_else(|| "UTC".to_owned())
}

/// Formats with a formatter that is made once per language and set of options.
fn format(tag: &str, date: bool, options: &[(&str, JsValue)], value: f64) -> String {
    let zone = ZONE.with(|zone| zone.borrow().clone());
    let mut key = format!("{tag}{date}");
    for (name, option) in options {
        key.push_str(name);
        key.push_str(&option.as_string().unwrap_or_else(|| format!("{option:?}")));
    }
    let function = FORMATS.with(|formats| {
        formats
            .borrow_mut()
            .entry(key)
            .or_insert_with(|| {
                let bag = Object::new();
                for (name, option) in options {
                    // Setting a property of a plain object can't fail.
                    let _ = Reflect::set(&bag, &(*name).into(), option);
                }
                let locales = Array::of1(&tag.into());
                if date {
                    if !zone.is_empty() {
                        let _ = Reflect::set(&bag, &"timeZone".into(), &zone.as_str().into());
                    }
                    Intl::DateTimeFormat::new(&locales, &bag).format()
                } else {
                    Intl::NumberFormat::new(&locales, &bag).format()
                }
            })
            .clone()
    });
    let argument: JsValue = if date {
        Date::new(&value.into()).into()
    } else {
        value.into()
    };
    function
        .call1(&JsValue::UNDEFINED, &argument)
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// A whole number with grouping.
pub(crate) fn number(value: i64) -> String {
    format(lang().tag(), false, &[], float(value))
}

/// A count of a list; the server stops counting at a cap and says so.
pub(crate) fn count(value: u64, capped: bool) -> String {
    let text = number(i64::try_from(value).unwrap_or(i64::MAX));
    if capped { format!("{text}+") } else { text }
}

#[expect(
    clippy::as_conversions,
    reason = "amounts and counts stay below 2^53, where this is exact"
)]
pub(crate) fn float(value: i64) -> f64 {
    value as f64
}

#[expect(
    clippy::as_conversions,
    reason = "milliseconds since 1970 fit; `as` saturates"
)]
pub(crate) fn whole(value: f64) -> i64 {
    value as i64
}

/// An amount of money as it crosses the wire, in full: ¥1,200.50, without empty decimals.
pub(crate) fn amount(value: &Value) -> String {
    money_with(value, &[("trailingZeroDisplay", "stripIfInteger".into())])
}

/// An amount of money in short: ¥128.6万.
pub(crate) fn amount_short(value: &Value) -> String {
    money_with(
        value,
        &[
            ("notation", "compact".into()),
            ("maximumFractionDigits", 1.into()),
        ],
    )
}

/// Minor units of a currency in full.
pub(crate) fn minor(amount: i64, code: &str) -> String {
    self::amount(&serde_json::json!({"amount": amount, "currency": code}))
}

/// Minor units of a currency in whole major ones, for sums that are read at a glance.
pub(crate) fn minor_whole(amount: i64, code: &str) -> String {
    let money = serde_json::json!({"amount": amount, "currency": code});
    money_with(&money, &[("maximumFractionDigits", 0.into())])
}

/// Minor units of a currency in short.
pub(crate) fn minor_short(amount: i64, code: &str) -> String {
    amount_short(&serde_json::json!({"amount": amount, "currency": code}))
}

/// The whole days in this many milliseconds.
pub(crate) fn whole_days(ms: f64) -> i64 {
    whole((ms / DAY_MS).floor())
}

/// A whole number of 10^-digits as a decimal.
pub(crate) fn decimal(value: i64, digits: u32) -> String {
    show_decimal(value, digits)
}

/// Basis points as percent.
pub(crate) fn percent(basis_points: i64) -> String {
    format!("{}%", show_decimal(basis_points, 2))
}

/// A whole number as the field's scale reads it.
pub(crate) fn scaled(value: i64, scale: Scale) -> String {
    match scale {
        Scale::One => number(value),
        Scale::BasisPoints => percent(value),
        Scale::Millionths => decimal(value, 6),
    }
}

/// How a currency is written before an amount: `¥`.
pub(crate) fn currency_symbol(code: &str) -> String {
    if !is_code(code) {
        return code.to_owned();
    }
    let options = [
        ("style", JsValue::from("currency")),
        ("currency", code.into()),
        ("currencyDisplay", "narrowSymbol".into()),
        ("maximumFractionDigits", 0.into()),
    ];
    format(lang().tag(), false, &options, 0.0)
        .replace('0', "")
        .trim()
        .to_owned()
}

/// Whether a text has the form of a currency's code. Browsers throw over one that has not.
fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// How many decimal places a currency has.
pub(crate) fn currency_digits(code: &str) -> u32 {
    u32::try_from(decimals(code)).unwrap_or(2)
}

fn money_with(value: &Value, options: &[(&str, JsValue)]) -> String {
    let Some((minor, code)) = money_parts(value) else {
        return String::new();
    };
    if !is_code(&code) {
        return show_decimal(minor, currency_digits(&code));
    }
    let mut all = vec![
        ("style", JsValue::from("currency")),
        ("currency", code.as_str().into()),
        ("currencyDisplay", "narrowSymbol".into()),
    ];
    all.extend_from_slice(options);
    format(
        lang().tag(),
        false,
        &all,
        float(minor) / 10_f64.powi(decimals(&code)),
    )
}

/// The minor units and the currency of an amount as it crosses the wire.
pub(crate) fn money_parts(value: &Value) -> Option<(i64, String)> {
    let amount = value.get("amount")?.as_i64()?;
    Some((amount, value.get("currency")?.as_str()?.to_owned()))
}

fn decimals(code: &str) -> i32 {
    money::currency(code)
        .and_then(|currency| i32::try_from(money::decimals(currency)).ok())
        .unwrap_or(2)
}

/// An amount in major units as a person types it: `1200.5`.
pub(crate) fn major_units(value: &Value) -> String {
    let Some((minor, code)) = money_parts(value) else {
        return String::new();
    };
    let places = usize::try_from(decimals(&code)).unwrap_or(2);
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits
        .split_at_checked(digits.len() - places)
        .unwrap_or((&digits, ""));
    let sign = if minor < 0 { "-" } else { "" };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// Now, in milliseconds.
pub(crate) fn now() -> f64 {
    Date::now()
}

/// The milliseconds of a moment as it crosses the wire.
pub(crate) fn moment_ms(text: &str) -> Option<f64> {
    let ms = Date::parse(text);
    (!ms.is_nan()).then_some(ms)
}

/// A moment in milliseconds as it crosses the wire.
pub(crate) fn moment_text(ms: f64) -> String {
    Date::new(&ms.into()).to_iso_string().into()
}

/// The day and the time of a moment in the workspace's time zone: `2026-11-22T15:04`.
pub(crate) fn local_text(ms: f64) -> String {
    let text = format(
        "sv-SE",
        true,
        &[
            ("year", "numeric".into()),
            ("month", "2-digit".into()),
            ("day", "2-digit".into()),
            ("hour", "2-digit".into()),
            ("minute", "2-digit".into()),
        ],
        ms,
    );
    text.replace(' ', "T")
}

/// The day of a moment in the workspace's time zone.
pub(crate) fn local_day(ms: f64) -> NaiveDate {
    local_text(ms)
        .split('T')
        .next()
        .and_then(|day| day.parse().ok())
        .unwrap_or_default()
}

/// Today in the workspace's time zone.
pub(crate) fn today() -> NaiveDate {
    local_day(now())
}

/// The moment of a day and time in the workspace's time zone (`2026-11-22T15:04`).
pub(crate) fn moment_of_local(text: &str) -> Option<f64> {
    let wanted = moment_ms(&format!("{text}:00Z"))?;
    let offset = |at: f64| moment_ms(&format!("{}:00Z", local_text(at))).map(|there| there - at);
    // Twice, because the offset at the first guess may be that of the other side of a change of clocks.
    let first = wanted - offset(wanted - wanted % 60_000.0)?;
    Some(wanted - offset(first)?)
}

/// A moment in full: what stands on hover.
pub(crate) fn exact(text: &str) -> String {
    let Some(ms) = moment_ms(text) else {
        return String::new();
    };
    let style = |name: &str| JsValue::from(name);
    format(
        lang().tag(),
        true,
        &[("dateStyle", style("full")), ("timeStyle", style("short"))],
        ms,
    )
}

/// A moment in short, relative from yesterday to a week ahead: "today 15:04",
/// "Wednesday 10:00", "25 November".
pub(crate) fn moment(text: &str) -> String {
    let Some(ms) = moment_ms(text) else {
        return String::new();
    };
    let day = local_day(ms);
    let away = (day - today()).num_days();
    if (-1..7).contains(&away) {
        format!("{} {}", near_day(day, away), clock(ms))
    } else {
        calendar_day(day)
    }
}

/// The time of day of a moment: `15:04`.
pub(crate) fn clock(ms: f64) -> String {
    local_text(ms)
        .split_once('T')
        .map(|(_, time)| time.to_owned())
        .unwrap_or_default()
}

/// A day in short, relative from yesterday to a week ahead.
pub(crate) fn day(text: &str) -> String {
    let Ok(day) = text.parse::<NaiveDate>() else {
        return String::new();
    };
    let away = (day - today()).num_days();
    if (-1..7).contains(&away) {
        near_day(day, away)
    } else {
        calendar_day(day)
    }
}

/// A day where there is little room: without the year where there is no doubt of it.
pub(crate) fn brief_day(text: &str) -> String {
    let Ok(day) = text.parse::<NaiveDate>() else {
        return text.to_owned();
    };
    let away = (day - today()).num_days();
    if (-1..7).contains(&away) {
        return near_day(day, away);
    }
    if !(-60..300).contains(&away) {
        return calendar_day(day);
    }
    let long = lang() == Lang::ZhHans;
    let month = if long { "long" } else { "short" };
    day_format(day, &[("month", month.into()), ("day", "numeric".into())])
}

/// Yesterday, today, or a day of the next week.
pub(crate) fn near_day(day: NaiveDate, away: i64) -> String {
    match away {
        -1 => t!("common.yesterday").to_owned(),
        0 => t!("common.today").to_owned(),
        1 => t!("common.tomorrow").to_owned(),
        _ => weekday(day),
    }
}

fn utc_noon(day: NaiveDate) -> f64 {
    let days = day.signed_duration_since(NaiveDate::default()).num_days();
    float(days) * DAY_MS + DAY_MS / 2.0
}

fn day_format(day: NaiveDate, options: &[(&str, JsValue)]) -> String {
    // A day has no zone: it is formatted at noon in one where it is that day.
    let text = format!("{day}T12:00");
    let at = moment_of_local(&text).unwrap_or_else(|| utc_noon(day));
    format(lang().tag(), true, options, at)
}

fn weekday(day: NaiveDate) -> String {
    let style = if lang() == Lang::ZhHans {
        "short"
    } else {
        "long"
    };
    day_format(day, &[("weekday", style.into())])
}

/// A day of the calendar: with the year where it is not this one.
pub(crate) fn calendar_day(day: NaiveDate) -> String {
    let month = if lang() == Lang::ZhHans {
        "long"
    } else {
        "short"
    };
    let mut options: Vec<(&str, JsValue)> =
        vec![("month", month.into()), ("day", "numeric".into())];
    if day.year() != today().year() {
        options.push(("year", "numeric".into()));
    }
    day_format(day, &options)
}

/// A month such as `2026-11`: with the year where it is not this one.
pub(crate) fn month(text: &str) -> String {
    let Ok(day) = format!("{text}-01").parse::<NaiveDate>() else {
        return text.to_owned();
    };
    let mut options: Vec<(&str, JsValue)> = vec![("month", "long".into())];
    if day.year() != today().year() {
        options.push(("year", "numeric".into()));
    }
    day_format(day, &options)
}

/// Today in full, for greetings.
pub(crate) fn today_in_full() -> String {
    day_format(
        today(),
        &[
            ("month", "long".into()),
            ("day", "numeric".into()),
            ("weekday", "long".into()),
        ],
    )
}

/// The hour of the day, 0 to 23, in the workspace's time zone.
pub(crate) fn hour() -> u32 {
    clock(now())
        .split(':')
        .next()
        .and_then(|hour| hour.parse().ok())
        .unwrap_or(12)
}

/// How long ago or ahead a moment is, in words: "2 hours ago".
pub(crate) fn distance(text: &str) -> String {
    let Some(ms) = moment_ms(text) else {
        return String::new();
    };
    let minutes = whole((ms - now()) / 60_000.0);
    let (value, unit) = match minutes.abs() {
        0..60 => (minutes, "minute"),
        60..1440 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    let bag = Object::new();
    let _ = Reflect::set(&bag, &"numeric".into(), &"auto".into());
    let format = Intl::RelativeTimeFormat::new(&Array::of1(&lang().tag().into()), &bag);
    format.format(float(value), unit).into()
}

/// How long ago in milliseconds a moment was; negative for the future.
pub(crate) fn age_ms(text: &str) -> Option<f64> {
    moment_ms(text).map(|ms| now() - ms)
}
