//! The refused rows as they were, with the reason behind each: a file to mend and import again.

use std::collections::BTreeMap;

use kehu_domain::ctx::Ctx;
use kehu_persistence::imports::results::{self, Kept};
use uuid::Uuid;

use crate::App;
use crate::error::AppError;
use crate::imports::Problem;

/// How many rows are written at a time.
const ROWS: u64 = 500;

/// The file of refused rows, piece by piece.
pub struct RefusedRows {
    app: App,
    workspace: Uuid,
    import: Uuid,
    after: Option<i64>,
    width: usize,
}

impl App {
    /// Begins the file of refused rows.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when the caller has no such import.
    pub async fn refused_rows(&self, ctx: &Ctx, id: Uuid) -> Result<RefusedRows, AppError> {
        self.get_import(ctx, id).await?;
        Ok(RefusedRows {
            app: self.clone(),
            workspace: ctx.workspace.id,
            import: id,
            after: None,
            width: 0,
        })
    }
}

impl RefusedRows {
    /// The next piece of the file; `None` at its end. It is UTF-8 and begins with a byte order
    /// mark, so that spreadsheets read it right. `explain` puts a problem into words.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(
        &mut self,
        explain: impl Fn(&Problem) -> String,
        reason: &str,
    ) -> Result<Option<Vec<u8>>, AppError> {
        let session = self.app.db.read();
        let Some(after) = self.after else {
            let rows =
                results::kept_rows(&session, self.workspace, self.import, Kept::Headings, -1, 1);
            let headings = rows.await?.into_iter().next().map(|(_, cells)| cells);
            let mut headings = headings.unwrap_or_default();
            self.width = headings.len();
            headings.push(reason.to_owned());
            self.after = Some(0);
            let mut bytes = "\u{feff}".as_bytes().to_vec();
            bytes.extend(written(&[headings])?);
            return Ok(Some(bytes));
        };
        let kept = results::kept_rows(
            &session,
            self.workspace,
            self.import,
            Kept::Refused,
            after,
            ROWS,
        );
        let kept = kept.await?;
        let Some((last, _)) = kept.last() else {
            return Ok(None);
        };
        self.after = Some(*last);
        let mut reasons: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for problem in results::problems_of_rows(
            &session,
            self.workspace,
            self.import,
            &kept.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
        )
        .await?
        {
            reasons
                .entry(problem.row)
                .or_default()
                .push(explain(&problem));
        }
        let lines: Vec<Vec<String>> = kept
            .into_iter()
            .map(|(row, mut cells)| {
                // Ragged rows keep all their cells; the reason stands behind the last column.
                cells.resize(cells.len().max(self.width), String::new());
                cells.push(reasons.remove(&row).unwrap_or_default().join("; "));
                cells
            })
            .collect();
        Ok(Some(written(&lines)?))
    }
}

fn written(lines: &[Vec<String>]) -> Result<Vec<u8>, AppError> {
    let failed = |error: &dyn std::fmt::Display| AppError::Internal(format!("csv: {error}"));
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for line in lines {
        writer.write_record(line).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}
