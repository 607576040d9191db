use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use sea_orm::Statement;

use super::*;
use crate::{Trouble, secrets};

/// A SQLite database of its own, which is removed when the test has passed.
struct Here {
    folder: PathBuf,
    db: Db,
}

impl Here {
    async fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let (process, number) = (std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(format!("kehu-db-{process}-{number}"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let db = open(&folder).await;
        db.migrate().await.unwrap();
        Self { folder, db }
    }

    /// What another program would find.
    async fn secrets(&self) -> i64 {
        let db = open(&self.folder).await;
        let count = number(&db.read(), "SELECT count(*) FROM secrets").await;
        db.close().await.unwrap();
        count
    }

    async fn remove(self) {
        self.db.close().await.unwrap();
        std::fs::remove_dir_all(self.folder).unwrap();
    }
}

async fn open(folder: &Path) -> Db {
    let settings = DbSettings {
        url: format!("sqlite://{}?mode=rwc", folder.join("kehu.db").display()),
        connections: 2,
        durable: false,
    };
    Db::connect(&settings).await.unwrap()
}

fn sql(text: &str) -> Statement {
    Statement::from_string(DbBackend::Sqlite, text)
}

async fn number(session: &Session, text: &str) -> i64 {
    let rows = session.all_raw(sql(text)).await.unwrap();
    rows[0].try_get_by_index(0).unwrap()
}

/// Whether the file may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Some,
    None,
}

/// Begins a transaction and keeps something that the file must grow for.
async fn keep(db: &Db, name: &str, room: Room) -> Result<Session, StoreError> {
    let session = db.begin().await?;
    // SQLite never takes less than there are by now.
    let pages = if room == Room::None { 1 } else { 1_000_000 };
    let limit = format!("PRAGMA max_page_count = {pages}");
    session.all_raw(sql(&limit)).await?;
    let now: DateTime<Utc> = "2026-11-22T08:00:00Z".parse().unwrap();
    secrets::keep(&session, name, &"x".repeat(50_000), now).await?;
    Ok(session)
}

async fn write(db: &Db, name: &str, room: Room) -> Result<(), StoreError> {
    keep(db, name, room).await?.commit().await
}

/// Writes that a full database refuses, between others that succeed and some that are given up.
async fn writer(db: &Db, number: usize) -> i64 {
    let mut acknowledged = 0;
    for round in 0..5 {
        for refused in 0..3 {
            let name = format!("{number} {round} refused {refused}");
            let error = write(db, &name, Room::None).await.unwrap_err();
            assert_eq!(error.trouble(), Trouble::Full, "{error:?}");
        }
        drop(
            keep(db, &format!("{number} {round} given up"), Room::Some)
                .await
                .unwrap(),
        );
        for written in 0..3 {
            let name = format!("{number} {round} written {written}");
            write(db, &name, Room::Some).await.unwrap();
            acknowledged += 1;
        }
    }
    acknowledged
}

async fn writers_lose_nothing(count: usize) {
    let here = Here::new().await;
    let writers: Vec<_> = (0..count)
        .map(|number| {
            let db = here.db.clone();
            tokio::spawn(async move { writer(&db, number).await })
        })
        .collect();
    let mut acknowledged = 0;
    for writer in writers {
        acknowledged += writer.await.unwrap();
    }
    assert_eq!(here.secrets().await, acknowledged);
    here.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_writer_loses_nothing_where_the_file_may_not_grow() {
    writers_lose_nothing(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_lose_nothing_where_the_file_may_not_grow() {
    writers_lose_nothing(8).await;
}

#[tokio::test]
async fn a_connection_whose_rollback_failed_is_thrown_away() {
    let here = Here::new().await;
    let marked = "PRAGMA cache_size = -1234";
    let mark = "PRAGMA cache_size";
    let session = here.db.begin().await.unwrap();
    session.all_raw(sql(marked)).await.unwrap();
    session.commit().await.unwrap();
    let session = here.db.begin().await.unwrap();
    assert_eq!(number(&session, mark).await, -1234, "it is used again");
    // Behind the session's back, so that the rollback that its drop leaves in the queue fails.
    session.run_raw(sql("ROLLBACK")).await.unwrap();
    drop(session);
    let session = here.db.begin().await.unwrap();
    assert_ne!(number(&session, mark).await, -1234);
    session.commit().await.unwrap();
    here.remove().await;
}

#[tokio::test]
async fn a_connection_that_nobody_knows_to_be_in_a_transaction_is_thrown_away() {
    let here = Here::new().await;
    here.db.write.execute_unprepared("BEGIN").await.unwrap();
    write(&here.db, "kept", Room::Some).await.unwrap();
    assert_eq!(here.secrets().await, 1);
    here.remove().await;
}

#[tokio::test]
async fn a_commit_that_sqlite_did_not_make_is_no_commit() {
    let here = Here::new().await;
    let outer = here.db.write.begin().await.unwrap();
    // A savepoint, which is what the driver begins on a connection that it left in a transaction.
    let inner = outer.begin().await.unwrap();
    let committed = Session::writing(inner, here.db.writer.clone(), Arc::default())
        .commit()
        .await;
    assert!(
        matches!(committed, Err(StoreError::Uncommitted)),
        "{committed:?}"
    );
    outer.rollback().await.unwrap();
    here.remove().await;
}

#[tokio::test]
async fn what_fails_in_the_middle_ends_its_transaction() {
    let here = Here::new().await;
    let session = keep(&here.db, "before", Room::Some).await.unwrap();
    let nonsense = session.run_raw(sql("nonsense")).await;
    assert!(
        matches!(nonsense, Err(StoreError::Database(_))),
        "{nonsense:?}"
    );
    let after = session.run_raw(sql("DELETE FROM secrets")).await;
    assert!(
        matches!(after, Err(StoreError::Over(Trouble::Lasting))),
        "{after:?}"
    );
    session.commit().await.unwrap_err();
    assert_eq!(here.secrets().await, 0);
    here.remove().await;
}
