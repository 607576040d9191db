//! Rows that are written over records that are there already.

use kehu_domain::import::plan::Given;
use kehu_domain::scope::{self, Action};
use kehu_domain::value::Value;
use kehu_persistence::records::{self, Trash};

use super::{Batch, Candidate, Twin};
use crate::error::AppError;

impl Batch<'_> {
    /// Writes a row's values over the record that is there already.
    pub(super) async fn update(
        &mut self,
        candidate: &Candidate,
        field: &'static str,
        twin: Twin,
    ) -> Result<(), AppError> {
        let writer = self.work.writer;
        let (session, ctx, def) = (writer.session, writer.ctx(), self.def());
        let given = self.given(candidate);
        let id = match twin {
            Twin::Row(row) if self.over.contains_key(&row) => {
                self.over.get(&row).copied().unwrap_or_default()
            }
            Twin::Row(row) => {
                // It is about to be made: the later row's values win.
                let at = self.at.get(&row).copied();
                if let Some(before) = at.and_then(|at| self.fresh.get(at)) {
                    let mut after = before.clone();
                    for (name, value) in given {
                        after.set(name, value);
                    }
                    let examined = self.examine_again(candidate, before, &mut after);
                    let wrong = examined.await?;
                    if !wrong.is_empty() {
                        self.refuse_fields(&candidate.row, wrong);
                        return Ok(());
                    }
                    if let Some(record) = at.and_then(|at| self.fresh.get_mut(at)) {
                        *record = after;
                    }
                }
                self.out.counts.updated += 1;
                return Ok(());
            }
            Twin::Stored(id) => id,
        };
        self.over.insert(candidate.row.number, id);
        let write = scope::of(ctx, def, Action::Edit);
        let found = if writer.is_dry() {
            records::get(session, def, &write, Trash::Outside, id).await?
        } else {
            records::lock(session, def, &write, Trash::Outside, id).await?
        };
        let Some(before) = found else {
            self.out.counts.duplicates += 1;
            let number = candidate.row.number;
            self.tell_twin(
                number,
                field,
                "duplicate_of_another_team",
                &Twin::Stored(id),
            );
            return Ok(());
        };
        let mut after = before.clone();
        for (name, value) in given {
            after.set(name, value);
        }
        let wrong = self.examine_again(candidate, &before, &mut after).await?;
        if !wrong.is_empty() {
            self.refuse_fields(&candidate.row, wrong);
            return Ok(());
        }
        self.out.counts.updated += 1;
        self.note_tags(&after, candidate.row.number);
        if writer.is_dry() || after == before {
            return Ok(());
        }
        let after = match writer.save(def, "update", &before, after).await {
            // What it names went meanwhile.
            Err(AppError::Invalid(problems)) => {
                self.out.counts.updated -= 1;
                self.refuse_fields(&candidate.row, problems);
                return Ok(());
            }
            other => other?,
        };
        let version = after.version();
        self.out.changed.push((def.kind.to_owned(), id, version));
        Ok(())
    }

    /// The values that the row's cells gave, as far as a change may write them.
    fn given(&self, candidate: &Candidate) -> Vec<(&'static str, Value)> {
        let given = candidate.row.read.given.iter().filter_map(|(at, given)| {
            let field = self.plan().fields.get(*at)?.field;
            let named = matches!(given, Given::Find(_) | Given::FindAll(_));
            let value = candidate.record.get(field.name);
            // A name that led nowhere and was dropped leaves what is there.
            (field.on_patch() && !(named && value.is_null())).then(|| (field.name, value.clone()))
        });
        given.collect()
    }
}
