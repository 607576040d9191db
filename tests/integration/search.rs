//! Search finds the same records on both databases.

use kehu_domain::ctx::Ctx;
use kehu_domain::lead;
use kehu_domain::record::Record;
use kehu_domain::scope::{Rule, Scope};
use kehu_domain::value::Value;
use kehu_persistence::lists::{self, ListQuery};
use kehu_persistence::records::{self, Trash};
use kehu_persistence::workspaces;
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
                scope: Scope { workspace_id: ctx.workspace.id, rule: Rule::Everything },
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
}

/// Their ids, in order.
async fn store(test: &TestApp, ctx: &Ctx) -> Vec<Uuid> {
    let leads: Vec<Record> = LEADS
        .iter()
        .map(|values| {
            let mut lead = Record::default();
            for field in lead::DEF.all_fields() {
                lead.push(field.name, Value::Null);
            }
            for (name, value) in ["name", "company", "phone", "email"]
                .into_iter()
                .zip(values)
            {
                if !value.is_empty() {
                    lead.set(name, Value::Text((*value).to_owned()));
                }
            }
            lead.set("id", Value::Id(Uuid::now_v7()));
            lead.set("version", Value::Int(1));
            lead.set("created_at", Value::Time(ctx.now));
            lead.set("updated_at", Value::Time(ctx.now));
            lead
        })
        .collect();
    let session = test.app.db.begin().await.unwrap();
    workspaces::insert(&session, &ctx.workspace, ctx.now)
        .await
        .unwrap();
    records::insert(&session, ctx, &lead::DEF, "create", &leads)
        .await
        .unwrap();
    session.commit().await.unwrap();
    leads.iter().map(Record::id).collect()
}
