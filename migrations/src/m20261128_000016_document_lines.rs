//! The lines of opportunities and contracts become rows of their own.
//!
//! The database moves them itself, one statement for each kind of documents: it reads document after
//! document and keeps none of them in memory.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::columns::Stored::{self, Id, Int, Money, Text};
use crate::columns::{LIVE, create_record_table, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "document_lines";

const FIELDS: &[(&str, Stored)] = &[
    ("opportunity_id", Id),
    ("contract_id", Id),
    ("position", Int),
    ("product_id", Id),
    ("name", Text),
    ("unit", Text),
    ("quantity", Int),
    ("unit_price", Int),
    ("discount_rate", Int),
    ("tax_rate", Int),
    ("amount", Money),
    ("document_discount", Money),
    ("net", Money),
    ("tax", Money),
    ("gross", Money),
];

/// The tables of documents, each with the column of a line that names one.
const DOCUMENTS: [(&str, &str); 2] = [
    ("opportunities", "opportunity_id"),
    ("contracts", "contract_id"),
];

/// What a line has of its document's row.
const OF_DOCUMENT: &str =
    "workspace_id, created_at, created_by, updated_at, updated_by, deleted_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        create_record_table(manager, TABLE, FIELDS).await?;
        for (documents, naming) in DOCUMENTS {
            let moving = moving(backend, documents, naming);
            manager.get_connection().execute_unprepared(&moving).await?;
            let alter = Table::alter()
                .table(Alias::new(documents))
                .drop_column(Alias::new("lines"))
                .take();
            manager.alter_table(alter).await?;
        }
        for (_, naming) in DOCUMENTS {
            // Those in the trash too: they are read with their documents.
            let only = format!("{naming} IS NOT NULL");
            index(manager, TABLE, &[naming, "position", "id"], &only).await?;
        }
        for columns in [["product_id", "id"], ["position", "id"], ["gross", "id"]] {
            index(manager, TABLE, &columns, LIVE).await?;
        }
        Ok(())
    }
}

/// The statement that makes rows of the lines of all documents of a table.
fn moving(backend: DbBackend, documents: &str, naming: &str) -> String {
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    let mut put = |column: &str, value: String| {
        columns.push(column.to_owned());
        values.push(value);
    };
    put("id", id(backend));
    put("version", "1".to_owned());
    for column in OF_DOCUMENT.split(", ") {
        put(column, format!("document.{column}"));
    }
    put(naming, "document.id".to_owned());
    put("position", place(backend));
    put("product_id", product(backend));
    for (name, stored) in FIELDS.iter().skip(4) {
        let key = match stored {
            Text => text(backend, name),
            Stored::Bool | Id | Int | Money => whole(backend, name),
        };
        put(name, key);
        if matches!(stored, Money) {
            let currency = "document.amount_currency".to_owned();
            put(&format!("{name}_currency"), currency);
        }
    }
    let lines = match backend {
        DbBackend::Postgres => {
            "CROSS JOIN LATERAL json_array_elements(CAST(document.lines AS json)) \
             WITH ORDINALITY AS line(value, place)"
        }
        _ => ", json_each(document.lines) AS line",
    };
    format!(
        "INSERT INTO {TABLE} ({}) SELECT {} FROM {documents} AS document {lines} \
         WHERE document.lines IS NOT NULL",
        columns.join(", "),
        values.join(", ")
    )
}

/// A new id: a UUIDv7 of the moment at which the document was made, so that lines sort as their documents
/// do, with the place of the line where such ids count.
fn id(backend: DbBackend) -> String {
    match backend {
        DbBackend::Postgres => {
            "CAST(lpad(to_hex(greatest(document.created_at, 0) / 1000), 12, '0') \
             || '7' || lpad(to_hex(line.place - 1), 3, '0') || '8' \
             || right(replace(CAST(gen_random_uuid() AS text), '-', ''), 15) AS uuid)"
                .to_owned()
        }
        _ => "unhex(printf('%012x', max(document.created_at, 0) / 1000) || '7' \
             || printf('%03x', line.key) || '8' || substr(hex(randomblob(8)), 2))"
            .to_owned(),
    }
}

fn place(backend: DbBackend) -> String {
    match backend {
        DbBackend::Postgres => "line.place".to_owned(),
        _ => "line.key + 1".to_owned(),
    }
}

fn product(backend: DbBackend) -> String {
    let told = text(backend, "product_id");
    match backend {
        DbBackend::Postgres => format!("CAST({told} AS uuid)"),
        _ => format!("unhex(replace({told}, '-', ''))"),
    }
}

fn text(backend: DbBackend, key: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("line.value ->> '{key}'"),
        _ => format!("json_extract(line.value, '$.{key}')"),
    }
}

fn whole(backend: DbBackend, key: &str) -> String {
    format!("CAST({} AS bigint)", text(backend, key))
}
