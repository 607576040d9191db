//! Reports on sales: whose figures they are, and where each is counted. Whole files are compared in
//! `imports/sales.rs`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::{Workspace, id_of};

async fn stage(w: &Workspace, code: &str) -> Uuid {
    w.find("stages", "code", code).await
}

/// A won opportunity of this person.
async fn won(w: &Workspace, caller: &Caller, more: Value) -> Value {
    let customer = caller
        .post(
            "/api/v1/customers",
            json!({"name": "Hengda", "industry": "retail"}),
        )
        .await
        .expect(201);
    let mut body = json!({"name": "Won", "stage_id": stage(w, "won").await, "close_reason": "best_fit",
        "customer_id": customer["id"], "started_on": "2026-01-01", "closed_on": "2026-01-11"});
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    caller.post("/api/v1/opportunities", body).await.expect(201)
}

/// Won count and amount by title.
async fn rows(caller: &Caller, by: &str) -> BTreeMap<String, (i64, i64)> {
    let report = caller
        .get(&format!("/api/v1/reports/won?by={by}"))
        .await
        .ok();
    let rows = report["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        let title = row["title"].as_str().unwrap_or("").to_owned();
        (
            title,
            (
                row["won_count"].as_i64().unwrap(),
                row["won_amount"].as_i64().unwrap(),
            ),
        )
    })
    .collect()
}

/// What became of those that entered a stage: entered, moved on, went back, lost, still there.
async fn step(caller: &Caller, code: &str) -> [i64; 5] {
    let funnel = caller.get("/api/v1/reports/funnel").await.ok();
    let stages = funnel["stages"].as_array().unwrap();
    let stage = stages.iter().find(|s| s["stage"]["code"] == code).unwrap();
    ["entered", "moved_on", "went_back", "lost", "still_there"]
        .map(|name| stage[name].as_i64().unwrap())
}

fn one(title: &str, count: i64, amount: i64) -> (String, (i64, i64)) {
    (title.to_owned(), (count, amount))
}

both_databases! {
    async fn a_product_has_the_amounts_of_its_own_lines_in_the_currency_of_the_workspace(test) {
        let w = test.workspace().await;
        let rate = json!({"currency": "USD", "rate": 7_100_000, "valid_from": "2026-01-01"});
        w.admin.post("/api/v1/exchange-rates", rate).await.expect(201);
        let mut products = Vec::new();
        for name in ["Robot", "Arm"] {
            let body = json!({"name": name, "unit_price": 1_000_000});
            products.push(w.admin.post("/api/v1/products", body).await.expect(201)["id"].clone());
        }
        let line = |product: usize, quantity: i64| json!({"product_id": products[product], "quantity": quantity * 1_000_000});
        won(&w, &w.admin, json!({"lines": [line(0, 2), line(1, 3), line(0, 1), {"name": "Talk", "unit_price": 500_000}]})).await;
        won(&w, &w.admin, json!({"lines": [line(0, 1)], "amount": {"amount": 100, "currency": "USD"}})).await;
        won(&w, &w.admin, json!({"amount": {"amount": 70, "currency": "CNY"}})).await;
        let lost = json!({"stage_id": stage(&w, "lost").await, "close_reason": "no_budget", "lines": [line(1, 9)]});
        won(&w, &w.admin, lost).await;
        // Three robots and one for dollars; the talk and what has no lines at all are no product's.
        assert_eq!(rows(&w.admin, "product").await, BTreeMap::from([
            one("Robot", 2, 300 + 710), one("Arm", 1, 300), one("", 1, 50 + 70),
        ]));
        assert_eq!(rows(&w.admin, "industry").await, BTreeMap::from([one("Retail", 3, 650 + 710 + 70)]));
        let report = w.admin.get("/api/v1/reports/won?by=product").await.ok();
        let arm = report["rows"].as_array().unwrap().iter().find(|row| row["title"] == "Arm").unwrap();
        assert_eq!((&arm["lost_count"], &arm["win_rate"], &arm["cycle_days"]), (&json!(1), &json!(5_000), &json!(100)));
        let total = &report["total"];
        assert_eq!((&total["won_count"], &total["won_amount"], &total["win_rate"]), (&json!(3), &json!(1_430), &json!(7_500)));
    }

    async fn everybody_is_told_of_what_they_see_and_departments_have_what_is_below(test) {
        let w = test.workspace().await;
        let root = w.admin.get("/api/v1/departments").await.ok()["items"][0].clone();
        let east = w.admin.post("/api/v1/departments", json!({"name": "East", "parent_id": root["id"]})).await.expect(201);
        let manager = w.person_in("Mia Manager", "Manager", id_of(&east), None).await;
        let hers = w.person_in("Sam East", "Sales", id_of(&east), Some(manager.id)).await;
        let other = w.person("Olga Other", "Sales").await;
        let amount = |amount: i64| json!({"amount": {"amount": amount, "currency": "CNY"}});
        won(&w, &hers.caller, amount(100)).await;
        won(&w, &other.caller, amount(10)).await;
        let gone = won(&w, &other.caller, amount(1)).await;
        other.caller.delete(&format!("/api/v1/opportunities/{}", id_of(&gone))).await.expect(204);
        let shared = json!({"amount": {"amount": 5, "currency": "CNY"}, "collaborator_ids": [hers.id]});
        won(&w, &other.caller, shared).await;

        let of_root = root["name"].as_str().unwrap();
        assert_eq!(rows(&w.admin, "department").await, BTreeMap::from([one(of_root, 3, 115), one("East", 1, 100)]));
        let report = w.admin.get("/api/v1/reports/won?by=department").await.ok();
        let rows_told = report["rows"].as_array().unwrap();
        assert_eq!((&rows_told[0]["parent"], &rows_told[1]["parent"]), (&Value::Null, &root["id"]));
        assert_eq!(report["total"]["won_amount"], 115);
        assert_eq!(rows(&w.admin, "manager").await, BTreeMap::from([one("Mia Manager", 1, 100), one("", 2, 15)]));
        assert_eq!(rows(&manager.caller, "owner").await, BTreeMap::from([one("Sam East", 1, 100)]));
        assert_eq!(rows(&hers.caller, "owner").await, BTreeMap::from([one("Sam East", 1, 100), one("Olga Other", 1, 5)]));
        // The customer of what is shared stays out of sight, and so do its name and industry.
        assert_eq!(rows(&hers.caller, "industry").await, BTreeMap::from([one("Retail", 1, 100), one("", 1, 5)]));
        for (caller, seen) in [(&w.admin, 3), (&manager.caller, 1), (&hers.caller, 2), (&other.caller, 2)] {
            assert_eq!(step(caller, "won").await, [seen, 0, 0, 0, seen]);
        }
        let none = w.person("Nora None", "Sales").await;
        assert_eq!(rows(&none.caller, "month").await, BTreeMap::new());
        assert_eq!(none.caller.get("/api/v1/reports/won?by=month").await.ok()["total"]["won_count"], 0);
    }

    async fn the_funnel_counts_who_comes_back_once(test) {
        let w = test.workspace().await;
        let customer = w.admin.post("/api/v1/customers", json!({"name": "Hengda"})).await.expect(201);
        let (discovery, qualification) = (stage(&w, "discovery").await, stage(&w, "qualification").await);
        let done = json!(["Needs and present situation known", "Budget known", "Decision maker known"]);
        let mut paths = Vec::new();
        for name in ["A", "B", "C"] {
            let body = json!({"name": name, "customer_id": customer["id"], "checklist_done": done,
                "amount": {"amount": 100, "currency": "CNY"}});
            let made = w.admin.post("/api/v1/opportunities", body).await.expect(201);
            paths.push(format!("/api/v1/opportunities/{}", id_of(&made)));
        }
        let advance = async |path: &str, to: Uuid| {
            w.admin.post(&format!("{path}/advance"), json!({"stage_id": to})).await.ok();
        };
        // A goes on, comes back, and goes on again; B goes on and comes back; C is lost at once.
        for to in [qualification, discovery, qualification] {
            advance(&paths[0], to).await;
        }
        for to in [qualification, discovery] {
            advance(&paths[1], to).await;
        }
        w.admin.post(&format!("{}/lose", paths[2]), json!({"reason": "no_budget"})).await.ok();
        assert_eq!(step(&w.admin, "discovery").await, [3, 1, 0, 1, 1]);
        assert_eq!(step(&w.admin, "qualification").await, [2, 0, 1, 0, 1]);
        assert_eq!(step(&w.admin, "lost").await, [1, 0, 0, 0, 1]);
        // What is decided anew has left its decision.
        w.admin.act(&format!("{}/reopen", paths[2])).await.ok();
        assert_eq!(step(&w.admin, "lost").await, [1, 0, 1, 0, 0]);
        assert_eq!(step(&w.admin, "discovery").await, [3, 1, 0, 0, 2]);
        let funnel = w.admin.get("/api/v1/reports/funnel?filter=name%20%3D%3D%20%22A%22").await.ok();
        assert_eq!((&funnel["stages"][0]["entered"], &funnel["stages"][0]["conversion"]), (&json!(1), &json!(10_000)));
        let past = w.admin.get("/api/v1/reports/funnel?to=2020-01-01").await.ok();
        assert_eq!((&past["stages"][0]["entered"], &past["stages"][0]["conversion"]), (&json!(0), &Value::Null));
    }

    async fn what_a_report_cannot_be_asked_for_is_told(test) {
        let w = test.workspace().await;
        for (asked, place, code) in [
            ("won?by=colour", "/by", "unknown_choice"), ("won", "/by", "required"),
            ("won?by=month&from=2026-02-30", "/from", "date_invalid"), ("funnel?to=soon", "/to", "date_invalid"),
            ("won?by=month&filter=colour", "/filter", "unknown_field"),
            ("funnel?pipeline_id=00000000-0000-0000-0000-000000000001", "/pipeline_id", "not_found"),
        ] {
            let problem = w.admin.get(&format!("/api/v1/reports/{asked}")).await.refused(422, "invalid");
            let error = &problem["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!(place), &json!(code)), "{asked}");
        }
    }
}
