//! A file brings in nothing that the API would refuse: both write through the same steps.

use serde_json::{Value, json};

use super::{count, run, settled, upload};
use crate::money::{customer, in_force, yuan};
use crate::support::both_databases;
use crate::support::workspace::Workspace;

/// What the importer says of the one row of a file: the code of its problem.
async fn refused_by_import(w: &Workspace, kind: &str, plural: &str, body: &Value) -> String {
    let fields = body.as_object().unwrap();
    let texts = |field: &Value| match field {
        Value::String(text) => text.clone(),
        Value::Object(money) => format!("{}", money["amount"].as_i64().unwrap() / 100),
        other => other.to_string(),
    };
    let heads: Vec<&str> = fields.keys().map(String::as_str).collect();
    let cells: Vec<String> = fields.values().map(texts).collect();
    let file = format!("{}\n{}\n", heads.join(","), cells.join(","));
    let mapped = fields.iter().map(|(name, _)| {
        let source = if name.ends_with("_id") {
            json!({"column": name, "lookup": {"by": "id"}})
        } else {
            json!({"column": name})
        };
        (name.clone(), source)
    });
    let mapping = json!({"kind": kind, "fields": mapped.collect::<serde_json::Map<_, _>>()});
    let before = count(&w.admin, plural).await;
    let import = upload(&w.admin, "rows.csv", file.into()).await;
    let tried = run(
        &w.admin,
        import,
        json!({"mapping": mapping, "dry_run": true}),
    )
    .await;
    let done = run(&w.admin, import, json!({})).await;
    assert_eq!(
        tried["counts"], done["counts"],
        "a trial says what will happen"
    );
    assert_eq!(done["counts"]["refused"], 1, "{done:#}");
    assert_eq!(count(&w.admin, plural).await, before);
    let problems = w
        .admin
        .get(&format!("/api/v1/imports/{import}/problems"))
        .await
        .ok();
    problems["items"][0]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("{problems:#}"))
        .to_owned()
}

both_databases! {
    async fn what_the_api_refuses_a_file_does_not_bring(test) {
        let w = test.workspace().await;
        let (buyer, other) = (customer(&w.admin, "Buyer").await, customer(&w.admin, "Other").await);
        let (theirs, _) = in_force(&w.admin, other, &[("2026-02-01", 100)]).await;
        let refused = [
            ("payment", "payments", json!({"customer_id": buyer, "contract_id": theirs,
                "amount": yuan(100), "received_on": "2026-02-01"})),
            ("payment", "payments", json!({"customer_id": buyer, "amount": yuan(100), "received_on": "2126-02-01"})),
            ("exchange_rate", "exchange-rates", json!({"currency": "CNY", "rate": 1, "valid_from": "2026-01-01"})),
            ("contract", "contracts", json!({"name": "Worth nothing", "customer_id": buyer})),
            ("contract", "contracts", json!({"name": "Abroad", "customer_id": buyer, "starts_on": "2026-02-02",
                "ends_on": "2026-02-01", "amount": yuan(100)})),
        ];
        for (kind, plural, body) in refused {
            let mut asked = body.clone();
            if kind == "exchange_rate" {
                asked["rate"] = json!(1_000_000);
            }
            let api = w.admin.post(&format!("/api/v1/{plural}"), asked).await.refused(422, "invalid");
            let code = api["errors"][0]["code"].as_str().unwrap().to_owned();
            assert_eq!(refused_by_import(&w, kind, plural, &body).await, code, "{body:#}");
        }
    }

    async fn a_file_writes_nothing_over_a_record_that_the_api_would_refuse(test) {
        let w = test.workspace().await;
        let (buyer, other) = (customer(&w.admin, "Buyer").await, customer(&w.admin, "Other").await);
        let (theirs, _) = in_force(&w.admin, other, &[("2026-02-01", 100)]).await;
        let body = json!({"customer_id": buyer, "amount": yuan(100), "received_on": "2026-02-01", "number": "P-1"});
        w.admin.post("/api/v1/payments", body).await.expect(201);
        let file = format!("number,contract\nP-1,{theirs}\n");
        let mapping = json!({"kind": "payment", "on_duplicate": "update", "identify_by": ["number"], "fields": {
            "number": {"column": "number"},
            "contract_id": {"column": "contract", "lookup": {"by": "id"}},
            "amount": {"constant": "1"}, "received_on": {"constant": "2026-02-01"},
        }});
        let import = upload(&w.admin, "rows.csv", file.into()).await;
        let done = run(&w.admin, import, json!({"mapping": mapping})).await;
        assert_eq!(done["counts"]["refused"], 1, "{done:#}");
        let problems = w.admin.get(&format!("/api/v1/imports/{import}/problems")).await.ok();
        assert_eq!(problems["items"][0]["code"], "contract_of_another_customer", "{problems:#}");
    }

    async fn what_a_new_record_may_not_have_a_change_does_not_give_it(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        let body = json!({"customer_id": buyer, "amount": yuan(100), "received_on": "2026-02-01", "number": "P-1"});
        let paid = w.admin.post("/api/v1/payments", body).await.expect(201);
        let path = format!("/api/v1/payments/{}", paid["id"].as_str().unwrap());
        let later = json!({"received_on": "2126-02-01"});
        let refused = w.admin.patch(&path, 1, later).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["code"], "in_the_future");
        let mapping = json!({"kind": "payment", "on_duplicate": "update", "identify_by": ["number"], "fields": {
            "number": {"column": "number"}, "received_on": {"column": "day"}, "amount": {"constant": "1"},
        }});
        let import = upload(&w.admin, "rows.csv", "number,day\nP-1,2126-02-01\n".into()).await;
        let done = run(&w.admin, import, json!({"mapping": mapping})).await;
        assert_eq!(done["counts"]["refused"], 1, "{done:#}");
        assert_eq!(w.admin.get(&path).await.ok()["received_on"], "2026-02-01");
    }

    async fn an_undo_keeps_what_can_not_be_written_back(test) {
        let w = test.workspace().await;
        let (first, second) = (customer(&w.admin, "First").await, customer(&w.admin, "Second").await);
        let body = json!({"customer_id": first, "amount": yuan(100), "received_on": "2026-02-01", "number": "P-1"});
        w.admin.post("/api/v1/payments", body).await.expect(201);
        let mapping = json!({"kind": "payment", "on_duplicate": "update", "identify_by": ["number"], "fields": {
            "number": {"column": "number"}, "customer_id": {"column": "who", "lookup": {"by": "id"}},
            "amount": {"constant": "1"}, "received_on": {"constant": "2026-02-01"},
        }});
        let import = upload(&w.admin, "rows.csv", format!("number,who\nP-1,{second}\n").into()).await;
        let done = run(&w.admin, import, json!({"mapping": mapping})).await;
        assert_eq!(done["counts"]["updated"], 1, "{done:#}");
        let gone = w.admin.request(reqwest::Method::DELETE, &format!("/api/v1/customers/{first}"));
        w.admin.send(gone.header("If-Match", "\"1\"")).await.expect(204);
        w.admin.act(&format!("/api/v1/imports/{import}/undo")).await.ok();
        let undone = settled(&w.admin, import).await;
        assert_eq!((&undone["state"], &undone["counts"]["kept"]), (&json!("undone"), &json!(1)), "{undone:#}");
    }
}
