//! The figures of a month on the workbench: target, planned, actual, and how much of the month has
//! passed.

use chrono::{Datelike, Months, NaiveDate};
use kehu_domain::ctx::{Ctx, Owners};
use kehu_domain::def::Def;
use kehu_domain::exchange::WHOLE;
use kehu_domain::expr::ExprCtx;
use kehu_domain::rights::Action;
use kehu_domain::target::{self, Metric};
use kehu_domain::{payment, receivable};
use kehu_persistence::figures::{self, Asked, AtRate};
use uuid::Uuid;

use crate::error::AppError;
use crate::{App, clock, ledger};

/// Whose figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The caller's own.
    Mine,
    /// Everybody's whom the caller's role sees.
    Team,
    /// Those of a department and all below it, as far as the caller's role sees them.
    Department(Uuid),
}

/// The figures of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthFigures {
    /// Its first day.
    pub month: NaiveDate,
    /// How much of it has passed, in basis points.
    pub pace: i64,
    /// What is due in it, in minor units of the workspace's currency; `None` where what it is made of
    /// is kept from the caller.
    pub planned_receipts: Option<i64>,
    /// Each figure with its target and what was reached; those made of what is kept from the caller
    /// are left out.
    pub figures: Vec<(Metric, Option<i64>, i64)>,
}

impl App {
    /// The figures of the month that `day` lies in.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn month_figures(
        &self,
        ctx: &Ctx,
        day: NaiveDate,
        whose: Whose,
    ) -> Result<MonthFigures, AppError> {
        let from = day.with_day(1).unwrap_or(day);
        let next = from.checked_add_months(Months::new(1)).unwrap_or(from);
        let to = next.pred_opt().unwrap_or(from);
        // Whose of the records that a figure is made of: those of the kind that says whose they are.
        let of = |def: &'static Def| match whose {
            Whose::Mine => Owners::Own(ctx.actor.user_id),
            // What belongs to others counts for who answers for it.
            Whose::Team | Whose::Department(_) => ctx.actor.may_give_to(def, Action::View),
        };
        let narrowed = |made_of: &[&'static Def]| {
            let each = made_of.iter().filter(|def| def.has("owner_id"));
            let each = each.map(|def| (def.table, ctx.actor.owners(def, Action::View)));
            each.filter(|(_, owners)| *owners != Owners::All).collect()
        };
        let asked = |def: &'static Def, made_of: &[&'static Def]| Asked {
            workspace: ctx.workspace.id,
            owners: of(def),
            of_payments: Some(of(&payment::DEF)),
            narrowed: narrowed(made_of),
            within: match whose {
                Whose::Mine | Whose::Team => None,
                Whose::Department(department) => Some(department),
            },
            from,
            to,
        };
        let session = self.db.read();
        let planned = asked(&target::DEF, &[]);
        let mut targets = figures::targets(&session, &planned, None).await?;
        if let Whose::Department(department) = whose {
            // What was set for the department itself stands in place of its people's sum.
            for (metric, planned) in figures::targets(&session, &planned, Some(department)).await? {
                targets.retain(|(known, _)| *known != metric);
                targets.push((metric, planned));
            }
        }
        let days = ExprCtx::of(ctx);
        let mut found = Vec::with_capacity(Metric::ALL.len());
        for metric in Metric::ALL {
            let made_of = metric.made_of();
            if !made_of.iter().all(|(def, field)| sees(ctx, def, field)) {
                continue;
            }
            let through = made_of.iter().map(|(def, _)| *def);
            let through: Vec<_> = through.filter(|def| !def.above().is_empty()).collect();
            let asked = asked(metric.whose(), &through);
            let actual = match metric {
                Metric::Receipts => in_base(ctx, &figures::receipts(&session, &asked).await?)?,
                Metric::ContractAmount => figures::contracted(&session, &asked).await?,
                Metric::WonAmount => figures::won(&session, &asked).await?,
                Metric::NewCustomers => figures::new_customers(&session, &asked).await?,
                Metric::NewOpportunities => figures::new_opportunities(&session, &asked).await?,
                Metric::Visits => {
                    let (start, end) = (days.start_of(from), days.start_of(next));
                    figures::visits(&session, &asked, start, end).await?
                }
            };
            let target = targets.iter().find(|(known, _)| known == metric.code());
            found.push((*metric, target.map(|(_, planned)| *planned), actual));
        }
        let planned_receipts = if sees(ctx, &receivable::DEF, receivable::field::AMOUNT.name()) {
            let due = figures::due(&session, &asked(&receivable::DEF, &[&receivable::DEF])).await?;
            Some(in_base(ctx, &due)?)
        } else {
            None
        };
        Ok(MonthFigures {
            month: from,
            pace: pace(clock::today(ctx), from, to),
            planned_receipts,
            figures: found,
        })
    }
}

/// Whether the caller sees records of a kind, and this field of them whole.
fn sees(ctx: &Ctx, def: &'static Def, field: &str) -> bool {
    ctx.actor.owners(def, Action::View) != Owners::None && ctx.actor.may_ask(def, field)
}

/// How much of the days from .. to has passed at the end of `today`, in basis points.
fn pace(today: NaiveDate, from: NaiveDate, to: NaiveDate) -> i64 {
    let all = (to - from).num_days() + 1;
    let passed = ((today - from).num_days() + 1).clamp(0, all);
    passed
        .checked_mul(WHOLE)
        .and_then(|passed| passed.checked_div(all))
        .unwrap_or(0)
}

/// The sum in the workspace's currency, each part at its own rate.
fn in_base(ctx: &Ctx, parts: &[AtRate]) -> Result<i64, AppError> {
    let convert =
        |part: &AtRate| ledger::in_base(ctx, &part.currency, part.amount, part.exchange_rate);
    parts.iter().map(convert).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_the_part_of_the_month_that_has_passed() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let of = |today| pace(day(today), day("2026-11-01"), day("2026-11-30"));
        assert_eq!(of("2026-11-01"), 333);
        assert_eq!(of("2026-11-15"), 5_000);
        assert_eq!(of("2026-11-30"), 10_000);
        assert_eq!(of("2026-12-24"), 10_000);
        assert_eq!(of("2026-10-31"), 0);
    }
}
