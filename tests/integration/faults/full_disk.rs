//! A disk without room: what is acknowledged is there, what fails says so, and room is noticed.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::{leads, set_up, sign_in};
use crate::support::client::{Answer, Caller};
use crate::support::databases::Database;
use crate::support::disk::Disk;
use crate::support::process::Process;

/// How often the disk gets full and empty again.
const ROUNDS: usize = 3;

/// How many writes of each writer are refused each time.
const REFUSALS: usize = 4;

/// How many are done before the disk is full, and after it was.
const WRITES: usize = 10;

/// Writers, and what they were told.
struct Writers<'a> {
    caller: &'a Caller,
    count: usize,
    next: AtomicUsize,
    acknowledged: Mutex<BTreeSet<String>>,
    refused: Mutex<BTreeSet<String>>,
}

impl Writers<'_> {
    /// Makes a lead, and keeps in mind what it was told.
    async fn write(&self) -> Answer {
        let name = format!("lead {}", self.next.fetch_add(1, Ordering::SeqCst));
        let body = json!({"name": name, "note": "x".repeat(1000)});
        let answer = self.caller.post("/api/v1/leads", body).await;
        let told = if answer.status == 201 {
            &self.acknowledged
        } else {
            &self.refused
        };
        told.lock().unwrap().insert(name);
        answer
    }

    /// Every writer writes some, and all of it succeeds.
    async fn succeed(&self) {
        let writers = (0..self.count).map(|_| async {
            for _ in 0..WRITES {
                self.write().await.expect(201);
            }
        });
        join_all(writers).await;
    }

    /// Every writer writes until it was refused some times, with this code.
    async fn meet_refusals(&self, code: &str) {
        let writers = (0..self.count).map(|_| async {
            let mut refusals = 0;
            for _ in 0..500 {
                let answer = self.write().await;
                if answer.status != 201 {
                    answer.refused(503, code);
                    refusals += 1;
                }
                if refusals == REFUSALS {
                    return;
                }
            }
            panic!("a full disk takes all that is written");
        });
        join_all(writers).await;
    }

    /// A write that a rule stands against, so that its transaction is rolled back.
    async fn break_a_rule(&self) {
        let body = json!({"name": "twice", "phone": "+8613800138000"});
        self.caller
            .post("/api/v1/leads", body)
            .await
            .refused(409, "duplicate");
    }

    /// What was acknowledged is there once, and what was refused is not there.
    async fn compare(&self, caller: &Caller) {
        let found = leads(caller).await;
        assert!(found.values().all(|times| *times == 1), "{found:?}");
        let found: BTreeSet<String> = found.into_keys().filter(|name| name != "first").collect();
        let acknowledged = self.acknowledged.lock().unwrap();
        let lost: Vec<_> = acknowledged.difference(&found).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let refused = self.refused.lock().unwrap();
        let there: Vec<_> = refused.intersection(&found).collect();
        assert!(there.is_empty(), "refused and there: {there:?}");
    }
}

/// Waits until `/readyz` says this, which it may take some seconds to notice.
async fn until_ready_says(caller: &Caller, status: u16, code: &str) {
    let begun = Instant::now();
    loop {
        let answer = caller.get("/readyz").await;
        if answer.status == status {
            let said = answer.body["code"].as_str().unwrap_or_default();
            assert_eq!(said, code, "{:#}", answer.body);
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(15), "{answer:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn gets_full(disk: Disk, count: usize) {
    let database = Database::create_sqlite_in(disk.path().to_owned()).await;
    let process = Process::start(&database).await;
    set_up(&process.base).await;
    let caller = sign_in(&process.base).await;
    let first = json!({"name": "first", "phone": "+8613800138000"});
    caller.post("/api/v1/leads", first).await.expect(201);
    let writers = Writers {
        caller: &caller,
        count,
        next: AtomicUsize::new(0),
        acknowledged: Mutex::default(),
        refused: Mutex::default(),
    };
    for round in 0..ROUNDS {
        writers.succeed().await;
        disk.fill(&process);
        writers.meet_refusals(disk.refusal()).await;
        // Who only reads goes on.
        writers.compare(&caller).await;
        if round == 0 {
            disk.use_up(&database).await;
            until_ready_says(&caller, 503, disk.refusal()).await;
        }
        disk.free(&process);
        writers.break_a_rule().await;
        writers.succeed().await;
        writers.compare(&caller).await;
        until_ready_says(&caller, 200, "").await;
    }
    process.kill();
    let process = Process::start(&database).await;
    writers.compare(&sign_in(&process.base).await).await;
    assert!(process.terminate().success());
}

fn on(disk: Disk, writers: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(gets_full(disk, writers));
}

#[test]
fn one_writer_loses_nothing_on_a_full_disk() {
    on(Disk::small(), 1);
}

#[test]
fn eight_writers_lose_nothing_on_a_full_disk() {
    on(Disk::small(), 8);
}

#[test]
fn one_writer_loses_nothing_where_files_may_not_grow() {
    on(Disk::limited(), 1);
}

#[test]
fn eight_writers_lose_nothing_where_files_may_not_grow() {
    on(Disk::limited(), 8);
}
