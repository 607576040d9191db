//! What is kept from somebody leaves by no door: records, titles, history, timeline, feed, search, the
//! hints while typing, and what can be asked with a field.

use std::sync::Arc;

use kehu_app::context::Request;
use kehu_app::lists::ListParams;
use kehu_app::records::Based;
use kehu_app::timeline::Happened;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Field, Type};
use kehu_domain::kinds;
use kehu_domain::rights::{FieldRight, Rights, RoleRights};
use kehu_domain::sight::Veil;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::money::customer;
use crate::support::workspace::{Workspace, id_of};
use crate::support::{TestApp, both_databases};

/// The fields that tell something of a person and are kept as text.
fn sensitive(def: &'static Def) -> Vec<&'static Field> {
    let fields = def.fields.iter();
    fields
        .filter(|field| field.sensitive && !field.ty.is_list())
        .collect()
}

/// A value of a field that stands nowhere else; `round` tells two apart.
fn secret(number: usize, field: &Field, round: usize) -> String {
    match field.ty {
        Type::Phone => format!("+861391{number:02}{round}2345"),
        Type::Email => format!("zq{number}{round}xj@hidden.example"),
        Type::Date => format!("{}-0{}-17", 1870 + number, round + 1),
        _ => format!("zqxjkv{number}{round}wvut"),
    }
}

/// A record of each kind that has sensitive fields, with a value in each that was another before.
async fn records(w: &Workspace) -> Vec<(&'static Def, Uuid, Vec<String>)> {
    let buyer = customer(&w.admin, "Buyer").await;
    let mut made = Vec::new();
    for (number, def) in kinds::ALL.iter().enumerate() {
        if sensitive(def).is_empty() {
            continue;
        }
        let mut secrets = Vec::new();
        let mut bodies = [Map::new(), Map::new()];
        for (round, body) in bodies.iter_mut().enumerate() {
            for (at, field) in sensitive(def).into_iter().enumerate() {
                let value = secret(number * 8 + at, field, round);
                body.insert(field.name.to_owned(), json!(value));
                secrets.push(value);
            }
        }
        let [mut first, second] = bodies;
        // What it must have beside: a name, whose it is.
        for field in def
            .fields
            .iter()
            .filter(|f| f.required && f.on_new() && f.name != "status")
        {
            match field.ty {
                Type::Text(_) => drop(first.insert(field.name.to_owned(), json!("Plain"))),
                Type::Ref("customer") => drop(first.insert(field.name.to_owned(), json!(buyer))),
                _ => {}
            }
        }
        let path = format!("/api/v1/{}", def.plural);
        let record = w.admin.post(&path, Value::Object(first)).await.expect(201);
        let id = id_of(&record);
        let version = record["version"].as_i64().unwrap();
        w.admin
            .patch(&format!("{path}/{id}"), version, Value::Object(second))
            .await
            .ok();
        made.push((*def, id, secrets));
    }
    assert!(
        made.len() >= 3,
        "leads, customers and contacts have contact data"
    );
    made
}

/// The administrator, from whom all sensitive fields are kept.
async fn behind(test: &TestApp, w: &Workspace, veil: Veil) -> Ctx {
    let workspace = w.session["workspace"]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let request = Request {
        id: "test".to_owned(),
        now: kehu_app::clock::now(),
        locale: None,
        repeat: None,
    };
    let mut ctx = test
        .app
        .context(workspace, w.admin_id(), request)
        .await
        .unwrap();
    let right = match veil {
        Veil::Masked => FieldRight::Masked,
        Veil::Hidden => FieldRight::Hidden,
    };
    let of_kind = |def: &'static Def| {
        let fields = sensitive(def)
            .into_iter()
            .map(|field| (field.name.to_owned(), json!(right.code())));
        (def.kind.to_owned(), Value::Object(fields.collect()))
    };
    let kept = Value::Object(kinds::ALL.iter().copied().map(of_kind).collect());
    let role = RoleRights::everything().with(&Value::Null, &kept);
    ctx.actor.rights = Arc::new(Rights::of(vec![Arc::new(role)]));
    ctx
}

fn nothing_of(secrets: &[String], door: &str, said: &str) {
    for secret in secrets {
        assert!(
            !said.contains(secret.as_str()),
            "{door} tells {secret}: {said}"
        );
    }
}

both_databases! {
    async fn a_value_that_is_kept_from_somebody_leaves_by_no_door(test) {
        let w = test.workspace().await;
        let made = records(&w).await;
        test.app.seal_changes().await.unwrap();
        for veil in [Veil::Masked, Veil::Hidden] {
            let ctx = behind(test, &w, veil).await;
            let app = &test.app;
            let everything = ListParams::default();
            for (def, id, secrets) in &made {
                let shown = app.get_record(&ctx, def, *id).await.unwrap();
                nothing_of(secrets, "get", &serde_json::to_string(&shown).unwrap());
                let listed = app.list_records(&ctx, def, &everything).await.unwrap();
                nothing_of(secrets, "list", &serde_json::to_string(&listed.items).unwrap());
                let history = app.list_history(&ctx, def, *id, None, 100).await.unwrap();
                assert!(!history.is_empty());
                nothing_of(secrets, "history", &format!("{history:?}"));
                if def.can.timeline {
                    let (all, _) = app.list_timeline(&ctx, def, *id, None, 100).await.unwrap();
                    let told: Vec<String> = all.iter().map(|happened| match happened {
                        Happened::Activity(shown) => serde_json::to_string(shown).unwrap(),
                        Happened::Changed(change) => format!("{change:?}"),
                    }).collect();
                    nothing_of(secrets, "timeline", &told.concat());
                }
                let feed = app.list_changes(&ctx, 0, 1000).await.unwrap();
                nothing_of(secrets, "feed", &format!("{feed:?}"));
                for field in sensitive(def) {
                    let secret = &secrets[0];
                    let filter = format!("{} == \"{secret}\"", field.name);
                    let asked = [
                        ListParams { filter: Some(filter), ..ListParams::default() },
                        ListParams { sort: Some(field.name.to_owned()), ..ListParams::default() },
                    ];
                    for params in asked {
                        let listed = app.list_records(&ctx, def, &params).await;
                        assert!(listed.is_err(), "{} of {} can be asked for", field.name, def.kind);
                    }
                    let groups = app.summarise_records(&ctx, def, &everything, field.name, None).await;
                    assert!(groups.is_err(), "{} of {} can be grouped", field.name, def.kind);
                    let typed = Map::from_iter([(field.name.to_owned(), json!(secrets[secrets.len() / 2]))]);
                    let repeats = app.find_duplicates(&ctx, def, &typed, None).await.unwrap();
                    assert!(repeats.certain.is_empty(), "typing finds {} of {}", field.name, def.kind);
                }
                for secret in secrets {
                    let found = app.search(&ctx, secret).await.unwrap();
                    assert!(found.iter().all(|found| found.id != *id), "search finds {secret}");
                    let words = ListParams { words: Some(secret.clone()), ..ListParams::default() };
                    let listed = app.list_records(&ctx, def, &words).await;
                    assert!(listed.is_err() || listed.unwrap().items.is_empty(), "a list finds {secret}");
                }
                let (nothing, latest) = (Map::new(), Based::Latest);
                let patched = app.update_record(&ctx, def, *id, latest, &nothing).await.unwrap();
                let patched = serde_json::to_string(&patched).unwrap();
                nothing_of(secrets, "update", &patched);
            }
            let lead = made.iter().find(|(def, ..)| def.kind == "lead").unwrap();
            let candidates = app.conversion_candidates(&ctx, lead.1).await.unwrap();
            nothing_of(&lead.2, "candidates", &format!("{candidates:?}"));
        }
    }
}
