//! `kehu check ledger`: whether every sum that is kept is the sum of its parts.

use std::io::Write;

use kehu_app::{App, DbSettings};

/// Checks the ledger of every workspace and says what it found; the database may be at work.
///
/// # Errors
/// When sums do not agree, or the database can't be read.
pub async fn ledger(settings: &DbSettings) -> Result<(), Box<dyn std::error::Error>> {
    let app = App::connect(settings).await?;
    let mut out = std::io::stdout().lock();
    let mut faults = 0_usize;
    for report in app.check_ledgers().await? {
        writeln!(out, "{}  {}", report.workspace_id, report.name)?;
        for sum in &report.sums {
            writeln!(
                out,
                "  {}  confirmed {} - refunded {} = allocated {} + left {}",
                sum.currency, sum.confirmed, sum.refunded, sum.allocated, sum.unallocated
            )?;
        }
        for fault in &report.faults {
            writeln!(
                out,
                "  WRONG {}: {}: kept {}, its parts say {}",
                fault.id, fault.rule, fault.kept, fault.parts
            )?;
        }
        faults += report.faults.len();
    }
    if faults > 0 {
        return Err(format!("{faults} sums are not those of their parts").into());
    }
    writeln!(out, "Every sum is the sum of its parts.")?;
    Ok(())
}
