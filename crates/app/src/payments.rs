//! Payments: reported by anybody, decided on by finance, allocated to receivables, taken back. Who
//! moves money holds the payment first, then the contracts in the order of their ids: so nobody waits
//! in a circle, and no part of a payment or a receivable is used twice.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::FieldProblem;
use kehu_domain::exchange::{self, MILLION};
use kehu_domain::money::Money;
use kehu_domain::payment::{self, Move, Status};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_domain::settlement;
use kehu_domain::value::Value;
use kehu_domain::{allocation, contract, customer, receivable, refund};
use kehu_persistence::db::Session;
use kehu_persistence::records::{self as store, Trash};
use serde_json::json;
use uuid::Uuid;

use crate::context::Organisation;
use crate::contracts::{check_amount, checked_reason, everything, may_handle_money, status_of};
use crate::error::AppError;
use crate::ledger::{Account, amount_of, currency_of, day_of};
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
#[derive(Debug, Clone)]
pub struct Allocated {
    /// The payment as it is now.
    pub payment: Record,
    /// The allocations that were made.
    pub allocations: Vec<Record>,
}

/// The most parts that a payment is allocated in at once.
const MAX_PARTS: usize = 500;

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
        let before = hold(&session, ctx, id).await?;
        let mut after = moved(ctx, &before, Move::Confirm)?;
        if let Some(customer) = customer {
            check_customer(&session, ctx, customer).await?;
            after.set("customer_id", Value::Id(customer));
        }
        let amount = after.get("amount").clone();
        after.set("unallocated_amount", amount);
        let nothing = Money {
            amount: 0,
            currency: currency_of(&after, "amount")?,
        };
        after.set("allocated_amount", Value::Money(nothing));
        after.set("refunded_amount", Value::Money(nothing));
        let verb = Move::Confirm.code();
        let payment = store::update(&session, ctx, &payment::DEF, verb, &before, after).await?;
        let done = match allocate {
            Some(allocate) => allocate_in(&session, ctx, &organisation, payment, allocate).await?,
            None => Allocated {
                payment,
                allocations: Vec::new(),
            },
        };
        self.finish(session, ctx, Outcome::Done, &tell(&done))
            .await?;
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
    ) -> Result<Record, AppError> {
        may_handle_money(ctx)?;
        let reason = checked_reason(reason)?;
        let session = self.db.begin().await?;
        let before = hold(&session, ctx, id).await?;
        let mut after = moved(ctx, &before, Move::Reject)?;
        after.set("decision_reason", Value::Text(reason));
        let verb = Move::Reject.code();
        let payment = store::update(&session, ctx, &payment::DEF, verb, &before, after).await?;
        self.finish(session, ctx, Outcome::Done, &payment.to_json())
            .await?;
        Ok(payment)
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
    ) -> Result<Record, AppError> {
        may_handle_money(ctx)?;
        let reason = checked_reason(reason)?;
        let today = clock::today(ctx);
        let day = reversed_on.unwrap_or(today);
        let session = self.db.begin().await?;
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
        release_all(&session, ctx, id, &reason).await?;
        let nothing = Value::Money(Money {
            amount: 0,
            currency: currency_of(&before, "amount")?,
        });
        after.set("allocated_amount", nothing.clone());
        after.set("unallocated_amount", nothing);
        after.set("decision_reason", Value::Text(reason));
        after.set("reversed_on", Value::Date(day));
        let verb = Move::Reverse.code();
        let payment = store::update(&session, ctx, &payment::DEF, verb, &before, after).await?;
        self.finish(session, ctx, Outcome::Done, &payment.to_json())
            .await?;
        Ok(payment)
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
    ) -> Result<Record, AppError> {
        may_handle_money(ctx)?;
        let session = self.db.begin().await?;
        let before = hold(&session, ctx, id).await?;
        if !before.get("customer_id").is_null() {
            return Err(AppError::conflict("payment_has_customer"));
        }
        check_customer(&session, ctx, customer).await?;
        let mut after = before.clone();
        after.set("customer_id", Value::Id(customer));
        let payment = store::update(&session, ctx, &payment::DEF, "match", &before, after).await?;
        self.finish(session, ctx, Outcome::Done, &payment.to_json())
            .await?;
        Ok(payment)
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
        let payment = hold(&session, ctx, id).await?;
        let done = allocate_in(&session, ctx, &organisation, payment, allocate).await?;
        self.finish(session, ctx, Outcome::Done, &tell(&done))
            .await?;
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
    ) -> Result<Record, AppError> {
        may_handle_money(ctx)?;
        let reason = checked_reason(reason)?;
        let session = self.db.begin().await?;
        let read = scope::of(ctx, &allocation::DEF, Action::Read);
        let def = &allocation::DEF;
        let seen = store::get(&session, def, &read, Trash::Outside, id).await?;
        let seen = seen.ok_or(AppError::NotFound)?;
        let payment = hold(&session, ctx, id_of(&seen, "payment_id")?).await?;
        let mut account = Account::hold(&session, ctx, id_of(&seen, "contract_id")?).await?;
        // It may have been taken back while we waited.
        let held = store::lock(&session, def, &everything(ctx), Trash::Outside, id).await?;
        let held = held.ok_or(AppError::NotFound)?;
        if !held.get("released_at").is_null() {
            return Err(AppError::conflict("released_already"));
        }
        let released = release(&session, ctx, &mut account, &held, &reason).await?;
        account.save("release").await?;
        let amount = amount_of(&held, "amount");
        move_allocated(&session, ctx, "release", &payment, -amount).await?;
        self.finish(session, ctx, Outcome::Done, &released.to_json())
            .await?;
        Ok(released)
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
    ) -> Result<Record, AppError> {
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
        let before = hold(&session, ctx, id).await?;
        check_confirmed(&before)?;
        if day > today {
            return Err(AppError::invalid("refunded_on", "in_the_future"));
        }
        if day_of(&before, "received_on").is_some_and(|received| day < received) {
            return Err(AppError::invalid("refunded_on", "before_the_start"));
        }
        let left = amount_of(&before, "unallocated_amount");
        if amount > left {
            return Err(more_than_left(amount, left));
        }
        let currency = currency_of(&before, "amount")?;
        let mut record = prepare::stamped(ctx, &refund::DEF);
        record.push("payment_id", Value::Id(id));
        record.push("customer_id", before.get("customer_id").clone());
        record.push("amount", Value::Money(Money { amount, currency }));
        record.push("refunded_on", Value::Date(day));
        record.push("reason", Value::Text(reason));
        record.push("method", method.map_or(Value::Null, Value::Text));
        let made = std::slice::from_ref(&record);
        store::insert(&session, ctx, &refund::DEF, "refund", made).await?;
        let mut after = before.clone();
        let money = |amount| Value::Money(Money { amount, currency });
        after.set(
            "refunded_amount",
            money(amount_of(&before, "refunded_amount") + amount),
        );
        after.set("unallocated_amount", money(left - amount));
        store::update(&session, ctx, &payment::DEF, "refund", &before, after).await?;
        self.finish(session, ctx, Outcome::Created, &record.to_json())
            .await?;
        Ok(record)
    }
}

/// An allocation as it crosses the wire.
#[must_use]
pub fn tell(done: &Allocated) -> serde_json::Value {
    json!({
        "payment": done.payment.to_json(),
        "allocations": done.allocations.iter().map(Record::to_json).collect::<Vec<_>>(),
    })
}

/// Holds a payment that the caller sees.
async fn hold(session: &Session, ctx: &Ctx, id: Uuid) -> Result<Record, AppError> {
    let read = scope::of(ctx, &payment::DEF, Action::Read);
    let held = store::lock(session, &payment::DEF, &read, Trash::Outside, id).await?;
    held.ok_or(AppError::NotFound)
}

async fn check_customer(session: &Session, ctx: &Ctx, customer: Uuid) -> Result<(), AppError> {
    let read = scope::of(ctx, &customer::DEF, Action::Read);
    let found = store::get(session, &customer::DEF, &read, Trash::Outside, customer).await?;
    found
        .map(drop)
        .ok_or_else(|| AppError::invalid("customer_id", "not_found"))
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

fn more_than_left(amount: i64, left: i64) -> AppError {
    AppError::Conflict {
        code: "more_than_unallocated",
        details: json!({"amount": amount, "unallocated": left}),
    }
}

fn id_of(record: &Record, name: &str) -> Result<Uuid, AppError> {
    let id = record.get(name).as_id();
    id.ok_or_else(|| AppError::Internal(format!("no id in {name}")))
}

/// Settles receivables with what a held payment has left.
async fn allocate_in(
    session: &Session,
    ctx: &Ctx,
    organisation: &Organisation,
    payment: Record,
    allocate: Allocate,
) -> Result<Allocated, AppError> {
    check_confirmed(&payment)?;
    let customer = payment
        .get("customer_id")
        .as_id()
        .ok_or_else(|| AppError::conflict("payment_without_customer"))?;
    let left = amount_of(&payment, "unallocated_amount");
    let mut accounts = accounts(session, ctx, &payment, customer, &allocate).await?;
    let parts = match allocate {
        Allocate::Parts(parts) => parts,
        Allocate::Oldest(_) => oldest(&payment, &accounts, left)?,
    };
    let total = parts
        .iter()
        .try_fold(0_i64, |sum, part| sum.checked_add(part.amount));
    match total {
        Some(total) if total <= left => {}
        total => return Err(more_than_left(total.unwrap_or(i64::MAX), left)),
    }
    let mut made = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let of = |account: &&mut Account<'_>| {
            account
                .receivables()
                .any(|record| record.id() == part.receivable_id)
        };
        let at = |name: &str| format!("allocations/{index}/{name}");
        let account = accounts.values_mut().find(of);
        let account =
            account.ok_or_else(|| AppError::invalid(&at("receivable_id"), "not_found"))?;
        let receivable = account.receivable(part.receivable_id)?;
        if receivable.get("customer_id").as_id() != Some(customer) {
            return Err(AppError::conflict("another_customer"));
        }
        let record = allocation(ctx, organisation, &payment, &receivable, *part).map_err(
            |mut problem| {
                let name = problem.pointer.trim_start_matches('/').to_owned();
                problem.pointer = format!("/{}", at(&name));
                AppError::Invalid(vec![problem])
            },
        )?;
        account.pay(part.receivable_id, amount_of(&record, "receivable_amount"))?;
        made.push(record);
    }
    store::insert(session, ctx, &allocation::DEF, "allocate", &made).await?;
    for account in accounts.into_values() {
        account.save("allocate").await?;
    }
    let moved: i64 = made.iter().map(|record| amount_of(record, "amount")).sum();
    let payment = move_allocated(session, ctx, "allocate", &payment, moved).await?;
    Ok(Allocated {
        payment,
        allocations: made,
    })
}

/// Holds the contracts whose receivables are to be settled, in the order of their ids.
async fn accounts<'a>(
    session: &'a Session,
    ctx: &'a Ctx,
    payment: &Record,
    customer: Uuid,
    allocate: &Allocate,
) -> Result<BTreeMap<Uuid, Account<'a>>, AppError> {
    let def = &receivable::DEF;
    let mut contracts: Vec<Uuid> = match allocate {
        Allocate::Parts(parts) => {
            if parts.is_empty() || parts.len() > MAX_PARTS {
                let problem = FieldProblem::new("allocations", "out_of_range");
                let problem = problem.with(json!({"min": 1, "max": MAX_PARTS}));
                return Err(AppError::Invalid(vec![problem]));
            }
            let ids: Vec<Uuid> = parts.iter().map(|part| part.receivable_id).collect();
            let read = scope::of(ctx, def, Action::Read);
            let fields: Vec<_> = def.all_fields().collect();
            let found = store::get_many(session, def, &read, Trash::Outside, &ids, &fields).await?;
            found
                .iter()
                .filter_map(|record| record.get("contract_id").as_id())
                .collect()
        }
        Allocate::Oldest(Some(contract)) => vec![*contract],
        Allocate::Oldest(None) => {
            let currency = currency_of(payment, "amount")?;
            kehu_persistence::money::open_contracts(
                session,
                ctx.workspace.id,
                customer,
                currency.code(),
            )
            .await?
        }
    };
    contracts.sort_unstable();
    contracts.dedup();
    let mut held = BTreeMap::new();
    for id in contracts {
        let account = Account::hold(session, ctx, id).await?;
        if status_of(account.contract())? == contract::Status::Draft {
            return Err(AppError::conflict("contract_not_in_force"));
        }
        held.insert(id, account);
    }
    Ok(held)
}

/// What the oldest receivables in the payment's currency get of it.
fn oldest(
    payment: &Record,
    accounts: &BTreeMap<Uuid, Account<'_>>,
    left: i64,
) -> Result<Vec<Part>, AppError> {
    let currency = currency_of(payment, "amount")?;
    let customer = payment.get("customer_id");
    let mut open: Vec<(&Record, i64)> = accounts
        .values()
        .flat_map(Account::receivables)
        .filter(|record| record.get("customer_id") == customer)
        .filter(|record| matches!(record.get("amount"), Value::Money(m) if m.currency == currency))
        .map(|record| (record, amount_of(record, "outstanding_amount")))
        .filter(|(_, outstanding)| *outstanding > 0)
        .collect();
    open.sort_by_key(|(record, _)| (day_of(record, "due_on"), record.id()));
    let outstanding: Vec<i64> = open.iter().map(|(_, outstanding)| *outstanding).collect();
    let filled = settlement::fill(left, &outstanding);
    Ok(open
        .iter()
        .zip(filled)
        .filter(|(_, amount)| *amount > 0)
        .map(|((record, _), amount)| Part {
            receivable_id: record.id(),
            amount,
            receivable_amount: None,
        })
        .collect())
}

/// The record of an allocation. Across currencies it holds both amounts and the rate between them;
/// what the rates changed since the contract is exchange gain or loss.
fn allocation(
    ctx: &Ctx,
    organisation: &Organisation,
    payment: &Record,
    receivable: &Record,
    part: Part,
) -> Result<Record, FieldProblem> {
    let wrong = |name: &str, code| FieldProblem::new(name, code);
    let (Value::Money(paid), Value::Money(owed)) =
        (payment.get("amount"), receivable.get("amount"))
    else {
        return Err(wrong("receivable_id", "not_found"));
    };
    if part.amount < 1 {
        return Err(wrong("amount", "zero"));
    }
    let amount = Money {
        amount: part.amount,
        currency: paid.currency,
    };
    let day = day_of(payment, "received_on").unwrap_or_else(|| clock::today(ctx));
    let base = ctx.workspace.currency;
    let (receivable_amount, rate) = if paid.currency == owed.currency {
        if part
            .receivable_amount
            .is_some_and(|said| said != part.amount)
        {
            return Err(wrong("receivable_amount", "not_the_amount"));
        }
        (amount, None)
    } else {
        let rate_of = |currency| {
            organisation.rate(currency, day).ok_or_else(|| {
                wrong("receivable_id", "no_rate").with(json!({ "currency": base.code() }))
            })
        };
        let cross = exchange::divide_rounded(
            i128::from(rate_of(paid.currency)?) * i128::from(MILLION),
            i128::from(rate_of(owed.currency)?),
        );
        let cross = cross
            .and_then(|cross| i64::try_from(cross).ok())
            .filter(|cross| *cross > 0);
        let cross = cross.ok_or_else(|| wrong("receivable_id", "no_rate"))?;
        let converted = match part.receivable_amount {
            Some(said) if said < 1 => return Err(wrong("receivable_amount", "zero")),
            Some(said) => Some(Money {
                amount: said,
                currency: owed.currency,
            }),
            None => exchange::convert(amount, cross, owed.currency),
        };
        let converted = converted.filter(|money| money.amount > 0);
        (
            converted.ok_or_else(|| wrong("amount", "amount_too_large"))?,
            Some(cross),
        )
    };
    let worth = |money, record: &Record| {
        let rate = record.get("exchange_rate").as_int().unwrap_or(MILLION);
        exchange::convert(money, rate, base).map_or(0, |money| money.amount)
    };
    let difference = worth(amount, payment) - worth(receivable_amount, receivable);
    let mut record = prepare::stamped(ctx, &allocation::DEF);
    record.push("payment_id", Value::Id(payment.id()));
    record.push("receivable_id", Value::Id(receivable.id()));
    record.push("contract_id", receivable.get("contract_id").clone());
    record.push("customer_id", receivable.get("customer_id").clone());
    record.push("amount", Value::Money(amount));
    record.push("receivable_amount", Value::Money(receivable_amount));
    record.push("exchange_rate", rate.map_or(Value::Null, Value::Int));
    record.push("exchange_difference", Value::Int(difference));
    record.push("allocated_on", Value::Date(clock::today(ctx)));
    record.push("released_at", Value::Null);
    record.push("release_reason", Value::Null);
    Ok(record)
}

/// Takes back everything that a held payment settles.
async fn release_all(
    session: &Session,
    ctx: &Ctx,
    payment: Uuid,
    reason: &str,
) -> Result<(), AppError> {
    let def = &allocation::DEF;
    let all = store::belonging(session, ctx.workspace.id, def, "payment_id", payment).await?;
    let mut by_contract: BTreeMap<Uuid, Vec<Record>> = BTreeMap::new();
    for record in all
        .into_iter()
        .filter(|record| record.get("released_at").is_null())
    {
        by_contract
            .entry(id_of(&record, "contract_id")?)
            .or_default()
            .push(record);
    }
    for (contract, allocations) in by_contract {
        let mut account = Account::hold(session, ctx, contract).await?;
        for held in allocations {
            release(session, ctx, &mut account, &held, reason).await?;
        }
        account.save("reverse").await?;
    }
    Ok(())
}

/// Takes one allocation back.
async fn release(
    session: &Session,
    ctx: &Ctx,
    account: &mut Account<'_>,
    held: &Record,
    reason: &str,
) -> Result<Record, AppError> {
    account.pay(
        id_of(held, "receivable_id")?,
        -amount_of(held, "receivable_amount"),
    )?;
    let mut after = held.clone();
    after.set("released_at", Value::Time(ctx.now));
    after.set("release_reason", Value::Text(reason.to_owned()));
    Ok(store::update(session, ctx, &allocation::DEF, "release", held, after).await?)
}

/// Counts so much more of a held payment as allocated; less when it is below zero.
async fn move_allocated(
    session: &Session,
    ctx: &Ctx,
    verb: &str,
    before: &Record,
    amount: i64,
) -> Result<Record, AppError> {
    let currency = currency_of(before, "amount")?;
    let money = |amount| Value::Money(Money { amount, currency });
    let mut after = before.clone();
    after.set(
        "allocated_amount",
        money(amount_of(before, "allocated_amount") + amount),
    );
    after.set(
        "unallocated_amount",
        money(amount_of(before, "unallocated_amount") - amount),
    );
    Ok(store::update(session, ctx, &payment::DEF, verb, before, after).await?)
}
