//! Every operation × nobody, a wrong proof, a cookie without its CSRF token.

use reqwest::Method;
use uuid::Uuid;

use super::spec::operations;
use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::workspace::PASSWORD;

both_databases! {
    async fn nobody_gets_through_without_signing_in(test) {
        let _ = test.workspace().await;
        let nobody = test.nobody();
        let strange = Caller::with_bearer(&test.base, "a.b.c");
        let mut tried = 0;
        for operation in operations().iter().filter(|operation| !operation.public) {
            for caller in [&nobody, &strange] {
                let answer = operation.call(caller, Uuid::now_v7(), None).await;
                let name = &operation.name;
                assert_eq!(answer.status, 401, "{name} answered {:#}", answer.body);
                assert_eq!(answer.headers["content-type"], "application/problem+json", "{name}");
                tried += 1;
            }
        }
        assert!(tried > 300, "only {tried} calls");
    }

    async fn a_cookie_changes_nothing_without_its_csrf_token(test) {
        let workspace = test.workspace().await;
        let email = workspace.session["user"]["email"].as_str().unwrap();
        let by_cookie = Caller::sign_in(&test.base, email, PASSWORD).await;
        by_cookie.keep_csrf(&serde_json::Value::Null);
        let writes = |method: &Method| *method != Method::GET;
        for operation in operations() {
            if operation.public || !writes(&operation.method) {
                continue;
            }
            let answer = operation.call(&by_cookie, Uuid::now_v7(), None).await;
            let name = &operation.name;
            assert_eq!(answer.status, 403, "{name} answered {:#}", answer.body);
        }
        by_cookie.get("/api/v1/session").await.ok();
    }
}
