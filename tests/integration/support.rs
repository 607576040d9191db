//! What every test stands on.

pub(crate) mod client;
pub(crate) mod context;
pub(crate) mod databases;
pub(crate) mod disk;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod wire;
pub(crate) mod workspace;

use kehu_api::server;
use kehu_api::settings::Settings;
use kehu_app::App;

use crate::support::client::Caller;
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

/// One test's database and a server on it.
pub(crate) struct TestApp {
    pub(crate) database: Database,
    /// The application behind the server, for what has no address.
    pub(crate) app: App,
    /// `http://127.0.0.1:PORT`
    pub(crate) base: String,
}

impl TestApp {
    /// Somebody who is not signed in.
    pub(crate) fn nobody(&self) -> Caller {
        Caller::nobody(&self.base)
    }
}

/// Runs the body of a test on a database and a server of its own. A test that fails keeps its
/// database.
pub(crate) fn run(backend: Backend, body: impl AsyncFnOnce(&TestApp)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let database = Database::create(backend).await;
        println!("the database of this test: {}", database.url());
        let running = server::start(settings(&database)).await.unwrap();
        let served = tokio::spawn(running.server);
        let base = format!("http://{}", running.address);
        let test = TestApp {
            database,
            app: running.app,
            base,
        };
        body(&test).await;
        running.handle.stop(false).await;
        served.await.unwrap().unwrap();
        running.jobs.abort();
        test.database.remove().await;
    });
}

fn settings(database: &Database) -> Settings {
    Settings {
        database_url: database.url().to_owned(),
        // What a test does is forgotten after it: its commits need not wait for the disk.
        durable: false,
        port: 0,
        workers: 2,
        max_import_bytes: 1024 * 1024,
        open_workspaces: true,
        app_dir: concat!(env!("CARGO_MANIFEST_DIR"), "/integration/support/app").into(),
        ..Settings::default()
    }
}
