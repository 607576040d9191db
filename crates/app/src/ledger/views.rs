//! What a customer owes, what is overdue for how long, and how fast money comes in.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::FieldProblem;
use kehu_domain::exchange::divide_rounded;
use kehu_domain::money as domain_money;
use kehu_domain::scope::{self, Action};
use kehu_domain::settlement::Age;
use kehu_domain::sight::Sight;
use kehu_domain::{adjustment, allocation, contract, customer, payment, receivable, refund};
use kehu_persistence::money::{self, Balance, Debt, Entry};
use kehu_persistence::records::{self, Trash};
use uuid::Uuid;

use crate::context::Organisation;
use crate::error::AppError;
use crate::shown::computed_from;
use crate::{App, clock};

/// The longest time that a report reaches over, in days.
const MAX_DAYS: i64 = 3660;

/// A customer's statement in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerStatement {
    /// What was owed before the first day.
    pub opening: i64,
    /// What moved it, with the balance after each.
    pub entries: Vec<(Entry, i64)>,
    /// What is owed after the last day: outstanding − what payments have left.
    pub closing: i64,
}

/// By what debts are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Who owes.
    Customer,
    /// Who handles the contracts.
    Owner,
    /// Their department.
    Department,
}

/// A row of the ageing report, in minor units of the workspace's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgeingRow {
    /// The customer, person or department; `None` for what has none.
    pub key: Option<Uuid>,
    /// What it is called.
    pub title: String,
    /// The sums by age, from the youngest.
    pub ages: [i64; 5],
    /// Their sum.
    pub total: i64,
}

/// Days sales outstanding (domain §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dso {
    /// What is outstanding, in the workspace's currency.
    pub receivables: i64,
    /// Contracts that came into force in the period.
    pub credit_sales: i64,
    /// The days of the period.
    pub days: i64,
    /// Receivables ÷ credit sales × days, in tenths of a day; `None` without sales.
    pub dso_days_tenths: Option<i64>,
}

impl App {
    /// What a customer owes and has, by currency.
    ///
    /// # Errors
    /// When there is no such customer for the caller.
    pub async fn customer_balance(
        &self,
        ctx: &Ctx,
        id: Uuid,
    ) -> Result<Vec<(String, Balance)>, AppError> {
        money_is_seen(ctx)?;
        self.get_record(ctx, &customer::DEF, id).await?;
        let today = clock::today(ctx);
        Ok(money::balances(&self.db.read(), ctx, id, today).await?)
    }

    /// A customer's statement in one currency, from .. to.
    ///
    /// # Errors
    /// When there is no such customer for the caller, or the days are no period.
    pub async fn customer_statement(
        &self,
        ctx: &Ctx,
        id: Uuid,
        currency: Option<&str>,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<CustomerStatement, AppError> {
        let currency = match currency {
            None => ctx.workspace.currency,
            Some(code) => domain_money::currency(code)
                .ok_or_else(|| AppError::invalid("currency", "unknown_currency"))?,
        };
        let to = to.unwrap_or_else(|| clock::today(ctx));
        if from.is_some_and(|from| from > to) {
            return Err(AppError::invalid("to", "before_the_start"));
        }
        money_is_seen(ctx)?;
        self.get_record(ctx, &customer::DEF, id).await?;
        let found = money::statement(&self.db.read(), ctx, id, currency.code(), to).await?;
        let first = from.map(|from| from.to_string()).unwrap_or_default();
        let mut statement = CustomerStatement {
            opening: 0,
            entries: Vec::new(),
            closing: 0,
        };
        for entry in found {
            statement.closing += entry.amount;
            if entry.on < first {
                statement.opening = statement.closing;
            } else {
                statement.entries.push((entry, statement.closing));
            }
        }
        Ok(statement)
    }

    /// What is outstanding, by how long it is overdue.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn ageing(&self, ctx: &Ctx, by: By) -> Result<Vec<AgeingRow>, AppError> {
        money_is_seen(ctx)?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let debts = money::debts(&self.db.read(), ctx).await?;
        let today = clock::today(ctx);
        let mut rows: BTreeMap<Option<Uuid>, [i64; 5]> = BTreeMap::new();
        for debt in &debts {
            let key = match by {
                By::Customer => debt.customer_id,
                By::Owner => debt.owner_id,
                By::Department => debt
                    .owner_id
                    .and_then(|owner| department(&organisation, owner)),
            };
            let due: NaiveDate = debt
                .due_on
                .parse()
                .map_err(|error| AppError::Internal(format!("a due day: {error}")))?;
            let at = Age::ALL.iter().position(|age| *age == Age::of(due, today));
            let row = rows.entry(key).or_default();
            if let Some(sum) = at.and_then(|at| row.get_mut(at)) {
                *sum += in_base(ctx, debt)?;
            }
        }
        let titles = self
            .titles(ctx, &organisation, by, rows.keys().flatten())
            .await?;
        let mut rows: Vec<AgeingRow> = rows
            .into_iter()
            .map(|(key, ages)| AgeingRow {
                key,
                title: key
                    .and_then(|key| titles.get(&key).cloned())
                    .unwrap_or_default(),
                ages,
                total: ages.iter().sum(),
            })
            .collect();
        rows.sort_by(|a, b| b.total.cmp(&a.total).then(a.title.cmp(&b.title)));
        Ok(rows)
    }

    /// What rows of a report are called, as far as the caller sees it.
    async fn titles(
        &self,
        ctx: &Ctx,
        organisation: &Organisation,
        by: By,
        keys: impl Iterator<Item = &Uuid>,
    ) -> Result<BTreeMap<Uuid, String>, AppError> {
        let keys: Vec<Uuid> = keys.copied().collect();
        let def = match by {
            By::Owner => {
                let named = |id: &Uuid| Some((*id, organisation.person(*id)?.name.clone()));
                return Ok(keys.iter().filter_map(named).collect());
            }
            By::Customer => &customer::DEF,
            By::Department => &kehu_domain::department::DEF,
        };
        let read = scope::of(ctx, def, Action::View);
        let fields: Vec<_> = def
            .all_fields()
            .filter(|field| field.name == "id" || def.title.contains(&field.name))
            .collect();
        let session = self.db.read();
        let found = records::get_many(&session, def, &read, Trash::Either, &keys, &fields).await?;
        let sight = Sight::of(&ctx.actor, def);
        Ok(found
            .iter()
            .map(|record| (record.id(), sight.title(def, record)))
            .collect())
    }

    /// Days sales outstanding over a period that ends today or before.
    ///
    /// # Errors
    /// When the days are no period.
    pub async fn dso(&self, ctx: &Ctx, from: NaiveDate, to: NaiveDate) -> Result<Dso, AppError> {
        let days = (to - from).num_days() + 1;
        if !(1..=MAX_DAYS).contains(&days) {
            let problem = FieldProblem::new("to", "before_the_start");
            return Err(AppError::Invalid(vec![problem]));
        }
        money_is_seen(ctx)?;
        let session = self.db.read();
        let debts = money::debts(&session, ctx).await?;
        let receivables = debts
            .iter()
            .map(|debt| in_base(ctx, debt))
            .sum::<Result<i64, AppError>>()?;
        let credit_sales = money::credit_sales(&session, ctx, from, to).await?;
        let product = i128::from(receivables) * i128::from(days) * 10;
        let tenths = divide_rounded(product, i128::from(credit_sales));
        Ok(Dso {
            receivables,
            credit_sales,
            days,
            dso_days_tenths: tenths.and_then(|tenths| i64::try_from(tenths).ok()),
        })
    }
}

/// What balances, statements and ageing are made of is seen as far as the contracts are: of a part of
/// the money they would be wrong.
fn money_is_seen(ctx: &Ctx) -> Result<(), AppError> {
    let seen = |def| ctx.actor.rights.reaches(def, Action::View);
    if !seen(&contract::DEF).covers(seen(&customer::DEF)) {
        return Err(AppError::Forbidden("fields_kept"));
    }
    let of_contract = [
        "number",
        "amount",
        "base_amount",
        "signed_on",
        "effective_on",
        "status",
        "paid_amount",
        "outstanding_amount",
    ];
    computed_from(ctx, &contract::DEF, &of_contract)?;
    let amounts = ["amount", "outstanding_amount", "due_on", "overdue_from"];
    computed_from(ctx, &receivable::DEF, &amounts)?;
    let amounts = ["amount", "unallocated_amount", "received_on", "status"];
    computed_from(ctx, &payment::DEF, &amounts)?;
    for def in [&allocation::DEF, &adjustment::DEF, &refund::DEF] {
        computed_from(ctx, def, &["amount"])?;
    }
    Ok(())
}

fn department(organisation: &Organisation, person: Uuid) -> Option<Uuid> {
    organisation.tree().department_of(person)
}

/// A debt in the workspace's currency, at its contract's rate.
fn in_base(ctx: &Ctx, debt: &Debt) -> Result<i64, AppError> {
    super::in_base(
        ctx,
        &debt.currency,
        debt.outstanding,
        Some(debt.exchange_rate),
    )
}
