//! What was won becomes contracts, receivables and payments, by the program that integrators are
//! shown, and every sum is the file's.

#[path = "../../../crates/client/examples/contracts_from_sales/booking.rs"]
mod booking;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use chrono::{Datelike, NaiveDate, TimeDelta};
use kehu_client::Client;
use kehu_client::native::Native;
use kehu_wire::session::SignInRequest;
use serde_json::{Value, json};

use self::booking::{Booked, Terms, book_all};
use super::all;
use super::sales::{Row, compare_funnel, compare_reports, import_everything, rows, team};
use crate::money::is_whole;
use crate::support::client::Caller;
use crate::support::databases::Backend;
use crate::support::workspace::{PASSWORD, Workspace};
use crate::support::{self, TestApp};

/// A day, so many months later: the last one of a shorter month.
fn later(day: &str, months: i32) -> NaiveDate {
    let parts: Vec<i32> = day.split('-').map(|part| part.parse().unwrap()).collect();
    let month = parts[0] * 12 + parts[1] - 1 + months;
    let (year, month) = (month / 12, u32::try_from(month % 12 + 1).unwrap());
    let day = u32::try_from(parts[2]).unwrap();
    (0..4)
        .find_map(|less| NaiveDate::from_ymd_opt(year, month, day - less))
        .unwrap()
}

fn month(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// The workspace's day.
fn today() -> NaiveDate {
    (kehu_app::clock::now() + TimeDelta::hours(8)).date_naive()
}

/// One instalment as it should be: who owes it to whom, when it is due, and how much it is.
struct Due<'a> {
    row: &'a Row,
    on: NaiveDate,
    cents: i64,
    /// When it was paid, if it was.
    paid: Option<NaiveDate>,
}

/// 30, 60 and 10 per cent of every sale, so many months apart; the first two are paid together.
fn dues<'a>(sold: &[&'a Row], every: i32) -> Vec<Due<'a>> {
    let of_row = |row: &'a Row| {
        let paid = later(&row.closed, every);
        [(0, 30, Some(paid)), (1, 60, Some(paid)), (2, 10, None)].map(|(number, percent, paid)| {
            Due {
                row,
                on: later(&row.closed, number * every),
                cents: row.cents() / 100 * percent,
                paid,
            }
        })
    };
    sold.iter().flat_map(|row| of_row(row)).collect()
}

/// The amounts by what `key` makes of each instalment.
fn sums<K: Ord>(dues: &[Due<'_>], key: impl Fn(&Due<'_>) -> Option<K>) -> BTreeMap<K, i64> {
    let mut sums = BTreeMap::new();
    for due in dues {
        if let Some(key) = key(due) {
            *sums.entry(key).or_default() += due.cents;
        }
    }
    sums
}

/// A value of a field, how many records have it, and the sums of their amounts.
type Group<'a> = (&'a str, usize, &'a [(&'a str, i64)]);

/// Compares how many records there are, and their sums, by the value of a field.
async fn compare_summary(admin: &Caller, plural: &str, group: &str, expected: &[Group<'_>]) {
    let amounts: Vec<&str> = expected[0].2.iter().map(|(name, _)| *name).collect();
    for (at, amount) in amounts.into_iter().enumerate() {
        let summary = format!("/api/v1/{plural}/summary?group_by={group}&sum={amount}");
        let summary = admin.get(&summary).await.ok();
        let mut told: Vec<Value> = summary["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|g| json!([g[group], g["count"], g["sum"][amount]["amount"]]))
            .collect();
        told.sort_by_key(Value::to_string);
        let mut wanted: Vec<Value> = expected
            .iter()
            .map(|(code, count, sums)| json!([code, count, sums[at].1]))
            .collect();
        wanted.sort_by_key(Value::to_string);
        assert_eq!(told, wanted, "{plural} by {group}, {amount}");
    }
}

/// Every contract is the sale that it comes from.
async fn compare_contracts(admin: &Caller, sold: &[&Row]) {
    let mut wanted: Vec<Value> = sold
        .iter()
        .map(|row| {
            let cents = row.cents();
            json!([
                row.account,
                row.agent,
                row.closed,
                cents,
                cents / 10 * 9,
                cents / 10
            ])
        })
        .collect();
    let mut told = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = format!("/api/v1/contracts?limit=200&expand=owner,customer{cursor}");
        let page = admin.get(&page).await.ok();
        for c in page["items"].as_array().unwrap() {
            assert_eq!(
                (&c["effective_on"], &c["status"]),
                (&c["signed_on"], &json!("effective"))
            );
            assert_eq!(c["lines"][0]["gross"], c["amount"]["amount"]);
            let amount = |name: &str| c[name]["amount"].clone();
            told.push(json!([
                c["customer"]["title"],
                c["owner"]["title"],
                c["signed_on"],
                amount("amount"),
                amount("paid_amount"),
                amount("outstanding_amount")
            ]));
        }
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    told.sort_by_key(Value::to_string);
    wanted.sort_by_key(Value::to_string);
    assert!(
        told == wanted,
        "{} and {} contracts",
        told.len(),
        wanted.len()
    );
}

/// What every customer owes, and one customer's statement.
async fn compare_customers(admin: &Caller, dues: &[Due<'_>]) {
    let who = |keep: &dyn Fn(&Due<'_>) -> bool| {
        sums(dues, |due| keep(due).then(|| due.row.account.clone()))
    };
    let now = today();
    let contracted = who(&|_| true);
    let paid = who(&|due| due.paid.is_some());
    let left = who(&|due| due.paid.is_none());
    let overdue = who(&|due| due.paid.is_none() && due.on < now);
    let mut seen = 0;
    for customer in all(admin, "customers").await {
        let name = customer["name"].as_str().unwrap();
        let path = format!("/api/v1/customers/{}", customer["id"].as_str().unwrap());
        let told = admin.get(&format!("{path}/balance")).await.ok();
        let Some(sum) = contracted.get(name) else {
            assert_eq!(told["currencies"], json!([]));
            continue;
        };
        seen += 1;
        let of = |sums: &BTreeMap<String, i64>| sums.get(name).copied().unwrap_or(0);
        assert_eq!(
            told["currencies"],
            json!([{"currency": "USD", "contracted": sum, "paid": of(&paid),
            "outstanding": of(&left), "overdue": of(&overdue), "unallocated": 0, "written_off": 0, "cancelled": 0}]),
            "{name}"
        );
        if seen == 1 {
            let statement = admin.get(&format!("{path}/statement")).await.ok();
            let entries = statement["entries"].as_array().unwrap();
            let of_kind = |kind: &str| entries.iter().filter(|e| e["kind"] == kind).count();
            let count = dues.iter().filter(|due| due.row.account == name).count();
            assert_eq!(
                (of_kind("contract"), of_kind("payment"), entries.len()),
                (count / 3, count / 3, count / 3 * 2)
            );
            assert_eq!(statement["closing"], of(&left));
        }
    }
    assert_eq!(seen, contracted.len());
}

/// What a sale is counted under.
type KeyOf<'a> = &'a dyn Fn(&Row) -> String;

/// What is outstanding, by age.
async fn compare_ageing(admin: &Caller, dues: &[Due<'_>]) {
    let team = team();
    let by: [(&str, KeyOf<'_>); 3] = [
        ("customer", &|row| row.account.clone()),
        ("owner", &|row| row.agent.clone()),
        ("department", &|row| team[&row.agent].0.clone()),
    ];
    for (by, key) in by {
        // A report of yesterday is not compared with today.
        let (now, report) = loop {
            let now = today();
            let report = admin
                .get(&format!("/api/v1/reports/ageing?by={by}"))
                .await
                .ok();
            if now == today() {
                break (now, report);
            }
        };
        let age = |due: &Due<'_>| match (now - due.on).num_days() {
            ..=0 => "not_due",
            1..=30 => "days_1_30",
            31..=60 => "days_31_60",
            61..=90 => "days_61_90",
            _ => "over_90",
        };
        let wanted = sums(dues, |due| {
            due.paid.is_none().then(|| (key(due.row), age(due)))
        });
        let ages = [
            "not_due",
            "days_1_30",
            "days_31_60",
            "days_61_90",
            "over_90",
        ];
        let mut told = BTreeMap::new();
        for row in report["rows"].as_array().unwrap() {
            let title = row["title"].as_str().unwrap().to_owned();
            let parts: Vec<i64> = ages.iter().map(|age| row[*age].as_i64().unwrap()).collect();
            assert_eq!(row["total"], parts.iter().sum::<i64>());
            let parts = ages.into_iter().zip(parts).filter(|(_, sum)| *sum > 0);
            told.extend(parts.map(|(age, sum)| ((title.clone(), age), sum)));
        }
        let seen: BTreeSet<&str> = told.keys().map(|(_, age)| *age).collect();
        assert!(
            seen.len() > 1,
            "the terms spread the debts over the ages: {seen:?}"
        );
        assert_eq!(told, wanted, "{by}");
    }
}

/// What was planned and what came in, month by month.
async fn compare_months(admin: &Caller, sold: &[&Row], dues: &[Due<'_>]) {
    let received = sums(dues, |due| due.paid.map(month));
    let planned = sums(dues, |due| Some(month(due.on)));
    let mut firsts: BTreeMap<&str, &str> = BTreeMap::new();
    let mut contracted: BTreeMap<String, i64> = BTreeMap::new();
    for row in sold {
        let first = firsts.entry(&row.account).or_insert(&row.closed);
        *first = (*first).min(&row.closed);
        let of = month(later(&row.closed, 0));
        *contracted.entry(of).or_default() += row.cents();
    }
    for month in planned.keys() {
        let figures = format!("/api/v1/workbench/figures?month={month}-15&whose=team");
        let figures = admin.get(&figures).await.ok();
        let actual = |metric: &str| {
            let all = figures["figures"].as_array().unwrap();
            all.iter().find(|f| f["metric"] == metric).unwrap()["actual"]
                .as_i64()
                .unwrap()
        };
        let of = |sums: &BTreeMap<String, i64>| sums.get(month).copied().unwrap_or(0);
        let new = firsts
            .values()
            .filter(|day| day.starts_with(month.as_str()))
            .count();
        assert_eq!(
            (
                figures["planned_receipts"].as_i64().unwrap(),
                actual("receipts"),
                actual("contract_amount"),
                actual("new_customers")
            ),
            (
                of(&planned),
                of(&received),
                of(&contracted),
                i64::try_from(new).unwrap()
            ),
            "{month}"
        );
    }
}

/// Signs the administrator in as an integrator's program would.
async fn integrator(test: &TestApp, w: &Workspace) -> Client<Native> {
    let client = Client::new(Native::new(test.base.clone()).unwrap());
    let email = w.session["user"]["email"].as_str().unwrap().to_owned();
    let who = SignInRequest {
        email,
        password: PASSWORD.to_owned(),
    };
    client.sign_in(&who).await.unwrap();
    client
}

/// Books what was won from the first of these days to the last.
async fn book(test: &TestApp, from: &str, to: &str) {
    let w = test.workspace_with("sales", "USD").await;
    import_everything(&w.admin).await;
    let rows = rows();
    let within = |row: &&Row| row.is("Won") && (from..=to).contains(&row.closed.as_str());
    let mut sold: Vec<&Row> = rows.iter().filter(within).collect();
    sold.sort_by(|a, b| a.closed.cmp(&b.closed));
    // The last instalments fall due around today, so that debts are of every age.
    let (now, middle) = (today(), later(&sold[sold.len() / 2].closed, 0));
    let months = (now.year() - middle.year()) * 12 + now.month0().cast_signed()
        - middle.month0().cast_signed();
    let every = months / 2;
    let dues = dues(&sold, every);
    let mut terms = Terms {
        which: format!(
            "status == \"won\" && closed_on >= date(\"{from}\") && closed_on <= date(\"{to}\")"
        ),
        every_months: u32::try_from(every).unwrap(),
        ..Terms::default()
    };
    let client = integrator(test, &w).await;
    let begun = Instant::now();
    let booked = book_all(&client, &terms).await.unwrap();
    println!("{booked:?} in {:.1?}", begun.elapsed());
    let many = sold.len();
    let wanted = Booked {
        contracts: many,
        receivables: 3 * many,
        payments: many,
    };
    assert_eq!(booked, wanted);
    // Run once more, it finds everything there.
    terms.which += &format!(" && closed_on == date(\"{}\")", sold[0].closed);
    let again = book_all(&client, &terms).await.unwrap();
    assert_eq!(
        again.contracts,
        sold.iter()
            .filter(|row| row.closed == sold[0].closed)
            .count()
    );

    let admin = &w.admin;
    let total: i64 = sold.iter().map(|row| row.cents()).sum();
    let (paid, left) = (total / 10 * 9, total / 10);
    compare_summary(
        admin,
        "contracts",
        "status",
        &[(
            "effective",
            many,
            &[
                ("amount", total),
                ("paid_amount", paid),
                ("outstanding_amount", left),
            ],
        )],
    )
    .await;
    compare_summary(
        admin,
        "receivables",
        "settlement",
        &[
            (
                "paid",
                2 * many,
                &[
                    ("amount", paid),
                    ("paid_amount", paid),
                    ("outstanding_amount", 0),
                ],
            ),
            (
                "open",
                many,
                &[
                    ("amount", left),
                    ("paid_amount", 0),
                    ("outstanding_amount", left),
                ],
            ),
        ],
    )
    .await;
    compare_summary(
        admin,
        "payments",
        "status",
        &[(
            "confirmed",
            many,
            &[
                ("amount", paid),
                ("allocated_amount", paid),
                ("unallocated_amount", 0),
            ],
        )],
    )
    .await;
    compare_contracts(admin, &sold).await;
    compare_customers(admin, &dues).await;
    compare_ageing(admin, &dues).await;
    compare_months(admin, &sold, &dues).await;
    // What was sold, and how, is what it was before.
    compare_reports(admin, &rows).await;
    compare_funnel(admin, &rows).await;
    is_whole(test).await;
}

/// All 4,238 sales on SQLite; on PostgreSQL the 531 of March, which take the same ways.
mod what_was_won_is_booked_and_every_sum_is_right {
    use super::*;

    #[test]
    fn sqlite() {
        support::run(Backend::Sqlite, async |test| {
            book(test, "2017-01-01", "2017-12-31").await
        });
    }

    #[test]
    fn postgres() {
        support::run(Backend::Postgres, async |test| {
            book(test, "2017-03-01", "2017-03-31").await
        });
    }
}
