//! What is clicked twice, or by two at once, happens once; what is wanted twice can be had.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use super::ledger::is_whole;
use super::{customer, in_force, paid, yuan};
use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::id_of;

/// An opportunity that was won.
async fn won(caller: &Caller, customer: Uuid, name: &str) -> Uuid {
    let body = json!({"name": name, "customer_id": customer, "amount": yuan(1_000)});
    let made = caller.post("/api/v1/opportunities", body).await.expect(201);
    let id = id_of(&made);
    let stage = made["stage_id"].as_str().unwrap();
    let stage = caller.get(&format!("/api/v1/stages/{stage}")).await.ok();
    let body = json!({"reason": "best_fit", "checklist_done": stage["checklist"]});
    let path = format!("/api/v1/opportunities/{id}/win");
    caller.post(&path, body).await.ok();
    id
}

async fn contracts_of(caller: &Caller, opportunity: Uuid) -> usize {
    let list = format!("/api/v1/contracts?filter=opportunity_id%20==%20%22{opportunity}%22");
    let list = caller.get(&list).await.ok();
    list["items"].as_array().unwrap().len()
}

both_databases! {
    async fn an_opportunity_gets_one_contract_unless_another_is_wanted(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        let sale = won(&w.admin, buyer, "Line 3").await;
        let make = format!("/api/v1/opportunities/{sale}/contract");
        let body = json!({"name": "Line 3", "customer_id": buyer, "amount": yuan(1_000), "opportunity_id": sale});
        let first = w.admin.act(&make).await.ok();
        for answer in [w.admin.act(&make).await, w.admin.post("/api/v1/contracts", body.clone()).await] {
            let problem = answer.refused(409, "duplicate");
            assert_eq!(problem["duplicates"], json!([{"id": first["id"], "kind": "contract",
                "field": "opportunity_id", "title": "Line 3", "held_by_another_team": false}]));
        }
        let known = json!({"kind": "contract", "fields": {"opportunity_id": sale}});
        let known = w.admin.post("/api/v1/duplicates/check", known).await.ok();
        assert_eq!(known["certain"][0]["id"], first["id"]);
        // The second phase is a contract of its own.
        w.admin.act(&format!("{make}?allow_duplicate=true")).await.ok();
        w.admin.post("/api/v1/contracts?allow_duplicate=true", body.clone()).await.expect(201);
        let named = "/api/v1/contracts/by-external-id/erp/C-7";
        w.admin.put(named, body.clone()).await.refused(409, "duplicate");
        w.admin.put(&format!("{named}?allow_duplicate=true"), body.clone()).await.expect(201);
        w.admin.put(named, json!({"name": "Line 3, again"})).await.expect(200);
        assert_eq!(contracts_of(&w.admin, sale).await, 4);
        // One that was thrown away does not stand in the way.
        let other = won(&w.admin, buyer, "Line 4").await;
        let make = format!("/api/v1/opportunities/{other}/contract");
        let thrown = w.admin.act(&make).await.ok();
        w.admin.delete(&format!("/api/v1/contracts/{}", id_of(&thrown))).await.expect(204);
        w.admin.act(&make).await.ok();
    }

    async fn forty_clicks_at_once_make_one_contract_of_an_opportunity(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        for round in 0..3 {
            let sale = won(&w.admin, buyer, &format!("Line {round}")).await;
            let make = format!("/api/v1/opportunities/{sale}/contract");
            let make = make.as_str();
            let body = json!({"name": "Line", "customer_id": buyer, "amount": yuan(1_000), "opportunity_id": sale});
            let body = &body;
            let admin = &w.admin;
            let answers = join_all((0..40).map(|click| async move {
                if click % 2 == 0 {
                    admin.act(make).await
                } else {
                    admin.post("/api/v1/contracts", body.clone()).await
                }
            })).await;
            let mut made = 0;
            for answer in answers {
                if answer.status < 300 {
                    made += 1;
                } else {
                    answer.refused(409, "duplicate");
                }
            }
            assert_eq!((made, contracts_of(admin, sale).await), (1, 1));
        }
    }

    async fn the_same_key_gets_the_same_answer_from_every_verb_of_money(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        let sale = won(&w.admin, buyer, "Line 3").await;
        let payment = paid(&w.admin, buyer, 500).await;
        let refund = json!({"amount": 100, "reason": "Too much"});
        for (key, path, body) in [
            ("sell", format!("/api/v1/opportunities/{sale}/contract"), json!({})),
            ("give-back", format!("/api/v1/payments/{payment}/refund"), refund),
        ] {
            let mut answers: Vec<(u16, Option<String>, Value)> = Vec::new();
            for _ in 0..2 {
                let request = w.admin.request(reqwest::Method::POST, &path).header("Idempotency-Key", key).json(&body);
                let answer = w.admin.send(request).await;
                let place = answer.headers.get("location").map(|place| place.to_str().unwrap().to_owned());
                answers.push((answer.status, place, answer.ok()));
            }
            assert_eq!(answers[0], answers[1]);
            assert_eq!((answers[0].0, &answers[0].1), (200, &None));
        }
        let after = w.admin.get(&format!("/api/v1/payments/{payment}")).await.ok();
        assert_eq!(after["refunded_amount"], yuan(100));
    }

    async fn the_second_click_on_confirm_counts_nothing_twice(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        let (_, due) = in_force(&w.admin, buyer, &[("2026-02-01", 600)]).await;
        let body = json!({"customer_id": buyer, "amount": yuan(1_000), "received_on": "2026-02-01"});
        let payment = id_of(&w.admin.post("/api/v1/payments", body).await.expect(201));
        let path = format!("/api/v1/payments/{payment}/confirm");
        let body = json!({"allocate": {"oldest": true}});
        let clicks = join_all((0..16).map(|_| w.admin.post(&path, body.clone()))).await;
        let mut done = 0;
        for answer in clicks {
            if answer.status == 200 {
                done += 1;
            } else {
                let problem = answer.refused(409, "invalid-transition");
                assert_eq!((&problem["open"], &problem["params"]), (&json!(["reverse"]), &json!({"status": "confirmed"})));
            }
        }
        assert_eq!(done, 1);
        let balance = w.admin.get(&format!("/api/v1/customers/{buyer}/balance")).await.ok();
        let balance = &balance["currencies"][0];
        assert_eq!((&balance["paid"], &balance["unallocated"]), (&json!(600), &json!(400)));
        assert_eq!(w.admin.get(&format!("/api/v1/receivables/{}", due[0])).await.ok()["settlement"], "paid");
        is_whole(test).await;
    }
}
