//! Every right of every kind: whose role does not give it is refused, whose role gives it alone gets
//! through; at once, and again when the role changes.

use kehu_domain::def::Def;
use kehu_domain::kinds;
use kehu_domain::rights::{self, Action};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::rights::body_of;
use super::spec::{Operation, operations};
use super::world::World;
use crate::support::both_databases;
use crate::support::workspace::{Person, id_of};

/// A role whose one exception is tried with another kind and action each time.
struct Tried {
    world: World,
    role: Uuid,
    person: Person,
}

impl Tried {
    async fn new(world: World, reach: &str) -> Self {
        let admin = &world.workspace.admin;
        let role = json!({"name": "Tried", "read_reach": "all", "write_reach": reach, "handles_money": true});
        let role = id_of(&admin.post("/api/v1/roles", role).await.expect(201));
        let person = world.workspace.person("Grace Granted", "Tried").await;
        Self {
            world,
            role,
            person,
        }
    }

    async fn grant(&self, def: &Def, action: Action, reach: &str) {
        self.set(json!({ def.kind: { action.code(): reach } }))
            .await;
    }

    async fn set(&self, grants: Value) {
        let path = format!("/api/v1/roles/{}", self.role);
        let admin = &self.world.workspace.admin;
        let version = admin.get(&path).await.ok()["version"].as_i64().unwrap();
        let patch = json!({ "grants": grants });
        admin.patch(&path, version, patch).await.ok();
    }
}

/// The operations on a record that one right opens.
fn opened() -> Vec<(&'static Def, Action, Operation)> {
    let of = |operation: Operation| {
        let def = kinds::by_plural(operation.noun())?;
        let last = operation.path.rsplit('/').next()?;
        let one = format!("/api/v1/{}/{{id}}", def.plural);
        let action = match (&operation.method, operation.path == one) {
            (&Method::GET, true) => Action::View,
            (&Method::PATCH, true) => Action::Edit,
            (&Method::DELETE, true) => Action::Trash,
            (&Method::POST, false) if operation.path == format!("{one}/{last}") => {
                Action::from_code(last).filter(|action| *action != Action::Restore)?
            }
            _ => return None,
        };
        rights::applies(def, action).then_some((def, action, operation))
    };
    let mut opened: Vec<_> = operations().into_iter().filter_map(of).collect();
    // What lies in the trash is not there for the others.
    opened.sort_by_key(|(_, action, _)| *action == Action::Trash);
    opened
}

/// What is told of everything but the role that is tried.
async fn told(world: &World) -> String {
    let mut snapshot = world.snapshot().await;
    let told = snapshot.as_object_mut().unwrap();
    told.retain(|path, _| !path.starts_with("/api/v1/roles"));
    snapshot.to_string()
}

/// What a verb is sent, where what the walk of strangers sends means something else.
fn sent_to(operation: &Operation, person: Uuid, world: &World) -> Option<Value> {
    if operation.path.ends_with("/advance") {
        return Some(json!({"stage_id": world.records["stages"]}));
    }
    body_of(operation, person)
}

both_databases! {
    async fn what_a_role_does_not_give_is_refused(test) {
        let world = World::of(test.workspace().await, "zebra").await;
        let tried = Tried::new(world, "all").await;
        let before = told(&tried.world).await;
        let mut seen = Vec::new();
        for (def, action, operation) in opened() {
            let Some(id) = tried.world.records.get(def.plural).copied() else { continue };
            tried.grant(def, action, "none").await;
            let sent = sent_to(&operation, tried.person.id, &tried.world);
            let answer = operation.call(&tried.person.caller, id, sent).await;
            let wanted: &[u16] = match action {
                Action::View => &[404],
                // Who has no right to claim does not learn what can be claimed.
                Action::Claim => &[403, 404, 409],
                _ => &[403],
            };
            assert!(wanted.contains(&answer.status), "{} {action:?}: {answer:?}", operation.name);
            seen.push(operation.name);
        }
        assert!(seen.len() > 40, "only {seen:?}");
        assert!(told(&tried.world).await == before, "something changed");
    }

    async fn what_a_role_gives_alone_gets_through(test) {
        let world = World::of(test.workspace().await, "zebra").await;
        let tried = Tried::new(world, "none").await;
        for (def, action, operation) in opened() {
            let Some(id) = tried.world.records.get(def.plural).copied() else { continue };
            let sent = sent_to(&operation, tried.person.id, &tried.world);
            // What belongs to others changes with them.
            if !matches!(def.visibility, kehu_domain::def::Visibility::Owned) {
                continue;
            }
            if action != Action::View {
                let refused = operation.call(&tried.person.caller, id, sent.clone()).await;
                let closed = action == Action::Claim || refused.status == 403;
                assert!(closed, "{} was open before: {refused:?}", operation.name);
            }
            tried.grant(def, action, "all").await;
            let answer = operation.call(&tried.person.caller, id, sent).await;
            // Whether it is possible now is another question; some verbs make records of other kinds.
            let code = answer.body["code"].as_str().unwrap_or_default().to_owned();
            assert_ne!(code, "may_not_change", "{} {action:?}: {answer:?}", operation.name);
            assert_ne!(answer.status, 404, "{} {action:?}: {answer:?}", operation.name);
            tried.set(Value::Null).await;
        }
    }

    async fn what_nobody_may_make_is_not_made(test) {
        let world = World::of(test.workspace().await, "zebra").await;
        let tried = Tried::new(world, "all").await;
        for def in kinds::ALL.iter().filter(|def| rights::applies(def, Action::Create)) {
            tried.grant(def, Action::Create, "none").await;
            let body = World::body(def.kind, "fresh", &tried.world);
            let list = format!("/api/v1/{}", def.plural);
            let caller = &tried.person.caller;
            caller.post(&list, body.clone()).await.refused(403, "may_not_create");
            let batch = json!({"operations": [{"verb": "create", "kind": def.kind, "body": body}]});
            caller.post("/api/v1/batch", batch).await.refused(403, "may_not_create");
            tried.grant(def, Action::Create, "all").await;
            caller.post(&list, body).await.expect(201);
        }
    }

    async fn what_others_belong_to_takes_in_only_what_it_may(test) {
        let world = World::of(test.workspace().await, "zebra").await;
        let tried = Tried::new(world, "all").await;
        for def in kinds::ALL.iter().filter(|def| rights::applies(def, Action::Attach)) {
            for other in kinds::ALL.iter().filter(|other| !other.is_ledger()) {
                let kehu_domain::def::Visibility::Through(ways) = other.visibility else { continue };
                let Some((field, _)) = ways.iter().find(|(_, kind)| *kind == def.kind) else { continue };
                let mut body = World::body(other.kind, "fresh", &tried.world);
                for (way, _) in ways.iter().filter(|(way, _)| way != field) {
                    body.as_object_mut().unwrap().remove(*way);
                }
                body[*field] = json!(tried.world.records[def.plural]);
                let list = format!("/api/v1/{}", other.plural);
                tried.grant(def, Action::Attach, "none").await;
                let refused = tried.person.caller.post(&list, body.clone()).await.refused(422, "invalid");
                let pointers = refused["errors"].to_string();
                assert!(pointers.contains(&format!("/{field}")), "{} {field}: {pointers}", other.kind);
                tried.grant(def, Action::Attach, "all").await;
                let taken = tried.person.caller.post(&list, body).await;
                let told = taken.body["errors"].to_string();
                assert!(!told.contains(&format!("/{field}\"")), "{} {field}: {told}", other.kind);
            }
        }
    }

    async fn many_at_once_need_a_right_of_their_own(test) {
        let world = World::of(test.workspace().await, "zebra").await;
        let tried = Tried::new(world, "all").await;
        for def in kinds::ALL.iter().filter(|def| rights::applies(def, Action::Bulk)) {
            let Some(id) = tried.world.records.get(def.plural).copied() else { continue };
            tried.grant(def, Action::Bulk, "none").await;
            let bulk = format!("/api/v1/{}/bulk", def.plural);
            let body = json!({"action": "patch", "ids": [id], "patch": {}});
            let answer = tried.person.caller.post(&bulk, body).await.ok();
            assert_eq!(answer["failed"][0]["code"], "may_not_bulk", "{}: {answer:#}", def.kind);
        }
    }
}
