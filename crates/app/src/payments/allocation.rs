//! How a held payment settles receivables, and how that is taken back.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use iso_currency::Currency;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::FieldProblem;
use kehu_domain::exchange::{self, MILLION};
use kehu_domain::money::Money;
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_domain::settlement;
use kehu_domain::value::Value;
use kehu_domain::{allocation, contract, payment, receivable};
use kehu_persistence::records::{self as store, Trash};
use serde_json::json;
use uuid::Uuid;

use super::{Allocate, Allocated, Part, check_confirmed, id_of, more_than_left};
use crate::contracts::status_of;
use crate::documents::rate_missing;
use crate::error::AppError;
use crate::ledger::{Account, amount_of, currency_of, day_of};
use crate::worth::Worth;
use crate::writer::Writer;
use crate::{clock, prepare};

/// The most parts that a payment is allocated in at once.
const MAX_PARTS: usize = 500;

/// Settles receivables with what a held payment has left.
pub(super) async fn allocate_in(
    writer: Writer<'_>,
    payment: Record,
    allocate: Allocate,
) -> Result<Allocated, AppError> {
    check_confirmed(&payment)?;
    let customer = payment
        .get("customer_id")
        .as_id()
        .ok_or_else(|| AppError::conflict("payment_without_customer"))?;
    let left = amount_of(&payment, "unallocated_amount");
    let mut accounts = accounts(writer, &payment, customer, &allocate).await?;
    let parts = match allocate {
        Allocate::Parts(parts) => parts,
        Allocate::Oldest(_) => oldest(&payment, &accounts, left)?,
    };
    let total = parts
        .iter()
        .try_fold(0_i64, |sum, part| sum.checked_add(part.amount));
    match total {
        Some(total) if total <= left => {}
        total => {
            let currency = currency_of(&payment, "amount")?;
            return Err(more_than_left(total.unwrap_or(i64::MAX), left, currency));
        }
    }
    let rates = rates_of(writer, &payment, &accounts).await?;
    let ctx = writer.ctx();
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
        let record =
            allocation(ctx, &rates, &payment, &receivable, *part).map_err(|mut problem| {
                let name = problem.pointer.trim_start_matches('/').to_owned();
                problem.pointer = format!("/{}", at(&name));
                AppError::Invalid(vec![problem])
            })?;
        account.pay(part.receivable_id, amount_of(&record, "receivable_amount"))?;
        made.push(record);
    }
    writer.append(&allocation::DEF, "allocate", &made).await?;
    for account in accounts.into_values() {
        account.save("allocate").await?;
    }
    let moved: i64 = made.iter().map(|record| amount_of(record, "amount")).sum();
    let payment = move_allocated(&writer, "allocate", &payment, moved).await?;
    Ok(Allocated::of(ctx, payment, made))
}

/// Holds the contracts whose receivables are to be settled, in the order of their ids.
async fn accounts<'a>(
    writer: Writer<'a>,
    payment: &Record,
    customer: Uuid,
    allocate: &Allocate,
) -> Result<BTreeMap<Uuid, Account<'a>>, AppError> {
    let (session, ctx) = (writer.session, writer.ctx());
    let def = &receivable::DEF;
    let mut contracts: Vec<Uuid> = match allocate {
        Allocate::Parts(parts) => {
            if parts.is_empty() || parts.len() > MAX_PARTS {
                let problem = FieldProblem::new("allocations", "out_of_range");
                let problem = problem.with(json!({"min": 1, "max": MAX_PARTS}));
                return Err(AppError::Invalid(vec![problem]));
            }
            let ids: Vec<Uuid> = parts.iter().map(|part| part.receivable_id).collect();
            let read = scope::of(ctx, def, Action::View);
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
        let account = Account::hold(writer, id).await?;
        if status_of(account.contract())? == contract::Status::Draft {
            return Err(AppError::conflict("contract_not_in_force"));
        }
        // Parts are told one by one whose they are not.
        if matches!(allocate, Allocate::Oldest(_))
            && account.contract().get("customer_id").as_id() != Some(customer)
        {
            return Err(AppError::conflict("another_customer"));
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
    rates: &Worth,
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
    let (receivable_amount, rate) = if paid.currency == owed.currency {
        if part
            .receivable_amount
            .is_some_and(|said| said != part.amount)
        {
            return Err(wrong("receivable_amount", "not_the_amount"));
        }
        (amount, None)
    } else {
        let day = day_of(payment, "received_on").unwrap_or_else(|| clock::today(ctx));
        across(ctx, rates, part, amount, owed.currency, day)?
    };
    let difference =
        worth(ctx, amount, payment)?.checked_sub(worth(ctx, receivable_amount, receivable)?);
    let difference = difference.ok_or_else(|| wrong("amount", "amount_too_large"))?;
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

/// The rates of the payment's day between all currencies that come into play.
async fn rates_of(
    writer: Writer<'_>,
    payment: &Record,
    accounts: &BTreeMap<Uuid, Account<'_>>,
) -> Result<Worth, AppError> {
    let ctx = writer.ctx();
    let day = day_of(payment, "received_on").unwrap_or_else(|| clock::today(ctx));
    let mut wanted = vec![(currency_of(payment, "amount")?, day)];
    for receivable in accounts.values().flat_map(Account::receivables) {
        let owed = (currency_of(receivable, "amount")?, day);
        if !wanted.contains(&owed) {
            wanted.push(owed);
        }
    }
    Worth::ask(writer.session, ctx, &wanted).await
}

/// What a part of a payment settles in another currency, and the rate of the payment's day between
/// the two: as somebody says it, or at that rate.
fn across(
    ctx: &Ctx,
    rates: &Worth,
    part: Part,
    amount: Money,
    into: Currency,
    day: NaiveDate,
) -> Result<(Money, Option<i64>), FieldProblem> {
    let wrong = FieldProblem::new;
    let rate_of = |currency| {
        let known = rates.of(currency, day);
        known.ok_or_else(|| rate_missing(ctx, "receivable_id", currency, day))
    };
    let (from, to) = (rate_of(amount.currency)?, rate_of(into)?);
    let cross = exchange::divide_rounded(i128::from(from) * i128::from(MILLION), i128::from(to))
        .and_then(|cross| i64::try_from(cross).ok())
        .filter(|cross| *cross > 0)
        .ok_or_else(|| wrong("receivable_id", "rate_out_of_range"))?;
    let converted = match part.receivable_amount {
        Some(said) if said < 1 => return Err(wrong("receivable_amount", "zero")),
        Some(said) => Some(Money {
            amount: said,
            currency: into,
        }),
        None => exchange::convert(amount, cross, into),
    };
    match converted {
        Some(money) if money.amount > 0 => Ok((money, Some(cross))),
        // Less than the other currency's smallest unit settles nothing.
        Some(_) => Err(wrong("amount", "zero")),
        None => Err(wrong("amount", "amount_too_large")),
    }
}

/// What money of a document is worth in the workspace's currency, in minor units, at the rate that
/// the document keeps.
fn worth(ctx: &Ctx, money: Money, document: &Record) -> Result<i64, FieldProblem> {
    let base = ctx.workspace.currency;
    let rate = if money.currency == base {
        MILLION
    } else {
        let kept = document.get("exchange_rate").as_int();
        kept.ok_or_else(|| {
            let day = day_of(document, "received_on").unwrap_or_else(|| clock::today(ctx));
            rate_missing(ctx, "receivable_id", money.currency, day)
        })?
    };
    let converted = exchange::convert(money, rate, base);
    let converted = converted.ok_or_else(|| FieldProblem::new("amount", "amount_too_large"))?;
    Ok(converted.amount)
}

/// Takes back everything that a held payment settles.
pub(super) async fn release_all(
    writer: Writer<'_>,
    payment: Uuid,
    reason: &str,
) -> Result<(), AppError> {
    let def = &allocation::DEF;
    let all = store::belonging(
        writer.session,
        writer.workspace(),
        def,
        "payment_id",
        payment,
    )
    .await?;
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
        let mut account = Account::hold(writer, contract).await?;
        for held in allocations {
            release(&writer, &mut account, &held, reason).await?;
        }
        account.save("reverse").await?;
    }
    Ok(())
}

/// Takes one allocation back.
pub(super) async fn release(
    writer: &Writer<'_>,
    account: &mut Account<'_>,
    held: &Record,
    reason: &str,
) -> Result<Record, AppError> {
    account.pay(
        id_of(held, "receivable_id")?,
        -amount_of(held, "receivable_amount"),
    )?;
    let mut after = held.clone();
    after.set("released_at", Value::Time(writer.ctx().now));
    after.set("release_reason", Value::Text(reason.to_owned()));
    writer.save(&allocation::DEF, "release", held, after).await
}

/// Counts so much more of a held payment as allocated; less when it is below zero.
pub(super) async fn move_allocated(
    writer: &Writer<'_>,
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
    writer.save(&payment::DEF, verb, before, after).await
}
