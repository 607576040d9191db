//! Bad input about money: every answer says what is wrong, where, and with which figures; and nothing
//! has happened.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::ledger::is_whole;
use super::{customer, in_force, paid, yuan};
use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::{Workspace, id_of};

/// Asks for something that must be refused as a wrong field: place, code, params.
async fn wrong(
    caller: &Caller,
    method: Method,
    path: &str,
    body: Value,
    place: &str,
    code: &str,
    params: Value,
) {
    let request = caller.request(method, path).json(&body);
    let problem = caller.send(request).await.refused(422, "invalid");
    let expected = json!({"pointer": place, "code": code, "params": params});
    assert_eq!(problem["errors"][0], expected, "{path} {body}");
}

/// Asks for something that a rule stands against: its code, figures, and a sentence of its own.
async fn against(caller: &Caller, path: &str, body: Value, code: &str, params: Value) {
    let problem = caller.post(path, body).await.refused(409, code);
    assert_ne!(problem["detail"], "A rule stands against it.", "{code}");
    assert_eq!(problem["params"], params, "{problem:#}");
}

/// How many records of everything there are.
async fn counts(w: &Workspace) -> Vec<Value> {
    let mut counts = Vec::new();
    for plural in [
        "contracts",
        "receivables",
        "payments",
        "allocations",
        "refunds",
        "adjustments",
        "stage-changes",
    ] {
        let list = w
            .admin
            .get(&format!("/api/v1/{plural}?count=exact&limit=1"))
            .await
            .ok();
        counts.push(list["count"].clone());
    }
    counts
}

/// One receivable's part of a payment.
fn part(receivable: Uuid, amount: i64) -> Value {
    json!({"allocations": [{"receivable_id": receivable, "amount": amount}]})
}

const NONE: Value = Value::Null;

both_databases! {
    async fn documents_that_do_not_add_up_say_by_how_much(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        let lines = json!([{"name": "Pump", "quantity": 3_000_000, "unit_price": 3_333_333}]);
        let sum = json!({"sum": "10", "amount": 1000, "currency": "CNY"});
        for plural in ["contracts", "opportunities"] {
            let body = json!({"name": "A", "customer_id": buyer, "amount": yuan(1_001), "lines": lines});
            wrong(&w.admin, Method::POST, &format!("/api/v1/{plural}"), body, "/amount", "not_the_sum_of_the_lines", sum.clone()).await;
        }
        let discount = json!({"name": "A", "customer_id": buyer, "amount": yuan(1_000), "lines": lines,
            "discount": {"amount": 5, "currency": "USD"}});
        wrong(&w.admin, Method::POST, "/api/v1/contracts", discount, "/discount", "another_currency", json!({"currency": "CNY"})).await;
        let own = json!({"currency": "CNY", "rate": 2_000_000, "valid_from": "2026-01-01"});
        wrong(&w.admin, Method::POST, "/api/v1/exchange-rates", own, "/currency", "own_currency", NONE).await;
        let missing = json!({"currency": "JPY", "base": "CNY", "day": "2026-02-01"});
        let yen = json!({"amount": 100, "currency": "JPY"});
        for (plural, day) in [("contracts", "signed_on"), ("payments", "received_on"), ("opportunities", "started_on")] {
            let mut body = json!({"customer_id": buyer, "amount": yen, (day): "2026-02-01"});
            if plural != "payments" {
                body["name"] = json!("A");
            }
            wrong(&w.admin, Method::POST, &format!("/api/v1/{plural}"), body, "/amount", "rate_missing", missing.clone()).await;
        }
        let body = json!({"name": "A", "customer_id": buyer, "amount": yuan(1_000), "signed_on": "2026-02-01"});
        let contract = w.admin.post("/api/v1/contracts", body).await.expect(201);
        let path = format!("/api/v1/contracts/{}", id_of(&contract));
        let plan = format!("{path}/receivables");
        let before = counts(&w).await;
        let early = json!({"day": "2026-02-01"});
        let one = json!({"min": 1, "max": 9_007_199_254_740_991_i64});
        let many = json!({"min": 1, "max": 600});
        let given = |day: &str, amount: Value| json!({"receivables": [{"due_on": "2026-02-01", "amount": 1}, {"due_on": day, "amount": amount}]});
        for (body, place, code, params) in [
            (given("2026-01-31", json!(999)), "/receivables/1/due_on", "before_the_contract", early.clone()),
            (given("2026-02-30", json!(999)), "/receivables/1/due_on", "date_invalid", NONE),
            (given("2026-02-28", json!("999")), "/receivables/1/amount", "wrong_type", NONE),
            (given("2026-02-28", json!(9.5)), "/receivables/1/amount", "wrong_type", NONE),
            (given("2026-02-28", json!(0)), "/receivables/1/amount", "out_of_range", one.clone()),
            (json!({"receivables": [{"amount": 5}]}), "/receivables/0/due_on", "required", NONE),
            (json!({"receivables": [{"due_on": "2026-02-28", "amount": 5, "sum": 5}]}), "/receivables/0/sum", "unknown_field", NONE),
            (json!({"shares": [3_000, 6_000, 999], "first_due_on": "2026-03-01"}), "/shares", "not_the_whole", NONE),
            (json!({"shares": [-3_000, 13_000], "first_due_on": "2026-03-01"}), "/shares", "not_the_whole", NONE),
            (json!({"shares": [10_000, 0], "first_due_on": "2026-03-01"}), "/shares/1", "out_of_range", one),
            (json!({"shares": [], "first_due_on": "2026-03-01"}), "/shares", "out_of_range", many.clone()),
            (json!({"shares": [10_000]}), "/first_due_on", "required", NONE),
            (json!({"shares": [5_000, 5_000], "first_due_on": "2026-01-01", "every_months": 0}), "/first_due_on", "before_the_contract", early),
            (json!({"monthly": 0, "first_due_on": "2026-03-01"}), "/monthly", "out_of_range", many),
            (json!({"monthly": 3, "shares": [10_000], "first_due_on": "2026-03-01"}), "/receivables", "one_way_to_plan", NONE),
            (json!({}), "/receivables", "one_way_to_plan", NONE),
        ] {
            wrong(&w.admin, Method::PUT, &plan, body, place, code, params).await;
        }
        assert_eq!(counts(&w).await, before);
        let submit = format!("{path}/submit");
        against(&w.admin, &submit, json!({}), "no_receivables", NONE).await;
        w.admin.put(&plan, json!({"receivables": [{"due_on": "2026-03-01", "amount": 999}]})).await.ok();
        let sums = json!({"amount": 1000, "planned": 999, "currency": "CNY"});
        against(&w.admin, &submit, json!({}), "receivables_do_not_sum", sums).await;
        w.admin.put(&plan, json!({"monthly": 1, "first_due_on": "2026-03-01"})).await.ok();
        let early = json!({"day": "2026-02-01"});
        wrong(&w.admin, Method::POST, &submit, json!({"effective_on": "2026-01-31"}), "/effective_on", "before_the_contract", early.clone()).await;
        wrong(&w.admin, Method::POST, &submit, json!({"effective_on": "2999-01-31"}), "/effective_on", "in_the_future", NONE).await;
        w.admin.act(&submit).await.ok();
        against(&w.admin, &submit, json!({}), "invalid-transition", json!({"status": "effective"})).await;
        let end = format!("{path}/terminate");
        let body = json!({"reason": "Over", "terminated_on": "2026-01-31"});
        wrong(&w.admin, Method::POST, &end, body, "/terminated_on", "before_the_contract", early.clone()).await;
        wrong(&w.admin, Method::POST, &end, json!({}), "/reason", "required", NONE).await;
        wrong(&w.admin, Method::POST, &end, json!({"reason": " "}), "/reason", "required", NONE).await;
        let due = w.admin.get("/api/v1/receivables").await.ok();
        let move_it = format!("/api/v1/receivables/{}/reschedule", id_of(&due["items"][0]));
        wrong(&w.admin, Method::POST, &move_it, json!({"due_on": "2026-01-31"}), "/due_on", "before_the_contract", early).await;
        assert_eq!(w.admin.get(&path).await.ok()["status"], "effective");
        is_whole(test).await;
    }

    async fn nothing_is_allocated_that_is_not_open_or_not_the_customers(test) {
        let w = test.workspace().await;
        let (buyer, other) = (customer(&w.admin, "Buyer").await, customer(&w.admin, "Other").await);
        let (own, due) = in_force(&w.admin, buyer, &[("2026-02-01", 600), ("2026-03-01", 400)]).await;
        let (theirs, their_due) = in_force(&w.admin, other, &[("2026-02-01", 600)]).await;
        let payment = paid(&w.admin, buyer, 700).await;
        let path = format!("/api/v1/payments/{payment}");
        let allocate = format!("{path}/allocate");
        let before = counts(&w).await;
        against(&w.admin, &allocate, part(their_due[0], 100), "another_customer", NONE).await;
        // Neither does "the oldest" of it pass in silence.
        let oldest = json!({"oldest": true, "contract_id": theirs});
        against(&w.admin, &allocate, oldest.clone(), "another_customer", NONE).await;
        let open = json!({"receivable_id": due[0], "amount": 601, "outstanding": 600, "currency": "CNY"});
        against(&w.admin, &allocate, part(due[0], 601), "more_than_outstanding", open).await;
        let left = json!({"amount": 701, "unallocated": 700, "currency": "CNY"});
        against(&w.admin, &allocate, part(due[0], 701), "more_than_unallocated", left).await;
        let nobody = "01900000-0000-7000-8000-000000000000";
        for (body, place, code, params) in [
            (part(due[0], 0), "/allocations/0/amount", "zero", NONE),
            (part(due[0], -1), "/allocations/0/amount", "zero", NONE),
            (part(nobody.parse().unwrap(), 1), "/allocations/0/receivable_id", "not_found", NONE),
            (json!({"allocations": [{"receivable_id": "first", "amount": 1}]}), "/allocations/0/receivable_id", "id_invalid", NONE),
            (json!({"allocations": [{"receivable_id": due[0], "amount": 9, "receivable_amount": 8}]}),
                "/allocations/0/receivable_amount", "not_the_amount", NONE),
            (json!({"allocations": []}), "/allocations", "out_of_range", json!({"min": 1, "max": 500})),
            (json!({"allocations": [], "oldest": true}), "/allocations", "parts_or_oldest", NONE),
            (json!({}), "/allocations", "parts_or_oldest", NONE),
        ] {
            wrong(&w.admin, Method::POST, &allocate, body, place, code, params).await;
        }
        let left = json!({"amount": 701, "unallocated": 700, "currency": "CNY"});
        against(&w.admin, &format!("{path}/refund"), json!({"amount": 701, "reason": "Back"}), "more_than_unallocated", left).await;
        let early = json!({"amount": 1, "reason": "Back", "refunded_on": "2026-01-31"});
        wrong(&w.admin, Method::POST, &format!("{path}/refund"), early, "/refunded_on", "before_the_start", NONE).await;
        let early = json!({"reason": "Bounced", "reversed_on": "2026-01-31"});
        wrong(&w.admin, Method::POST, &format!("{path}/reverse"), early, "/reversed_on", "before_the_start", NONE).await;
        assert_eq!(counts(&w).await, before);

        // A payment of one customer for another's contract.
        let mut body = json!({"customer_id": buyer, "contract_id": theirs, "amount": yuan(100), "received_on": "2026-02-01"});
        wrong(&w.admin, Method::POST, "/api/v1/payments", body.clone(), "/contract_id", "contract_of_another_customer", NONE).await;
        body["customer_id"] = NONE;
        let unknown = w.admin.post("/api/v1/payments", body.clone()).await.expect(201);
        let unknown_path = format!("/api/v1/payments/{}", id_of(&unknown));
        let patch = w.admin.patch(&unknown_path, 1, json!({"customer_id": buyer})).await.refused(422, "invalid");
        assert_eq!(patch["errors"][0]["code"], "contract_of_another_customer");
        let whose = json!({"customer_id": buyer, "allocate": {"oldest": true}});
        against(&w.admin, &format!("{unknown_path}/confirm"), whose, "contract_of_another_customer", NONE).await;
        assert_eq!(w.admin.get(&unknown_path).await.ok()["status"], "reported");
        w.admin.act(&format!("{unknown_path}/confirm")).await.ok();
        let whose = json!({"customer_id": buyer});
        against(&w.admin, &format!("{unknown_path}/match"), whose, "contract_of_another_customer", NONE).await;
        w.admin.post(&format!("{unknown_path}/match"), json!({"customer_id": other})).await.ok();

        // A draft owes nothing yet.
        let draft = json!({"name": "Draft", "customer_id": buyer, "amount": yuan(50)});
        let draft = id_of(&w.admin.post("/api/v1/contracts", draft).await.expect(201));
        let plan = json!({"monthly": 1, "first_due_on": "2999-01-01"});
        let planned = w.admin.put(&format!("/api/v1/contracts/{draft}/receivables"), plan).await.ok();
        against(&w.admin, &allocate, part(id_of(&planned["items"][0]), 10), "contract_not_in_force", NONE).await;
        let done = w.admin.post(&allocate, json!({"oldest": true, "contract_id": own})).await.ok();
        assert_eq!(done["allocations"].as_array().unwrap().len(), 2);
        is_whole(test).await;
    }

    async fn a_stage_of_another_pipeline_is_refused_wherever_it_is_named(test) {
        let w = test.workspace().await;
        let pipelines = w.admin.get("/api/v1/pipelines").await.ok();
        let ids: Vec<Uuid> = pipelines["items"].as_array().unwrap().iter().map(id_of).collect();
        let stages = w.admin.get("/api/v1/stages?limit=200").await.ok();
        let made = w.admin.post("/api/v1/opportunities", json!({"name": "O", "pipeline_id": ids[0]})).await.expect(201);
        let stages = stages["items"].as_array().unwrap();
        let other = stages.iter().find(|stage| stage["pipeline_id"] != json!(ids[0])).unwrap();
        let before = counts(&w).await;
        let (admin, code) = (&w.admin, "stage_of_another_pipeline");
        let path = format!("/api/v1/opportunities/{}", id_of(&made));
        let body = json!({"stage_id": other["id"]});
        wrong(admin, Method::POST, &format!("{path}/advance"), body.clone(), "/stage_id", code, NONE).await;
        wrong(admin, Method::POST, &format!("{path}/advance"), json!({"stage_id": "next"}), "/stage_id", "id_invalid", NONE).await;
        let body = json!({"name": "O", "pipeline_id": ids[0], "stage_id": other["id"]});
        wrong(admin, Method::POST, "/api/v1/opportunities", body, "/stage_id", code, NONE).await;
        let moved = admin.patch(&path, 1, json!({"stage_id": other["id"]})).await.refused(422, "invalid");
        assert_eq!(moved["errors"][0]["code"], "read_only");
        against(admin, &format!("{path}/contract"), json!({}), "opportunity_not_won", NONE).await;
        against(admin, &format!("{path}/reopen"), json!({}), "invalid-transition", json!({"status": "open"})).await;
        assert_eq!(counts(&w).await, before);
        assert_eq!(admin.get(&path).await.ok()["stage_id"], made["stage_id"]);
    }
}
