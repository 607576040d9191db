//! Opportunities by their rules: stages, decisions, owners, and the history of all that.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::{Workspace, id_of};

/// The address of an opportunity, or of one of its verbs.
fn path(opportunity: &Value, verb: &str) -> String {
    format!("/api/v1/opportunities/{}{verb}", id_of(opportunity))
}

/// The codes of a problem with their places.
fn codes(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = problem["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|e| (text(&e["pointer"]), text(&e["code"])))
        .collect()
}

/// The stage of the standard pipelines with this code.
async fn stage(w: &Workspace, code: &str) -> Uuid {
    w.find("stages", "code", code).await
}

async fn customer(caller: &Caller) -> Value {
    let body = json!({"name": "Hengda Machinery"});
    caller.post("/api/v1/customers", body).await.expect(201)
}

/// The stage history of an opportunity, oldest first.
async fn history(caller: &Caller, opportunity: &Value) -> Vec<Value> {
    let filter = format!("opportunity_id%20%3D%3D%20%22{}%22", id_of(opportunity));
    let list = format!("/api/v1/stage-changes?filter={filter}&sort=changed_at&limit=200");
    let page = caller.get(&list).await.ok();
    page["items"].as_array().unwrap().clone()
}

const DISCOVERY: [&str; 1] = ["Needs and present situation known"];
const QUALIFICATION: [&str; 2] = ["Budget known", "Decision maker known"];

both_databases! {
    async fn an_opportunity_goes_through_its_stages_and_every_change_is_kept(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let customer = customer(&sales.caller).await;
        let body = json!({"name": "Line 3", "customer_id": customer["id"],
            "amount": {"amount": 12_000_000, "currency": "CNY"}});
        let made = sales.caller.post("/api/v1/opportunities", body).await.expect(201);
        assert_eq!((&made["status"], &made["probability"]), (&json!("open"), &json!(1000)));
        let next = stage(&w, "qualification").await;
        let body = json!({"stage_id": next});
        let problem = sales.caller.post(&path(&made, "/advance"), body).await.refused(409, "checklist_open");
        assert_eq!(problem["open"], json!(DISCOVERY));
        let body = json!({"stage_id": next, "checklist_done": DISCOVERY});
        let moved = sales.caller.post(&path(&made, "/advance"), body.clone()).await.ok();
        assert_eq!((&moved["stage_id"], &moved["probability"], &moved["version"]),
            (&json!(next), &json!(2500), &json!(2)));
        // The second click.
        let again = sales.caller.post(&path(&made, "/advance"), body).await.ok();
        assert_eq!(again, moved);
        // The amount of the day is kept, whatever becomes of it.
        let amount = json!({"amount": 15_000_000, "currency": "CNY"});
        sales.caller.patch(&path(&made, ""), 2, json!({"amount": amount})).await.ok();
        let back = json!({"stage_id": stage(&w, "discovery").await, "note": "They think again."});
        let back = sales.caller.post(&path(&made, "/advance"), back).await.ok();
        assert_eq!(back["probability"], 1000);

        let kept = history(&sales.caller, &made).await;
        let told: Vec<_> = kept.iter().map(|c| {
            (c["from_stage_id"].clone(), c["to_stage_id"].clone(), c["amount"]["amount"].clone())
        }).collect();
        let first = made["stage_id"].clone();
        assert_eq!(told, [
            (Value::Null, first.clone(), json!(12_000_000)),
            (first.clone(), json!(next), json!(12_000_000)),
            (json!(next), first, json!(15_000_000)),
        ]);
        assert!(kept[1..].iter().all(|c| c["seconds_before"].as_i64().is_some_and(|s| s < 60)));
        assert!(kept.iter().all(|c| c["owner_id"] == json!(sales.id)));
        let timeline = sales.caller.get(&path(&made, "/timeline")).await.ok();
        let told: Vec<_> = timeline["items"].as_array().unwrap().iter().map(|item| {
            item["activity"]["content"].as_str().or(item["change"]["verb"].as_str()).unwrap().to_owned()
        }).collect();
        let mut told = told;
        told.sort();
        assert_eq!(told, ["They think again.", "advance", "advance", "create", "update"]);
    }

    async fn what_a_stage_needs_is_asked_for_in_place(test) {
        let w = test.workspace().await;
        let made = w.admin.post("/api/v1/opportunities", json!({"name": "Line 3"})).await.expect(201);
        let (proposal, customer) = (stage(&w, "proposal").await, customer(&w.admin).await);
        let body = json!({"stage_id": proposal, "checklist_done": DISCOVERY});
        let problem = w.admin.post(&path(&made, "/advance"), body).await.refused(422, "invalid");
        assert_eq!(codes(&problem), [
            ("/fields/customer_id".to_owned(), "needed_to_enter".to_owned()),
            ("/fields/amount".to_owned(), "needed_to_enter".to_owned()),
            ("/fields/expected_close_on".to_owned(), "needed_to_enter".to_owned()),
        ]);
        let fields = json!({"customer_id": customer["id"], "expected_close_on": "soon",
            "status": "won", "colour": "red",
            "lines": [{"name": "Robot", "quantity": 2_000_000, "unit_price": 99_990_000}]});
        let body = json!({"stage_id": proposal, "checklist_done": DISCOVERY, "fields": fields});
        let problem = w.admin.post(&path(&made, "/advance"), body).await.refused(422, "invalid");
        let mut wrong = codes(&problem);
        wrong.sort();
        assert_eq!(wrong, [
            ("/fields/colour".to_owned(), "unknown_field".to_owned()),
            ("/fields/expected_close_on".to_owned(), "date_invalid".to_owned()),
            ("/fields/status".to_owned(), "read_only".to_owned()),
        ]);
        // Nothing of a refused move stays.
        assert_eq!(w.admin.get(&path(&made, "")).await.ok(), made);
        let fields = json!({"customer_id": customer["id"], "expected_close_on": "2030-01-31",
            "lines": [{"name": "Robot", "quantity": 2_000_000, "unit_price": 99_990_000}]});
        let body = json!({"stage_id": proposal, "checklist_done": DISCOVERY, "fields": fields});
        let moved = w.admin.post(&path(&made, "/advance"), body).await.ok();
        assert_eq!((&moved["stage_id"], &moved["amount"]["amount"]), (&json!(proposal), &json!(19_998)));
        assert_eq!(history(&w.admin, &made).await[1]["amount"]["amount"], 19_998);
    }

    async fn a_stage_must_be_one_of_its_pipeline(test) {
        let w = test.workspace().await;
        let made = w.admin.post("/api/v1/opportunities", json!({"name": "Line 3"})).await.expect(201);
        let elsewhere = json!({"stage_id": stage(&w, "project_follow_up").await});
        let problem = w.admin.post(&path(&made, "/advance"), elsewhere).await.refused(422, "invalid");
        assert_eq!(codes(&problem), [("/stage_id".to_owned(), "stage_of_another_pipeline".to_owned())]);
        let nowhere = json!({"stage_id": made["id"]});
        let problem = w.admin.post(&path(&made, "/advance"), nowhere).await.refused(422, "invalid");
        assert_eq!(codes(&problem), [("/stage_id".to_owned(), "not_found".to_owned())]);
        let body = json!({"stage_id": stage(&w, "lost").await, "checklist_done": ["No such thing"], "reason": "no_budget"});
        let problem = w.admin.post(&path(&made, "/advance"), body).await.refused(422, "invalid");
        assert_eq!(codes(&problem), [("/checklist_done/0".to_owned(), "unknown_choice".to_owned())]);
    }

    async fn a_decision_needs_a_reason_keeps_its_figures_and_can_be_taken_back(test) {
        let w = test.workspace().await;
        let customer = customer(&w.admin).await;
        let body = json!({"name": "Line 3", "customer_id": customer["id"], "probability": 4200,
            "forecast_category": "commit", "started_on": "2026-01-05",
            "amount": {"amount": 500, "currency": "CNY"}});
        let made = w.admin.post("/api/v1/opportunities", body).await.expect(201);
        let win = path(&made, "/win");
        let done = json!(DISCOVERY);
        for (body, place, code) in [
            (json!({"reason": "", "checklist_done": done}), "/reason", "required"),
            (json!({"reason": "luck", "checklist_done": done}), "/reason", "unknown_code"),
            (json!({"reason": "no_budget", "checklist_done": done}), "/reason", "reason_of_another_outcome"),
            (json!({"reason": "best_price", "checklist_done": done, "closed_on": "2999-01-01"}), "/closed_on", "in_the_future"),
            (json!({"reason": "best_price", "checklist_done": done, "closed_on": "2026-01-04"}), "/closed_on", "before_the_start"),
            (json!({"reason": "best_price", "checklist_done": done, "closed_on": "yesterday"}), "/closed_on", "date_invalid"),
            (json!({"checklist_done": done}), "/reason", "required"),
        ] {
            let problem = w.admin.post(&win, body.clone()).await.refused(422, "invalid");
            assert_eq!(codes(&problem), [(place.to_owned(), code.to_owned())], "{body}");
        }
        let open = json!({"stage_id": stage(&w, "qualification").await, "checklist_done": done, "reason": "best_price"});
        let problem = w.admin.post(&path(&made, "/advance"), open).await.refused(422, "invalid");
        assert_eq!(codes(&problem), [("/reason".to_owned(), "opportunity_is_open".to_owned())]);
        w.admin.post(&win, json!({"reason": "best_price"})).await.refused(409, "checklist_open");
        w.admin.act(&path(&made, "/reopen")).await.refused(409, "invalid-transition");

        let body = json!({"reason": "best_price", "note": "Cheapest by far.", "closed_on": "2026-02-01", "checklist_done": done});
        let won = w.admin.post(&win, body.clone()).await.ok();
        let of = |record: &Value| ["status", "probability", "forecast_category", "closed_on", "close_reason", "close_note"]
            .map(|name| record[name].clone());
        assert_eq!(of(&won), [json!("won"), json!(10_000), json!("closed"), json!("2026-02-01"), json!("best_price"), json!("Cheapest by far.")]);
        assert_eq!(w.admin.post(&win, body).await.ok(), won);
        let problem = w.admin.patch(&path(&made, ""), 2, json!({"amount": {"amount": 600, "currency": "CNY"}})).await.refused(422, "invalid");
        assert_eq!(codes(&problem), [("/amount".to_owned(), "opportunity_is_closed".to_owned())]);
        let problem = w.admin.post(&path(&made, "/lose"), json!({"reason": "no_budget"})).await.refused(409, "invalid-transition");
        assert_eq!(problem["open"], json!(["reopen", "transfer"]));
        w.admin.patch(&path(&made, ""), 2, json!({"note": "Champagne."})).await.ok();

        let back = w.admin.post(&path(&made, "/reopen"), json!({"reason": "They called again."})).await.ok();
        assert_eq!(of(&back), [json!("open"), json!(4200), json!("commit"), Value::Null, Value::Null, Value::Null]);
        assert_eq!(back["stage_id"], made["stage_id"]);
        let lost = w.admin.post(&path(&made, "/lose"), json!({"reason": "no_budget"})).await.ok();
        assert_eq!((&lost["status"], &lost["probability"], &lost["forecast_category"]), (&json!("lost"), &json!(0), &json!("commit")));
        assert_eq!(history(&w.admin, &made).await.len(), 4);
    }

    async fn winning_and_losing_have_reasons_of_their_own(test) {
        let w = test.workspace().await;
        let customer = customer(&w.admin).await;
        let body = json!({"name": "Line 3", "customer_id": customer["id"], "checklist_done": DISCOVERY,
            "amount": {"amount": 500, "currency": "CNY"}});
        let made = w.admin.post("/api/v1/opportunities", body).await.expect(201);
        for (verb, reason) in [("/win", "no_budget"), ("/lose", "best_price")] {
            let problem = w.admin.post(&path(&made, verb), json!({"reason": reason})).await.refused(422, "invalid");
            assert_eq!(codes(&problem), [("/reason".to_owned(), "reason_of_another_outcome".to_owned())]);
        }
        let body = json!({"name": "Line 4", "customer_id": customer["id"], "stage_id": stage(&w, "won").await,
            "close_reason": "no_budget", "amount": {"amount": 500, "currency": "CNY"}});
        let problem = w.admin.post("/api/v1/opportunities", body).await.refused(422, "invalid");
        assert_eq!(codes(&problem), [("/close_reason".to_owned(), "reason_of_another_outcome".to_owned())]);

        // One that says nothing fits both, until somebody says what it is for.
        let entries = "/api/v1/dictionary-entries";
        let body = json!({"dictionary": "opportunity_reason", "code": "luck", "name": "Luck"});
        let luck = w.admin.post(entries, body).await.expect(201);
        w.admin.post(&path(&made, "/win"), json!({"reason": "luck"})).await.ok();
        w.admin.act(&path(&made, "/reopen")).await.ok();
        w.admin.patch(&format!("{entries}/{}", id_of(&luck)), 1, json!({"outcome": "lost"})).await.ok();
        w.admin.post(&path(&made, "/win"), json!({"reason": "luck"})).await.refused(422, "invalid");
        w.admin.post(&path(&made, "/lose"), json!({"reason": "luck"})).await.ok();
        let body = json!({"dictionary": "industry", "code": "luck", "name": "Luck", "outcome": "won"});
        let problem = w.admin.post(entries, body).await.refused(422, "invalid");
        assert_eq!(codes(&problem), [("/outcome".to_owned(), "opportunity_reasons_only".to_owned())]);
    }

    async fn what_was_sold_under_a_contract_is_not_reopened(test) {
        let w = test.workspace().await;
        let customer = customer(&w.admin).await;
        let body = json!({"name": "Line 3", "customer_id": customer["id"], "stage_id": stage(&w, "won").await,
            "close_reason": "best_price", "amount": {"amount": 500, "currency": "CNY"}});
        let won = w.admin.post("/api/v1/opportunities", body).await.expect(201);
        let body = json!({"name": "Line 3", "customer_id": customer["id"], "opportunity_id": won["id"],
            "amount": {"amount": 500, "currency": "CNY"}});
        let contract = w.admin.post("/api/v1/contracts", body).await.expect(201);
        w.admin.act(&path(&won, "/reopen")).await.refused(409, "opportunity_has_contract");
        w.admin.delete(&format!("/api/v1/contracts/{}", id_of(&contract))).await.expect(204);
        // Nothing is known of a stage before it: it begins.
        let back = w.admin.act(&path(&won, "/reopen")).await.ok();
        assert_eq!(back["stage_id"], json!(stage(&w, "discovery").await));
    }

    async fn a_move_that_is_based_on_an_older_version_is_refused(test) {
        let w = test.workspace().await;
        let made = w.admin.post("/api/v1/opportunities", json!({"name": "Line 3"})).await.expect(201);
        w.admin.patch(&path(&made, ""), 1, json!({"hot": true})).await.ok();
        let body = json!({"reason": "no_budget", "if_version": 1});
        let problem = w.admin.post(&path(&made, "/lose"), body).await.refused(412, "stale");
        assert_eq!(problem["changed"], json!(["hot"]));
        w.admin.post(&path(&made, "/lose"), json!({"reason": "no_budget", "if_version": 2})).await.ok();
    }

    async fn opportunities_are_handed_over_within_reach_also_many_at_once(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let other = w.person("Olga Other", "Sales").await;
        let made = sales.caller.post("/api/v1/opportunities", json!({"name": "Line 3"})).await.expect(201);
        let second = sales.caller.post("/api/v1/opportunities", json!({"name": "Line 4"})).await.expect(201);
        let to = json!({"owner_id": other.id});
        let problem = sales.caller.post(&path(&made, "/transfer"), to.clone()).await.refused(422, "invalid");
        assert_eq!(codes(&problem), [("/owner_id".to_owned(), "owner_out_of_reach".to_owned())]);
        let nobody = json!({"owner_id": made["id"]});
        let problem = w.admin.post(&path(&made, "/transfer"), nobody).await.refused(422, "invalid");
        assert_eq!(codes(&problem), [("/owner_id".to_owned(), "not_found".to_owned())]);
        other.caller.post(&path(&made, "/transfer"), to.clone()).await.refused(404, "not_found");
        let moved = w.admin.post(&path(&made, "/transfer"), to.clone()).await.ok();
        assert_eq!(moved["owner_id"], json!(other.id));
        sales.caller.get(&path(&made, "")).await.refused(404, "not_found");
        let body = json!({"action": "transfer", "ids": [made["id"], second["id"]], "patch": to});
        assert_eq!(w.admin.post("/api/v1/opportunities/bulk", body).await.ok()["succeeded"], 2);
        // The history of stages goes along with the record; who handled it then still sees what
        // they did.
        let third = w.person("Nora Nobody", "Sales").await;
        for (caller, seen) in [(&other.caller, 1), (&sales.caller, 1), (&third.caller, 0)] {
            assert_eq!(history(caller, &second).await.len(), seen);
        }
        let lose = json!({"action": "lose", "ids": [made["id"], second["id"]], "patch": {"reason": "no_budget"}});
        assert_eq!(other.caller.post("/api/v1/opportunities/bulk", lose).await.ok()["succeeded"], 2);
    }

    async fn a_hundred_moves_at_once_leave_an_unbroken_history(test) {
        let w = test.workspace().await;
        let customer = customer(&w.admin).await;
        let body = json!({"name": "Line 3", "customer_id": customer["id"], "started_on": "2026-01-05",
            "expected_close_on": "2030-01-31", "amount": {"amount": 0, "currency": "CNY"},
            "checklist_done": [DISCOVERY[0], QUALIFICATION[0], QUALIFICATION[1], "Proposal handed over"]});
        let made = w.admin.post("/api/v1/opportunities", body).await.expect(201);
        let mut stages = Vec::new();
        for code in ["discovery", "qualification", "proposal", "negotiation"] {
            stages.push(stage(&w, code).await);
        }
        let advance = path(&made, "/advance");
        let moves = (0..100).map(|number: usize| {
            // Each also writes an amount of its own: what it writes must be what its move kept.
            let fields = json!({"amount": {"amount": number + 1, "currency": "CNY"}});
            let body = json!({"stage_id": stages[number % 4], "fields": fields});
            let (admin, advance) = (&w.admin, &advance);
            async move { admin.post(advance, body).await.ok() }
        });
        let answers = join_all(moves).await;
        let now = w.admin.get(&path(&made, "")).await.ok();
        let kept = history(&w.admin, &made).await;
        for pair in kept.windows(2) {
            assert_eq!(pair[0]["to_stage_id"], pair[1]["from_stage_id"], "no gap in {kept:#?}");
            assert_ne!(pair[1]["from_stage_id"], pair[1]["to_stage_id"], "only real changes");
        }
        let last = kept.last().unwrap();
        assert_eq!((&last["to_stage_id"], &last["amount"]), (&now["stage_id"], &now["amount"]));
        // Each real change is one version, one row, and one answer that tells the amount it wrote.
        assert_eq!(now["version"], json!(kept.len()));
        for change in &kept[1..] {
            let amount = &change["amount"]["amount"];
            let told = answers.iter().any(|a| a["amount"]["amount"] == *amount && a["stage_id"] == change["to_stage_id"]);
            assert!(told, "nobody was told of {amount}");
        }
        assert!(kept.len() > 4, "only {} changes", kept.len());
        let log = w.admin.get(&path(&made, "/history?limit=200")).await.ok();
        let moved = log["items"].as_array().unwrap().iter().filter(|c| c["verb"] == "advance").count();
        assert_eq!(moved, kept.len() - 1);
    }

    async fn a_hundred_decisions_at_once_are_one(test) {
        let w = test.workspace().await;
        let customer = customer(&w.admin).await;
        let body = json!({"name": "Line 3", "customer_id": customer["id"], "checklist_done": DISCOVERY,
            "amount": {"amount": 500, "currency": "CNY"}});
        let made = w.admin.post("/api/v1/opportunities", body).await.expect(201);
        let (win, lose) = (path(&made, "/win"), path(&made, "/lose"));
        let decisions = (0..100).map(|number| {
            let to = if number % 2 == 0 { &win } else { &lose };
            w.admin.post(to, json!({"reason": "other"}))
        });
        let answers = join_all(decisions).await;
        let now = w.admin.get(&path(&made, "")).await.ok();
        assert_eq!(now["version"], 2);
        let agreed = answers.iter().filter(|a| a.status == 200 && a.body["status"] == now["status"]).count();
        assert_eq!(agreed, 50);
        for answer in answers {
            if answer.status != 200 {
                answer.refused(409, "invalid-transition");
            }
        }
        assert_eq!(history(&w.admin, &made).await.len(), 2);
    }
}
