//! A database from when lines were a column of their documents.

use kehu_domain::document;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};

use super::{contract, customer, lines, path, product, three, told};
use crate::support::TestApp;
use crate::support::both_databases;
use crate::support::workspace::id_of;

/// Takes the migration back, as nobody does but this test: the lines of these documents go into a column.
async fn before(db: &DatabaseConnection, documents: &[Value]) {
    for table in ["opportunities", "contracts"] {
        let add = format!("ALTER TABLE {table} ADD COLUMN lines text");
        db.execute_unprepared(&add).await.unwrap();
    }
    for document in documents {
        let table = path(document).split('/').nth(3).unwrap().to_owned();
        let id = match db.get_database_backend() {
            DbBackend::Postgres => format!("'{}'", id_of(document)),
            _ => format!("x'{}'", id_of(document).simple()),
        };
        let lines = document::rebased(&document["lines"], None)
            .to_string()
            .replace('\'', "''");
        let update = format!("UPDATE {table} SET lines = '{lines}' WHERE id = {id}");
        db.execute_unprepared(&update).await.unwrap();
    }
    for sql in [
        "DROP TABLE document_lines",
        "DELETE FROM seaql_migrations WHERE version LIKE '%000016%'",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
}

async fn number(test: &TestApp, sql: &str) -> i64 {
    let db = Database::connect(test.database.url()).await.unwrap();
    let statement = Statement::from_string(db.get_database_backend(), sql.to_owned());
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    let found = row.try_get_by_index(0).unwrap();
    db.close().await.unwrap();
    found
}

both_databases! {
    async fn lines_of_before_are_moved_as_they_are(test) {
        let w = test.workspace().await;
        let pump = product(&w, "Pump", 12_500_000).await;
        let odd = json!([
            {"name": "It's \"§\" \\ 测试 😀", "unit": "个", "quantity": 1, "unit_price": 1_000_000_000_000_000_i64},
            {"name": "Free", "quantity": 1_000_000_000_000_000_i64, "unit_price": 0, "discount_rate": 10_000},
        ]);
        let many: Value = (0..500).map(|n| json!({"name": format!("Line {n}"), "unit_price": n * 1_000})).collect();
        let mut documents = Vec::new();
        for lines in [three(pump), odd, many] {
            documents.push(contract(&w, lines.clone()).await);
            let body = json!({"name": "Deal", "lines": lines});
            documents.push(w.admin.post("/api/v1/opportunities", body).await.expect(201));
        }
        let buyer = customer(&w.admin, "Plain").await;
        let body = json!({"name": "No lines", "customer_id": buyer, "amount": {"amount": 7, "currency": "CNY"}});
        let plain = w.admin.post("/api/v1/contracts", body).await.expect(201);
        w.admin.delete(&path(&documents[1])).await.expect(204);
        documents[1] = w.admin.get(&path(&documents[1])).await.ok();

        let db = Database::connect(test.database.url()).await.unwrap();
        before(&db, &documents).await;
        db.close().await.unwrap();
        test.app.db.migrate().await.unwrap();

        for document in &documents {
            let now = w.admin.get(&path(document)).await.ok();
            assert_eq!(document::rebased(&now["lines"], None), document::rebased(&document["lines"], None));
            assert_eq!((&now["version"], &now["updated_at"]), (&document["version"], &document["updated_at"]));
            for line in now["lines"].as_array().unwrap() {
                assert_eq!(id_of(line).get_version_num(), 7);
            }
        }
        assert_eq!(w.admin.get(&path(&plain)).await.ok()["lines"], Value::Null);
        assert_eq!(number(test, "SELECT count(*) FROM document_lines").await, 1010);
        assert_eq!(number(test, "SELECT count(DISTINCT id) FROM document_lines").await, 1010);
        let trashed = w.admin.get("/api/v1/document-lines?trashed=true&count=exact").await.ok();
        assert_eq!(trashed["count"], 3);
        // They can be written as any others.
        let first = w.admin.get(&path(&documents[0])).await.ok();
        let rows = lines(&w.admin, &format!("contract_id == \"{}\"", id_of(&first))).await;
        assert_eq!(told(&rows), first["lines"]);
        let patched = w.admin.patch(&path(&first), 1, json!({"lines": [first["lines"][2]]})).await.ok();
        assert_eq!(patched["lines"][0]["id"], first["lines"][2]["id"]);
        // Their ids sort as their documents do.
        let all = w.admin.get("/api/v1/document-lines?limit=200&sort=created_at").await.ok();
        let all: Vec<_> = all["items"].as_array().unwrap().iter().map(id_of).collect();
        assert!(all.is_sorted());
    }
}
