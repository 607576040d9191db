//! Contracts, receivables and payments by their rules.

mod bad_input;
mod kept;
mod ledger;
mod once;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::{Workspace, id_of};

pub(crate) use self::ledger::is_whole;

/// An amount in the workspace's currency.
pub(crate) fn yuan(minor: i64) -> Value {
    json!({"amount": minor, "currency": "CNY"})
}

/// A customer of the administrator's.
pub(crate) async fn customer(caller: &Caller, name: &str) -> Uuid {
    id_of(
        &caller
            .post("/api/v1/customers", json!({"name": name}))
            .await
            .expect(201),
    )
}

/// A contract in force with these receivables: (due, amount).
pub(crate) async fn in_force(
    caller: &Caller,
    customer: Uuid,
    due: &[(&str, i64)],
) -> (Uuid, Vec<Uuid>) {
    let total: i64 = due.iter().map(|(_, amount)| amount).sum();
    let body = json!({"name": "Machines", "customer_id": customer, "amount": yuan(total),
        "signed_on": "2026-01-10"});
    let contract = id_of(&caller.post("/api/v1/contracts", body).await.expect(201));
    let planned: Vec<Value> = due
        .iter()
        .map(|(day, amount)| json!({"due_on": day, "amount": amount}))
        .collect();
    let path = format!("/api/v1/contracts/{contract}");
    let planned = caller
        .put(
            &format!("{path}/receivables"),
            json!({"receivables": planned}),
        )
        .await
        .ok();
    caller.act(&format!("{path}/submit")).await.ok();
    (
        contract,
        planned["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(id_of)
            .collect(),
    )
}

/// A confirmed payment of a customer.
pub(crate) async fn paid(caller: &Caller, customer: Uuid, amount: i64) -> Uuid {
    let body =
        json!({"customer_id": customer, "amount": yuan(amount), "received_on": "2026-02-01"});
    let payment = id_of(&caller.post("/api/v1/payments", body).await.expect(201));
    caller
        .act(&format!("/api/v1/payments/{payment}/confirm"))
        .await
        .ok();
    payment
}

async fn get(w: &Workspace, plural: &str, id: Uuid) -> Value {
    w.admin.get(&format!("/api/v1/{plural}/{id}")).await.ok()
}

fn minor(record: &Value, field: &str) -> i64 {
    record[field]["amount"]
        .as_i64()
        .unwrap_or_else(|| panic!("no {field} in {record:#}"))
}

both_databases! {
    async fn a_contract_goes_from_draft_to_paid(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        let lines = json!([
            {"name": "Pump", "quantity": 3_000_000, "unit_price": 9_990_000, "discount_rate": 500, "tax_rate": 1300},
            {"name": "Filter", "quantity": 1_000_000, "unit_price": 335_000},
        ]);
        let body = json!({"name": "Pumps", "customer_id": buyer, "lines": lines, "includes_tax": false,
            "signed_on": "2026-01-10"});
        let contract = w.admin.post("/api/v1/contracts", body).await.expect(201);
        // 28.47 + 3.70 and 0.34 (half away from zero).
        assert_eq!((&contract["amount"], &contract["net_amount"], &contract["tax_amount"]),
            (&yuan(3251), &yuan(2881), &yuan(370)));
        assert_eq!(contract["number"].as_str().unwrap().len(), "C2026-00001".len());
        let path = format!("/api/v1/contracts/{}", id_of(&contract));
        w.admin.act(&format!("{path}/submit")).await.refused(409, "no_receivables");
        let plan = json!({"shares": [3000, 6000, 1000], "first_due_on": "2026-01-31"});
        let planned = w.admin.put(&format!("{path}/receivables"), plan).await.ok();
        let planned: Vec<_> = planned["items"].as_array().unwrap().iter()
            .map(|r| (r["due_on"].as_str().unwrap().to_owned(), minor(r, "amount"), r["settlement"].clone()))
            .collect();
        assert_eq!(planned, [
            ("2026-01-31".to_owned(), 975, json!("planned")),
            ("2026-02-28".to_owned(), 1951, json!("planned")),
            ("2026-03-31".to_owned(), 325, json!("planned")),
        ]);
        let contract = w.admin.act(&format!("{path}/submit")).await.ok();
        assert_eq!((&contract["status"], &contract["effective_on"], &contract["outstanding_amount"]),
            (&json!("effective"), &json!("2026-01-10"), &yuan(3251)));
        let who = get(&w, "customers", buyer).await;
        assert_eq!((&who["lifecycle"], &who["first_contract_on"]), (&json!("active"), &json!("2026-01-10")));
        // The second click.
        w.admin.act(&format!("{path}/submit")).await.refused(409, "invalid-transition");
        let payment = paid(&w.admin, buyer, 3000).await;
        let allocate = format!("/api/v1/payments/{payment}/allocate");
        let done = w.admin.post(&allocate, json!({"oldest": true})).await.ok();
        let parts: Vec<i64> = done["allocations"].as_array().unwrap().iter().map(|a| minor(a, "amount")).collect();
        assert_eq!(parts, [975, 1951, 74]);
        assert_eq!(minor(&done["payment"], "unallocated_amount"), 0);
        let rest = paid(&w.admin, buyer, 300).await;
        let done = w.admin.post(&format!("/api/v1/payments/{rest}/allocate"), json!({"oldest": true})).await.ok();
        assert_eq!(minor(&done["payment"], "unallocated_amount"), 49);
        let contract = w.admin.get(&path).await.ok();
        assert_eq!((&contract["status"], &contract["paid_amount"], &contract["outstanding_amount"]),
            (&json!("completed"), &yuan(3251), &yuan(0)));
        // Reversed: the contract is in force again, and nothing of it is lost.
        let reverse = format!("/api/v1/payments/{payment}/reverse");
        w.admin.post(&reverse, json!({"reason": "Bounced"})).await.ok();
        w.admin.post(&reverse, json!({"reason": "Bounced"})).await.refused(409, "invalid-transition");
        let contract = w.admin.get(&path).await.ok();
        assert_eq!((&contract["status"], &contract["outstanding_amount"]), (&json!("effective"), &yuan(3000)));
        let balance = w.admin.get(&format!("/api/v1/customers/{buyer}/balance")).await.ok();
        assert_eq!(balance["currencies"][0], json!({"currency": "CNY", "contracted": 3251, "paid": 251,
            "outstanding": 3000, "overdue": 3000, "written_off": 0, "cancelled": 0, "unallocated": 49}));
        let statement = w.admin.get(&format!("/api/v1/customers/{buyer}/statement")).await.ok();
        let kinds: Vec<_> = statement["entries"].as_array().unwrap().iter()
            .map(|e| (e["kind"].as_str().unwrap(), e["charge"].as_i64().unwrap(), e["credit"].as_i64().unwrap()))
            .collect();
        assert_eq!(kinds, [("contract", 3251, 0), ("payment", 0, 3000), ("payment", 0, 300), ("reversal", 3000, 0)]);
        assert_eq!(statement["closing"], 2951);
        ledger::is_whole(test).await;
    }

    async fn sums_that_do_not_add_up_are_refused(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        let wrong = json!({"name": "C", "customer_id": buyer, "amount": yuan(101),
            "lines": [{"name": "Pump", "unit_price": 1_000_000}]});
        let problem = w.admin.post("/api/v1/contracts", wrong).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0], json!({"pointer": "/amount", "code": "not_the_sum_of_the_lines",
            "params": {"sum": "1", "amount": 100, "currency": "CNY"}}));
        let body = json!({"name": "C", "customer_id": buyer, "amount": yuan(1000), "signed_on": "2026-01-10"});
        let contract = w.admin.post("/api/v1/contracts", body).await.expect(201);
        let path = format!("/api/v1/contracts/{}", id_of(&contract));
        let plan = |amount: i64, day: &str| json!({"receivables": [{"due_on": day, "amount": amount}]});
        let early = w.admin.put(&format!("{path}/receivables"), plan(1000, "2026-01-09")).await.refused(422, "invalid");
        assert_eq!(early["errors"][0]["code"], "before_the_contract");
        w.admin.put(&format!("{path}/receivables"), plan(999, "2026-02-01")).await.ok();
        let short = w.admin.act(&format!("{path}/submit")).await.refused(409, "receivables_do_not_sum");
        assert_eq!(short["params"], json!({"amount": 1000, "planned": 999, "currency": "CNY"}));
        let shares = json!({"shares": [5000, 4999], "first_due_on": "2026-02-01"});
        let shares = w.admin.put(&format!("{path}/receivables"), shares).await.refused(422, "invalid");
        assert_eq!(shares["errors"][0]["code"], "not_the_whole");
        // In the trash nothing of the draft is planned any more; restored, it is as it was.
        let planned = format!("/api/v1/receivables?filter=contract_id%20==%20%22{}%22", id_of(&contract));
        let count = async || w.admin.get(&planned).await.ok()["items"].as_array().unwrap().len();
        assert_eq!(count().await, 1);
        w.admin.delete(&path).await.expect(204);
        assert_eq!(count().await, 0);
        w.admin.act(&format!("{path}/restore")).await.ok();
        assert_eq!(count().await, 1);
        w.admin.put(&format!("{path}/receivables"), json!({"monthly": 3, "first_due_on": "2026-01-31"})).await.ok();
        w.admin.act(&format!("{path}/submit")).await.ok();
        // In force: its text stays.
        w.admin.put(&format!("{path}/receivables"), plan(1000, "2026-02-01")).await
            .refused(409, "contract_is_in_force");
        let version = w.admin.get(&path).await.ok()["version"].as_i64().unwrap();
        let frozen = w.admin.patch(&path, version, json!({"amount": yuan(900)})).await.refused(422, "invalid");
        assert_eq!(frozen["errors"][0]["code"], "contract_is_in_force");
        w.admin.patch(&path, version, json!({"note": "Filed"})).await.ok();
        w.admin.delete(&path).await.refused(409, "document_counts");
        let foreign = json!({"name": "C", "customer_id": buyer, "amount": {"amount": 1, "currency": "USD"}});
        let foreign = w.admin.post("/api/v1/contracts", foreign).await.refused(422, "invalid");
        assert_eq!(foreign["errors"][0]["code"], "rate_missing");
    }

    async fn a_payment_settles_what_is_open_and_no_more(test) {
        let w = test.workspace().await;
        let (buyer, other) = (customer(&w.admin, "Buyer").await, customer(&w.admin, "Other").await);
        let (_, due) = in_force(&w.admin, buyer, &[("2026-02-01", 600), ("2026-03-01", 400)]).await;
        let (_, theirs) = in_force(&w.admin, other, &[("2026-02-01", 600)]).await;
        let payment = paid(&w.admin, buyer, 700).await;
        let path = format!("/api/v1/payments/{payment}");
        let part = |receivable: Uuid, amount: i64| json!({"allocations": [{"receivable_id": receivable, "amount": amount}]});
        let allocate = format!("{path}/allocate");
        w.admin.post(&allocate, part(due[0], 601)).await.refused(409, "more_than_outstanding");
        w.admin.post(&allocate, part(due[0], 701)).await.refused(409, "more_than_unallocated");
        w.admin.post(&allocate, part(theirs[0], 100)).await.refused(409, "another_customer");
        w.admin.post(&allocate, part(due[0], 0)).await.refused(422, "invalid");
        w.admin.post(&allocate, part(due[0], -5)).await.refused(422, "invalid");
        // Twice in one call is counted together.
        let twice = json!({"allocations": [{"receivable_id": due[0], "amount": 350}, {"receivable_id": due[0], "amount": 350}]});
        w.admin.post(&allocate, twice).await.refused(409, "more_than_outstanding");
        let done = w.admin.post(&allocate, part(due[0], 500)).await.ok();
        let allocation = id_of(&done["allocations"][0]);
        assert_eq!(get(&w, "receivables", due[0]).await["settlement"], "partial");
        let refund = format!("{path}/refund");
        w.admin.post(&refund, json!({"amount": 201, "reason": "Too much"})).await.refused(409, "more_than_unallocated");
        w.admin.post(&refund, json!({"amount": 50, "reason": "Too much"})).await.ok();
        w.admin.post(&format!("{path}/reverse"), json!({"reason": "Wrong"})).await.refused(409, "refunded_already");
        let release = format!("/api/v1/allocations/{allocation}/release");
        w.admin.post(&release, json!({"reason": "Wrong one"})).await.ok();
        w.admin.post(&release, json!({"reason": "Wrong one"})).await.refused(409, "released_already");
        let after = get(&w, "payments", payment).await;
        assert_eq!((minor(&after, "allocated_amount"), minor(&after, "refunded_amount"), minor(&after, "unallocated_amount")),
            (0, 50, 650));
        assert_eq!(get(&w, "receivables", due[0]).await["settlement"], "open");
        // Writing off what nobody will pay, and ending the contract.
        let write_off = format!("/api/v1/receivables/{}/write-off", due[0]);
        w.admin.post(&write_off, json!({"amount": 601, "reason": "Broke"})).await.refused(409, "more_than_outstanding");
        w.admin.post(&write_off, json!({"amount": 100, "reason": "Rounded"})).await.ok();
        let contract = get(&w, "receivables", due[0]).await["contract_id"].as_str().unwrap().to_owned();
        let ended = w.admin.post(&format!("/api/v1/contracts/{contract}/terminate"), json!({"reason": "Cancelled"})).await.ok();
        assert_eq!((&ended["status"], minor(&ended, "outstanding_amount")), (&json!("terminated"), 0));
        let first = get(&w, "receivables", due[0]).await;
        assert_eq!((&first["settlement"], minor(&first, "written_off_amount"), minor(&first, "cancelled_amount")),
            (&json!("cancelled"), 100, 500));
        ledger::is_whole(test).await;
    }

    async fn sales_report_and_finance_decides(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let finance = w.person("Fay Finance", "Finance").await;
        let buyer = customer(&sales.caller, "Buyer").await;
        let (contract, due) = in_force(&sales.caller, buyer, &[("2026-02-01", 600)]).await;
        let body = json!({"customer_id": buyer, "amount": yuan(600), "received_on": "2026-02-01"});
        let payment = id_of(&sales.caller.post("/api/v1/payments", body.clone()).await.expect(201));
        let path = format!("/api/v1/payments/{payment}");
        for verb in ["confirm", "allocate", "reject", "reverse", "refund"] {
            let body = match verb {
                "confirm" => json!({}),
                "allocate" => json!({"oldest": true}),
                "refund" => json!({"reason": "x", "amount": 1}),
                _ => json!({"reason": "x"}),
            };
            sales.caller.post(&format!("{path}/{verb}"), body).await.refused(403, "money_only");
        }
        sales.caller.post(&format!("/api/v1/receivables/{}/write-off", due[0]), json!({"reason": "x"})).await
            .refused(403, "money_only");
        let done = finance.caller.post(&format!("{path}/confirm"), json!({"allocate": {"oldest": true}})).await.ok();
        assert_eq!(done["payment"]["status"], "confirmed");
        finance.caller.act(&format!("{path}/confirm")).await.refused(409, "invalid-transition");
        let version = sales.caller.get(&path).await.ok()["version"].as_i64().unwrap();
        let frozen = sales.caller.patch(&path, version, json!({"amount": yuan(1)})).await.refused(422, "invalid");
        assert_eq!(frozen["errors"][0]["code"], "payment_is_decided");
        // Whom nobody knows: matched when confirmed.
        let unknown = json!({"payer": "ACME LTD", "amount": yuan(70), "received_on": "2026-02-01"});
        let unknown = id_of(&finance.caller.post("/api/v1/payments", unknown).await.expect(201));
        finance.caller.post(&format!("/api/v1/payments/{unknown}/confirm"), json!({"allocate": {"oldest": true}})).await
            .refused(409, "payment_without_customer");
        assert_eq!(get(&w, "payments", unknown).await["status"], "reported");
        finance.caller.post(&format!("/api/v1/payments/{unknown}/confirm"), json!({"customer_id": buyer})).await.ok();
        let future = json!({"customer_id": buyer, "amount": yuan(1), "received_on": "2999-01-01"});
        sales.caller.post("/api/v1/payments", future).await.refused(422, "invalid");
        // Sales see their own month.
        let figures = sales.caller.get("/api/v1/workbench/figures?month=2026-02-14").await.ok();
        let of = |metric: &str| figures["figures"].as_array().unwrap().iter()
            .find(|f| f["metric"] == metric).unwrap()["actual"].clone();
        assert_eq!((of("receipts"), of("contract_amount"), &figures["planned_receipts"]), (json!(600), json!(0), &json!(600)));
        let january = sales.caller.get("/api/v1/workbench/figures?month=2026-01-14").await.ok();
        assert_eq!(january["figures"][1], json!({"metric": "contract_amount", "is_money": true, "planned": null, "actual": 600}));
        // Another seller sees nothing of it, until the contract is theirs.
        let otto = w.person("Otto Other", "Sales").await;
        let other = &otto.caller;
        other.get(&path).await.refused(404, "not_found");
        other.get(&format!("/api/v1/customers/{buyer}/balance")).await.refused(404, "not_found");
        assert_eq!(other.get("/api/v1/reports/ageing").await.ok()["rows"], json!([]));
        let due = format!("/api/v1/receivables/{}", due[0]);
        other.get(&due).await.refused(404, "not_found");
        let hand = format!("/api/v1/contracts/{contract}/transfer");
        sales.caller.post(&hand, json!({"owner_id": otto.id})).await.refused(422, "invalid");
        w.admin.post(&hand, json!({"owner_id": otto.id})).await.ok();
        assert_eq!(other.get(&due).await.ok()["owner_id"], json!(otto.id));
    }

    async fn without_a_rate_of_its_day_no_money_crosses_currencies(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        let dollars = |amount: i64| json!({"amount": amount, "currency": "USD"});
        let of = |body: &Value| body["errors"][0].clone();
        let body = json!({"name": "Export", "customer_id": buyer, "amount": dollars(10_000), "signed_on": "2026-02-01"});
        let problem = w.admin.post("/api/v1/contracts", body.clone()).await.refused(422, "invalid");
        assert_eq!(of(&problem), json!({"pointer": "/amount", "code": "rate_missing",
            "params": {"currency": "USD", "base": "CNY", "day": "2026-02-01"}}));
        let rate = json!({"currency": "USD", "rate": 7_000_000, "valid_from": "2026-02-01"});
        w.admin.post("/api/v1/exchange-rates", rate).await.expect(201);
        let contract = w.admin.post("/api/v1/contracts", body).await.expect(201);
        let path = format!("/api/v1/contracts/{}", id_of(&contract));
        let plan = json!({"receivables": [{"due_on": "2026-03-01", "amount": 10_000}]});
        let due = id_of(&w.admin.put(&format!("{path}/receivables"), plan).await.ok()["items"][0]);
        w.admin.act(&format!("{path}/submit")).await.ok();
        // The yuan came before anybody knew what a dollar was worth.
        let body = json!({"customer_id": buyer, "amount": yuan(7_000), "received_on": "2026-01-31"});
        let payment = id_of(&w.admin.post("/api/v1/payments", body).await.expect(201));
        let path = format!("/api/v1/payments/{payment}");
        let parts = json!({"allocations": [{"receivable_id": due, "amount": 7_000}]});
        let problem = w.admin.post(&format!("{path}/confirm"), json!({"allocate": parts})).await.refused(422, "invalid");
        let missing = json!({"pointer": "/allocate/allocations/0/receivable_id", "code": "rate_missing",
            "params": {"currency": "USD", "base": "CNY", "day": "2026-01-31"}});
        assert_eq!(of(&problem), missing);
        assert_eq!(get(&w, "payments", payment).await["status"], "reported");
        w.admin.act(&format!("{path}/confirm")).await.ok();
        let problem = w.admin.post(&format!("{path}/allocate"), parts.clone()).await.refused(422, "invalid");
        assert_eq!(of(&problem)["pointer"], "/allocations/0/receivable_id");
        // Neither does saying both amounts help: the difference could not be counted.
        let said = json!({"allocations": [{"receivable_id": due, "amount": 7_000, "receivable_amount": 1_000}]});
        w.admin.post(&format!("{path}/allocate"), said.clone()).await.refused(422, "invalid");
        let rate = json!({"currency": "USD", "rate": 6_800_000, "valid_from": "2026-01-01"});
        w.admin.post("/api/v1/exchange-rates", rate).await.expect(201);
        let done = w.admin.post(&format!("{path}/allocate"), said).await.ok();
        assert_eq!(done["allocations"][0]["exchange_difference"], 0);
        ledger::is_whole(test).await;
    }

    async fn money_crosses_currencies_at_the_rate_of_its_day(test) {
        let w = test.workspace().await;
        for (day, rate) in [("2026-01-01", 7_000_000), ("2026-03-01", 7_200_000)] {
            let body = json!({"currency": "USD", "rate": rate, "valid_from": day});
            w.admin.post("/api/v1/exchange-rates", body).await.expect(201);
        }
        let buyer = customer(&w.admin, "Buyer").await;
        let dollars = |amount: i64| json!({"amount": amount, "currency": "USD"});
        let body = json!({"name": "Export", "customer_id": buyer, "amount": dollars(10_000), "signed_on": "2026-02-01"});
        let contract = w.admin.post("/api/v1/contracts", body).await.expect(201);
        assert_eq!((&contract["exchange_rate"], &contract["base_amount"]), (&json!(7_000_000), &yuan(70_000)));
        let path = format!("/api/v1/contracts/{}", id_of(&contract));
        let plan = json!({"receivables": [{"due_on": "2026-03-01", "amount": 10_000}]});
        let due = id_of(&w.admin.put(&format!("{path}/receivables"), plan).await.ok()["items"][0]);
        w.admin.act(&format!("{path}/submit")).await.ok();
        // In dollars, when they are worth more: the difference is a gain.
        let body = json!({"customer_id": buyer, "amount": dollars(4_000), "received_on": "2026-03-02"});
        let payment = id_of(&w.admin.post("/api/v1/payments", body).await.expect(201));
        let done = w.admin.post(&format!("/api/v1/payments/{payment}/confirm"), json!({"allocate": {"oldest": true}})).await.ok();
        assert_eq!(done["allocations"][0]["exchange_difference"], 800);
        // In yuan: 7,200 of them are 1,000 dollars on that day.
        let body = json!({"customer_id": buyer, "amount": yuan(7_200), "received_on": "2026-03-02"});
        let payment = id_of(&w.admin.post("/api/v1/payments", body).await.expect(201));
        let part = json!({"allocations": [{"receivable_id": due, "amount": 7_200}]});
        let done = w.admin.post(&format!("/api/v1/payments/{payment}/confirm"), json!({"allocate": part})).await.ok();
        assert_eq!(done["allocations"][0]["receivable_amount"], dollars(1_000));
        assert_eq!(done["allocations"][0]["exchange_difference"], 200);
        let after = w.admin.get(&path).await.ok();
        assert_eq!((&after["paid_amount"], &after["outstanding_amount"]), (&dollars(5_000), &dollars(5_000)));
        let ageing = w.admin.get("/api/v1/reports/ageing?by=owner").await.ok();
        assert_eq!(ageing["rows"][0]["total"], 35_000);
        ledger::is_whole(test).await;
    }
}
