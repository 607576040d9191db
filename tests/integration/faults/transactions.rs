//! Transactions that fail, are given up, or lose their connection: nothing of them stays, neither in the
//! database nor with the connections that others use after them.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use kehu_persistence::db::{Db, DbSettings, Session};
use kehu_persistence::idempotency::{self, Answer};
use kehu_persistence::{StoreError, Trouble, secrets};
use sea_orm::{ConnectionTrait, Database as Connect, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

use super::with_database;
use crate::support::databases::{Backend, Database};

fn now() -> DateTime<Utc> {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

/// Storage, and another connection that sees what is really there.
struct Seen {
    db: Db,
    beside: DatabaseConnection,
}

impl Seen {
    async fn of(database: &Database) -> Self {
        let settings = DbSettings {
            url: database.url().to_owned(),
            connections: 4,
            durable: false,
        };
        Self {
            db: Db::connect(&settings).await.unwrap(),
            beside: Connect::connect(database.url()).await.unwrap(),
        }
    }

    /// The only number that this query has.
    async fn number(&self, sql: &str) -> i64 {
        let backend = self.beside.get_database_backend();
        let statement = Statement::from_string(backend, sql);
        let row = self.beside.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    async fn secrets(&self) -> i64 {
        self.number("SELECT count(*) FROM secrets").await
    }

    /// How many connections of PostgreSQL's are in a transaction, other than the one that asks.
    async fn open_transactions(&self) -> i64 {
        self.number(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'",
        )
        .await
    }

    async fn close(self) {
        self.db.close().await.unwrap();
        self.beside.close().await.unwrap();
    }
}

async fn keep(session: &Session, name: &str) -> Result<(), StoreError> {
    secrets::keep(session, name, "x", now()).await
}

/// One whole transaction.
async fn write(db: &Db, name: &str) -> Result<(), StoreError> {
    let session = db.begin().await?;
    keep(&session, name).await?;
    session.commit().await
}

/// Has a statement of this transaction fail: what it keeps is there already.
async fn fail(session: &Session) {
    let answer = Answer {
        fingerprint: String::new(),
        status: 0,
        body: String::new(),
    };
    let id = Uuid::from_u128(1);
    let twice = [0, 1].map(|_| idempotency::keep(session, id, id, "once", &answer, now()));
    let [first, second] = twice;
    first.await.unwrap();
    assert!(matches!(second.await, Err(StoreError::Taken(_))));
}

async fn over_after_a_failure(database: &Database) {
    let seen = Seen::of(database).await;
    let session = seen.db.begin().await.unwrap();
    keep(&session, "before").await.unwrap();
    fail(&session).await;
    let after = keep(&session, "after").await;
    assert!(
        matches!(after, Err(StoreError::Over(Trouble::Lasting))),
        "{after:?}"
    );
    let committed = session.commit().await;
    assert!(
        matches!(committed, Err(StoreError::Over(_))),
        "{committed:?}"
    );
    assert_eq!(seen.secrets().await, 0);
    write(&seen.db, "another").await.unwrap();
    assert_eq!(seen.secrets().await, 1);
    seen.close().await;
}

#[test]
fn a_transaction_whose_statement_failed_can_not_be_committed_on_sqlite() {
    with_database(Backend::Sqlite, over_after_a_failure);
}

#[test]
fn a_transaction_whose_statement_failed_can_not_be_committed_on_postgres() {
    with_database(Backend::Postgres, over_after_a_failure);
}

/// Does something until it has been looked at so many times, and drops it then unless it is done.
async fn given_up_after<T>(looks: u64, what: impl Future<Output = T>) -> Option<T> {
    let mut what = pin!(what);
    for _ in 0..looks {
        let looked = poll_fn(|task| Poll::Ready(what.as_mut().poll(task)));
        if let Poll::Ready(done) = looked.await {
            return Some(done);
        }
        tokio::task::yield_now().await;
    }
    None
}

/// Writers that are given up at every point of their transactions, some of them after they have failed.
async fn given_up_anywhere(database: &Database) {
    let seen = Seen::of(database).await;
    let writers = (0..8_u64).map(|writer| {
        let db = seen.db.clone();
        async move {
            let mut done = Vec::new();
            for number in 0..150_u64 {
                let name = format!("{writer} {number}");
                let looks = (number * 7 + writer) % 150;
                if let Some(written) = given_up_after(looks, write(&db, &name)).await {
                    written.unwrap();
                    done.push(name);
                }
            }
            done
        }
    });
    let done: Vec<String> = join_all(writers).await.into_iter().flatten().collect();
    // As many as there are connections have one each at the same time.
    let last: Vec<_> = (0..4).map(|number| format!("last {number}")).collect();
    for name in &last {
        write(&seen.db, name).await.unwrap();
    }
    for name in done.iter().chain(&last) {
        let sql = format!("SELECT count(*) FROM secrets WHERE name = '{name}'");
        assert_eq!(seen.number(&sql).await, 1, "{name}");
    }
    if seen.beside.get_database_backend() == DbBackend::Postgres {
        assert_eq!(seen.open_transactions().await, 0);
    }
    seen.close().await;
}

#[test]
fn who_gives_up_leaves_no_transaction_behind_on_sqlite() {
    with_database(Backend::Sqlite, given_up_anywhere);
}

#[test]
fn who_gives_up_leaves_no_transaction_behind_on_postgres() {
    with_database(Backend::Postgres, given_up_anywhere);
}

#[test]
fn who_gives_up_while_it_begins_leaves_no_transaction_behind() {
    with_database(Backend::Postgres, async |database| {
        let seen = Seen::of(database).await;
        for number in 0..400 {
            let _ = given_up_after(number % 100, seen.db.begin()).await;
        }
        // What is rolled back is so a moment later.
        let mut open = seen.open_transactions().await;
        for _ in 0..100 {
            if open == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            open = seen.open_transactions().await;
        }
        assert_eq!(open, 0, "transactions that nobody knows of");
        seen.close().await;
    });
}

#[test]
fn a_connection_that_broke_in_a_transaction_is_not_used_again() {
    with_database(Backend::Postgres, async |database| {
        let seen = Seen::of(database).await;
        for round in 0..3 {
            let sessions = join_all((0..4).map(|_| seen.db.begin())).await;
            let sessions: Vec<Session> = sessions.into_iter().map(Result::unwrap).collect();
            for (number, session) in sessions.iter().enumerate() {
                keep(session, &format!("lost {round} {number}"))
                    .await
                    .unwrap();
            }
            seen.number(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await;
            // Half of them notice by a statement, the others by the commit.
            for (number, session) in sessions.into_iter().enumerate() {
                let failed = if number % 2 == 0 {
                    keep(&session, "too late").await.unwrap_err()
                } else {
                    session.commit().await.unwrap_err()
                };
                assert_eq!(failed.trouble(), Trouble::Unreachable, "{failed:?}");
            }
            for number in 0..8 {
                write(&seen.db, &format!("kept {round} {number}"))
                    .await
                    .unwrap();
            }
            assert_eq!(seen.secrets().await, (round + 1) * 8);
            assert_eq!(seen.open_transactions().await, 0);
        }
        seen.close().await;
    });
}
