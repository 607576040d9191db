//! What expressions mean, and what is refused where.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use iso_currency::Currency;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::money::Money;
use crate::record::Record;

mod hostile;
mod refused;

const ME: Uuid = Uuid::from_u128(7);

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn ctx() -> ExprCtx {
    ExprCtx {
        now: time("2026-11-22T17:30:00.123456Z"),
        time_zone: Tz::Asia__Shanghai,
        currency: Currency::CNY,
        me: ME,
        veils: std::sync::Arc::default(),
    }
}

fn read(text: &str) -> Result<Expr, ExprError> {
    parse(text, &crate::lead::DEF, &ctx())
}

fn lead() -> Record {
    let mut lead = Record::default();
    for (name, value) in [
        ("id", Value::Id(Uuid::from_u128(1))),
        ("version", Value::Int(3)),
        ("created_at", Value::Time(time("2026-11-01T00:00:00Z"))),
        ("name", Value::Text("王小明".into())),
        ("company", Value::Text("Acme \"中国\"".into())),
        ("email", Value::Null),
        (
            "amount",
            Value::Money(Money {
                amount: 5_000_050,
                currency: Currency::CNY,
            }),
        ),
        ("intent", Value::Null),
        (
            "received_on",
            Value::Date(NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()),
        ),
        ("status", Value::Text("following_up".into())),
        ("owner_id", Value::Id(ME)),
        ("tags", Value::List(vec!["vip".into(), "重要".into()])),
        ("collaborator_ids", Value::List(vec![ME.to_string()])),
        ("next_contact_at", Value::Time(time("2026-11-22T16:00:00Z"))),
        ("source", Value::Text("微信".into())),
    ] {
        lead.set(name, value);
    }
    lead
}

fn passes(text: &str) -> bool {
    match read(text) {
        Ok(expr) => expr.matches(&lead()),
        Err(error) => panic!("{text}: {error:?}"),
    }
}

#[test]
fn each_kind_of_test_is_answered() {
    for text in [
        r#"status == "following_up" && amount >= 50000 && "vip" in tags"#,
        r#"name == "王小明""#,
        r#"name != "李四""#,
        r#"name > "李""#,
        r#"company.contains("\"中")"#,
        r#"company.startsWith("Acme")"#,
        r#"company.endsWith("中国\"")"#,
        r#"r"微信" == source"#,
        r#"status in ["pending", "following_up"]"#,
        "amount == 50000.50 && amount > 50000.49 && 50000.51 > amount",
        r#"amount <= money("50000.5", "CNY")"#,
        "amount in [1, 50000.5]",
        r#""重要" in tags && !("vi" in tags) && size(tags) != 0 && tags.size() > 0"#,
        "owner_id == me && me in collaborator_ids",
        r#"owner_id == "00000000-0000-0000-0000-000000000007""#,
        r#"owner_id in [me, "00000000-0000-0000-0000-000000000009"]"#,
        "intent == null && status != null && pool_id == null && size(tags) > 0",
        r#"created_at == timestamp("2026-11-01T08:00:00+08:00")"#,
        r#"created_at < now - duration("480h") && created_at > now - duration("22d")"#,
        "created_at < created_at || created_at == created_at",
        "version == 3 && version < 9223372036854775807",
        "version > -1",
        "true",
        "!false",
        "false || (true && !(false))",
    ] {
        assert!(passes(text), "{text}");
        assert!(!passes(&format!("!({text})")), "!({text})");
    }
}

#[test]
fn days_are_days_of_the_workspace() {
    // 17:30 UTC on the 22nd is half past one on the 23rd in Shanghai.
    for text in [
        r#"received_on == today && today == received_on"#,
        r#"received_on == date("2026-11-23")"#,
        r#"received_on > today - duration("24h") && received_on < today + duration("1d")"#,
        "next_contact_at == today",
        r#"next_contact_at == date("2026-11-23")"#,
        r#"next_contact_at < date("2026-11-22") + duration("48h")"#,
        r#"next_contact_at == date("2026-11-22") + duration("24h")"#,
        r#"next_contact_at >= today && next_contact_at < today + duration("24h")"#,
    ] {
        assert!(passes(text), "{text}");
    }
}

#[test]
fn a_day_begins_after_midnight_where_clocks_skip_it() {
    let ctx = ExprCtx {
        time_zone: Tz::America__Santiago,
        ..ctx()
    };
    let day = NaiveDate::from_ymd_opt(2026, 9, 6).unwrap();
    assert_eq!(ctx.start_of(day), time("2026-09-06T04:00:00Z"));
    let day = NaiveDate::from_ymd_opt(2026, 9, 5).unwrap();
    assert_eq!(ctx.start_of(day), time("2026-09-05T04:00:00Z"));
    // A day that did not exist: Samoa crossed the date line.
    let ctx = ExprCtx {
        time_zone: Tz::Pacific__Apia,
        ..ctx
    };
    let day = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap();
    assert_eq!(ctx.start_of(day), time("2011-12-30T10:00:00Z"));
}

#[test]
fn a_test_of_a_missing_value_is_false_and_its_opposite_true() {
    for text in [
        r#"email == "a""#,
        r#"email != "a""#,
        r#"email < "a""#,
        r#"email in ["a"]"#,
        r#"email.contains("")"#,
        "email == name",
        "name != email",
        r#"intent != "agreed""#,
        "converted_at < now",
    ] {
        assert!(!passes(text), "{text}");
        assert!(passes(&format!("!({text})")), "{text}");
        assert!(!passes(&format!("!!({text})")), "{text}");
    }
}

#[test]
fn money_of_another_currency_never_compares() {
    let mut lead = lead();
    lead.set(
        "amount",
        Value::Money(Money {
            amount: 1,
            currency: Currency::USD,
        }),
    );
    for text in [
        "amount == 0.01",
        "amount != 0.01",
        "amount < 5",
        "amount >= 0.01",
        "amount in [0.01]",
    ] {
        assert!(!read(text).unwrap().matches(&lead), "{text}");
        let opposite = read(&format!("!({text})")).unwrap();
        assert!(opposite.matches(&lead), "{text}");
    }
}

#[test]
fn documents_compare_in_their_own_currency() {
    let text = r#"amount > money("1", "USD")"#;
    let expr = parse(text, &crate::payment::DEF, &ctx()).unwrap();
    assert_eq!(expr.to_text(), text);
    for (amount, currency, passes) in [
        (101, Currency::USD, true),
        (100, Currency::USD, false),
        (101, Currency::CNY, false),
    ] {
        let mut payment = Record::default();
        payment.set("amount", Value::Money(Money { amount, currency }));
        assert_eq!(expr.matches(&payment), passes, "{amount} {currency:?}");
    }
}

#[test]
fn nothing_is_nothing_in_every_currency() {
    let mut lead = lead();
    for (amount, true_of_it) in [
        (1, ["amount > 0", "amount >= 0", "amount != 0"]),
        (-1, ["amount < 0", "amount <= 0", "amount != 0"]),
        (0, ["amount == 0", "amount >= 0", "amount in [0, 7]"]),
    ] {
        let currency = Currency::USD;
        lead.set("amount", Value::Money(Money { amount, currency }));
        for text in true_of_it {
            assert!(read(text).unwrap().matches(&lead), "{amount}: {text}");
            let opposite = read(&format!("!({text})")).unwrap();
            assert!(!opposite.matches(&lead), "{amount}: {text}");
        }
    }
}

#[test]
fn negation_stands_at_the_atoms() {
    let expr = read(r#"!(name == "a" && (version == 1 || !("x" in tags)))"#).unwrap();
    assert_eq!(
        expr.to_text(),
        r#"!(name == "a") || (!(version == 1) && "x" in tags)"#
    );
}

#[test]
fn chains_are_flat_however_they_are_nested() {
    let flat = read("version == 1 && version == 2 && version == 3 && version == 4").unwrap();
    assert!(matches!(&flat, Expr::And(parts) if parts.len() == 4));
    assert_eq!(
        flat,
        read("version == 1 && (version == 2 && (version == 3 && version == 4))").unwrap()
    );
}

#[test]
fn text_reads_back_as_the_same() {
    for text in [
        r#"name == "a\"b\\c\n\t\u0001中文 😀'""#,
        r#"!(name == "") && shared_is == 1"#,
        "amount == 0.05 || amount < -3 || amount in [1200.5, 7]",
        r#"created_at >= now - duration("90m") && created_at < now + duration("1.5s")"#,
        r#"received_on < today && next_contact_at > today - duration("72h")"#,
        r#"next_contact_at > date("2026-01-31") && received_on == date("2026-01-31")"#,
        r#"created_at == timestamp("2026-01-31T00:00:00.000001Z")"#,
        "owner_id == me && !(me in collaborator_ids)",
        r#"size(tags) == 0 || !("a" in tags) || tags == null"#,
        r#"company.endsWith("") && name <= company"#,
        "name in [] || true && !(version in [1, -1])",
        "version == 1 && (version == 2 || version == 3 && (version == 4 || false))",
    ] {
        let text = text.replace(" && shared_is == 1", "");
        let expr = read(&text).unwrap();
        assert_eq!(read(&expr.to_text()).unwrap(), expr, "{}", expr.to_text());
    }
    let view = |text: &str| parse(text, &crate::saved_view::DEF, &ctx()).unwrap();
    let expr = view("shared && !shared || shared == false || shared != true");
    assert_eq!(
        expr.to_text(),
        "(shared && !shared) || shared == false || shared != true"
    );
    assert_eq!(view(&expr.to_text()), expr);
}

#[test]
fn plain_conjunctions_have_parts() {
    let parts = |text: &str| read(text).unwrap().conditions();
    let one = |field: &'static str, op: &'static str, value| Condition { field, op, value };
    assert_eq!(
        parts(
            r#"status == "pending" && amount >= 50000 && "vip" in tags && owner_id == me
               && created_at < now - duration("720h") && next_contact_at >= date("2026-01-31")
               && source in ["微信", "展会"] && !(source in ["x"]) && company.contains("中国")
               && email != null && size(tags) == 0 && received_on == today"#
        ),
        Some(vec![
            one("status", "eq", json!("pending")),
            one(
                "amount",
                "ge",
                json!({"amount": 5_000_000, "currency": "CNY"})
            ),
            one("tags", "has", json!("vip")),
            one("owner_id", "eq", json!({"expr": "me"})),
            one(
                "created_at",
                "lt",
                json!({"expr": "now - duration(\"720h\")"})
            ),
            one("next_contact_at", "ge", json!("2026-01-31")),
            one("source", "in", json!(["微信", "展会"])),
            one("source", "not_in", json!(["x"])),
            one("company", "contains", json!("中国")),
            one("email", "is_not_null", json!(null)),
            one("tags", "is_null", json!(null)),
            one("received_on", "eq", json!({"expr": "today"})),
        ])
    );
    assert_eq!(parts("true"), Some(vec![]));
    for text in [
        "version == 1 || version == 2",
        "version == 1 && (version == 2 || version == 3)",
        "!(version == 1)",
        "name == company",
        "false",
    ] {
        assert_eq!(parts(text), None, "{text}");
    }
}
