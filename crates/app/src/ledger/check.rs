//! Proves a workspace's ledger: every sum that is kept is the sum of its parts, and per currency
//! confirmed payments − refunds = allocations + what is left (domain §7).

use kehu_persistence::ledger::{self, Fault};
use kehu_persistence::workspaces;
use uuid::Uuid;

use crate::App;
use crate::error::AppError;

/// The most workspaces that are checked at once.
const MAX_WORKSPACES: u64 = 1_000_000;

/// What a check found in one workspace.
#[derive(Debug, Clone)]
pub struct LedgerReport {
    /// The workspace.
    pub workspace_id: Uuid,
    /// Its name.
    pub name: String,
    /// The sums by currency.
    pub sums: Vec<ledger::Sums>,
    /// Everything that does not agree.
    pub faults: Vec<Fault>,
}

impl App {
    /// Checks the ledgers of all workspaces of the database, which may be at work meanwhile: each rule
    /// is looked at in one moment.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn check_ledgers(&self) -> Result<Vec<LedgerReport>, AppError> {
        let mut reports = Vec::new();
        for workspace in workspaces::first(&self.db.read(), MAX_WORKSPACES).await? {
            reports.push(self.check_ledger(workspace.id, workspace.name).await?);
        }
        Ok(reports)
    }

    /// Checks the ledger of one workspace.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn check_ledger(
        &self,
        workspace_id: Uuid,
        name: String,
    ) -> Result<LedgerReport, AppError> {
        let session = self.db.read();
        let mut faults = ledger::faults(&session, workspace_id).await?;
        let sums = ledger::sums(&session, workspace_id).await?;
        for sum in &sums {
            let (came, went) = (
                sum.confirmed - sum.refunded,
                sum.allocated + sum.unallocated,
            );
            if came != went {
                faults.push(Fault {
                    rule: format!(
                        "confirmed payments − refunds = allocations + what is left ({})",
                        sum.currency
                    ),
                    id: workspace_id,
                    kept: came,
                    parts: went,
                });
            }
        }
        Ok(LedgerReport {
            workspace_id,
            name,
            sums,
            faults,
        })
    }
}
