//! What the check of the ledger reads: the sums that must agree, and the documents whose kept sums are
//! not those of their parts.

use sea_orm::Statement;
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;

/// The sums of a workspace in one currency that must agree, in minor units, all read in one
/// statement: at one moment as others see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// The currency.
    pub currency: String,
    /// Σ of confirmed payments.
    pub confirmed: i64,
    /// Σ of refunds.
    pub refunded: i64,
    /// Σ of allocations that were not taken back, in the payments' currency.
    pub allocated: i64,
    /// Σ of what payments have left.
    pub unallocated: i64,
}

const SUMS: &str = "
SELECT currency, CAST(SUM(confirmed) AS bigint), CAST(SUM(refunded) AS bigint),
       CAST(SUM(allocated) AS bigint), CAST(SUM(unallocated) AS bigint)
FROM (
  SELECT amount_currency AS currency, amount AS confirmed, 0 AS refunded, 0 AS allocated,
         COALESCE(unallocated_amount, 0) AS unallocated
  FROM payments WHERE workspace_id = $1 AND status = 'confirmed' AND deleted_at IS NULL
  UNION ALL
  SELECT amount_currency, 0, amount, 0, 0
  FROM refunds WHERE workspace_id = $1 AND deleted_at IS NULL
  UNION ALL
  SELECT amount_currency, 0, 0, amount, 0
  FROM allocations WHERE workspace_id = $1 AND released_at IS NULL AND deleted_at IS NULL
) AS moved
GROUP BY currency ORDER BY currency";

/// Reads the sums of all currencies at one moment.
///
/// # Errors
/// When the database fails.
pub async fn sums(session: &Session, workspace: Uuid) -> Result<Vec<Sums>, StoreError> {
    let rows = session
        .all_raw(of_workspace(session, SUMS, workspace))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Sums {
                currency: row.try_get_by_index(0)?,
                confirmed: row.try_get_by_index(1)?,
                refunded: row.try_get_by_index(2)?,
                allocated: row.try_get_by_index(3)?,
                unallocated: row.try_get_by_index(4)?,
            })
        })
        .collect()
}

/// A document whose kept sums are not those of its parts: what it is, its id, the rule that is
/// broken, what is kept and what the parts say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The rule.
    pub rule: String,
    /// The record.
    pub id: Uuid,
    /// What is kept.
    pub kept: i64,
    /// What its parts say.
    pub parts: i64,
}

/// How a rule is looked at; each statement reads of the workspace `$1`.
#[derive(Debug, Clone, Copy)]
enum Look {
    /// The rows that break it: (id, kept, parts).
    Rows(&'static str),
    /// What is kept, and its parts: (id, amount) each. Both are put together and summed by id in one
    /// pass, which costs the same whatever the database believes of the tables; who has one side only
    /// breaks the rule too.
    Sums {
        kept: &'static str,
        parts: &'static str,
    },
}

/// The rules, each with its name.
const RULES: &[(&str, Look)] = &[
    (
        "a receivable's amount is what is paid, outstanding, written off and cancelled",
        Look::Rows(
            "SELECT id, amount,
               paid_amount + outstanding_amount + written_off_amount + cancelled_amount
             FROM receivables
             WHERE workspace_id = $1 AND settlement <> 'planned' AND deleted_at IS NULL
             AND amount <> paid_amount + outstanding_amount + written_off_amount + cancelled_amount",
        ),
    ),
    (
        "no amount of a receivable is below zero",
        Look::Rows(
            "SELECT id, outstanding_amount, paid_amount FROM receivables
             WHERE workspace_id = $1 AND deleted_at IS NULL AND (outstanding_amount < 0
             OR paid_amount < 0 OR written_off_amount < 0 OR cancelled_amount < 0)",
        ),
    ),
    (
        "what of a receivable is paid is the sum of its allocations",
        Look::Sums {
            kept: "SELECT id, paid_amount AS amount FROM receivables
                   WHERE workspace_id = $1 AND deleted_at IS NULL",
            parts: "SELECT receivable_id AS id, receivable_amount AS amount FROM allocations
                    WHERE workspace_id = $1 AND released_at IS NULL",
        },
    ),
    (
        "what of a receivable was written off and cancelled is the sum of its adjustments",
        Look::Sums {
            kept: "SELECT id, written_off_amount + cancelled_amount AS amount FROM receivables
                   WHERE workspace_id = $1 AND deleted_at IS NULL",
            parts: "SELECT receivable_id AS id, amount FROM adjustments WHERE workspace_id = $1",
        },
    ),
    (
        "a contract's amount is the sum of its receivables",
        Look::Sums {
            kept: "SELECT id, amount FROM contracts
                   WHERE workspace_id = $1 AND status <> 'draft' AND deleted_at IS NULL",
            parts: "SELECT contract_id AS id, amount FROM receivables
                    WHERE workspace_id = $1 AND settlement <> 'planned' AND deleted_at IS NULL",
        },
    ),
    (
        "what of a contract is paid is the sum over its receivables",
        Look::Sums {
            kept: "SELECT id, paid_amount AS amount FROM contracts
                   WHERE workspace_id = $1 AND status <> 'draft' AND deleted_at IS NULL",
            parts: "SELECT contract_id AS id, paid_amount AS amount FROM receivables
                    WHERE workspace_id = $1 AND deleted_at IS NULL",
        },
    ),
    (
        "what of a contract is outstanding is the sum over its receivables",
        Look::Sums {
            kept: "SELECT id, outstanding_amount AS amount FROM contracts
                   WHERE workspace_id = $1 AND status <> 'draft' AND deleted_at IS NULL",
            parts: "SELECT contract_id AS id, outstanding_amount AS amount FROM receivables
                    WHERE workspace_id = $1 AND deleted_at IS NULL",
        },
    ),
    (
        "a confirmed payment is what is allocated, refunded and left of it",
        Look::Rows(
            "SELECT id, amount, allocated_amount + refunded_amount + unallocated_amount
             FROM payments
             WHERE workspace_id = $1 AND status = 'confirmed' AND deleted_at IS NULL
             AND amount <> allocated_amount + refunded_amount + unallocated_amount",
        ),
    ),
    (
        "no payment has less than nothing left",
        Look::Rows(
            "SELECT id, unallocated_amount, allocated_amount FROM payments
             WHERE workspace_id = $1 AND deleted_at IS NULL
             AND (unallocated_amount < 0 OR allocated_amount < 0 OR refunded_amount < 0)",
        ),
    ),
    (
        "what of a payment is allocated is the sum of its allocations",
        Look::Sums {
            kept: "SELECT id, COALESCE(allocated_amount, 0) AS amount FROM payments
                   WHERE workspace_id = $1 AND deleted_at IS NULL",
            parts: "SELECT payment_id AS id, amount FROM allocations
                    WHERE workspace_id = $1 AND released_at IS NULL",
        },
    ),
    (
        "what of a payment was refunded is the sum of its refunds",
        Look::Sums {
            kept: "SELECT id, COALESCE(refunded_amount, 0) AS amount FROM payments
                   WHERE workspace_id = $1 AND deleted_at IS NULL",
            parts: "SELECT payment_id AS id, amount FROM refunds WHERE workspace_id = $1",
        },
    ),
    (
        "the settlement of a receivable follows from its amounts",
        Look::Rows(
            "SELECT id, outstanding_amount, paid_amount FROM receivables
             WHERE workspace_id = $1 AND settlement <> 'planned' AND deleted_at IS NULL
             AND settlement <> CASE
               WHEN outstanding_amount > 0 AND paid_amount > 0 THEN 'partial'
               WHEN outstanding_amount > 0 THEN 'open'
               WHEN cancelled_amount > 0 THEN 'cancelled'
               WHEN written_off_amount > 0 THEN 'written_off'
               ELSE 'paid' END",
        ),
    ),
];

impl Look {
    fn statement(self) -> String {
        match self {
            Self::Rows(rows) => format!("{rows} LIMIT {FAULTS}"),
            Self::Sums { kept, parts } => format!(
                "SELECT id, CAST(SUM(kept) AS bigint), CAST(SUM(parts) AS bigint) FROM (
                   SELECT k.id, k.amount AS kept, 0 AS parts FROM ({kept}) AS k
                   UNION ALL SELECT p.id, 0, p.amount FROM ({parts}) AS p) AS sides
                 GROUP BY id HAVING SUM(kept) <> SUM(parts) LIMIT {FAULTS}"
            ),
        }
    }
}

/// How many faults of one rule are told.
const FAULTS: u64 = 100;

/// Finds documents whose kept sums are not those of their parts: at most 100 of each rule. Each rule
/// is one statement: it sees one moment.
///
/// # Errors
/// When the database fails.
pub async fn faults(session: &Session, workspace: Uuid) -> Result<Vec<Fault>, StoreError> {
    let mut found = Vec::new();
    for (rule, look) in RULES {
        let statement = of_workspace(session, &look.statement(), workspace);
        for row in session.all_raw(statement).await? {
            found.push(Fault {
                rule: (*rule).to_owned(),
                id: row.try_get_by_index(0)?,
                kept: row.try_get_by_index(1)?,
                parts: row.try_get_by_index(2)?,
            });
        }
    }
    Ok(found)
}

/// A statement whose one parameter is the workspace.
fn of_workspace(session: &Session, text: &str, workspace: Uuid) -> Statement {
    Statement::from_sql_and_values(session.backend(), text, [workspace.into()])
}
