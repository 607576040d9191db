//! The demo's money: contracts of what was won, how they are paid, and what goes wrong with that now
//! and then.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveTime, Utc};
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use kehu_domain::{contract, customer, exchange_rate, payment, receivable, target};
use rand::Rng;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{Story, fields, id_of};
use crate::clock;
use crate::contracts::Schedule;
use crate::error::AppError;
use crate::ledger::{amount_of, day_of};
use crate::lists::ListParams;
use crate::payments::Allocate;
use crate::records::Duplicates;
use crate::shown::Shown;

/// What people say when money does not go the usual way, in one language.
struct Words {
    bounced: &'static str,
    wrong_amount: &'static str,
    too_much: &'static str,
    small_rest: &'static str,
    ended: &'static str,
    strangers: &'static [&'static str],
    export: &'static str,
    export_line: &'static str,
}

const ZH: Words = Words {
    bounced: "银行退票，付款账户余额不足",
    wrong_amount: "到账金额与上报不符，请核对后重新上报",
    too_much: "客户重复付款，退回多付部分",
    small_rest: "尾款金额小，催收成本高，经批准核销",
    ended: "客户项目取消，双方协商终止",
    strangers: &["苏州工业园区财政支付中心", "张建国（个人）"],
    export: "出口网关供货",
    export_line: "数据采集网关（出口型）",
};

const EN: Words = Words {
    bounced: "Returned by the bank: the account was not covered",
    wrong_amount: "Another amount came in; please report it again",
    too_much: "They paid twice; what was too much goes back",
    small_rest: "A small rest that is not worth chasing, agreed by the head of sales",
    ended: "Their project was cancelled; ended by agreement",
    strangers: &["Northern Rail Payments Office", "J. Thornton (private)"],
    export: "Gateways for export",
    export_line: "Data gateway, export model",
};

/// How a payment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// As it should.
    Smooth,
    /// Half of it; the rest comes weeks later, if at all.
    Half,
    /// Twice; what was too much is paid back.
    Twice,
    /// It bounces, and the money comes later.
    Bounced,
    /// Reported with a wrong amount at first.
    Misread,
    /// It comes and nobody says what it is for.
    Loose,
}

impl Story<'_> {
    const fn words(&self) -> &'static Words {
        if self.stock.family_first { &ZH } else { &EN }
    }

    const fn base(&self) -> &'static str {
        if self.stock.family_first {
            "CNY"
        } else {
            "EUR"
        }
    }

    fn finance(&self) -> Uuid {
        self.people.last().copied().unwrap_or_default()
    }

    /// What a dollar was worth, month by month.
    pub(super) async fn rates(&mut self) -> Result<(), AppError> {
        let administrator = self.people.first().copied().unwrap_or_default();
        let base = if self.stock.family_first {
            7_120_000
        } else {
            921_000
        };
        let first = self.began.date_naive().with_day(1).unwrap_or_default();
        for month in 0..=24 {
            let day = first
                .checked_add_months(Months::new(month))
                .unwrap_or(first);
            if day > self.now.date_naive() {
                break;
            }
            let swing = i64::from(month * 37 % 23) - 11;
            let at = day.and_time(NaiveTime::MIN).and_utc().max(self.began);
            let ctx = self.ctx(administrator, at).await?;
            let rate = base + base / 1_000 * swing;
            let body = json!({"currency": "USD", "valid_from": day.to_string(), "rate": rate});
            self.make(&ctx, &exchange_rate::DEF, body).await?;
        }
        Ok(())
    }

    /// A sale becomes a contract, unless it was made only now; and the contract is paid as far as it
    /// can be by today.
    pub(super) async fn sign(
        &mut self,
        owner: Uuid,
        won: DateTime<Utc>,
        opportunity: Uuid,
    ) -> Result<(), AppError> {
        let at = self.later(won, 6);
        if self.now - at < Duration::hours(9) {
            return Ok(());
        }
        let ctx = self.ctx(owner, at).await?;
        let signed = clock::today(&ctx);
        let body = fields(json!({"signed_on": signed.to_string(), "signed_by_id": owner}));
        let refuse = Duplicates::Refuse;
        let made = self
            .app
            .create_contract_of_opportunity(&ctx, opportunity, &body, refuse);
        let made = made.await?;
        let schedule = self.schedule(signed);
        let due = self.app.plan_receivables(&ctx, made.id(), schedule).await?;
        // The newest ones wait for the other side's signature.
        if self.now - at < Duration::days(8) && self.chance(45) {
            return Ok(());
        }
        self.app
            .submit_contract(&ctx, made.id(), Some(signed))
            .await?;
        self.contracts += 1;
        if self.contracts % 23 == 9 {
            let then = self.later(at, 40);
            let ctx = self.ctx(owner, then).await?;
            let why = self.words().ended;
            let ended = self.app.terminate_contract(&ctx, made.id(), why, None);
            return ended.await.map(drop);
        }
        let due: Vec<Record> = due.items.iter().map(|one| one.record().clone()).collect();
        self.collect(owner, made.record(), &due).await
    }

    /// In which parts a contract is paid.
    fn schedule(&mut self, signed: NaiveDate) -> Schedule {
        let first = signed + Duration::days(self.random.random_range(3..15));
        match self.random.random_range(0..10) {
            0..6 => Schedule::Shares {
                shares: vec![3_000, 6_000, 1_000],
                first,
                step: 2,
            },
            6..8 => Schedule::Shares {
                shares: vec![5_000, 5_000],
                first,
                step: 3,
            },
            8 => Schedule::Monthly { count: 6, first },
            _ => Schedule::Shares {
                shares: vec![10_000],
                first,
                step: 1,
            },
        }
    }

    /// The payments of a contract until now: most customers pay in time, some late, a few not at
    /// all for a long while.
    async fn collect(
        &mut self,
        owner: Uuid,
        contract: &Record,
        due: &[Record],
    ) -> Result<(), AppError> {
        let habit = self.random.random_range(0..100);
        for receivable in due {
            let Some(due_on) = day_of(receivable, "due_on") else {
                continue;
            };
            let days = match habit {
                0..68 => self.random.random_range(-3..6),
                68..90 => self.random.random_range(5..45),
                _ => self.random.random_range(40..240),
            };
            let minute = self.random.random_range(2 * 60..9 * 60);
            let came = due_on.and_time(NaiveTime::MIN).and_utc() + Duration::days(days);
            let came = came + Duration::minutes(minute);
            if came > self.now - Duration::hours(2) {
                return Ok(());
            }
            self.payments += 1;
            let course = match self.payments {
                n if n % 11 == 3 => Course::Half,
                n if n % 23 == 6 => Course::Twice,
                n if n % 19 == 8 => Course::Bounced,
                n if n % 17 == 12 => Course::Misread,
                n if n % 29 == 14 => Course::Loose,
                _ => Course::Smooth,
            };
            self.pay(
                owner,
                contract,
                amount_of(receivable, "amount"),
                came,
                course,
            )
            .await?;
        }
        Ok(())
    }

    /// One payment on its course.
    async fn pay(
        &mut self,
        owner: Uuid,
        contract: &Record,
        amount: i64,
        came: DateTime<Utc>,
        course: Course,
    ) -> Result<(), AppError> {
        let oldest = || Some(Allocate::Oldest(Some(contract.id())));
        let words = self.words();
        match course {
            Course::Smooth => {
                let reported = self.report(owner, contract, amount, came).await?;
                self.confirm(reported, came, oldest()).await?;
            }
            Course::Half => {
                let half = amount / 2 / 1_000 * 1_000;
                let reported = self.report(owner, contract, half, came).await?;
                self.confirm(reported, came, oldest()).await?;
                let rest = came + Duration::days(self.random.random_range(20..90));
                if rest < self.now - Duration::days(4) && self.chance(70) {
                    let reported = self.report(owner, contract, amount - half, rest).await?;
                    self.confirm(reported, rest, oldest()).await?;
                }
            }
            Course::Twice => {
                let reported = self.report(owner, contract, amount * 2, came).await?;
                let confirmed = self.confirm(reported, came, oldest()).await?;
                let left = confirmed.map_or(0, |record| amount_of(&record, "unallocated_amount"));
                let then = self.later(came, 12);
                if left > 0 && self.now - came > Duration::days(9) {
                    let ctx = self.ctx(self.finance(), then).await?;
                    let method = Some("bank_transfer".to_owned());
                    let back =
                        self.app
                            .refund_payment(&ctx, reported, left, words.too_much, None, method);
                    back.await?;
                }
            }
            Course::Bounced => {
                let reported = self.report(owner, contract, amount, came).await?;
                if self.confirm(reported, came, oldest()).await?.is_none() {
                    return Ok(());
                }
                let then = self.later(came, 9);
                let ctx = self.ctx(self.finance(), then).await?;
                self.app
                    .reverse_payment(&ctx, reported, words.bounced, None)
                    .await?;
                let again = then + Duration::days(self.random.random_range(6..40));
                if again < self.now - Duration::days(4) {
                    let reported = self.report(owner, contract, amount, again).await?;
                    self.confirm(reported, again, oldest()).await?;
                }
            }
            Course::Misread => {
                let wrong = self.report(owner, contract, amount + 9_000, came).await?;
                if self.now - came < Duration::days(3) {
                    return Ok(());
                }
                let then = self.later(came, 1);
                let ctx = self.ctx(self.finance(), then).await?;
                self.app
                    .reject_payment(&ctx, wrong, words.wrong_amount)
                    .await?;
                let reported = self.report(owner, contract, amount, then).await?;
                self.confirm(reported, then, oldest()).await?;
            }
            Course::Loose => {
                let reported = self.report(owner, contract, amount, came).await?;
                let known = self.confirm(reported, came, None).await?.is_some();
                if known && self.now - came > Duration::days(45) {
                    let then = came + Duration::days(self.random.random_range(4..20));
                    let ctx = self.ctx(self.finance(), then).await?;
                    let oldest = Allocate::Oldest(Some(contract.id()));
                    self.app.allocate_payment(&ctx, reported, oldest).await?;
                }
            }
        }
        Ok(())
    }

    /// Sales say that money of a contract came.
    async fn report(
        &mut self,
        owner: Uuid,
        contract: &Record,
        amount: i64,
        came: DateTime<Utc>,
    ) -> Result<Uuid, AppError> {
        let currency = match contract.get("amount") {
            Value::Money(money) => money.currency.code(),
            _ => self.base(),
        };
        let ctx = self.ctx(owner, came).await?;
        let methods = [
            "bank_transfer",
            "bank_transfer",
            "bank_transfer",
            "acceptance_bill",
        ];
        let reference = self.random.random_range(10_000_000..99_999_999_i64);
        let customer = contract.get("customer_id").as_id();
        let payer = match customer {
            Some(id) => {
                let payer = self.app.load_record(&ctx, &customer::DEF, id).await?;
                customer::DEF.title_of(&payer).to_owned()
            }
            None => String::new(),
        };
        let body = json!({
            "customer_id": customer, "contract_id": contract.id(), "payer": payer,
            "received_on": clock::today(&ctx).to_string(),
            "amount": {"amount": amount, "currency": currency},
            "method": self.word(&methods), "bank_reference": format!("{reference}"),
        });
        Ok(self.make(&ctx, &payment::DEF, body).await?.id())
    }

    /// Finance sees it within a day or two; what came in the last days waits.
    async fn confirm(
        &mut self,
        payment: Uuid,
        came: DateTime<Utc>,
        allocate: Option<Allocate>,
    ) -> Result<Option<Record>, AppError> {
        if self.now - came < Duration::days(3) {
            return Ok(None);
        }
        let then = self.later(came, 2);
        let ctx = self.ctx(self.finance(), then).await?;
        let done = self.app.confirm_payment(&ctx, payment, None, allocate);
        Ok(Some(done.await?.payment.record().clone()))
    }

    /// What lies on finance's desk this morning, and what is planned for these months.
    pub(super) async fn money_now(&mut self) -> Result<(), AppError> {
        self.export().await?;
        self.reports_of_today().await?;
        self.strangers().await?;
        self.give_up().await?;
        self.targets().await
    }

    /// The first records of a kind that a filter finds, as one of the people sees them.
    async fn found(
        &self,
        who: Uuid,
        kind: &'static kehu_domain::def::Def,
        filter: &str,
        sort: &str,
        limit: u64,
    ) -> Result<Vec<Map<String, Json>>, AppError> {
        let ctx = self.ctx(who, self.now).await?;
        let params = ListParams {
            filter: Some(filter.to_owned()),
            sort: Some(sort.to_owned()),
            limit: Some(limit),
            ..ListParams::default()
        };
        let listed = self.app.list_records(&ctx, kind, &params).await?;
        Ok(listed.items.iter().map(Shown::to_map).collect())
    }

    /// A contract in dollars, half paid when a dollar was worth something else.
    async fn export(&mut self) -> Result<(), AppError> {
        let words = self.words();
        for owner in self.people.get(4..11).unwrap_or_default().to_vec() {
            let mine = "owner_id == me && lifecycle == \"active\"";
            let buyer = self
                .found(owner, &customer::DEF, mine, "created_at", 1)
                .await?;
            let Some(buyer) = buyer.first().and_then(id_of) else {
                continue;
            };
            let at = self.now - Duration::days(103);
            let ctx = self.ctx(owner, at).await?;
            let signed = clock::today(&ctx);
            let body = json!({
                "name": words.export, "customer_id": buyer, "signed_on": signed.to_string(),
                "signed_by_id": owner, "amount": {"amount": 4_800_000, "currency": "USD"},
                "lines": [{"name": words.export_line, "quantity": 20_000_000,
                    "unit_price": 2_400_000_000_i64, "tax_rate": 0}],
            });
            let made = self.make(&ctx, &contract::DEF, body).await?;
            let schedule = Schedule::Shares {
                shares: vec![4_000, 6_000],
                first: signed + Duration::days(20),
                step: 2,
            };
            self.app.plan_receivables(&ctx, made.id(), schedule).await?;
            self.app
                .submit_contract(&ctx, made.id(), Some(signed))
                .await?;
            let came = at + Duration::days(34);
            let reported = self.report(owner, &made, 1_920_000, came).await?;
            let oldest = Some(Allocate::Oldest(Some(made.id())));
            self.confirm(reported, came, oldest).await?;
            return Ok(());
        }
        Ok(())
    }

    /// Sales report what customers paid yesterday and today.
    async fn reports_of_today(&mut self) -> Result<(), AppError> {
        let finance = self.finance();
        let waiting = "status == \"reported\"";
        let waiting = self
            .found(finance, &payment::DEF, waiting, "received_on", 50)
            .await?;
        let told = |contract: Uuid| {
            let mut of = waiting.iter().filter_map(|one| ref_of(one, "contract_id"));
            of.any(|known| known == contract)
        };
        let open = "settlement == \"open\" && due_on <= today";
        let due = self
            .found(finance, &receivable::DEF, open, "-due_on", 6)
            .await?;
        for (number, receivable) in due.iter().enumerate() {
            let (contract, owner) = (
                ref_of(receivable, "contract_id"),
                ref_of(receivable, "owner_id"),
            );
            let amount = receivable
                .get("outstanding_amount")
                .and_then(|money| money.get("amount")?.as_i64());
            let (Some(contract), Some(owner), Some(amount)) = (contract, owner, amount) else {
                continue;
            };
            if told(contract) {
                continue;
            }
            let ctx = self.ctx(finance, self.now).await?;
            let contract = self.app.load_record(&ctx, &contract::DEF, contract).await?;
            let hours = 3 + 7 * i64::try_from(number).unwrap_or(0);
            let came = self.now - Duration::hours(hours);
            self.report(owner, &contract, amount, came).await?;
        }
        Ok(())
    }

    /// Money came from people whom nobody knows: one payment waits, one was confirmed and waits for
    /// its customer.
    async fn strangers(&mut self) -> Result<(), AppError> {
        let finance = self.finance();
        for (number, payer) in self.words().strangers.iter().enumerate() {
            let came = self.now - Duration::days(1 + 4 * i64::try_from(number).unwrap_or(0));
            let ctx = self.ctx(finance, came).await?;
            let amount = self.random.random_range(30..90_i64) * 10_000;
            let body = json!({
                "payer": payer, "received_on": clock::today(&ctx).to_string(),
                "amount": {"amount": amount, "currency": self.base()}, "method": "bank_transfer",
            });
            let made = self.make(&ctx, &payment::DEF, body).await?;
            self.confirm(made.id(), came, None).await?;
        }
        Ok(())
    }

    /// The small rests of old receivables are given up.
    async fn give_up(&mut self) -> Result<(), AppError> {
        let finance = self.finance();
        let old = "settlement == \"partial\" && due_on < today - duration(\"2880h\")";
        let rests = self
            .found(finance, &receivable::DEF, old, "due_on", 2)
            .await?;
        for receivable in &rests {
            let Some(id) = id_of(receivable) else {
                continue;
            };
            let ctx = self.ctx(finance, self.now - Duration::days(2)).await?;
            let why = self.words().small_rest;
            self.app.write_off_receivable(&ctx, id, None, why).await?;
        }
        Ok(())
    }

    /// What everybody who sells, and every department, is to reach in these months.
    async fn targets(&mut self) -> Result<(), AppError> {
        let administrator = self.people.first().copied().unwrap_or_default();
        let this = self.now.date_naive().with_day(1).unwrap_or_default();
        let first = this.checked_sub_months(Months::new(3)).unwrap_or(this);
        let ctx = self
            .ctx(administrator, self.now - Duration::days(20))
            .await?;
        let unit = if self.stock.family_first {
            100_000 * 100
        } else {
            14_000 * 100
        };
        for month in 0..6 {
            let month = first
                .checked_add_months(Months::new(month))
                .unwrap_or(first);
            for person in self.people.get(4..11).unwrap_or_default().to_vec() {
                let more = self.random.random_range(0..4);
                let figures = [
                    ("receipts", unit * (2 + more) / 2),
                    ("contract_amount", unit * (3 + more) / 2),
                    ("won_amount", unit * (4 + more) / 2),
                    ("new_opportunities", 2 + more / 2),
                    ("visits", 4 + more),
                ];
                for (metric, planned) in figures {
                    let body = json!({"owner_id": person, "month": month.to_string(),
                        "metric": metric, "planned": planned});
                    self.make(&ctx, &target::DEF, body).await?;
                }
            }
        }
        Ok(())
    }
}

fn ref_of(record: &Map<String, Json>, name: &str) -> Option<Uuid> {
    let id = record.get(name).and_then(Json::as_str)?;
    Uuid::parse_str(id).ok()
}
