//! Passwords: changing one's own, setting another's.

use futures_util::future::join_all;
use kehu_app::clock;
use serde_json::{Value, json};

use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::PASSWORD;

const NEW: &str = "staple battery horse";
const PATH: &str = "/api/v1/session/password";

fn change(current: &str, new: &str) -> Value {
    json!({"current_password": current, "new_password": new})
}

both_databases! {
    async fn changing_the_password_ends_all_other_sessions(test) {
        let workspace = test.workspace().await;
        let person = workspace.person("Sun Sales", "Sales").await;
        let browser = Caller::sign_in(&test.base, &person.email, PASSWORD).await;
        let other = Caller::sign_in(&test.base, &person.email, PASSWORD).await;
        browser.put(PATH, change(PASSWORD, NEW)).await.expect(204);
        browser.get("/api/v1/session").await.expect(200);
        other.get("/api/v1/session").await.refused(401, "not_signed_in");
        person.caller.get("/api/v1/session").await.refused(401, "token_expired");
        let old = json!({"email": person.email, "password": PASSWORD});
        test.nobody().post("/api/v1/session", old).await.refused(401, "wrong_credentials");
        Caller::sign_in(&test.base, &person.email, NEW).await;

        let history = workspace.admin.get(&format!("/api/v1/users/{}/history", person.id)).await;
        let history = history.ok();
        let entries = history["items"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["verb"] == "change_password").unwrap();
        assert_eq!(entry["actor"]["id"], person.id.to_string());
        assert_eq!(entry["changes"], json!({}));
    }

    async fn a_bad_password_is_refused_with_its_reason(test) {
        let workspace = test.workspace().await;
        for (new, code) in [
            ("short", "too_short"),
            ("password1234", "password_common"),
            ("Ada Admin 2026", "password_personal"),
        ] {
            let answer = workspace.admin.put(PATH, change(PASSWORD, new)).await;
            let problem = answer.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], "/new_password");
            assert_eq!(problem["errors"][0]["code"], code);
        }
        let wrong = workspace.admin.put(PATH, change("wrong password", NEW)).await;
        let problem = wrong.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/current_password");
        workspace.admin.put(PATH, change(PASSWORD, NEW)).await.expect(204);
    }

    async fn guessing_the_password_of_a_session_at_hand_is_throttled(test) {
        let workspace = test.workspace().await;
        let guess = |_| workspace.admin.put(PATH, change("wrong password", NEW));
        let answers = join_all((0..14).map(guess)).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 422).count(), 10);
        assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 4);
    }

    async fn of_two_changes_at_once_one_wins(test) {
        let workspace = test.workspace().await;
        let new = ["first new password", "second new password"];
        let answers = join_all(new.map(|new| workspace.admin.put(PATH, change(PASSWORD, new)))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    }

    async fn administrators_set_the_passwords_of_others(test) {
        let workspace = test.workspace().await;
        let person = workspace.person("Sun Sales", "Sales").await;
        let manager = workspace.person("Ma Manager", "Manager").await;
        let path = |id: uuid::Uuid| format!("/api/v1/users/{id}/password");
        let body = json!({"password": NEW});
        let refused = manager.caller.put(&path(person.id), body.clone()).await;
        refused.refused(403, "administrators_only");
        test.nobody().put(&path(person.id), body.clone()).await.refused(401, "not_signed_in");
        let own = workspace.admin.put(&path(workspace.admin_id()), body.clone()).await;
        own.refused(409, "own_password");
        let short = workspace.admin.put(&path(person.id), json!({"password": "short"})).await;
        assert_eq!(short.refused(422, "invalid")["errors"][0]["pointer"], "/password");
        let stranger = test.workspace_named("other").await;
        stranger.admin.put(&path(person.id), body.clone()).await.refused(404, "not_found");
        person.caller.get("/api/v1/session").await.expect(200);

        workspace.admin.put(&path(person.id), body).await.expect(204);
        person.caller.get("/api/v1/session").await.refused(401, "token_expired");
        Caller::sign_in(&test.base, &person.email, NEW).await;
    }

    async fn the_console_sets_a_password_too(test) {
        let workspace = test.workspace().await;
        let email = workspace.session["user"]["email"].as_str().unwrap();
        let app = &test.app;
        let unknown = app.set_password_of("nobody@example.com", NEW, clock::now()).await;
        assert_eq!(unknown.unwrap_err().code(), "not_found");
        app.set_password_of(&email.to_uppercase(), NEW, clock::now()).await.unwrap();
        workspace.admin.get("/api/v1/session").await.refused(401, "not_signed_in");
        Caller::sign_in(&test.base, email, NEW).await;
    }
}
