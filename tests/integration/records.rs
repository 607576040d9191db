//! What every kind can do.

use serde_json::{Value, json};

use crate::support::both_databases;
use crate::support::workspace::id_of;

both_databases! {
    async fn a_record_is_made_read_changed_trashed_and_restored(test) {
        let w = test.workspace().await;
        let made = w.admin.post("/api/v1/customers", json!({"name": "Hengda", "tags": ["vip"]})).await;
        assert_eq!(made.headers.get("etag").unwrap(), "\"1\"");
        let location = made.headers.get("location").unwrap().to_str().unwrap().to_owned();
        let customer = made.expect(201);
        let path = format!("/api/v1/customers/{}", id_of(&customer));
        assert_eq!(location, path);
        assert_eq!(customer["customer_type"], "company");
        assert_eq!(w.admin.get(&path).await.ok(), customer);

        let changed = w.admin.patch(&path, 1, json!({"city": "Ningbo", "tags": ["vip", "MES"]})).await.ok();
        assert_eq!((&changed["version"], &changed["city"]), (&json!(2), &json!("Ningbo")));
        let emptied = w.admin.patch(&path, 2, json!({"city": null})).await.ok();
        assert_eq!(emptied["city"], Value::Null);

        w.admin.delete(&path).await.expect(204);
        assert_eq!(w.admin.get("/api/v1/customers").await.ok()["items"], json!([]));
        let trash = w.admin.get("/api/v1/customers?trashed=true").await.ok();
        assert_eq!(trash["items"][0]["id"], customer["id"]);
        let restored = w.admin.act(&format!("{path}/restore")).await.ok();
        assert_eq!(restored["deleted_at"], Value::Null);
        assert_eq!(restored["version"], 5);
    }

    async fn a_stale_change_names_what_changed_meanwhile(test) {
        let w = test.workspace().await;
        let customer = w.admin.post("/api/v1/customers", json!({"name": "Hengda"})).await.expect(201);
        let path = format!("/api/v1/customers/{}", id_of(&customer));
        w.admin.patch(&path, 1, json!({"city": "Ningbo", "note": "x"})).await.ok();
        let problem = w.admin.patch(&path, 1, json!({"city": "Suzhou"})).await.refused(412, "stale");
        assert_eq!(problem["changed"], json!(["city", "note"]));
        let request = w.admin.request(reqwest::Method::PATCH, &path).json(&json!({"city": "Suzhou"}));
        w.admin.send(request).await.refused(428, "if_match_required");
    }

    async fn history_tells_who_changed_what_from_what(test) {
        let w = test.workspace().await;
        let customer = w.admin.post("/api/v1/customers", json!({"name": "Hengda"})).await.expect(201);
        let path = format!("/api/v1/customers/{}", id_of(&customer));
        w.admin.patch(&path, 1, json!({"name": "Hengda Machinery"})).await.ok();
        let history = w.admin.get(&format!("{path}/history")).await.ok();
        let items = history["items"].as_array().unwrap();
        let verbs: Vec<_> = items.iter().map(|item| item["verb"].as_str().unwrap()).collect();
        assert_eq!(verbs, ["update", "create"]);
        assert_eq!(items[0]["changes"], json!({"name": {"old": "Hengda", "new": "Hengda Machinery"}}));
        assert_eq!(items[0]["actor"]["name"], "Ada Admin");
    }

    async fn bad_input_is_refused_with_its_place(test) {
        let w = test.workspace().await;
        let post = |body: &'static str, kind: &'static str| {
            w.admin.request(reqwest::Method::POST, "/api/v1/leads").header("content-type", kind).body(body)
        };
        w.admin.send(post("{", "application/json")).await.refused(400, "unreadable");
        w.admin.send(post("[1]", "application/json")).await.refused(422, "invalid");
        w.admin.send(post("{}", "text/plain")).await.refused(415, "unsupported_media_type");
        let large = format!("{{\"name\": \"{}\"}}", "x".repeat(3_000_000));
        let request = w.admin.request(reqwest::Method::POST, "/api/v1/leads")
            .header("content-type", "application/json").body(large);
        w.admin.send(request).await.refused(413, "too_large");
        let problem = w.admin.post("/api/v1/leads", json!({"nmae": "x", "email": "nobody"})).await
            .refused(422, "invalid");
        let mut places: Vec<_> = problem["errors"].as_array().unwrap().iter()
            .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap())).collect();
        places.sort_unstable();
        assert_eq!(places, [("/email", "email_invalid"), ("/nmae", "unknown_field")]);
        w.admin.get("/api/v1/leads/not-an-id").await.refused(404, "not_found");
        w.admin.get("/api/v1/nothing").await.refused(404, "not_found");
        w.admin.get("/api/v1/leads?limit=0").await.refused(422, "invalid");
        w.admin.get("/api/v1/leads?sort=note").await.refused(422, "invalid");
        w.admin.get("/api/v1/leads?cursor=xyz").await.refused(422, "invalid");
        assert_eq!(w.admin.get("/api/v1/leads").await.ok()["items"], json!([]));
    }

    async fn references_must_exist_and_be_seen(test) {
        let w = test.workspace().await;
        let nobody = uuid::Uuid::now_v7();
        let body = json!({"name": "Wang", "customer_id": nobody});
        let problem = w.admin.post("/api/v1/contacts", body).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/customer_id");
        let sales = w.person("Sam Sales", "Sales").await;
        let other = w.person("Olga Other", "Sales").await;
        let customer = other.caller.post("/api/v1/customers", json!({"name": "Hers"})).await.expect(201);
        let body = json!({"name": "Wang", "customer_id": customer["id"]});
        sales.caller.post("/api/v1/contacts", body.clone()).await.refused(422, "invalid");
        other.caller.post("/api/v1/contacts", body).await.expect(201);
    }

    async fn pages_follow_each_other_in_either_order_with_missing_values(test) {
        let w = test.workspace().await;
        for number in 0..25 {
            let amount = (number % 3 != 0)
                .then(|| json!({"amount": (number % 4) * 100, "currency": "CNY"}));
            let body = json!({"name": format!("Lead {number:02}"), "amount": amount});
            w.admin.post("/api/v1/leads", body).await.expect(201);
        }
        for sort in ["amount", "-amount", "-amount,name", "name", "-created_at", "amount,-name"] {
            let whole = w.admin.get(&format!("/api/v1/leads?sort={sort}&limit=200")).await.ok();
            let whole = names(&whole);
            assert_eq!(whole.len(), 25);
            let mut paged = Vec::new();
            let mut path = format!("/api/v1/leads?sort={sort}&limit=4");
            loop {
                let page = w.admin.get(&path).await.ok();
                paged.extend(names(&page));
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                path = format!("/api/v1/leads?sort={sort}&limit=4&cursor={cursor}");
            }
            assert_eq!(paged, whole, "sorted by {sort}");
        }
    }

    async fn lists_count_choose_fields_and_expand(test) {
        let w = test.workspace().await;
        for number in 0..3 {
            w.admin.post("/api/v1/leads", json!({"name": format!("L{number}"), "owner_id": w.admin_id()}))
                .await.expect(201);
        }
        let list = w.admin.get("/api/v1/leads?fields=name&expand=owner&count=exact&limit=2&sort=name").await.ok();
        assert_eq!((&list["count"], &list["count_capped"]), (&json!(3), &json!(false)));
        let first = &list["items"][0];
        let mut keys: Vec<_> = first.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        assert_eq!(keys, ["id", "name", "owner", "version"]);
        assert_eq!(first["owner"]["title"], "Ada Admin");
        let filter = "name%20in%20%5B%22L1%22%5D";
        let list = w.admin.get(&format!("/api/v1/leads?filter={filter}&count=capped")).await.ok();
        assert_eq!((names(&list), &list["count"]), (vec!["L1".to_owned()], &json!(1)));
    }

    async fn the_same_request_twice_has_its_effect_once(test) {
        let w = test.workspace().await;
        let send = |body: Value| {
            let request = w.admin.request(reqwest::Method::POST, "/api/v1/leads")
                .header("Idempotency-Key", "once-7").json(&body);
            w.admin.send(request)
        };
        let first = send(json!({"name": "Li Wei"})).await.expect(201);
        let again = send(json!({"name": "Li Wei"})).await.expect(201);
        assert_eq!(first, again);
        send(json!({"name": "Wang Fang"})).await.refused(422, "invalid");
        let list = w.admin.get("/api/v1/leads?count=exact").await.ok();
        assert_eq!(list["count"], 1);
    }

    async fn an_upsert_makes_then_changes(test) {
        let w = test.workspace().await;
        let path = "/api/v1/customers/by-external-id/erp/K-1001";
        let made = w.admin.put(path, json!({"name": "Hengda"})).await.expect(201);
        let changed = w.admin.put(path, json!({"city": "Ningbo"})).await.expect(200);
        assert_eq!((&changed["id"], &changed["name"]), (&made["id"], &json!("Hengda")));
    }

    async fn a_batch_is_all_or_nothing_and_names_earlier_results(test) {
        let w = test.workspace().await;
        let operations = json!([
            {"name": "firm", "verb": "create", "kind": "customer", "body": {"name": "Hengda"}},
            {"verb": "create", "kind": "contact", "body": {"name": "Wang", "customer_id": {"$ref": "firm"}}},
        ]);
        let done = w.admin.post("/api/v1/batch", json!({"operations": operations})).await.ok();
        let results = done["results"].as_array().unwrap();
        assert_eq!(results[1]["record"]["customer_id"], results[0]["record"]["id"]);
        let operations = json!([
            {"verb": "create", "kind": "customer", "body": {"name": "Lost"}},
            {"verb": "create", "kind": "contact", "body": {"name": "Wang"}},
        ]);
        let problem = w.admin.post("/api/v1/batch", json!({"operations": operations.clone()})).await
            .refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/operations/1/body/customer_id");
        let list = w.admin.get("/api/v1/customers?count=exact").await.ok();
        assert_eq!(list["count"], 1);
        let done = w.admin.post("/api/v1/batch", json!({"mode": "each", "operations": operations})).await.ok();
        assert_eq!(done["results"][1]["problem"]["code"], "invalid");
        assert_eq!(w.admin.get("/api/v1/customers?count=exact").await.ok()["count"], 2);
    }

    async fn a_batch_may_name_a_person_that_it_makes(test) {
        let w = test.workspace().await;
        let role = w.find("roles", "name", "Sales").await;
        let operations = json!([
            {"name": "sam", "verb": "create", "kind": "user", "body": {"name": "Sam", "role_id": role}},
            {"verb": "create", "kind": "department", "body": {"name": "East", "manager_id": {"$ref": "sam"}}},
        ]);
        let done = w.admin.post("/api/v1/batch", json!({"operations": operations})).await.ok();
        let results = done["results"].as_array().unwrap();
        assert_eq!(results[1]["record"]["manager_id"], results[0]["record"]["id"]);
    }

    async fn bulk_tells_what_failed(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let own = sales.caller.post("/api/v1/leads", json!({"name": "Mine"})).await.expect(201);
        let pooled = w.admin.post("/api/v1/leads", json!({"name": "Pooled"})).await.expect(201);
        let body = json!({"action": "patch", "ids": [own["id"], pooled["id"]], "patch": {"intent": "agreed"}});
        let done = sales.caller.post("/api/v1/leads/bulk", body).await.ok();
        assert_eq!((&done["succeeded"], &done["failed"][0]["code"]), (&json!(1), &json!("may_not_change")));
        let body = json!({"action": "claim", "filter": "status == \"unassigned\""});
        let done = sales.caller.post("/api/v1/leads/bulk", body).await.ok();
        assert_eq!(done, json!({"succeeded": 1, "failed": []}));
    }

    async fn a_summary_groups_and_sums(test) {
        let w = test.workspace().await;
        for (name, amount, source) in [("a", 100, "phone"), ("b", 250, "phone"), ("c", 7, "wechat")] {
            let amount = json!({"amount": amount, "currency": "CNY"});
            w.admin.post("/api/v1/leads", json!({"name": name, "amount": amount, "source": source})).await.expect(201);
        }
        let told = w.admin.get("/api/v1/leads/summary?group_by=source&sum=amount").await.ok();
        assert_eq!(told, json!({"groups": [
            {"source": "phone", "count": 2, "sum": {"amount": {"amount": 350, "currency": "CNY"}}},
            {"source": "wechat", "count": 1, "sum": {"amount": {"amount": 7, "currency": "CNY"}}},
        ]}));
    }

    async fn the_feed_tells_changes_in_order_and_only_those_seen(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        test.app.seal_changes().await.unwrap();
        let start = w.admin.get("/api/v1/changes?limit=1000").await.ok()["next"].as_i64().unwrap();
        let own = sales.caller.post("/api/v1/leads", json!({"name": "Mine"})).await.expect(201);
        w.admin.post("/api/v1/leads", json!({"name": "Hers", "owner_id": w.admin_id()})).await.expect(201);
        test.app.seal_changes().await.unwrap();
        let seen = sales.caller.get(&format!("/api/v1/changes?since={start}")).await.ok();
        let items = seen["items"].as_array().unwrap();
        assert_eq!(items.len(), 1);
        assert_eq!((&items[0]["record_id"], &items[0]["verb"]), (&own["id"], &json!("create")));
        assert_eq!(seen["next"], start + 2);
    }

    async fn a_tree_has_no_circles(test) {
        let w = test.workspace().await;
        let a = w.admin.post("/api/v1/departments", json!({"name": "A"})).await.expect(201);
        let b = w.admin.post("/api/v1/departments", json!({"name": "B", "parent_id": a["id"]})).await.expect(201);
        let path = format!("/api/v1/departments/{}", id_of(&a));
        let problem = w.admin.patch(&path, 1, json!({"parent_id": b["id"]})).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], "circle");
        w.admin.delete(&path).await.refused(409, "in_use");
    }

    async fn the_last_administrator_stays(test) {
        let w = test.workspace().await;
        let path = format!("/api/v1/users/{}", w.admin_id());
        let version = w.admin.get(&path).await.ok()["version"].as_i64().unwrap();
        w.admin.patch(&path, version, json!({"active": false})).await.refused(409, "last_administrator");
        w.admin.delete(&path).await.refused(409, "last_administrator");
    }

    async fn a_value_that_may_stand_once_stands_once(test) {
        let w = test.workspace().await;
        w.admin.post("/api/v1/tags", json!({"name": "vip"})).await.expect(201);
        let problem = w.admin.post("/api/v1/tags", json!({"name": "vip"})).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], "taken");
    }
}

fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}
