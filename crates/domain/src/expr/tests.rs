//! What expressions mean, and what is refused where.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use iso_currency::Currency;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::def::{self, Def};
use crate::money::Money;
use crate::record::Record;

mod hostile;

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
        "amount > 0",
    ] {
        assert!(!read(text).unwrap().matches(&lead), "{text}");
        let opposite = read(&format!("!({text})")).unwrap();
        assert!(opposite.matches(&lead), "{text}");
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

/// The text, the code, the place in it, and the parameters.
fn refused(text: &str, code: &str, place: &str, params: serde_json::Value) {
    let error = read(text).expect_err(text);
    let found = text.get(error.offset..error.offset + error.length);
    assert_eq!(
        (error.code, found, &error.params),
        (code, Some(place), &params),
        "{text}: {error:?}"
    );
    if !place.is_empty() {
        assert_eq!(text.find(place), Some(error.offset), "{text}");
    }
}

#[test]
fn names_that_there_are_not_are_refused_at_their_place() {
    for (text, name) in [
        (r#"name == "中文" && nmae == 1"#, "nmae"),
        (r#""中文" in tagz"#, "tagz"),
        ("name.first == name", "first"),
        ("null_ == null", "null_"),
    ] {
        let place = if name == "first" { ".first" } else { name };
        let error = read(text).expect_err(text);
        assert_eq!(error.code, "unknown_field", "{text}");
        assert_eq!(error.params, json!({ "name": name }));
        assert_eq!(error.offset, text.find(place).unwrap(), "{text}");
    }
}

static WITH_STRUCTURE: Def = Def {
    kind: "machine",
    plural: "machines",
    table: "machines",
    fields: &[def::json().named("layout")],
    title: &[],
    visibility: def::Visibility::Common,
    check: def::no_check,
};

#[test]
fn fields_that_hold_structures_are_not_filterable() {
    let error = parse("true || layout == null", &WITH_STRUCTURE, &ctx()).unwrap_err();
    assert_eq!(
        (error.code, error.offset, error.length),
        ("not_filterable", 8, 6)
    );
    assert_eq!(error.params, json!({"field": "layout"}));
}

#[test]
fn wrong_types_are_refused_at_the_value() {
    let wrong = |text: &str, place: &str, field: &str, expected: &str| {
        refused(
            text,
            "wrong_type",
            place,
            json!({ "field": field, "expected": expected }),
        );
    };
    wrong(r#"name == "中" && name == 5"#, "5", "name", "text");
    wrong(r#"version == "中""#, r#""中""#, "version", "int");
    wrong("version == 1.5", "1.5", "version", "int");
    wrong("version == 0x10", "0x10", "version", "int");
    wrong(r#"amount > "50000""#, r#""50000""#, "amount", "money");
    wrong(
        r#"received_on > "2026-01-31""#,
        r#""2026-01-31""#,
        "received_on",
        "date",
    );
    wrong("received_on > now", "now", "received_on", "date");
    wrong(
        r#"received_on > today - duration("1h")"#,
        "-",
        "received_on",
        "date",
    );
    wrong(
        r#"created_at > "2026-01-31""#,
        r#""2026-01-31""#,
        "created_at",
        "time",
    );
    wrong(
        r#"created_at > duration("1h")"#,
        "duration",
        "created_at",
        "time",
    );
    wrong(r#"owner_id == "张三""#, r#""张三""#, "owner_id", "id");
    wrong("pool_id == me", "me", "pool_id", "id");
    wrong(
        r#""张三" in collaborator_ids"#,
        r#""张三""#,
        "collaborator_ids",
        "id",
    );
    wrong("5 in tags", "5", "tags", "text");
    wrong(r#"name in ["a", 5]"#, "5", "name", "text");
    wrong(r#"name in "abc""#, r#""abc""#, "name", "list");
    wrong(r#""a" in name"#, "name", "name", "list");
    wrong(
        "created_at == received_on",
        "received_on",
        "created_at",
        "time",
    );
    wrong("owner_id == pool_id", "pool_id", "owner_id", "id");
    wrong("name == tags", "tags", "name", "text");
    wrong("name && true", "name", "name", "condition");
    wrong("!amount", "amount", "amount", "condition");
    wrong("status.contains(\"x\")", "status", "status", "text_field");
    wrong("tags.contains(\"x\")", "tags", "tags", "text_field");
    wrong("name.contains(company)", "company", "name", "text");
    let none = |text: &str, place: &str, expected: &str| {
        refused(
            text,
            "wrong_type",
            place,
            json!({ "field": null, "expected": expected }),
        );
    };
    none("true && 5", "5", "condition");
    none(r#""中" || true"#, r#""中""#, "condition");
    none("size(name) == 0", "name", "list");
    none("size(tags) == name", "name", "int");
    none("null", "null", "condition");
    none("now", "now", "condition");
}

#[test]
fn operators_that_do_not_fit_are_refused_at_their_place() {
    let wrong = |text: &str, place: &str| {
        refused(
            text,
            "unknown_operator",
            place,
            json!({ "operator": place }),
        );
    };
    wrong(r#"name == "中" ? true : false"#, "?");
    wrong("version * 2 == 4", "*");
    wrong("version / 2 == 4", "/");
    wrong("version % 2 == 1", "%");
    wrong("{}", "{");
    wrong("version + 1 == 4", "+");
    wrong("created_at - duration(\"1h\") > now", "-");
    wrong("name + \"x\" == \"ax\"", "+");
    wrong("-version == 4", "-");
    wrong("status < \"pending\"", "<");
    wrong("source >= \"a\"", ">=");
    wrong("owner_id > me", ">");
    wrong("name < null", "<");
    wrong("tags == \"vip\"", "==");
    wrong("size(tags) < 0", "<");
    wrong("now - now < created_at", "-");
    wrong("tags[0] == \"vip\"", "[");
}

#[test]
fn functions_that_there_are_not_are_refused_at_their_name() {
    let wrong = |text: &str, name: &str| {
        refused(text, "unknown_function", name, json!({ "name": name }));
    };
    wrong(r#"name == "中" && name.matches("a+")"#, "matches");
    wrong(r#"tags.exists(t, t == "vip")"#, "exists");
    wrong(r#"tags.all(t, t == "vip")"#, "all");
    wrong("tags.map(t, t)", "map");
    wrong("tags.filter(t, true)", "filter");
    wrong("has(tags)", "has");
    wrong("lower(name) == \"a\"", "lower");
    wrong("now() > created_at", "now");
}

#[test]
fn values_that_cannot_be_are_refused_at_their_place() {
    let open = json!({"field": "status", "choices": crate::lead::Status::CODES});
    refused(
        r#"name == "中" && status == "won""#,
        "unknown_choice",
        r#""won""#,
        open.clone(),
    );
    refused(
        r#"status in ["pending", "won"]"#,
        "unknown_choice",
        r#""won""#,
        open,
    );
    let null = serde_json::Value::Null;
    for (text, code, place) in [
        ("amount > 0.001", "too_many_decimals", "0.001"),
        ("amount > 1e3", "wrong_amount", "1e3"),
        (
            "amount > 90071992547409.92",
            "too_large",
            "90071992547409.92",
        ),
        (
            "version > 99999999999999999999",
            "too_large",
            "99999999999999999999",
        ),
        (
            r#"created_at > date("2026-02-30")"#,
            "wrong_date",
            r#""2026-02-30""#,
        ),
        (r#"created_at > date("中")"#, "wrong_date", r#""中""#),
        (
            r#"created_at > date("2026-1-1")"#,
            "wrong_date",
            r#""2026-1-1""#,
        ),
        (
            r#"created_at > timestamp("2026-01-01")"#,
            "wrong_timestamp",
            r#""2026-01-01""#,
        ),
        (
            r#"created_at > now - duration("a week")"#,
            "wrong_duration",
            r#""a week""#,
        ),
        (
            r#"created_at > now - duration("")"#,
            "wrong_duration",
            r#""""#,
        ),
        (
            r#"created_at > now - duration("0.0000001s")"#,
            "wrong_duration",
            r#""0.0000001s""#,
        ),
        (
            r#"created_at > now - duration("99999999999h")"#,
            "wrong_duration",
            r#""99999999999h""#,
        ),
        (
            r#"created_at > now - duration("90000000h")"#,
            "too_large",
            "-",
        ),
        (
            r#"received_on > today + duration("3650000d")"#,
            "too_large",
            "+",
        ),
        (r#"name == "\u0000""#, "expression_syntax", r#""\u0000""#),
        ("1 == 1", "needs_field", "=="),
        ("now > today", "needs_field", ">"),
        ("size(tags) > 1", "size_of_zero_only", "1"),
    ] {
        refused(text, code, place, null.clone());
    }
    refused(
        r#"amount > money("1", "USD")"#,
        "no_rate",
        r#""USD""#,
        json!({"currency": "USD", "base": "CNY"}),
    );
    refused(
        r#"amount > money("1", "¥")"#,
        "unknown_currency",
        r#""¥""#,
        json!({"code": "¥"}),
    );
    refused(
        r#"amount > money("1")"#,
        "wrong_arguments",
        "money",
        json!({"name": "money", "expected": "amount, currency"}),
    );
    refused(
        "created_at > date(5)",
        "wrong_arguments",
        "date",
        json!({"name": "date", "expected": "text"}),
    );
    refused(
        "name.contains()",
        "wrong_arguments",
        "contains",
        json!({"name": "contains", "expected": "text"}),
    );
}

#[test]
fn what_is_no_expression_is_refused_at_its_place() {
    for (text, offset, length) in [
        ("", 0, 0),
        ("  // 中文", 11, 0),
        ("name ==", 7, 0),
        ("name == \"中\" &&", 16, 0),
        ("name = 5", 5, 1),
        ("\"中\" == name)", 13, 1),
        ("(name == \"中\"", 0, 1),
        ("name == \"中\" @ 1", 14, 1),
        ("name == '中", 8, 4),
        ("name == \"中\n\"", 8, 6),
        ("\"中\" == \"\\q\"", 10, 2),
        ("姓名 == 1", 0, 3),
        ("name == b\"x\"", 8, 1),
        ("name == \"\"\"x\"\"\"", 8, 3),
        ("version == 5u", 11, 2),
        ("version == 5h", 11, 2),
        ("name name", 5, 4),
        ("name == == name", 8, 2),
        ("(name]", 5, 1),
        ("`name` == 1", 0, 1),
        ("true\n&& 中", 8, 3),
        ("true\n&& \"中\" 5", 14, 1),
        ("in in in", 0, 2),
    ] {
        let error = read(text).expect_err(text);
        assert_eq!(
            (error.code, error.offset, error.length),
            ("expression_syntax", offset, length),
            "{text:?}"
        );
    }
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
