//! Many at once: exact outcomes, no failure, and who loses is told why.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::both_databases;
use crate::support::workspace::id_of;

both_databases! {
    async fn who_works_on_the_same_customer_at_once_never_waits_in_a_circle(test) {
        let w = test.workspace().await;
        let post = async |path: &str, body: Value| {
            id_of(&w.admin.post(&format!("/api/v1/{path}"), body).await.expect(201))
        };
        let buyer = post("customers", json!({"name": "Buyer"})).await;
        let person = post("contacts", json!({"name": "Ada", "customer_id": buyer})).await;
        let sale = post("opportunities", json!({"name": "Sale", "customer_id": buyer})).await;
        let mut leads = Vec::new();
        for n in 0..4 {
            leads.push(post("leads", json!({"name": format!("Lead {n}"), "owner_id": w.admin_id()})).await);
        }
        let yuan = json!({"amount": 100, "currency": "CNY"});
        let work = leads.iter().flat_map(|lead| [
            ("activities".to_owned(), json!({"activity_type": "call", "content": "Talked", "lead_id": lead,
                "customer_id": buyer, "opportunity_id": sale, "contact_id": person})),
            ("contracts?allow_duplicate=true".to_owned(), json!({"name": "Contract", "customer_id": buyer,
                "contact_id": person, "opportunity_id": sale, "amount": yuan})),
            ("payments".to_owned(), json!({"customer_id": buyer, "amount": yuan, "received_on": "2026-02-01"})),
            (format!("leads/{lead}/convert"), json!({"customer": {"id": buyer},
                "contact": {"id": person}})),
        ]);
        let work: Vec<(String, Value)> = work.collect();
        let answers = join_all(work.iter().map(async |(path, body)| {
            (path, w.admin.post(&format!("/api/v1/{path}"), body.clone()).await)
        })).await;
        for (path, answer) in answers {
            assert!(answer.status < 500, "{path}: {}", answer.status);
            if !path.ends_with("/convert") {
                answer.expect(201);
            }
        }
    }

    async fn two_hundred_claims_of_twenty_leads_give_each_to_one(test) {
        let w = test.workspace().await;
        let mut people = Vec::new();
        for number in 0..10 {
            people.push(w.person(&format!("Sales {number}"), "Sales").await);
        }
        let mut leads: Vec<Uuid> = Vec::new();
        for number in 0..20 {
            let lead = w.admin.post("/api/v1/leads", json!({"name": format!("L{number}")})).await.expect(201);
            leads.push(id_of(&lead));
        }
        let claims = leads.iter().flat_map(|lead| {
            people.iter().map(move |person| async move {
                let path = format!("/api/v1/leads/{lead}/claim");
                (*lead, person.id, person.caller.act(&path).await)
            })
        });
        let answers = join_all(claims).await;
        for lead in &leads {
            let won: Vec<_> = answers.iter()
                .filter(|(id, _, answer)| id == lead && answer.status == 200).collect();
            assert_eq!(won.len(), 1, "one wins");
            let stored = w.admin.get(&format!("/api/v1/leads/{lead}")).await.ok();
            assert_eq!(stored["owner_id"], json!(won[0].1), "and the store says who");
        }
        for (_, _, answer) in answers {
            if answer.status != 200 {
                answer.refused(409, "already_owned");
            }
        }
    }

    async fn fifty_conversions_of_one_lead_make_one_customer(test) {
        let w = test.workspace().await;
        let body = json!({"name": "Gao", "company": "Hengda", "phone": "13800138000", "owner_id": w.admin_id()});
        let lead = w.admin.post("/api/v1/leads", body).await.expect(201);
        let path = format!("/api/v1/leads/{}/convert", id_of(&lead));
        let answers = join_all((0..50).map(|_| w.admin.act(&path))).await;
        let mut won = 0;
        for answer in answers {
            if answer.status == 200 {
                won += 1;
            } else {
                answer.refused(409, "invalid-transition");
            }
        }
        assert_eq!(won, 1);
        for plural in ["customers", "contacts"] {
            let list = w.admin.get(&format!("/api/v1/{plural}?count=exact")).await.ok();
            assert_eq!(list["count"], 1, "{plural}");
        }
    }

    async fn a_hundred_patches_of_one_version_let_one_through(test) {
        let w = test.workspace().await;
        let customer = w.admin.post("/api/v1/customers", json!({"name": "Hengda"})).await.expect(201);
        let path = format!("/api/v1/customers/{}", id_of(&customer));
        let path = path.as_str();
        let patches = (0..100).map(|number| {
            w.admin.patch(path, 1, json!({"note": format!("patch {number}")}))
        });
        let mut won = 0;
        for answer in join_all(patches).await {
            if answer.status == 200 {
                won += 1;
            } else {
                let problem = answer.refused(412, "stale");
                assert_eq!(problem["changed"], json!(["note"]));
            }
        }
        assert_eq!(won, 1);
        assert_eq!(w.admin.get(path).await.ok()["version"], 2);
    }

    async fn the_same_person_entered_twice_at_once_is_entered_once(test) {
        let w = test.workspace().await;
        let body = json!({"name": "Li Wei", "phone": "13800138000"});
        let answers = join_all((0..20).map(|_| w.admin.post("/api/v1/leads", body.clone()))).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 1);
        for answer in answers {
            if answer.status != 201 {
                answer.refused(409, "duplicate");
            }
        }
    }

    async fn the_same_key_at_once_has_its_effect_once(test) {
        let w = test.workspace().await;
        let answers = join_all((0..20).map(|_| {
            let request = w.admin.request(reqwest::Method::POST, "/api/v1/leads")
                .header("Idempotency-Key", "tap-tap").json(&json!({"name": "Li Wei"}));
            w.admin.send(request)
        })).await;
        let ids: std::collections::HashSet<_> =
            answers.into_iter().map(|answer| id_of(&answer.expect(201))).collect();
        assert_eq!(ids.len(), 1);
    }

    async fn sixty_four_writers_at_once_all_succeed(test) {
        let w = test.workspace().await;
        let answers = join_all((0..64).map(|number| {
            w.admin.post("/api/v1/leads", json!({"name": format!("L{number}")}))
        })).await;
        for answer in answers {
            answer.expect(201);
        }
        let list = w.admin.get("/api/v1/leads?count=exact").await.ok();
        assert_eq!(list["count"], 64);
    }
}
