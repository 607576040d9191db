//! Imports that are cut off: they go on where they stopped.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{all, count, settled, upload};
use crate::faults::{set_up, sign_in, with_database};
use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::databases::{Backend, Database};
use crate::support::process::Process;

both_databases! {
    async fn an_import_that_was_cut_off_goes_on_without_doubling_or_losing(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let mut text = String::from("name,phone\n");
        for n in 0..3000 {
            text.push_str(&format!("Lead {n},138{n:08}\n"));
        }
        let import = upload(admin, "many.csv", text.into()).await;
        let fields = json!({"name": {"column": "name"}, "phone": {"column": "phone"}});
        let start = format!("/api/v1/imports/{import}/start");
        let body = json!({"mapping": {"kind": "lead", "fields": fields}});
        admin.post(&start, body).await.ok();
        // Stopped in the middle, as often as it can be.
        let cancel = format!("/api/v1/imports/{import}/cancel");
        let (mut stops, mut done) = (0, 0);
        loop {
            let now = admin.get(&format!("/api/v1/imports/{import}")).await.ok();
            if now["state"] == "completed" {
                break;
            }
            let further = now["rows_done"].as_i64().unwrap();
            if further > done && admin.act(&cancel).await.status == 200 {
                (stops, done) = (stops + 1, further);
                let there = count(admin, "leads").await;
                let now = admin.get(&format!("/api/v1/imports/{import}")).await.ok();
                assert_eq!(now["counts"]["created"], there, "{now:#}");
                admin.act(&start).await.ok();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        println!("it was stopped {stops} times");
        assert_eq!(count(admin, "leads").await, 3000);
    }
}

const ROWS: usize = 6000;

/// Rows of which each seventh repeats an earlier one and each eleventh has no telephone number.
fn rows() -> String {
    let mut text = String::from("name,phone\n");
    for n in 0..ROWS {
        let phone = match n {
            _ if n % 11 == 10 => "soon".to_owned(),
            _ if n % 7 == 6 => format!("138{:08}", n - 5),
            _ => format!("138{n:08}"),
        };
        text.push_str(&format!("Lead {n},{phone}\n"));
    }
    text
}

/// What must become of them: the names of the leads, how many repeat one, how many are refused.
fn outcome() -> (BTreeSet<String>, usize, usize) {
    let (mut seen, mut names) = (BTreeSet::new(), BTreeSet::new());
    let (mut repeated, mut refused) = (0, 0);
    for n in 0..ROWS {
        let number = if n % 7 == 6 { n - 5 } else { n };
        if n % 11 == 10 {
            refused += 1;
        } else if seen.insert(number) {
            names.insert(format!("Lead {n}"));
        } else {
            repeated += 1;
        }
    }
    (names, repeated, refused)
}

async fn import_of(caller: &Caller, import: Uuid) -> Value {
    caller.get(&format!("/api/v1/imports/{import}")).await.ok()
}

async fn killed_in_the_middle(database: &Database) {
    let mut process = Process::start(database).await;
    set_up(&process.base).await;
    let mut caller = sign_in(&process.base).await;
    let import = upload(&caller, "many.csv", rows().into()).await;
    let fields = json!({"name": {"column": "name"}, "phone": {"column": "phone"}});
    let body = json!({"mapping": {"kind": "lead", "fields": fields}});
    let start = format!("/api/v1/imports/{import}/start");
    caller.post(&start, body).await.ok();
    let mut before = 0;
    for _ in 0..2 {
        loop {
            let now = import_of(&caller, import).await;
            assert_eq!(now["state"], "running", "it was not killed in the middle");
            let done = now["rows_done"].as_i64().unwrap();
            if done > before {
                before = done;
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        process.kill();
        process = Process::start(database).await;
        caller = sign_in(&process.base).await;
        let now = import_of(&caller, import).await;
        assert!(now["rows_done"].as_i64().unwrap() >= before, "{now:#}");
    }
    // Nobody starts it: it goes on by itself.
    let now = settled(&caller, import).await;
    assert_eq!(now["state"], "completed", "{now:#}");
    let (names, repeated, refused) = outcome();
    let counts = &now["counts"];
    let told = json!([
        counts["created"],
        counts["duplicates"],
        counts["refused"],
        now["rows_done"]
    ]);
    assert_eq!(told, json!([names.len(), repeated, refused, ROWS]));
    let leads = all(&caller, "leads").await;
    let found: BTreeSet<String> = leads
        .iter()
        .map(|lead| lead["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(leads.len(), names.len());
    assert_eq!(found, names);
    let path = format!("/api/v1/imports/{import}/refused.csv");
    let Value::String(rows) = caller.get(&path).await.ok() else {
        panic!("the refused rows are no text");
    };
    assert_eq!(rows.lines().count(), refused + 1);
    assert!(process.terminate().success());
}

#[test]
fn an_import_goes_on_by_itself_after_a_power_cut_on_sqlite() {
    with_database(Backend::Sqlite, killed_in_the_middle);
}

#[test]
fn an_import_goes_on_by_itself_after_a_power_cut_on_postgres() {
    with_database(Backend::Postgres, killed_in_the_middle);
}
