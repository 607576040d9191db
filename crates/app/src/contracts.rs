//! Contracts: from a won opportunity, through their receivables, into force and to their end. Each
//! use case holds the contract's lock while it decides, and everything that settles a receivable
//! holds it too, so the sums of a contract are right at every moment.

mod receivables;

pub use self::receivables::Plan;

use chrono::NaiveDate;
use kehu_domain::adjustment::{self, AdjustmentKind};
use kehu_domain::contract::{self, Move, Status};
use kehu_domain::ctx::Ctx;
use kehu_domain::customer::Lifecycle;
use kehu_domain::def::FieldProblem;
use kehu_domain::money::{MAX_AMOUNT, Money};
use kehu_domain::record::Record;
use kehu_domain::rights::Special;
use kehu_domain::scope::{self, Action, Reason, Scope};
use kehu_domain::value::Value;
use kehu_domain::{customer, document, opportunity, receivable};
use kehu_persistence::records::{self as store, Trash};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::error::AppError;
use crate::ledger::{Account, amount_of, currency_of, day_of};
use crate::ownership::check_new_owner;
use crate::shown::Shown;
use crate::writer::{Author, Duplicates, Writer};
use crate::{App, Outcome, clock, prepare};

/// How a contract's amount is to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// By hand.
    Given(Vec<Planned>),
    /// In shares of basis points, so many months apart.
    Shares {
        /// The shares.
        shares: Vec<i64>,
        /// When the first is due.
        first: NaiveDate,
        /// Months from one to the next.
        step: u32,
    },
    /// In equal parts, a month apart.
    Monthly {
        /// How many.
        count: usize,
        /// When the first is due.
        first: NaiveDate,
    },
}

/// One instalment as somebody writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// When it is due.
    pub due_on: NaiveDate,
    /// How much, in minor units of the contract's currency.
    pub amount: i64,
    /// What it is for.
    pub note: Option<String>,
}

impl App {
    /// Makes a contract of a won opportunity: name, customer, contact and lines come along, the
    /// fields of the body in their place. One more than the first is made on purpose only.
    ///
    /// # Errors
    /// When the opportunity is not won, has a contract, or fields are wrong.
    pub async fn create_contract_of_opportunity(
        &self,
        ctx: &Ctx,
        id: Uuid,
        fields: &Map<String, Json>,
        duplicates: Duplicates,
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let won = writer.hold(&opportunity::DEF, id, Trash::Outside).await?;
        if won.get("status").as_text() != Some(opportunity::Status::Won.code()) {
            return Err(AppError::conflict("opportunity_not_won"));
        }
        let mut body = Map::new();
        let taken = [
            "name",
            "customer_id",
            "contact_id",
            "amount",
            "lines",
            "includes_tax",
            "discount",
            "owner_id",
            "collaborator_ids",
        ];
        for name in taken {
            let value = won.get(name);
            if !value.is_null() {
                let kept = !ctx.actor.may_ask(&opportunity::DEF, name);
                if kept && ctx.actor.may_ask(&contract::DEF, name) {
                    return Err(AppError::Forbidden("fields_kept"));
                }
                // The contract's lines are its own, for they change and are delivered by themselves.
                let told = match value {
                    Value::Json(lines) => document::rebased(lines, None),
                    value => value.to_json(),
                };
                body.insert(name.to_owned(), told);
            }
        }
        if fields.contains_key("lines") {
            // Other lines have another sum.
            body.remove("amount");
        }
        for (name, value) in fields {
            body.insert(name.clone(), value.clone());
        }
        body.insert("opportunity_id".to_owned(), json!(id));
        let made = writer
            .create_of_body(&contract::DEF, &body, duplicates)
            .await?;
        self.answer(session, ctx, Outcome::Done, &contract::DEF, made)
            .await
    }

    /// Brings a contract into force: from now on its receivables are owed.
    ///
    /// # Errors
    /// When they do not sum to its amount, the customer is blacklisted, or it is no draft.
    pub async fn submit_contract(
        &self,
        ctx: &Ctx,
        id: Uuid,
        effective_on: Option<NaiveDate>,
    ) -> Result<Shown, AppError> {
        let today = clock::today(ctx);
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = writer
            .hold_for(Action::Submit, &contract::DEF, id, Trash::Outside)
            .await?;
        let mut after = moved(&before, Move::Submit)?;
        let signed = day_of(&before, "signed_on");
        let effective = effective_on.or(signed).unwrap_or(today);
        if effective > today {
            return Err(AppError::invalid("effective_on", "in_the_future"));
        }
        if let Some(signed) = signed.filter(|signed| effective < *signed) {
            return Err(before_the_contract("effective_on", signed));
        }
        let due = store::belonging(
            &session,
            ctx.workspace.id,
            &receivable::DEF,
            "contract_id",
            id,
        )
        .await?;
        let amount = amount_of(&before, "amount");
        let currency = currency_of(&before, "amount")?;
        let planned: i64 = due.iter().map(|record| amount_of(record, "amount")).sum();
        let same = due.iter().all(
            |record| matches!(record.get("amount"), Value::Money(m) if m.currency == currency),
        );
        if due.is_empty() && amount > 0 {
            return Err(AppError::conflict("no_receivables"));
        }
        if planned != amount || !same {
            let details =
                json!({"amount": amount, "planned": planned, "currency": currency.code()});
            return Err(AppError::Conflict {
                code: "receivables_do_not_sum",
                details,
            });
        }
        // It may have been signed anew since they were planned.
        let mut days = due.iter().filter_map(|record| day_of(record, "due_on"));
        if let Some(signed) = signed.filter(|signed| days.any(|due| due < *signed)) {
            return Err(before_the_contract("receivables", signed));
        }
        let one = std::slice::from_ref(&before);
        writer.hold_named(&contract::DEF, one).await?;
        take_on_customer(&writer, &before, effective).await?;
        if signed.is_none() {
            after.set("signed_on", Value::Date(effective));
        }
        after.set("effective_on", Value::Date(effective));
        let mut account = Account::open(writer, before, after, due);
        account.come_into_force()?;
        let after = account.save(Move::Submit.code()).await?;
        self.answer(session, ctx, Outcome::Done, &contract::DEF, after)
            .await
    }

    /// Hands a contract to another owner; its receivables go with it.
    ///
    /// # Errors
    /// When the new owner is out of the caller's reach or does not work here.
    pub async fn transfer_contract(
        &self,
        ctx: &Ctx,
        id: Uuid,
        owner: Uuid,
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        check_new_owner(
            ctx,
            &organisation,
            (&contract::DEF, Action::Transfer),
            owner,
        )?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = writer
            .hold_for(Action::Transfer, &contract::DEF, id, Trash::Outside)
            .await?;
        let mut after = before.clone();
        after.set("owner_id", Value::Id(owner));
        let workspace = ctx.workspace.id;
        let due =
            store::belonging(&session, workspace, &receivable::DEF, "contract_id", id).await?;
        for before in due {
            let mut after = before.clone();
            after.set("owner_id", Value::Id(owner));
            writer
                .save(&receivable::DEF, "transfer", &before, after)
                .await?;
        }
        let after = writer
            .save(&contract::DEF, "transfer", &before, after)
            .await?;
        self.answer(session, ctx, Outcome::Done, &contract::DEF, after)
            .await
    }

    /// Ends a contract before its time: what is outstanding falls away.
    ///
    /// # Errors
    /// When it is not in force, or the day is before it was.
    pub async fn terminate_contract(
        &self,
        ctx: &Ctx,
        id: Uuid,
        reason: &str,
        terminated_on: Option<NaiveDate>,
    ) -> Result<Shown, AppError> {
        let reason = checked_reason(reason)?;
        let day = terminated_on.unwrap_or_else(|| clock::today(ctx));
        if day > clock::today(ctx) {
            return Err(AppError::invalid("terminated_on", "in_the_future"));
        }
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = writer
            .hold_for(Action::Terminate, &contract::DEF, id, Trash::Outside)
            .await?;
        let mut after = moved(&before, Move::Terminate)?;
        if let Some(from) = day_of(&before, "effective_on").filter(|from| day < *from) {
            return Err(before_the_contract("terminated_on", from));
        }
        after.set("termination_reason", Value::Text(reason.clone()));
        after.set("closed_at", Value::Time(ctx.now));
        let due = store::belonging(
            &session,
            ctx.workspace.id,
            &receivable::DEF,
            "contract_id",
            id,
        )
        .await?;
        let open: Vec<(Uuid, i64)> = due
            .iter()
            .map(|record| (record.id(), amount_of(record, "outstanding_amount")))
            .filter(|(_, outstanding)| *outstanding > 0)
            .collect();
        let mut account = Account::open(writer, before, after, due);
        for (receivable, outstanding) in open {
            account.adjust(
                receivable,
                AdjustmentKind::Cancellation,
                outstanding,
                &reason,
                day,
            )?;
        }
        let after = account.save(Move::Terminate.code()).await?;
        self.answer(session, ctx, Outcome::Done, &contract::DEF, after)
            .await
    }
}

/// A customer whose contract comes into force is active; one that was lost is won back.
async fn take_on_customer(
    writer: &Writer<'_>,
    contract: &Record,
    effective: NaiveDate,
) -> Result<(), AppError> {
    let (session, ctx) = (writer.session, writer.ctx());
    let Some(id) = contract.get("customer_id").as_id() else {
        return Err(AppError::invalid("customer_id", "required"));
    };
    let everything = Scope::system(ctx.workspace.id, Reason::Consequence);
    let found = store::lock(session, &customer::DEF, &everything, Trash::Outside, id).await?;
    let before = found.ok_or_else(|| AppError::invalid("customer_id", "not_found"))?;
    if *before.get("blacklisted") == Value::Bool(true) {
        return Err(AppError::conflict("customer_blacklisted"));
    }
    let mut after = before.clone();
    if day_of(&before, "first_contract_on").is_none_or(|first| effective < first) {
        after.set("first_contract_on", Value::Date(effective));
    }
    let lifecycle = before
        .get("lifecycle")
        .as_text()
        .and_then(Lifecycle::from_code);
    match lifecycle {
        Some(Lifecycle::Lost) => {
            after.set(
                "lifecycle",
                Value::Text(Lifecycle::Active.code().to_owned()),
            );
            after.set("won_back_at", Value::Time(ctx.now));
        }
        Some(Lifecycle::Prospect) => {
            after.set(
                "lifecycle",
                Value::Text(Lifecycle::Active.code().to_owned()),
            );
        }
        Some(Lifecycle::Active | Lifecycle::AtRisk) | None => {}
    }
    writer
        .save(&customer::DEF, "contract", &before, after)
        .await?;
    Ok(())
}

/// The contract of a receivable that the caller sees.
pub(crate) async fn contract_of(writer: &Writer<'_>, receivable: Uuid) -> Result<Uuid, AppError> {
    let (session, ctx) = (writer.session, writer.ctx());
    let read = scope::of(ctx, &receivable::DEF, Action::View);
    let def = &receivable::DEF;
    let found = store::get(session, def, &read, Trash::Outside, receivable).await?;
    let found = found.ok_or(AppError::NotFound)?;
    found
        .get("contract_id")
        .as_id()
        .ok_or_else(|| AppError::Internal("a receivable without a contract".to_owned()))
}

/// Money is handled by those whose role says so.
pub(crate) fn may_handle_money(ctx: &Ctx) -> Result<(), AppError> {
    if ctx.actor.may(Special::ConfirmMoney) {
        Ok(())
    } else {
        Err(AppError::Forbidden("money_only"))
    }
}

/// A reason in words.
pub(crate) fn checked_reason(reason: &str) -> Result<String, AppError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(AppError::invalid("reason", "required"));
    }
    if reason.chars().count() > 500 {
        let problem = FieldProblem::new("reason", "too_long").with(json!({ "max": 500 }));
        return Err(AppError::Invalid(vec![problem]));
    }
    if reason.chars().any(|c| c.is_control() && c != '\n') {
        return Err(AppError::invalid("reason", "control_character"));
    }
    Ok(reason.to_owned())
}

/// An amount that is to move is above zero.
pub(crate) fn check_amount(amount: i64) -> Result<(), AppError> {
    if (1..=MAX_AMOUNT).contains(&amount) {
        return Ok(());
    }
    let problem = FieldProblem::new("amount", "out_of_range");
    Err(AppError::Invalid(vec![
        problem.with(json!({"min": 1, "max": MAX_AMOUNT})),
    ]))
}

/// A day that lies before a contract, with the contract's own.
pub(crate) fn early(field: &str, contract: NaiveDate) -> FieldProblem {
    FieldProblem::new(field, "before_the_contract").with(json!({ "day": contract.to_string() }))
}

fn before_the_contract(field: &str, contract: NaiveDate) -> AppError {
    AppError::Invalid(vec![early(field, contract)])
}

/// Where a contract stands.
pub(crate) fn status_of(contract: &Record) -> Result<Status, AppError> {
    contract
        .get("status")
        .as_text()
        .and_then(Status::from_code)
        .ok_or_else(|| AppError::Internal("a contract without a status".to_owned()))
}

/// The contract after a move, as far as its status goes.
fn moved(before: &Record, by: Move) -> Result<Record, AppError> {
    let status = status_of(before)?;
    let next = status.after(by).ok_or_else(|| {
        let open: Vec<&str> = status.open_moves().into_iter().map(Move::code).collect();
        AppError::Conflict {
            code: "invalid-transition",
            details: json!({ "status": status.code(), "open": open }),
        }
    })?;
    let mut after = before.clone();
    after.set("status", Value::Text(next.code().to_owned()));
    Ok(after)
}

/// The record of an adjustment.
pub(crate) fn adjustment(
    ctx: &Ctx,
    receivable: &Record,
    kind: AdjustmentKind,
    amount: Money,
    reason: &str,
    day: NaiveDate,
) -> Record {
    let mut record = prepare::stamped(ctx, &adjustment::DEF);
    record.push("receivable_id", Value::Id(receivable.id()));
    record.push("contract_id", receivable.get("contract_id").clone());
    record.push("customer_id", receivable.get("customer_id").clone());
    record.push("adjustment_kind", Value::Text(kind.code().to_owned()));
    record.push("amount", Value::Money(amount));
    record.push("reason", Value::Text(reason.to_owned()));
    record.push("adjusted_on", Value::Date(day));
    record
}
