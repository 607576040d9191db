//! Every operation × another workspace: nothing is found, nothing changes, and nothing leaks. The
//! two workspaces lie in one database and have records that are alike.

use kehu_domain::def::{Field, Type};
use kehu_domain::kinds;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::rights::body_of;
use super::spec::{Operation, operations, with_query};
use super::world::World;
use crate::support::client::{Answer, Caller};
use crate::support::{TestApp, both_databases};

/// What an answer to the other workspace must not have in it.
struct Secrets(Vec<String>);

impl Secrets {
    fn of(world: &World) -> Self {
        let ids = world.records.values().chain([&world.person.id]);
        let admin = world.workspace.admin_id().to_string();
        Self(
            ids.map(Uuid::to_string)
                .chain([admin, "zebra".to_owned()])
                .collect(),
        )
    }

    #[track_caller]
    fn kept(&self, what: &str, answer: &Answer) {
        let told = answer.body.to_string().to_lowercase();
        for secret in &self.0 {
            assert!(
                !told.contains(secret),
                "{what} told {secret}: {:#}",
                answer.body
            );
        }
        for (name, value) in &answer.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).to_lowercase();
            for secret in &self.0 {
                assert!(!value.contains(secret), "{what} told {secret} in {name}");
            }
        }
    }
}

/// Operations that end what this test is signed in with.
fn ends_the_session(operation: &Operation) -> bool {
    let own = ["/api/v1/session", "/api/v1/sessions", "/api/v1/tokens"];
    operation.method == Method::DELETE && own.contains(&operation.path.as_str())
}

/// Theirs, with `zebra` in every text, and ours.
async fn two(test: &TestApp) -> (World, World) {
    let theirs = World::of(test.workspace_named("zebra").await, "zebra").await;
    let ours = World::of(test.workspace_named("okapi").await, "okapi").await;
    test.app.seal_changes().await.unwrap();
    (theirs, ours)
}

both_databases! {
    async fn no_operation_finds_or_tells_anything_of_another_workspace(test) {
        let (theirs, ours) = two(test).await;
        let secrets = Secrets::of(&theirs);
        let before = theirs.snapshot().await;
        for caller in [&ours.workspace.admin, &ours.person.caller] {
            for operation in operations().iter().filter(|o| !o.public && !ends_the_session(o)) {
                // Never answers to its end.
                if operation.path.ends_with("/stream") { continue; }
                let id = theirs.records.get(operation.noun()).copied();
                let id = id.unwrap_or(theirs.records["leads"]);
                let answer = operation.call(caller, id, body_of(operation, ours.person.id)).await;
                let (name, status) = (&operation.name, answer.status);
                secrets.kept(name, &answer);
                if operation.path.contains("{id}") {
                    // Who may not change the kind at all is told so before anything is looked for.
                    let refused = [403, 404].contains(&status);
                    assert!(refused, "{name} answered {status} {:#}", answer.body);
                }
                assert!(status < 500, "{name} answered {status}");
            }
        }
        assert_eq!(theirs.snapshot().await, before);
    }

    async fn an_external_id_means_another_record_in_another_workspace(test) {
        let (theirs, ours) = two(test).await;
        let before = theirs.snapshot().await;
        let admin = &ours.workspace.admin;
        let tag = admin.put("/api/v1/tags/by-external-id/zebra/1", json!({"name": "ours"})).await;
        assert_ne!(tag.expect(201)["id"], json!(theirs.records["tags"]));
        assert_eq!(theirs.snapshot().await, before);
    }

    async fn a_duplicate_in_another_workspace_is_none(test) {
        let (theirs, ours) = two(test).await;
        let lead = json!({"name": "new", "email": "only.theirs@example.org"});
        let post = async |world: &World| {
            world.workspace.admin.post("/api/v1/leads", lead.clone()).await
        };
        post(&theirs).await.expect(201);
        post(&ours).await.expect(201);
        post(&ours).await.refused(409, "duplicate");
    }

    async fn a_reference_to_another_workspace_is_refused(test) {
        let (theirs, ours) = two(test).await;
        let secrets = Secrets::of(&theirs);
        let mut tried = 0;
        for (def, id) in ours.kinds() {
            let own = format!("/api/v1/{}/{id}", def.plural);
            let caller = owner(&ours, def.kind);
            let version = caller.get(&own).await.ok()["version"].as_i64().unwrap();
            for (field, value) in references(def.fields, &theirs) {
                let what = format!("{}.{}", def.kind, field.name);
                if field.on_patch() {
                    let answer = caller.patch(&own, version, json!({field.name: value})).await;
                    assert_eq!(answer.status, 422, "{what}: {:#}", answer.body);
                    secrets.kept(&what, &answer);
                    tried += 1;
                }
                if field.on_new() {
                    let mut whole = World::body(def.kind, "fresh", &ours);
                    whole[field.name] = value;
                    let answer = caller.post(&format!("/api/v1/{}", def.plural), whole).await;
                    assert_eq!(answer.status, 422, "new {what}: {:#}", answer.body);
                    secrets.kept(&what, &answer);
                    tried += 1;
                }
            }
        }
        for (verb, body) in [
            ("transfer", json!({"owner_id": theirs.person.id})),
            ("convert", json!({"customer": {"id": theirs.records["customers"]}})),
            ("convert", json!({"customer": null, "contact": {"id": theirs.records["contacts"]}})),
        ] {
            let path = format!("/api/v1/leads/{}/{verb}", ours.records["leads"]);
            let answer = ours.workspace.admin.post(&path, body).await;
            assert!([404, 422].contains(&answer.status), "{verb}: {:#}", answer.body);
            secrets.kept(verb, &answer);
        }
        assert!(tried > 30, "only {tried} references");
    }

    async fn lists_searches_and_the_feed_stay_inside(test) {
        let (theirs, ours) = two(test).await;
        let secrets = Secrets::of(&theirs);
        for caller in [&ours.workspace.admin, &ours.person.caller] {
            for (def, id) in theirs.kinds() {
                let list = format!("/api/v1/{}", def.plural);
                let expand: Vec<_> = def.fields.iter().filter_map(|field| match field.ty {
                    Type::Ref(_) => field.name.strip_suffix("_id"),
                    _ => None,
                }).collect();
                let wide = format!("{list}?limit=200&count=exact&expand={}", expand.join(","));
                let answer = caller.get(&wide).await;
                assert_eq!(answer.status, 200, "{wide}: {:#}", answer.body);
                secrets.kept(&wide, &answer);
                let words = caller.get(&format!("{list}?q=zebra&count=exact")).await.ok();
                assert_eq!(words["count"], 0, "{words:#}");
                empty(caller, &list, &format!("id == '{id}'")).await;
                for (field, value) in references(def.fields, &theirs) {
                    if let Some(text) = value.as_str() {
                        empty(caller, &list, &format!("{} == '{text}'", field.name)).await;
                    }
                }
                let actions: &[&str] =
                    if def.is_ledger() { &[] } else { &["trash", "restore", "patch"] };
                for action in actions {
                    let body = json!({"action": action, "ids": [id], "patch": {}});
                    let answer = caller.post(&format!("{list}/bulk"), body).await.ok();
                    assert_eq!(answer["succeeded"], 0, "{} {action}: {answer:#}", def.kind);
                    let failed = answer["failed"].as_array().unwrap();
                    assert_eq!(failed.len(), 1);
                    assert_eq!(failed[0]["code"], "not_found", "{} {action}", def.kind);
                }
            }
            let hits = caller.get("/api/v1/search?q=zebra").await.ok();
            assert_eq!(hits, json!({"items": []}));
            let mut since = 0;
            loop {
                let answer = caller.get(&format!("/api/v1/changes?since={since}&limit=50")).await;
                secrets.kept("changes", &answer);
                let page = answer.ok();
                since = page["next"].as_i64().unwrap();
                if page["more"] == false { break; }
            }
            assert!(since > 13, "the feed has {since} changes");
        }
    }

    async fn the_stream_stays_inside(test) {
        let (theirs, ours) = two(test).await;
        let secrets = Secrets::of(&theirs);
        let admin = &ours.workspace.admin;
        let request = admin.request(Method::GET, "/api/v1/changes/stream?since=0");
        let mut stream = request.send().await.unwrap();
        let lead = theirs.workspace.admin.post("/api/v1/leads", json!({"name": "zebra two"})).await;
        let secret = lead.expect(201)["id"].as_str().unwrap().to_owned();
        let body = json!({"name": "the last of ours"});
        let last = admin.post("/api/v1/leads", body).await.expect(201);
        let last = last["id"].as_str().unwrap();
        let mut told = String::new();
        while !told.contains(last) {
            let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
            told.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        for secret in secrets.0.iter().chain([&secret]) {
            assert!(!told.to_lowercase().contains(secret), "the stream told {secret}");
        }
    }

    async fn batches_stay_inside(test) {
        let (theirs, ours) = two(test).await;
        let before = theirs.snapshot().await;
        let secrets = Secrets::of(&theirs);
        for (def, id) in theirs.kinds() {
            let operations: Vec<Value> = ["update", "delete", "restore"]
                .iter()
                .map(|verb| json!({"verb": verb, "kind": def.kind, "id": id, "body": {}}))
                .collect();
            let body = json!({"mode": "each", "operations": operations});
            let answer = ours.workspace.admin.post("/api/v1/batch", body).await;
            secrets.kept(def.kind, &answer);
            for result in answer.ok()["results"].as_array().unwrap() {
                assert_eq!(result["problem"]["code"], "not_found", "{result:#}");
            }
        }
        assert_eq!(theirs.snapshot().await, before);
    }
}

/// Who may change the world's own record of a kind.
fn owner<'a>(world: &'a World, kind: &str) -> &'a Caller {
    if kind == "saved_view" {
        &world.person.caller
    } else {
        &world.workspace.admin
    }
}

async fn empty(caller: &Caller, list: &str, filter: &str) {
    let answer = caller
        .get(&with_query(list, &[("filter", filter)]))
        .await
        .ok();
    assert_eq!(
        answer,
        json!({"items": [], "next_cursor": null}),
        "{list} {filter}"
    );
}

/// The fields that name other records, each with what it would name in that world.
fn references(fields: &'static [Field], world: &World) -> Vec<(&'static Field, Value)> {
    let record = |kind: &str| {
        let plural = kinds::find(kind).unwrap().plural;
        world.records[plural].to_string()
    };
    let named = |field: &'static Field| match field.ty {
        Type::Ref(kind) => Some((field, json!(record(kind)))),
        Type::Refs(kind) => Some((field, json!([record(kind)]))),
        Type::Dictionary("source") => Some((field, json!("zebra_source"))),
        _ => None,
    };
    fields.iter().filter_map(named).collect()
}
