//! Taking an import back.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{all, count, run, settled, upload};
use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::id_of;

both_databases! {
    async fn an_undone_import_leaves_what_somebody_has_touched(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let text = "name,phone,tags\nAnn,13800000001,hot\nBob,13800000002,\nCid,13800000003,cold\n";
        let import = upload(admin, "three.csv", text.into()).await;
        let fields = json!({"name": {"column": "name"}, "phone": {"column": "phone"},
            "tags": {"column": "tags"}});
        let done = run(admin, import, json!({"mapping": {"kind": "lead", "fields": fields}})).await;
        assert_eq!(done["counts"]["created"], 3, "{done:#}");
        let bob = workspace.find("leads", "name", "Bob").await;
        let history = admin.get(&format!("/api/v1/leads/{bob}/history")).await.ok();
        assert_eq!(history["items"][0]["cause"], format!("import:{import}"));
        let path = format!("/api/v1/leads/{bob}");
        admin.patch(&path, 1, json!({"note": "called"})).await.ok();

        let path = format!("/api/v1/imports/{import}/undo");
        admin.act(&path).await.ok();
        let undone = settled(admin, import).await;
        assert_eq!(undone["state"], "undone", "{undone:#}");
        assert_eq!(undone["counts"]["kept"], 1);
        // Two leads and two tags.
        assert_eq!(undone["counts"]["undone"], 4);
        let left = all(admin, "leads").await;
        assert_eq!(left.iter().map(|lead| &lead["name"]).collect::<Vec<_>>(), ["Bob"]);
        assert_eq!(count(admin, "tags").await, 0);
        let problems = admin
            .get(&format!("/api/v1/imports/{import}/problems?severity=kept"))
            .await
            .ok();
        assert_eq!(problems["items"][0]["params"]["title"], "Bob");
        admin.act(&path).await.refused(409, "invalid-transition");
    }

    async fn a_changed_record_gets_its_old_values_back(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let body = json!({"name": "Ann", "phone": "13800000001", "note": "old"});
        let ann = id_of(&admin.post("/api/v1/leads", body).await.ok());
        let text = "name,phone,note\nAnna,138 0000 0001,new\n";
        let import = upload(admin, "one.csv", text.into()).await;
        let fields = json!({"name": {"column": "name"}, "phone": {"column": "phone"},
            "note": {"column": "note"}});
        let mapping = json!({"kind": "lead", "on_duplicate": "update", "fields": fields});
        let done = run(admin, import, json!({"mapping": mapping})).await;
        assert_eq!(done["counts"]["updated"], 1, "{done:#}");
        let path = format!("/api/v1/leads/{ann}");
        assert_eq!(admin.get(&path).await.ok()["name"], "Anna");
        admin.act(&format!("/api/v1/imports/{import}/undo")).await.ok();
        let undone = settled(admin, import).await;
        assert_eq!(undone["counts"]["undone"], 1);
        let now = admin.get(&path).await.ok();
        assert_eq!(json!([now["name"], now["note"]]), json!(["Ann", "old"]));
    }

    async fn undone_activities_put_back_what_they_moved(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let mut leads = Vec::new();
        for name in ["Ann", "Bob", "Cid", "Dee"] {
            let body = json!({"name": name, "owner_id": workspace.admin_id(),
                "next_contact_at": "2026-01-05T02:00:00Z"});
            leads.push(id_of(&admin.post("/api/v1/leads", body).await.ok()));
        }
        let [ann, bob, cid, dee] = leads[..] else { unreachable!() };
        let old = moved(admin, ann).await;
        assert_eq!(old, json!(["pending", null, "2026-01-05T02:00:00Z"]));

        // Ann is called more often than one transaction writes rows; the others once.
        let mut text = String::from("who,what,when,next\n");
        for n in 0..600 {
            text.push_str(&format!("Ann,call {n},2026-02-01T02:00:{:02}Z,\n", n % 60));
        }
        text.push_str("Bob,visit,2026-02-02T02:00:00Z,2026-03-01T02:00:00Z\n");
        text.push_str("Cid,visit,2026-02-02T02:00:00Z,2026-03-01T02:00:00Z\n");
        text.push_str("Dee,visit,2026-02-02T02:00:00Z,2026-03-01T02:00:00Z\n");
        let import = upload(admin, "activities.csv", text.into()).await;
        let fields = json!({"lead_id": {"column": "who", "lookup": {"by": "name"}},
            "content": {"column": "what"}, "occurred_at": {"column": "when"},
            "next_contact_at": {"column": "next"}});
        let mapping = json!({"kind": "activity", "fields": fields});
        let done = run(admin, import, json!({"mapping": mapping})).await;
        assert_eq!(done["counts"]["created"], 603, "{done:#}");
        assert_eq!(moved(admin, ann).await, json!(["following_up", "2026-02-01T02:00:59Z", null]));
        let visited = json!(["following_up", "2026-02-02T02:00:00Z", "2026-03-01T02:00:00Z"]);
        assert_eq!(moved(admin, bob).await, visited);

        // Somebody talks to Bob, plans anew for Cid, and notes something of Dee.
        let body = json!({"lead_id": bob, "content": "talked", "occurred_at": "2026-01-01T02:00:00Z"});
        admin.post("/api/v1/activities", body).await.ok();
        change(admin, cid, json!({"next_contact_at": "2026-04-01T02:00:00Z"})).await;
        change(admin, dee, json!({"note": "likes tea"})).await;

        admin.act(&format!("/api/v1/imports/{import}/undo")).await.ok();
        let undone = settled(admin, import).await;
        assert_eq!(undone["counts"]["undone"], 603, "{undone:#}");
        assert_eq!(count(admin, "activities").await, 1);
        assert_eq!(moved(admin, ann).await, old);
        assert_eq!(moved(admin, bob).await, visited);
        assert_eq!(moved(admin, cid).await, json!(["pending", null, "2026-04-01T02:00:00Z"]));
        assert_eq!(moved(admin, dee).await, old);
        let history = admin.get(&format!("/api/v1/leads/{dee}/history")).await.ok();
        assert_eq!(history["items"][0]["verb"], "undo_import");
    }
}

/// What activities move on a lead.
async fn moved(caller: &Caller, lead: Uuid) -> Value {
    let lead = caller.get(&format!("/api/v1/leads/{lead}")).await.ok();
    json!([
        lead["status"],
        lead["last_activity_at"],
        lead["next_contact_at"]
    ])
}

async fn change(caller: &Caller, lead: Uuid, body: Value) {
    let path = format!("/api/v1/leads/{lead}");
    let version = caller.get(&path).await.ok()["version"].as_i64().unwrap();
    caller.patch(&path, version, body).await.ok();
}
