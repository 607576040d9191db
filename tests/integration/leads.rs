//! Leads and customers by their rules.

use serde_json::{Value, json};

use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::id_of;

fn path(lead: &Value, verb: &str) -> String {
    format!("/api/v1/leads/{}{verb}", id_of(lead))
}

both_databases! {
    async fn who_enters_a_lead_owns_it_and_what_comes_from_elsewhere_lies_in_the_pool(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let own = sales.caller.post("/api/v1/leads", json!({"name": "Own"})).await.expect(201);
        assert_eq!((&own["status"], &own["owner_id"]), (&json!("pending"), &json!(sales.id)));
        let pooled = w.admin.post("/api/v1/leads", json!({"name": "Pooled"})).await.expect(201);
        assert_eq!((&pooled["status"], &pooled["owner_id"]), (&json!("unassigned"), &Value::Null));
        assert!(pooled["pool_id"].is_string());
    }

    async fn a_lead_goes_its_way_from_pool_to_owner_and_back(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let lead = w.admin.post("/api/v1/leads", json!({"name": "Li Wei"})).await.expect(201);
        // Not theirs yet: seen in the pool, but not to be changed.
        sales.caller.patch(&path(&lead, ""), 1, json!({"intent": "agreed"})).await
            .refused(403, "may_not_change");
        let claimed = sales.caller.act(&path(&lead, "/claim")).await.ok();
        assert_eq!((&claimed["status"], &claimed["owner_id"]), (&json!("pending"), &json!(sales.id)));
        let body = json!({"activity_type": "call", "content": "Talked.", "lead_id": lead["id"],
            "next_contact_at": "2030-01-01T02:00:00Z"});
        sales.caller.post("/api/v1/activities", body).await.expect(201);
        let now = sales.caller.get(&path(&lead, "")).await.ok();
        assert_eq!((&now["status"], &now["next_contact_at"]), (&json!("following_up"), &json!("2030-01-01T02:00:00Z")));
        assert!(now["last_activity_at"].is_string());
        sales.caller.post(&path(&lead, "/return"), json!({"reason": "nonsense"})).await.refused(422, "invalid");
        let body = json!({"reason": "no_time", "note": "On leave."});
        let back = sales.caller.post(&path(&lead, "/return"), body).await.ok();
        assert_eq!((&back["status"], &back["status_reason"]), (&json!("unassigned"), &json!("no_time")));
        let problem = sales.caller.act(&path(&lead, "/reopen")).await;
        problem.refused(403, "may_not_change");
        let problem = w.admin.act(&path(&lead, "/reopen")).await.refused(409, "invalid-transition");
        assert_eq!(problem["open"], json!(["assign", "claim", "void"]));
    }

    async fn invalid_and_voided_need_a_reason_and_only_administrators_reinstate(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let lead = sales.caller.post("/api/v1/leads", json!({"name": "Li Wei"})).await.expect(201);
        let invalid = sales.caller.post(&path(&lead, "/mark-invalid"), json!({"reason": "unreachable"})).await.ok();
        assert_eq!(invalid["status"], "invalid");
        assert_eq!(sales.caller.act(&path(&lead, "/reopen")).await.ok()["status"], "following_up");
        let voided = sales.caller.post(&path(&lead, "/void"), json!({"reason": "fake"})).await.ok();
        assert_eq!(voided["status"], "voided");
        sales.caller.act(&path(&lead, "/reinstate")).await.refused(403, "administrators_only");
        let back = w.admin.act(&path(&lead, "/reinstate")).await.ok();
        assert_eq!((&back["status"], &back["owner_id"]), (&json!("unassigned"), &Value::Null));
    }

    async fn transfer_stays_within_reach(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let other = w.person("Olga Other", "Sales").await;
        let manager = w.person("Mia Manager", "Manager").await;
        let lead = sales.caller.post("/api/v1/leads", json!({"name": "Li Wei"})).await.expect(201);
        let to = json!({"owner_id": other.id});
        sales.caller.post(&path(&lead, "/transfer"), to.clone()).await.refused(422, "invalid");
        let moved = manager.caller.post(&path(&lead, "/transfer"), to.clone()).await.ok();
        assert_eq!((&moved["owner_id"], &moved["previous_owner_id"]), (&json!(other.id), &json!(sales.id)));
        sales.caller.get(&path(&lead, "")).await.refused(404, "not_found");
        let problem = manager.caller.post(&path(&lead, "/assign"), to).await;
        problem.refused(409, "already_owned");
    }

    async fn a_certain_duplicate_is_refused_unless_allowed(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let body = json!({"name": "Li Wei", "phone": "138 0013 8000", "owner_id": w.admin_id()});
        let first = w.admin.post("/api/v1/leads", body).await.expect(201);
        assert_eq!(first["phone"], "+8613800138000");
        let again = json!({"name": "Li", "phone": "+86-13800138000"});
        let problem = w.admin.post("/api/v1/leads", again.clone()).await.refused(409, "duplicate");
        assert_eq!(problem["duplicates"][0]["title"], "Li Wei");
        // Another team's record is told of, but not its data.
        let problem = sales.caller.post("/api/v1/leads", again.clone()).await.refused(409, "duplicate");
        assert_eq!(problem["duplicates"][0],
            json!({"kind": "lead", "field": "phone", "held_by_another_team": true}));
        w.admin.post("/api/v1/leads?allow_duplicate=true", again).await.expect(201);
        let mail = json!({"name": "A", "email": "Li@Example.com"});
        w.admin.post("/api/v1/leads", mail).await.expect(201);
        let mail = json!({"name": "B", "email": "li@example.COM "});
        w.admin.post("/api/v1/leads", mail).await.refused(409, "duplicate");
    }

    async fn what_a_new_record_would_repeat_is_told_while_it_is_typed(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let body = json!({"name": "恒达机械有限公司", "owner_id": w.admin_id()});
        let customer = w.admin.post("/api/v1/customers", body).await.expect(201);
        let body = json!({"name": "Li Wei", "company": "恒达机械（有限公司）", "phone": "13800138000",
            "owner_id": w.admin_id()});
        let lead = w.admin.post("/api/v1/leads", body).await.expect(201);
        let body = json!({"name": "Gone", "company": "恒达机械"});
        let gone = w.admin.post("/api/v1/leads", body).await.expect(201);
        w.admin.delete(&path(&gone, "")).await.expect(204);
        let ask = async |caller: &Caller, kind: &str, fields: Value, except: &Value| {
            let body = json!({"kind": kind, "fields": fields, "except": except});
            caller.post("/api/v1/duplicates/check", body).await
        };
        let known = |record: &Value, kind: &str, field: &str, title: &str| json!({"id": record["id"],
            "kind": kind, "field": field, "title": title, "held_by_another_team": false});
        let of_customer = known(&customer, "customer", "name", "恒达机械有限公司");
        let of_lead = known(&lead, "lead", "company", "Li Wei");
        let none = Value::Null;

        let typed = json!({"company": "恒达机械", "phone": "138 0013", "email": "li@"});
        let told = ask(&w.admin, "lead", typed, &none).await.ok();
        assert_eq!(told, json!({"certain": [], "similar": [of_customer, of_lead]}));
        let typed = json!({"company": "恒达机械", "phone": "138 0013 8000"});
        let told = ask(&w.admin, "lead", typed.clone(), &none).await.ok();
        let same = known(&lead, "lead", "phone", "Li Wei");
        assert_eq!(told, json!({"certain": [same], "similar": [of_customer]}));
        let told = ask(&w.admin, "lead", typed.clone(), &lead["id"]).await.ok();
        assert_eq!(told, json!({"certain": [], "similar": [of_customer]}));
        let told = ask(&w.admin, "customer", json!({"name": "恒达机械公司"}), &none).await.ok();
        assert_eq!(told, json!({"certain": [], "similar": [of_customer, of_lead]}));
        let told = ask(&w.admin, "task", json!({"title": "恒达机械"}), &none).await.ok();
        assert_eq!(told, json!({"certain": [], "similar": []}));

        // What another team holds is told of, but not its data.
        let held = |kind: &str, field: &str| {
            json!({"kind": kind, "field": field, "held_by_another_team": true})
        };
        let told = ask(&sales.caller, "lead", typed, &none).await.ok();
        let certain = held("lead", "phone");
        assert_eq!(told, json!({"certain": [certain], "similar": [held("customer", "name")]}));

        let unknown = ask(&w.admin, "lead", json!({"colour": "red"}), &none).await;
        let problem = unknown.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/fields/colour");
        ask(&w.admin, "led", json!({}), &none).await.refused(422, "invalid");
    }

    async fn converting_brings_everything_along_and_can_be_undone(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let body = json!({"name": "Gao Xiuying", "company": "Hengda Machinery", "phone": "13800138000",
            "job_title": "Buyer", "city": "Ningbo", "tags": ["MES"]});
        let lead = sales.caller.post("/api/v1/leads", body).await.expect(201);
        let activity = json!({"content": "First call.", "lead_id": lead["id"]});
        let activity = sales.caller.post("/api/v1/activities", activity).await.expect(201);
        let done = sales.caller.act(&path(&lead, "/convert")).await.ok();
        assert_eq!(done["lead"]["status"], "converted");
        assert_eq!((&done["customer"]["name"], &done["customer"]["city"], &done["customer"]["tags"]),
            (&json!("Hengda Machinery"), &json!("Ningbo"), &json!(["MES"])));
        assert_eq!((&done["contact"]["name"], &done["contact"]["phone"]),
            (&json!("Gao Xiuying"), &json!("+8613800138000")));
        let brought = sales.caller.get(&format!("/api/v1/activities/{}", id_of(&activity))).await.ok();
        assert_eq!((&brought["customer_id"], &brought["contact_id"]), (&done["customer"]["id"], &done["contact"]["id"]));
        sales.caller.act(&path(&lead, "/convert")).await.refused(409, "invalid-transition");

        let back = sales.caller.act(&path(&lead, "/undo-conversion")).await.ok();
        assert_eq!((&back["status"], &back["converted_customer_id"]), (&json!("following_up"), &Value::Null));
        assert_eq!(sales.caller.get("/api/v1/customers").await.ok()["items"], json!([]));
        assert_eq!(sales.caller.get("/api/v1/contacts").await.ok()["items"], json!([]));
        let again = sales.caller.get(&format!("/api/v1/activities/{}", id_of(&activity))).await.ok();
        assert_eq!((&again["lead_id"], &again["customer_id"]), (&lead["id"], &Value::Null));
        sales.caller.act(&path(&lead, "/convert")).await.ok();
    }

    async fn a_conversion_makes_an_opportunity_when_asked_and_undoing_takes_it_back(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let body = json!({"name": "Gao Xiuying", "company": "Hengda Machinery", "phone": "13800138000",
            "product_interest": "MES", "source": "referral", "amount": {"amount": 5_000_000, "currency": "CNY"}});
        let lead = sales.caller.post("/api/v1/leads", body).await.expect(201);
        let activity = json!({"content": "First call.", "lead_id": lead["id"]});
        let activity = sales.caller.post("/api/v1/activities", activity).await.expect(201);
        let wrong = json!({"opportunity": {"expected_close_on": "soon"}});
        let problem = sales.caller.post(&path(&lead, "/convert"), wrong).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/opportunity/expected_close_on");
        assert_eq!(sales.caller.get("/api/v1/customers").await.ok()["items"], json!([]));

        let body = json!({"opportunity": {"expected_close_on": "2030-06-30"}});
        let done = sales.caller.post(&path(&lead, "/convert"), body.clone()).await.ok();
        let made = &done["opportunity"];
        let told = ["name", "status", "amount", "source", "customer_id", "contact_id", "lead_id", "owner_id", "expected_close_on"]
            .map(|name| made[name].clone());
        assert_eq!(told, [json!("Hengda Machinery · MES"), json!("open"), json!({"amount": 5_000_000, "currency": "CNY"}),
            json!("referral"), done["customer"]["id"].clone(), done["contact"]["id"].clone(), lead["id"].clone(),
            json!(sales.id), json!("2030-06-30")]);
        assert_eq!(done["lead"]["converted_opportunity_id"], made["id"]);
        let one = format!("/api/v1/opportunities/{}", id_of(made));
        let timeline = sales.caller.get(&format!("{one}/timeline")).await.ok();
        let contents: Vec<_> = timeline["items"].as_array().unwrap().iter()
            .filter_map(|item| item["activity"]["content"].as_str()).collect();
        assert_eq!(contents, ["First call."]);

        let back = sales.caller.act(&path(&lead, "/undo-conversion")).await.ok();
        assert_eq!((&back["status"], &back["converted_opportunity_id"]), (&json!("following_up"), &Value::Null));
        for plural in ["opportunities", "customers", "contacts"] {
            assert_eq!(sales.caller.get(&format!("/api/v1/{plural}")).await.ok()["items"], json!([]));
        }
        let again = sales.caller.get(&format!("/api/v1/activities/{}", id_of(&activity))).await.ok();
        assert_eq!(again["opportunity_id"], Value::Null);

        // What somebody moved on stays, with the customer and the contact that it names.
        let done = sales.caller.post(&path(&lead, "/convert"), body).await.ok();
        let lost = format!("/api/v1/opportunities/{}/lose", id_of(&done["opportunity"]));
        sales.caller.post(&lost, json!({"reason": "no_budget"})).await.ok();
        sales.caller.act(&path(&lead, "/undo-conversion")).await.ok();
        let kept = sales.caller.get(&format!("/api/v1/opportunities/{}", id_of(&done["opportunity"]))).await.ok();
        assert_eq!((&kept["deleted_at"], &kept["customer_id"]), (&Value::Null, &done["customer"]["id"]));
        assert_eq!(sales.caller.get("/api/v1/customers").await.ok()["items"][0]["id"], done["customer"]["id"]);

        let plain = sales.caller.post("/api/v1/leads", json!({"name": "Li"})).await.expect(201);
        let done = sales.caller.post(&path(&plain, "/convert"), json!({"opportunity": null})).await.ok();
        assert_eq!((&done["opportunity"], &done["lead"]["converted_opportunity_id"]), (&Value::Null, &Value::Null));
    }

    async fn undoing_keeps_what_somebody_touched(test) {
        let w = test.workspace().await;
        let lead = w.admin.post("/api/v1/leads", json!({"name": "Gao", "company": "Hengda", "owner_id": w.admin_id()})).await.expect(201);
        let done = w.admin.act(&path(&lead, "/convert")).await.ok();
        let customer = format!("/api/v1/customers/{}", id_of(&done["customer"]));
        w.admin.patch(&customer, 1, json!({"note": "Important."})).await.ok();
        w.admin.act(&path(&lead, "/undo-conversion")).await.ok();
        assert_eq!(w.admin.get(&customer).await.ok()["deleted_at"], Value::Null);
    }

    async fn a_customer_that_somebody_else_names_keeps_what_the_lead_brought(test) {
        let w = test.workspace().await;
        let lead = w.admin.post("/api/v1/leads", json!({"name": "Gao", "company": "Hengda", "owner_id": w.admin_id()})).await.expect(201);
        let activity = json!({"content": "First call.", "lead_id": lead["id"]});
        let activity = w.admin.post("/api/v1/activities", activity).await.expect(201);
        let done = w.admin.act(&path(&lead, "/convert")).await.ok();
        let customer = &done["customer"]["id"];
        w.admin.post("/api/v1/tasks", json!({"title": "Send the offer", "customer_id": customer})).await.expect(201);
        w.admin.act(&path(&lead, "/undo-conversion")).await.ok();
        let kept = w.admin.get(&format!("/api/v1/customers/{}", id_of(&done["customer"]))).await.ok();
        assert_eq!(kept["deleted_at"], Value::Null);
        let activity = w.admin.get(&format!("/api/v1/activities/{}", id_of(&activity))).await.ok();
        assert_eq!(&activity["customer_id"], customer);
    }

    async fn converting_into_an_existing_customer_fills_only_what_is_empty(test) {
        let w = test.workspace().await;
        let customer = w.admin.post("/api/v1/customers", json!({"name": "Hengda Co., Ltd.", "city": "Suzhou"})).await.expect(201);
        let lead = w.admin.post("/api/v1/leads", json!({"name": "Gao", "company": "Hengda", "city": "Ningbo",
            "province": "Zhejiang", "owner_id": w.admin_id()})).await.expect(201);
        let candidates = w.admin.get(&path(&lead, "/conversion-candidates")).await.ok();
        assert_eq!(candidates["customers"][0]["id"], customer["id"]);
        assert_eq!((&candidates["customers"][0]["match"], &candidates["customers"][0]["certain"]), (&json!("company"), &json!(false)));
        let body = json!({"customer": {"id": customer["id"]}, "contact": null});
        let done = w.admin.post(&path(&lead, "/convert"), body).await.ok();
        assert_eq!((&done["customer"]["city"], &done["customer"]["province"]), (&json!("Suzhou"), &json!("Zhejiang")));
        assert_eq!(done["contact"], Value::Null);
    }

    async fn the_timeline_tells_activities_and_changes_newest_first(test) {
        let w = test.workspace().await;
        let lead = w.admin.post("/api/v1/leads", json!({"name": "Gao", "owner_id": w.admin_id()})).await.expect(201);
        w.admin.post("/api/v1/activities", json!({"content": "Called.", "lead_id": lead["id"]})).await.expect(201);
        w.admin.patch(&path(&lead, ""), 2, json!({"intent": "agreed"})).await.ok();
        let timeline = w.admin.get(&path(&lead, "/timeline")).await.ok();
        let told: Vec<_> = timeline["items"].as_array().unwrap().iter().map(|item| {
            item["activity"]["content"].as_str().or(item["change"]["verb"].as_str()).unwrap().to_owned()
        }).collect();
        assert_eq!(told, ["update", "Called.", "create"]);
    }

    async fn a_manager_sees_the_department_and_those_below(test) {
        let w = test.workspace().await;
        let root = w.admin.get("/api/v1/departments").await.ok()["items"][0]["id"].clone();
        let east = w.admin.post("/api/v1/departments", json!({"name": "East", "parent_id": root})).await.expect(201);
        let west = w.admin.post("/api/v1/departments", json!({"name": "West", "parent_id": root})).await.expect(201);
        let manager = w.person_in("Mia Manager", "Manager", id_of(&east), None).await;
        let hers = w.person_in("Sam East", "Sales", id_of(&east), None).await;
        let other = w.person_in("Olga West", "Sales", id_of(&west), None).await;
        for person in [&hers, &other] {
            let lead = person.caller.post("/api/v1/leads", json!({"name": person.email})).await.expect(201);
            let allowed = manager.caller.get(&path(&lead, "")).await.status;
            assert_eq!(allowed, if person.id == hers.id { 200 } else { 404 });
        }
        let found = manager.caller.get("/api/v1/search?q=example").await.ok();
        let leads = found["items"].as_array().unwrap().iter().filter(|i| i["kind"] == "lead").count();
        assert_eq!(leads, 1);
    }

    async fn a_collaborator_sees_and_works_on_the_record(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let other = w.person("Olga Other", "Sales").await;
        let body = json!({"name": "Shared", "collaborator_ids": [other.id]});
        let lead = sales.caller.post("/api/v1/leads", body).await.expect(201);
        other.caller.patch(&path(&lead, ""), 1, json!({"intent": "agreed"})).await.ok();
        let access = other.caller.get(&path(&lead, "/access")).await.ok();
        assert_eq!(access["write"], json!({"allowed": true, "because": "collaborator"}));
    }
}
