//! Importing real and realistic files, against an independent reading of them.

mod booked;
mod expected;
mod interrupted;
mod sales;
mod same_rules;
mod undone;

use std::time::Duration;

use kehu_api::commands::import::read_mapping;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::both_databases;
use crate::support::client::{Answer, Caller};
use crate::support::workspace::{Workspace, id_of};

both_databases! {
    async fn chinese_leads_become_what_the_file_says_where_bad_values_refuse(test) {
        let (workspace, file) = (test.workspace().await, expected::leads_file());
        let import = upload(&workspace.admin, "leads.csv", file.clone()).await;
        let mapping = mapping("leads-zh.toml");

        let tried = run(&workspace.admin, import, json!({"dry_run": true, "mapping": mapping})).await;
        assert_eq!(tried["state"], "checked", "{tried:#}");
        assert_eq!(count(&workspace.admin, "leads").await, 0);
        let done = run(&workspace.admin, import, json!({})).await;
        assert_eq!(done["state"], "completed", "{done:#}");
        assert_eq!(tried["counts"], done["counts"]);

        let leads = expected::leads(&file);
        let counts = &done["counts"];
        let expected = json!([leads.created(false), leads.duplicates, leads.bad]);
        assert_eq!(json!([counts["created"], counts["duplicates"], counts["refused"]]), expected);
        assert_eq!(expected, json!([2809, 76, 115]));
        assert_eq!(count(&workspace.admin, "leads").await, 2809);
        compare_leads(&workspace, &leads).await;
        let refused = refused_rows(&workspace.admin, import).await;
        assert_eq!(refused, leads.bad_rows);
    }

    async fn chinese_leads_become_what_the_file_says_where_bad_values_are_dropped(test) {
        let (workspace, file) = (test.workspace().await, expected::leads_file());
        let import = upload(&workspace.admin, "leads.csv", file.clone()).await;
        let mut mapping = mapping("leads-zh.toml");
        mapping["bad_value"] = json!("drop");
        let done = run(&workspace.admin, import, json!({"mapping": mapping})).await;
        let counts = &done["counts"];
        let leads = expected::leads(&file);
        let told = json!([counts["created"], counts["duplicates"], counts["warnings"], counts["refused"]]);
        assert_eq!(told, json!([leads.created(true), leads.duplicates, leads.bad, 0]));
        assert_eq!(told, json!([2924, 76, 115, 0]));
        assert_eq!(counts["likely_duplicates"], leads.likely_duplicates(true));
        assert_eq!(counts["likely_duplicates"], 56);
    }

    async fn two_leads_of_one_company_are_normal_and_two_customers_of_one_name_are_not(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let file = "name\nAcme Ltd\nAcme Ltd\nACME\n Acme Ltd\nOther\n";
        for (kind, field, likely) in [("lead", "company", 2), ("customer", "name", 3)] {
            for (round, before) in [(1, 0), (2, 1)] {
                let import = upload(admin, "names.csv", file.into()).await;
                let fields = json!({(field): {"column": "name"}});
                let mapping = json!({"kind": kind, "on_duplicate": "create", "fields": fields});
                let body = json!({"mapping": mapping, "dry_run": true});
                let tried = run(admin, import, body).await;
                let done = run(admin, import, json!({})).await;
                assert_eq!(tried["counts"], done["counts"]);
                assert_eq!(done["counts"]["created"], 5, "{done:#}");
                // The second time "Acme Ltd" and "Other" are stored already.
                let more = if kind == "customer" { 2 * before } else { 0 };
                assert_eq!(done["counts"]["likely_duplicates"], likely + more, "{kind} {round}");
            }
        }
    }

    async fn companies_find_their_parents_wherever_they_stand_in_the_file(test) {
        let workspace = test.workspace_with("accounts", "USD").await;
        let file = expected::practice_file("accounts.csv");
        let import = upload(&workspace.admin, "accounts.csv", file.clone()).await;
        let body = json!({"dry_run": true, "mapping": mapping("crm-accounts.toml")});
        let tried = run(&workspace.admin, import, body).await;
        let done = run(&workspace.admin, import, json!({})).await;
        assert_eq!(done["state"], "completed", "{done:#}");
        assert_eq!(tried["counts"], done["counts"]);
        assert_eq!(done["counts"]["created"], 85);
        let customers = all(&workspace.admin, "customers").await;
        let name_of = |id: &Value| {
            let found = customers.iter().find(|customer| customer["id"] == *id);
            found.map_or(Value::Null, |customer| customer["name"].clone())
        };
        let mut found: Vec<Value> = customers
            .iter()
            .map(|c| json!([c["name"], name_of(&c["parent_id"]), c["annual_revenue"]["amount"],
                c["employees"], c["founded_year"], c["country"]]))
            .collect();
        found.sort_by_key(Value::to_string);
        let expected = expected::accounts(&file);
        assert_eq!(found, expected);
        assert_eq!(expected.iter().filter(|row| !row[1].is_null()).count(), 15);

        // The same file once more changes nothing.
        let again = upload(&workspace.admin, "accounts.csv", file).await;
        let body = json!({"mapping": mapping("crm-accounts.toml")});
        let again = run(&workspace.admin, again, body).await;
        assert_eq!(again["counts"]["duplicates"], 85);
        assert_eq!(again["counts"]["created"], 0);
    }

    async fn the_sales_team_becomes_a_tree_of_offices_and_managers(test) {
        let workspace = test.workspace_with("team", "USD").await;
        let file = expected::practice_file("sales_teams.csv");
        let import = upload(&workspace.admin, "sales_teams.csv", file.clone()).await;
        let body = json!({"dry_run": true, "mapping": mapping("crm-sales-team.toml")});
        let tried = run(&workspace.admin, import, body).await;
        let done = run(&workspace.admin, import, json!({})).await;
        assert_eq!(done["state"], "completed", "{done:#}");
        assert_eq!(tried["counts"], done["counts"]);
        assert_eq!(done["counts"]["created"], 35, "{done:#}");
        // Three offices, six departments below them, six managers.
        assert_eq!(done["counts"]["others_created"], 15);
        let leaders = upload(&workspace.admin, "sales_teams.csv", file.clone()).await;
        let body = json!({"mapping": mapping("crm-sales-managers.toml")});
        let leaders = run(&workspace.admin, leaders, body).await;
        assert_eq!(leaders["counts"]["updated"], 35);

        let (users, departments) =
            (all(&workspace.admin, "users").await, all(&workspace.admin, "departments").await);
        let by_id = |records: &[Value], id: &Value| {
            records.iter().find(|r| r["id"] == *id).cloned().unwrap_or(Value::Null)
        };
        let mut found: Vec<[String; 3]> = users
            .iter()
            .filter(|user| user["job_title"] == "Sales agent")
            .map(|user| {
                let manager = by_id(&users, &user["manager_id"]);
                let team = by_id(&departments, &user["department_id"]);
                assert_eq!(team["manager_id"], manager["id"]);
                assert_eq!(team["name"], manager["name"]);
                assert_eq!(manager["department_id"], team["id"]);
                let office = by_id(&departments, &team["parent_id"]);
                assert_eq!(office["parent_id"], Value::Null);
                [&user["name"], &manager["name"], &office["name"]]
                    .map(|name| name.as_str().unwrap().to_owned())
            })
            .collect();
        found.sort();
        assert_eq!(found, expected::sales_team(&file));
    }

    async fn what_does_not_fit_is_refused(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let sales = workspace.person("Sam Sales", "Sales").await;
        let answer = send(&sales.caller, "a.csv", b"name\nAnn\n".to_vec(), "text/csv").await;
        answer.refused(403, "may_not_import");
        let answer = send(admin, "a.csv", b"name\nAnn\n".to_vec(), "image/png").await;
        answer.refused(415, "unsupported_media_type");
        send(admin, "a.csv", Vec::new(), "text/csv").await.refused(422, "invalid");
        let import = upload(admin, "a.csv", b"name\nAnn\n".to_vec()).await;
        let start = format!("/api/v1/imports/{import}/start");
        admin.act(&start).await.refused(422, "invalid");
        let fields = json!({"name": {"column": "nome"}, "colour": {"column": "name"},
            "status": {"constant": "converted"}, "phone": {"column": "name", "form": "mobile:XX"}});
        let body = json!({"mapping": {"kind": "lead", "fields": fields}});
        let problem = admin.post(&start, body).await.refused(422, "invalid");
        let mut told: Vec<String> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| format!("{} {}", e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
            .collect();
        told.sort();
        assert_eq!(told, ["/fields/colour unknown_field", "/fields/name/column unknown_column",
            "/fields/phone/form unknown_form", "/fields/status read_only"]);
        let nowhere = format!("/api/v1/imports/{}", Uuid::now_v7());
        admin.get(&nowhere).await.refused(404, "not_found");
        let other = test.workspace_named("other").await;
        other.admin.get(&format!("/api/v1/imports/{import}")).await.refused(404, "not_found");
    }

    async fn a_file_that_is_too_large_is_refused_and_nothing_of_it_stays(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let row = b"Ann,13800000001\n";
        let file = row.repeat(1024 * 1024 / row.len() + 1);
        send(admin, "large.csv", file.clone(), "text/csv").await.refused(413, "too_large");
        // Without a word about its length it is cut off on its way.
        let parts: Vec<Result<Vec<u8>, std::io::Error>> =
            file.chunks(64 * 1024).map(|part| Ok(part.to_vec())).collect();
        let request = admin
            .request(reqwest::Method::POST, "/api/v1/imports?file_name=large.csv")
            .header("Content-Type", "text/csv")
            .body(reqwest::Body::wrap_stream(futures_util::stream::iter(parts)));
        admin.send(request).await.refused(413, "too_large");
        let imports = admin.get("/api/v1/imports").await.ok();
        assert_eq!(imports["items"], json!([]));
        upload(admin, "just.csv", file[..1024 * 1024].to_vec()).await;
    }

    async fn a_preview_proposes_a_mapping(test) {
        let workspace = test.workspace().await;
        let request = workspace
            .admin
            .request(reqwest::Method::POST, "/api/v1/imports/preview")
            .header("Content-Type", "text/csv")
            .body(expected::leads_file());
        let preview = workspace.admin.send(request).await.ok();
        assert_eq!(preview["encoding"], "gb18030");
        assert_eq!(preview["delimiter"], ",");
        assert_eq!(preview["header"], true);
        assert_eq!(preview["rows"].as_array().unwrap().len(), 50);
        assert_eq!(preview["mapping"]["kind"], "lead");
        // What is proposed brings the same as the mapping made by hand.
        let import = upload(&workspace.admin, "leads.csv", expected::leads_file()).await;
        let body = json!({"dry_run": true, "mapping": preview["mapping"]});
        let tried = run(&workspace.admin, import, body).await;
        assert_eq!(tried["counts"]["created"], 2809, "{tried:#}");
    }

    async fn a_file_that_nobody_imports_is_forgotten_after_a_week(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let import = upload(admin, "a.csv", b"name\nAnn\n".to_vec()).await;
        let now = kehu_app::clock::now();
        assert_eq!(test.app.forget_import_files(now).await.unwrap(), 0);
        let later = now + chrono::TimeDelta::days(8);
        assert_eq!(test.app.forget_import_files(later).await.unwrap(), 1);
        let body = json!({"mapping": {"kind": "lead", "fields": {"name": {"column": "name"}}}});
        let start = format!("/api/v1/imports/{import}/start");
        admin.post(&start, body).await.refused(409, "import_file_gone");
    }

    async fn who_sees_what_everybody_did_sees_their_imports(test) {
        let w = test.workspace().await;
        for (name, special) in [("Auditor", json!(["audit", "import"])), ("Importer", json!(["import"]))] {
            let role = json!({
                "name": name, "read_reach": "own", "write_reach": "own", "special_rights": special,
            });
            w.admin.post("/api/v1/roles", role).await.expect(201);
        }
        let auditor = w.person("Aud Auditor", "Auditor").await.caller;
        let importer = w.person("Ina Importer", "Importer").await.caller;
        let import = upload(&w.admin, "leads.csv", b"name\nAda\n".to_vec()).await;
        let path = format!("/api/v1/imports/{import}");
        auditor.get(&path).await.ok();
        importer.get(&path).await.refused(404, "not_found");
    }

    async fn a_mapping_is_saved_replaced_and_forgotten(test) {
        let workspace = test.workspace().await;
        let admin = &workspace.admin;
        let body = json!({"name": "Leads", "mapping": {"kind": "lead", "fields": {}}});
        admin.post("/api/v1/import-mappings", body.clone()).await.expect(201);
        let saved = admin.post("/api/v1/import-mappings", body).await.expect(201);
        let list = admin.get("/api/v1/import-mappings").await.ok();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let path = format!("/api/v1/import-mappings/{}", id_of(&saved));
        admin.delete(&path).await.expect(204);
        admin.delete(&path).await.refused(404, "not_found");
    }
}

/// A mapping of the folder `mappings`, as JSON.
fn mapping(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings");
    serde_json::to_value(read_mapping(&path.join(name)).unwrap()).unwrap()
}

async fn send(caller: &Caller, name: &str, file: Vec<u8>, of_type: &str) -> Answer {
    let path = format!("/api/v1/imports?file_name={name}");
    let request = caller
        .request(reqwest::Method::POST, &path)
        .header("Content-Type", of_type)
        .body(file);
    caller.send(request).await
}

async fn upload(caller: &Caller, name: &str, file: Vec<u8>) -> Uuid {
    id_of(&send(caller, name, file, "text/csv").await.expect(201))
}

/// Starts an import and waits for its end.
async fn run(caller: &Caller, import: Uuid, body: Value) -> Value {
    let start = format!("/api/v1/imports/{import}/start");
    caller.post(&start, body).await.ok();
    settled(caller, import).await
}

async fn settled(caller: &Caller, import: Uuid) -> Value {
    loop {
        let now = caller.get(&format!("/api/v1/imports/{import}")).await.ok();
        let state = now["state"].as_str().unwrap().to_owned();
        if !["checking", "running", "undoing"].contains(&state.as_str()) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn count(caller: &Caller, plural: &str) -> i64 {
    let path = format!("/api/v1/{plural}?limit=1&count=exact");
    caller.get(&path).await.ok()["count"].as_i64().unwrap()
}

async fn all(caller: &Caller, plural: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = caller
            .get(&format!("/api/v1/{plural}?limit=200{cursor}"))
            .await
            .ok();
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// Every lead of the workspace is one that the file has, value by value.
async fn compare_leads(workspace: &Workspace, expected: &expected::Leads) {
    let mut found: Vec<Value> = all(&workspace.admin, "leads")
        .await
        .iter()
        .map(|lead| {
            assert_eq!(lead["status"], "unassigned");
            json!([
                lead["phone"],
                lead["name"],
                lead["company"],
                lead["email"],
                lead["city"],
                lead["amount"]["amount"],
                lead["received_on"]
            ])
        })
        .collect();
    found.sort_by_key(Value::to_string);
    assert_eq!(found.len(), expected.rows.len());
    for (found, expected) in found.iter().zip(&expected.rows) {
        assert_eq!(found, expected);
    }
}

/// The numbers of the refused rows, by the file of refused rows itself.
async fn refused_rows(caller: &Caller, import: Uuid) -> Vec<String> {
    let path = format!("/api/v1/imports/{import}/refused.csv");
    let Value::String(text) = caller.get(&path).await.ok() else {
        panic!("the refused rows are no text");
    };
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].ends_with(",Reason"), "{}", lines[0]);
    let mut rows: Vec<String> = lines[1..]
        .iter()
        .map(|line| line.split(',').take(4).collect::<Vec<_>>().join(","))
        .collect();
    rows.sort();
    rows
}
