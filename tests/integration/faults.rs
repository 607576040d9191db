//! What must hold when something breaks: power cuts, orders to end, databases that go away, commits
//! that come late.

mod full_disk;
mod readiness;
mod transactions;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::join_all;
use kehu_persistence::changes::{self, Entry};
use kehu_persistence::db::{Db, DbSettings};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Database as Connect};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::client::Caller;
use crate::support::context::context;
use crate::support::databases::{Backend, Database};
use crate::support::process::Process;
use crate::support::workspace::PASSWORD;
use crate::support::{self, TestApp, both_databases};

/// Runs the body on a database of its own, without a server.
pub(crate) fn with_database(backend: Backend, body: impl AsyncFnOnce(&Database)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let database = Database::create(backend).await;
        println!("the database of this test: {}", database.url());
        body(&database).await;
        database.remove().await;
    });
}

const EMAIL: &str = "ada@kehu.example.com";

pub(crate) async fn set_up(base: &str) {
    let body = json!({
        "workspace_name": "kehu", "locale": "en", "currency": "CNY", "time_zone": "Asia/Shanghai",
        "name": "Ada Admin", "email": EMAIL, "password": PASSWORD,
    });
    Caller::nobody(base)
        .post("/api/v1/setup", body)
        .await
        .expect(201);
}

pub(crate) async fn sign_in(base: &str) -> Caller {
    let body = json!({"email": EMAIL, "password": PASSWORD, "device": "test"});
    let tokens = Caller::nobody(base).post("/api/v1/tokens", body).await.ok();
    Caller::with_bearer(base, tokens["access_token"].as_str().unwrap())
}

/// One write of many, which says its key. `None` when no answer came.
async fn write(caller: &Caller, number: usize) -> Option<Value> {
    let request = caller
        .request(Method::POST, "/api/v1/leads")
        .header("Idempotency-Key", format!("write-{number}"))
        .json(&json!({"name": format!("lead {number}")}));
    let answer = request.send().await.ok()?;
    let created = answer.status().as_u16() == 201;
    let body: Value = answer.json().await.ok()?;
    assert!(created, "{body:#}");
    Some(body)
}

/// How many leads there are of each name.
async fn leads(caller: &Caller) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/leads?limit=200&fields=name{cursor}");
        let page = caller.get(&path).await.ok();
        for lead in page["items"].as_array().unwrap() {
            *found
                .entry(lead["name"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

const WRITES: usize = 1000;

async fn killed_in_the_middle(database: &Database) {
    let process = Process::start(database).await;
    set_up(&process.base).await;
    let caller = sign_in(&process.base).await;
    let acknowledged = Mutex::new(BTreeSet::new());
    let next = std::sync::atomic::AtomicUsize::new(0);
    let writers = (0..16).map(|_| async {
        loop {
            let number = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if number >= WRITES {
                return;
            }
            match write(&caller, number).await {
                Some(_) => acknowledged.lock().unwrap().insert(number),
                None => return,
            };
        }
    });
    let killer = async {
        while acknowledged.lock().unwrap().len() < 300 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        process.kill();
    };
    tokio::join!(join_all(writers), killer);
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(
        (300..WRITES).contains(&acknowledged.len()),
        "{} writes",
        acknowledged.len()
    );

    let process = Process::start(database).await;
    let caller = sign_in(&process.base).await;
    let found = leads(&caller).await;
    for number in &acknowledged {
        assert_eq!(
            found.get(&format!("lead {number}")),
            Some(&1),
            "lead {number}"
        );
    }
    // Whoever got no answer asks again, and so does everybody else: each is there once.
    for number in 0..WRITES {
        write(&caller, number).await.unwrap();
    }
    let found = leads(&caller).await;
    assert_eq!(found.len(), WRITES);
    assert!(found.values().all(|times| *times == 1), "{found:?}");
    assert!(process.terminate().success());
}

#[test]
fn a_power_cut_in_the_middle_of_writes_loses_and_doubles_nothing_on_sqlite() {
    with_database(Backend::Sqlite, killed_in_the_middle);
}

#[test]
fn a_power_cut_in_the_middle_of_writes_loses_and_doubles_nothing_on_postgres() {
    with_database(Backend::Postgres, killed_in_the_middle);
}

#[test]
fn an_order_to_end_lets_accepted_requests_finish() {
    with_database(Backend::Sqlite, async |database| {
        let process = Process::start(database).await;
        set_up(&process.base).await;
        let caller = sign_in(&process.base).await;
        // A stream would go on for ever: it ends with the server and does not hold it up.
        let stream = caller.request(Method::GET, "/api/v1/changes/stream");
        let stream = stream.send().await.unwrap();
        let batch = |number: usize| {
            let create = |part: usize| {
                let name = format!("lead {number}-{part}");
                json!({"verb": "create", "kind": "lead", "body": {"name": name}})
            };
            json!({"operations": (0..100).map(create).collect::<Vec<_>>()})
        };
        let requests = (0..8).map(|number| caller.post("/api/v1/batch", batch(number)));
        let ending = async {
            tokio::time::sleep(Duration::from_millis(150)).await;
            let begun = std::time::Instant::now();
            let status = tokio::task::spawn_blocking(|| process.terminate())
                .await
                .unwrap();
            (status, begun.elapsed())
        };
        let (answers, (status, took)) = tokio::join!(join_all(requests), ending);
        assert!(status.success(), "{status}");
        assert!(took < Duration::from_secs(20), "ending took {took:?}");
        for answer in answers {
            answer.expect(200);
        }
        drop(stream);
        let process = Process::start(database).await;
        let found = leads(&sign_in(&process.base).await).await;
        assert_eq!(found.len(), 800);
    });
}

#[test]
fn a_database_that_is_gone_is_a_503_and_its_return_is_noticed() {
    support::run(Backend::Postgres, async |test: &TestApp| {
        let workspace = test.workspace().await;
        let person = workspace.person("Sam Sales", "Sales").await;
        let (server, name) = test.database.url().rsplit_once('/').unwrap();
        let server = Connect::connect(format!("{server}/postgres"))
            .await
            .unwrap();
        let run = async |sql: String| server.execute_unprepared(&sql).await.unwrap();
        run(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
        run(format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ))
        .await;
        for _ in 0..3 {
            let caller = &person.caller;
            caller
                .get("/api/v1/leads")
                .await
                .refused(503, "unavailable");
            let lead = json!({"name": "lost"});
            caller
                .post("/api/v1/leads", lead)
                .await
                .refused(503, "unavailable");
            test.nobody()
                .get("/readyz")
                .await
                .refused(503, "unavailable");
        }
        test.nobody().get("/healthz").await.ok();
        run(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
        test.nobody().get("/readyz").await.ok();
        let leads = person.caller.get("/api/v1/leads").await.ok();
        assert_eq!(leads["items"], json!([]));
        server.close().await.unwrap();
    });
}

#[test]
fn a_change_that_commits_late_is_in_the_feed_once() {
    with_database(Backend::Postgres, async |database| {
        let settings = DbSettings {
            url: database.url().to_owned(),
            connections: 4,
            durable: false,
        };
        let db = Db::connect(&settings).await.unwrap();
        let app = kehu_app::App::new(db.clone());
        let ctx = context(1);
        let entry = |number: u128| Entry {
            kind: "lead",
            record_id: Uuid::from_u128(number),
            version: 1,
            verb: "create".to_owned(),
            fields: json!({}),
        };
        let feed = async |since: i64| {
            app.seal_changes().await.unwrap();
            let all = changes::feed(&db.read(), ctx.workspace.id, since, 100)
                .await
                .unwrap();
            all.iter()
                .map(|change| (change.position.unwrap(), change.record_id.as_u128()))
                .collect::<Vec<_>>()
        };
        // The first takes its number first and commits last.
        let late = db.begin().await.unwrap();
        changes::append(&late, &ctx, &[entry(1)]).await.unwrap();
        for number in [2, 3] {
            let quick = db.begin().await.unwrap();
            changes::append(&quick, &ctx, &[entry(number)])
                .await
                .unwrap();
            quick.commit().await.unwrap();
        }
        assert_eq!(feed(0).await, [(1, 2), (2, 3)]);
        late.commit().await.unwrap();
        assert_eq!(feed(2).await, [(3, 1)], "who read up to 2 gets it now");
        assert_eq!(feed(0).await, [(1, 2), (2, 3), (3, 1)]);
        db.close().await.unwrap();
    });
}

both_databases! {
    async fn pages_neither_skip_nor_repeat_what_was_there_all_the_time(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let create = async |name: String| {
            let body = json!({"name": name});
            admin.post("/api/v1/customers", body).await.expect(201)["id"].clone()
        };
        let mut there = BTreeSet::new();
        for number in 0..40 {
            there.insert(create(format!("customer {:02}", number * 2)).await.to_string());
        }
        for sort in ["name", "-name", "-created_at", "updated_at"] {
            let mut seen = Vec::new();
            let mut cursor = String::new();
            for number in 0.. {
                // Before, between and behind what was read so far.
                create(format!("customer {:02}{sort}", number * 7 % 80)).await;
                let path = format!("/api/v1/customers?limit=7&sort={sort}{cursor}");
                let page = admin.get(&path).await.ok();
                let items = page["items"].as_array().unwrap().clone();
                seen.extend(items.iter().map(|item| item["id"].to_string()));
                match page["next_cursor"].as_str() {
                    Some(next) if number < 100 => cursor = format!("&cursor={next}"),
                    Some(_) => panic!("no end"),
                    None => break,
                }
            }
            let distinct: BTreeSet<String> = seen.iter().cloned().collect();
            assert_eq!(distinct.len(), seen.len(), "{sort} repeats");
            assert!(there.is_subset(&distinct), "{sort} skips");
        }
    }
}
