//! `/readyz`: that it answers 200 only while writes last, that it asks the database little, and that it
//! answers whatever the database does.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Database as Connect, Statement, TransactionTrait};
use serde_json::json;

use crate::support::databases::Backend;
use crate::support::{self, TestApp, both_databases};

/// Waits until `/readyz` is answered with this status, which it may take some seconds to notice; tells its
/// code.
async fn until_ready_is(test: &TestApp, status: u16) -> String {
    let begun = Instant::now();
    loop {
        let answer = test.nobody().get("/readyz").await;
        if answer.status == status {
            return answer.body["code"].as_str().unwrap_or_default().to_owned();
        }
        assert!(begun.elapsed() < Duration::from_secs(15), "{answer:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Has every write of the trial counted, or refused.
fn watching(backend: Backend, what: &str) -> Vec<String> {
    match backend {
        Backend::Sqlite => vec![format!(
            "CREATE TRIGGER watching BEFORE INSERT ON secrets BEGIN {what}; END"
        )],
        Backend::Postgres => vec![
            format!(
                "CREATE FUNCTION watching() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN {what}; RETURN NEW; END $$"
            ),
            "CREATE TRIGGER watching BEFORE INSERT ON secrets \
             FOR EACH ROW EXECUTE FUNCTION watching()"
                .to_owned(),
        ],
    }
}

fn backend(test: &TestApp) -> Backend {
    if test.database.url().starts_with("sqlite") {
        Backend::Sqlite
    } else {
        Backend::Postgres
    }
}

both_databases! {
    async fn it_is_not_ready_while_writes_fail(test) {
        assert_eq!(until_ready_is(test, 200).await, "");
        let connection = Connect::connect(test.database.url()).await.unwrap();
        let run = async |sql: &str| connection.execute_unprepared(sql).await.unwrap();
        let refuse = match backend(test) {
            Backend::Sqlite => "SELECT raise(ABORT, 'no')",
            Backend::Postgres => "RAISE EXCEPTION 'no'",
        };
        for sql in watching(backend(test), refuse) {
            run(&sql).await;
        }
        assert_eq!(until_ready_is(test, 503).await, "unavailable");
        run(match backend(test) {
            Backend::Sqlite => "DROP TRIGGER watching",
            Backend::Postgres => "DROP TRIGGER watching ON secrets",
        }).await;
        assert_eq!(until_ready_is(test, 200).await, "");
        connection.close().await.unwrap();
    }

    async fn however_many_ask_one_write_is_tried(test) {
        let connection = Connect::connect(test.database.url()).await.unwrap();
        let run = async |sql: &str| connection.execute_unprepared(sql).await.unwrap();
        run("CREATE TABLE tried (times bigint)").await;
        for sql in watching(backend(test), "INSERT INTO tried VALUES (1)") {
            run(&sql).await;
        }
        let begun = Instant::now();
        for _ in 0..5 {
            let nobody = test.nobody();
            let answers = join_all((0..20).map(|_| nobody.get("/readyz"))).await;
            for answer in answers {
                answer.ok();
            }
        }
        let took = begun.elapsed();
        let counted = "SELECT count(*) FROM tried";
        let counted = Statement::from_string(connection.get_database_backend(), counted);
        let row = connection.query_one_raw(counted).await.unwrap().unwrap();
        let tried: i64 = row.try_get_by_index(0).unwrap();
        let most = 1 + i64::try_from(took.as_secs() / 5).unwrap();
        assert!((1..=most).contains(&tried), "{tried} writes in {took:?}");
        connection.close().await.unwrap();
    }

    async fn it_answers_when_the_database_keeps_a_write_waiting(test) {
        let connection = Connect::connect(test.database.url()).await.unwrap();
        let holding = connection.begin().await.unwrap();
        // SQLite has one writer; PostgreSQL locks what is written to.
        holding.execute_unprepared("DELETE FROM secrets").await.unwrap();
        if backend(test) == Backend::Postgres {
            holding.execute_unprepared("LOCK TABLE secrets IN EXCLUSIVE MODE").await.unwrap();
        }
        let begun = Instant::now();
        test.nobody().get("/readyz").await.refused(503, "unavailable");
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(9), "it took {took:?}");
        holding.rollback().await.unwrap();
        assert_eq!(until_ready_is(test, 200).await, "");
        connection.close().await.unwrap();
    }
}

#[test]
fn a_postgres_that_may_only_be_read_is_not_ready() {
    support::run(Backend::Postgres, async |test| {
        let workspace = test.workspace().await;
        let (server, name) = test.database.url().rsplit_once('/').unwrap();
        let server = Connect::connect(format!("{server}/postgres"))
            .await
            .unwrap();
        let run = async |sql: String| server.execute_unprepared(&sql).await.unwrap();
        let read_only = async |is: &str| {
            run(format!(
                "ALTER DATABASE {name} SET default_transaction_read_only = {is}"
            ))
            .await;
            run(format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ))
            .await;
        };
        read_only("on").await;
        let caller = &workspace.admin;
        // Connections that were cut off are noticed one by one.
        for _ in 0..50 {
            caller.get("/api/v1/leads").await;
        }
        caller.get("/api/v1/leads").await.ok();
        assert_eq!(until_ready_is(test, 503).await, "unavailable");
        let lead = json!({"name": "lost"});
        caller
            .post("/api/v1/leads", lead)
            .await
            .refused(503, "unavailable");
        read_only("off").await;
        assert_eq!(until_ready_is(test, 200).await, "");
        let lead = json!({"name": "kept"});
        caller.post("/api/v1/leads", lead).await.expect(201);
        server.close().await.unwrap();
    });
}
