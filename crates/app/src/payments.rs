//! Payments: reported by anybody, decided on by finance, allocated to receivables, taken back. Who
//! moves money holds the payment first, then the contracts in the order of their ids: so nobody waits
//! in a circle, and no part of a payment or a receivable is used twice.

mod allocation;

use chrono::NaiveDate;
use iso_currency::Currency;
use kehu_domain::ctx::Ctx;
use kehu_domain::money::Money;
use kehu_domain::payment::{self, Move, Status};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action, Reason, Scope};
use kehu_domain::value::Value;
use kehu_domain::{customer, refund};
use kehu_persistence::db::Session;
use kehu_persistence::records::{self as store, Trash};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use self::allocation::{allocate_in, move_allocated, release, release_all};
use crate::contracts::{check_amount, checked_reason, may_handle_money};
use crate::error::AppError;
use crate::ledger::{Account, amount_of, currency_of, day_of};
use crate::shown::Shown;
use crate::writer::{Author, Writer};
use crate::{App, Outcome, clock, prepare};

/// A part of a payment for a receivable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The receivable.
    pub receivable_id: Uuid,
    /// How much of the payment, in minor units of its currency.
    pub amount: i64,
    /// How much of the receivable, where the currencies differ; at the day's rates when left out.
    pub receivable_amount: Option<i64>,
}

/// Which receivables a payment settles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allocate {
    /// These.
    Parts(Vec<Part>),
    /// The customer's oldest ones in the payment's currency, of one contract or of all.
    Oldest(Option<Uuid>),
}

/// A payment and what it settles now.
#[derive(Debug, Clone, Serialize)]
pub struct Allocated {
    /// The payment as it is now.
    pub payment: Shown,
    /// The allocations that were made.
    pub allocations: Vec<Shown>,
}

impl App {
    /// Finance has seen a payment: from now on it counts. It may be allocated at once.
    ///
    /// # Errors
    /// Without the right, when it was decided on already, or when the allocation is not possible;
    /// then it is not confirmed either.
    pub async fn confirm_payment(
        &self,
        ctx: &Ctx,
        id: Uuid,
        customer: Option<Uuid>,
        allocate: Option<Allocate>,
    ) -> Result<Allocated, AppError> {
        may_handle_money(ctx)?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = hold(&session, ctx, id).await?;
        let mut after = moved(ctx, &before, Move::Confirm)?;
        if let Some(customer) = customer {
            check_customer(&session, ctx, customer).await?;
            after.set("customer_id", Value::Id(customer));
        }
        check_contract(&writer, &after).await?;
        let amount = after.get("amount").clone();
        after.set("unallocated_amount", amount);
        let nothing = Money {
            amount: 0,
            currency: currency_of(&after, "amount")?,
        };
        after.set("allocated_amount", Value::Money(nothing));
        after.set("refunded_amount", Value::Money(nothing));
        let verb = Move::Confirm.code();
        let payment = writer.save(&payment::DEF, verb, &before, after).await?;
        let done = match allocate {
            Some(allocate) => allocate_in(writer, payment, allocate)
                .await
                .map_err(|error| error.below("allocate"))?,
            None => Allocated::of(ctx, payment, Vec::new()),
        };
        self.finish(session, ctx, Outcome::Done, &done).await?;
        Ok(done)
    }

    /// Finance has not seen a payment that somebody reported.
    ///
    /// # Errors
    /// Without the right, or when it was decided on already.
    pub async fn reject_payment(
        &self,
        ctx: &Ctx,
        id: Uuid,
        reason: &str,
    ) -> Result<Shown, AppError> {
        may_handle_money(ctx)?;
        let reason = checked_reason(reason)?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = hold(&session, ctx, id).await?;
        let mut after = moved(ctx, &before, Move::Reject)?;
        after.set("decision_reason", Value::Text(reason));
        let verb = Move::Reject.code();
        let payment = writer.save(&payment::DEF, verb, &before, after).await?;
        self.answer(session, ctx, Outcome::Done, &payment::DEF, payment)
            .await
    }

    /// Takes a confirmed payment back, with all its allocations: it was a mistake.
    ///
    /// # Errors
    /// Without the right, or when part of it was paid back already.
    pub async fn reverse_payment(
        &self,
        ctx: &Ctx,
        id: Uuid,
        reason: &str,
        reversed_on: Option<NaiveDate>,
    ) -> Result<Shown, AppError> {
        may_handle_money(ctx)?;
        let reason = checked_reason(reason)?;
        let today = clock::today(ctx);
        let day = reversed_on.unwrap_or(today);
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = hold(&session, ctx, id).await?;
        let mut after = moved(ctx, &before, Move::Reverse)?;
        if day > today {
            return Err(AppError::invalid("reversed_on", "in_the_future"));
        }
        if day_of(&before, "received_on").is_some_and(|received| day < received) {
            return Err(AppError::invalid("reversed_on", "before_the_start"));
        }
        if amount_of(&before, "refunded_amount") > 0 {
            return Err(AppError::conflict("refunded_already"));
        }
        release_all(writer, id, &reason).await?;
        let nothing = Value::Money(Money {
            amount: 0,
            currency: currency_of(&before, "amount")?,
        });
        after.set("allocated_amount", nothing.clone());
        after.set("unallocated_amount", nothing);
        after.set("decision_reason", Value::Text(reason));
        after.set("reversed_on", Value::Date(day));
        let verb = Move::Reverse.code();
        let payment = writer.save(&payment::DEF, verb, &before, after).await?;
        self.answer(session, ctx, Outcome::Done, &payment::DEF, payment)
            .await
    }

    /// Says whose a confirmed payment is that nobody knew.
    ///
    /// # Errors
    /// Without the right, or when it belongs to a customer already.
    pub async fn match_payment(
        &self,
        ctx: &Ctx,
        id: Uuid,
        customer: Uuid,
    ) -> Result<Shown, AppError> {
        may_handle_money(ctx)?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = hold(&session, ctx, id).await?;
        if !before.get("customer_id").is_null() {
            return Err(AppError::conflict("payment_has_customer"));
        }
        check_customer(&session, ctx, customer).await?;
        let mut after = before.clone();
        after.set("customer_id", Value::Id(customer));
        check_contract(&writer, &after).await?;
        let payment = writer.save(&payment::DEF, "match", &before, after).await?;
        self.answer(session, ctx, Outcome::Done, &payment::DEF, payment)
            .await
    }

    /// Settles receivables with what a confirmed payment has left.
    ///
    /// # Errors
    /// Without the right, or when it is more than is left, or more than is outstanding.
    pub async fn allocate_payment(
        &self,
        ctx: &Ctx,
        id: Uuid,
        allocate: Allocate,
    ) -> Result<Allocated, AppError> {
        may_handle_money(ctx)?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let payment = hold(&session, ctx, id).await?;
        let done = allocate_in(writer, payment, allocate).await?;
        self.finish(session, ctx, Outcome::Done, &done).await?;
        Ok(done)
    }

    /// Takes an allocation back: the receivable is outstanding again, the payment has that much more
    /// left.
    ///
    /// # Errors
    /// Without the right, or when it was taken back already.
    pub async fn release_allocation(
        &self,
        ctx: &Ctx,
        id: Uuid,
        reason: &str,
    ) -> Result<Shown, AppError> {
        may_handle_money(ctx)?;
        let reason = checked_reason(reason)?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let read = scope::of(ctx, &kehu_domain::allocation::DEF, Action::View);
        let def = &kehu_domain::allocation::DEF;
        let seen = store::get(&session, def, &read, Trash::Outside, id).await?;
        let seen = seen.ok_or(AppError::NotFound)?;
        let payment = hold(&session, ctx, id_of(&seen, "payment_id")?).await?;
        let mut account = Account::hold(writer, id_of(&seen, "contract_id")?).await?;
        // It may have been taken back while we waited.
        let everything = Scope::system(ctx.workspace.id, Reason::Consequence);
        let held = store::lock(&session, def, &everything, Trash::Outside, id).await?;
        let held = held.ok_or(AppError::NotFound)?;
        if !held.get("released_at").is_null() {
            return Err(AppError::conflict("released_already"));
        }
        let released = release(&writer, &mut account, &held, &reason).await?;
        account.save("release").await?;
        let amount = amount_of(&held, "amount");
        move_allocated(&writer, "release", &payment, -amount).await?;
        self.answer(
            session,
            ctx,
            Outcome::Done,
            &kehu_domain::allocation::DEF,
            released,
        )
        .await
    }

    /// Pays back some of what a payment has left.
    ///
    /// # Errors
    /// Without the right, or when it is more than is left.
    pub async fn refund_payment(
        &self,
        ctx: &Ctx,
        id: Uuid,
        amount: i64,
        reason: &str,
        refunded_on: Option<NaiveDate>,
        method: Option<String>,
    ) -> Result<Shown, AppError> {
        may_handle_money(ctx)?;
        let reason = checked_reason(reason)?;
        check_amount(amount)?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        if method
            .as_ref()
            .is_some_and(|code| !organisation.has_code("payment_method", code))
        {
            return Err(AppError::invalid("method", "unknown_code"));
        }
        let today = clock::today(ctx);
        let day = refunded_on.unwrap_or(today);
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = hold(&session, ctx, id).await?;
        check_confirmed(&before)?;
        if day > today {
            return Err(AppError::invalid("refunded_on", "in_the_future"));
        }
        if day_of(&before, "received_on").is_some_and(|received| day < received) {
            return Err(AppError::invalid("refunded_on", "before_the_start"));
        }
        let left = amount_of(&before, "unallocated_amount");
        let currency = currency_of(&before, "amount")?;
        if amount > left {
            return Err(more_than_left(amount, left, currency));
        }
        let mut record = prepare::stamped(ctx, &refund::DEF);
        record.push("payment_id", Value::Id(id));
        record.push("customer_id", before.get("customer_id").clone());
        record.push("amount", Value::Money(Money { amount, currency }));
        record.push("refunded_on", Value::Date(day));
        record.push("reason", Value::Text(reason));
        record.push("method", method.map_or(Value::Null, Value::Text));
        let made = std::slice::from_ref(&record);
        writer.append(&refund::DEF, "refund", made).await?;
        let mut after = before.clone();
        let money = |amount| Value::Money(Money { amount, currency });
        after.set(
            "refunded_amount",
            money(amount_of(&before, "refunded_amount") + amount),
        );
        after.set("unallocated_amount", money(left - amount));
        writer.save(&payment::DEF, "refund", &before, after).await?;
        self.answer(session, ctx, Outcome::Done, &refund::DEF, record)
            .await
    }
}

impl Allocated {
    /// What the caller sees of a payment and what it settles now.
    fn of(ctx: &Ctx, payment: Record, allocations: Vec<Record>) -> Self {
        let shown = |made| Shown::of(ctx, &kehu_domain::allocation::DEF, made);
        Self {
            payment: Shown::of(ctx, &payment::DEF, payment),
            allocations: allocations.into_iter().map(shown).collect(),
        }
    }
}

/// Holds a payment that the caller sees.
async fn hold(session: &Session, ctx: &Ctx, id: Uuid) -> Result<Record, AppError> {
    let read = scope::of(ctx, &payment::DEF, Action::View);
    let held = store::lock(session, &payment::DEF, &read, Trash::Outside, id).await?;
    held.ok_or(AppError::NotFound)
}

async fn check_customer(session: &Session, ctx: &Ctx, customer: Uuid) -> Result<(), AppError> {
    let read = scope::of(ctx, &customer::DEF, Action::View);
    let found = store::get(session, &customer::DEF, &read, Trash::Outside, customer).await?;
    found
        .map(drop)
        .ok_or_else(|| AppError::invalid("customer_id", "not_found"))
}

/// The contract that a payment is said to be for is one of its customer's.
async fn check_contract(writer: &Writer<'_>, payment: &Record) -> Result<(), AppError> {
    let one = std::slice::from_ref(payment);
    let problems = prepare::check_same_customer(writer, &payment::DEF, one).await?;
    match problems.into_iter().flatten().next() {
        None => Ok(()),
        Some(problem) => Err(AppError::conflict(problem.code)),
    }
}

fn standing(record: &Record) -> Result<Status, AppError> {
    record
        .get("status")
        .as_text()
        .and_then(Status::from_code)
        .ok_or_else(|| AppError::Internal("a payment without a status".to_owned()))
}

/// The payment after finance decided.
fn moved(ctx: &Ctx, before: &Record, by: Move) -> Result<Record, AppError> {
    let status = standing(before)?;
    let next = status.after(by).ok_or_else(|| closed(status))?;
    let mut after = before.clone();
    after.set("status", Value::Text(next.code().to_owned()));
    after.set("decided_at", Value::Time(ctx.now));
    after.set("decided_by_id", Value::Id(ctx.actor.user_id));
    Ok(after)
}

fn closed(status: Status) -> AppError {
    let open: Vec<&str> = status.open_moves().into_iter().map(Move::code).collect();
    AppError::Conflict {
        code: "invalid-transition",
        details: json!({"status": status.code(), "open": open}),
    }
}

fn check_confirmed(payment: &Record) -> Result<(), AppError> {
    match standing(payment)? {
        Status::Confirmed => Ok(()),
        status @ (Status::Reported | Status::Rejected | Status::Reversed) => Err(closed(status)),
    }
}

fn more_than_left(amount: i64, left: i64, currency: Currency) -> AppError {
    AppError::Conflict {
        code: "more_than_unallocated",
        details: json!({"amount": amount, "unallocated": left, "currency": currency.code()}),
    }
}

fn id_of(record: &Record, name: &str) -> Result<Uuid, AppError> {
    let id = record.get(name).as_id();
    id.ok_or_else(|| AppError::Internal(format!("no id in {name}")))
}
