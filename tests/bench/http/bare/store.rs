//! The bare handlers' way to the database: sqlx, with connections as Kehu opens them.

use std::io::Write;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Type};
use sea_orm::sqlx::postgres::{PgPool, PgPoolOptions, Postgres};
use sea_orm::sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sea_orm::sqlx::{self, AssertSqlSafe, Row, Transaction};
use serde_json::Value;
use uuid::Uuid;

/// An argument of a statement.
#[derive(Debug, Clone)]
pub(crate) enum Arg {
    Id(Uuid),
    Int(i64),
    Text(String),
}

/// The database.
pub(crate) enum Store {
    Sqlite { read: SqlitePool, write: SqlitePool },
    Postgres(PgPool),
}

/// A transaction that writes.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

macro_rules! query {
    ($sql:expr, $args:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql.to_owned()));
        for arg in $args {
            query = match arg {
                Arg::Id(id) => query.bind(*id),
                Arg::Int(number) => query.bind(*number),
                Arg::Text(text) => query.bind(text.clone()),
            };
        }
        query
    }};
}

macro_rules! all {
    ($store:expr, $sql:expr, $args:expr, $rows:ident => $then:expr) => {
        match $store {
            Store::Sqlite { read, .. } => {
                let $rows = query!($sql, $args).fetch_all(read).await.unwrap();
                $then
            }
            Store::Postgres(pool) => {
                let $rows = query!($sql, $args).fetch_all(pool).await.unwrap();
                $then
            }
        }
    };
}

/// Writes rows as a list of JSON objects.
macro_rules! write_rows {
    ($rows:expr, $def:expr) => {{
        let mut out = Vec::from(&b"["[..]);
        for (number, row) in $rows.iter().enumerate() {
            out.extend_from_slice(if number == 0 { b"{" } else { b",{" });
            let mut at = 0;
            for field in $def.all_fields() {
                write!(out, "{}\"{}\":", if at == 0 { "" } else { "," }, field.name).unwrap();
                match field.ty {
                    Type::Int(..) => write_json(&mut out, &row.get::<Option<i64>, _>(at)),
                    Type::Bool => write_json(&mut out, &row.get::<Option<bool>, _>(at)),
                    Type::Ref(_) => write_json(&mut out, &row.get::<Option<Uuid>, _>(at)),
                    Type::Time => write_moment(&mut out, row.get(at)),
                    Type::Money => {
                        write_money(&mut out, row.get(at), row.get(at + 1));
                        at += 1;
                    }
                    Type::Refs(_) | Type::Tags | Type::Texts => {
                        out.extend(row.get::<Option<&str>, _>(at).unwrap_or("[]").as_bytes());
                    }
                    Type::Json => {
                        out.extend(row.get::<Option<&str>, _>(at).unwrap_or("null").as_bytes());
                    }
                    _ => write_json(&mut out, &row.get::<Option<&str>, _>(at)),
                }
                at += 1;
            }
            out.push(b'}');
        }
        out.push(b']');
        out
    }};
}

fn write_json(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    serde_json::to_writer(out, value).unwrap();
}

fn write_moment(out: &mut Vec<u8>, micros: Option<i64>) {
    match micros.and_then(DateTime::from_timestamp_micros) {
        Some(moment) => {
            write!(
                out,
                "\"{}\"",
                moment.to_rfc3339_opts(SecondsFormat::Micros, true)
            )
            .unwrap();
        }
        None => out.extend(b"null"),
    }
}

fn write_money(out: &mut Vec<u8>, amount: Option<i64>, currency: Option<&str>) {
    match amount.zip(currency) {
        Some((amount, currency)) => {
            write!(out, "{{\"amount\":{amount},\"currency\":\"{currency}\"}}").unwrap();
        }
        None => out.extend(b"null"),
    }
}

impl Store {
    pub(crate) async fn open(url: &str) -> Self {
        if !url.starts_with("sqlite:") {
            let pool = PgPoolOptions::new()
                .max_connections(8)
                .test_before_acquire(false);
            return Self::Postgres(pool.connect(url).await.unwrap());
        }
        let options = SqliteConnectOptions::from_str(url)
            .unwrap()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true)
            .pragma("cache_size", "-8000")
            .pragma("temp_store", "memory");
        let pool = |size| {
            let pool = SqlitePoolOptions::new().max_connections(size);
            let pool = pool.acquire_timeout(Duration::from_secs(60));
            pool.test_before_acquire(false)
                .connect_with(options.clone())
        };
        Self::Sqlite {
            read: pool(8).await.unwrap(),
            write: pool(1).await.unwrap(),
        }
    }

    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Runs a query for its time.
    pub(crate) async fn run(&self, sql: &str, args: &[Arg]) {
        all!(self, sql, args, rows => assert!(rows.len() < 100_000));
    }

    /// The rows of a kind, as JSON.
    pub(crate) async fn rows(&self, sql: &str, args: &[Arg], def: &'static Def) -> Vec<u8> {
        all!(self, sql, args, rows => write_rows!(rows, def))
    }

    pub(crate) async fn number(&self, sql: &str, args: &[Arg]) -> i64 {
        all!(self, sql, args, rows => rows[0].get(0))
    }

    /// How many records PostgreSQL thinks to have each of these search tokens.
    pub(crate) async fn estimates(&self, terms: &[String]) -> Vec<u64> {
        let Self::Postgres(pool) = self else {
            return Vec::new();
        };
        let each: Vec<String> = (1..=terms.len())
            .map(|n| {
                format!("SELECT lastval() FROM search_documents WHERE tokens @@ ${n}::tsquery")
            })
            .collect();
        let sql = format!("EXPLAIN (FORMAT JSON) {}", each.join(" UNION ALL "));
        let args: Vec<Arg> = terms.iter().map(|term| Arg::Text(term.clone())).collect();
        let row = query!(&sql, &args).fetch_one(pool).await.unwrap();
        let told: serde_json::Value = row.get(0);
        let plans = told[0]["Plan"]["Plans"].as_array().unwrap();
        plans
            .iter()
            .map(|plan| plan["Plan Rows"].as_u64().unwrap())
            .collect()
    }

    /// Rows of an id, a count and a sum.
    pub(crate) async fn sums(&self, sql: &str, args: &[Arg]) -> Vec<(Uuid, i64, Option<i64>)> {
        all!(self, sql, args, rows => rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect())
    }

    pub(crate) async fn begin(&self) -> Tx {
        match self {
            Self::Sqlite { write, .. } => {
                Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await.unwrap())
            }
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await.unwrap()),
        }
    }
}

impl Tx {
    pub(crate) async fn run(&mut self, sql: &str, args: &[Arg]) {
        match self {
            Self::Sqlite(tx) => drop(query!(sql, args).execute(&mut **tx).await.unwrap()),
            Self::Postgres(tx) => drop(query!(sql, args).execute(&mut **tx).await.unwrap()),
        }
    }

    /// Rows that nobody else changes until the end, as JSON.
    pub(crate) async fn locked(&mut self, sql: &str, args: &[Arg], def: &'static Def) -> Vec<u8> {
        match self {
            Self::Sqlite(tx) => {
                let rows = query!(sql, args).fetch_all(&mut **tx).await.unwrap();
                write_rows!(rows, def)
            }
            Self::Postgres(tx) => {
                let sql = format!("{sql} FOR UPDATE");
                let rows = query!(sql, args).fetch_all(&mut **tx).await.unwrap();
                write_rows!(rows, def)
            }
        }
    }

    /// Keeps others with the same words waiting, where there is more than one writer.
    pub(crate) async fn guard(&mut self, words: &str) {
        if matches!(self, Self::Postgres(_)) {
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            self.run(sql, &[Arg::Text(words.to_owned())]).await;
        }
    }

    pub(crate) async fn index(&mut self, workspace: Uuid, kind: &str, id: Uuid, tokens: &str) {
        let [workspace, kind, id, tokens] = [
            Arg::Id(workspace),
            Arg::Text(kind.to_owned()),
            Arg::Id(id),
            Arg::Text(tokens.to_owned()),
        ];
        if matches!(self, Self::Postgres(_)) {
            let sql = "INSERT INTO search_documents (workspace_id, kind, record_id, tokens) VALUES ($1, $2, \
                       $3, array_to_tsvector(string_to_array($4, ' ')))";
            return self.run(sql, &[workspace, kind, id, tokens]).await;
        }
        let sql = "INSERT INTO search_documents (id, workspace_id, kind, record_id) VALUES ((SELECT \
                   coalesce(max(id), 0) + 1 FROM search_documents), $1, $2, $3)";
        self.run(sql, &[workspace, kind, id]).await;
        let sql = "INSERT INTO search_index (rowid, tokens) VALUES ((SELECT max(id) FROM search_documents), $1)";
        self.run(sql, &[tokens]).await;
    }

    pub(crate) async fn log(
        &mut self,
        ctx: &Ctx,
        id: Uuid,
        version: i64,
        verb: &str,
        changes: &Value,
    ) {
        self.run(
            "INSERT INTO changes (workspace_id, kind, record_id, version, verb, actor_id, at, request_id, \
             fields) VALUES ($1, 'lead', $2, $3, $4, $5, $6, $7, $8)",
            &[
                Arg::Id(ctx.workspace.id),
                Arg::Id(id),
                Arg::Int(version),
                Arg::Text(verb.to_owned()),
                Arg::Id(ctx.actor.user_id),
                Arg::Int(ctx.now.timestamp_micros()),
                Arg::Text("bare".to_owned()),
                Arg::Text(changes.to_string()),
            ],
        )
        .await;
    }

    pub(crate) async fn commit(self) {
        match self {
            Self::Sqlite(tx) => tx.commit().await.unwrap(),
            Self::Postgres(tx) => tx.commit().await.unwrap(),
        }
    }
}
