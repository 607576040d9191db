//! The demo's sales: products, and opportunities on their way from the first talk to a decision.

use chrono::{DateTime, Duration, Utc};
use kehu_domain::stage::{Stage, StageKind};
use kehu_domain::{customer, opportunity, product};
use rand::Rng;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Story, fields};
use crate::conversion::Converted;
use crate::error::AppError;
use crate::opportunities::{Step, To};
use crate::shown::Shown;

/// A product: name, category, unit, price in major units, tax in basis points, and how many are
/// sold at most at once.
type Offer = (&'static str, &'static str, &'static str, i64, i64, i64);

const OFFERS_ZH: &[Offer] = &[
    ("MES 标准版", "software", "套", 180_000, 1300, 1),
    ("MES 专业版", "software", "套", 360_000, 1300, 1),
    ("智能仓储系统", "software", "套", 520_000, 1300, 1),
    ("质量追溯模块", "software", "套", 96_000, 1300, 2),
    ("能耗管理平台", "software", "套", 150_000, 1300, 1),
    ("数据采集网关", "hardware", "台", 12_800, 1300, 20),
    ("工业平板终端", "hardware", "台", 6_480, 1300, 30),
    ("实施服务", "service", "人天", 2_600, 600, 60),
    ("年度维保", "service", "年", 48_000, 600, 3),
];

const OFFERS_EN: &[Offer] = &[
    ("MES Standard", "software", "licence", 24_000, 2000, 1),
    ("MES Professional", "software", "licence", 48_000, 2000, 1),
    ("Smart warehouse", "software", "licence", 69_000, 2000, 1),
    ("Quality tracing", "software", "licence", 12_800, 2000, 2),
    ("Energy dashboard", "software", "licence", 19_500, 2000, 1),
    ("Data gateway", "hardware", "piece", 1_690, 2000, 20),
    ("Panel terminal", "hardware", "piece", 870, 2000, 30),
    ("Rollout", "service", "day", 950, 2000, 60),
    ("Maintenance", "service", "year", 6_400, 2000, 3),
];

const RIVALS_ZH: &[&str] = &["鼎捷软件", "用友", "本地集成商", "客户自研"];
const RIVALS_EN: &[&str] = &[
    "Northwind Systems",
    "Fabrikam",
    "A local integrator",
    "Their own IT",
];
const NEXT_ZH: &[&str] = &[
    "安排方案评审",
    "约客户总经理面谈",
    "提交修订报价",
    "确认付款方式",
    "现场调研",
];
const NEXT_EN: &[&str] = &[
    "Review the solution together",
    "Meet the managing director",
    "Send the revised offer",
    "Agree on terms of payment",
    "Visit the plant",
];

impl Story<'_> {
    const fn offers(&self) -> &'static [Offer] {
        if self.stock.family_first {
            OFFERS_ZH
        } else {
            OFFERS_EN
        }
    }

    /// What the company sells.
    pub(super) async fn products(&mut self) -> Result<(), AppError> {
        let administrator = self.people.first().copied().unwrap_or_default();
        let ctx = self.ctx(administrator, self.began).await?;
        for (number, (name, category, unit, price, tax, _)) in self.offers().iter().enumerate() {
            let body = json!({
                "name": name, "code": format!("P-{:03}", number + 1), "category": category,
                "unit": unit, "unit_price": price * 1_000_000, "tax_rate": tax,
            });
            let made = self.make(&ctx, &product::DEF, body).await?;
            self.products.push(made.id());
        }
        Ok(())
    }

    /// The fields of a new opportunity: one thing and, as a rule, what belongs to it.
    pub(super) async fn wanted(&mut self, at: DateTime<Utc>) -> Result<Json, AppError> {
        let main = self.random.random_range(0..7_usize);
        let mut chosen = vec![main];
        if self.chance(65) {
            chosen.push(7);
        }
        if self.chance(30) {
            chosen.push(8);
        }
        let mut lines = Vec::new();
        for index in chosen {
            let most = self.offers().get(index).map_or(1, |offer| offer.5);
            let quantity = self.random.random_range((most + 2) / 3..=most);
            let discount = [0, 0, 300, 500, 800];
            let discount = self.pick(&discount).unwrap_or_default();
            lines.push(json!({
                "product_id": self.products.get(index),
                "quantity": quantity * 1_000_000, "discount_rate": discount,
            }));
        }
        let organisation = self.app.organisation(self.workspace).await?;
        // Most sales go the usual way; tenders go their own.
        let way = usize::from(self.chance(18));
        let pipeline = organisation.pipelines().get(way).map(|p| p.id.uuid());
        let close = at + Duration::days(self.random.random_range(25..110));
        let rivals = if self.stock.family_first {
            RIVALS_ZH
        } else {
            RIVALS_EN
        };
        let rival = self.chance(35).then(|| self.word(rivals));
        Ok(json!({
            "lines": lines, "pipeline_id": pipeline,
            "expected_close_on": close.date_naive().to_string(),
            "competitors": rival.into_iter().collect::<Vec<_>>(),
        }))
    }

    /// An opportunity's way through its stages, as far as it has come by now. Tells when it was won.
    pub(super) async fn sell(
        &mut self,
        owner: Uuid,
        mut at: DateTime<Utc>,
        id: Uuid,
        pipeline: Uuid,
    ) -> Result<Option<DateTime<Utc>>, AppError> {
        let organisation = self.app.organisation(self.workspace).await?;
        let stages: Vec<&Stage> = organisation.stages(pipeline).collect();
        let open: Vec<&Stage> = stages
            .into_iter()
            .filter(|stage| stage.stage_kind == StageKind::Open)
            .collect();
        for (place, stage) in open.iter().enumerate() {
            let days = self.random.random_range(4..26);
            let then = self.later(at, days);
            // What nobody cares for stays where it is, and what is young has not come further.
            if self.now - then < Duration::days(1) || self.chance(4) {
                return self.look_after(owner, at, id, place).await.map(|()| None);
            }
            at = then;
            if self.chance(75) {
                let words = self.stock.customer_talks;
                self.talk(owner, at, "opportunity_id", id, words, false)
                    .await?;
                at = self.later(at, 3);
            }
            let to = match open.get(place + 1) {
                _ if self.chance(13) => To::Lost,
                Some(next) => To::Stage(next.id.uuid()),
                None => To::Won,
            };
            let step = self.step(stage, to, place);
            let ctx = self.ctx(owner, at).await?;
            self.app.advance_opportunity(&ctx, id, to, &step).await?;
            match to {
                To::Stage(_) => {}
                To::Won => {
                    self.sign(owner, at, id).await?;
                    return Ok(Some(at));
                }
                To::Lost => return Ok(None),
            }
        }
        Ok(None)
    }

    /// One more sale to a customer.
    pub(super) async fn sell_again(
        &mut self,
        owner: Uuid,
        at: DateTime<Utc>,
        converted: &Converted,
    ) -> Result<Option<DateTime<Utc>>, AppError> {
        let mut body = fields(self.wanted(at).await?);
        let customer = &converted.customer;
        let name = customer::DEF.title_of(customer.record());
        let again = if self.stock.family_first {
            "二期"
        } else {
            "next phase"
        };
        body.insert("name".to_owned(), json!(format!("{name} · {again}")));
        body.insert("customer_id".to_owned(), json!(customer.id()));
        let contact = converted.contact.as_ref().map(Shown::id);
        body.insert("contact_id".to_owned(), json!(contact));
        body.insert("source".to_owned(), json!("referral"));
        let ctx = self.ctx(owner, at).await?;
        let made = self
            .make(&ctx, &opportunity::DEF, Json::Object(body))
            .await?;
        let pipeline = made.get("pipeline_id").as_id().unwrap_or_default();
        self.sell(owner, at, made.id(), pipeline).await
    }

    fn step(&mut self, from: &Stage, to: To, place: usize) -> Step {
        let won = ["best_fit", "best_fit", "good_relationship", "best_price"];
        let lost = [
            "price_too_high",
            "lost_to_competitor",
            "no_budget",
            "no_decision",
        ];
        let reason = match to {
            To::Stage(_) => None,
            To::Won => Some(self.word(&won).to_owned()),
            To::Lost => Some(self.word(&lost).to_owned()),
        };
        // The nearer the decision, the surer.
        let category = match (to, place) {
            (To::Stage(_), 0) => "pipeline",
            (To::Stage(_), 1) => "best_case",
            (To::Stage(_), _) => "commit",
            (To::Won | To::Lost, _) => "pipeline",
        };
        let change = match to {
            To::Stage(_) => json!({ "forecast_category": category }),
            To::Won | To::Lost => json!({}),
        };
        Step {
            fields: fields(change),
            checklist_done: from.checklist().into_iter().map(str::to_owned).collect(),
            reason,
            ..Step::default()
        }
    }

    /// What its owner keeps of an opportunity that is still open.
    async fn look_after(
        &mut self,
        owner: Uuid,
        at: DateTime<Utc>,
        id: Uuid,
        place: usize,
    ) -> Result<(), AppError> {
        let next = if self.stock.family_first {
            NEXT_ZH
        } else {
            NEXT_EN
        };
        let close = self.now + Duration::days(self.random.random_range(-12..75));
        let hot = place > 0 && self.chance(30);
        let patch = fields(json!({
            "hot": hot, "next_step": self.word(next),
            "expected_close_on": close.date_naive().to_string(),
        }));
        let ctx = self.ctx(owner, at).await?;
        let based = crate::records::Based::Latest;
        self.app
            .update_record(&ctx, &opportunity::DEF, id, based, &patch)
            .await
            .map(drop)
    }
}
