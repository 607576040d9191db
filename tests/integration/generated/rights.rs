//! Every operation × somebody who sells, on a record that is none of theirs.

use std::collections::BTreeSet;

use kehu_domain::def::Visibility;
use kehu_domain::kinds;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::spec::{Operation, operations};
use super::world::World;
use crate::support::both_databases;

/// What only those may do whose role handles money.
const HANDLES_MONEY: &[&str] = &[
    "write_off_receivable",
    "confirm_payment",
    "reject_payment",
    "reverse_payment",
    "match_payment",
    "allocate_payment",
    "refund_payment",
    "release_allocation",
];

both_databases! {
    async fn a_record_of_somebody_else_is_out_of_reach(test) {
        let world = World::of(test.workspace().await, "zebra").await;
        let other = world.workspace.person("Otto Other", "Sales").await;
        let before = world.snapshot().await;
        let mut tried = BTreeSet::new();
        for operation in operations() {
            let Some(def) = kinds::by_plural(operation.noun()) else { continue };
            if !operation.path.contains("{id}") {
                continue;
            }
            let Some(id) = world.records.get(def.plural).copied() else { continue };
            let answer = operation.call(&other.caller, id, body_of(&operation, other.id)).await;
            let everybody_sees = matches!(
                def.visibility,
                Visibility::Workspace | Visibility::Common
            );
            let wanted: &[u16] = match (&operation.method, everybody_sees) {
                (&Method::GET, true) => &[200],
                // What does not lie in the trash cannot be found there.
                (_, true) if operation.path.ends_with("/restore") => &[404],
                (_, true) => &[403],
                (_, false) => &[404],
            };
            // Who handles no money at all is told so before anything is looked for.
            let wanted = if HANDLES_MONEY.contains(&operation.name.as_str()) { &[403] } else { wanted };
            // That a lead was claimed is no secret to the members of its pool.
            let wanted = if operation.path.ends_with("/claim") { &[404, 409] } else { wanted };
            let (name, status, body) = (&operation.name, answer.status, &answer.body);
            assert!(wanted.contains(&status), "{name} answered {status}, not {wanted:?}: {body:#}");
            tried.insert(operation.name);
        }
        assert!(tried.len() > 90, "only {} operations", tried.len());
        assert_eq!(world.snapshot().await, before);
    }

    async fn only_administrators_make_what_everybody_works_with(test) {
        let world = World::of(test.workspace().await, "zebra").await;
        for def in kinds::ALL.iter().filter(|def| def.visibility == Visibility::Workspace) {
            let list = format!("/api/v1/{}", def.plural);
            let body = World::body(def.kind, "fresh", &world);
            world.person.caller.post(&list, body.clone()).await.refused(403, "may_not_create");
            let named = format!("{list}/by-external-id/old/1");
            world.person.caller.put(&named, body.clone()).await.refused(403, "may_not_create");
            let batch = json!({"operations": [
                {"verb": "create", "kind": def.kind, "body": body.clone()},
            ]});
            world.person.caller.post("/api/v1/batch", batch).await.refused(403, "may_not_create");
            world.workspace.admin.post(&list, body).await.expect(201);
        }
    }

    async fn bulk_and_batch_reach_no_further_than_single_calls(test) {
        let world = World::of(test.workspace().await, "zebra").await;
        let other = world.workspace.person("Otto Other", "Sales").await.caller;
        let before = world.snapshot().await;
        for (def, id) in world.kinds().filter(|(def, _)| !def.is_ledger()) {
            let bulk = format!("/api/v1/{}/bulk", def.plural);
            for action in ["trash", "restore", "patch"] {
                let body = json!({"action": action, "ids": [id], "patch": {}});
                let answer = other.post(&bulk, body).await.ok();
                assert_eq!(answer["succeeded"], 0, "{} {action}: {answer:#}", def.kind);
                assert_eq!(answer["failed"][0]["id"], json!(id));
            }
            for verb in ["update", "delete", "restore"] {
                let one = json!({"verb": verb, "kind": def.kind, "id": id, "body": {}});
                let body = json!({"mode": "each", "operations": [one]});
                let answer = other.post("/api/v1/batch", body).await.ok();
                let result = &answer["results"][0];
                assert_eq!(result["record"], json!(null), "{} {verb}: {answer:#}", def.kind);
            }
        }
        assert_eq!(world.snapshot().await, before);
    }
}

/// A body that would be right on a record of one's own, by this person, where the sample of the schema is not.
pub(super) fn body_of(operation: &Operation, own: Uuid) -> Option<serde_json::Value> {
    let last = operation.path.rsplit('/').next().unwrap();
    match (operation.noun(), last) {
        ("leads", "mark-invalid" | "void" | "return") => Some(json!({"reason": "no_need"})),
        ("opportunities", "advance") => Some(json!({"stage_id": own})),
        ("opportunities", "win" | "lose") => Some(json!({"reason": "other"})),
        ("customers", "return") => Some(json!({"reason": "no_need"})),
        ("receivables", "write-off") => Some(json!({"reason": "x", "amount": 1})),
        ("contracts", "receivables") => {
            Some(json!({"receivables": [{"due_on": "2026-01-15", "amount": 1}]}))
        }
        ("payments", "allocate") => Some(json!({"oldest": true})),
        (_, "assign" | "transfer") => Some(json!({"owner_id": own})),
        _ => None,
    }
}
