//! How a contract is to be paid: planned while it is a draft, moved and given up afterwards.

use chrono::NaiveDate;
use kehu_domain::adjustment::AdjustmentKind;
use kehu_domain::contract::{self, Status};
use kehu_domain::ctx::Ctx;
use kehu_domain::def::FieldProblem;
use kehu_domain::exchange::MILLION;
use kehu_domain::money::{MAX_AMOUNT, Money};
use kehu_domain::receivable::{self, Settlement};
use kehu_domain::record::Record;
use kehu_domain::settlement::{self, Instalment, MAX_INSTALMENTS, PlanError};
use kehu_domain::value::Value;
use kehu_persistence::records::{self as store, Trash};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    Planned, Schedule, check_amount, checked_reason, contract_of, early, may_handle_money,
    status_of,
};
use crate::error::AppError;
use crate::ledger::{Account, amount_of, currency_of, day_of};
use crate::shown::Shown;
use crate::writer::{Author, Writer};
use crate::{App, Outcome, clock, prepare};

/// How a contract is to be paid.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Its receivables, in order.
    pub items: Vec<Shown>,
}

impl App {
    /// Plans how a draft is to be paid, in place of what was planned before.
    ///
    /// # Errors
    /// Dates before the contract, amounts below one unit, or a contract that is in force.
    pub async fn plan_receivables(
        &self,
        ctx: &Ctx,
        id: Uuid,
        schedule: Schedule,
    ) -> Result<Plan, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let contract = writer.hold(&contract::DEF, id, Trash::Outside).await?;
        if status_of(&contract)? != Status::Draft {
            return Err(AppError::conflict("contract_is_in_force"));
        }
        let planned = planned(&contract, &schedule).map_err(AppError::Invalid)?;
        let before = store::belonging(
            &session,
            ctx.workspace.id,
            &receivable::DEF,
            "contract_id",
            id,
        )
        .await?;
        writer.purge(&receivable::DEF, "replan", &before).await?;
        let rate = contract.get("exchange_rate").as_int().unwrap_or(MILLION);
        let currency = currency_of(&contract, "amount")?;
        let money = |amount| Value::Money(Money { amount, currency });
        let mut made = Vec::with_capacity(planned.len());
        for (instalment, position) in planned.into_iter().zip(1_i64..) {
            let mut record = prepare::stamped(ctx, &receivable::DEF);
            record.push("contract_id", Value::Id(id));
            record.push("customer_id", contract.get("customer_id").clone());
            record.push("position", Value::Int(position));
            record.push("due_on", Value::Date(instalment.due_on));
            record.push("amount", money(instalment.amount));
            for name in ["paid_amount", "written_off_amount", "cancelled_amount"] {
                record.push(name, money(0));
            }
            // Nothing is owed before the contract is in force.
            record.push("outstanding_amount", money(0));
            let settlement = Settlement::Planned.code().to_owned();
            record.push("settlement", Value::Text(settlement));
            record.push("overdue_from", Value::Null);
            record.push("note", instalment.note.map_or(Value::Null, Value::Text));
            record.push("exchange_rate", Value::Int(rate));
            record.push("owner_id", contract.get("owner_id").clone());
            made.push(record);
        }
        writer.append(&receivable::DEF, "plan", &made).await?;
        let shown = |one| Shown::of(ctx, &receivable::DEF, one);
        let planned = Plan {
            items: made.into_iter().map(shown).collect(),
        };
        self.finish(session, ctx, Outcome::Done, &planned).await?;
        Ok(planned)
    }

    /// Gives up some of a receivable, or all that is outstanding.
    ///
    /// # Errors
    /// Without the right, or when it is more than is outstanding.
    pub async fn write_off_receivable(
        &self,
        ctx: &Ctx,
        id: Uuid,
        amount: Option<i64>,
        reason: &str,
    ) -> Result<Shown, AppError> {
        may_handle_money(ctx)?;
        let reason = checked_reason(reason)?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let (mut account, _) = Account::of_receivable(writer, id).await?;
        let outstanding = account.outstanding(id)?;
        let amount = amount.unwrap_or(outstanding);
        check_amount(amount)?;
        let today = clock::today(ctx);
        account.adjust(id, AdjustmentKind::WriteOff, amount, &reason, today)?;
        let after = account.receivable(id)?;
        account.save("write-off").await?;
        self.answer(session, ctx, Outcome::Done, &receivable::DEF, after)
            .await
    }

    /// Moves the day on which a receivable is due.
    ///
    /// # Errors
    /// When the day is before the contract, or nothing is outstanding any more.
    pub async fn reschedule_receivable(
        &self,
        ctx: &Ctx,
        id: Uuid,
        due_on: NaiveDate,
        note: Option<&str>,
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let contract = contract_of(&writer, id).await?;
        // Who may change the contract may change when it is paid.
        let contract = writer
            .hold(&contract::DEF, contract, Trash::Outside)
            .await?;
        if let Some(signed) = day_of(&contract, "signed_on").filter(|signed| due_on < *signed) {
            return Err(AppError::Invalid(vec![early("due_on", signed)]));
        }
        let (mut account, _) = Account::of_receivable(writer, id).await?;
        account.reschedule(id, due_on, note)?;
        let after = account.receivable(id)?;
        account.save("reschedule").await?;
        self.answer(session, ctx, Outcome::Done, &receivable::DEF, after)
            .await
    }
}

/// Where a body says what is wrong.
impl Schedule {
    const fn place(&self) -> &'static str {
        match self {
            Self::Given(_) => "receivables",
            Self::Shares { .. } => "shares",
            Self::Monthly { .. } => "monthly",
        }
    }

    fn amount_place(&self, index: usize) -> String {
        match self {
            Self::Given(_) => format!("receivables/{index}/amount"),
            Self::Shares { .. } => format!("shares/{index}"),
            Self::Monthly { .. } => "monthly".to_owned(),
        }
    }

    fn day_place(&self, index: usize) -> String {
        match self {
            Self::Given(_) => format!("receivables/{index}/due_on"),
            Self::Shares { .. } | Self::Monthly { .. } => "first_due_on".to_owned(),
        }
    }
}

/// The instalments of a schedule, each checked.
fn planned(contract: &Record, schedule: &Schedule) -> Result<Vec<Planned>, Vec<FieldProblem>> {
    let total = amount_of(contract, "amount");
    let made = match schedule {
        Schedule::Given(given) => {
            if given.len() > MAX_INSTALMENTS {
                let problem = FieldProblem::new("receivables", "too_many");
                return Err(vec![problem.with(json!({ "max": MAX_INSTALMENTS }))]);
            }
            Ok(given.clone())
        }
        Schedule::Shares {
            shares,
            first,
            step,
        } => settlement::by_shares(total, shares, *first, *step).map(bare),
        Schedule::Monthly { count, first } => settlement::monthly(total, *count, *first).map(bare),
    };
    let made = made.map_err(|error| {
        vec![match error {
            PlanError::Count => FieldProblem::new(schedule.place(), "out_of_range")
                .with(json!({"min": 1, "max": MAX_INSTALMENTS})),
            PlanError::Shares => FieldProblem::new("shares", "not_the_whole"),
            PlanError::Calendar => FieldProblem::new("first_due_on", "date_invalid"),
        }]
    })?;
    let signed = day_of(contract, "signed_on");
    let mut problems = Vec::new();
    for (index, instalment) in made.iter().enumerate() {
        if !(1..=MAX_AMOUNT).contains(&instalment.amount) {
            let problem = FieldProblem::new(&schedule.amount_place(index), "out_of_range");
            problems.push(problem.with(json!({"min": 1, "max": MAX_AMOUNT})));
        }
        if let Some(signed) = signed.filter(|signed| instalment.due_on < *signed) {
            problems.push(early(&schedule.day_place(index), signed));
        }
        if instalment
            .note
            .as_ref()
            .is_some_and(|note| note.chars().count() > 250)
        {
            let problem = FieldProblem::new(&format!("receivables/{index}/note"), "too_long");
            problems.push(problem.with(json!({ "max": 250 })));
        }
    }
    // One place may be wrong for many instalments.
    problems.dedup_by(|a, b| a.pointer == b.pointer);
    if problems.is_empty() {
        Ok(made)
    } else {
        Err(problems)
    }
}

fn bare(instalments: Vec<Instalment>) -> Vec<Planned> {
    let bare = |Instalment { due_on, amount }| Planned {
        due_on,
        amount,
        note: None,
    };
    instalments.into_iter().map(bare).collect()
}
