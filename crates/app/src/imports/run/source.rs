//! Where the rows of an import come from: its file, read on a thread of its own.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::sync::Arc;

use kehu_domain::check::Circumstances;
use kehu_domain::import::plan::Plan;
use tokio::sync::mpsc;

use super::ROWS;
use crate::error::AppError;
use crate::imports::memory::Memory;
use crate::imports::naming::own_names;
use crate::imports::reader::{Layout, Rows};
use crate::imports::rows::FileRow;

/// Where rows come from.
pub(super) struct Source {
    pub(super) file: File,
    pub(super) layout: Layout,
    pub(super) plan: Arc<Plan>,
    pub(super) circumstances: Circumstances<'static>,
    pub(super) skip: i64,
}

pub(super) type Chunk = std::io::Result<Vec<FileRow>>;

impl Source {
    /// Reads rows on a thread of its own, while others are being written.
    pub(super) fn send(mut self) -> mpsc::Receiver<Chunk> {
        let (sender, receiver) = mpsc::channel(2);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = self.read_all(&sender) {
                // Nobody listens any more when the run has ended.
                drop(sender.blocking_send(Err(error)));
            }
        });
        receiver
    }

    fn read_all(&mut self, to: &mpsc::Sender<Chunk>) -> std::io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut rows = Rows::new(&self.file, self.layout)?;
        for _ in 0..self.skip {
            if rows.next_row()?.is_none() {
                return Ok(());
            }
        }
        let mut chunk = Vec::with_capacity(ROWS);
        while let Some(row) = rows.next_row()? {
            chunk.push(FileRow::read(
                &self.plan,
                row.number,
                row.cells,
                self.circumstances,
            ));
            if chunk.len() == ROWS {
                let full = std::mem::replace(&mut chunk, Vec::with_capacity(ROWS));
                if to.blocking_send(Ok(full)).is_err() {
                    return Ok(());
                }
            }
        }
        if !chunk.is_empty() {
            drop(to.blocking_send(Ok(chunk)));
        }
        Ok(())
    }
}

/// Counts the rows, and remembers the names by which rows of the file may name each other.
pub(super) async fn count(
    file: &File,
    layout: Layout,
    plan: Arc<Plan>,
    circumstances: Circumstances<'static>,
) -> Result<(i64, Memory), AppError> {
    let failed = |error: std::io::Error| AppError::Internal(format!("temporary file: {error}"));
    let file = file.try_clone().map_err(failed)?;
    let counted = tokio::task::spawn_blocking(move || -> std::io::Result<(i64, Memory)> {
        let named = plan.fields.iter().any(|field| {
            let lookup = field.lookup.as_ref();
            lookup.is_some_and(|lookup| lookup.def.kind == plan.def.kind)
        });
        let mut file = &file;
        file.seek(SeekFrom::Start(0))?;
        let mut rows = Rows::new(file, layout)?;
        let (mut total, mut names) = (0, Memory::default());
        while let Some(row) = rows.next_row()? {
            total += 1;
            if named {
                let row = FileRow::read(&plan, row.number, row.cells, circumstances);
                for key in own_names(&plan, &row) {
                    names.remember_last(key, row.number);
                }
            }
        }
        Ok((total, names))
    });
    counted
        .await
        .map_err(|error| AppError::Internal(error.to_string()))?
        .map_err(failed)
}
