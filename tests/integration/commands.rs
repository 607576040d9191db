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

    async fn an_operator_imports_a_file_and_is_told_what_became_of_it(test) {
        let workspace = test.workspace().await;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let rows = "who,firm,call\nAnn,Acme,13800000001\nBob,ACME Ltd,soon\nCid,ACME Ltd,13800000002\n";
        std::fs::write(path("leads.csv"), rows).unwrap();
        let mapping = "kind = \"lead\"\n[fields]\nname = { column = \"who\" }\n\
            company = { column = \"firm\" }\nphone = { column = \"call\" }\n";
        std::fs::write(path("good.toml"), mapping).unwrap();
        std::fs::write(path("bad.toml"), mapping.replace("who", "name")).unwrap();
        let email = workspace.session["user"]["email"].as_str().unwrap();
        let import = |file: &str, mapping: &str, more: &[&str]| {
            let (file, mapping) = (path(file), path(mapping));
            let given = ["import", &file, "--mapping", &mapping, "--workspace", "kehu", "--as", email];
            give(test, &[&given, more].concat(), "")
        };
        let (done, said) = import("none.csv", "good.toml", &[]);
        assert!(!done && said.contains("none.csv can't be read"), "{said}");
        let (done, said) = import("leads.csv", "bad.toml", &[]);
        let told = "fields.name.column: the file has no column \"name\"";
        assert!(!done && said.contains(told), "{said}");
        for (more, begun) in [(["--dry-run"].as_slice(), "Tried, and nothing written: 3 rows"),
            (&[], "Imported: 3 rows")] {
            let (done, said) = import("leads.csv", "good.toml", more);
            assert!(done && said.starts_with(begun), "{said}");
            for line in ["        2  created\n", "        1  refused\n",
                "  row 3: call: not a telephone number\n",
                "  row 4: firm: likely the same as another (row 2)\n"] {
                assert!(said.contains(line), "{said}");
            }
        }
        let refused = std::fs::read_to_string(path("leads.refused.csv")).unwrap();
        assert!(refused.ends_with("Bob,ACME Ltd,soon,call: not a telephone number\r\n"), "{refused:?}");
        let leads = workspace.admin.get("/api/v1/leads?count=exact").await.ok();
        assert_eq!(leads["count"], 2);
    }

    async fn an_operator_erases_what_is_known_of_a_person(test) {
        let admin = test.workspace().await.admin;
        let body = json!({"name": "Ann", "company": "Acme", "phone": "13800000001"});
        let lead = admin.post("/api/v1/leads", body).await.expect(201);
        let id = lead["id"].as_str().unwrap();
        let erase = |more: &[&str]| give(test, &[&["erase", "lead", id], more].concat(), "");
        let (done, said) = erase(&[]);
        assert!(!done && said.contains("lead.phone: kept answers, import files"), "{said}");
        assert!(said.contains("nothing is erased; with --yes it is"), "{said}");
        let (done, said) = erase(&["nome", "amount", "--yes"]);
        assert!(!done && said.contains("nome: unknown_field, amount: not_erasable"), "{said}");
        let nobody = "0198c2f0-7a10-7000-8000-000000000001";
        let (done, said) = give(test, &["erase", "lead", nobody, "--yes"], "");
        assert!(!done && said.contains("there is no lead 0198c2f0"), "{said}");
        let path = format!("/api/v1/leads/{id}");
        assert_eq!(admin.get(&path).await.ok()["phone"], "+8613800000001");

        let (done, said) = erase(&["--yes", "--compact"]);
        assert!(done && said.contains("       2  change log\n"), "{said}");
        assert!(said.contains("delete them within 30 days"), "{said}");
        let left = admin.get(&path).await.ok();
        assert_eq!((&left["phone"], &left["name"]), (&json!(null), &json!("Ann")));
        let (done, said) = erase(&["name", "company", "--yes"]);
        assert!(done, "{said}");
        let left = admin.get(&path).await.ok();
        let named = (&left["name"], &left["company"]);
        assert_eq!(named, (&json!("—"), &json!(null)), "a lead needs something to recognise it by");
        let (done, said) = give(test, &["audit", "verify"], "");
        assert!(done && said.contains("whole; 7 values erased; head"), "{said}");
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
