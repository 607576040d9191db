//! The migrated schema.

use kehu_domain::def::{Def, Type};
use kehu_domain::kinds;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::support::both_databases;

both_databases! {
    async fn a_migrated_database_has_nothing_left_to_migrate(test) {
        assert_eq!(test.app.db.pending_migrations().await.unwrap(), 0);
    }

    async fn migrating_again_changes_nothing(test) {
        test.app.db.migrate().await.unwrap();
        assert_eq!(test.app.db.pending_migrations().await.unwrap(), 0);
    }

    async fn every_kind_is_stored_as_it_is_declared(test) {
        let db = Database::connect(test.database.url()).await.unwrap();
        for def in kinds::ALL {
            let mut stored = columns(&db, def.table).await;
            stored.sort_unstable();
            assert_eq!(stored, declared(def), "{}", def.table);
        }
        db.close().await.unwrap();
    }

    async fn every_order_of_a_list_is_served_by_an_index(test) {
        let db = Database::connect(test.database.url()).await.unwrap();
        for def in kinds::ALL {
            let indexes = indexes(&db, def.table).await;
            for field in def.all_fields().filter(|field| field.sortable) {
                let serving = format!("(workspace_id, {}, id)", field.name);
                assert!(
                    indexes.iter().any(|index| index.contains(&serving)),
                    "{}.{} has no index {serving} in {indexes:#?}",
                    def.table,
                    field.name
                );
            }
        }
        db.close().await.unwrap();
    }
}

/// The columns that a declaration asks for, in alphabetical order.
fn declared(def: &Def) -> Vec<String> {
    let mut columns = vec!["workspace_id".to_owned()];
    for field in def.all_fields() {
        // The lines of a document are rows of their own.
        if field.ty == Type::Lines {
            continue;
        }
        columns.push(field.name.to_owned());
        if field.ty == Type::Money {
            columns.push(format!("{}_currency", field.name));
        }
    }
    columns.sort_unstable();
    columns
}

async fn texts(db: &DatabaseConnection, sql: String) -> Vec<String> {
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await;
    rows.unwrap()
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

async fn columns(db: &DatabaseConnection, table: &str) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => format!(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}'"
        ),
        _ => format!("SELECT name FROM pragma_table_info('{table}')"),
    };
    texts(db, sql).await
}

/// The statements that made the indexes of a table.
async fn indexes(db: &DatabaseConnection, table: &str) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            format!("SELECT indexdef FROM pg_indexes WHERE tablename = '{table}'")
        }
        _ => {
            format!("SELECT sql FROM sqlite_master WHERE tbl_name = '{table}' AND sql IS NOT NULL")
        }
    };
    // PostgreSQL adds the order of missing values and the collation; both serve the order.
    let plain = |text: String| {
        text.replace(" NULLS FIRST", "")
            .replace(" COLLATE \"C\"", "")
            .replace('"', "")
    };
    texts(db, sql).await.into_iter().map(plain).collect()
}
