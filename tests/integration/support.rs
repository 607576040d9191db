//! What every test stands on.

pub(crate) mod databases;
pub(crate) mod postgres;

use kehu_app::App;
use kehu_persistence::db::Db;

use crate::support::databases::{Backend, Database};

/// Makes two tests of each: one on SQLite, one on PostgreSQL.
///
/// ```ignore
/// both_databases! {
///     async fn converting_twice_is_refused(test) {
///         …
///     }
/// }
/// ```
macro_rules! both_databases {
    ($($(#[$note:meta])* async fn $name:ident($test:ident) $body:block)+) => {$(
        $(#[$note])*
        mod $name {
            #[allow(unused_imports, reason = "what the test uses stands outside its module")]
            use super::*;
            use crate::support::{self, TestApp, databases::Backend};

            async fn body($test: &TestApp) $body

            #[test]
            fn sqlite() {
                support::run(Backend::Sqlite, body);
            }

            #[test]
            fn postgres() {
                support::run(Backend::Postgres, body);
            }
        }
    )+};
}
pub(crate) use both_databases;

/// One test's database and the application on it.
pub(crate) struct TestApp {
    pub(crate) database: Database,
    pub(crate) app: App,
}

/// Runs the body of a test on a database of its own. A test that fails keeps it.
pub(crate) fn run(backend: Backend, body: impl AsyncFnOnce(&TestApp)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let database = Database::create(backend).await;
        println!("the database of this test: {}", database.url());
        let db = Db::connect(&database.settings).await.unwrap();
        let test = TestApp {
            database,
            app: App::new(db),
        };
        body(&test).await;
        test.app.db.close().await.unwrap();
        test.database.remove().await;
    });
}
