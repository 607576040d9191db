//! What a document that counts names stays outside the trash, so that its money can be booked; and a
//! document is worth what its currency was worth on its own day, however many rates there are.

use chrono::{Days, NaiveDate};
use kehu_domain::def::{Def, Type, Visibility};
use kehu_domain::kinds;
use kehu_domain::record::Record;
use kehu_domain::value::Value as Held;
use kehu_domain::{contract, exchange_rate, payment};
use kehu_persistence::records::write;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{customer, get, yuan};
use crate::support::both_databases;
use crate::support::client::Caller;
use crate::support::context::context;
use crate::support::workspace::{Workspace, id_of};

/// A document that counts, and everything that it can name.
async fn documents(w: &Workspace) -> [(&'static Def, Value); 2] {
    let buyer = customer(&w.admin, "Buyer").await;
    let person = json!({"name": "Ada Buyer", "customer_id": buyer});
    let person = w.admin.post("/api/v1/contacts", person).await.expect(201);
    let sale = json!({"name": "Machines", "customer_id": buyer, "amount": yuan(100)});
    let sale = id_of(
        &w.admin
            .post("/api/v1/opportunities", sale)
            .await
            .expect(201),
    );
    let body = json!({"name": "Machines", "customer_id": buyer, "contact_id": person["id"],
        "opportunity_id": sale, "amount": yuan(100), "signed_on": "2026-01-10"});
    let made = id_of(&w.admin.post("/api/v1/contracts", body).await.expect(201));
    let path = format!("/api/v1/contracts/{made}");
    let plan = json!({"shares": [10_000], "first_due_on": "2026-02-01"});
    w.admin.put(&format!("{path}/receivables"), plan).await.ok();
    w.admin.act(&format!("{path}/submit")).await.ok();
    let paid = json!({"customer_id": buyer, "contract_id": made, "amount": yuan(100), "received_on": "2026-02-01"});
    let paid = id_of(&w.admin.post("/api/v1/payments", paid).await.expect(201));
    [
        (&contract::DEF, get(w, "contracts", made).await),
        (&payment::DEF, get(w, "payments", paid).await),
    ]
}

/// Trashes a record in every way that there is; each is refused with the same code.
async fn stays(caller: &Caller, def: &Def, id: Uuid, code: &str) {
    let one = format!("/api/v1/{}/{id}", def.plural);
    let version = caller.get(&one).await.ok()["version"].clone();
    let request = caller.request(reqwest::Method::DELETE, &one);
    let request = request.header("If-Match", format!("\"{version}\""));
    caller.send(request).await.refused(409, code);
    let bulk = json!({"ids": [id], "action": "trash"});
    let bulk = caller
        .post(&format!("/api/v1/{}/bulk", def.plural), bulk)
        .await
        .ok();
    assert_eq!(bulk["failed"][0]["code"], code, "{bulk:#}");
    let batch =
        json!({"mode": "each", "operations": [{"verb": "delete", "kind": def.kind, "id": id}]});
    let batch = caller.post("/api/v1/batch", batch).await.ok();
    assert!(batch.to_string().contains(code), "{batch:#}");
    assert!(caller.get(&one).await.ok()["deleted_at"].is_null());
}

both_databases! {
    async fn what_a_document_that_counts_names_is_not_trashed(test) {
        let w = test.workspace().await;
        for (def, document) in documents(&w).await {
            let mut named = 0;
            for field in def.fields {
                let Type::Ref(kind) = field.ty else { continue };
                let target = kinds::find(kind).unwrap();
                if matches!(target.visibility, Visibility::Workspace | Visibility::Common) {
                    continue;
                }
                let id = document[field.name].as_str();
                let id = id.unwrap_or_else(|| panic!("the test names no {} of a {}", field.name, def.kind));
                // A contract in force stays by itself.
                let code = if target.can.stays.is_empty() { "in_use" } else { "document_counts" };
                stays(&w.admin, target, id.parse().unwrap(), code).await;
                named += 1;
            }
            assert!(named > 0, "{} names nothing", def.kind);
        }
    }

    async fn who_owes_nothing_any_more_may_go(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        let body = json!({"customer_id": buyer, "amount": yuan(100), "received_on": "2026-02-01"});
        let paid = id_of(&w.admin.post("/api/v1/payments", body).await.expect(201));
        stays(&w.admin, &kehu_domain::customer::DEF, buyer, "in_use").await;
        let reject = json!({"reason": "Nothing came"});
        w.admin.post(&format!("/api/v1/payments/{paid}/reject"), reject).await.ok();
        let version = get(&w, "customers", buyer).await["version"].clone();
        let request = w.admin.request(reqwest::Method::DELETE, &format!("/api/v1/customers/{buyer}"));
        w.admin.send(request.header("If-Match", format!("\"{version}\""))).await.expect(204);
    }

    async fn a_contract_comes_into_force_or_its_opportunity_goes_never_both(test) {
        let w = test.workspace().await;
        let buyer = customer(&w.admin, "Buyer").await;
        for round in 0..10 {
            let sale = json!({"name": format!("Sale {round}"), "customer_id": buyer, "amount": yuan(0)});
            let sale = w.admin.post("/api/v1/opportunities", sale).await.expect(201);
            let sale = id_of(&sale);
            let body = json!({"name": "Free", "customer_id": buyer, "opportunity_id": sale, "amount": yuan(0)});
            let made = id_of(&w.admin.post("/api/v1/contracts", body).await.expect(201));
            let version = get(&w, "opportunities", sale).await["version"].clone();
            let submit = format!("/api/v1/contracts/{made}/submit");
            let trash = w.admin.request(reqwest::Method::DELETE, &format!("/api/v1/opportunities/{sale}"));
            let trash = trash.header("If-Match", format!("\"{version}\""));
            let (_, _) = tokio::join!(w.admin.act(&submit), w.admin.send(trash));
            let in_force = get(&w, "contracts", made).await["status"] != "draft";
            let gone = !get(&w, "opportunities", sale).await["deleted_at"].is_null();
            assert!(in_force != gone, "in force: {in_force}, gone: {gone}");
        }
    }

    async fn the_rate_of_the_day_is_taken_among_any_number_of_rates(test) {
        let w = test.workspace().await;
        let mut ctx = context(1);
        ctx.workspace.id = w.session["workspace"]["id"].as_str().unwrap().parse().unwrap();
        ctx.actor.user_id = w.admin_id();
        let first: NaiveDate = "1990-01-01".parse().unwrap();
        let rates: Vec<Record> = (0..12_000_u64).map(|day| {
            let mut rate = Record::default();
            for field in exchange_rate::DEF.all_fields() {
                rate.push(field.name, Held::Null);
            }
            rate.set("id", Held::Id(Uuid::now_v7()));
            rate.set("version", Held::Int(1));
            rate.set("created_at", Held::Time(ctx.now));
            rate.set("updated_at", Held::Time(ctx.now));
            rate.put(exchange_rate::field::CURRENCY, "USD");
            rate.put(exchange_rate::field::VALID_FROM, first + Days::new(day));
            rate.put(exchange_rate::field::RATE, 1_000_000 + i64::try_from(day).unwrap());
            rate
        }).collect();
        let session = test.app.db.begin().await.unwrap();
        write::insert(&session, &ctx, &exchange_rate::DEF, "create", &rates).await.unwrap();
        session.commit().await.unwrap();
        let buyer = customer(&w.admin, "Buyer").await;
        for day in [0_u64, 1, 5_000, 9_999, 10_000, 10_001, 11_998, 11_999, 12_500] {
            let signed = first + Days::new(day);
            let body = json!({"name": "Abroad", "customer_id": buyer, "signed_on": signed,
                "amount": {"amount": 100_000, "currency": "USD"}});
            let made = w.admin.post("/api/v1/contracts", body).await.expect(201);
            let held = 1_000_000 + i64::try_from(day.min(11_999)).unwrap();
            assert_eq!(made["exchange_rate"], held, "on {signed}");
        }
        let early = json!({"name": "Too early", "customer_id": buyer, "signed_on": "1989-12-31",
            "amount": {"amount": 100_000, "currency": "USD"}});
        let early = w.admin.post("/api/v1/contracts", early).await.refused(422, "invalid");
        assert_eq!(early["errors"][0]["code"], "rate_missing");
    }
}
