//! Makes records and expressions from a declaration, out of the same few values, so that they meet.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use iso_currency::Currency;
use kehu_domain::def::{Def, Field, Type};
use kehu_domain::expr::{Atom, Expr, ExprCtx, Op, Operand, Term, Test, TextOp};
use kehu_domain::money::{MAX_AMOUNT, Money};
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

/// The moment of every request: half an hour before midnight in New York, past noon in Shanghai.
pub(crate) const NOW: &str = "2026-03-09T03:30:00.123456Z";

pub(crate) fn people() -> [Uuid; 3] {
    [1, 2, 3].map(Uuid::from_u128)
}

/// A record that carries all fields of the kind, many of them without a value.
pub(crate) fn record(def: &'static Def) -> BoxedStrategy<Record> {
    let fields: Vec<_> = def.all_fields().collect();
    let values: Vec<_> = fields.iter().map(|field| stored(field)).collect();
    values
        .prop_map(move |values| {
            let mut record = Record::with_capacity(fields.len());
            for (field, value) in fields.iter().zip(values) {
                record.push(field.name, value);
            }
            record
        })
        .boxed()
}

fn stored(field: &'static Field) -> BoxedStrategy<Value> {
    let never_missing = match field.ty {
        Type::Bool => true,
        _ => matches!(field.name, "id" | "version" | "created_at" | "updated_at"),
    };
    let value = match field.ty {
        Type::Money => {
            let currency = select(vec![
                Currency::CNY,
                Currency::CNY,
                Currency::USD,
                Currency::JPY,
            ]);
            (amount(), currency)
                .prop_map(|(amount, currency)| Value::Money(Money { amount, currency }))
                .boxed()
        }
        Type::Refs(_) => {
            prop::collection::vec(select(people().map(|id| id.to_string()).to_vec()), 0..3)
                .prop_map(distinct)
                .boxed()
        }
        Type::Tags | Type::Texts => prop::collection::vec(text(), 0..3)
            .prop_map(distinct)
            .boxed(),
        _ => plain(field),
    };
    if never_missing || field.ty.is_list() {
        value
    } else {
        prop_oneof![1 => Just(Value::Null), 3 => value].boxed()
    }
}

fn distinct(mut texts: Vec<String>) -> Value {
    texts.sort();
    texts.dedup();
    Value::List(texts)
}

/// A value that the field can hold, and be compared with.
fn plain(field: &'static Field) -> BoxedStrategy<Value> {
    match field.ty {
        Type::Text(_)
        | Type::LongText(_)
        | Type::Email
        | Type::Phone
        | Type::Url
        | Type::Dictionary(_)
        | Type::Tags
        | Type::Texts => text().prop_map(Value::Text).boxed(),
        Type::Choice(codes) => select(codes.to_vec())
            .prop_map(|code| Value::Text(code.to_owned()))
            .boxed(),
        Type::Int(..) => number().prop_map(Value::Int).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Date => day().prop_map(Value::Date).boxed(),
        Type::Time => moment().prop_map(Value::Time).boxed(),
        Type::Money => amount()
            .prop_map(|amount| {
                Value::Money(Money {
                    amount,
                    currency: Currency::CNY,
                })
            })
            .boxed(),
        Type::Ref(_) => select(people().to_vec()).prop_map(Value::Id).boxed(),
        Type::Refs(_) => select(people().to_vec())
            .prop_map(|id| Value::Text(id.to_string()))
            .boxed(),
        Type::Json | Type::Lines => Just(Value::Null).boxed(),
    }
}

fn text() -> BoxedStrategy<String> {
    let known = select(vec![
        "",
        "a",
        "A",
        "ab",
        "Ab",
        "aB",
        "abc",
        "b",
        "B",
        " a",
        "a ",
        "a b",
        "ａ",
        "é",
        "É",
        "e\u{301}",
        "ß",
        "SS",
        "中国",
        "中国移动",
        "国",
        "移动通信",
        "中",
        "%",
        "_",
        "a%",
        "\\",
        "\\n",
        "'",
        "''",
        "\"",
        "\"a\"",
        "a'b",
        ";--",
        "😀",
        "😀a",
        "👨\u{200d}👩",
        "\n",
        "a\nb",
        "\t",
        "\u{7f}",
        "\u{80}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{ffff}",
        "\u{10000}",
        "\u{10ffff}",
        "\u{10ffff}a",
        "0",
        "10",
        "9",
        "null",
        "true",
        "$1",
        "?",
        "{}",
        "\u{1}",
    ])
    .prop_map(str::to_owned);
    let made = prop::collection::vec(
        select(vec![
            'a',
            'A',
            'b',
            '中',
            '国',
            'é',
            '"',
            '\\',
            '😀',
            '\u{10ffff}',
            ' ',
            '%',
        ]),
        0..4,
    )
    .prop_map(|chars| chars.into_iter().collect::<String>());
    prop_oneof![2 => known, 1 => made].boxed()
}

fn number() -> BoxedStrategy<i64> {
    prop_oneof![
        select(vec![
            0,
            1,
            -1,
            7,
            i64::from(i32::MAX) + 1,
            (1 << 53) + 1,
            1 << 53,
            i64::MAX,
            i64::MAX - 1,
            i64::MIN,
        ]),
        -3..10_i64,
    ]
    .boxed()
}

fn amount() -> BoxedStrategy<i64> {
    select(vec![
        0,
        1,
        5,
        99,
        100,
        101,
        5_000_050,
        MAX_AMOUNT - 1,
        MAX_AMOUNT,
    ])
    .boxed()
}

fn day() -> BoxedStrategy<NaiveDate> {
    let around: NaiveDate = "2026-03-08".parse().unwrap();
    prop_oneof![
        3 => (0..4_u64).prop_map(move |days| around + Days::new(days)),
        1 => select(vec!["0001-01-01", "1969-12-31", "1970-01-01", "2028-02-29", "9999-12-31"])
            .prop_map(|day| day.parse().unwrap()),
    ]
    .boxed()
}

fn moment() -> BoxedStrategy<DateTime<Utc>> {
    let known = select(vec![
        NOW,
        "2026-03-09T03:30:00.123455Z",
        "2026-03-09T03:30:00.123457Z",
        "2026-03-08T16:00:00Z",
        "2026-03-08T15:59:59.999999Z",
        "2026-03-09T16:00:00Z",
        // The day on which clocks go forward in New York, and the next.
        "2026-03-08T05:00:00Z",
        "2026-03-08T04:59:59.999999Z",
        "2026-03-09T04:00:00Z",
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "0001-01-02T00:00:00Z",
        "9999-12-30T23:59:59.999999Z",
    ])
    .prop_map(|time| time.parse::<DateTime<Utc>>().unwrap());
    let near = (-50..50_i64)
        .prop_map(|hours| NOW.parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours));
    prop_oneof![2 => known, 1 => near].boxed()
}

/// An expression of up to some twenty tests over the kind.
pub(crate) fn expression(def: &'static Def, ctx: ExprCtx) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        20 => atom(def, ctx),
        1 => any::<bool>().prop_map(Expr::Const),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        (any::<bool>(), prop::collection::vec(inner, 2..4))
            .prop_map(|(all, parts)| chain(all, parts))
    })
    .boxed()
}

/// As reading makes it: parts of the same sort lie in one list.
fn chain(all: bool, parts: Vec<Expr>) -> Expr {
    let mut flat = Vec::new();
    for part in parts {
        match (part, all) {
            (Expr::And(inner), true) | (Expr::Or(inner), false) => flat.extend(inner),
            (other, _) => flat.push(other),
        }
    }
    if all { Expr::And(flat) } else { Expr::Or(flat) }
}

/// One test of one field.
pub(crate) fn atom(def: &'static Def, ctx: ExprCtx) -> BoxedStrategy<Expr> {
    let fields: Vec<&'static Field> = def.all_fields().filter(|f| f.is_filterable()).collect();
    (select(fields.clone()), any::<bool>())
        .prop_flat_map(move |(field, negated)| {
            test(field, &fields, &ctx).prop_map(move |test| Expr::Atom(Atom { test, negated }))
        })
        .boxed()
}

fn test(field: &'static Field, fields: &[&'static Field], ctx: &ExprCtx) -> BoxedStrategy<Test> {
    let null = Just(Test::Null { field }).boxed();
    if field.ty.is_list() {
        let has = operand(field, ctx).prop_map(move |value| Test::Has { field, value });
        return prop_oneof![1 => null, 4 => has].boxed();
    }
    let ops = ops(field);
    let compare = (select(ops.clone()), operand(field, ctx))
        .prop_map(move |(op, with)| Test::Compare { field, op, with })
        .boxed();
    let among = prop::collection::vec(operand(field, ctx), 1..4)
        .prop_map(move |among| Test::In { field, among })
        .boxed();
    let others: Vec<_> = fields
        .iter()
        .copied()
        .filter(|other| other.ty == field.ty)
        .collect();
    let compare_fields = (select(ops), select(others))
        .prop_map(move |(op, other)| Test::CompareFields { field, op, other })
        .boxed();
    let mut tests = vec![(1, null), (4, compare), (2, among), (1, compare_fields)];
    if is_text(field) {
        let places = select(vec![TextOp::Contains, TextOp::StartsWith, TextOp::EndsWith]);
        let text = (places, text())
            .prop_map(move |(op, text)| Test::Text { field, op, text })
            .boxed();
        tests.push((4, text));
    }
    proptest::strategy::Union::new_weighted(tests).boxed()
}

fn is_text(field: &Field) -> bool {
    matches!(
        field.ty,
        Type::Text(_)
            | Type::LongText(_)
            | Type::Email
            | Type::Phone
            | Type::Url
            | Type::Dictionary(_)
    )
}

fn ops(field: &Field) -> Vec<Op> {
    match field.ty {
        Type::Bool | Type::Choice(_) | Type::Dictionary(_) | Type::Ref(_) => vec![Op::Eq, Op::Ne],
        _ => vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge],
    }
}

fn operand(field: &'static Field, ctx: &ExprCtx) -> BoxedStrategy<Operand> {
    let literal = plain(field).prop_map(Operand::literal).boxed();
    let (now, today, ctx) = (ctx.now, ctx.today(), ctx.clone());
    let add = |day: NaiveDate, days: i64| day + TimeDelta::days(days);
    match field.ty {
        Type::Date => {
            let relative = (-3..4_i64).prop_map(move |days| Operand {
                term: Term::Today(days),
                value: Value::Date(add(today, days)),
            });
            prop_oneof![literal, relative].boxed()
        }
        Type::Time => {
            let shifts = select(vec![
                0,
                1,
                -1,
                1_000,
                -60_000_000,
                86_400_000_000,
                -90_000_000_000,
            ]);
            let from_now = shifts.prop_map(move |micros| Operand {
                term: Term::Now(micros),
                value: Value::Time(now + TimeDelta::microseconds(micros)),
            });
            let zone = ctx.clone();
            let from_today = (-3..4_i64).prop_map(move |days| Operand {
                term: Term::Today(days),
                value: Value::Time(zone.start_of(add(today, days))),
            });
            let known = select(vec!["2026-03-08", "2026-03-09", "1970-01-01", "0002-01-01"]);
            let from_day = known.prop_map(move |day| {
                let day: NaiveDate = day.parse().unwrap();
                Operand {
                    term: Term::Day(day),
                    value: Value::Time(ctx.start_of(day)),
                }
            });
            prop_oneof![literal, from_now, from_today, from_day].boxed()
        }
        Type::Ref("user") => {
            let me = Just(Operand {
                term: Term::Me,
                value: Value::Id(ctx.me),
            });
            prop_oneof![literal, me].boxed()
        }
        Type::Refs("user") => {
            let me = Just(Operand {
                term: Term::Me,
                value: Value::Text(ctx.me.to_string()),
            });
            prop_oneof![literal, me].boxed()
        }
        _ => literal,
    }
}
