//! Fills a new workspace through the API, as a company of fifty sales people would after some years.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::http::program::Program;
use crate::imports::leads;

const PASSWORD: &str = "correct horse battery staple";
/// Sales people, ten to a team.
const SELLERS: usize = 50;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// A sales person: her own records and the pools.
    Seller,
    /// The head of a team of ten.
    Manager,
    /// Who handles the money, and reaches everything.
    Finance,
}

/// What there is to be asked for.
pub(crate) struct World {
    /// The sales person who asks.
    pub(crate) seller: String,
    /// Her leads.
    pub(crate) leads_of_seller: Arc<Vec<String>>,
    /// Leads that nobody has.
    pub(crate) pooled_leads: Arc<Vec<String>>,
    /// How many of them somebody has taken since.
    pub(crate) claimed: Arc<AtomicUsize>,
    /// Contracts in force with their customers.
    pub(crate) contracts: Arc<Vec<(String, String)>>,
}

/// The access tokens of those who ask; they are good for a quarter of an hour.
pub(crate) type Tokens = HashMap<Who, String>;

impl World {
    /// Signs everybody in who asks.
    pub(crate) async fn sign_in(&self, kehu: &Program) -> Tokens {
        let mut tokens = Tokens::new();
        for who in [Who::Seller, Who::Manager, Who::Finance] {
            tokens.insert(who, sign_in(kehu, address(who)).await);
        }
        tokens
    }
}

const fn address(who: Who) -> &'static str {
    match who {
        Who::Seller => "seller0@example.com",
        Who::Manager => "manager0@example.com",
        Who::Finance => "ada@example.com",
    }
}

/// Fills it with this part of 100,000 leads, 20,000 customers and opportunities, 10,000 contracts.
pub(crate) async fn fill(program: &Program, share: f64) {
    let some = |full: u32| (f64::from(full) * share) as u32;
    let mut api = Api::first_run(program).await;
    api.people().await;
    api.sign_in_again().await;
    api.import("leads.csv", owned(&leads(some(100_000)), 2), lead_mapping())
        .await;
    let customers = some(20_000);
    api.import(
        "customers.csv",
        customer_rows(customers),
        json!({
            "kind": "customer", "on_duplicate": "create",
            "fields": {"name": {"column": "name"}, "city": {"column": "city"},
                "owner_id": {"column": "owner", "lookup": {"by": "email"}}},
        }),
    )
    .await;
    api.import("opportunities.csv", opportunity_rows(some(20_000), customers), json!({
        "kind": "opportunity",
        "fields": {"name": {"column": "name"}, "amount": {"column": "amount", "currency": "CNY"},
            "customer_id": {"column": "customer", "lookup": {"by": "name"}},
            "expected_close_on": {"column": "close"},
            "stage_id": {"column": "stage", "lookup": {"by": "code"}},
            "owner_id": {"column": "owner", "lookup": {"by": "email"}}},
    }))
    .await;
    api.sign_in_again().await;
    let buyers = api.ids("customers", "", some(10_000) as usize).await;
    api.contracts(&buyers).await;
}

/// What there is to be asked for in one that is filled.
pub(crate) async fn find(program: &Program) -> World {
    let api = Api::signed_in(program).await;
    let seller = api.one("users", "email == \"seller0@example.com\"").await;
    let of_hers = format!("owner_id == \"{seller}\"");
    let contracts = api.read("contracts", "", "id,customer_id", 10_000).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    World {
        leads_of_seller: Arc::new(api.ids("leads", &of_hers, 5_000).await),
        pooled_leads: Arc::new(api.ids("leads", "status == \"unassigned\"", 100_000).await),
        claimed: Arc::default(),
        contracts: Arc::new(
            contracts
                .iter()
                .map(|one| (text(&one["id"]), text(&one["customer_id"])))
                .collect(),
        ),
        seller,
    }
}

fn lead_mapping() -> Value {
    json!({"kind": "lead", "fields": {
        "name": {"column": "姓名"}, "company": {"column": "公司名称"},
        "job_title": {"column": "职务"}, "phone": {"column": "手机", "form": "mobile:CN"},
        "landline": {"column": "电话"}, "email": {"column": "邮箱"},
        "province": {"column": "省"}, "city": {"column": "市"}, "address": {"column": "地址"},
        "industry": {"column": "行业"}, "source": {"column": "来源"},
        "amount": {"column": "金额"}, "received_on": {"column": "日期"},
        "owner_id": {"column": "owner", "lookup": {"by": "email"}},
    }})
}

/// Gives one row in `every` an owner, one sales person after the other.
fn owned(file: &str, every: usize) -> String {
    let mut out = String::with_capacity(file.len() + file.len() / 8);
    for (at, line) in file.lines().enumerate() {
        let owner = match at {
            0 => "owner".to_owned(),
            at if at.is_multiple_of(every) => seller_of(at / every),
            _ => String::new(),
        };
        writeln!(out, "{line},{owner}").unwrap();
    }
    out
}

fn seller_of(n: usize) -> String {
    format!("seller{}@example.com", n % SELLERS)
}

/// The name of a customer, in one language or the other.
fn customer(n: u32) -> String {
    if n.is_multiple_of(3) {
        format!("Northwind {n} Trading")
    } else {
        format!("恒达科技{n:05}有限公司")
    }
}

fn customer_rows(count: u32) -> String {
    let mut file = String::from("name,city,owner\n");
    for n in 0..count {
        writeln!(file, "{},苏州市,{}", customer(n), seller_of(n as usize)).unwrap();
    }
    file
}

fn opportunity_rows(count: u32, customers: u32) -> String {
    const STAGES: [&str; 6] = [
        "discovery",
        "qualification",
        "proposal",
        "negotiation",
        "won",
        "lost",
    ];
    let mut file = String::from("name,amount,customer,close,stage,owner\n");
    for n in 0..count {
        let (stage, owner) = (STAGES[n as usize % STAGES.len()], seller_of(n as usize / 3));
        let (amount, month, day) = (n % 900 * 1000 + 500, n % 12 + 1, n % 28 + 1);
        let customer = customer(n % customers.max(1));
        writeln!(
            file,
            "MES {n},{amount},{customer},2026-{month:02}-{day:02},{stage},{owner}"
        )
        .unwrap();
    }
    file
}

/// The administrator at work.
struct Api<'a> {
    program: &'a Program,
    http: Client,
    token: String,
}

async fn sign_in(program: &Program, email: &str) -> String {
    let body = json!({"email": email, "password": PASSWORD, "device": "bench"});
    let answer = call(
        &Client::new(),
        program,
        "",
        Method::POST,
        "tokens",
        Some(body),
    )
    .await;
    answer["access_token"].as_str().unwrap().to_owned()
}

async fn call(
    http: &Client,
    program: &Program,
    token: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Value {
    let address = format!("http://{}/api/v1/{path}", program.address);
    let mut request = http.request(method, address);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{path} answered {status}: {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

impl<'a> Api<'a> {
    async fn first_run(program: &'a Program) -> Self {
        let http = Client::new();
        let body = json!({
            "workspace_name": "bench", "locale": "zh-Hans", "currency": "CNY",
            "time_zone": "Asia/Shanghai", "name": "Ada", "email": "ada@example.com",
            "password": PASSWORD,
        });
        call(&http, program, "", Method::POST, "setup", Some(body)).await;
        Self::signed_in(program).await
    }

    async fn signed_in(program: &'a Program) -> Self {
        Self {
            program,
            http: Client::new(),
            token: sign_in(program, address(Who::Finance)).await,
        }
    }

    async fn sign_in_again(&mut self) {
        self.token = sign_in(self.program, "ada@example.com").await;
    }

    async fn get(&self, path: &str) -> Value {
        call(
            &self.http,
            self.program,
            &self.token,
            Method::GET,
            path,
            None,
        )
        .await
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Value {
        call(
            &self.http,
            self.program,
            &self.token,
            method,
            path,
            Some(body),
        )
        .await
    }

    async fn one(&self, plural: &str, filter: &str) -> String {
        let ids = self.ids(plural, filter, 1).await;
        ids.into_iter().next().unwrap()
    }

    /// The ids of the first records that pass a filter.
    async fn ids(&self, plural: &str, filter: &str, most: usize) -> Vec<String> {
        let found = self.read(plural, filter, "id", most).await;
        let ids = found.iter().map(|one| one["id"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    }

    /// These fields of the first records that pass a filter.
    async fn read(&self, plural: &str, filter: &str, fields: &str, most: usize) -> Vec<Value> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let query = [
                ("filter", filter),
                ("cursor", &cursor),
                ("fields", fields),
                ("limit", "200"),
            ];
            let query: Vec<_> = query
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect();
            let address = format!("http://{}/api/v1/{plural}", self.program.address);
            let address = reqwest::Url::parse_with_params(&address, query).unwrap();
            let path = format!("{plural}?{}", address.query().unwrap());
            let page = self.get(&path).await;
            found.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) if found.len() < most => next.clone_into(&mut cursor),
                _ => {
                    found.truncate(most);
                    return found;
                }
            }
        }
    }

    /// Five teams, each with its head and ten sales people.
    async fn people(&self) {
        let roles = self.get("roles?limit=50").await;
        let role = |name: &str| {
            let mut roles = roles["items"].as_array().unwrap().iter();
            roles
                .find(|role| role["name"] == name)
                .unwrap_or_else(|| panic!("{roles:?}"))["id"]
                .clone()
        };
        let (managing, selling) = (role("经理"), role("销售"));
        let mut team = Value::Null;
        for n in 0..SELLERS {
            if n.is_multiple_of(10) {
                let body = json!({"name": format!("Team {}", n / 10)});
                team = self.send(Method::POST, "departments", body).await["id"].clone();
                self.person(&format!("manager{}", n / 10), &managing, &team)
                    .await;
            }
            self.person(&format!("seller{n}"), &selling, &team).await;
        }
    }

    async fn person(&self, name: &str, role: &Value, team: &Value) {
        let body = json!({
            "name": name, "email": format!("{name}@example.com"), "role_id": role,
            "department_id": team,
        });
        let made = self.send(Method::POST, "users", body).await;
        if matches!(name, "seller0" | "manager0") {
            let path = format!("users/{}/password", made["id"].as_str().unwrap());
            self.send(Method::PUT, &path, json!({"password": PASSWORD}))
                .await;
        }
    }

    async fn import(&self, name: &str, file: String, mapping: Value) {
        let begun = Instant::now();
        let upload = self
            .http
            .post(format!(
                "http://{}/api/v1/imports?file_name={name}",
                self.program.address
            ))
            .bearer_auth(&self.token)
            .header("Content-Type", "text/csv")
            .body(file)
            .send()
            .await
            .unwrap();
        let import: Value = upload.json().await.unwrap();
        let path = format!("imports/{}", import["id"].as_str().unwrap());
        self.send(
            Method::POST,
            &format!("{path}/start"),
            json!({"mapping": mapping}),
        )
        .await;
        loop {
            tokio::time::sleep(Duration::from_millis(250)).await;
            let now = self.get(&path).await;
            if now["state"] == "completed" {
                let (rows, seconds) = (&now["counts"]["created"], begun.elapsed().as_secs_f64());
                let rate = rows.as_f64().unwrap() / seconds;
                println!("{name}: {rows} created in {seconds:.1} s, {rate:.0} a second");
                return;
            }
            assert!(
                now["state"] != "failed" && now["state"] != "stopped",
                "{now:#}"
            );
        }
    }

    /// A contract in force for each of these customers, in three instalments; every second has paid
    /// the first.
    async fn contracts(&self, customers: &[String]) {
        let begun = Instant::now();
        let made = stream::iter(customers.iter().enumerate())
            .map(|(n, customer)| self.contract(n, customer))
            .buffer_unordered(16)
            .count()
            .await;
        let seconds = begun.elapsed().as_secs_f64();
        println!(
            "{made} contracts in force with 30 / 60 / 10, every second with a payment: {seconds:.1} s"
        );
    }

    async fn contract(&self, n: usize, customer: &str) -> (String, String) {
        let body = json!({
            "name": format!("MES {n}"), "customer_id": customer,
            "signed_on": format!("2026-{:02}-{:02}", n % 9 + 1, n % 28 + 1),
            "amount": {"amount": 100_000_000 + n, "currency": "CNY"},
        });
        let contract = self.send(Method::POST, "contracts", body).await;
        let id = contract["id"].as_str().unwrap();
        let plan = json!({
            "shares": [3000, 6000, 1000], "every_months": 1,
            "first_due_on": format!("2026-{:02}-15", n % 3 + 10),
        });
        self.send(Method::PUT, &format!("contracts/{id}/receivables"), plan)
            .await;
        self.send(Method::POST, &format!("contracts/{id}/submit"), json!({}))
            .await;
        if n.is_multiple_of(2) {
            let body = json!({
                "customer_id": customer, "contract_id": id, "received_on": "2026-11-02",
                "amount": {"amount": 30_000_000, "currency": "CNY"},
            });
            let payment = self.send(Method::POST, "payments", body).await;
            let path = format!("payments/{}/confirm", payment["id"].as_str().unwrap());
            let body = json!({"allocate": {"oldest": true, "contract_id": id}});
            self.send(Method::POST, &path, body).await;
        }
        (id.to_owned(), customer.to_owned())
    }
}
