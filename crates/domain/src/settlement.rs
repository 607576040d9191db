//! How receivables are planned and settled: instalments of a contract, what their amounts mean, and
//! which of them a payment settles first.

use chrono::{Months, NaiveDate};

use crate::exchange::{WHOLE, spread};
use crate::receivable::Settlement;

/// The most instalments of a contract.
pub const MAX_INSTALMENTS: usize = 600;

/// One instalment to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instalment {
    /// When it is due.
    pub due_on: NaiveDate,
    /// How much, in minor units of the contract's currency.
    pub amount: i64,
}

/// Why there is no such plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// None, or more than [`MAX_INSTALMENTS`].
    #[error("no instalments, or too many")]
    Count,
    /// The shares do not sum to the whole.
    #[error("the shares do not sum to the whole")]
    Shares,
    /// Dates go beyond the calendar.
    #[error("beyond the calendar")]
    Calendar,
}

/// The instalments of `total` by shares in basis points (60/30/10 is `[6000, 3000, 1000]`), the
/// first due on `first`, each further one `step_months` later; odd units go to the largest
/// remainders, so they sum to the total exactly.
///
/// # Errors
/// When the shares do not sum to the whole.
pub fn by_shares(
    total: i64,
    shares: &[i64],
    first: NaiveDate,
    step_months: u32,
) -> Result<Vec<Instalment>, PlanError> {
    if shares.is_empty() || shares.len() > MAX_INSTALMENTS {
        return Err(PlanError::Count);
    }
    if shares.iter().any(|share| *share < 0) || shares.iter().sum::<i64>() != WHOLE {
        return Err(PlanError::Shares);
    }
    dated(spread(total, shares), first, step_months)
}

/// The instalments of `total` in `count` equal parts, a month apart.
///
/// # Errors
/// When there are none or too many.
pub fn monthly(total: i64, count: usize, first: NaiveDate) -> Result<Vec<Instalment>, PlanError> {
    if count == 0 || count > MAX_INSTALMENTS {
        return Err(PlanError::Count);
    }
    dated(spread(total, &vec![1; count]), first, 1)
}

fn dated(amounts: Vec<i64>, first: NaiveDate, step: u32) -> Result<Vec<Instalment>, PlanError> {
    amounts
        .into_iter()
        .zip(0_u32..)
        .map(|(amount, index)| {
            let months = index.checked_mul(step).ok_or(PlanError::Calendar)?;
            // The 31st falls on the last day of a shorter month.
            let due_on = first
                .checked_add_months(Months::new(months))
                .ok_or(PlanError::Calendar)?;
            Ok(Instalment { due_on, amount })
        })
        .collect()
}

/// The amounts of a receivable, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    /// How much it was for.
    pub amount: i64,
    /// What of it is paid.
    pub paid: i64,
    /// What was given up.
    pub written_off: i64,
    /// What fell away.
    pub cancelled: i64,
}

impl Amounts {
    /// What is left to be paid.
    #[must_use]
    pub const fn outstanding(self) -> i64 {
        self.amount - self.paid - self.written_off - self.cancelled
    }

    /// How far a receivable of a contract in force is settled. What is left decides first; of a
    /// receivable that is settled, what fell away or was given up names it, unless all was paid.
    #[must_use]
    pub const fn settlement(self) -> Settlement {
        if self.outstanding() > 0 {
            if self.paid > 0 {
                Settlement::Partial
            } else {
                Settlement::Open
            }
        } else if self.cancelled > 0 {
            Settlement::Cancelled
        } else if self.written_off > 0 {
            Settlement::WrittenOff
        } else {
            Settlement::Paid
        }
    }

    /// The first day on which it is overdue, while anything is left.
    #[must_use]
    pub fn overdue_from(self, due_on: NaiveDate) -> Option<NaiveDate> {
        (self.outstanding() > 0)
            .then(|| due_on.succ_opt())
            .flatten()
    }
}

/// Takes `available` through what is outstanding, in the order given: what each one gets.
#[must_use]
pub fn fill(available: i64, outstanding: &[i64]) -> Vec<i64> {
    let mut left = available.max(0);
    outstanding
        .iter()
        .map(|open| {
            let part = left.min((*open).max(0));
            left -= part;
            part
        })
        .collect()
}

/// How old a debt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// Not due yet.
    NotDue,
    /// 1 to 30 days overdue.
    Days30,
    /// 31 to 60.
    Days60,
    /// 61 to 90.
    Days90,
    /// More.
    Older,
}

impl Age {
    /// All, from the youngest.
    pub const ALL: [Self; 5] = [
        Self::NotDue,
        Self::Days30,
        Self::Days60,
        Self::Days90,
        Self::Older,
    ];

    /// The code of it: `not_due`, `days_1_30` …
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotDue => "not_due",
            Self::Days30 => "days_1_30",
            Self::Days60 => "days_31_60",
            Self::Days90 => "days_61_90",
            Self::Older => "over_90",
        }
    }

    /// The age on `today` of what was due on `due_on`.
    #[must_use]
    pub fn of(due_on: NaiveDate, today: NaiveDate) -> Self {
        match (today - due_on).num_days() {
            ..=0 => Self::NotDue,
            1..=30 => Self::Days30,
            31..=60 => Self::Days60,
            61..=90 => Self::Days90,
            _ => Self::Older,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn instalments_by_shares_sum_to_the_total() {
        let plan = by_shares(10_001, &[3_000, 6_000, 1_000], day("2026-01-31"), 1).unwrap();
        let plan: Vec<_> = plan
            .iter()
            .map(|i| (i.due_on.to_string(), i.amount))
            .collect();
        assert_eq!(
            plan,
            [
                ("2026-01-31".to_owned(), 3_000),
                ("2026-02-28".to_owned(), 6_001),
                ("2026-03-31".to_owned(), 1_000),
            ]
        );
        assert_eq!(
            by_shares(100, &[5_000, 4_999], day("2026-01-01"), 1),
            Err(PlanError::Shares)
        );
    }

    #[test]
    fn monthly_instalments_differ_by_at_most_one_unit() {
        let plan = monthly(100, 12, day("2026-01-15")).unwrap();
        assert_eq!(plan.iter().map(|i| i.amount).sum::<i64>(), 100);
        assert!(plan.iter().all(|i| i.amount == 8 || i.amount == 9));
        assert_eq!(plan[11].due_on, day("2026-12-15"));
        assert_eq!(monthly(100, 0, day("2026-01-15")), Err(PlanError::Count));
    }

    #[test]
    fn settlement_follows_from_the_amounts() {
        let of = |paid, written_off, cancelled| {
            Amounts {
                amount: 100,
                paid,
                written_off,
                cancelled,
            }
            .settlement()
        };
        assert_eq!(of(0, 0, 0), Settlement::Open);
        assert_eq!(of(40, 0, 0), Settlement::Partial);
        assert_eq!(of(100, 0, 0), Settlement::Paid);
        assert_eq!(of(40, 60, 0), Settlement::WrittenOff);
        assert_eq!(of(40, 0, 60), Settlement::Cancelled);
        assert_eq!(of(0, 10, 0), Settlement::Open);
    }

    #[test]
    fn a_payment_fills_what_is_outstanding_in_order() {
        assert_eq!(fill(100, &[60, 30, 50]), [60, 30, 10]);
        assert_eq!(fill(10, &[60]), [10]);
        assert_eq!(fill(-1, &[60]), [0]);
    }

    #[test]
    fn a_debt_ages_from_the_day_after_it_is_due() {
        let due = day("2026-01-01");
        let ages = [
            (0, "not_due"),
            (1, "days_1_30"),
            (30, "days_1_30"),
            (31, "days_31_60"),
            (60, "days_31_60"),
            (61, "days_61_90"),
            (90, "days_61_90"),
            (91, "over_90"),
        ];
        for (days, code) in ages {
            assert_eq!(
                Age::of(due, due + chrono::TimeDelta::days(days)).code(),
                code,
                "{days}"
            );
        }
    }
}
