//! Bodies that are small on the wire and large in memory, sent to every operation that writes.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::spec::{Operation, operations};
use crate::faults::{set_up, sign_in, with_database};
use crate::support::client::{Answer, Caller};
use crate::support::databases::Backend;
use crate::support::process::Process;
use crate::support::{self, TestApp};

const MEGABYTE: usize = 1024 * 1024;

/// A text in JSON of so many megabytes, written into this.
fn text(mut into: impl Write, megabytes: usize) {
    let blank = vec![b' '; MEGABYTE];
    for _ in 0..megabytes {
        into.write_all(&blank).unwrap();
    }
    into.write_all(b"{}").unwrap();
}

fn gzip(megabytes: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    text(&mut encoder, megabytes);
    encoder.finish().unwrap()
}

fn deflate(megabytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    text(&mut encoder, megabytes);
    encoder.finish().unwrap()
}

/// Sends a body that is encoded like this.
async fn send(caller: &Caller, operation: &Operation, encoding: &str, body: &[u8]) -> Answer {
    let path = operation.address(Uuid::from_u128(7));
    let request = caller
        .request(operation.method.clone(), &path)
        .header(
            "content-type",
            operation.takes().unwrap_or("application/json"),
        )
        .header("content-encoding", encoding)
        .header("if-match", "\"1\"");
    caller.send(request.body(body.to_vec())).await
}

/// The operation of this name.
fn operation(name: &str) -> Operation {
    let mut all = operations().into_iter();
    all.find(|operation| operation.name == name).unwrap()
}

#[test]
fn no_operation_inflates_a_body() {
    support::run(Backend::Sqlite, async |test: &TestApp| {
        let workspace = test.workspace().await;
        let bodies = [
            ("gzip", gzip(32)),
            ("deflate", deflate(32)),
            ("GZIP", gzip(0)),
            ("x-gzip", gzip(0)),
            ("br", vec![6]),
            ("zstd", vec![0x28, 0xb5, 0x2f, 0xfd]),
            ("identity, gzip", gzip(0)),
        ];
        let nobody = test.nobody();
        let mut tried = 0;
        for operation in operations()
            .iter()
            .filter(|operation| operation.method != Method::GET)
        {
            for caller in [&nobody, &workspace.admin] {
                for (encoding, body) in &bodies {
                    let answer = send(caller, operation, encoding, body).await;
                    let accepted = answer.headers.get("accept-encoding").cloned();
                    let problem = answer.refused(415, "unsupported_encoding");
                    assert_eq!(accepted.unwrap(), "identity", "{}", operation.name);
                    assert!(problem["request_id"].is_string(), "{problem:#}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 1000, "only {tried} requests");
        // Who says that nothing is encoded is believed.
        let body = serde_json::to_vec(&json!({"name": "plain"})).unwrap();
        let create = operation("create_lead");
        send(&workspace.admin, &create, "identity", &body)
            .await
            .expect(201);
        send(&nobody, &create, "identity", &body)
            .await
            .refused(401, "not_signed_in");
    });
}

#[test]
fn no_operation_takes_more_than_its_limit() {
    support::run(Backend::Sqlite, async |test: &TestApp| {
        let workspace = test.workspace().await;
        let large = vec![b' '; 3 * MEGABYTE];
        for operation in operations()
            .iter()
            .filter(|operation| operation.takes().is_some())
        {
            let answer = send(&workspace.admin, operation, "identity", &large).await;
            let name = &operation.name;
            assert_eq!(answer.status, 413, "{name} answered {:#}", answer.body);
            assert_eq!(
                answer.headers["content-type"], "application/problem+json",
                "{name}"
            );
        }
    });
}

#[test]
fn a_bomb_takes_no_memory() {
    with_database(Backend::Sqlite, async |database| {
        let process = Process::start(database).await;
        set_up(&process.base).await;
        let caller = sign_in(&process.base).await;
        caller.get("/api/v1/leads").await.ok();
        let bomb = gzip(300);
        assert!(bomb.len() < MEGABYTE, "{} bytes", bomb.len());
        let before = process.peak_memory();
        let nobody = Caller::nobody(&process.base);
        for name in ["sign_in", "create_tokens", "set_up", "create_lead"] {
            let operation = operation(name);
            let answers = (0..4).map(|_| send(&nobody, &operation, "gzip", &bomb));
            for answer in join_all(answers).await {
                assert!(
                    [413, 415].contains(&answer.status),
                    "{name} answered {answer:?}"
                );
            }
        }
        for name in ["batch", "create_import", "preview"] {
            let answer = send(&caller, &operation(name), "gzip", &bomb).await;
            assert!(
                [413, 415].contains(&answer.status),
                "{name} answered {answer:?}"
            );
        }
        // The kernel counts by thread, and may come to a little less the second time.
        let grown = process.peak_memory().saturating_sub(before);
        assert!(grown < 64 * 1024 * 1024, "{} MB more", grown / 1024 / 1024);
        assert!(process.terminate().success());
    });
}
