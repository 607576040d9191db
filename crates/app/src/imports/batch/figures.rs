//! The figures of rows that become documents: lines, amounts, rates of exchange.

use kehu_domain::def::FieldProblem;
use kehu_domain::record::Record;
use kehu_domain::value::Value;
use kehu_persistence::db::Session;

use super::{Batch, Candidate};
use crate::documents;
use crate::error::AppError;
use crate::imports::memory::is_stand_in;

impl Batch<'_> {
    /// Computes what documents compute; a row whose figures are wrong is refused.
    pub(super) async fn compute(
        &mut self,
        session: &Session,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Candidate>, AppError> {
        let (ctx, def) = (self.work.ctx, self.def());
        if !documents::is_document(def) {
            return Ok(candidates);
        }
        let mut records: Vec<Record> = candidates.iter().map(|c| c.record.clone()).collect();
        for record in &mut records {
            self.leave_out_what_is_not_there(record);
        }
        let organisation = self.work.organisation;
        let problems =
            documents::compute_new(session, ctx, organisation, def, &mut records).await?;
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

    /// Computes a document anew that a row writes over. Products that the row names make its lines
    /// anew, where they or the amount differ.
    pub(super) async fn compute_again(
        &self,
        session: &Session,
        candidate: &Candidate,
        before: &Record,
        after: &mut Record,
    ) -> Result<Vec<FieldProblem>, AppError> {
        let (ctx, organisation, def) = (self.work.ctx, self.work.organisation, self.def());
        if !documents::is_document(def) {
            return Ok(Vec::new());
        }
        let products = "product_ids";
        let is_named = candidate.row.read.given.iter().any(|(at, _)| {
            let field = self.plan().fields.get(*at);
            field.is_some_and(|field| field.field.name == products)
        });
        let named = candidate.record.get(products);
        let differs = named != before.get(products) || before.get("amount") != after.get("amount");
        if is_named && differs {
            after.set("lines", Value::Null);
            after.set(products, named.clone());
            self.leave_out_what_is_not_there(after);
            let one = std::slice::from_mut(after);
            let problems = documents::compute_new(session, ctx, organisation, def, one).await?;
            return Ok(problems.into_iter().flatten().collect());
        }
        documents::complete_changed(session, ctx, organisation, def, before, after).await
    }

    /// A dry run has made no products that lines could be computed of.
    fn leave_out_what_is_not_there(&self, record: &mut Record) {
        if !self.work.dry {
            return;
        }
        if let Value::List(ids) = record.get("product_ids") {
            let there = ids.iter().filter(|id| !is_stand_in(id)).cloned().collect();
            record.set("product_ids", Value::List(there));
        }
    }
}
