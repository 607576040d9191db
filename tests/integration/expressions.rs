//! Filters mean the same in SQL, on both databases, as in memory.

use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::expr::{self, Expr, ExprCtx};
use kehu_domain::lead;
use kehu_domain::record::Record;
use kehu_domain::scope::{Reason, Scope};
use kehu_domain::value::Value;
use kehu_persistence::db::Session;
use kehu_persistence::lists::{self, ListQuery};
use kehu_persistence::records::{self, Trash};
use kehu_persistence::workspaces;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use uuid::Uuid;

use crate::support::context::context;
use crate::support::{TestApp, both_databases};

mod generate;
mod machine;

const RECORDS: usize = 120;
const TESTS: usize = 350;
const EXPRESSIONS: usize = 150;

both_databases! {
    async fn sql_and_memory_agree_on_leads(test) {
        agree(test, &lead::DEF, "Asia/Shanghai").await;
    }

    async fn sql_and_memory_agree_on_a_kind_with_two_fields_of_every_type(test) {
        machine::create_table(test).await;
        agree(test, &machine::DEF, "America/New_York").await;
    }
}

/// Stores records of every sort, asks expressions of every sort, and compares the answers.
async fn agree(test: &TestApp, def: &'static Def, time_zone: &str) {
    let seed = seed();
    println!("seed {seed}; KEHU_TEST_SEED=<number> tries others");
    let mut runner = TestRunner::new(Config {
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    });
    let ctx = ctx(1, time_zone);
    let stored = store(test, &mut runner, &ctx, def).await;
    // The same in another workspace must not show.
    store(test, &mut runner, &self::ctx(2, time_zone), def).await;

    let tests = generate::atom(def, ExprCtx::of(&ctx));
    let expressions = generate::expression(def, ExprCtx::of(&ctx));
    let session = test.app.db.read();
    let (mut some, mut none) = (0, 0);
    for n in 0..TESTS + EXPRESSIONS {
        let strategy = if n < TESTS { &tests } else { &expressions };
        let wanted = strategy.new_tree(&mut runner).unwrap().current();
        let text = wanted.to_text();
        let read = expr::parse(&text, def, &ExprCtx::of(&ctx))
            .unwrap_or_else(|error| panic!("{text}\n{error:?}"));
        assert_eq!(read, wanted, "{text}");

        let in_sql = ask(&session, &ctx, def, &read).await;
        let differing = stored
            .iter()
            .find(|record| in_sql.contains(&record.id()) != read.matches(record));
        if let Some(record) = differing {
            panic!(
                "{text}\nmemory says {}, SQL the opposite, of\n{record:#?}",
                read.matches(record)
            );
        }
        let found = in_sql.len();
        assert_eq!(
            found,
            stored.iter().filter(|r| read.matches(r)).count(),
            "{text}"
        );
        some += usize::from(found > 0 && found < RECORDS);
        none += usize::from(found == 0);
    }
    // The generator would be worth nothing if its filters let all through, or nothing.
    let asked = TESTS + EXPRESSIONS;
    assert!(some > asked / 4, "{some} of {asked} tell records apart");
    assert!(none < asked / 2, "{none} of {asked} find nothing");
}

fn seed() -> u64 {
    match std::env::var("KEHU_TEST_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => 1,
    }
}

fn ctx(workspace: u128, time_zone: &str) -> Ctx {
    let mut ctx = context(workspace);
    time_zone.clone_into(&mut ctx.workspace.time_zone);
    ctx.actor.user_id = generate::people()[0];
    ctx.now = generate::NOW.parse().unwrap();
    ctx
}

async fn store(
    test: &TestApp,
    runner: &mut TestRunner,
    ctx: &Ctx,
    def: &'static Def,
) -> Vec<Record> {
    let session = test.app.db.begin().await.unwrap();
    workspaces::insert(&session, &ctx.workspace, ctx.now)
        .await
        .unwrap();
    let strategy = generate::record(def);
    let made: Vec<Record> = (0..RECORDS)
        .map(|_| {
            let mut record = strategy.new_tree(runner).unwrap().current();
            record.set("id", Value::Id(Uuid::now_v7()));
            record.set("deleted_at", Value::Null);
            record
        })
        .collect();
    records::write::insert(&session, ctx, def, "create", &made)
        .await
        .unwrap();
    session.commit().await.unwrap();
    made
}

async fn ask(session: &Session, ctx: &Ctx, def: &'static Def, filter: &Expr) -> Vec<Uuid> {
    let query = ListQuery {
        def,
        scope: Scope::system(ctx.workspace.id, Reason::Settings),
        filter: Some(filter.clone()),
        words: None,
        trash: Trash::Outside,
    };
    lists::ids(session, &query, 10_000)
        .await
        .unwrap_or_else(|error| {
            panic!("{}\n{error:?}", filter.to_text());
        })
}
