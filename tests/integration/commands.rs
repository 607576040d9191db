//! What an operator does at the server's console, while the server runs.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use crate::support::client::Caller;
use crate::support::process::program;
use crate::support::{TestApp, both_databases};

/// Gives a command and what it reads; tells whether it succeeded and what it said.
fn give(test: &TestApp, arguments: &[&str], input: &str) -> (bool, String) {
    let mut child = program(&test.database)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

both_databases! {
    async fn an_operator_makes_a_workspace(test) {
        let create = ["workspace", "create", "恒达", "--email", "ada@example.com", "--administrator", "Ada"];
        let (done, said) = give(test, &create, "short\n");
        assert!(!done && said.contains("password: too_short"), "{said}");
        let (done, said) = give(test, &create, "correct horse battery\n");
        assert!(done, "{said}");
        let caller = Caller::sign_in(&test.base, "ada@example.com", "correct horse battery").await;
        let session = caller.get("/api/v1/session").await.ok();
        assert_eq!(session["workspace"]["name"], "恒达");
        assert_eq!(session["workspace"]["currency"], "CNY");
        let (done, said) = give(test, &create, "correct horse battery\n");
        assert!(!done && said.contains("email: taken"), "{said}");
    }

    async fn an_operator_sets_a_password(test) {
        let workspace = test.workspace().await;
        let email = workspace.session["user"]["email"].as_str().unwrap();
        let (done, said) = give(test, &["user", "set-password", "x@example.com"], "a new password!");
        assert!(!done && said.contains("nobody has the address"), "{said}");
        let (done, said) = give(test, &["user", "set-password", email], "a new password!\r\n");
        assert!(done, "{said}");
        workspace.admin.get("/api/v1/session").await.refused(401, "not_signed_in");
        let body = json!({"email": email, "password": "a new password!"});
        test.nobody().post("/api/v1/session", body).await.expect(200);
    }
}
