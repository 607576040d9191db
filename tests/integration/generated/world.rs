//! One record of every kind in a workspace, each with a word in it that stands nowhere else.

use std::collections::BTreeMap;

use kehu_domain::def::Def;
use kehu_domain::kinds;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::client::Caller;
use crate::support::workspace::{Person, Workspace, id_of};

/// What a workspace has.
pub(super) struct World {
    pub(super) workspace: Workspace,
    /// Somebody who sells.
    pub(super) person: Person,
    role: Uuid,
    /// The record of every kind, by its noun in addresses.
    pub(super) records: BTreeMap<&'static str, Uuid>,
}

impl World {
    /// Fills a workspace. Every text of it has `word`.
    pub(super) async fn of(workspace: Workspace, word: &str) -> Self {
        let person = workspace.person(&format!("{word} Sales"), "Sales").await;
        let role = workspace.find("roles", "name", "Sales").await;
        let mut records: BTreeMap<&'static str, Uuid> = BTreeMap::new();
        for def in kinds::ALL.iter().filter(|def| !def.is_ledger()) {
            let body = fields(def.kind, word, &records, person.id, role);
            let path = format!("/api/v1/{}/by-external-id/{word}/1", def.plural);
            let caller = maker(def.kind, &workspace.admin, &person.caller);
            let made = caller.put(&path, body).await.expect(201);
            records.insert(def.plural, id_of(&made));
        }
        ledgers(&workspace.admin, word, person.id, &mut records).await;
        Self {
            workspace,
            person,
            role,
            records,
        }
    }

    /// The kinds that it has a record of, each with that record.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (&'static Def, Uuid)> {
        let all = kinds::ALL.iter().copied();
        all.filter_map(|def| Some((def, *self.records.get(def.plural)?)))
    }

    /// Everything that its administrator sees, to be compared with what they see later.
    pub(super) async fn snapshot(&self) -> Value {
        let mut all = serde_json::Map::new();
        for (plural, id) in &self.records {
            for list in ["", "?trashed=true"] {
                let path = format!("/api/v1/{plural}{list}");
                all.insert(path.clone(), self.owner(plural).get(&path).await.ok());
            }
            let path = format!("/api/v1/{plural}/{id}/history");
            let mut history = self.owner(plural).get(&path).await.ok();
            for change in history["items"].as_array_mut().unwrap() {
                // It gets its place a moment later.
                change["position"] = Value::Null;
            }
            all.insert(path, history);
        }
        Value::Object(all)
    }

    /// The body of one more record of this kind in a world, with this word in it.
    pub(super) fn body(kind: &str, word: &str, world: &Self) -> Value {
        let mut body = fields(kind, word, &world.records, world.person.id, world.role);
        // The world's own record has these already.
        for once in ["phone", "email"] {
            body.as_object_mut().unwrap().remove(once);
        }
        body
    }

    /// Who works with the records of this noun.
    pub(super) fn owner(&self, plural: &str) -> &Caller {
        let kind = kinds::by_plural(plural).unwrap().kind;
        maker(kind, &self.workspace.admin, &self.person.caller)
    }
}

/// Makes one record of each kind that operations alone make.
async fn ledgers(
    admin: &Caller,
    word: &str,
    person: Uuid,
    records: &mut BTreeMap<&'static str, Uuid>,
) {
    let yuan = |amount: i64| json!({"amount": amount, "currency": "CNY"});
    let history = admin.get("/api/v1/stage-changes").await.ok();
    records.insert("stage-changes", id_of(&history["items"][0]));
    let line = json!({"name": format!("{word} line"), "unit": word, "unit_price": 1_000_000,
        "product_id": records["products"]});
    let body = json!({"name": format!("{word} deal"), "customer_id": records["customers"],
        "owner_id": person, "amount": yuan(100), "lines": [line]});
    let contract = id_of(&admin.post("/api/v1/contracts", body).await.expect(201));
    let lines = admin.get("/api/v1/document-lines").await.ok();
    records.insert("document-lines", id_of(&lines["items"][0]));
    let path = format!("/api/v1/contracts/{contract}");
    let plan = json!({"receivables": [{"due_on": "2026-01-15", "amount": 100, "note": word}]});
    let planned = admin.put(&format!("{path}/receivables"), plan).await.ok();
    admin.act(&format!("{path}/submit")).await.ok();
    let receivable = id_of(&planned["items"][0]);
    records.insert("receivables", receivable);
    let write_off = format!("/api/v1/receivables/{receivable}/write-off");
    admin
        .post(&write_off, json!({"amount": 1, "reason": word}))
        .await
        .ok();
    let adjusted = admin.get("/api/v1/adjustments").await.ok();
    records.insert("adjustments", id_of(&adjusted["items"][0]));
    let body = json!({"customer_id": records["customers"], "owner_id": person, "payer": word,
        "amount": yuan(60), "received_on": "2026-01-15"});
    let payment = id_of(&admin.post("/api/v1/payments", body).await.expect(201));
    let path = format!("/api/v1/payments/{payment}");
    admin.act(&format!("{path}/confirm")).await.ok();
    let part = json!({"allocations": [{"receivable_id": receivable, "amount": 50}]});
    let done = admin.post(&format!("{path}/allocate"), part).await.ok();
    records.insert("allocations", id_of(&done["allocations"][0]));
    let refund = json!({"amount": 1, "reason": word});
    let refund = admin.post(&format!("{path}/refund"), refund).await.ok();
    records.insert("refunds", id_of(&refund));
}

/// Views are personal: the person has one. Everything else is made by the administrator.
fn maker<'a>(kind: &str, admin: &'a Caller, person: &'a Caller) -> &'a Caller {
    if kind == "saved_view" { person } else { admin }
}

fn fields(
    kind: &str,
    word: &str,
    records: &BTreeMap<&'static str, Uuid>,
    person: Uuid,
    role: Uuid,
) -> Value {
    let name = format!("{word} {kind}");
    match kind {
        "lead" => json!({
            "name": name, "phone": "+8613800138000", "company": word, "owner_id": person,
            "email": "same@example.org",
        }),
        "customer" => json!({
            "name": name, "phone": "+8613800138001", "owner_id": person,
            "email": "same.customer@example.org",
        }),
        "contact" => json!({
            "name": name, "customer_id": records["customers"], "phone": "+8613800138002",
        }),
        "activity" => json!({"content": name, "lead_id": records["leads"], "owner_id": person}),
        "task" => json!({"title": name, "lead_id": records["leads"], "owner_id": person}),
        "user" => json!({
            "name": name, "email": format!("user@{word}.example.com"), "role_id": role,
        }),
        "product" => json!({"name": name, "unit_price": 12_500_000}),
        "stage" => json!({"name": name, "pipeline_id": records["pipelines"]}),
        "opportunity" => json!({
            "name": name, "customer_id": records["customers"], "owner_id": person,
            "pipeline_id": records["pipelines"],
        }),
        "contract" => json!({
            "name": name, "customer_id": records["customers"], "owner_id": person,
            "amount": {"amount": 10_000, "currency": "CNY"},
        }),
        "payment" => json!({
            "payer": name, "customer_id": records["customers"], "owner_id": person,
            "received_on": "2026-01-15", "amount": {"amount": 10_000, "currency": "CNY"},
        }),
        "exchange_rate" => json!({
            "currency": if word == "fresh" { "JPY" } else { "USD" }, "rate": 7_000_000,
            "valid_from": "2026-01-01",
        }),
        "target" => json!({
            "owner_id": person, "month": if word == "fresh" { "2026-02-01" } else { "2026-01-01" },
            "metric": "visits", "planned": 20,
        }),
        "pool" => json!({"name": name, "record_kind": "lead"}),
        "dictionary_entry" => {
            json!({"name": name, "dictionary": "source", "code": format!("{word}_source")})
        }
        "saved_view" => json!({"name": name, "record_kind": "lead"}),
        // A kind that needs more says so here.
        _ => json!({"name": name}),
    }
}
