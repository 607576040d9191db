//! The lines of documents are rows: they keep their ids, are read like any other kind, and go where their
//! document goes.

mod moved;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::money::customer;
use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::{Workspace, id_of};

/// What `filter` finds of the lines, in their order.
async fn lines(caller: &Caller, filter: &str) -> Vec<Value> {
    let path = format!("/api/v1/document-lines?limit=200&sort=position&filter={filter}");
    let page = caller.get(&path).await.ok();
    assert_eq!(page["next_cursor"], Value::Null);
    page["items"].as_array().unwrap().clone()
}

async fn lines_of(caller: &Caller, contract: Uuid) -> Vec<Value> {
    lines(caller, &format!("contract_id == \"{contract}\"")).await
}

fn ids(lines: &Value) -> Vec<Uuid> {
    lines.as_array().unwrap().iter().map(id_of).collect()
}

/// The lines of a document as rows say them: without document and place, amounts as minor units.
fn told(rows: &[Value]) -> Value {
    let plain = |row: &Value| {
        let mut line = json!({});
        for (name, value) in row.as_object().unwrap() {
            let own = [
                "created_at",
                "created_by",
                "updated_at",
                "updated_by",
                "deleted_at",
                "version",
            ];
            let place = ["opportunity_id", "contract_id", "position"];
            if own.contains(&name.as_str()) || place.contains(&name.as_str()) {
                continue;
            }
            line[name] = match value.get("amount") {
                Some(amount) => amount.clone(),
                None => value.clone(),
            };
        }
        line
    };
    rows.iter().map(plain).collect()
}

fn problems(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            (
                error["pointer"].as_str().unwrap(),
                error["code"].as_str().unwrap(),
            )
        })
        .collect()
}

async fn product(w: &Workspace, name: &str, unit_price: i64) -> Uuid {
    let body = json!({"name": name, "unit": "piece", "unit_price": unit_price, "tax_rate": 1300});
    id_of(&w.admin.post("/api/v1/products", body).await.expect(201))
}

/// Three lines, one of them of a product.
fn three(product: Uuid) -> Value {
    json!([
        {"product_id": product, "quantity": 2_500_000},
        {"name": "Talk", "unit": "hour", "unit_price": 99_990_000, "discount_rate": 500, "tax_rate": 600},
        {"name": "Rest", "unit_price": 335_000},
    ])
}

async fn contract(w: &Workspace, lines: Value) -> Value {
    let buyer = customer(&w.admin, "Buyer").await;
    let body = json!({"name": "Pumps", "customer_id": buyer, "lines": lines, "includes_tax": false,
        "discount": {"amount": 11, "currency": "CNY"}});
    w.admin.post("/api/v1/contracts", body).await.expect(201)
}

fn path(document: &Value) -> String {
    let plural = if document.get("number").is_some() {
        "contracts"
    } else {
        "opportunities"
    };
    format!("/api/v1/{plural}/{}", id_of(document))
}

both_databases! {
    async fn a_line_keeps_its_id_over_an_edit(test) {
        let w = test.workspace().await;
        let made = contract(&w, three(product(&w, "Pump", 12_500_000).await)).await;
        let [a, b, c] = ids(&made["lines"])[..] else { panic!("{made:#}") };
        let rows = lines_of(&w.admin, id_of(&made)).await;
        assert_eq!(told(&rows), made["lines"]);
        assert_eq!(rows.iter().map(|row| row["position"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(rows.iter().all(|row| row["opportunity_id"] == Value::Null && row["gross"]["currency"] == "CNY"));

        // The third first, the first changed, a new one between them, the second gone.
        let (mut third, mut first) = (made["lines"][2].clone(), made["lines"][0].clone());
        first["quantity"] = json!(1_000_000);
        third["gross"] = json!(7);
        let body = json!({"lines": [third, {"name": "New", "unit_price": 1_000_000}, first]});
        let after = w.admin.patch(&path(&made), 1, body).await.ok();
        let now = ids(&after["lines"]);
        assert_eq!((after["version"].as_i64(), now[0], now[2], now.len()), (Some(2), c, a, 3));
        assert!(![a, b, c].contains(&now[1]));
        let rows = lines_of(&w.admin, id_of(&made)).await;
        assert_eq!(told(&rows), after["lines"]);
        let versions: Vec<_> = rows.iter().map(|row| row["version"].as_i64().unwrap()).collect();
        assert_eq!(versions, [2, 1, 2]);
        w.admin.get(&format!("/api/v1/document-lines/{b}")).await.refused(404, "not_found");
        let one = w.admin.get(&format!("/api/v1/document-lines/{a}")).await.ok();
        assert_eq!((&one["id"], &one["position"], &one["created_at"]), (&json!(a), &json!(3), &made["created_at"]));

        // Another field: the lines stay as they are. The same lines, with their ids or without any: nothing changes.
        let after = w.admin.patch(&path(&made), 2, json!({"name": "Other"})).await.ok();
        assert_eq!(lines_of(&w.admin, id_of(&made)).await, rows);
        let mut bare = after["lines"].clone();
        bare.as_array_mut().unwrap().iter_mut().for_each(|line| drop(line.as_object_mut().unwrap().remove("id")));
        for same in [after["lines"].clone(), bare] {
            assert_eq!(w.admin.patch(&path(&made), 3, json!({"lines": same})).await.ok(), after);
        }
        // Without its id a line that differs is a new one.
        let body = json!({"lines": [{"name": "Rest", "unit_price": 336_000}]});
        let last = w.admin.patch(&path(&made), 3, body).await.ok();
        assert!(!now.contains(&ids(&last["lines"])[0]));
        assert_eq!(told(&lines_of(&w.admin, id_of(&made)).await), last["lines"]);
        // None at all.
        let none = w.admin.patch(&path(&made), 4, json!({"lines": null, "discount": null})).await.ok();
        assert_eq!((&none["lines"], lines_of(&w.admin, id_of(&made)).await), (&Value::Null, Vec::new()));
        assert_eq!(w.admin.get(&path(&made)).await.ok(), none);
    }

    async fn the_history_of_a_document_tells_its_lines(test) {
        let w = test.workspace().await;
        let made = contract(&w, three(product(&w, "Pump", 12_500_000).await)).await;
        let body = json!({"lines": [made["lines"][1].clone()]});
        let after = w.admin.patch(&path(&made), 1, body).await.ok();
        let history = w.admin.get(&format!("{}/history", path(&made))).await.ok();
        let [update, create] = &history["items"].as_array().unwrap()[..] else { panic!("{history:#}") };
        assert_eq!(update["changes"]["lines"], json!({"old": made["lines"], "new": after["lines"]}));
        assert_eq!(create["changes"]["lines"], json!({"old": null, "new": made["lines"]}));
        // The log of the document tells of its lines; they have none of their own.
        let line = format!("/api/v1/document-lines/{}/history", ids(&after["lines"])[0]);
        assert_eq!(w.admin.get(&line).await.ok()["items"], json!([]));
        test.app.seal_changes().await.unwrap();
        assert_eq!(test.app.verify_audit().await.unwrap()[0].broken, None);
        let access = w.admin.get(&line.replace("history", "access")).await.ok();
        assert_eq!(access["write"]["because"], "operations_only", "{access:#}");
    }

    async fn the_id_of_no_line_of_the_document_is_refused(test) {
        let w = test.workspace().await;
        let pump = product(&w, "Pump", 12_500_000).await;
        let (made, other) = (contract(&w, three(pump)).await, contract(&w, three(pump)).await);
        let (own, foreign, unknown) = (ids(&made["lines"]), ids(&other["lines"]), Uuid::now_v7());
        let line = |id: Value| json!({"id": id, "name": "Line", "unit_price": 1_000_000});
        let body = json!({"lines": [line(json!(own[0])), line(json!(foreign[0])), line(json!(unknown)),
            line(json!(own[0])), line(json!("7")), line(Value::Null)]});
        let wrong = [("/lines/4/id", "id_invalid")];
        assert_eq!(problems(&w.admin.patch(&path(&made), 1, body.clone()).await.refused(422, "invalid")), wrong);
        let body = json!({"lines": [line(json!(own[0])), line(json!(foreign[0])), line(json!(unknown)), line(json!(own[0]))]});
        let wrong = [("/lines/1/id", "unknown_line"), ("/lines/2/id", "unknown_line"), ("/lines/3/id", "repeated_line")];
        assert_eq!(problems(&w.admin.patch(&path(&made), 1, body).await.refused(422, "invalid")), wrong);
        // A new document has no lines yet.
        let buyer = customer(&w.admin, "Another").await;
        let body = json!({"name": "C", "customer_id": buyer, "lines": made["lines"]});
        let refused = w.admin.post("/api/v1/contracts", body).await.refused(422, "invalid");
        assert_eq!(problems(&refused)[0], ("/lines/0/id", "unknown_line"));
        for document in [&made, &other] {
            assert_eq!(w.admin.get(&path(document)).await.ok(), *document);
            assert_eq!(told(&lines_of(&w.admin, id_of(document)).await), document["lines"]);
        }
        // Nobody writes a line but with its document.
        let (line, list) = (format!("/api/v1/document-lines/{}", own[0]), "/api/v1/document-lines");
        for (method, path) in [(Method::PATCH, &*line), (Method::DELETE, &line), (Method::POST, list), (Method::PUT, &line)] {
            let request = w.admin.request(method, path).header("if-match", "\"1\"");
            assert_eq!(w.admin.send(request.json(&json!({"quantity": 7}))).await.status, 405);
        }
        for verb in ["create", "update", "delete", "restore"] {
            let one = json!({"verb": verb, "kind": "document_line", "id": own[0], "body": {}});
            let answer = w.admin.post("/api/v1/batch", json!({"mode": "each", "operations": [one]})).await;
            assert!(answer.status == 422 || answer.body["results"][0]["problem"].is_object(), "{:#}", answer.body);
        }
        assert_eq!(w.admin.get(&path(&made)).await.ok(), made);
    }

    async fn a_contract_has_lines_of_its_own(test) {
        let w = test.workspace().await;
        let (buyer, pump) = (customer(&w.admin, "Buyer").await, product(&w, "Pump", 12_500_000).await);
        let stages = w.admin.get("/api/v1/stages?limit=200").await.ok();
        let won = stages["items"].as_array().unwrap().iter().find(|s| s["stage_kind"] == "won").unwrap();
        let body = json!({"name": "Deal", "customer_id": buyer, "lines": three(pump), "stage_id": won["id"],
            "close_reason": "best_fit"});
        let deal = w.admin.post("/api/v1/opportunities", body).await.expect(201);
        let made = w.admin.post(&format!("{}/contract", path(&deal)), json!({})).await.ok();
        let (theirs, ours) = (ids(&deal["lines"]), ids(&made["lines"]));
        assert!(ours.len() == 3 && ours.iter().all(|id| !theirs.contains(id)));
        let without = |lines: &Value| {
            let mut lines = lines.clone();
            lines.as_array_mut().unwrap().iter_mut().for_each(|line| line["id"] = Value::Null);
            lines
        };
        assert_eq!(without(&made["lines"]), without(&deal["lines"]));
        let of_deal = lines(&w.admin, &format!("opportunity_id == \"{}\"", id_of(&deal))).await;
        assert_eq!(told(&of_deal), deal["lines"]);
        let all = w.admin.get("/api/v1/document-lines?expand=product,contract,opportunity&count=exact").await.ok();
        assert_eq!(all["count"], 6);
        let of_pump = all["items"].as_array().unwrap().iter().filter(|line| line["product"]["title"] == "Pump");
        assert_eq!(of_pump.count(), 2);
    }

    async fn a_reader_sees_and_sums_the_lines_of_what_they_see(test) {
        let w = test.workspace().await;
        let products = [product(&w, "Pump", 12_500_000).await, product(&w, "Valve", 3_330_000).await];
        let mut people = Vec::new();
        for name in ["Sam One", "Sam Two"] {
            people.push(w.person(name, "Sales").await);
        }
        let buyer = customer(&w.admin, "Buyer").await;
        for (number, owner) in people.iter().map(|person| person.id).chain([w.admin_id()]).enumerate() {
            for round in 1..=3 {
                let line = |at: usize| json!({"product_id": products[at], "quantity": (number + round + at) * 700_000});
                let lines = json!([line(0), line(round % 2), {"name": "Talk", "unit_price": 1_990_000 * round}]);
                let body = json!({"name": "D", "customer_id": buyer, "owner_id": owner, "lines": lines});
                let plural = if round == 2 { "contracts" } else { "opportunities" };
                w.admin.post(&format!("/api/v1/{plural}"), body).await.expect(201);
            }
        }
        // One more that the first only works on.
        let body = json!({"name": "D", "owner_id": people[1].id, "collaborator_ids": [people[0].id],
            "lines": [{"product_id": products[1], "quantity": 9_000_000}]});
        w.admin.post("/api/v1/opportunities", body).await.expect(201);
        for (caller, documents) in [(&people[0].caller, 4), (&people[1].caller, 4), (&w.admin, 10)] {
            let mut plain: BTreeMap<String, (i64, i64, i64)> = BTreeMap::new();
            let (mut seen, mut there) = (0, Vec::new());
            for plural in ["opportunities", "contracts"] {
                let list = caller.get(&format!("/api/v1/{plural}?limit=200")).await.ok();
                for document in list["items"].as_array().unwrap() {
                    seen += 1;
                    for line in document["lines"].as_array().unwrap() {
                        there.push(id_of(line));
                        if line["quantity"].as_i64().unwrap() >= 1_400_000 {
                            let sums = plain.entry(line["product_id"].to_string()).or_default();
                            sums.0 += 1;
                            sums.1 += line["gross"].as_i64().unwrap();
                            sums.2 += line["quantity"].as_i64().unwrap();
                        }
                    }
                }
            }
            assert_eq!(seen, documents);
            let mut found: Vec<Uuid> = lines(caller, "").await.iter().map(id_of).collect();
            found.sort_unstable();
            there.sort_unstable();
            assert_eq!(found, there);
            let summary = "/api/v1/document-lines/summary?group_by=product_id&sum=gross,quantity&filter=quantity >= 1400000";
            let summary = caller.get(summary).await.ok();
            let summed: BTreeMap<String, (i64, i64, i64)> = summary["groups"].as_array().unwrap().iter().map(|group| {
                let sum = &group["sum"];
                let sums = (&group["count"], &sum["gross"]["amount"], &sum["quantity"]);
                (group["product_id"].to_string(), (sums.0.as_i64().unwrap(), sums.1.as_i64().unwrap(), sums.2.as_i64().unwrap()))
            }).collect();
            assert_eq!(summed, plain);
            let largest = caller.get("/api/v1/document-lines?sort=-gross&limit=200").await.ok();
            let largest: Vec<i64> = largest["items"].as_array().unwrap().iter()
                .map(|line| line["gross"]["amount"].as_i64().unwrap()).collect();
            assert!(largest.is_sorted_by(|a, b| a >= b) && largest.len() == there.len());
        }
        let other = lines(&people[1].caller, "").await;
        let line = other.iter().find(|line| line["contract_id"].is_string()).unwrap();
        let line = format!("/api/v1/document-lines/{}", id_of(line));
        people[0].caller.get(&line).await.refused(404, "not_found");
    }

    async fn lines_go_to_the_trash_and_back_and_away_with_their_document(test) {
        let w = test.workspace().await;
        let pump = product(&w, "Pump", 12_500_000).await;
        let body = json!({"name": "Deal", "lines": three(pump)});
        let deal = w.admin.post("/api/v1/opportunities", body).await.expect(201);
        let draft = contract(&w, three(pump)).await;
        let rows = lines(&w.admin, "").await;
        for document in [&deal, &draft] {
            w.admin.delete(&path(document)).await.expect(204);
        }
        assert_eq!(lines(&w.admin, "").await, Vec::<Value>::new());
        let trashed = w.admin.get("/api/v1/document-lines?trashed=true&count=exact").await.ok();
        assert_eq!(trashed["count"], 6);
        // In the trash it still has them.
        assert_eq!(w.admin.get(&path(&deal)).await.ok()["lines"], deal["lines"]);
        let back = w.admin.act(&format!("{}/restore", path(&deal))).await.ok();
        assert_eq!((&back["lines"], &back["version"]), (&deal["lines"], &json!(3)));
        let again = lines(&w.admin, "").await;
        let of_deal: Vec<_> = rows.iter().filter(|row| row["opportunity_id"] == deal["id"]).cloned().collect();
        assert_eq!(told(&again), told(&of_deal));
        // What lies in the trash for long is removed, and its lines with it.
        let later = kehu_app::clock::now() + chrono::Duration::days(31);
        assert_eq!(test.app.purge_trash(later).await.unwrap(), 1);
        let trashed = w.admin.get("/api/v1/document-lines?trashed=true&count=exact").await.ok();
        assert_eq!(trashed["count"], 0);
        assert_eq!(lines(&w.admin, "").await, again);
        test.app.seal_changes().await.unwrap();
        assert_eq!(test.app.verify_audit().await.unwrap()[0].broken, None);
    }

    async fn a_product_that_a_line_names_stays(test) {
        let w = test.workspace().await;
        let pump = product(&w, "Pump", 12_500_000).await;
        let made = contract(&w, three(pump)).await;
        let refused = w.admin.delete(&format!("/api/v1/products/{pump}")).await.refused(409, "in_use");
        assert_eq!(refused["params"], json!({"kind": "document_line", "field": "product_id"}));
        let body = json!({"lines": [made["lines"][1].clone()]});
        w.admin.patch(&path(&made), 1, body).await.ok();
        w.admin.delete(&format!("/api/v1/products/{pump}")).await.expect(204);
    }

    async fn lines_are_in_the_currency_of_their_document(test) {
        let w = test.workspace().await;
        let rate = json!({"currency": "USD", "rate": 7_000_000, "valid_from": "2020-01-01"});
        w.admin.post("/api/v1/exchange-rates", rate).await.expect(201);
        let body = json!({"name": "Deal", "lines": [{"name": "Talk", "unit_price": 1_000_000}]});
        let deal = w.admin.post("/api/v1/opportunities", body).await.expect(201);
        let body = json!({"amount": {"amount": 100, "currency": "USD"}});
        let after = w.admin.patch(&path(&deal), 1, body).await.ok();
        assert_eq!(after["lines"], deal["lines"]);
        let row = &lines(&w.admin, "").await[0];
        assert_eq!((&row["gross"], &row["version"]), (&json!({"amount": 100, "currency": "USD"}), &json!(2)));
        // Sums are of the workspace's currency.
        let summary = w.admin.get("/api/v1/document-lines/summary?group_by=product_id&sum=gross").await.ok();
        assert_eq!(summary["groups"][0]["sum"]["gross"], Value::Null);
    }

    async fn a_stale_change_of_lines_is_refused(test) {
        let w = test.workspace().await;
        let made = contract(&w, three(product(&w, "Pump", 12_500_000).await)).await;
        let body = json!({"lines": [made["lines"][1].clone()]});
        let after = w.admin.patch(&path(&made), 1, body).await.ok();
        let stale = w.admin.patch(&path(&made), 1, json!({"lines": made["lines"]})).await.refused(412, "stale");
        assert!(stale["changed"].as_array().unwrap().contains(&json!("lines")), "{stale:#}");
        assert_eq!(told(&lines_of(&w.admin, id_of(&made)).await), after["lines"]);
    }

    async fn nobody_is_told_the_lines_of_another_version(test) {
        let w = test.workspace().await;
        let made = contract(&w, json!([{"name": "One", "unit_price": 2_000_000}])).await;
        let (one, list) = (path(&made), "/api/v1/contracts?fields=name,lines");
        // As many lines as the version says, each with that quantity.
        let whole = |document: &Value| {
            let version = document["version"].as_u64().unwrap();
            let lines = document["lines"].as_array().unwrap();
            let same = lines.iter().all(|line| line["quantity"] == json!(version * 1_000_000));
            assert!(same && lines.len() == usize::try_from(version).unwrap(), "{document:#}");
        };
        let writes = async {
            for version in 1..30_i64 {
                let line = json!({"name": "One", "unit_price": 2_000_000, "quantity": (version + 1) * 1_000_000});
                let lines: Vec<_> = (0..=version).map(|_| line.clone()).collect();
                w.admin.patch(&one, version, json!({"lines": lines})).await.ok();
            }
        };
        let reads = (0..4).map(|reader| {
            let (admin, one) = (&w.admin, &one);
            async move {
                for _ in 0..60 {
                    if reader % 2 == 0 {
                        whole(&admin.get(one).await.ok());
                    } else {
                        whole(&admin.get(list).await.ok()["items"][0]);
                    }
                }
            }
        });
        futures_util::future::join(writes, join_all(reads)).await;
    }
}
