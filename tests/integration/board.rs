//! The board of a pipeline and the forecast: sums that are those of the records one sees.

use chrono::{Days, Months};
use kehu_client::transport::with_query;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::{Workspace, id_of};

async fn stage(w: &Workspace, code: &str) -> Uuid {
    w.find("stages", "code", code).await
}

async fn make(caller: &Caller, body: Value) -> Value {
    caller.post("/api/v1/opportunities", body).await.expect(201)
}

fn yuan(amount: i64) -> Value {
    json!({"amount": amount, "currency": "CNY"})
}

/// A day of the workspace, so many days from today.
fn day(ago: u64) -> String {
    let today = (kehu_app::clock::now() + chrono::Duration::hours(8)).date_naive();
    today.checked_sub_days(Days::new(ago)).unwrap().to_string()
}

/// What the board says of a stage.
fn column<'a>(board: &'a Value, code: &str) -> &'a Value {
    let stages = board["stages"].as_array().unwrap();
    stages.iter().find(|s| s["stage"]["code"] == code).unwrap()
}

fn sums(column: &Value) -> [i64; 3] {
    ["count", "amount", "weighted_amount"].map(|name| column[name].as_i64().unwrap())
}

fn names(column: &Value) -> Vec<&str> {
    let items = column["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect()
}

both_databases! {
    async fn the_board_has_the_stages_their_sums_and_their_first_opportunities(test) {
        let w = test.workspace().await;
        let customer = w.admin.post("/api/v1/customers", json!({"name": "Hengda"})).await.expect(201);
        let (customer, admin) = (customer["id"].clone(), w.admin_id());
        // 10 % of 0.05, 0.15 and 0.14 are half a cent or more, and less.
        for (name, amount) in [("Small", 5), ("Large", 15), ("Middle", 14)] {
            make(&w.admin, json!({"name": name, "amount": yuan(amount), "customer_id": customer, "owner_id": admin})).await;
        }
        make(&w.admin, json!({"name": "Bare", "owner_id": admin})).await;
        let largest = 9_007_199_254_740_991_i64;
        make(&w.admin, json!({"name": "Vast", "customer_id": customer, "stage_id": stage(&w, "qualification").await,
            "amount": yuan(largest), "probability": 9_999})).await;
        let won = stage(&w, "won").await;
        for (name, ago) in [("Fresh", 3), ("Border", 30), ("Old", 31)] {
            make(&w.admin, json!({"name": name, "customer_id": customer, "stage_id": won, "amount": yuan(100),
                "close_reason": "best_fit", "started_on": day(40), "closed_on": day(ago)})).await;
        }
        let elsewhere = stage(&w, "project_lead").await;
        make(&w.admin, json!({"name": "Elsewhere", "stage_id": elsewhere, "amount": yuan(1)})).await;

        let board = w.admin.get("/api/v1/opportunities/board?limit_per_stage=2").await.ok();
        assert_eq!((&board["currency"], &board["closed_since"]), (&json!("CNY"), &json!(day(30))));
        let order: Vec<_> = board["stages"].as_array().unwrap().iter()
            .map(|s| s["stage"]["code"].as_str().unwrap()).collect();
        assert_eq!(order, ["discovery", "qualification", "proposal", "negotiation", "won", "lost"]);
        let first = column(&board, "discovery");
        assert_eq!(sums(first), [4, 34, 4]);
        assert_eq!(names(first), ["Large", "Middle"]);
        assert_eq!(first["items"][0]["customer"]["title"], "Hengda");
        assert_eq!(first["items"][0]["owner"]["title"], "Ada Admin");
        assert_eq!(sums(column(&board, "qualification")), [1, largest, 9_006_298_534_815_517]);
        assert_eq!((sums(column(&board, "won")), names(column(&board, "won"))), ([2, 200, 200], vec!["Fresh", "Border"]));
        assert_eq!(sums(column(&board, "lost")), [0, 0, 0]);
        // The list goes on where the column ends.
        let text = |name: &str| first[name].as_str().unwrap().to_owned();
        let rest = with_query("/api/v1/opportunities", &[
            ("filter", &text("filter")), ("sort", &text("sort")), ("cursor", &text("next_cursor")),
        ]);
        assert_eq!(names(&w.admin.get(&rest).await.ok()), ["Small", "Bare"]);

        let found = w.admin.get("/api/v1/opportunities/board?filter=amount%20%3E%3D%200.14").await.ok();
        assert_eq!(sums(column(&found, "discovery")), [2, 29, 3]);
        let found = w.admin.get("/api/v1/opportunities/board?q=middle").await.ok();
        assert_eq!(names(column(&found, "discovery")), ["Middle"]);
        let pipeline = w.admin.get(&format!("/api/v1/stages/{elsewhere}")).await.ok()["pipeline_id"].clone();
        let other = format!("/api/v1/opportunities/board?pipeline_id={}", pipeline.as_str().unwrap());
        assert_eq!(names(column(&w.admin.get(&other).await.ok(), "project_lead")), ["Elsewhere"]);

        let wrong = w.admin.get("/api/v1/opportunities/board?filter=colour%20%3D%3D%201").await.refused(422, "invalid");
        assert_eq!((&wrong["errors"][0]["code"], &wrong["errors"][0]["params"]["offset"]), (&json!("unknown_field"), &json!(0)));
        let nowhere = format!("/api/v1/opportunities/board?pipeline_id={won}");
        w.admin.get(&nowhere).await.refused(422, "invalid");
        w.admin.get("/api/v1/opportunities/board?limit_per_stage=201").await.refused(422, "invalid");
    }

    async fn board_and_forecast_count_what_one_sees(test) {
        let w = test.workspace().await;
        let sales = w.person("Sam Sales", "Sales").await;
        let other = w.person("Olga Other", "Sales").await;
        make(&sales.caller, json!({"name": "Own", "amount": yuan(100)})).await;
        make(&w.admin, json!({"name": "Shared", "amount": yuan(10), "collaborator_ids": [sales.id]})).await;
        let gone = make(&sales.caller, json!({"name": "Gone", "amount": yuan(1)})).await;
        sales.caller.delete(&format!("/api/v1/opportunities/{}", id_of(&gone))).await.expect(204);
        for (caller, seen) in [(&sales.caller, [2, 110, 11]), (&other.caller, [0, 0, 0]), (&w.admin, [2, 110, 11])] {
            let board = caller.get("/api/v1/opportunities/board").await.ok();
            assert_eq!(sums(column(&board, "discovery")), seen);
            let forecast = caller.get("/api/v1/opportunities/forecast").await.ok();
            assert_eq!(sums(&forecast["undated"]), seen);
        }
    }

    async fn the_forecast_counts_by_month_and_category(test) {
        let w = test.workspace().await;
        let customer = w.admin.post("/api/v1/customers", json!({"name": "Hengda"})).await.expect(201);
        let open = |name: &str, on: &str, category: &str, amount: i64| json!({"name": name, "amount": yuan(amount),
            "expected_close_on": on, "forecast_category": category});
        for body in [
            open("A", "2031-01-31", "commit", 1_000), open("B", "2031-01-01", "commit", 500),
            open("C", "2031-01-15", "pipeline", 70), open("D", "2031-03-01", "best_case", 30),
            open("E", "2031-04-01", "commit", 9), open("F", "2030-12-31", "commit", 8),
            open("G", "2031-02-01", "omitted", 7),
        ] {
            make(&w.admin, body).await;
        }
        let today = (kehu_app::clock::now() + chrono::Duration::hours(8)).date_naive();
        make(&w.admin, json!({"name": "Won", "customer_id": customer["id"], "stage_id": stage(&w, "won").await,
            "amount": yuan(600), "close_reason": "best_fit", "expected_close_on": "2031-01-01"})).await;
        make(&w.admin, json!({"name": "Lost", "stage_id": stage(&w, "lost").await, "amount": yuan(600),
            "close_reason": "no_budget", "expected_close_on": "2031-01-01"})).await;

        let forecast = w.admin.get("/api/v1/opportunities/forecast?from=2031-01&months=3").await.ok();
        let months = forecast["months"].as_array().unwrap();
        let told: Vec<_> = months.iter().map(|m| (m["month"].clone(), sums(&m["total"]))).collect();
        assert_eq!(told, [(json!("2031-01"), [3, 1570, 157]), (json!("2031-02"), [0, 0, 0]), (json!("2031-03"), [1, 30, 3])]);
        assert_eq!(months[0]["categories"], json!([
            {"category": "pipeline", "count": 1, "amount": 70, "weighted_amount": 7},
            {"category": "commit", "count": 2, "amount": 1500, "weighted_amount": 150},
        ]));
        assert_eq!((sums(&forecast["earlier"]), sums(&forecast["undated"])), ([1, 8, 1], [0, 0, 0]));
        let now = w.admin.get("/api/v1/opportunities/forecast").await.ok();
        assert_eq!(now["months"].as_array().unwrap().len(), 3);
        assert_eq!(now["months"][0]["month"], json!(today.format("%Y-%m").to_string()));
        assert_eq!(now["months"][0]["categories"], json!([
            {"category": "closed", "count": 1, "amount": 600, "weighted_amount": 600},
        ]));
        let last = today.checked_add_months(Months::new(2)).unwrap();
        assert_eq!(now["months"][2]["month"], json!(last.format("%Y-%m").to_string()));
        let commit = "/api/v1/opportunities/forecast?from=2031-01&filter=forecast_category%20%3D%3D%20%22commit%22";
        assert_eq!(sums(&w.admin.get(commit).await.ok()["months"][0]["total"]), [2, 1500, 150]);
        for wrong in ["from=2031-13", "from=2031", "from=+031-01", "months=0", "months=25", "filter=(", "until=2031-01"] {
            w.admin.get(&format!("/api/v1/opportunities/forecast?{wrong}")).await.refused(422, "invalid");
        }
    }
}
