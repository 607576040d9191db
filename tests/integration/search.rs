//! Search finds the same records on both databases.

use kehu_domain::ctx::Ctx;
use kehu_domain::lead;
use kehu_domain::record::Record;
use kehu_domain::scope::{Reason, Scope};
use kehu_domain::value::Value;
use kehu_persistence::db::DbKind;
use kehu_persistence::lists::{self, ListQuery, Page, Sort};
use kehu_persistence::records::{self, Trash};
use kehu_persistence::workspaces;
use sea_orm::{ConnectionTrait, Database};
use uuid::Uuid;

use crate::support::context::context;
use crate::support::{TestApp, both_databases};

/// Name, company, telephone and email address of some leads.
const LEADS: &[[&str; 4]] = &[
    [
        "王小明",
        "中国移动通信集团",
        "+8613800138000",
        "Wang.Xiaoming@example.com",
    ],
    [
        "李娜",
        "重庆长安汽车股份有限公司",
        "+862367591249;ext=801",
        "lina@changan.example",
    ],
    [
        "José O'Neil",
        "Ｍｉｃｒｏsoft 宜昌MBP软件",
        "+442070313000",
        "jose@mbp.example",
    ],
    ["and or not", "\"quoted\" * (near)", "", ""],
    ["", "", "", ""],
];

/// A query and the leads that it finds.
const QUERIES: &[(&str, &[usize])] = &[
    ("移动", &[0]),
    ("国移动通", &[0]),
    ("团", &[0]),
    ("明", &[0]),
    ("zgyd", &[0]),
    ("zhongguo yidong", &[0]),
    ("yidongtongxin", &[0]),
    ("xiaom", &[0]),
    ("138 0013", &[0]),
    ("8000", &[0]),
    ("wang.xiaoming@example.com", &[0]),
    ("example", &[0, 1, 2]),
    ("chongqing", &[1]),
    ("cqca", &[1]),
    ("长安汽车", &[1]),
    ("023-67591249", &[1]),
    ("801", &[1]),
    ("李娜 重庆", &[1]),
    ("李娜 移动", &[]),
    ("jose oneil", &[2]),
    ("MICROSOFT", &[2]),
    ("mbp软件", &[2]),
    ("020 7031 3000", &[2]),
    ("and", &[3]),
    ("NOT near", &[3]),
    ("quoted\" OR \"移动", &[]),
    ("中兴", &[]),
];

both_databases! {
    async fn words_find_the_records_that_have_them(test) {
        let ctx = context(1);
        let stored = store(test, &ctx).await;
        // The same leads of somebody else must not show.
        store(test, &context(2)).await;
        let session = test.app.db.read();
        for (words, wanted) in QUERIES {
            let query = ListQuery {
                def: &lead::DEF,
                scope: Scope::system(ctx.workspace.id, Reason::Settings),
                filter: None,
                words: Some((*words).to_owned()),
                trash: Trash::Outside,
            };
            let mut found = lists::ids(&session, &query, 100).await.unwrap();
            found.sort_unstable();
            let wanted: Vec<Uuid> = wanted.iter().map(|n| stored[*n]).collect();
            assert_eq!(found, wanted, "{words}");
        }
    }

    async fn what_many_have_comes_page_by_page_in_the_order_asked_for(test) {
        let ctx = context(1);
        let names = ["恒达科技 云上", "12 云上", "Northwind 云上"];
        // Those of one name were made together, twice.
        let block = |n: usize| n / 400 % 3;
        // More than are gathered before a page is made have the one word; every seventh lies in the trash.
        let leads: Vec<Record> = (0..2_400)
            .map(|n: usize| {
                let company = if n.is_multiple_of(5) { "" } else { "Ltd" };
                let name = format!("{} {n:05}", names[block(n)]);
                let mut lead = lead_of(&ctx, &[("name", &name), ("company", company)]);
                if n.is_multiple_of(7) {
                    lead.set("deleted_at", Value::Time(ctx.now));
                }
                lead
            })
            .collect();
        put(test, &ctx, &leads).await;
        let session = test.app.db.read();
        // What is known of how common each word is decides how a page is made.
        let connection = Database::connect(test.database.url()).await.unwrap();
        connection.execute_unprepared("ANALYZE").await.unwrap();
        let sort = |name: &str| Sort { field: lead::DEF.field(name).unwrap(), descending: true };
        let queries = [("恒达", Some(0)), ("12", Some(1)), ("nor 008", Some(2)), ("云上", None)];
        // By name those with `12` come last of all; a company may be missing.
        let orders = [("name", 450), ("name", 60), ("company", 30)];
        for ((by, limit), (words, kept)) in orders.into_iter().flat_map(|order| queries.map(|query| (order, query))) {
            let query = ListQuery {
                def: &lead::DEF,
                scope: Scope::system(ctx.workspace.id, Reason::Settings),
                filter: None,
                words: Some(words.to_owned()),
                trash: Trash::Outside,
            };
            let mut page = Page {
                sort: vec![sort(by), sort("id")],
                after: None,
                limit,
                fields: lead::DEF.all_fields().filter(|f| ["id", "name", "company"].contains(&f.name)).collect(),
            };
            let mut found = Vec::new();
            loop {
                let (rows, more) = lists::page(&session, &query, &page).await.unwrap();
                found.extend(rows.iter().map(Record::id));
                if !more {
                    break;
                }
                let last = rows.last().unwrap();
                page.after = Some(vec![last.get(by).clone(), last.get("id").clone()]);
            }
            let wanted = |n: usize| match kept {
                Some(2) => block(n) == 2 && format!("{n:05}").contains("008"),
                Some(name) => block(n) == name,
                None => true,
            };
            let mut wanted: Vec<&Record> = (0..leads.len())
                .filter(|n| !n.is_multiple_of(7) && wanted(*n))
                .map(|n| &leads[n])
                .collect();
            wanted.sort_by_key(|lead| std::cmp::Reverse((lead.get(by).as_text().map(str::to_owned), lead.id())));
            let wanted: Vec<Uuid> = wanted.iter().map(|lead| lead.id()).collect();
            assert_eq!(found, wanted, "{words} by {by}, {limit} at once");
            let count = lists::count(&session, &query, None).await.unwrap();
            assert_eq!(usize::try_from(count).unwrap(), wanted.len(), "{words}");
        }
    }

    async fn an_index_of_an_older_kehu_is_made_anew(test) {
        let ctx = context(1);
        let leads: Vec<Record> = (0..700)
            .map(|n| lead_of(&ctx, &[("name", &format!("云上 {n}"))]))
            .collect();
        put(test, &ctx, &leads).await;
        // An empty database is of this edition as soon as anybody looks.
        while test.app.renew_search().await.unwrap() {}
        let session = test.app.db.read();
        let query = ListQuery {
            def: &lead::DEF,
            scope: Scope::system(ctx.workspace.id, Reason::Settings),
            filter: None,
            words: Some("云上".to_owned()),
            trash: Trash::Outside,
        };
        let found = async || lists::count(&session, &query, None).await.unwrap();
        assert_eq!(found().await, 700);
        let connection = Database::connect(test.database.url()).await.unwrap();
        let forget = match test.app.db.kind() {
            DbKind::Postgres => "UPDATE search_documents SET tokens = ''",
            DbKind::Sqlite => "DELETE FROM search_index WHERE rowid > 0",
        };
        connection.execute_unprepared(forget).await.unwrap();
        assert!(!test.app.renew_search().await.unwrap());
        assert_eq!(found().await, 0);
        let older = "UPDATE search_state SET edition = 1";
        connection.execute_unprepared(older).await.unwrap();
        assert!(test.app.renew_search().await.unwrap());
        assert!((1..700).contains(&found().await));
        // What is written meanwhile is left as it is.
        put_more(test, &ctx, &[lead_of(&ctx, &[("name", "云上 new")])]).await;
        while test.app.renew_search().await.unwrap() {}
        assert_eq!(found().await, 701);
        // In order it finds the same.
        while test.app.tidy_search().await.unwrap() {}
        assert!(!test.app.tidy_search().await.unwrap());
        assert_eq!(found().await, 701);
    }
}

/// Their ids, in order.
async fn store(test: &TestApp, ctx: &Ctx) -> Vec<Uuid> {
    let leads: Vec<Record> = LEADS
        .iter()
        .map(|values| {
            let names = ["name", "company", "phone", "email"];
            let values: Vec<_> = names.into_iter().zip(values.iter().copied()).collect();
            lead_of(ctx, &values)
        })
        .collect();
    put(test, ctx, &leads).await;
    leads.iter().map(Record::id).collect()
}

/// A lead with these texts.
fn lead_of(ctx: &Ctx, values: &[(&'static str, &str)]) -> Record {
    let mut lead = Record::default();
    for field in lead::DEF.all_fields() {
        lead.push(field.name, Value::Null);
    }
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        lead.set(name, Value::Text((*value).to_owned()));
    }
    lead.set("id", Value::Id(Uuid::now_v7()));
    lead.set("version", Value::Int(1));
    lead.set("created_at", Value::Time(ctx.now));
    lead.set("updated_at", Value::Time(ctx.now));
    lead
}

/// Stores the first leads of a new workspace.
async fn put(test: &TestApp, ctx: &Ctx, leads: &[Record]) {
    let session = test.app.db.begin().await.unwrap();
    let (workspace, now) = (&ctx.workspace, ctx.now);
    workspaces::insert(&session, workspace, now).await.unwrap();
    session.commit().await.unwrap();
    put_more(test, ctx, leads).await;
}

async fn put_more(test: &TestApp, ctx: &Ctx, leads: &[Record]) {
    let session = test.app.db.begin().await.unwrap();
    let inserted = records::write::insert(&session, ctx, &lead::DEF, "create", leads).await;
    inserted.unwrap();
    session.commit().await.unwrap();
}
