//! Sessions: renewing, running out, listing, ending; and who is out at once.

use chrono::{DateTime, Duration, Utc};
use futures_util::future::join_all;
use kehu_app::error::AppError;
use kehu_app::setup::{Setup, SetupPolicy};
use kehu_app::sign_in::Attempt;
use kehu_app::workspaces::{Administrator, NewWorkspace};
use kehu_app::{App, clock};
use serde_json::json;

use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::{PASSWORD, Workspace};

fn attempt(workspace: &Workspace) -> Attempt {
    Attempt {
        email: workspace.session["user"]["email"]
            .as_str()
            .unwrap()
            .to_owned(),
        password: PASSWORD.to_owned(),
        address: None,
        device: Some("a\u{0}test".to_owned()),
    }
}

/// What a cookie is worth at a moment: the token that replaces it, if it is worth anything.
async fn worth(app: &App, token: &str, now: DateTime<Utc>) -> Option<Option<String>> {
    match app.recognise_session(token, now).await {
        Ok((_, renewed)) => Some(renewed),
        Err(AppError::Unauthenticated("not_signed_in")) => None,
        Err(other) => panic!("{other}"),
    }
}

fn policy(open_workspaces: bool, token_required: bool) -> SetupPolicy {
    SetupPolicy {
        open_workspaces,
        token_required,
    }
}

fn setup(n: usize, token: Option<String>) -> Setup {
    Setup {
        workspace: NewWorkspace {
            name: format!("Company {n}"),
            locale: "en".to_owned(),
            currency: "USD".to_owned(),
            time_zone: "Europe/Madrid".to_owned(),
            administrator: Administrator {
                name: "Ada Admin".to_owned(),
                email: format!("ada{n}@example.com"),
                password: PASSWORD.to_owned(),
            },
        },
        token,
        device: None,
        request_id: "test".to_owned(),
    }
}

both_databases! {
    async fn of_many_first_runs_at_once_one_is_the_first(test) {
        let app = &test.app;
        let runs = (0..8).map(|n| app.set_up(policy(false, false), setup(n, None), clock::now()));
        let (made, refused): (Vec<_>, Vec<_>) =
            join_all(runs).await.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), 1);
        for run in refused {
            let refusal = run.err().unwrap();
            assert_eq!(refusal.code(), "already_set_up", "{refusal}");
        }
    }

    async fn where_workspaces_are_open_anybody_makes_one(test) {
        let app = &test.app;
        app.set_up(policy(true, false), setup(1, None), clock::now()).await.ok().unwrap();
        app.set_up(policy(true, false), setup(2, None), clock::now()).await.ok().unwrap();
        let refused = app.set_up(policy(false, false), setup(3, None), clock::now()).await;
        assert_eq!(refused.err().unwrap().code(), "already_set_up");
    }

    async fn a_server_in_the_open_asks_the_first_run_for_its_token(test) {
        let app = &test.app;
        let token = app.setup_token(clock::now()).await.unwrap().unwrap();
        assert_eq!(app.setup_token(clock::now()).await.unwrap().unwrap(), token);
        for wrong in [None, Some(String::new()), Some("wrong".to_owned())] {
            let refused = app.set_up(policy(false, true), setup(1, wrong), clock::now()).await;
            let Err(AppError::Invalid(problems)) = refused else { panic!("it was let in") };
            assert_eq!(problems[0].pointer, "/token");
        }
        let right = setup(1, Some(format!(" {token}\n")));
        app.set_up(policy(false, true), right, clock::now()).await.ok().unwrap();
        assert_eq!(app.setup_token(clock::now()).await.unwrap(), None);
    }

    async fn a_cookie_is_replaced_every_day(test) {
        let workspace = test.workspace().await;
        let (app, begin) = (&test.app, clock::now());
        let first = app.sign_in(attempt(&workspace), begin).await.ok().unwrap().token;
        assert_eq!(worth(app, &first, begin + Duration::hours(23)).await, Some(None));

        // Several requests of one page: one of them brings the new token, all are answered.
        let later = begin + Duration::hours(25);
        let answers = join_all((0..8).map(|_| worth(app, &first, later))).await;
        let new: Vec<String> =
            answers.into_iter().filter_map(|answer| answer.expect("answered")).collect();
        assert_eq!(new.len(), 1);
        let second = &new[0];
        assert_ne!(*second, first);

        // Both are good until the new one arrived, and a minute longer.
        let seconds = |n| later + Duration::seconds(n);
        assert_eq!(worth(app, &first, seconds(10)).await, Some(None));
        assert_eq!(worth(app, second, seconds(20)).await, Some(None));
        assert_eq!(worth(app, &first, seconds(79)).await, Some(None));
        assert_eq!(worth(app, &first, seconds(81)).await, None);
        assert_eq!(worth(app, second, seconds(81)).await, Some(None));
    }

    async fn a_new_cookie_that_got_lost_is_made_again(test) {
        let workspace = test.workspace().await;
        let (app, begin) = (&test.app, clock::now());
        let first = app.sign_in(attempt(&workspace), begin).await.ok().unwrap().token;
        let later = begin + Duration::days(2);
        let lost = worth(app, &first, later).await.unwrap().unwrap();
        let again = worth(app, &first, later + Duration::hours(1)).await.unwrap().unwrap();
        assert_ne!(lost, again);
        let after = later + Duration::hours(2);
        assert_eq!(worth(app, &lost, after).await, None);
        assert_eq!(worth(app, &again, after).await, Some(None));
        assert_eq!(worth(app, &first, after + Duration::minutes(2)).await, None);
    }

    async fn a_browser_that_nobody_uses_is_signed_out(test) {
        let workspace = test.workspace().await;
        let (app, begin) = (&test.app, clock::now());
        let mut token = app.sign_in(attempt(&workspace), begin).await.ok().unwrap().token;
        assert_eq!(worth(app, &token, begin + Duration::days(14)).await, None);
        // Used every week it stays, but not for ever.
        for week in 1..13 {
            let now = begin + Duration::weeks(week);
            token = worth(app, &token, now).await.unwrap_or_else(|| panic!("week {week}")).unwrap();
        }
        assert_eq!(worth(app, &token, begin + Duration::days(90)).await, None);
    }

    async fn what_ended_long_ago_is_forgotten(test) {
        let workspace = test.workspace().await;
        let (app, begin) = (&test.app, clock::now());
        let token = app.sign_in(attempt(&workspace), begin).await.ok().unwrap().token;
        let tokens = app.create_tokens(attempt(&workspace), begin).await.ok().unwrap();
        app.forget_sign_ins(begin + Duration::days(100)).await.unwrap();
        assert!(worth(app, &token, begin).await.is_some());
        app.forget_sign_ins(begin + Duration::days(121)).await.unwrap();
        assert!(worth(app, &token, begin).await.is_none());
        app.refresh_tokens(&tokens.refresh_token, begin).await.ok().unwrap();
        app.forget_sign_ins(begin + Duration::days(400)).await.unwrap();
        let gone = app.recognise_token(&tokens.access_token, begin).await;
        assert_eq!(gone.err().unwrap().code(), "token_expired");
    }

    async fn people_see_and_end_their_own_sessions_only(test) {
        let workspace = test.workspace().await;
        let person = workspace.person("Sun Sales", "Sales").await;
        let browser = Caller::sign_in(&test.base, &person.email, PASSWORD).await;
        let list = browser.get("/api/v1/sessions").await.ok();
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 2);
        let device = items.iter().find(|item| item["current"] == false).unwrap();
        assert_eq!(device["device"], "test");
        let path = format!("/api/v1/sessions/{}", device["id"].as_str().unwrap());
        workspace.admin.delete(&path).await.refused(404, "not_found");
        person.caller.get("/api/v1/session").await.expect(200);
        browser.delete(&path).await.expect(204);
        browser.delete(&path).await.refused(404, "not_found");
        person.caller.get("/api/v1/session").await.refused(401, "token_expired");
        assert_eq!(browser.get("/api/v1/sessions").await.ok()["items"].as_array().unwrap().len(), 1);
    }

    async fn signing_out_everywhere_works_at_once(test) {
        let workspace = test.workspace().await;
        let person = workspace.person("Sun Sales", "Sales").await;
        let tokens = json!({"email": person.email, "password": PASSWORD});
        let tokens = test.nobody().post("/api/v1/tokens", tokens).await.ok();
        let browser = Caller::sign_in(&test.base, &person.email, PASSWORD).await;
        let other = Caller::sign_in(&test.base, &person.email, PASSWORD).await;
        browser.delete("/api/v1/sessions").await.expect(204);
        for gone in [&browser, &other] {
            gone.get("/api/v1/session").await.refused(401, "not_signed_in");
        }
        person.caller.get("/api/v1/leads").await.refused(401, "token_expired");
        let refresh = json!({"refresh_token": tokens["refresh_token"]});
        let answer = test.nobody().post("/api/v1/tokens/refresh", refresh).await;
        answer.refused(401, "token_expired");
        workspace.admin.get("/api/v1/session").await.expect(200);
    }

    async fn who_may_not_sign_in_any_more_is_out_at_once(test) {
        let workspace = test.workspace().await;
        let path = |id: uuid::Uuid| format!("/api/v1/users/{id}");
        let left = workspace.person("Left Behind", "Sales").await;
        let gone = workspace.person("Gone Away", "Sales").await;
        let browser = Caller::sign_in(&test.base, &left.email, PASSWORD).await;
        let tokens = json!({"email": gone.email, "password": PASSWORD});
        let tokens = test.nobody().post("/api/v1/tokens", tokens).await.ok();

        let version = workspace.admin.get(&path(left.id)).await.ok()["version"].as_i64().unwrap();
        workspace.admin.patch(&path(left.id), version, json!({"active": false})).await.expect(200);
        workspace.admin.delete(&path(gone.id)).await.expect(204);

        browser.get("/api/v1/session").await.refused(401, "not_signed_in");
        for person in [&left, &gone] {
            person.caller.get("/api/v1/leads").await.refused(401, "not_signed_in");
            let body = json!({"email": person.email, "password": PASSWORD});
            let answer = test.nobody().post("/api/v1/session", body).await;
            answer.refused(401, "wrong_credentials");
        }
        let refresh = json!({"refresh_token": tokens["refresh_token"]});
        let answer = test.nobody().post("/api/v1/tokens/refresh", refresh).await;
        answer.refused(401, "token_expired");
    }
}
