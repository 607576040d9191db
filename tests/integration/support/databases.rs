//! A database of its own for every test: migrated once per test program, copied for each test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;

use kehu_persistence::db::{Db, DbSettings};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

use crate::support::postgres;

/// The databases that Kehu runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// A migrated, empty database. `remove` it when the test has passed; after a failure it stays, to
/// be looked at.
pub(crate) struct Database {
    url: String,
    kind: Kind,
}

enum Kind {
    File(PathBuf),
    OnServer(String),
}

/// The server that all test processes share: without fsync, for nothing in it is to last.
fn postgres_server() -> &'static str {
    postgres::server(
        "tests",
        "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400 \
         -c shared_buffers=128MB -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off",
    )
}

impl Database {
    pub(crate) async fn create(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::create_sqlite().await,
            Backend::Postgres => Self::create_postgres().await,
        }
    }

    /// As another process would reach it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    async fn create_sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("kehu-test-{}", Uuid::now_v7()));
        fs::create_dir(&folder).unwrap();
        Self::create_sqlite_in(folder).await
    }

    /// A SQLite database in this folder, which goes with it.
    pub(crate) async fn create_sqlite_in(folder: PathBuf) -> Self {
        let template = sqlite_template().await;
        let file = folder.join("kehu.db");
        fs::copy(template, &file).unwrap();
        Self {
            url: sqlite_url(&file),
            kind: Kind::File(folder),
        }
    }

    async fn create_postgres() -> Self {
        let server = Server::connect().await;
        let template = postgres_template(&server).await;
        let name = format!("test_{}", Uuid::now_v7().simple());
        server
            .run(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await;
        server.connection.close().await.unwrap();
        let url = format!("{}/{name}", postgres_server());
        Self {
            url,
            kind: Kind::OnServer(name),
        }
    }

    pub(crate) async fn remove(self) {
        match self.kind {
            Kind::File(folder) => fs::remove_dir_all(folder).unwrap(),
            Kind::OnServer(name) => {
                let server = Server::connect().await;
                server
                    .run(&format!("DROP DATABASE {name} WITH (FORCE)"))
                    .await;
                server.connection.close().await.unwrap();
            }
        }
    }
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

/// Changes whenever the test program is built anew, and with it perhaps the migrations.
fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| {
        let program = fs::metadata(std::env::current_exe().unwrap()).unwrap();
        let built = program
            .modified()
            .unwrap()
            .duration_since(UNIX_EPOCH)
            .unwrap();
        format!("{}_{}", built.as_nanos(), program.len())
    })
}

async fn sqlite_template() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let template = folder.join(format!("template_{}.db", build()));
    if template.exists() {
        return template;
    }
    let lock = File::create(folder.join("template.lock")).unwrap();
    lock.lock().unwrap();
    if !template.exists() {
        remove_old_templates(folder);
        let making = folder.join("template_making.db");
        migrate(sqlite_url(&making)).await;
        fs::rename(&making, &template).unwrap();
    }
    template
}

fn remove_old_templates(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("template_") {
            let _ = fs::remove_file(entry.path());
        }
    }
}

async fn migrate(url: String) {
    let settings = DbSettings {
        url,
        connections: 2,
        durable: false,
    };
    let db = Db::connect(&settings).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await.unwrap();
}

/// The server's own database, over one connection.
struct Server {
    connection: DatabaseConnection,
}

impl Server {
    async fn connect() -> Self {
        let mut options = ConnectOptions::new(format!("{}/postgres", postgres_server()));
        options.max_connections(1).sqlx_logging(false);
        Self {
            connection: sea_orm::Database::connect(options).await.unwrap(),
        }
    }

    async fn run(&self, sql: &str) {
        self.connection.execute_unprepared(sql).await.unwrap();
    }

    async fn has_database(&self, name: &str) -> bool {
        let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        self.connection
            .query_one_raw(statement)
            .await
            .unwrap()
            .is_some()
    }
}

async fn postgres_template(server: &Server) -> String {
    let template = format!("template_{}", build());
    let making = format!("making_{}", build());
    if server.has_database(&template).await {
        return template;
    }
    server.run("SELECT pg_advisory_lock(1)").await;
    if !server.has_database(&template).await {
        server
            .run(&format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)"))
            .await;
        server.run(&format!("CREATE DATABASE {making}")).await;
        migrate(format!("{}/{making}", postgres_server())).await;
        server
            .run(&format!("ALTER DATABASE {making} RENAME TO {template}"))
            .await;
    }
    server.run("SELECT pg_advisory_unlock(1)").await;
    template
}
