//! What operators stand on: health, figures, the description, copies, the log's proof.

use std::fs;
use std::path::{Path, PathBuf};

use kehu_app::App;
use kehu_app::audit::How;
use kehu_app::files::{self, FileError, Replace};
use kehu_persistence::db::DbSettings;
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};

use crate::support::databases::Backend;
use crate::support::{self, TestApp, both_databases};

both_databases! {
    async fn it_says_that_it_lives_and_is_ready(test) {
        let nobody = test.nobody();
        assert_eq!(nobody.get("/healthz").await.ok(), json!({"alive": true}));
        let ready = nobody.get("/readyz").await.ok();
        let database = if test.database.url().starts_with("sqlite") { "sqlite" } else { "postgres" };
        assert_eq!(ready, json!({"ready": true, "database": database, "pending_migrations": 0}));
    }

    async fn pending_migrations_make_it_unready(test) {
        let connection = Database::connect(test.database.url()).await.unwrap();
        let newest = "DELETE FROM seaql_migrations WHERE version = \
            (SELECT max(version) FROM seaql_migrations)";
        connection.execute_unprepared(newest).await.unwrap();
        let problem = test.nobody().get("/readyz").await.refused(503, "migrations_pending");
        assert_eq!(problem["detail"], "1 migrations have not run yet.");
    }

    async fn every_answer_names_its_request(test) {
        let nobody = test.nobody();
        let own = nobody.request(reqwest::Method::GET, "/healthz").header("x-request-id", "my-own-1");
        assert_eq!(nobody.send(own).await.headers["x-request-id"], "my-own-1");
        let strange = nobody.request(reqwest::Method::GET, "/healthz").header("x-request-id", "a b");
        let given = nobody.send(strange).await.headers["x-request-id"].clone();
        assert_eq!(given.len(), 32);
    }

    async fn the_figures_count_requests_by_their_route(test) {
        let nobody = test.nobody();
        let missing = "/api/v1/leads/0198c2f0-7a10-7000-8000-000000000001";
        nobody.get(missing).await.expect(401);
        let answer = nobody.get("/metrics").await;
        assert_eq!(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        let figures = answer.ok();
        let figures = figures.as_str().unwrap();
        let counted = "kehu_requests_total{method=\"GET\",route=\"/api/v1/leads/{id}\",status=\"401\"}";
        assert!(figures.contains(counted), "{figures}");
        assert!(figures.contains("kehu_request_seconds_bucket"), "{figures}");
        assert!(!figures.contains("0198c2f0"), "an address with an id is counted by itself");
    }
}

fn on_sqlite(body: impl AsyncFnOnce(&TestApp)) {
    support::run(Backend::Sqlite, body);
}

#[test]
fn the_description_comes_with_an_etag() {
    on_sqlite(async |test| {
        let nobody = test.nobody();
        let answer = nobody.get("/api/openapi.json").await;
        let etag = answer.headers["etag"].clone();
        let body = answer.ok();
        let committed: Value =
            serde_json::from_str(include_str!("../../openapi/openapi.json")).unwrap();
        assert!(
            body == committed,
            "openapi/openapi.json is old: cargo xtask openapi"
        );
        let again = nobody.request(reqwest::Method::GET, "/api/openapi.json");
        let again = nobody.send(again.header("if-none-match", etag)).await;
        assert_eq!(again.expect(304), Value::Null);
    });
}

#[test]
fn the_page_that_shows_the_description_needs_nothing_from_elsewhere() {
    on_sqlite(async |test| {
        let nobody = test.nobody();
        let page = nobody.get("/api/docs").await;
        let policy = page.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            policy.contains("script-src 'self' 'wasm-unsafe-eval'"),
            "{policy}"
        );
        let page = page.ok();
        let page = page.as_str().unwrap();
        assert!(
            !page.contains("http://") && !page.contains("https://"),
            "{page}"
        );
        // The policy runs no script that stands in the page itself.
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script src=").count(),
            "{page}"
        );
        let begin = nobody.get("/api/docs/swagger-initializer.js").await.ok();
        assert!(begin.as_str().unwrap().contains("/api/openapi.json"));
        for file in ["swagger-ui.css", "swagger-ui-bundle.js", "index.css"] {
            nobody.get(&format!("/api/docs/{file}")).await.ok();
        }
        nobody
            .get("/api/docs/nothing.js")
            .await
            .refused(404, "not_found");
    });
}

fn file_of(test: &TestApp) -> PathBuf {
    files::of_url(test.database.url()).unwrap()
}

fn settings(file: &Path) -> DbSettings {
    DbSettings {
        url: format!("sqlite://{}?mode=rwc", file.display()),
        connections: 2,
        durable: false,
    }
}

#[test]
fn a_copy_made_while_others_write_is_whole_and_can_be_restored() {
    on_sqlite(async |test| {
        let workspace = test.workspace().await;
        let folder = file_of(test).parent().unwrap().to_owned();
        let copy = folder.join("copy.db");
        let writing = async {
            for number in 0..60 {
                let body = json!({"name": format!("lead {number}")});
                workspace
                    .admin
                    .post("/api/v1/leads", body)
                    .await
                    .expect(201);
            }
        };
        let copying = async {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            test.app.db.backup(&copy).await.unwrap();
        };
        tokio::join!(writing, copying);
        let twice = test.app.db.backup(&copy).await;
        assert!(matches!(twice, Err(FileError::Exists(_))), "{twice:?}");

        let restored = folder.join("restored.db");
        let url = settings(&restored).url;
        files::restore(&url, &copy, Replace::Nothing).await.unwrap();
        let app = App::open(&settings(&restored)).await.unwrap();
        let audited = app.verify_audit().await.unwrap();
        assert!(
            audited.iter().all(|log| log.broken.is_none()),
            "{audited:?}"
        );
        assert_eq!(audited.len(), 1);
        app.db.close().await.unwrap();
    });
}

#[test]
fn restoring_needs_force_a_whole_copy_and_nobody_who_holds_the_database() {
    on_sqlite(async |test| {
        let database = file_of(test);
        let folder = database.parent().unwrap();
        let copy = folder.join("copy.db");
        test.app.db.backup(&copy).await.unwrap();
        let url = test.database.url();

        let there = files::restore(url, &copy, Replace::Nothing).await;
        assert!(matches!(there, Err(FileError::Exists(_))), "{there:?}");
        let held = files::restore(url, &copy, Replace::Database).await;
        assert!(matches!(held, Err(FileError::Held(_))), "{held:?}");

        let damaged = folder.join("damaged.db");
        let mut bytes = fs::read(&copy).unwrap();
        let half = bytes.len() / 2;
        bytes[4096..half].fill(7);
        fs::write(&damaged, bytes).unwrap();
        let other = settings(&folder.join("other.db")).url;
        let refused = files::restore(&other, &damaged, Replace::Nothing).await;
        assert!(
            matches!(refused, Err(FileError::NotWhole { .. })),
            "{refused:?}"
        );

        let foreign = folder.join("foreign.db");
        let connection = Database::connect(settings(&foreign).url).await.unwrap();
        connection
            .execute_unprepared("CREATE TABLE things (id int)")
            .await
            .unwrap();
        connection.close().await.unwrap();
        let refused = files::restore(&other, &foreign, Replace::Nothing).await;
        assert!(matches!(refused, Err(FileError::Foreign(_))), "{refused:?}");
        assert!(!folder.join("other.db").exists());
    });
}

#[test]
fn migrating_a_database_that_has_data_leaves_a_copy_of_it() {
    on_sqlite(async |test| {
        let database = file_of(test);
        let folder = database.parent().unwrap();
        let old = folder.join("old.db");
        test.app.db.backup(&old).await.unwrap();
        let connection = Database::connect(settings(&old).url).await.unwrap();
        let newest = "SELECT max(version) AS name FROM seaql_migrations";
        let newest = Statement::from_string(connection.get_database_backend(), newest.to_owned());
        let row = connection.query_one_raw(newest).await.unwrap().unwrap();
        let newest: String = row.try_get("", "name").unwrap();
        // As far as the program can tell, the newest migration has not run; what it makes is there,
        // so that running it fails, and the start with it.
        let forget = format!("DELETE FROM seaql_migrations WHERE version = '{newest}'");
        connection.execute_unprepared(&forget).await.unwrap();
        connection.close().await.unwrap();
        let started = App::open(&settings(&old)).await;
        assert!(started.is_err(), "a failed migration stops the start");
        let copy = folder.join(format!("old.db.before-{newest}"));
        assert!(copy.exists(), "no copy beside the database");

        // It holds what is erased from the database meanwhile, so it goes some day.
        let app = App::connect(&settings(&old)).await.unwrap();
        let now = kehu_app::clock::now();
        let days = |days| now + chrono::Duration::days(days);
        assert_eq!(app.forget_copies(days(29)).unwrap(), 0);
        assert_eq!(app.forget_copies(days(31)).unwrap(), 1);
        assert!(!copy.exists() && old.exists());
        app.db.close().await.unwrap();
    });
}

both_databases! {
    async fn the_log_proves_that_nobody_altered_it(test) {
        let workspace = test.workspace().await;
        for number in 0..5 {
            let body = json!({"name": format!("lead {number}")});
            workspace.admin.post("/api/v1/leads", body).await.expect(201);
        }
        test.app.seal_changes().await.unwrap();
        let audited = test.app.verify_audit().await.unwrap();
        assert_eq!(audited[0].broken, None);
        assert!(audited[0].changes > 5);
        let last = i64::try_from(audited[0].changes).unwrap();

        let connection = Database::connect(test.database.url()).await.unwrap();
        let alter = async |sql: &str| connection.execute_unprepared(sql).await.unwrap();
        let broken = async || {
            let audited = test.app.verify_audit().await.unwrap();
            audited[0].broken.clone().map(|broken| (broken.position, broken.how))
        };
        alter(&format!("UPDATE changes SET verb = 'update' WHERE position = {}", last - 1)).await;
        assert_eq!(broken().await, Some((last - 1, How::Altered)));
        alter(&format!("DELETE FROM changes WHERE position = {}", last - 1)).await;
        assert_eq!(broken().await, Some((last - 1, How::Missing)));
        alter(&format!("DELETE FROM changes WHERE position > {}", last - 3)).await;
        assert_eq!(broken().await, Some((last - 2, How::CutOff)));
    }

    async fn what_lies_in_the_trash_for_a_month_is_gone(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let lead = admin.post("/api/v1/leads", json!({"name": "old"})).await.expect(201);
        let address = format!("/api/v1/leads/{}", lead["id"].as_str().unwrap());
        let kept = admin.post("/api/v1/leads", json!({"name": "kept"})).await.expect(201);
        admin.delete(&address).await.expect(204);
        let now = kehu_app::clock::now();
        assert_eq!(test.app.purge_trash(now + chrono::Duration::days(29)).await.unwrap(), 0);
        admin.act(&format!("{address}/restore")).await.expect(200);
        admin.delete(&address).await.expect(204);
        assert_eq!(test.app.purge_trash(now + chrono::Duration::days(31)).await.unwrap(), 1);
        admin.act(&format!("{address}/restore")).await.refused(404, "not_found");
        admin.get(&format!("/api/v1/leads/{}", kept["id"].as_str().unwrap())).await.ok();
        test.app.seal_changes().await.unwrap();
        assert_eq!(test.app.verify_audit().await.unwrap()[0].broken, None);
    }

    async fn answers_are_kept_for_a_day(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let post = async || {
            let request = admin.request(reqwest::Method::POST, "/api/v1/tags");
            let request = request.header("Idempotency-Key", "once").json(&json!({"name": "big"}));
            admin.send(request).await
        };
        let first = post().await.expect(201);
        let now = kehu_app::clock::now();
        assert_eq!(test.app.forget_answers(now + chrono::Duration::hours(23)).await.unwrap(), 0);
        assert_eq!(post().await.expect(201), first);
        assert_eq!(test.app.forget_answers(now + chrono::Duration::hours(25)).await.unwrap(), 1);
        assert_eq!(post().await.status, 422);
    }

    async fn a_batch_that_is_repeated_gets_the_same_answer(test) {
        let admin = test.workspace().await.admin;
        let post = async || {
            let body = json!({"mode": "each", "operations": [
                {"verb": "create", "kind": "tag", "body": {"name": "big"}},
                {"verb": "create", "kind": "tag", "body": {"nome": "big"}},
            ]});
            let request = admin.request(reqwest::Method::POST, "/api/v1/batch");
            admin.send(request.header("Idempotency-Key", "batch-1").json(&body)).await.expect(200)
        };
        let first = post().await;
        assert_eq!(first["results"][1]["problem"]["code"], "invalid");
        assert_eq!(post().await, first);
    }
}
