//! What is measured: the requests that people and programs send most.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::Method;
use serde_json::{Value, json};

use crate::http::seed::{Who, World};

/// One request.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

impl Asked {
    fn get(path: String) -> Self {
        Self {
            method: Method::GET,
            path,
            body: None,
        }
    }

    fn post(path: String, body: Value) -> Self {
        Self {
            method: Method::POST,
            path,
            body: Some(body),
        }
    }
}

/// What is asked for over and over.
pub(crate) struct Operation {
    /// As the table calls it.
    pub(crate) name: &'static str,
    /// Who asks.
    pub(crate) who: Who,
    /// The request of this number; none where there is nothing left to ask for.
    pub(crate) make: Arc<dyn Fn(u64) -> Option<Asked> + Send + Sync>,
    /// What follows on its answer, where one request does not do it.
    pub(crate) then: Option<fn(&Value) -> Asked>,
    /// Whether there is a bare handler for it.
    pub(crate) has_bare: bool,
}

fn operation(
    name: &'static str,
    who: Who,
    make: impl Fn(u64) -> Asked + Send + Sync + 'static,
) -> Operation {
    limited(name, who, move |n| Some(make(n)))
}

fn limited(
    name: &'static str,
    who: Who,
    make: impl Fn(u64) -> Option<Asked> + Send + Sync + 'static,
) -> Operation {
    Operation {
        name,
        who,
        make: Arc::new(make),
        then: None,
        has_bare: true,
    }
}

/// All operations. Those of people are asked for by a sales person, who reaches her own records and
/// the pools.
pub(crate) fn all(world: &World) -> Vec<Operation> {
    let seller = &world.seller;
    let mine = Arc::clone(&world.leads_of_seller);
    let pooled = Arc::clone(&world.pooled_leads);
    let claimed = Arc::clone(&world.claimed);
    let contracts = Arc::clone(&world.contracts);
    let of_hers = query(&format!(
        "status == \"pending\" && owner_id == \"{seller}\""
    ));
    let on_board = query(&format!("owner_id == \"{seller}\""));
    let counted = of_hers.clone();
    let names = ["恒达", "科技00", "Northwind 1", "云"];
    vec![
        operation("create a lead", Who::Seller, |n| {
            let run = std::process::id() % 900 + 100;
            let body = json!({
                "name": format!("王建国 {n}"), "company": format!("凌云测量{n}有限公司"),
                "phone": format!("+8614{run}{n:06}"), "email": format!("b{run}.{n}@example.com"),
                "city": "深圳市", "source": "web_form",
            });
            Asked::post("/api/v1/leads".to_owned(), body)
        }),
        operation("get a lead by id", Who::Seller, move |n| {
            let id = pick(&mine, n);
            Asked::get(format!("/api/v1/leads/{id}"))
        }),
        operation("list 50 by status and owner", Who::Seller, move |_| {
            Asked::get(format!(
                "/api/v1/leads?filter={of_hers}&sort=-created_at&limit=50"
            ))
        }),
        operation("count, capped", Who::Seller, move |_| {
            Asked::get(format!(
                "/api/v1/leads?filter={counted}&fields=id&limit=1&count=capped"
            ))
        }),
        operation("search by part of a name", Who::Manager, move |n| {
            let words = query(names[n as usize % names.len()]);
            Asked::get(format!("/api/v1/customers?q={words}&limit=50"))
        }),
        operation("totals by stage", Who::Manager, |_| {
            let path = "/api/v1/opportunities/summary?group_by=stage_id&sum=amount";
            Asked::get(path.to_owned())
        }),
        operation("board of a person", Who::Seller, move |_| {
            Asked::get(format!("/api/v1/opportunities/board?filter={on_board}"))
        }),
        limited("claim a lead", Who::Seller, move |_| {
            // Each once.
            let id = pooled.get(claimed.fetch_add(1, Ordering::Relaxed))?;
            Some(Asked::post(format!("/api/v1/leads/{id}/claim"), json!({})))
        }),
        Operation {
            then: Some(|payment| {
                let id = payment["id"].as_str().unwrap();
                let contract = &payment["contract_id"];
                Asked::post(
                    format!("/api/v1/payments/{id}/confirm"),
                    json!({"allocate": {"oldest": true, "contract_id": contract}}),
                )
            }),
            has_bare: false,
            ..operation("record and allocate a payment", Who::Finance, move |n| {
                let (contract, customer) = pick(&contracts, n);
                let body = json!({
                    "customer_id": customer, "contract_id": contract, "received_on": "2026-11-01",
                    "amount": {"amount": 1234, "currency": "CNY"},
                });
                Asked::post("/api/v1/payments".to_owned(), body)
            })
        },
    ]
}

fn pick<T>(of: &[T], n: u64) -> &T {
    &of[n as usize % of.len()]
}

/// As it stands in an address.
fn query(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
        out
    })
}
