//! What is refused, with which code, and at which place.

use super::*;
use crate::def::{self, Def};

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
    can: crate::capabilities::Capabilities::NONE,
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
        "money",
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
