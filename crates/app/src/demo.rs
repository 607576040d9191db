//! Demo data: two years of a small company's work from leads to payments, made through the same
//! use cases that people and programs use, so that its history is as real as theirs.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::lead::Move;
use kehu_domain::record::Record;
use kehu_domain::{activity, contact, customer, department, kinds, lead, tag, task, user};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::context::Request;
use crate::conversion::{Parts, Party};
use crate::error::AppError;
use crate::lists::ListParams;
use crate::records::{Based, Duplicates};
use crate::shown::Shown;
use crate::workspaces::{Administrator, NewWorkspace};
use crate::{App, ids};

mod money;
mod sales;
mod stock;

use stock::Stock;

/// How far back the story begins.
const DAYS: i64 = 730;
/// How many leads turn up in that time.
const LEADS: i64 = 420;

/// Who can sign in to the demo.
#[derive(Debug, Clone)]
pub struct DemoPerson {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

impl App {
    /// Makes a workspace with demo data; everybody in it has this password. Tells who can sign in,
    /// the administrator first.
    ///
    /// # Errors
    /// When storage fails or the password is no good.
    pub async fn create_demo(
        &self,
        locale: &str,
        password: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<DemoPerson>, AppError> {
        let stock = stock::of(locale);
        let began = now - Duration::days(DAYS);
        let address = |index: usize| format!("demo{}@kehu.example", index + 1);
        let (name, ..) = *stock.people.first().ok_or(AppError::NotFound)?;
        let new = NewWorkspace {
            name: stock.company.to_owned(),
            locale: locale.to_owned(),
            currency: if locale == "en" { "EUR" } else { "CNY" }.to_owned(),
            time_zone: if locale == "en" {
                "Europe/London"
            } else {
                "Asia/Shanghai"
            }
            .to_owned(),
            administrator: Administrator {
                name: name.to_owned(),
                email: address(0),
                password: password.to_owned(),
            },
        };
        let (workspace, administrator) = self.create_workspace(new, began).await?;
        let mut story = Story {
            app: self,
            workspace,
            stock,
            // The same story every time.
            random: StdRng::seed_from_u64(20_261_122),
            people: vec![administrator],
            began,
            now,
            phones: 0,
            products: Vec::new(),
            contracts: 0,
            payments: 0,
        };
        story.hire(&address).await?;
        let ctx = story.ctx(administrator, began).await?;
        for id in story.people.iter().skip(1) {
            self.set_password(&ctx, *id, password).await?;
        }
        story.tags().await?;
        story.products().await?;
        story.rates().await?;
        for number in 0..LEADS {
            story.lead(number).await?;
        }
        story.plan_work().await?;
        story.money_now().await?;
        self.seal_changes().await?;
        let told = stock.people.iter().enumerate();
        Ok(told
            .map(|(index, (name, ..))| DemoPerson {
                name: (*name).to_owned(),
                email: address(index),
            })
            .collect())
    }
}

struct Story<'a> {
    app: &'a App,
    workspace: Uuid,
    stock: &'static Stock,
    random: StdRng,
    people: Vec<Uuid>,
    began: DateTime<Utc>,
    now: DateTime<Utc>,
    phones: u64,
    products: Vec<Uuid>,
    /// How many contracts came into force, and how many payments were made of them.
    contracts: u32,
    payments: u32,
}

fn fields(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(fields) => fields,
        _ => Map::new(),
    }
}

impl Story<'_> {
    async fn ctx(&self, user: Uuid, at: DateTime<Utc>) -> Result<Ctx, AppError> {
        let request = Request {
            id: ids::new_id().simple().to_string(),
            now: at,
            locale: None,
            repeat: None,
        };
        self.app.context(self.workspace, user, request).await
    }

    async fn make(&self, ctx: &Ctx, def: &'static Def, body: Json) -> Result<Record, AppError> {
        let made = self
            .app
            .create_record(ctx, def, &fields(body), Duplicates::Allow)
            .await?;
        Ok(made.record().clone())
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.choose(&mut self.random).copied()
    }

    fn word(&mut self, from: &[&'static str]) -> &'static str {
        self.pick(from).unwrap_or_default()
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    /// The departments and the people in them.
    async fn hire(&mut self, address: &impl Fn(usize) -> String) -> Result<(), AppError> {
        let administrator = self.people.first().copied().unwrap_or_default();
        let ctx = self.ctx(administrator, self.began).await?;
        let roles = self.all_of(&ctx, "role").await?;
        let existing = self.all_of(&ctx, "department").await?;
        let mut departments: Vec<Uuid> = existing.iter().take(1).filter_map(id_of).collect();
        for (name, above) in self.stock.departments.iter().skip(1) {
            let parent = above.and_then(|above| departments.get(above));
            let made = self.make(
                &ctx,
                &department::DEF,
                json!({"name": name, "parent_id": parent}),
            );
            departments.push(made.await?.id());
        }
        let role_of = |rank: usize| {
            let fits = |role: &&Map<String, Json>| match rank {
                0 => role.get("administers") == Some(&json!(true)),
                1 => role.get("read_reach") == Some(&json!("department_tree")),
                3 => {
                    role.get("handles_money") == Some(&json!(true))
                        && role.get("administers") == Some(&json!(false))
                }
                _ => role.get("read_reach") == Some(&json!("own")),
            };
            roles.iter().find(fits).and_then(id_of)
        };
        for (index, (name, job, place, rank, above)) in self.stock.people.iter().enumerate().skip(1)
        {
            let manager = above.and_then(|above| self.people.get(above));
            let body = json!({
                "name": name, "email": address(index), "job_title": job,
                "department_id": departments.get(*place), "role_id": role_of(*rank),
                "manager_id": manager, "phone": format!("+86138{:08}", 10_001 + index),
            });
            let made = self.make(&ctx, &user::DEF, body).await?;
            self.people.push(made.id());
        }
        let first = self.stock.people.first();
        if let Some((_, job, place, ..)) = first {
            let patch = json!({"job_title": job, "department_id": departments.get(*place)});
            let def = &user::DEF;
            self.app
                .update_record(&ctx, def, administrator, Based::Latest, &fields(patch))
                .await?;
        }
        Ok(())
    }

    async fn all_of(&self, ctx: &Ctx, kind: &str) -> Result<Vec<Map<String, Json>>, AppError> {
        let def = kinds::find(kind).ok_or(AppError::NotFound)?;
        let params = ListParams {
            sort: Some("created_at".to_owned()),
            ..ListParams::default()
        };
        let listed = self.app.list_records(ctx, def, &params).await?;
        Ok(listed.items.iter().map(Shown::to_map).collect())
    }

    async fn tags(&self) -> Result<(), AppError> {
        let administrator = self.people.first().copied().unwrap_or_default();
        let ctx = self.ctx(administrator, self.began).await?;
        for (name, colour) in self.stock.tags {
            self.make(&ctx, &tag::DEF, json!({"name": name, "colour": colour}))
                .await?;
        }
        Ok(())
    }

    /// The day on which the lead with this number turns up: more as the company grows.
    fn day_of(&mut self, number: i64) -> DateTime<Utc> {
        // Days grow with the square root of the number, so that the second year has three times as
        // many as the first.
        let days = (number * DAYS * DAYS / LEADS).isqrt().min(DAYS - 1);
        let minutes = self.random.random_range(0..9 * 60);
        let day = self.began + Duration::days(days) + Duration::minutes(minutes);
        day.min(self.now - Duration::minutes(30))
    }

    fn phone(&mut self) -> String {
        self.phones += 1;
        let heads = ["136", "137", "138", "139", "150", "158", "177", "186"];
        let head = self.word(&heads);
        format!("+86{head}{:08}", (self.phones * 7_919_993) % 100_000_000)
    }

    fn person(&mut self) -> String {
        let (family, given) = (
            self.word(self.stock.family_names),
            self.word(self.stock.given_names),
        );
        if self.stock.family_first {
            format!("{family}{given}")
        } else {
            format!("{given} {family}")
        }
    }

    /// One lead's life, from the day it turns up until now.
    async fn lead(&mut self, number: i64) -> Result<(), AppError> {
        let mut at = self.day_of(number);
        let age = self.now - at;
        let sales = self.people.get(4..11).unwrap_or_default().to_vec();
        let owner = self.pick(&sales).unwrap_or_default();
        let administrator = self.people.first().copied().unwrap_or_default();
        let body = self.lead_body(number, at);
        let from_campaign = self.chance(55);
        let ctx = self
            .ctx(if from_campaign { administrator } else { owner }, at)
            .await?;
        let id = self.make(&ctx, &lead::DEF, body).await?.id();
        let recent = age < Duration::days(12);
        if from_campaign {
            // The pool holds what nobody has taken yet, most of it new.
            let rate = if recent { 70 } else { 6 };
            if self.chance(rate) {
                return Ok(());
            }
            at = self.later(at, 2);
            let ctx = self.ctx(owner, at).await?;
            self.app.claim(&ctx, &lead::DEF, id).await?;
        }
        let fate = self.random.random_range(0..100);
        let talks = self.random.random_range(1..5);
        for talk in 0..talks {
            at = self.later(at, 9);
            let last = talk == talks - 1;
            let words = if talk == 0 {
                self.stock.first_talks
            } else {
                self.stock.later_talks
            };
            self.talk(owner, at, "lead_id", id, words, last && fate >= 50)
                .await?;
        }
        let reasons = ["unreachable", "no_need", "no_budget", "bought_elsewhere"];
        match fate {
            // Long talks end with a decision; young ones are still going on.
            0..34 if !recent => {
                at = self.later(at, 12);
                self.convert(owner, at, id).await?;
            }
            34..42 => {
                let reason = self.word(&reasons);
                let then = self.later(at, 5);
                let ctx = self.ctx(owner, then).await?;
                self.app
                    .set_aside_lead(&ctx, id, Move::MarkInvalid, reason)
                    .await?;
            }
            42..46 => {
                let then = self.later(at, 5);
                let ctx = self.ctx(owner, then).await?;
                self.app
                    .set_aside_lead(&ctx, id, Move::Void, "fake")
                    .await?;
            }
            46..50 => {
                let then = self.later(at, 20);
                let ctx = self.ctx(owner, then).await?;
                self.app
                    .return_to_pool(&ctx, &lead::DEF, id, "no_time", None)
                    .await?;
            }
            _ => {}
        }
        Ok(())
    }

    fn lead_body(&mut self, number: i64, at: DateTime<Utc>) -> Json {
        let name = self.person();
        let head = self.word(self.stock.firm_heads);
        let (tail, industry) = self.pick(self.stock.firm_tails).unwrap_or_default();
        let (province, city, districts) = self.pick(self.stock.places).unwrap_or_default();
        let place = city.trim_end_matches('市');
        let company = if self.stock.family_first {
            format!("{place}{head}{tail}")
        } else {
            format!("{head} {tail}")
        };
        let sources = [
            "web_form",
            "online_ads",
            "wechat",
            "phone",
            "event",
            "exhibition",
            "referral",
        ];
        let currency = if self.stock.family_first {
            "CNY"
        } else {
            "EUR"
        };
        let amount = self.random.random_range(8..140_i64) * 1_000_000;
        let street = self.word(self.stock.streets);
        let house = self.random.random_range(1..300);
        let tag = self.pick(self.stock.tags).map(|(tag, _)| tag);
        let tags: Vec<&str> = if self.chance(35) {
            tag.into_iter().collect()
        } else {
            Vec::new()
        };
        let intents = ["first_talk", "interested", "interested", "agreed", "lapsed"];
        json!({
            "name": name,
            "company": company,
            "job_title": self.word(self.stock.job_titles),
            "phone": self.phone(),
            "email": format!("contact{number}@firm{}.example", number % 97),
            "province": province,
            "city": city,
            "district": self.word(districts),
            "address": format!("{street} {house}"),
            "industry": industry,
            "source": self.word(&sources),
            "product_interest": self.word(self.stock.interests),
            "amount": if self.chance(80) { json!({"amount": amount, "currency": currency}) } else { Json::Null },
            "intent": if self.chance(60) { json!(self.word(&intents)) } else { Json::Null },
            "received_on": at.date_naive().to_string(),
            "note": if self.chance(30) { json!(self.word(self.stock.notes)) } else { Json::Null },
            "tags": tags,
        })
    }

    /// A moment in working hours (9 to 18 in Shanghai) up to so many days later; near the end of
    /// the story somewhere in the time that is left, so that nothing happens in the future.
    fn later(&mut self, at: DateTime<Utc>, days: i64) -> DateTime<Utc> {
        let left = (self.now - at).num_minutes();
        let most = (days * 24 * 60).min(left);
        let wait = if most > 4 {
            self.random.random_range(most / 4..most)
        } else {
            most
        };
        let then = at + Duration::minutes(wait);
        let minute = self.random.random_range(60..10 * 60);
        let shifted =
            then.date_naive().and_time(NaiveTime::MIN).and_utc() + Duration::minutes(minute);
        if shifted > at && shifted < self.now {
            shifted
        } else {
            then
        }
    }

    async fn talk(
        &mut self,
        owner: Uuid,
        at: DateTime<Utc>,
        about: &str,
        id: Uuid,
        words: &'static [&'static str],
        plan_next: bool,
    ) -> Result<(), AppError> {
        let types = ["call", "call", "message", "visit", "email", "meeting"];
        let way = self.word(&types);
        let minutes =
            matches!(way, "call" | "visit" | "meeting").then(|| self.random.random_range(4..70));
        // Most next contacts lie ahead; a few were missed.
        let next = plan_next.then(|| {
            let hours = self.random.random_range(-72..24 * 12);
            kehu_domain::value::format_time(self.now + Duration::hours(hours))
        });
        let ctx = self.ctx(owner, at).await?;
        let body = json!({
            "activity_type": way, "content": self.word(words), "duration_minutes": minutes,
            about: id, "next_contact_at": next,
        });
        self.make(&ctx, &activity::DEF, body).await.map(drop)
    }

    /// The lead becomes a customer, who is looked after until now.
    async fn convert(&mut self, owner: Uuid, at: DateTime<Utc>, id: Uuid) -> Result<(), AppError> {
        let ctx = self.ctx(owner, at).await?;
        let roles = [
            "decision_maker",
            "economic_buyer",
            "technical_evaluator",
            "user",
            "coach",
        ];
        let attitudes = ["supportive", "supportive", "neutral", "opposed", "unknown"];
        let contact = json!({
            "is_primary": true,
            "decision_role": self.word(&roles),
            "attitude": self.word(&attitudes),
            "influence": self.random.random_range(2..=5),
            "relationship_strength": self.random.random_range(1..=5),
        });
        let customer = json!({"employees": self.random.random_range(3..160) * 10});
        let opportunity = match self.chance(85) {
            true => Some(fields(self.wanted(at).await?)),
            false => None,
        };
        let converted = self
            .app
            .convert_lead(
                &ctx,
                id,
                Parts {
                    customer: Party::New(fields(customer)),
                    contact: Party::New(fields(contact)),
                    opportunity,
                },
                Duplicates::Allow,
            )
            .await?;
        let customer = converted.customer.id();
        for _ in 0..self.random.random_range(0..3) {
            let then = self.later(at, 30);
            let ctx = self.ctx(owner, then).await?;
            let body = json!({
                "name": self.person(), "customer_id": customer,
                "job_title": self.word(self.stock.job_titles), "phone": self.phone(),
                "decision_role": self.word(&roles), "attitude": self.word(&attitudes),
                "influence": self.random.random_range(1..=5),
                "reports_to_id": converted.contact.as_ref().map(Shown::id),
            });
            self.make(&ctx, &contact::DEF, body).await?;
        }
        let mut won = None;
        if let Some(made) = &converted.opportunity {
            let pipeline = made.id_in("pipeline_id").unwrap_or_default();
            won = self.sell(owner, at, made.id(), pipeline).await?;
        }
        // Who has bought once, buys again, and more than once.
        while let Some(bought) = won.take() {
            let then = self.later(bought, 200);
            if self.now - then > Duration::days(2) && self.chance(60) {
                won = self.sell_again(owner, then, &converted).await?;
            }
        }
        let mut talk_at = at;
        let talks = self.random.random_range(1..7);
        for talk in 0..talks {
            talk_at = self.later(talk_at, 60);
            let words = self.stock.customer_talks;
            self.talk(
                owner,
                talk_at,
                "customer_id",
                customer,
                words,
                talk == talks - 1,
            )
            .await?;
        }
        let stages = ["prospect", "active", "active", "active", "at_risk", "lost"];
        let stage = self.word(&stages);
        if stage != "prospect" {
            let then = self.later(talk_at, 10);
            let ctx = self.ctx(owner, then).await?;
            let patch = fields(json!({ "lifecycle": stage }));
            let def = &customer::DEF;
            self.app
                .update_record(&ctx, def, customer, Based::Latest, &patch)
                .await?;
        }
        Ok(())
    }

    /// What everybody has to do these days.
    async fn plan_work(&mut self) -> Result<(), AppError> {
        for owner in self.people.clone() {
            let at = self.now - Duration::days(6);
            let ctx = self.ctx(owner, at).await?;
            let params = ListParams {
                filter: Some("owner_id == me".to_owned()),
                limit: Some(8),
                ..ListParams::default()
            };
            let mine = self
                .app
                .list_records(&ctx, &customer::DEF, &params)
                .await?
                .items;
            for (index, customer) in mine.iter().map(Shown::to_map).enumerate() {
                let hours = self.random.random_range(-48..24 * 9);
                let body = json!({
                    "title": self.word(self.stock.to_dos),
                    "customer_id": id_of(&customer),
                    "due_at": kehu_domain::value::format_time(self.now + Duration::hours(hours)),
                    "priority": if index % 4 == 0 { "high" } else { "normal" },
                    "status": if index % 3 == 2 { "done" } else { "open" },
                });
                self.make(&ctx, &task::DEF, body).await?;
            }
        }
        Ok(())
    }
}

fn id_of(record: &Map<String, Json>) -> Option<Uuid> {
    record
        .get("id")
        .and_then(Json::as_str)
        .and_then(|id| Uuid::parse_str(id).ok())
}
