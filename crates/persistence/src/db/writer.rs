//! What is known of the one connection that writes to SQLite, and when it is thrown away.
//!
//! The driver counts how deep in transactions a connection is, and takes a begin at depth one for a
//! savepoint. SQLite ends a transaction by itself when the disk is full or fails: then rolling back is
//! refused, the count stays, and what is "committed" from then on is a savepoint in a transaction that
//! never ends. So no connection is used again whose count or whose state is in doubt, and no commit
//! counts that SQLite did not make.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::{self, Connection, Executor, Sqlite, SqliteConnection};

/// What is known of the connection that writes. There is never more than one at a time.
#[derive(Debug, Default)]
pub(super) struct Writer {
    suspect: AtomicBool,
    commits: AtomicU64,
    /// How many there were when it was last given out.
    before: AtomicU64,
}

impl Writer {
    /// Has the connection thrown away as soon as nobody uses it.
    pub(super) fn suspect(&self) {
        self.suspect.store(true, Ordering::SeqCst);
    }

    /// How many transactions SQLite has set out to commit, as it says itself; savepoints don't count.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    /// Counts the commits of a new connection.
    async fn count(self: Arc<Self>, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.before.store(self.commits(), Ordering::SeqCst);
        let mut handle = connection.lock_handle().await?;
        handle.set_commit_hook(move || {
            self.commits.fetch_add(1, Ordering::SeqCst);
            true
        });
        Ok(())
    }

    /// Whether a connection that was given back may be used again.
    async fn keeps(
        self: Arc<Self>,
        connection: &mut SqliteConnection,
    ) -> Result<bool, sqlx::Error> {
        // After a commit it is in no transaction. Otherwise SQLite is asked, behind the rollback that a
        // dropped transaction left in the queue: it begins one only outside of others.
        let outside = self.commits() != self.before.load(Ordering::SeqCst)
            || connection.execute("BEGIN; ROLLBACK").await.is_ok();
        Ok(self.trusts(connection) && outside)
    }

    /// Whether a connection may be given out once more. Whoever began in vain may have said so only
    /// after it was given back.
    fn gives_out(&self, connection: &SqliteConnection) -> bool {
        self.before.store(self.commits(), Ordering::SeqCst);
        self.trusts(connection)
    }

    fn trusts(&self, connection: &SqliteConnection) -> bool {
        !self.suspect.swap(false, Ordering::SeqCst) && !connection.is_in_transaction()
    }
}

/// Has a pool of one connection throw it away when its state is in doubt.
pub(super) fn watched(options: PoolOptions<Sqlite>, writer: &Arc<Writer>) -> PoolOptions<Sqlite> {
    let opened = Arc::clone(writer);
    let given_back = Arc::clone(writer);
    let given_out = Arc::clone(writer);
    options
        .after_connect(move |connection, _| Box::pin(Arc::clone(&opened).count(connection)))
        .after_release(move |connection, _| Box::pin(Arc::clone(&given_back).keeps(connection)))
        .before_acquire(move |connection, _| {
            Box::pin(std::future::ready(Ok(given_out.gives_out(connection))))
        })
}
