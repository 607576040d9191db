//! Filters through the API: what is wrong with one is told with its place, and none does harm.

use serde_json::json;

use crate::support::both_databases;

/// The address of the leads that pass a filter.
fn leads(filter: &str) -> String {
    format!("/api/v1/leads?filter={}", encoded(filter))
}

fn encoded(filter: &str) -> String {
    filter.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

both_databases! {
    async fn a_filter_finds_the_records_that_pass(test) {
        let admin = test.workspace().await.admin;
        for name in ["王小明", "李娜"] {
            admin.post("/api/v1/leads", json!({"name": name, "tags": ["vip"]})).await.expect(201);
        }
        let found = admin.get(&leads(r#"name.startsWith("王") && "vip" in tags"#)).await.ok();
        let names: Vec<_> = found["items"].as_array().unwrap().iter().map(|i| &i["name"]).collect();
        assert_eq!(names, ["王小明"]);
    }

    async fn a_wrong_filter_is_refused_with_its_place(test) {
        let admin = test.workspace().await.admin;
        for (filter, code, offset, length) in [
            (r#"name == "中文" && nmae == "x""#, "unknown_field", 20, 4),
            (r#"name == "中文" && amount > "x""#, "wrong_type", 29, 3),
            (r#"name == "中文" && version % 2 == 1"#, "unknown_operator", 28, 1),
            (r#"name == "中文" &&"#, "expression_syntax", 19, 0),
        ] {
            let problem = admin.get(&leads(filter)).await.expect(422);
            let error = &problem["errors"][0];
            assert_eq!(error["code"], code, "{problem:#}");
            assert_eq!(error["params"]["offset"], offset, "{problem:#}");
            assert_eq!(error["params"]["length"], length, "{problem:#}");
        }
    }

    async fn what_is_in_another_currency_is_found_by_nothing_and_by_its_own(test) {
        let admin = test.workspace().await.admin;
        let rate = json!({"currency": "USD", "rate": 7_100_000, "valid_from": "2026-01-01"});
        admin.post("/api/v1/exchange-rates", rate).await.expect(201);
        let body = json!({"name": "Abroad", "amount": {"amount": 10_050, "currency": "USD"}});
        admin.post("/api/v1/opportunities", body).await.expect(201);
        for (filter, found) in [
            ("amount > 0", 1),
            ("amount != 0", 1),
            ("amount <= 0", 0),
            ("amount > 1", 0),
            (r#"amount == money("100.5", "USD")"#, 1),
            (r#"amount > money("100.5", "USD")"#, 0),
        ] {
            let path = format!("/api/v1/opportunities?filter={}", encoded(filter));
            let page = admin.get(&path).await.ok();
            assert_eq!(page["items"].as_array().map(Vec::len), Some(found), "{filter}");
        }
        // What is always in the workspace's own currency never is in this one.
        let path = format!("/api/v1/opportunities?filter={}", encoded(r#"base_amount > money("1", "USD")"#));
        admin.get(&path).await.refused(422, "invalid");
    }

    async fn hostile_filters_are_refused_and_the_server_lives(test) {
        let admin = test.workspace().await.admin;
        for filter in [
            "(".repeat(2000),
            "[".repeat(4096),
            "!(".repeat(1000),
            "!".repeat(4000),
            "-".repeat(4000),
            "true?".repeat(700),
            format!("name{}", ".a".repeat(2000)),
            format!("true{}", "&&true".repeat(600)),
            format!("name == {}", "\"".repeat(999)),
            format!("{}true{}", "(".repeat(33), ")".repeat(33)),
            "(](](](](](](](](](](](](](](](".to_owned(),
        ] {
            admin.get(&leads(&filter)).await.expect(422);
        }
        let deepest = format!("{}true{}", "(".repeat(32), ")".repeat(32));
        admin.get(&leads(&deepest)).await.expect(200);
    }
}
