//! Completes what documents compute: the lines of opportunities and contracts, their totals, the
//! rate of exchange of their day, and numbers. Many records at a time, without a query per record.

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};
use iso_currency::Currency;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, FieldProblem};
use kehu_domain::document::{self, Line, Terms, Totals};
use kehu_domain::exchange::{self, MILLION};
use kehu_domain::money::{Money, decimals};
use kehu_domain::product::{self, Product};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action, Scope};
use kehu_domain::value::Value;
use kehu_persistence::db::Session;
use kehu_persistence::number_series;
use kehu_persistence::records::{self, Trash};
use serde_json::json;
use uuid::Uuid;

use crate::clock;
use crate::context::Organisation;
use crate::error::AppError;
use crate::prepare::Problems;

/// Whether a kind has something to compute.
pub(crate) fn is_document(def: &Def) -> bool {
    matches!(def.kind, "opportunity" | "contract" | "payment")
}

/// Completes new documents and gives them numbers. What is wrong with each comes back in their
/// order.
pub(crate) async fn complete_new(
    session: &Session,
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    records: &mut [Record],
) -> Result<Problems, AppError> {
    let problems = compute_new(session, ctx, organisation, def, records).await?;
    number(session, ctx, def, records).await?;
    Ok(problems)
}

/// Completes new documents but for their numbers, as [`complete_new`] does.
pub(crate) async fn compute_new(
    session: &Session,
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    records: &mut [Record],
) -> Result<Problems, AppError> {
    if !is_document(def) {
        return Ok(vec![Vec::new(); records.len()]);
    }
    let work = Work::load(session, ctx, organisation, def, records).await?;
    let mut problems = Vec::with_capacity(records.len());
    for record in records.iter_mut() {
        problems.push(work.complete(None, record));
    }
    Ok(problems)
}

/// Completes a changed document.
pub(crate) async fn complete_changed(
    session: &Session,
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    before: &Record,
    after: &mut Record,
) -> Result<Vec<FieldProblem>, AppError> {
    if !is_document(def) || before == after {
        return Ok(Vec::new());
    }
    let one = std::slice::from_ref(after);
    let work = Work::load(session, ctx, organisation, def, one).await?;
    Ok(work.complete(Some(before), after))
}

/// Gives new contracts and payments that have no number the next ones of their year.
pub(crate) async fn number(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    records: &mut [Record],
) -> Result<(), AppError> {
    let prefix = match def.kind {
        "contract" => "C",
        "payment" => "P",
        _ => return Ok(()),
    };
    let bare = records
        .iter()
        .filter(|record| record.get("number").is_null())
        .count();
    let Some(field) = def.field("number").filter(|_| bare > 0) else {
        return Ok(());
    };
    let everything = Scope::everything(ctx.workspace.id);
    let year = clock::today(ctx).year();
    let series = format!("{}:{year}", def.kind);
    let mut free: Vec<Value> = Vec::with_capacity(bare);
    while free.len() < bare {
        let missing = i64::try_from(bare - free.len()).unwrap_or(1);
        let last = number_series::take(session, ctx.workspace.id, &series, missing).await?;
        let next: Vec<Value> = (last - missing + 1..=last)
            .map(|number| Value::Text(format!("{prefix}{year}-{number:05}")))
            .collect();
        // Somebody may have given one of these by hand.
        let taken = records::by_values(session, def, &everything, field, &next).await?;
        free.extend(
            next.into_iter()
                .filter(|number| taken.iter().all(|(_, used)| used != number)),
        );
    }
    let bare = records
        .iter_mut()
        .filter(|record| record.get("number").is_null());
    for (record, number) in bare.zip(free) {
        record.set("number", number);
    }
    Ok(())
}

/// Nobody said what a currency was worth in the workspace's own on a day.
pub(crate) fn rate_missing(
    ctx: &Ctx,
    field: &str,
    currency: Currency,
    day: NaiveDate,
) -> FieldProblem {
    FieldProblem::new(field, "rate_missing").with(json!({
        "currency": currency.code(), "base": ctx.workspace.currency.code(), "day": day.to_string(),
    }))
}

/// What computing documents needs to know.
struct Work<'a> {
    ctx: &'a Ctx,
    organisation: &'a Organisation,
    def: &'static Def,
    products: HashMap<Uuid, Product>,
}

impl<'a> Work<'a> {
    async fn load(
        session: &Session,
        ctx: &'a Ctx,
        organisation: &'a Organisation,
        def: &'static Def,
        records: &[Record],
    ) -> Result<Self, AppError> {
        let mut wanted: BTreeSet<Uuid> = BTreeSet::new();
        for record in records {
            if let Value::List(ids) = record.get("product_ids") {
                wanted.extend(ids.iter().filter_map(|id| Uuid::parse_str(id).ok()));
            }
            if let Value::Json(lines) = record.get("lines") {
                let ids = lines.as_array().into_iter().flatten();
                wanted.extend(
                    ids.filter_map(|line| Uuid::parse_str(line.get("product_id")?.as_str()?).ok()),
                );
            }
        }
        let mut products = HashMap::new();
        if !wanted.is_empty() {
            let ids: Vec<Uuid> = wanted.into_iter().collect();
            let fields: Vec<_> = product::DEF.all_fields().collect();
            let read = scope::of(ctx, &product::DEF, Action::Read);
            let def = &product::DEF;
            for found in
                records::get_many(session, def, &read, Trash::Either, &ids, &fields).await?
            {
                products.insert(found.id(), Product::from_record(&found)?);
            }
        }
        Ok(Self {
            ctx,
            organisation,
            def,
            products,
        })
    }

    fn complete(&self, before: Option<&Record>, record: &mut Record) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.def.has("lines") {
            problems.extend(self.lines(before, record));
        }
        if problems.is_empty() {
            problems.extend(self.rate(before, record));
        }
        problems
    }

    /// The lines with their amounts, and the totals.
    fn lines(&self, before: Option<&Record>, record: &mut Record) -> Vec<FieldProblem> {
        let given = match record.get("lines") {
            Value::Json(json) => match document::parse(json) {
                Ok(lines) => lines,
                Err(problems) => return problems,
            },
            _ => Vec::new(),
        };
        let named = match record.get("product_ids") {
            Value::List(ids) if given.is_empty() && before.is_none() => ids.clone(),
            _ => Vec::new(),
        };
        let given = if named.is_empty() {
            given
        } else {
            record.set("includes_tax", Value::Bool(true));
            self.shorthand(&named, record)
        };
        let mut problems = Vec::new();
        let mut lines = Vec::with_capacity(given.len());
        for (index, line) in given.into_iter().enumerate() {
            match self.filled(line) {
                Ok(line) => lines.push(line),
                Err((field, code)) => {
                    problems.push(FieldProblem::new(&format!("lines/{index}/{field}"), code));
                }
            }
        }
        let (currency, discount) = match self.terms(before, record) {
            Ok(terms) => terms,
            Err(problem) => {
                problems.push(problem);
                return problems;
            }
        };
        if !problems.is_empty() {
            return problems;
        }
        let terms = Terms {
            currency,
            includes_tax: *record.get("includes_tax") == Value::Bool(true),
            discount,
        };
        if lines.is_empty() {
            // A contract is worth what its lines say, or what somebody says.
            if self.def.kind == "contract" && record.get("amount").is_null() {
                return vec![FieldProblem::new("amount", "required")];
            }
            if discount > 0 {
                return vec![FieldProblem::new("discount", "more_than_the_lines")];
            }
            record.set("lines", Value::Null);
            self.set_totals(record, currency, None);
            return Vec::new();
        }
        let totals = match document::compute(&lines, terms) {
            Ok(totals) => totals,
            Err(problems) => return problems,
        };
        // Who says the sum must say it right; who changes lines need not say it anew.
        let said = match record.get("amount") {
            Value::Money(money)
                if before.is_none_or(|b| b.get("amount") != record.get("amount")) =>
            {
                Some(money.amount)
            }
            _ => None,
        };
        if let Some(said) = said
            && said != totals.gross
        {
            let problem = FieldProblem::new("amount", "not_the_sum_of_the_lines");
            let sum = Money {
                amount: totals.gross,
                currency,
            };
            return vec![problem.with(json!({
                "sum": kehu_domain::money::format_major(sum),
                "amount": sum.amount, "currency": currency.code(),
            }))];
        }
        record.set("lines", Value::Json(document::stored(&lines, &totals)));
        if self.def.has("product_ids") {
            let mut ids: Vec<String> = Vec::new();
            for id in lines.iter().filter_map(|line| line.product_id) {
                let id = id.to_string();
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            record.set("product_ids", Value::List(ids));
        }
        self.set_totals(record, currency, Some(&totals));
        Vec::new()
    }

    /// The currency that a document is in, and the discount on all of it: one currency throughout.
    fn terms(
        &self,
        before: Option<&Record>,
        record: &Record,
    ) -> Result<(Currency, i64), FieldProblem> {
        let money = |record: &Record, name| match record.get(name) {
            Value::Money(money) => Some(*money),
            _ => None,
        };
        let (amount, discount) = (money(record, "amount"), money(record, "discount"));
        let known = before.and_then(|before| money(before, "amount"));
        let currency = amount
            .or(discount)
            .or(known)
            .map_or(self.ctx.workspace.currency, |money| money.currency);
        match discount {
            Some(discount) if discount.currency != currency => {
                Err(FieldProblem::new("discount", "another_currency")
                    .with(json!({ "currency": currency.code() })))
            }
            discount => Ok((currency, discount.map_or(0, |money| money.amount))),
        }
    }

    fn set_totals(&self, record: &mut Record, currency: Currency, totals: Option<&Totals>) {
        let money = |amount| Value::Money(Money { amount, currency });
        if let Some(totals) = totals {
            record.set("amount", money(totals.gross));
        }
        if self.def.has("net_amount") {
            let of = |part: fn(&Totals) -> i64| totals.map_or(Value::Null, |t| money(part(t)));
            record.set("net_amount", of(|totals| totals.net));
            record.set("tax_amount", of(|totals| totals.tax));
        }
    }

    /// The lines of products that were named alone: one each, together worth the amount where one
    /// is given, in proportion to the list prices.
    fn shorthand(&self, ids: &[String], record: &Record) -> Vec<Line> {
        let products: Vec<Option<Uuid>> = ids.iter().map(|id| Uuid::parse_str(id).ok()).collect();
        let list_prices: Vec<i64> = products
            .iter()
            .map(|id| {
                id.and_then(|id| self.products.get(&id))
                    .map_or(0, |p| p.unit_price)
            })
            .collect();
        let prices: Vec<Option<i64>> = match record.get("amount") {
            Value::Money(money) => {
                let worth = list_prices.iter().any(|price| *price > 0);
                let weights = if worth {
                    list_prices
                } else {
                    vec![1; products.len()]
                };
                let places = decimals(money.currency);
                exchange::spread(money.amount, &weights)
                    .into_iter()
                    .map(|part| {
                        let minor = 10_i64.checked_pow(places)?;
                        part.checked_mul(MILLION.checked_div(minor)?)
                    })
                    .collect()
            }
            _ => vec![None; products.len()],
        };
        products
            .into_iter()
            .zip(prices)
            .map(|(product_id, unit_price)| Line {
                product_id,
                unit_price,
                ..Line::default()
            })
            .collect()
    }

    /// A line with what it leaves to its product.
    fn filled(&self, mut line: Line) -> Result<Line, (&'static str, &'static str)> {
        let product = match line.product_id {
            Some(id) => Some(self.products.get(&id).ok_or(("product_id", "not_found"))?),
            None => None,
        };
        if let Some(product) = product {
            line.name = line.name.or_else(|| Some(product.name.clone()));
            line.unit = line.unit.or_else(|| product.unit.clone());
            line.unit_price = line.unit_price.or(Some(product.unit_price));
            line.tax_rate = line.tax_rate.or(Some(product.tax_rate));
        }
        if line.name.is_none() {
            return Err(("name", "required"));
        }
        if line.unit_price.is_none() {
            return Err(("unit_price", "required"));
        }
        Ok(line)
    }

    /// The rate of exchange of the document's day, and its amount in the workspace's currency.
    fn rate(&self, before: Option<&Record>, record: &mut Record) -> Vec<FieldProblem> {
        let Value::Money(amount) = *record.get("amount") else {
            record.set("exchange_rate", Value::Null);
            record.set("base_amount", Value::Null);
            return Vec::new();
        };
        let day_of = |record: &Record| self.day(record);
        let same = before.filter(|before| {
            let currency = match before.get("amount") {
                Value::Money(money) => Some(money.currency),
                _ => None,
            };
            currency == Some(amount.currency) && day_of(before) == day_of(record)
        });
        let kept = same.and_then(|before| before.get("exchange_rate").as_int());
        let known = kept.or_else(|| self.organisation.rate(amount.currency, day_of(record)));
        let base = self.ctx.workspace.currency;
        let Some(rate) = known else {
            let day = day_of(record);
            return vec![rate_missing(self.ctx, "amount", amount.currency, day)];
        };
        let Some(converted) = exchange::convert(amount, rate, base) else {
            return vec![FieldProblem::new("amount", "amount_too_large")];
        };
        record.set("exchange_rate", Value::Int(rate));
        record.set("base_amount", Value::Money(converted));
        Vec::new()
    }

    /// The day whose rate of exchange counts.
    fn day(&self, record: &Record) -> NaiveDate {
        let field = match self.def.kind {
            "contract" => "signed_on",
            "payment" => "received_on",
            _ => "started_on",
        };
        match record.get(field) {
            Value::Date(day) => *day,
            _ => clock::today(self.ctx),
        }
    }
}
