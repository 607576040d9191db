//! The account of a contract: its receivables, what settles them, and the sums that the contract
//! keeps of them. Whoever opens an account holds the contract's lock, so nothing is settled twice.

pub mod check;
pub mod views;

use chrono::NaiveDate;
use iso_currency::Currency;
use kehu_domain::adjustment::{self, AdjustmentKind};
use kehu_domain::contract::{self, Move};
use kehu_domain::ctx::Ctx;
use kehu_domain::exchange::{self, MILLION};
use kehu_domain::money::{self, Money};
use kehu_domain::receivable;
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_domain::settlement::Amounts;
use kehu_domain::value::Value;
use kehu_persistence::records::{self as store, Trash};
use serde_json::json;
use uuid::Uuid;

use crate::contracts::{adjustment, contract_of, status_of};
use crate::error::AppError;
use crate::writer::Writer;

/// A contract with its receivables, held until the transaction ends.
pub(crate) struct Account<'a> {
    writer: Writer<'a>,
    before: Record,
    after: Record,
    /// Each as it was and as it will be.
    receivables: Vec<(Record, Record)>,
    adjustments: Vec<Record>,
}

impl<'a> Account<'a> {
    /// The account of a contract that is held already.
    pub(crate) fn open(
        writer: Writer<'a>,
        before: Record,
        after: Record,
        receivables: Vec<Record>,
    ) -> Self {
        Self {
            writer,
            before,
            after,
            receivables: receivables.into_iter().map(|r| (r.clone(), r)).collect(),
            adjustments: Vec::new(),
        }
    }

    /// Holds a contract that the caller sees and opens its account.
    pub(crate) async fn hold(writer: Writer<'a>, contract: Uuid) -> Result<Self, AppError> {
        let (session, ctx) = (writer.session, writer.ctx());
        let read = scope::of(ctx, &contract::DEF, Action::View);
        let held = store::lock(session, &contract::DEF, &read, Trash::Outside, contract).await?;
        let held = held.ok_or(AppError::NotFound)?;
        let workspace = ctx.workspace.id;
        let def = &receivable::DEF;
        let due = store::belonging(session, workspace, def, "contract_id", contract).await?;
        Ok(Self::open(writer, held.clone(), held, due))
    }

    /// Holds the contract of a receivable that the caller sees; the answer names the contract.
    pub(crate) async fn of_receivable(
        writer: Writer<'a>,
        receivable: Uuid,
    ) -> Result<(Self, Uuid), AppError> {
        let contract = contract_of(&writer, receivable).await?;
        Ok((Self::hold(writer, contract).await?, contract))
    }

    /// The contract as it will be.
    pub(crate) const fn contract(&self) -> &Record {
        &self.after
    }

    /// The receivables as they will be, in the order that they are due in.
    pub(crate) fn receivables(&self) -> impl Iterator<Item = &Record> {
        self.receivables.iter().map(|(_, after)| after)
    }

    /// A receivable as it will be.
    pub(crate) fn receivable(&self, id: Uuid) -> Result<Record, AppError> {
        self.receivables()
            .find(|record| record.id() == id)
            .cloned()
            .ok_or(AppError::NotFound)
    }

    /// What is outstanding of a receivable of a contract in force.
    pub(crate) fn outstanding(&self, id: Uuid) -> Result<i64, AppError> {
        if status_of(&self.after)? == contract::Status::Draft {
            return Err(AppError::conflict("contract_not_in_force"));
        }
        Ok(amount_of(&self.receivable(id)?, "outstanding_amount"))
    }

    /// Everything is owed from now on.
    pub(crate) fn come_into_force(&mut self) -> Result<(), AppError> {
        let shared = ["customer_id", "owner_id", "exchange_rate"]
            .map(|name| (name, self.after.get(name).clone()));
        for (_, after) in &mut self.receivables {
            for (name, value) in &shared {
                after.set(name, value.clone());
            }
            settle(after)?;
        }
        Ok(())
    }

    /// Pays `amount` of a receivable; a negative one is taken back.
    pub(crate) fn pay(&mut self, id: Uuid, amount: i64) -> Result<(), AppError> {
        self.check_outstanding(id, amount)?;
        self.change(id, |record| add(record, "paid_amount", amount))
    }

    fn check_outstanding(&self, id: Uuid, amount: i64) -> Result<(), AppError> {
        let open = self.outstanding(id)?;
        if amount <= open {
            return Ok(());
        }
        let currency = currency_of(&self.receivable(id)?, "amount")?;
        Err(AppError::Conflict {
            code: "more_than_outstanding",
            details: json!({"receivable_id": id, "amount": amount, "outstanding": open,
                "currency": currency.code()}),
        })
    }

    /// Gives up or cancels `amount` of a receivable.
    pub(crate) fn adjust(
        &mut self,
        id: Uuid,
        kind: AdjustmentKind,
        amount: i64,
        reason: &str,
        day: NaiveDate,
    ) -> Result<(), AppError> {
        self.check_outstanding(id, amount)?;
        let field = match kind {
            AdjustmentKind::WriteOff => "written_off_amount",
            AdjustmentKind::Cancellation => "cancelled_amount",
        };
        let record = self.receivable(id)?;
        let money = Money {
            amount,
            currency: currency_of(&record, "amount")?,
        };
        self.adjustments.push(adjustment(
            self.writer.ctx(),
            &record,
            kind,
            money,
            reason,
            day,
        ));
        self.change(id, |record| add(record, field, amount))
    }

    /// Moves the day on which a receivable is due.
    pub(crate) fn reschedule(
        &mut self,
        id: Uuid,
        due_on: NaiveDate,
        note: Option<&str>,
    ) -> Result<(), AppError> {
        let draft = status_of(&self.after)? == contract::Status::Draft;
        let record = self.receivable(id)?;
        if !draft && amount_of(&record, "outstanding_amount") == 0 {
            return Err(AppError::conflict("receivable_settled"));
        }
        let found = self
            .receivables
            .iter_mut()
            .find(|(_, after)| after.id() == id);
        let Some((_, after)) = found else {
            return Err(AppError::NotFound);
        };
        after.set("due_on", Value::Date(due_on));
        if let Some(note) = note {
            let note = note.trim();
            let note = (!note.is_empty()).then(|| note.chars().take(250).collect());
            after.set("note", note.map_or(Value::Null, Value::Text));
        }
        if draft { Ok(()) } else { settle(after) }
    }

    fn change(&mut self, id: Uuid, change: impl FnOnce(&mut Record)) -> Result<(), AppError> {
        let found = self
            .receivables
            .iter_mut()
            .find(|(_, after)| after.id() == id);
        let Some((_, after)) = found else {
            return Err(AppError::NotFound);
        };
        change(after);
        settle(after)
    }

    /// Writes what changed. The contract's own sums follow, and it is completed when nothing is
    /// outstanding, or in force again when something is.
    pub(crate) async fn save(mut self, verb: &str) -> Result<Record, AppError> {
        let writer = self.writer;
        let ctx = writer.ctx();
        if status_of(&self.after)? != contract::Status::Draft {
            let sum = |name| -> i64 { self.receivables().map(|r| amount_of(r, name)).sum() };
            let (paid, outstanding) = (sum("paid_amount"), sum("outstanding_amount"));
            let currency = currency_of(&self.after, "amount")?;
            let money = |amount| Value::Money(Money { amount, currency });
            self.after.set("paid_amount", money(paid));
            self.after.set("outstanding_amount", money(outstanding));
            let by = if outstanding == 0 {
                Move::Complete
            } else {
                Move::Resume
            };
            let due = !self.receivables.is_empty();
            if let Some(next) = status_of(&self.after)?.after(by).filter(|_| due) {
                self.after
                    .set("status", Value::Text(next.code().to_owned()));
                let closed = match by {
                    Move::Complete => Value::Time(ctx.now),
                    Move::Resume | Move::Submit | Move::Terminate => Value::Null,
                };
                self.after.set("closed_at", closed);
            }
        }
        for (before, after) in self.receivables {
            writer.save(&receivable::DEF, verb, &before, after).await?;
        }
        if !self.adjustments.is_empty() {
            let made = &self.adjustments;
            writer.append(&adjustment::DEF, verb, made).await?;
        }
        writer
            .save(&contract::DEF, verb, &self.before, self.after)
            .await
    }
}

/// What follows from a receivable's amounts.
fn settle(record: &mut Record) -> Result<(), AppError> {
    let amounts = amounts(record);
    let currency = currency_of(record, "amount")?;
    let due = day_of(record, "due_on");
    let outstanding = Money {
        amount: amounts.outstanding(),
        currency,
    };
    record.set("outstanding_amount", Value::Money(outstanding));
    record.set(
        "settlement",
        Value::Text(amounts.settlement().code().to_owned()),
    );
    let overdue = due.and_then(|due| amounts.overdue_from(due));
    record.set("overdue_from", overdue.map_or(Value::Null, Value::Date));
    Ok(())
}

/// The amounts of a receivable.
pub(crate) fn amounts(record: &Record) -> Amounts {
    Amounts {
        amount: amount_of(record, "amount"),
        paid: amount_of(record, "paid_amount"),
        written_off: amount_of(record, "written_off_amount"),
        cancelled: amount_of(record, "cancelled_amount"),
    }
}

fn add(record: &mut Record, name: &'static str, amount: i64) {
    if let Value::Money(money) = *record.get(name) {
        let sum = Money {
            amount: money.amount + amount,
            ..money
        };
        record.set(name, Value::Money(sum));
    }
}

/// A sum in the workspace's currency, in minor units, at the rate that its documents keep. What can't
/// be counted is told: nothing falls out of a report in silence.
pub(crate) fn in_base(
    ctx: &Ctx,
    code: &str,
    amount: i64,
    rate: Option<i64>,
) -> Result<i64, AppError> {
    let base = ctx.workspace.currency;
    let converted = money::currency(code).and_then(|currency| {
        let rate = if currency == base { MILLION } else { rate? };
        exchange::convert(Money { amount, currency }, rate, base)
    });
    converted
        .map(|money| money.amount)
        .ok_or_else(|| AppError::Internal(format!("{code} beyond what can be counted")))
}

/// The minor units of a money field; 0 when it is empty.
pub(crate) fn amount_of(record: &Record, name: &str) -> i64 {
    match record.get(name) {
        Value::Money(money) => money.amount,
        _ => 0,
    }
}

/// The currency of a money field that must be there.
pub(crate) fn currency_of(record: &Record, name: &str) -> Result<Currency, AppError> {
    match record.get(name) {
        Value::Money(money) => Ok(money.currency),
        _ => Err(AppError::Internal(format!("no money in {name}"))),
    }
}

/// The day of a date field.
pub(crate) fn day_of(record: &Record, name: &str) -> Option<NaiveDate> {
    match record.get(name) {
        Value::Date(day) => Some(*day),
        _ => None,
    }
}
