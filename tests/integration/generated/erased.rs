//! A record of every kind whose values are erased: afterwards they stand in no column of any table.
//! A table that holds values and that nobody erases from fails this test, whoever adds it.

use std::collections::{BTreeMap, BTreeSet};

use kehu_app::erase::{Place, can_go, fields_of};
use kehu_domain::def::{Def, Field, Type};
use kehu_domain::kinds;
use kehu_persistence::imports as store;
use kehu_persistence::places::identifies;
use reqwest::Method;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::World;
use crate::support::client::Caller;
use crate::support::workspace::id_of;
use crate::support::{TestApp, both_databases};

/// Words that stand nowhere else, nor in a hexadecimal number.
#[derive(Default)]
struct Words(u32);

impl Words {
    fn next(&mut self) -> String {
        self.0 += 1;
        let mut left = self.0.wrapping_mul(2_654_435_761);
        let mut word = String::new();
        for _ in 0..7 {
            word.push(char::from(b'g' + u8::try_from(left % 18).unwrap()));
            left = left / 18 + self.0;
        }
        word
    }

    /// A value that a field may have, and the text by which it is found.
    fn value(&mut self, field: &Field) -> Option<(Value, String)> {
        let word = self.next();
        let value = match field.ty {
            Type::Text(max) if max < 7 => return None,
            Type::Text(_) | Type::LongText(_) => word.clone(),
            Type::Email => format!("{word}@example.org"),
            Type::Url => format!("https://{word}.example.org"),
            Type::Texts => return Some((json!([word]), word)),
            Type::Lines => {
                let line = json!({"name": word, "unit": word, "unit_price": 1_000_000});
                return Some((json!([line]), word));
            }
            Type::Phone => {
                let number = format!("1390000{:04}", self.0);
                return Some((json!(format!("+86{number}")), number));
            }
            Type::Date => {
                let day = format!("19{:02}-0{}-17", self.0 % 70 + 10, self.0 % 9 + 1);
                return Some((json!(day), day));
            }
            _ => return None,
        };
        Some((json!(value), word))
    }
}

/// Everything that the tables hold, as text in small letters.
struct Holdings(BTreeMap<String, Vec<u8>>);

impl Holdings {
    async fn of(db: &DatabaseConnection) -> Self {
        let mut all = BTreeMap::new();
        for (table, columns) in tables(db).await {
            let bytes = all.entry(table.clone()).or_insert_with(Vec::new);
            for hex in texts(db, format!("SELECT {columns} FROM \"{table}\"")).await {
                bytes.extend(hex.split('-').flat_map(unhex));
                bytes.push(b' ');
            }
        }
        Self(all)
    }

    /// The tables that hold one of these.
    fn with<'a>(
        &'a self,
        needles: impl Iterator<Item = &'a String>,
    ) -> BTreeMap<&'a str, &'a String> {
        let mut found = BTreeMap::new();
        for needle in needles {
            for (table, bytes) in &self.0 {
                if bytes
                    .windows(needle.len())
                    .any(|at| at == needle.as_bytes())
                {
                    found.insert(table.as_str(), needle);
                }
            }
        }
        found
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    let pairs = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap().to_ascii_lowercase())
        .collect()
}

/// Every table that holds anything itself, with an expression that tells all its columns.
async fn tables(db: &DatabaseConnection) -> Vec<(String, String)> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT table_name || ' ' || string_agg('coalesce(encode(' || CASE data_type \
             WHEN 'bytea' THEN quote_ident(column_name) ELSE 'convert_to(' || \
             quote_ident(column_name) || '::text, ''UTF8'')' END || ', ''hex''), '''')', \
             ' || ''-20-'' || ') FROM information_schema.columns \
             WHERE table_schema = 'public' GROUP BY table_name"
        }
        _ => {
            "SELECT m.name || ' ' || group_concat('hex(coalesce(\"' || c.name || '\", ''''))', \
             ' || ''-20-'' || ') FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' GROUP BY m.name"
        }
    };
    let all = texts(db, sql.to_owned()).await;
    all.iter()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(table, columns)| (table.to_owned(), columns.to_owned()))
        .collect()
}

async fn texts(db: &DatabaseConnection, sql: String) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Writes values into a record's fields, one after the other; what is refused for a reason of its own is
/// left out. The fields that took theirs, and the values.
async fn write(
    caller: &Caller,
    def: &'static Def,
    id: Uuid,
    words: &mut Words,
) -> (BTreeSet<&'static str>, Vec<String>) {
    let path = format!("/api/v1/{}/{id}", def.plural);
    let (mut fields, mut written) = (BTreeSet::new(), Vec::new());
    for field in def
        .fields
        .iter()
        .filter(|field| can_go(field) && field.on_patch())
    {
        let Some((value, word)) = words.value(field) else {
            continue;
        };
        let version = caller.get(&path).await.ok()["version"].as_i64().unwrap();
        let body = json!({(field.name): value});
        if caller.patch(&path, version, body).await.status == 200 {
            fields.insert(field.name);
            written.push(word);
        }
    }
    (fields, written)
}

/// Makes a lead by a request whose answer is kept.
async fn make(admin: &Caller, words: &mut Words) -> (Uuid, Vec<String>) {
    let (name, number) = (words.next(), "13700005678".to_owned());
    let request = admin.request(Method::POST, "/api/v1/leads");
    let request = request.header("Idempotency-Key", "once");
    let body = json!({"name": name, "phone": number});
    let lead = id_of(&admin.send(request.json(&body)).await.expect(201));
    (lead, vec![name, number])
}

/// Imports a lead, and another row that repeats it with a value that can't be read, and leaves the
/// file there as an import does that was cut off.
async fn import(
    test: &TestApp,
    admin: &Caller,
    workspace: Uuid,
    words: &mut Words,
) -> (Uuid, Vec<String>) {
    let (name, firm) = (words.next(), words.next());
    let number = "13700001234";
    let file =
        format!("who,firm,call,fixed\n{name},{firm},{number},\n{name},{firm},{number},soon\n");
    let upload = admin
        .request(Method::POST, "/api/v1/imports?file_name=leads.csv")
        .header("Content-Type", "text/csv")
        .body(file.clone());
    let import = id_of(&admin.send(upload).await.expect(201));
    let mapping = json!({"kind": "lead", "fields": {"name": {"column": "who"},
        "company": {"column": "firm"}, "phone": {"column": "call"}, "landline": {"column": "fixed"}}});
    let path = format!("/api/v1/imports/{import}");
    admin
        .post(&format!("{path}/start"), json!({"mapping": mapping}))
        .await
        .ok();
    loop {
        let now = admin.get(&path).await.ok();
        match now["state"].as_str().unwrap() {
            "completed" => break,
            "checking" | "running" => {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await
            }
            _ => panic!("{now:#}"),
        }
    }
    let session = test.app.db.begin().await.unwrap();
    store::add_part(&session, workspace, import, 0, file.into_bytes())
        .await
        .unwrap();
    // Another import tells that its row is like this lead.
    let lead = id_of(
        &admin
            .get(&format!("/api/v1/leads?filter=name == \"{name}\""))
            .await
            .ok()["items"][0],
    );
    let problem = store::results::Problem {
        number: 1_000,
        row: 1,
        column: None,
        field: None,
        code: "likely_duplicate".to_owned(),
        params: json!({"id": lead, "title": name}),
        severity: "warning".to_owned(),
    };
    store::results::add_problems(&session, workspace, import, &[problem])
        .await
        .unwrap();
    session.commit().await.unwrap();
    (lead, vec![name, firm, number.to_owned()])
}

async fn erase(test: &TestApp, def: &'static Def, id: Uuid, names: &BTreeSet<&str>) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let fields = fields_of(def, &names).unwrap();
    let workspace = test.app.workspace_of(def, id).await.unwrap();
    let now = kehu_app::clock::now();
    test.app
        .erase(workspace, def, id, &fields, now)
        .await
        .unwrap();
}

both_databases! {
    async fn what_is_erased_stands_in_no_column_of_any_table(test) {
        let world = World::of(test.workspace().await, "fresh").await;
        let session = world.workspace.session.clone();
        let workspace: Uuid = session["workspace"]["id"].as_str().unwrap().parse().unwrap();
        let mut words = Words::default();
        let mut written = Vec::new();
        let mut erasing: Vec<(&'static Def, Uuid, BTreeSet<&str>)> = Vec::new();
        for (def, id) in world.kinds() {
            let caller = world.owner(def.plural);
            let (fields, first) = write(caller, def, id, &mut words).await;
            let (_, then) = write(caller, def, id, &mut words).await;
            for field in def.fields.iter().filter(|field| identifies(field) && field.on_patch()) {
                assert!(fields.contains(field.name), "{}.{} was not written", def.kind, field.name);
            }
            written.extend(first.into_iter().chain(then));
            if !fields.is_empty() {
                erasing.push((def, id, fields));
            }
        }
        assert!(written.len() > 150, "{}", written.len());
        let (lead, of_file) = import(test, &world.workspace.admin, workspace, &mut words).await;
        let (made, of_answer) = make(&world.workspace.admin, &mut words).await;
        written.extend(of_file.into_iter().chain(of_answer));
        erasing.push((&kehu_domain::lead::DEF, made, ["name", "phone"].into()));
        erasing.push((&kehu_domain::lead::DEF, lead, ["name", "company", "phone", "landline"].into()));
        test.app.seal_changes().await.unwrap();

        let db = Database::connect(test.database.url()).await.unwrap();
        let before = Holdings::of(&db).await;
        let found = before.with(written.iter());
        let mut named = BTreeSet::new();
        for (def, _, fields) in &erasing {
            for field in def.fields.iter().filter(|field| fields.contains(field.name)) {
                named.extend(Place::of(field).flat_map(|place| place.tables(def)));
            }
        }
        for (table, value) in &found {
            // SQLite's search index lies in several tables.
            let named = named.iter().any(|one| table.starts_with(one));
            assert!(named, "{value} stands in {table}, which is no place");
        }
        for place in &named {
            let other_database = ["search_index", "search_documents"].contains(place);
            let there = found.keys().any(|table| table.starts_with(place));
            assert!(there || other_database, "nothing stood in {place}: {found:?}");
        }
        assert!(found.keys().any(|table| table.starts_with("search_")), "{found:?}");

        for (def, id, fields) in &erasing {
            erase(test, def, *id, fields).await;
        }
        let after = Holdings::of(&db).await;
        assert_eq!(after.with(written.iter()), BTreeMap::new());
        db.close().await.unwrap();

        // The records are there, can be read and written, and the log is whole.
        for (def, id, _) in &erasing {
            let path = format!("/api/v1/{}/{id}", def.plural);
            let caller = world.owner(def.plural);
            caller.get(&path).await.ok();
            caller.get(&format!("{path}/history")).await.ok();
        }
        test.app.seal_changes().await.unwrap();
        let log = test.app.verify_audit().await.unwrap().remove(0);
        assert_eq!(log.broken, None);
        assert!(log.erased > 150, "{}", log.erased);
    }

    async fn a_record_that_was_removed_is_erased_from_the_log(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let lead = admin.post("/api/v1/leads", json!({"name": "quznix", "phone": "+8613900009999"})).await;
        let lead = id_of(&lead.expect(201));
        admin.delete(&format!("/api/v1/leads/{lead}")).await.expect(204);
        let later = kehu_app::clock::now() + chrono::Duration::days(31);
        assert_eq!(test.app.purge_trash(later).await.unwrap(), 1);
        let db = Database::connect(test.database.url()).await.unwrap();
        let sought = ["quznix".to_owned(), "13900009999".to_owned()];
        let before = Holdings::of(&db).await;
        assert!(before.with(sought.iter()).contains_key("changes"));
        erase(test, &kehu_domain::lead::DEF, lead, &["name", "phone"].into()).await;
        assert_eq!(Holdings::of(&db).await.with(sought.iter()), BTreeMap::new());
        db.close().await.unwrap();
        test.app.seal_changes().await.unwrap();
        assert_eq!(test.app.verify_audit().await.unwrap()[0].broken, None);
    }

    async fn a_request_whose_answer_was_erased_has_no_second_effect(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let post = async || {
            let request = admin.request(Method::POST, "/api/v1/leads");
            let request = request.header("Idempotency-Key", "once");
            admin.send(request.json(&json!({"name": "quznix", "phone": "+8613900009999"}))).await
        };
        let lead = id_of(&post().await.expect(201));
        erase(test, &kehu_domain::lead::DEF, lead, &["phone"].into()).await;
        post().await.refused(422, "invalid");
        assert_eq!(admin.get("/api/v1/leads?count=exact").await.ok()["count"], 1);
    }
}

#[test]
fn every_kind_of_field_that_reaches_a_person_can_be_erased() {
    for def in kinds::ALL {
        for field in def.fields.iter().filter(|field| identifies(field)) {
            assert!(can_go(field), "{}.{} can't be erased", def.kind, field.name);
        }
        assert!(
            fields_of(def, &["id".to_owned()]).is_err(),
            "the engine's own"
        );
    }
    let lead = &kehu_domain::lead::DEF;
    let all: Vec<&str> = fields_of(lead, &[])
        .unwrap()
        .iter()
        .map(|field| field.name)
        .collect();
    assert_eq!(all, ["phone", "landline", "email", "messenger"]);
}
