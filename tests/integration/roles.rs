//! Roles: several of a person, what they keep of fields, and that nobody gives more than they have.

use kehu_persistence::workspaces;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::workspace::{Person, Workspace, id_of};
use crate::support::{both_databases, client::Caller};

async fn role(w: &Workspace, body: Value) -> Uuid {
    id_of(&w.admin.post("/api/v1/roles", body).await.expect(201))
}

async fn change(caller: &Caller, path: &str, patch: Value) -> crate::support::client::Answer {
    let version = caller.get(path).await.ok()["version"].as_i64().unwrap();
    caller.patch(path, version, patch).await
}

async fn give(w: &Workspace, person: &Person, roles: &[Uuid]) -> Value {
    let path = format!("/api/v1/users/{}", person.id);
    change(&w.admin, &path, json!({ "role_ids": roles }))
        .await
        .ok()
}

fn lead(name: &str, owner: Uuid) -> Value {
    json!({"name": name, "owner_id": owner})
}

both_databases! {
    async fn what_several_roles_give_adds_up(test) {
        let w = test.workspace().await;
        let sales = w.find("roles", "name", "Sales").await;
        let clerk = role(&w, json!({
            "name": "Clerk", "read_reach": "none", "write_reach": "none",
            "grants": {"lead": {"view": "all"}, "customer": {"view": "all"}},
            "special_rights": ["confirm_money"],
        })).await;
        let person = w.person("Una Union", "Sales").await;
        let of_admin = id_of(&w.admin.post("/api/v1/leads", lead("Ada", w.admin_id())).await.expect(201));
        let path = format!("/api/v1/leads/{of_admin}");
        person.caller.get(&path).await.refused(404, "not_found");
        let given = give(&w, &person, &[sales, clerk]).await;
        assert_eq!(given["role_id"], json!(sales));
        assert_eq!(given["role_ids"], json!([sales, clerk]));
        person.caller.get(&path).await.ok();
        change(&person.caller, &path, json!({"name": "Bob"})).await.refused(403, "may_not_change");
        let own = id_of(&person.caller.post("/api/v1/leads", lead("Bea", person.id)).await.expect(201));
        change(&person.caller, &format!("/api/v1/leads/{own}"), json!({"name": "Bob"})).await.ok();
        let session = person.caller.get("/api/v1/session").await.ok();
        assert_eq!(session["rights"]["special"], json!(["confirm_money"]));
        assert_eq!(session["user"]["handles_money"], true);
        let filter = format!("%22{clerk}%22%20in%20role_ids");
        let found = w.admin.get(&format!("/api/v1/users?filter={filter}")).await.ok();
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found:#}");
        w.admin.delete(&format!("/api/v1/roles/{clerk}")).await.refused(409, "in_use");
        give(&w, &person, &[sales]).await;
        person.caller.get(&path).await.refused(404, "not_found");
        w.admin.delete(&format!("/api/v1/roles/{clerk}")).await.expect(204);
    }

    async fn the_first_role_stands_in_both_fields(test) {
        let w = test.workspace().await;
        let [sales, finance, manager] = [
            w.find("roles", "name", "Sales").await,
            w.find("roles", "name", "Finance").await,
            w.find("roles", "name", "Manager").await,
        ];
        let person = w.person("Tim Two", "Sales").await;
        let path = format!("/api/v1/users/{}", person.id);
        assert_eq!(w.admin.get(&path).await.ok()["role_ids"], json!([sales]));
        give(&w, &person, &[sales, finance]).await;
        let now = change(&w.admin, &path, json!({ "role_id": manager })).await.ok();
        assert_eq!(now["role_ids"], json!([manager, finance]));
        let now = change(&w.admin, &path, json!({ "role_id": finance })).await.ok();
        assert_eq!(now["role_ids"], json!([finance]));
        let both = json!({"role_id": sales, "role_ids": [finance, sales]});
        let problem = change(&w.admin, &path, both).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], "not_the_first_role");
        change(&w.admin, &path, json!({ "role_ids": [] })).await.refused(422, "invalid");
        change(&w.admin, &path, json!({ "role_id": null })).await.refused(422, "invalid");
        let new = json!({"name": "New", "role_ids": [finance, sales]});
        assert_eq!(w.admin.post("/api/v1/users", new).await.expect(201)["role_id"], json!(finance));
        w.admin.post("/api/v1/users", json!({"name": "None"})).await.refused(422, "invalid");
    }

    async fn what_is_kept_of_a_field_is_neither_told_nor_written(test) {
        let w = test.workspace().await;
        let careful = role(&w, json!({
            "name": "Careful", "read_reach": "all", "write_reach": "all",
            "field_rights": {"lead": {"phone": "masked", "email": "hidden", "company": "read_only"}},
        })).await;
        let person = w.person("Cara Careful", "Careful").await;
        let made = json!({
            "name": "Ada", "phone": "+8613800138000", "email": "ada@example.com", "company": "Acme",
        });
        let id = id_of(&w.admin.post("/api/v1/leads", made).await.expect(201));
        let path = format!("/api/v1/leads/{id}");
        let seen = person.caller.get(&path).await.ok();
        assert_eq!(seen["phone"], "+86138****8000");
        assert_eq!(seen["email"], Value::Null);
        assert_eq!(seen["company"], "Acme");
        for patch in [
            json!({"phone": "+86138****8000"}), json!({"phone": "+8613800138000"}),
            json!({"email": "ada@example.com"}), json!({"company": "Other"}),
        ] {
            let problem = change(&person.caller, &path, patch.clone()).await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["code"], "no_right_to_field", "{patch}");
        }
        // What they see and leave as it is may come along.
        change(&person.caller, &path, json!({"company": "Acme", "name": "Ada L."})).await.ok();
        let fresh = json!({"name": "Bob", "phone": "+8613800138001"});
        let fresh = person.caller.post("/api/v1/leads", fresh).await.expect(201);
        assert_eq!(fresh["phone"], "+86138****8001");
        let with_email = json!({"name": "Cy", "email": "cy@example.com"});
        person.caller.post("/api/v1/leads", with_email).await.refused(422, "invalid");
        let filter = "/api/v1/leads?filter=phone%20==%20%22%2B8613800138000%22";
        person.caller.get(filter).await.refused(422, "invalid");
        let fields = &person.caller.get("/api/v1/session").await.ok()["rights"]["fields"]["lead"];
        assert_eq!(*fields, json!({"company": "read_only", "email": "hidden", "phone": "masked"}));
        // A second role opens a field only if it sees as many records.
        let sales = w.find("roles", "name", "Sales").await;
        give(&w, &person, &[careful, sales]).await;
        assert_eq!(person.caller.get(&path).await.ok()["phone"], "+86138****8000");
        let open = role(&w, json!({"name": "Open", "read_reach": "all", "write_reach": "none"})).await;
        give(&w, &person, &[careful, open]).await;
        assert_eq!(person.caller.get(&path).await.ok()["phone"], "+8613800138000");
    }

    async fn figures_of_what_is_kept_are_not_computed(test) {
        let w = test.workspace().await;
        role(&w, json!({
            "name": "Blind", "read_reach": "all", "write_reach": "none",
            "field_rights": {"opportunity": {"base_amount": "hidden"}, "receivable": {"amount": "hidden"}},
        })).await;
        let person = w.person("Ben Blind", "Blind").await.caller;
        for path in [
            "/api/v1/opportunities/board", "/api/v1/opportunities/forecast", "/api/v1/reports/won?by=month",
            "/api/v1/reports/funnel", "/api/v1/reports/ageing?by=owner",
        ] {
            w.admin.get(path).await.ok();
            person.get(path).await.refused(403, "fields_kept");
        }
        let figures = person.get("/api/v1/workbench/figures?whose=team").await.ok();
        let told: Vec<&str> =
            figures["figures"].as_array().unwrap().iter().map(|f| f["metric"].as_str().unwrap()).collect();
        assert!(!told.contains(&"won_amount") && told.contains(&"contract_amount"), "{told:?}");
        assert_eq!(figures["planned_receipts"], Value::Null);
    }

    async fn nobody_gives_more_than_they_have(test) {
        let w = test.workspace().await;
        role(&w, json!({
            "name": "Staff", "read_reach": "department", "write_reach": "own",
            "special_rights": ["people", "roles"],
        })).await;
        let staff = w.find("roles", "name", "Staff").await;
        let sales = w.find("roles", "name", "Sales").await;
        let administrator = w.find("roles", "name", "Administrator").await;
        let person = w.person("Stan Staff", "Staff").await;
        let stan = &person.caller;
        let new = json!({"name": "New", "role_id": sales});
        stan.post("/api/v1/users", new).await.expect(201);
        for beyond in [administrator, w.find("roles", "name", "Manager").await] {
            let new = json!({"name": "Too much", "role_id": beyond});
            let problem = stan.post("/api/v1/users", new).await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["code"], "beyond_own_rights");
            let own = format!("/api/v1/users/{}", person.id);
            change(stan, &own, json!({"role_ids": [staff, beyond]})).await.refused(422, "invalid");
        }
        // Whoever may more is not changed, renamed, locked out or signed in as.
        let admin = format!("/api/v1/users/{}", w.admin_id());
        change(stan, &admin, json!({"email": "stan@example.net"})).await.refused(403, "beyond_own_rights");
        let password = json!({"password": "correct horse battery"});
        stan.put(&format!("{admin}/password"), password.clone()).await.refused(403, "beyond_own_rights");
        stan.delete(&admin).await.refused(403, "beyond_own_rights");
        let mine = format!("/api/v1/roles/{staff}");
        for more in [
            json!({"administers": true}), json!({"read_reach": "all"}), json!({"handles_money": true}),
            json!({"special_rights": ["people", "roles", "settings"]}),
            json!({"grants": {"lead": {"edit": "department"}}}),
        ] {
            let problem = change(stan, &mine, more.clone()).await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["code"], "beyond_own_rights", "{more}");
        }
        change(stan, &format!("/api/v1/roles/{administrator}"), json!({"name": "x"})).await
            .refused(403, "beyond_own_rights");
        change(stan, &mine, json!({"name": "Staff office", "grants": {"lead": {"edit": "none"}}})).await.ok();
    }

    async fn rights_that_there_are_not_are_refused_with_their_place(test) {
        let w = test.workspace().await;
        let body = json!({
            "name": "Odd", "special_rights": ["people", "fly"],
            "grants": {
                "lead": {"fly": "own", "edit": "far"}, "unicorn": {"view": "own"}, "tag": {"edit": "own"},
                "stage_change": {"edit": "own"}, "contact": 1,
            },
            "field_rights": {
                "lead": {"horn": "hidden", "score": "masked", "owner_id": "hidden", "name": "shiny"},
            },
        });
        let problem = w.admin.post("/api/v1/roles", body).await.refused(422, "invalid");
        let mut told: Vec<String> = problem["errors"].as_array().unwrap().iter()
            .map(|one| format!("{} {}", one["pointer"].as_str().unwrap(), one["code"].as_str().unwrap()))
            .collect();
        told.sort();
        let wanted = [
            "/field_rights/lead/horn unknown_field",
            "/field_rights/lead/name unknown_right",
            "/field_rights/lead/owner_id cannot_be_hidden",
            "/grants/contact wrong_type",
            "/grants/lead/edit unknown_reach",
            "/grants/lead/fly unknown_action",
            "/grants/stage_change/edit unknown_action",
            "/grants/tag/edit unknown_action",
            "/grants/unicorn unknown_kind",
            "/special_rights/1 unknown_right",
        ];
        for one in wanted {
            assert!(told.iter().any(|told| told == one), "{one} is not told: {told:#?}");
        }
    }

    async fn a_tag_makes_nobody_read_all_people_anew(test) {
        let w = test.workspace().await;
        let workspace = w.session["workspace"]["id"].as_str().unwrap().parse().unwrap();
        let versions = async || {
            let session = test.app.db.read();
            workspaces::get(&session, workspace).await.unwrap().unwrap().1
        };
        let before = versions().await;
        w.admin.post("/api/v1/tags", json!({"name": "vip"})).await.expect(201);
        w.admin.post("/api/v1/leads", json!({"name": "Ada", "tags": ["made along"]})).await.expect(201);
        let after = versions().await;
        assert_eq!(after.people, before.people);
        assert!(after.settings > before.settings);
        w.person("Una", "Sales").await;
        assert!(versions().await.people > before.people);
        assert_eq!(versions().await.settings, after.settings);
    }

    async fn a_second_role_opens_nothing_that_it_does_not_see(test) {
        let w = test.workspace().await;
        let careful = role(&w, json!({
            "name": "Careful", "read_reach": "all", "write_reach": "none",
            "field_rights": {"contact": {"phone": "hidden"}, "activity": {"content": "hidden"}},
        })).await;
        let sales = w.find("roles", "name", "Sales").await;
        let person = w.person("Cara Careful", "Careful").await;
        let customer = json!({"name": "Acme", "owner_id": w.admin_id()});
        let customer = id_of(&w.admin.post("/api/v1/customers", customer).await.expect(201));
        let contact = json!({"name": "Ada", "customer_id": customer, "phone": "+8613800138000"});
        let contact = id_of(&w.admin.post("/api/v1/contacts", contact).await.expect(201));
        for roles in [&[careful][..], &[careful, sales], &[sales, careful]] {
            give(&w, &person, roles).await;
            let seen = person.caller.get(&format!("/api/v1/contacts/{contact}")).await.ok();
            assert_eq!(seen["phone"], Value::Null, "{roles:?}");
        }
    }

    async fn two_roles_add_up_and_do_not_multiply(test) {
        let w = test.workspace().await;
        let wide = role(&w, json!({
            "name": "Wide", "read_reach": "all", "write_reach": "none",
            "grants": {"activity": {"view": "own"}},
        })).await;
        let sales = w.find("roles", "name", "Sales").await;
        let person = w.person("Mia Multiply", "Sales").await;
        let of_admin = id_of(&w.admin.post("/api/v1/leads", lead("Ada", w.admin_id())).await.expect(201));
        let note = json!({"content": "secret", "lead_id": of_admin});
        let note = id_of(&w.admin.post("/api/v1/activities", note).await.expect(201));
        let path = format!("/api/v1/activities/{note}");
        for roles in [&[sales][..], &[wide], &[wide, sales]] {
            give(&w, &person, roles).await;
            person.caller.get(&path).await.refused(404, "not_found");
            let list = person.caller.get("/api/v1/activities?count=exact").await.ok();
            assert_eq!(list["count"], 0, "{roles:?}");
        }
    }

    async fn nothing_is_done_with_what_is_not_seen(test) {
        let w = test.workspace().await;
        role(&w, json!({"name": "Blind", "read_reach": "own", "write_reach": "all"})).await;
        let blind = w.person("Bob Blind", "Blind").await.caller;
        let id = id_of(&w.admin.post("/api/v1/leads", lead("Ada", w.admin_id())).await.expect(201));
        let path = format!("/api/v1/leads/{id}");
        blind.patch(&path, 1, json!({"name": "Bob"})).await.refused(404, "not_found");
        blind.delete(&path).await.refused(404, "not_found");
        let bulk = json!({"action": "trash", "ids": [id], "patch": {}});
        assert_eq!(blind.post("/api/v1/leads/bulk", bulk).await.ok()["succeeded"], 0);
        assert_eq!(w.admin.get(&path).await.ok()["name"], "Ada");
    }

    async fn somebody_administers_whatever_one_transaction_does(test) {
        let w = test.workspace().await;
        let sales = w.find("roles", "name", "Sales").await;
        let first = w.find("roles", "name", "Administrator").await;
        let other = w.person("Otto Other", "Administrator").await;
        let demote = |id: Uuid| json!({"verb": "update", "kind": "user", "id": id, "body": {"role_ids": [sales]}});
        let both = json!({"operations": [demote(other.id), demote(w.admin_id())]});
        w.admin.post("/api/v1/batch", both).await.refused(409, "last_administrator");
        // By two halves, of which one is taken away.
        let half = |name: &str, rights: Value| json!({
            "name": name, "read_reach": "all", "write_reach": "all", "special_rights": rights,
        });
        let people = role(&w, half("People", json!(["people", "roles"]))).await;
        let rest = role(&w, half("Rest", json!(["settings", "money_setup", "audit"]))).await;
        let path = format!("/api/v1/users/{}", other.id);
        change(&w.admin, &path, json!({"role_ids": [people, rest]})).await.ok();
        let own = format!("/api/v1/users/{}", w.admin_id());
        change(&w.admin, &own, json!({"role_ids": [sales]})).await.ok();
        let half = format!("/api/v1/roles/{people}");
        change(&other.caller, &half, json!({"special_rights": []})).await.refused(409, "last_administrator");
        change(&other.caller, &path, json!({"active": false})).await.refused(409, "last_administrator");
        change(&other.caller, &own, json!({"role_ids": [first]})).await.ok();
        let kept = json!({"field_rights": {"user": {"role_ids": "read_only"}, "role": {"grants": "hidden"}}});
        change(&other.caller, &half, kept).await.refused(422, "invalid");
    }

    async fn two_who_take_it_from_each_other_leave_one(test) {
        let w = test.workspace().await;
        let sales = w.find("roles", "name", "Sales").await;
        let other = w.person("Otto Other", "Administrator").await;
        let patch = json!({"role_ids": [sales]});
        let (admin, mine, theirs) = (
            &w.admin,
            format!("/api/v1/users/{}", w.admin_id()),
            format!("/api/v1/users/{}", other.id),
        );
        let (one, two) = tokio::join!(
            admin.patch(&theirs, 1, patch.clone()),
            other.caller.patch(&mine, 1, patch.clone()),
        );
        let done = [one.status, two.status].iter().filter(|status| **status == 200).count();
        assert!(done <= 1, "{one:?} {two:?}");
    }

    async fn who_sets_up_people_widens_their_own_reach_by_none_of_it(test) {
        let w = test.workspace().await;
        role(&w, json!({
            "name": "Staff", "read_reach": "department_tree", "write_reach": "own",
            "special_rights": ["people", "settings"],
        })).await;
        let department = |name: &str| json!({"name": name});
        let own = id_of(&w.admin.post("/api/v1/departments", department("Own")).await.expect(201));
        let far = id_of(&w.admin.post("/api/v1/departments", department("Far")).await.expect(201));
        let stan = w.person_in("Stan Staff", "Staff", own, None).await;
        let fay = w.person_in("Fay Far", "Sales", far, None).await;
        let users = |id: Uuid| format!("/api/v1/users/{id}");
        let refused = "beyond_own_rights";
        change(&stan.caller, &users(stan.id), json!({"department_id": far})).await.refused(403, refused);
        change(&stan.caller, &users(fay.id), json!({"department_id": own})).await.refused(403, refused);
        change(&stan.caller, &users(fay.id), json!({"email": "stan@example.net"})).await.refused(403, refused);
        let password = json!({"password": "correct horse battery"});
        let put = stan.caller.put(&format!("{}/password", users(fay.id)), password).await;
        put.refused(403, refused);
        let path = format!("/api/v1/departments/{far}");
        change(&stan.caller, &path, json!({"parent_id": own})).await.refused(403, refused);
        let pool = json!({"name": "Closed", "record_kind": "lead", "everybody": false});
        let pool = id_of(&w.admin.post("/api/v1/pools", pool).await.expect(201));
        let path = format!("/api/v1/pools/{pool}");
        change(&stan.caller, &path, json!({"member_ids": [stan.id]})).await.refused(403, refused);
        change(&stan.caller, &users(fay.id), json!({"name": "Fay F."})).await.ok();
    }

    async fn what_is_kept_finds_nothing_and_is_not_read_elsewhere(test) {
        let w = test.workspace().await;
        role(&w, json!({
            "name": "Careful", "read_reach": "all", "write_reach": "all", "may_import": true,
            "field_rights": {"lead": {"phone": "masked"}},
        })).await;
        let cara = w.person("Cara Careful", "Careful").await.caller;
        let made = json!({"name": "Ada", "phone": "+8613800138000", "owner_id": w.admin_id()});
        let id = id_of(&w.admin.post("/api/v1/leads", made.clone()).await.expect(201));
        cara.post("/api/v1/leads", made).await.expect(201);
        let check = json!({"kind": "lead", "fields": {"phone": "+8613800138000"}});
        let told = cara.post("/api/v1/duplicates/check", check).await.ok();
        assert_eq!(told["certain"], json!([]), "{told:#}");
        let parts = json!({"customer": {}, "contact": {}});
        let convert = format!("/api/v1/leads/{id}/convert?allow_duplicate=true");
        cara.post(&convert, parts).await.refused(403, "fields_kept");
        let stale = cara.patch(&format!("/api/v1/leads/{id}"), 9, json!({"note": "x"})).await;
        assert_eq!(stale.status, 412);
    }

    async fn what_is_made_in_a_closed_stage_needs_the_right_to_close(test) {
        let w = test.workspace().await;
        role(&w, json!({
            "name": "Open", "read_reach": "all", "write_reach": "all",
            "grants": {"opportunity": {"win": "none"}},
        })).await;
        let olga = w.person("Olga Open", "Open").await;
        let customer = json!({"name": "Acme", "owner_id": olga.id});
        let customer = id_of(&olga.caller.post("/api/v1/customers", customer).await.expect(201));
        let stages = w.admin.get("/api/v1/stages?limit=200").await.ok();
        let won = stages["items"].as_array().unwrap().iter().find(|stage| stage["stage_kind"] == "won").unwrap();
        let body = json!({
            "name": "Won at once", "customer_id": customer, "stage_id": won["id"],
            "pipeline_id": won["pipeline_id"], "close_reason": "other",
        });
        let problem = olga.caller.post("/api/v1/opportunities", body).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], "no_right_to_stage", "{problem:#}");
    }
}
