//! Signing in by cookie: the first run, proofs, throttling, CSRF.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::Caller;
use crate::support::workspace::PASSWORD;
use crate::support::{TestApp, both_databases};

fn setup(workspace: &str, email: &str, password: &str) -> Value {
    json!({
        "workspace_name": workspace, "locale": "zh-Hans", "currency": "CNY",
        "time_zone": "Asia/Shanghai", "name": "Ada Admin", "email": email, "password": password,
    })
}

async fn try_password(test: &TestApp, email: &str, password: &str) -> u16 {
    let body = json!({"email": email, "password": password});
    test.nobody().post("/api/v1/session", body).await.status
}

both_databases! {
    async fn the_first_run_makes_a_workspace_to_work_in(test) {
        let nobody = test.nobody();
        let state = nobody.get("/api/v1/setup").await.ok();
        assert_eq!(state, json!({"needed": true, "token_required": false}));
        let answer = nobody.post("/api/v1/setup", setup("客户", "Ada@Example.com", PASSWORD)).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
        for part in ["kehu_session=", "Path=/", "HttpOnly", "SameSite=Lax", "Max-Age="] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let session = answer.expect(201);
        assert_eq!(session["user"]["email"], "ada@example.com");
        assert_eq!(session["user"]["administers"], true);
        assert_eq!(session["workspace"]["name"], "客户");
        nobody.keep_csrf(&session);
        assert_eq!(nobody.get("/api/v1/session").await.ok(), session);
        assert_eq!(nobody.get("/api/v1/setup").await.ok()["needed"], false);

        let names = async |plural: &str| {
            let list = nobody.get(&format!("/api/v1/{plural}?limit=200")).await.ok();
            let items = list["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mut roles = names("roles").await;
        roles.sort();
        assert_eq!(roles, ["管理员", "经理", "财务", "销售"]);
        assert_eq!(names("departments").await, ["客户"]);
        assert_eq!(names("territories").await, ["客户"]);
        assert_eq!(names("users").await, ["Ada Admin"]);
        let pools = nobody.get("/api/v1/pools").await.ok();
        for pool in pools["items"].as_array().unwrap() {
            assert_eq!((&pool["everybody"], &pool["is_default"]), (&json!(true), &json!(true)));
        }
        assert_eq!(pools["items"].as_array().unwrap().len(), 2);
        let industries = names("dictionary-entries").await;
        for wanted in ["通信", "微信", "没有需求", "本科", "已婚"] {
            assert!(industries.iter().any(|name| name == wanted), "{wanted}");
        }
        let history = nobody
            .get(&format!("/api/v1/users/{}/history", session["user"]["id"].as_str().unwrap()))
            .await
            .ok();
        assert_eq!(history["items"][0]["verb"], "create");
        assert!(!history.to_string().contains("argon2"));
    }

    async fn the_first_run_checks_every_field(test) {
        let body = json!({
            "workspace_name": " ", "locale": "xx", "currency": "yuan", "time_zone": "Mars/Olympus",
            "name": "", "email": "nobody", "password": "short",
        });
        let problem = test.nobody().post("/api/v1/setup", body).await.refused(422, "invalid");
        let mut wrong: Vec<_> = problem["errors"].as_array().unwrap().iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect();
        wrong.sort();
        let all = ["/currency", "/email", "/locale", "/name", "/password", "/time_zone",
            "/workspace_name"];
        assert_eq!(wrong, all);
        assert_eq!(test.nobody().get("/api/v1/setup").await.ok()["needed"], true);
    }

    async fn an_address_belongs_to_one_person_in_all_workspaces(test) {
        let _ = test.workspace().await;
        let again = setup("other", "ADA@kehu.example.com", PASSWORD);
        let problem = test.nobody().post("/api/v1/setup", again).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/email");
        assert_eq!(problem["errors"][0]["code"], "taken");
    }

    async fn a_wrong_password_and_an_unknown_address_are_answered_alike(test) {
        let workspace = test.workspace().await;
        let email = workspace.session["user"]["email"].as_str().unwrap();
        let attempt = async |email: &str, password: &str| {
            let body = json!({"email": email, "password": password});
            let answer = test.nobody().post("/api/v1/session", body).await;
            let mut problem = answer.refused(401, "wrong_credentials");
            problem["request_id"] = Value::Null;
            problem
        };
        let known = attempt(email, "not the password").await;
        for unknown in ["nobody@kehu.example.com", "", "no address", "a\u{0}b@example.com"] {
            assert_eq!(attempt(unknown, PASSWORD).await, known, "{unknown:?}");
        }
        let caller = Caller::sign_in(&test.base, &email.to_uppercase(), PASSWORD).await;
        assert_eq!(caller.get("/api/v1/session").await.ok()["user"]["email"], email);
    }

    async fn ten_wrong_passwords_close_an_account_for_a_while(test) {
        let workspace = test.workspace().await;
        let email = workspace.session["user"]["email"].as_str().unwrap();
        let attempts = (0..25).map(|_| try_password(test, email, "wrong password"));
        let statuses = join_all(attempts).await;
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 10, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 15, "{statuses:?}");

        // The right one does not help now; other accounts and those signed in are untouched.
        let body = json!({"email": email, "password": PASSWORD});
        let answer = test.nobody().post("/api/v1/session", body).await;
        let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=900).contains(&wait), "{wait}");
        let problem = answer.refused(429, "too_many_requests");
        assert_eq!(problem["retry_after"], wait);
        assert_eq!(try_password(test, "other@kehu.example.com", "wrong password").await, 401);
        workspace.admin.get("/api/v1/session").await.expect(200);
    }

    async fn a_right_password_takes_the_failures_back(test) {
        let workspace = test.workspace().await;
        let email = workspace.session["user"]["email"].as_str().unwrap();
        for _ in 0..3 {
            for _ in 0..9 {
                assert_eq!(try_password(test, email, "wrong password").await, 401);
            }
            assert_eq!(try_password(test, email, PASSWORD).await, 200);
        }
    }

    async fn many_accounts_from_one_address_are_throttled_too(test) {
        let _ = test.workspace().await;
        let attempt = async |n: usize| {
            try_password(test, &format!("p{n}@kehu.example.com"), "wrong password").await
        };
        let statuses = join_all((0..105).map(attempt)).await;
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 100);
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 5);
    }

    async fn unsafe_requests_by_cookie_carry_the_csrf_token(test) {
        let workspace = test.workspace().await;
        let lead = json!({"name": "Li Wei"});
        let email = workspace.session["user"]["email"].as_str().unwrap();
        let caller = Caller::sign_in(&test.base, email, PASSWORD).await;
        caller.post("/api/v1/leads", lead.clone()).await.expect(201);
        caller.keep_csrf(&json!({"csrf_token": workspace.session["csrf_token"]}));
        caller.post("/api/v1/leads", lead.clone()).await.refused(403, "csrf_token_wrong");
        caller.keep_csrf(&Value::Null);
        caller.post("/api/v1/leads", lead).await.refused(403, "csrf_token_wrong");
        caller.delete("/api/v1/session").await.refused(403, "csrf_token_wrong");
        caller.get("/api/v1/leads").await.expect(200);
    }

    async fn signing_out_ends_the_session_and_takes_the_cookie(test) {
        let workspace = test.workspace().await;
        let email = workspace.session["user"]["email"].as_str().unwrap();
        let other = Caller::sign_in(&test.base, email, PASSWORD).await;
        let answer = workspace.admin.delete("/api/v1/session").await;
        assert!(answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
        answer.expect(204);
        workspace.admin.get("/api/v1/session").await.refused(401, "not_signed_in");
        other.get("/api/v1/session").await.expect(200);
    }

    async fn a_cookie_that_was_made_up_opens_nothing(test) {
        let _ = test.workspace().await;
        for made_up in ["", "x", "%00", &"A".repeat(64), &"A".repeat(5000)] {
            let caller = test.nobody();
            let request = caller.request(Method::GET, "/api/v1/session");
            let request = request.header("cookie", format!("kehu_session={made_up}"));
            caller.send(request).await.refused(401, "not_signed_in");
        }
    }

    async fn people_change_their_own_name_language_and_phone(test) {
        let workspace = test.workspace().await;
        let sales = workspace.person("Sun Sales", "Sales").await.caller;
        let patch = async |body: Value| {
            let request = sales.request(Method::PATCH, "/api/v1/session");
            sales.send(request.json(&body)).await
        };
        let body = json!({"name": "Sun Yi", "locale": "zh-Hans", "phone": "13800138000"});
        let session = patch(body).await.ok();
        assert_eq!(session["user"]["name"], "Sun Yi");
        assert_eq!(session["user"]["locale"], "zh-Hans");
        let path = format!("/api/v1/users/{}", session["user"]["id"].as_str().unwrap());
        let user = workspace.admin.get(&path).await.ok();
        assert_eq!(user["phone"], "+8613800138000");
        assert_eq!(patch(json!({"locale": null})).await.ok()["user"]["locale"], Value::Null);
        let role = workspace.find("roles", "name", "Administrator").await;
        let problem = patch(json!({"role_id": role, "a/b": 1})).await.refused(422, "invalid");
        let pointers: Vec<_> =
            problem["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
        assert_eq!(pointers, ["/a~1b", "/role_id"]);
        patch(json!({"name": null})).await.refused(422, "invalid");
        patch(json!({"locale": "xx"})).await.refused(422, "invalid");
    }
}
