//! The figures of rows that become documents: lines, amounts, rates of exchange; and what they name
//! that must belong to the same customer.

use kehu_domain::def::FieldProblem;
use kehu_domain::record::Record;
use kehu_domain::value::Value;

use super::{Batch, Candidate};
use crate::documents::Compute;
use crate::error::AppError;
use crate::imports::memory::is_stand_in;
use crate::writer::Duplicates;

impl Batch<'_> {
    /// Examines what rows could become; a row with something wrong is refused.
    pub(super) async fn examine(
        &mut self,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Candidate>, AppError> {
        let (writer, def) = (self.work.writer, self.def());
        let mut records: Vec<Record> = candidates.iter().map(|c| c.record.clone()).collect();
        for record in &mut records {
            self.leave_out_what_is_not_there(record);
        }
        let problems = writer
            .examine(def, &mut records, Duplicates::Refuse)
            .await?;
        let mut kept = Vec::with_capacity(candidates.len());
        for ((mut candidate, record), wrong) in candidates.into_iter().zip(records).zip(problems) {
            if wrong.is_empty() {
                candidate.record = record;
                kept.push(candidate);
            } else {
                self.refuse_fields(&candidate.row, wrong);
            }
        }
        Ok(kept)
    }

    /// Examines a record that a row writes over. Products that the row names make its lines anew,
    /// where they or the amount differ.
    pub(super) async fn examine_again(
        &self,
        candidate: &Candidate,
        before: &Record,
        after: &mut Record,
    ) -> Result<Vec<FieldProblem>, AppError> {
        let (writer, def) = (self.work.writer, self.def());
        let products = "product_ids";
        let is_named = candidate.row.read.given.iter().any(|(at, _)| {
            let field = self.plan().fields.get(*at);
            field.is_some_and(|field| field.field.name == products)
        });
        let named = candidate.record.get(products);
        let differs = named != before.get(products) || before.get("amount") != after.get("amount");
        let compute = if def.can.document.is_some() && is_named && differs {
            after.set("lines", Value::Null);
            after.set(products, named.clone());
            self.leave_out_what_is_not_there(after);
            Compute::Anew
        } else {
            Compute::Changed
        };
        let mut wrong = (def.check)(Some(before), after);
        if wrong.is_empty() {
            match writer.examine_change(def, before, after, compute).await {
                Ok(problems) => wrong.extend(problems),
                Err(AppError::Invalid(problems)) => wrong.extend(problems),
                Err(AppError::Conflict { code, .. }) => wrong.push(FieldProblem::new("", code)),
                Err(other) => return Err(other),
            }
        }
        Ok(wrong)
    }

    /// A dry run has made no products that lines could be computed of.
    fn leave_out_what_is_not_there(&self, record: &mut Record) {
        if !self.work.writer.is_dry() {
            return;
        }
        if let Value::List(ids) = record.get("product_ids") {
            let there = ids.iter().filter(|id| !is_stand_in(id)).cloned().collect();
            record.set("product_ids", Value::List(there));
        }
    }
}
