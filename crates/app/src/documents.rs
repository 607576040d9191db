//! Completes what documents compute: the lines of opportunities and contracts, their totals, the
//! rate of exchange of their day, and numbers. Many records at a time, without a query per record.

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};
use iso_currency::Currency;
use kehu_domain::capabilities::Document;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, FieldProblem};
use kehu_domain::document::{self, Line, Terms, Totals};
use kehu_domain::exchange::{self, MILLION};
use kehu_domain::money::{Money, decimals};
use kehu_domain::product::{self, Product};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action, Reason, Scope};
use kehu_domain::value::Value;
use kehu_persistence::number_series;
use kehu_persistence::records::{self, Trash};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::clock;
use crate::error::AppError;
use crate::ids::new_id;
use crate::prepare::Problems;
use crate::worth::Worth;
use crate::writer::Writer;

/// How a changed document is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compute {
    /// What stays as it is keeps its rate, and its lines.
    Changed,
    /// As if it were new: products that are named make its lines.
    Anew,
}

/// Completes new documents but for their numbers. What is wrong with each comes back in their order.
pub(crate) async fn compute_new(
    writer: &Writer<'_>,
    def: &'static Def,
    records: &mut [Record],
) -> Result<Problems, AppError> {
    let Some(document) = def.can.document else {
        return Ok(vec![Vec::new(); records.len()]);
    };
    let work = Work::load(writer, def, document, None, records).await?;
    let mut problems = Vec::with_capacity(records.len());
    for record in records.iter_mut() {
        problems.push(work.complete(Before::NONE, record));
    }
    Ok(problems)
}

/// Completes a changed document.
pub(crate) async fn compute_changed(
    writer: &Writer<'_>,
    def: &'static Def,
    before: &Record,
    after: &mut Record,
    compute: Compute,
) -> Result<Vec<FieldProblem>, AppError> {
    let Some(document) = def.can.document.filter(|_| before != after) else {
        return Ok(Vec::new());
    };
    let before = Before {
        stays: (compute == Compute::Changed).then_some(before),
        stored: Some(before),
    };
    let one = std::slice::from_ref(after);
    let work = Work::load(writer, def, document, before.stays, one).await?;
    Ok(work.complete(before, after))
}

/// Gives lines that have no id new ones: those that somebody added, and those of a log from before lines
/// had ids, which an import that is taken back puts in their place again.
pub(crate) fn identify_lines(def: &Def, record: &mut Record) {
    let Some(field) = def.lines() else { return };
    let Value::Json(lines) = record.get(field.name) else {
        return;
    };
    let mut lines = lines.clone();
    let entries = lines.as_array_mut().into_iter().flatten();
    for line in entries.filter_map(Json::as_object_mut) {
        if line.get("id").is_none_or(Json::is_null) {
            line.insert("id".to_owned(), json!(new_id()));
        }
    }
    record.set(field.name, Value::Json(lines));
}

/// Gives new documents that are numbered and have no number the next ones of their year.
pub(crate) async fn number(
    writer: &Writer<'_>,
    def: &'static Def,
    records: &mut [Record],
) -> Result<(), AppError> {
    let Some(prefix) = def.can.document.and_then(|document| document.number) else {
        return Ok(());
    };
    let bare = records
        .iter()
        .filter(|record| record.get("number").is_null())
        .count();
    let Some(field) = def.field("number").filter(|_| bare > 0) else {
        return Ok(());
    };
    let (session, workspace) = (writer.session, writer.workspace());
    let everything = Scope::system(workspace, Reason::Consistency);
    let year = clock::today(writer.ctx()).year();
    let series = format!("{}:{year}", def.kind);
    let mut free: Vec<Value> = Vec::with_capacity(bare);
    while free.len() < bare {
        let missing = i64::try_from(bare - free.len()).unwrap_or(1);
        let last = number_series::take(session, workspace, &series, missing).await?;
        let next: Vec<Value> = (last - missing + 1..=last)
            .map(|number| Value::Text(format!("{prefix}{year}-{number:05}")))
            .collect();
        // Somebody may have given one of these by hand, here or in the same file.
        let given = |number: &Value| records.iter().any(|record| record.get("number") == number);
        let taken = records::by_values(session, def, &everything, field, &next).await?;
        free.extend(
            next.into_iter()
                .filter(|number| !given(number) && taken.iter().all(|(_, used)| used != number)),
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

/// What a document was.
#[derive(Clone, Copy)]
struct Before<'a> {
    /// What of it stays where nobody says otherwise; nothing of one that is computed as if it were new.
    stays: Option<&'a Record>,
    /// As it is stored; none when it is new. Its lines keep their ids.
    stored: Option<&'a Record>,
}

impl Before<'_> {
    /// It was not.
    const NONE: Self = Self {
        stays: None,
        stored: None,
    };
}

/// What computing documents needs to know.
struct Work<'a> {
    ctx: &'a Ctx,
    def: &'static Def,
    document: Document,
    products: HashMap<Uuid, Product>,
    worth: Worth,
}

impl<'a> Work<'a> {
    async fn load(
        writer: &Writer<'a>,
        def: &'static Def,
        document: Document,
        before: Option<&Record>,
        records: &[Record],
    ) -> Result<Self, AppError> {
        let ctx = writer.ctx();
        let wanted: Vec<(Currency, NaiveDate)> = records
            .iter()
            .map(|record| (currency(ctx, before, record), day(ctx, document, record)))
            .collect();
        Ok(Self {
            ctx,
            def,
            document,
            products: products(writer, records).await?,
            worth: Worth::ask(writer.session, ctx, &wanted).await?,
        })
    }

    fn complete(&self, before: Before<'_>, record: &mut Record) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if self.def.lines().is_some() {
            problems.extend(self.lines(before, record));
        }
        if problems.is_empty() {
            problems.extend(self.rate(before.stays, record));
        }
        problems
    }

    /// The lines with their amounts, and the totals.
    fn lines(&self, before: Before<'_>, record: &mut Record) -> Vec<FieldProblem> {
        let has = before.stored.map_or_else(Vec::new, lines_of);
        let before = before.stays;
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
        let mut problems = document::check_ids(&given, &has);
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
            if self.document.amount_required && record.get("amount").is_null() {
                return vec![FieldProblem::new("amount", "required")];
            }
            if discount > 0 {
                return vec![FieldProblem::new("discount", "more_than_the_lines")];
            }
            record.set("lines", Value::Null);
            self.set_totals(record, currency, None);
            return Vec::new();
        }
        document::recognise(&mut lines, &has);
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
        let currency = currency(self.ctx, before, record);
        match money_of(record, "discount") {
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
        line.quantity = line.quantity.or(Some(MILLION));
        line.tax_rate = line.tax_rate.or(Some(0));
        Ok(line)
    }

    /// The rate of exchange of the document's day, and its amount in the workspace's currency.
    fn rate(&self, before: Option<&Record>, record: &mut Record) -> Vec<FieldProblem> {
        let Value::Money(amount) = *record.get("amount") else {
            record.set("exchange_rate", Value::Null);
            record.set("base_amount", Value::Null);
            return Vec::new();
        };
        let day_of = |record: &Record| day(self.ctx, self.document, record);
        let same = before.filter(|before| {
            let currency = match before.get("amount") {
                Value::Money(money) => Some(money.currency),
                _ => None,
            };
            currency == Some(amount.currency) && day_of(before) == day_of(record)
        });
        let kept = same.and_then(|before| before.get("exchange_rate").as_int());
        let known = kept.or_else(|| self.worth.of(amount.currency, day_of(record)));
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
}

/// The products that documents name, as far as the caller sees them.
async fn products(
    writer: &Writer<'_>,
    records: &[Record],
) -> Result<HashMap<Uuid, Product>, AppError> {
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
        let def = &product::DEF;
        let fields: Vec<_> = def.all_fields().collect();
        let read = scope::of(writer.ctx(), def, Action::View);
        let found =
            records::get_many(writer.session, def, &read, Trash::Either, &ids, &fields).await?;
        for found in found {
            products.insert(found.id(), Product::from_record(&found)?);
        }
    }
    Ok(products)
}

/// The lines that a document has.
fn lines_of(record: &Record) -> Vec<Line> {
    match record.get("lines") {
        Value::Json(told) => document::parse(told).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn money_of(record: &Record, name: &str) -> Option<Money> {
    match record.get(name) {
        Value::Money(money) => Some(*money),
        _ => None,
    }
}

/// The currency that a document is in: what it says, what it said before, the workspace's own.
fn currency(ctx: &Ctx, before: Option<&Record>, record: &Record) -> Currency {
    money_of(record, "amount")
        .or_else(|| money_of(record, "discount"))
        .or_else(|| money_of(before?, "amount"))
        .map_or(ctx.workspace.currency, |money| money.currency)
}

/// The day whose rate of exchange counts.
fn day(ctx: &Ctx, document: Document, record: &Record) -> NaiveDate {
    match record.get(document.day) {
        Value::Date(day) => *day,
        _ => clock::today(ctx),
    }
}
