//! What was sold: by month, quarter, person, department, manager, product, customer, industry; and
//! the funnel, from the stage history.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::exchange::{self, WHOLE};
use kehu_domain::expr::ExprCtx;
use kehu_domain::money::{self, Money};
use kehu_domain::opportunity::DEF;
use kehu_domain::scope::{self, Action};
use kehu_domain::sight::Sight;
use kehu_domain::stage::{Stage, StageKind};
use kehu_domain::{customer, department, document_line, pipeline, product, stage_change};
use kehu_persistence::organisation;
use kehu_persistence::records::{self as store, Trash};
use kehu_persistence::reports::decided::{self, Decided, Key};
use kehu_persistence::reports::funnel::{self, Period};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::App;
use crate::board::both;
use crate::context::Organisation;
use crate::error::AppError;
use crate::lists::{ListParams, query};
use crate::shown::computed_from;

/// By what sales are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The month of the decision.
    Month,
    /// Its quarter.
    Quarter,
    /// The owner.
    Owner,
    /// The owner's department; each has what those below it have, too.
    Department,
    /// Whom the owner reports to.
    Manager,
    /// The products of the lines.
    Product,
    /// The customer.
    Customer,
    /// The customer's industry.
    Industry,
}

/// Which opportunities a report is about.
#[derive(Debug, Clone, Default)]
pub struct ReportParams {
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// To this day, including it.
    pub to: Option<NaiveDate>,
    /// An expression.
    pub filter: Option<String>,
}

/// What was sold by those who belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// A month, a quarter, an id, a code; none for those that have none.
    pub key: Option<String>,
    /// What it is called, as far as the caller may see it.
    pub title: Option<String>,
    /// For departments: the one above.
    pub parent: Option<Uuid>,
    /// What became of its opportunities.
    pub decided: Decided,
}

/// A report of what was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    /// The rows: in the order of time, or the one that brought most first.
    pub rows: Vec<Row>,
    /// Everything together.
    pub total: Decided,
}

/// What became of those that entered a stage.
#[derive(Debug, Clone)]
pub struct Step {
    /// The stage.
    pub stage: Map<String, Json>,
    /// How many entered it.
    pub entered: i64,
    /// Σ of their amounts then.
    pub amount: i64,
    /// How many went on to a later stage or were won.
    pub moved_on: i64,
    /// How many went back to an earlier one.
    pub went_back: i64,
    /// How many were lost from here.
    pub lost: i64,
    /// How many are still there.
    pub still_there: i64,
    /// The median of the days that those stayed who left, in tenths.
    pub median_days: Option<i64>,
}

/// Won of all that were decided, in basis points.
#[must_use]
pub fn win_rate(decided: &Decided) -> Option<i64> {
    share(decided.won, decided.won + decided.lost)
}

/// A part of a whole in basis points, rounded.
#[must_use]
pub fn share(part: i64, whole: i64) -> Option<i64> {
    rounded(i128::from(part) * i128::from(WHOLE), whole)
}

/// The average days to win, in tenths, rounded.
#[must_use]
pub fn cycle_days(decided: &Decided) -> Option<i64> {
    rounded(i128::from(decided.days) * 10, decided.timed)
}

fn rounded(dividend: i128, divisor: i64) -> Option<i64> {
    let quotient = exchange::divide_rounded(dividend, i128::from(divisor))?;
    i64::try_from(quotient).ok()
}

/// The fields that reports of sales sum up and count by.
const SUMMED: &[&str] = &[
    "base_amount",
    "status",
    "stage_id",
    "pipeline_id",
    "started_on",
    "closed_on",
    "customer_id",
];

impl App {
    /// What was won and lost, as far as the caller sees it.
    ///
    /// # Errors
    /// Problems of the parameters.
    pub async fn sold(&self, ctx: &Ctx, by: By, params: &ReportParams) -> Result<Sold, AppError> {
        computed_from(ctx, &DEF, SUMMED)?;
        match by {
            By::Industry => computed_from(ctx, &customer::DEF, &["industry"])?,
            By::Product => {
                computed_from(ctx, &DEF, &["lines"])?;
                computed_from(ctx, &document_line::DEF, &["gross"])?;
            }
            _ => {}
        }
        let organisation = self.organisation(ctx.workspace.id).await?;
        let own = params.list("status != \"open\"");
        check_filter(ctx, params)?;
        let query = query(ctx, &DEF, &own)?;
        let session = self.db.read();
        let ask = async |key: Key| decided::decided(&session, &query, &key).await;
        let total = ask(Key::All).await?;
        let total = total.first().map(|(_, sums)| *sums).unwrap_or_default();
        let rows = match by {
            By::Month => ask(Key::Month).await?,
            By::Quarter => gathered(ask(Key::Month).await?, |month| {
                month.and_then(quarter_of).into_iter().map(Some).collect()
            }),
            By::Owner => ask(Key::Owner).await?,
            By::Customer => ask(Key::Customer).await?,
            By::Industry => {
                let seen = scope::of(ctx, &customer::DEF, Action::View);
                ask(Key::Industry(seen)).await?
            }
            By::Product => {
                let mut rows = ask(Key::Product).await?;
                let won = params.list("status == \"won\"");
                let won = crate::lists::query(ctx, &DEF, &won)?;
                let lines = decided::line_sums(&session, &won).await?;
                price_products(ctx, &mut rows, lines)?;
                rows
            }
            By::Manager => gathered(ask(Key::Owner).await?, |owner| {
                vec![manager_of(&organisation, owner)]
            }),
            By::Department => gathered(ask(Key::Owner).await?, |owner| {
                departments_of(&organisation, owner)
            }),
        };
        let mut rows = self.titled(ctx, &organisation, by, rows).await?;
        match by {
            By::Month | By::Quarter => rows.sort_by(|a, b| a.key.cmp(&b.key)),
            _ => rows.sort_by(|a, b| {
                let brought = b.decided.won_amount.cmp(&a.decided.won_amount);
                brought.then_with(|| a.key.cmp(&b.key))
            }),
        }
        Ok(Sold { rows, total })
    }

    /// What rows are called.
    async fn titled(
        &self,
        ctx: &Ctx,
        organisation: &Organisation,
        by: By,
        rows: Vec<(Option<String>, Decided)>,
    ) -> Result<Vec<Row>, AppError> {
        let keys: Vec<&str> = rows.iter().filter_map(|(key, _)| key.as_deref()).collect();
        let ids: Vec<Uuid> = keys
            .iter()
            .filter_map(|key| Uuid::parse_str(key).ok())
            .collect();
        let titles: HashMap<String, String> = match by {
            By::Month | By::Quarter => keys.iter().map(|k| ((*k).into(), (*k).into())).collect(),
            By::Owner | By::Manager => ids
                .iter()
                .filter_map(|id| Some((id.to_string(), organisation.person(*id)?.name.clone())))
                .collect(),
            By::Department => self.titles_of(ctx, &department::DEF, &ids).await?,
            By::Customer => self.titles_of(ctx, &customer::DEF, &ids).await?,
            By::Product => self.titles_of(ctx, &product::DEF, &ids).await?,
            By::Industry => self.names_of_codes(ctx, "industry").await?,
        };
        let above = |key: &Option<String>| {
            let id = Uuid::parse_str(key.as_deref()?).ok()?;
            *organisation.tree().departments.get(&id)?
        };
        Ok(rows
            .into_iter()
            .map(|(key, decided)| Row {
                title: key.as_ref().and_then(|key| titles.get(key).cloned()),
                parent: (by == By::Department).then(|| above(&key)).flatten(),
                key,
                decided,
            })
            .collect())
    }

    async fn titles_of(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        ids: &[Uuid],
    ) -> Result<HashMap<String, String>, AppError> {
        let read = scope::of(ctx, def, Action::View);
        let fields: Vec<_> = def
            .all_fields()
            .filter(|field| field.name == "id" || def.title.contains(&field.name))
            .collect();
        let session = self.db.read();
        let found = store::get_many(&session, def, &read, Trash::Either, ids, &fields).await?;
        let sight = Sight::of(&ctx.actor, def);
        Ok(found
            .iter()
            .map(|record| (record.id().to_string(), sight.title(def, record)))
            .collect())
    }

    async fn names_of_codes(
        &self,
        ctx: &Ctx,
        dictionary: &str,
    ) -> Result<HashMap<String, String>, AppError> {
        let (session, workspace) = (self.db.read(), ctx.workspace.id);
        let entries = organisation::all_entries(&session, workspace, dictionary).await?;
        let named = entries.into_iter().map(|entry| (entry.code, entry.name));
        Ok(named.collect())
    }

    /// What became of those that entered each stage of a pipeline in a period.
    ///
    /// # Errors
    /// Problems of the parameters.
    pub async fn funnel(
        &self,
        ctx: &Ctx,
        pipeline: Option<Uuid>,
        params: &ReportParams,
    ) -> Result<(Map<String, Json>, Vec<Step>), AppError> {
        computed_from(ctx, &DEF, SUMMED)?;
        computed_from(ctx, &stage_change::DEF, &[])?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let unknown = || AppError::invalid("pipeline_id", "not_found");
        let asked = pipeline.or_else(|| organisation.default_pipeline());
        let pipeline = asked.ok_or_else(unknown)?;
        let told = match self.get_record(ctx, &pipeline::DEF, pipeline).await {
            Ok(told) => told.to_map(),
            Err(AppError::NotFound) => return Err(unknown()),
            Err(other) => return Err(other),
        };
        check_filter(ctx, params)?;
        let list = ListParams {
            filter: params.filter.clone(),
            ..ListParams::default()
        };
        let query = query(ctx, &DEF, &list)?;
        let days = ExprCtx::of(ctx);
        let moment = |day: NaiveDate| days.start_of(day).timestamp_micros();
        let period = Period {
            pipeline,
            from: params.from.map(moment),
            until: params.to.and_then(|to| to.succ_opt()).map(moment),
        };
        let session = self.db.read();
        let passed = funnel::passed(&session, &query, period).await?;
        let stays = funnel::median_stays(&session, &query, period).await?;
        let stays: BTreeMap<Uuid, i64> = stays.into_iter().collect();
        let mut steps = Vec::new();
        for (stage, record) in self.stages_told(ctx, &organisation, pipeline).await? {
            let mut step = Step {
                stage: record,
                entered: 0,
                amount: 0,
                moved_on: 0,
                went_back: 0,
                lost: 0,
                still_there: 0,
                median_days: stays
                    .get(&stage.id.uuid())
                    .and_then(|stay| rounded(i128::from(*stay) * 10, MICROS_A_DAY)),
            };
            for part in passed.iter().filter(|part| part.stage == stage.id.uuid()) {
                step.entered += part.count;
                step.amount += part.amount;
                let next = part.next.and_then(|id| organisation.stage(id));
                *counter(&mut step, stage, next) += part.count;
            }
            steps.push(step);
        }
        Ok((told, steps))
    }
}

const MICROS_A_DAY: i64 = 86_400_000_000;

/// Where those are counted that went from a stage to the next.
fn counter<'a>(step: &'a mut Step, from: &Stage, next: Option<&Stage>) -> &'a mut i64 {
    match next {
        None => &mut step.still_there,
        Some(next) => match next.stage_kind {
            StageKind::Won => &mut step.moved_on,
            StageKind::Lost => &mut step.lost,
            StageKind::Open if from.stage_kind != StageKind::Open => &mut step.went_back,
            StageKind::Open if next.position < from.position => &mut step.went_back,
            StageKind::Open => &mut step.moved_on,
        },
    }
}

impl ReportParams {
    /// The list of those decided opportunities of the period that pass the caller's filter.
    fn list(&self, part: &str) -> ListParams {
        let mut part = part.to_owned();
        if let Some(from) = self.from {
            part.push_str(&format!(" && closed_on >= date(\"{from}\")"));
        }
        if let Some(to) = self.to {
            part.push_str(&format!(" && closed_on <= date(\"{to}\")"));
        }
        ListParams {
            filter: Some(both(&part, self.filter.as_deref())),
            ..ListParams::default()
        }
    }
}

/// Tells what is wrong with the caller's filter at its place in what they wrote.
fn check_filter(ctx: &Ctx, params: &ReportParams) -> Result<(), AppError> {
    let own = ListParams {
        filter: params.filter.clone(),
        ..ListParams::default()
    };
    query(ctx, &DEF, &own).map(drop)
}

/// Rows put together by what their key belongs to.
fn gathered(
    rows: Vec<(Option<String>, Decided)>,
    belongs_to: impl Fn(Option<&str>) -> Vec<Option<String>>,
) -> Vec<(Option<String>, Decided)> {
    let mut groups: BTreeMap<Option<String>, Decided> = BTreeMap::new();
    for (key, sums) in rows {
        let of: BTreeSet<Option<String>> = belongs_to(key.as_deref()).into_iter().collect();
        for group in of {
            groups.entry(group).or_default().add(sums);
        }
    }
    groups.into_iter().collect()
}

/// `2026-Q4` for `2026-11`.
fn quarter_of(month: &str) -> Option<String> {
    let (year, month) = month.split_once('-')?;
    let quarter = month.parse::<u32>().ok()?.div_ceil(3);
    Some(format!("{year}-Q{quarter}"))
}

fn manager_of(organisation: &Organisation, owner: Option<&str>) -> Option<String> {
    let owner = Uuid::parse_str(owner?).ok()?;
    let member = organisation.tree().members.get(&owner)?;
    member.manager_id.map(|id| id.to_string())
}

/// The owner's department and all above it; `None` for who belongs to none.
fn departments_of(organisation: &Organisation, owner: Option<&str>) -> Vec<Option<String>> {
    let owner = owner.and_then(|owner| Uuid::parse_str(owner).ok());
    let chain = owner.map(|owner| organisation.tree().departments_above(owner));
    match chain {
        Some(chain) if !chain.is_empty() => chain.iter().map(|id| Some(id.to_string())).collect(),
        _ => vec![None],
    }
}

/// Gives rows of products the amounts of their own lines, in the workspace's currency.
fn price_products(
    ctx: &Ctx,
    rows: &mut Vec<(Option<String>, Decided)>,
    lines: Vec<decided::LineSum>,
) -> Result<(), AppError> {
    for (_, sums) in rows.iter_mut().filter(|(key, _)| key.is_some()) {
        sums.won_amount = 0;
    }
    for line in lines {
        let currency = money::currency(&line.currency);
        let amount = currency.map(|currency| Money {
            amount: line.gross,
            currency,
        });
        let base = ctx.workspace.currency;
        let amount = amount.and_then(|amount| exchange::convert(amount, line.rate, base));
        let Some(amount) = amount else {
            return Err(AppError::Internal("a sum beyond all amounts".to_owned()));
        };
        let product = line.product.map(|id| id.to_string());
        match rows.iter_mut().find(|(key, _)| *key == product) {
            Some((_, sums)) => sums.won_amount += amount.amount,
            None => rows.push((
                product,
                Decided {
                    won_amount: amount.amount,
                    ..Decided::default()
                },
            )),
        }
    }
    Ok(())
}
