//! Tokens of mobile apps: access, refresh, reuse.

use chrono::Duration;
use futures_util::future::join_all;
use kehu_app::clock;
use serde_json::{Value, json};

use crate::support::client::Caller;
use crate::support::workspace::PASSWORD;
use crate::support::{TestApp, both_databases};

async fn tokens(test: &TestApp) -> Value {
    let workspace = test.workspace().await;
    let body = json!({
        "email": workspace.session["user"]["email"], "password": PASSWORD, "device": "Phone",
    });
    test.nobody().post("/api/v1/tokens", body).await.expect(200)
}

async fn refresh(test: &TestApp, pair: &Value) -> crate::support::client::Answer {
    let body = json!({"refresh_token": pair["refresh_token"]});
    test.nobody().post("/api/v1/tokens/refresh", body).await
}

fn bearer(test: &TestApp, pair: &Value) -> Caller {
    Caller::with_bearer(&test.base, pair["access_token"].as_str().unwrap())
}

both_databases! {
    async fn an_access_token_needs_no_csrf_token(test) {
        let pair = tokens(test).await;
        assert_eq!(pair["token_type"], "Bearer");
        assert_eq!(pair["expires_in"], 900);
        let phone = bearer(test, &pair);
        phone.post("/api/v1/leads", json!({"name": "Li Wei"})).await.expect(201);
        let list = phone.get("/api/v1/sessions").await.ok();
        let current = list["items"].as_array().unwrap().iter().find(|s| s["current"] == true);
        assert_eq!(current.unwrap()["device"], "Phone");
    }

    async fn an_access_token_is_good_for_a_quarter_of_an_hour(test) {
        let pair = tokens(test).await;
        let token = pair["access_token"].as_str().unwrap();
        let (app, now) = (&test.app, clock::now());
        app.recognise_token(token, now + Duration::minutes(14)).await.unwrap();
        let late = app.recognise_token(token, now + Duration::minutes(16)).await;
        assert_eq!(late.unwrap_err().code(), "token_expired");
    }

    async fn an_access_token_that_was_changed_opens_nothing(test) {
        let pair = tokens(test).await;
        let token = pair["access_token"].as_str().unwrap();
        let (head, signature) = token.rsplit_once('.').unwrap();
        let (header, claims) = head.split_once('.').unwrap();
        // {"alg":"none","typ":"JWT"}
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
        for forged in [
            format!("{head}.{}", signature.chars().rev().collect::<String>()),
            format!("{header}.{}.{signature}", claims.replace('a', "b")),
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
            pair["refresh_token"].as_str().unwrap().to_owned(),
            "x".to_owned(),
        ] {
            let caller = Caller::with_bearer(&test.base, &forged);
            caller.get("/api/v1/session").await.refused(401, "token_invalid");
        }
        bearer(test, &pair).get("/api/v1/session").await.expect(200);
    }

    async fn a_refresh_token_gets_the_next_pair(test) {
        let first = tokens(test).await;
        let second = refresh(test, &first).await.expect(200);
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        let third = refresh(test, &second).await.expect(200);
        bearer(test, &third).get("/api/v1/session").await.expect(200);
    }

    async fn a_refresh_token_used_twice_signs_the_device_out(test) {
        let first = tokens(test).await;
        let second = refresh(test, &first).await.expect(200);
        refresh(test, &first).await.refused(401, "token_reused");
        refresh(test, &second).await.refused(401, "token_expired");
        for pair in [&first, &second] {
            bearer(test, pair).get("/api/v1/session").await.refused(401, "token_expired");
        }
    }

    async fn of_many_uses_of_one_refresh_token_one_wins(test) {
        let pair = tokens(test).await;
        let answers = join_all((0..20).map(|_| refresh(test, &pair))).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 1);
        for answer in lost {
            answer.refused(401, "token_reused");
        }
    }

    async fn a_device_that_nobody_uses_is_signed_out(test) {
        let pair = tokens(test).await;
        let token = pair["refresh_token"].as_str().unwrap();
        let (app, begin) = (&test.app, clock::now());
        let late = app.refresh_tokens(token, begin + Duration::days(61)).await;
        assert_eq!(late.err().unwrap().code(), "token_expired");
        let mut token = token.to_owned();
        for month in 1..=12 {
            let now = begin + Duration::days(30 * month);
            token = app.refresh_tokens(&token, now).await.ok().unwrap().refresh_token;
        }
        let late = app.refresh_tokens(&token, begin + Duration::days(366)).await;
        assert_eq!(late.err().unwrap().code(), "token_expired");
    }

    async fn signing_a_device_out_ends_its_tokens(test) {
        let pair = tokens(test).await;
        let send = async |token: &str| {
            let nobody = test.nobody();
            let request = nobody.request(reqwest::Method::DELETE, "/api/v1/tokens");
            nobody.send(request.json(&json!({"refresh_token": token}))).await.expect(204);
        };
        send("unknown").await;
        bearer(test, &pair).get("/api/v1/session").await.expect(200);
        send(pair["refresh_token"].as_str().unwrap()).await;
        bearer(test, &pair).get("/api/v1/session").await.refused(401, "token_expired");
        refresh(test, &pair).await.refused(401, "token_expired");
    }

    async fn a_refresh_token_that_was_made_up_gets_nothing(test) {
        let pair = tokens(test).await;
        let token = pair["refresh_token"].as_str().unwrap();
        // Of the right session, but another secret.
        let other = format!("{}{}", token.split_at(40).0, "A".repeat(24));
        for made_up in ["", "x", &other, pair["access_token"].as_str().unwrap()] {
            let body = json!({"refresh_token": made_up});
            let answer = test.nobody().post("/api/v1/tokens/refresh", body).await;
            answer.refused(401, "token_invalid");
        }
        refresh(test, &pair).await.expect(200);
    }
}
