//! The demo, in both of its languages: everything in it is whole, and there is something of everything
//! that finance and sales look at.

use std::collections::BTreeSet;

use kehu_app::clock;
use kehu_client::transport::with_query;
use serde_json::Value;

use crate::money::is_whole;
use crate::support::client::Caller;
use crate::support::databases::Backend;
use crate::support::workspace::PASSWORD;
use crate::support::{self, TestApp};

/// The values that a field has in the records of a kind.
async fn values(caller: &Caller, plural: &str, field: &str) -> BTreeSet<String> {
    let summary = format!("/api/v1/{plural}/summary?group_by={field}");
    let summary = caller.get(&summary).await.ok();
    let groups = summary["groups"].as_array().unwrap().iter();
    groups
        .map(|group| group[field].as_str().unwrap_or("none").to_owned())
        .collect()
}

async fn count(caller: &Caller, plural: &str, filter: &str) -> i64 {
    let path = with_query(
        &format!("/api/v1/{plural}"),
        &[("filter", filter), ("count", "exact"), ("limit", "1")],
    );
    caller.get(&path).await.ok()["count"].as_i64().unwrap()
}

async fn is_full_of_life(test: &TestApp, locale: &str) {
    let people = test.app.create_demo(locale, PASSWORD, clock::now()).await;
    let people = people.unwrap();
    is_whole(test).await;
    let finance = &people.last().unwrap().email;
    let finance = Caller::sign_in(&test.base, finance, PASSWORD).await;
    let session = finance.get("/api/v1/session").await.ok();
    assert_eq!(session["user"]["administers"], false);
    let all =
        |codes: &[&str]| -> BTreeSet<String> { codes.iter().map(|c| (*c).to_owned()).collect() };
    let of = async |plural: &str, field: &str| values(&finance, plural, field).await;
    assert_eq!(
        of("opportunities", "status").await,
        all(&["open", "won", "lost"])
    );
    assert!(of("contracts", "status").await.is_superset(&all(&[
        "effective",
        "completed",
        "terminated"
    ])));
    assert!(of("receivables", "settlement").await.is_superset(&all(&[
        "open",
        "partial",
        "paid",
        "written_off",
        "cancelled"
    ])));
    assert_eq!(
        of("payments", "status").await,
        all(&["reported", "confirmed", "rejected", "reversed"])
    );
    for (plural, filter, least) in [
        ("receivables", "overdue_from <= today", 5),
        ("payments", "status == \"reported\"", 3),
        (
            "payments",
            "status == \"confirmed\" && customer_id == null",
            1,
        ),
        ("payments", "unallocated_amount > 0", 2),
        ("allocations", "exchange_difference != 0", 1),
        ("refunds", "true", 1),
        ("exchange-rates", "true", 20),
        ("targets", "true", 100),
    ] {
        let many = count(&finance, plural, filter).await;
        assert!(many >= least, "{many} {plural} with {filter}");
    }
    let ageing = finance.get("/api/v1/reports/ageing?by=owner").await.ok();
    assert!(ageing["rows"].as_array().unwrap().len() > 3, "{ageing:#}");
    let month = finance
        .get("/api/v1/workbench/figures?whose=team")
        .await
        .ok();
    for metric in ["receipts", "contract_amount", "won_amount", "visits"] {
        let figures = month["figures"].as_array().unwrap();
        let figure = figures
            .iter()
            .find(|f: &&Value| f["metric"] == metric)
            .unwrap();
        assert!(figure["planned"].as_i64() > Some(0), "{figure:#}");
    }
}

mod the_demo_is_whole_and_full_of_life {
    use super::*;

    #[test]
    fn in_chinese_on_sqlite() {
        support::run(Backend::Sqlite, async |test| {
            is_full_of_life(test, "zh-Hans").await
        });
    }

    #[test]
    fn in_english_on_postgres() {
        support::run(Backend::Postgres, async |test| {
            is_full_of_life(test, "en").await
        });
    }
}
