//! Whose records somebody reaches: memory and every form of SQL agree, and people without number below
//! somebody are no more trouble than a few.

use std::collections::BTreeSet;
use std::sync::Arc;

use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::record::Record;
use kehu_domain::rights::{Reaches, Rights, RoleRights};
use kehu_domain::role::Reach;
use kehu_domain::scope::{self, Action};
use kehu_domain::value::Value;
use kehu_domain::{activity, department, lead, role, user};
use kehu_persistence::lists::{self, ListQuery, Page, Sort};
use kehu_persistence::organisation;
use kehu_persistence::reach;
use kehu_persistence::records::{self, Trash};
use kehu_persistence::workspaces::{self, Remembered};
use serde_json::json;
use uuid::Uuid;

use crate::support::context::context;
use crate::support::workspace::{Workspace, id_of};
use crate::support::{TestApp, both_databases};

/// Trees that are tried, and how many people and departments each has.
const TREES: u64 = 8;
const PEOPLE: usize = 12;
const DEPARTMENTS: usize = 6;

/// How many people hang below one in the large test, and every which of them has a lead.
const BELOW: usize = 10_000;
const TEAM: usize = 600;
const EVERY: usize = 10;

both_databases! {
    async fn memory_and_sql_agree_on_who_is_reached(test) {
        for seed in 0..TREES {
            Tree::grow(test, seed).await.agrees(test).await;
        }
    }

    async fn ten_thousand_people_below_are_no_hindrance(test) {
        let workspace = test.workspace().await;
        let company = Company::found(test, &workspace).await;
        company.is_seen_from_the_top().await;
        company.is_seen_from_the_middle().await;
        company.is_moved(&workspace).await;
    }
}

/// People who report to each other at random, in departments that hang together at random: with
/// circles, and with some of both in the trash.
struct Tree {
    ctx: Ctx,
    people: Vec<(Uuid, Option<Uuid>)>,
    leads: Vec<(Uuid, Option<Uuid>)>,
    /// The activity about each lead.
    activities: Vec<Uuid>,
}

impl Tree {
    async fn grow(test: &TestApp, seed: u64) -> Self {
        let ctx = context(100 + u128::from(seed));
        let mut dice = Dice(seed + 1);
        let own = || text(Reach::Own.code());
        let fields = [
            ("name", text("Role")),
            ("read_reach", own()),
            ("write_reach", own()),
        ];
        let role = record(&ctx, &role::DEF, fields);
        let names = |many: usize| (0..many).map(|_| Uuid::now_v7()).collect::<Vec<_>>();
        let (departments, people) = (names(DEPARTMENTS), names(PEOPLE));
        let mut one_of = |ids: &[Uuid]| {
            let at = dice.roll(ids.len() + 2);
            ids.get(at).copied()
        };
        let departments: Vec<Record> = departments
            .iter()
            .map(|id| {
                let fields = [
                    ("id", Value::Id(*id)),
                    ("parent_id", reference(one_of(&departments))),
                ];
                record(&ctx, &department::DEF, fields)
            })
            .collect();
        let ids: Vec<Uuid> = departments.iter().map(Record::id).collect();
        let people: Vec<Record> = people
            .iter()
            .map(|id| {
                let fields = [
                    ("id", Value::Id(*id)),
                    ("name", text("Somebody")),
                    ("manager_id", reference(one_of(&people))),
                    ("department_id", reference(one_of(&ids))),
                    ("role_id", Value::Id(role.id())),
                    ("role_ids", Value::List(vec![role.id().to_string()])),
                ];
                record(&ctx, &user::DEF, fields)
            })
            .collect();
        let owners = people.iter().map(|person| Some(person.id())).chain([None]);
        let leads: Vec<Record> = owners
            .map(|owner| record(&ctx, &lead::DEF, [("owner_id", reference(owner))]))
            .collect();
        let activities: Vec<Record> = leads.iter().map(|lead| about(&ctx, lead)).collect();
        let mut tree = Self {
            people: people
                .iter()
                .map(|one| (one.id(), one.get("department_id").as_id()))
                .collect(),
            leads: leads
                .iter()
                .map(|one| (one.id(), one.get("owner_id").as_id()))
                .collect(),
            activities: activities.iter().map(Record::id).collect(),
            ctx,
        };
        let mut thrown = |records: Vec<Record>| -> Vec<Record> {
            let throw = |mut one: Record| {
                if dice.roll(6) == 0 {
                    one.set("deleted_at", Value::Time(tree.ctx.now));
                }
                one
            };
            records.into_iter().map(throw).collect()
        };
        let (departments, people) = (thrown(departments), thrown(people));
        tree.ctx.actor.pools.clear();
        let session = test.app.db.begin().await.unwrap();
        workspaces::insert(&session, &tree.ctx.workspace, tree.ctx.now)
            .await
            .unwrap();
        session.commit().await.unwrap();
        put(test, &tree.ctx, &role::DEF, &[role]).await;
        put(test, &tree.ctx, &department::DEF, &departments).await;
        put(test, &tree.ctx, &user::DEF, &people).await;
        put(test, &tree.ctx, &lead::DEF, &leads).await;
        put(test, &tree.ctx, &activity::DEF, &activities).await;
        tree
    }

    /// Asks for what everybody reaches, in every way, by memory and by SQL.
    async fn agrees(&self, test: &TestApp) {
        let session = test.app.db.read();
        let known = organisation::people(&session, self.ctx.workspace.id)
            .await
            .unwrap();
        for (person, department) in &self.people {
            let each = || Reach::ALL.iter().map(|reach| Reaches::of(*reach));
            let both = each().flat_map(|one| each().map(move |other| one.or(other)));
            let both: BTreeSet<Reaches> = both.collect();
            for reaches in both {
                let owners = reaches.owners(*person, *department);
                let told = format!("{reaches:?} of {person}");
                let mut ctx = self.ctx.clone();
                ctx.actor.user_id = *person;
                let role = RoleRights::new(reaches, reaches, BTreeSet::new());
                ctx.actor.rights = Arc::new(Rights::of(vec![Arc::new(role)]));
                ctx.actor.department_id = *department;
                let mut wanted = [BTreeSet::new(), BTreeSet::new()];
                for ((lead, owner), activity) in self.leads.iter().zip(&self.activities) {
                    let reached = known.organisation.reaches(owners, *owner);
                    let workspace = ctx.workspace.id;
                    let asked = reach::reaches(&session, workspace, owners, *owner).await;
                    assert_eq!(asked.unwrap(), reached, "{told}: {owner:?}");
                    if reached {
                        wanted[0].insert(*lead);
                        wanted[1].insert(*activity);
                    }
                }
                let leads: Vec<Uuid> = self.leads.iter().map(|(id, _)| *id).collect();
                for (def, ids, wanted) in [
                    (&lead::DEF, &leads, &wanted[0]),
                    (&activity::DEF, &self.activities, &wanted[1]),
                ] {
                    for (way, found) in seen(test, &ctx, def, ids).await {
                        assert_eq!(found, *wanted, "{told}: {} {way}", def.plural);
                    }
                }
            }
        }
    }
}

/// What the caller sees of a kind by every way in which SQL is asked for it.
async fn seen(
    test: &TestApp,
    ctx: &Ctx,
    def: &'static Def,
    ids: &[Uuid],
) -> [(&'static str, BTreeSet<Uuid>); 3] {
    let session = test.app.db.read();
    let scope = scope::of(ctx, def, Action::View);
    let id = def.field("id").unwrap();
    let each = records::get_many(&session, def, &scope, Trash::Outside, ids, &[id])
        .await
        .unwrap();
    let query = ListQuery {
        def,
        scope,
        filter: None,
        words: None,
        trash: Trash::Outside,
    };
    let all = lists::ids(&session, &query, 1_000).await.unwrap();
    let page = Page {
        sort: vec![Sort {
            field: id,
            descending: true,
        }],
        after: None,
        limit: 200,
        fields: vec![id],
    };
    let (rows, _) = lists::page(&session, &query, &page).await.unwrap();
    [
        ("one by one", each.iter().map(Record::id).collect()),
        ("together", all.into_iter().collect()),
        ("on a page", rows.iter().map(Record::id).collect()),
    ]
}

/// A company of ten thousand below one, some hundreds of whom are below one in the middle.
struct Company {
    top: crate::support::workspace::Person,
    middle: crate::support::workspace::Person,
    outsider: Uuid,
    /// A lead of somebody at the very bottom, and one of who is not below the top.
    deep: Uuid,
    foreign: Uuid,
}

impl Company {
    async fn found(test: &TestApp, workspace: &Workspace) -> Self {
        let leads_all = json!({
            "name": "Leads people", "read_reach": "subordinates", "write_reach": "subordinates",
        });
        let role = id_of(
            &workspace
                .admin
                .post("/api/v1/roles", leads_all)
                .await
                .expect(201),
        );
        let top = workspace.person("Tara Top", "Leads people").await;
        let path = format!("/api/v1/users/{}", top.id);
        let department = workspace.admin.get(&path).await.ok()["department_id"].clone();
        let department: Uuid = department.as_str().unwrap().parse().unwrap();
        let middle = workspace
            .person_in("Mia Middle", "Leads people", department, Some(top.id))
            .await;
        let mut ctx = context(1);
        ctx.workspace.id = workspace_of(test).await;
        let mut people: Vec<Uuid> = Vec::with_capacity(BELOW);
        let made: Vec<Record> = (0..BELOW)
            .map(|n| {
                // Eight to one, the first of them below the middle.
                let above = match n {
                    0 => middle.id,
                    n if n < TEAM => people[(n - 1) / 8],
                    n if n < TEAM + 8 => top.id,
                    n => people[TEAM + (n - TEAM - 8) / 8],
                };
                let person = record(
                    &ctx,
                    &user::DEF,
                    [
                        ("name", text(&format!("Person {n}"))),
                        ("manager_id", Value::Id(above)),
                        ("role_id", Value::Id(role)),
                        ("role_ids", Value::List(vec![role.to_string()])),
                        ("active", Value::Bool(true)),
                    ],
                );
                people.push(person.id());
                person
            })
            .collect();
        put(test, &ctx, &user::DEF, &made).await;
        let outsider = workspace.admin_id();
        let owned = |owner: Uuid| {
            let fields = [
                ("name", text("Lead")),
                ("status", text("pending")),
                ("owner_id", Value::Id(owner)),
            ];
            record(&ctx, &lead::DEF, fields)
        };
        let mut leads: Vec<Record> = people
            .iter()
            .step_by(EVERY)
            .map(|one| owned(*one))
            .collect();
        leads.push(owned(outsider));
        leads.push(owned(people[BELOW - 1]));
        let activities: Vec<Record> = leads.iter().map(|lead| about(&ctx, lead)).collect();
        put(test, &ctx, &lead::DEF, &leads).await;
        put(test, &ctx, &activity::DEF, &activities).await;
        let session = test.app.db.begin().await.unwrap();
        workspaces::changed(&session, ctx.workspace.id, Remembered::People)
            .await
            .unwrap();
        session.commit().await.unwrap();
        Self {
            top,
            middle,
            outsider,
            deep: leads[leads.len() - 1].id(),
            foreign: leads[leads.len() - 2].id(),
        }
    }

    async fn is_seen_from_the_top(&self) {
        let top = &self.top.caller;
        let mine = BELOW / EVERY + 1;
        for plural in ["leads", "activities"] {
            let list = top
                .get(&format!("/api/v1/{plural}?limit=200&count=exact"))
                .await
                .ok();
            assert_eq!(list["count"], mine, "{plural}");
            assert_eq!(list["items"].as_array().unwrap().len(), 200);
            let next = list["next_cursor"].as_str().unwrap();
            let next = top
                .get(&format!("/api/v1/{plural}?limit=200&cursor={next}"))
                .await
                .ok();
            assert_eq!(next["items"].as_array().unwrap().len(), 200);
        }
        for plural in [
            "customers",
            "contacts",
            "tasks",
            "opportunities",
            "contracts",
            "receivables",
            "payments",
        ] {
            let list = top.get(&format!("/api/v1/{plural}")).await.ok();
            assert_eq!(list["items"], json!([]), "{plural}");
        }
        let filter = format!(
            "/api/v1/leads?filter=owner_id%20%3D%3D%20%22{}%22",
            self.outsider
        );
        assert_eq!(top.get(&filter).await.ok()["items"], json!([]));
        top.get(&format!("/api/v1/leads/{}", self.deep)).await.ok();
        top.get(&format!("/api/v1/leads/{}", self.foreign))
            .await
            .expect(404);
        let path = format!("/api/v1/leads/{}", self.deep);
        top.patch(&path, 1, json!({"company": "Acme"})).await.ok();
        let figures = top.get("/api/v1/leads/summary?group_by=status").await.ok();
        assert_eq!(figures["groups"][0]["count"], mine);
    }

    async fn is_seen_from_the_middle(&self) {
        let middle = &self.middle.caller;
        for plural in ["leads", "activities"] {
            let list = middle
                .get(&format!("/api/v1/{plural}?limit=200&count=exact"))
                .await
                .ok();
            assert_eq!(list["count"], TEAM / EVERY, "{plural}");
            assert_eq!(list["items"].as_array().unwrap().len(), TEAM / EVERY);
        }
        middle
            .get(&format!("/api/v1/leads/{}", self.deep))
            .await
            .expect(404);
    }

    /// Who hung below the middle is no longer below the top, from the next request on.
    async fn is_moved(&self, workspace: &Workspace) {
        let path = format!("/api/v1/users/{}", self.middle.id);
        let version = workspace.admin.get(&path).await.ok()["version"]
            .as_i64()
            .unwrap();
        workspace
            .admin
            .patch(&path, version, json!({"manager_id": null}))
            .await
            .ok();
        let list = self
            .top
            .caller
            .get("/api/v1/leads?limit=1&count=exact")
            .await
            .ok();
        assert_eq!(list["count"], (BELOW - TEAM) / EVERY + 1);
        let list = self
            .middle
            .caller
            .get("/api/v1/leads?limit=1&count=exact")
            .await
            .ok();
        assert_eq!(list["count"], TEAM / EVERY);
    }
}

async fn workspace_of(test: &TestApp) -> Uuid {
    let session = test.app.db.read();
    workspaces::first(&session, 1).await.unwrap()[0].id
}

async fn put(test: &TestApp, ctx: &Ctx, def: &'static Def, all: &[Record]) {
    let session = test.app.db.begin().await.unwrap();
    records::write::insert(&session, ctx, def, "create", all)
        .await
        .unwrap();
    session.commit().await.unwrap();
}

/// A record with these values and nothing else.
fn record<const N: usize>(
    ctx: &Ctx,
    def: &'static Def,
    values: [(&'static str, Value); N],
) -> Record {
    let mut record = Record::default();
    for field in def.all_fields() {
        let empty = match field.ty {
            kehu_domain::def::Type::Bool => Value::Bool(false),
            _ => Value::Null,
        };
        record.push(field.name, empty);
    }
    record.set("id", Value::Id(Uuid::now_v7()));
    record.set("version", Value::Int(1));
    record.set("created_at", Value::Time(ctx.now));
    record.set("updated_at", Value::Time(ctx.now));
    for (name, value) in values {
        record.set(name, value);
    }
    record
}

fn about(ctx: &Ctx, lead: &Record) -> Record {
    let fields = [
        ("activity_type", text("note")),
        ("content", text("Talked.")),
        ("occurred_at", Value::Time(ctx.now)),
        ("lead_id", Value::Id(lead.id())),
    ];
    record(ctx, &activity::DEF, fields)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn reference(id: Option<Uuid>) -> Value {
    id.map_or(Value::Null, Value::Id)
}

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let number = usize::try_from(self.0 >> 33).unwrap();
        number % sides
    }
}
