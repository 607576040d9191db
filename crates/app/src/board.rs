//! The board of a pipeline: its stages with their sums and their first opportunities; and the
//! forecast, by month and category.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};
use kehu_domain::ctx::Ctx;
use kehu_domain::opportunity::{DEF, ForecastCategory, Status};
use kehu_domain::scope::{self, Action};
use kehu_domain::{pipeline, stage};
use kehu_persistence::records::{self as store, Trash};
use kehu_persistence::reports::{self, Day};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

pub use kehu_persistence::reports::Sums;

use crate::error::AppError;
use crate::lists::{ListParams, query};
use crate::shown::{Shown, computed_from};
use crate::{App, clock};

/// For how many days the board shows what was decided.
pub const CLOSED_DAYS: u64 = 30;

/// The fields that boards and forecasts sum up and put in order by.
const SUMMED: &[&str] = &[
    "base_amount",
    "status",
    "stage_id",
    "pipeline_id",
    "closed_on",
    "probability",
    "expected_close_on",
    "forecast_category",
];

/// The most months of a forecast.
pub const MAX_MONTHS: u32 = 24;

/// What a board is asked for.
#[derive(Debug, Clone, Default)]
pub struct BoardParams {
    /// The pipeline; the default one when it is left out.
    pub pipeline: Option<Uuid>,
    /// Which of its opportunities: an expression.
    pub filter: Option<String>,
    /// Words to search for.
    pub words: Option<String>,
    /// How many opportunities of each stage.
    pub limit: u64,
}

/// The board of a pipeline.
#[derive(Debug, Clone)]
pub struct Board {
    /// The pipeline.
    pub pipeline: Map<String, Json>,
    /// Since when the decided ones were decided that are shown.
    pub closed_since: NaiveDate,
    /// Its stages in order.
    pub columns: Vec<Column>,
}

/// One stage of a board.
#[derive(Debug, Clone)]
pub struct Column {
    /// The stage.
    pub stage: Map<String, Json>,
    /// How many opportunities stand in it, and what they come to.
    pub sums: Sums,
    /// The filter of the list that the items begin.
    pub filter: String,
    /// Its order.
    pub sort: &'static str,
    /// The first opportunities, with their owner and customer.
    pub items: Vec<Shown>,
    /// Where the list goes on.
    pub next_cursor: Option<String>,
}

/// What is expected of some months.
#[derive(Debug, Clone, Default)]
pub struct Forecast {
    /// The months, in order.
    pub months: Vec<(NaiveDate, BTreeMap<ForecastCategory, Sums>)>,
    /// Open opportunities that should have been decided before the first month.
    pub earlier: Sums,
    /// Open opportunities that nobody has said a day of.
    pub undated: Sums,
}

impl App {
    /// The board of a pipeline, as far as the caller sees it.
    ///
    /// # Errors
    /// Problems of the parameters.
    pub async fn board(&self, ctx: &Ctx, params: &BoardParams) -> Result<Board, AppError> {
        computed_from(ctx, &DEF, SUMMED)?;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let unknown = || AppError::invalid("pipeline_id", "not_found");
        let asked = params.pipeline.or_else(|| organisation.default_pipeline());
        let pipeline_id = asked.ok_or_else(unknown)?;
        let pipeline = match self.get_record(ctx, &pipeline::DEF, pipeline_id).await {
            Ok(pipeline) => pipeline.to_map(),
            Err(AppError::NotFound) => return Err(unknown()),
            Err(other) => return Err(other),
        };
        let closed_since = clock::today(ctx)
            .checked_sub_days(Days::new(CLOSED_DAYS))
            .unwrap_or_default();
        // What is wrong with the filter is told with its place in what the caller wrote.
        let own = ListParams {
            filter: params.filter.clone(),
            ..ListParams::default()
        };
        query(ctx, &DEF, &own)?;
        let here = format!("pipeline_id == \"{pipeline_id}\"");
        let open = format!("{here} && status == \"open\"");
        let closed =
            format!("{here} && status != \"open\" && closed_on >= date(\"{closed_since}\")");
        let mut sums: BTreeMap<Uuid, Sums> = BTreeMap::new();
        for filter in [&open, &closed] {
            let list = params.list(filter);
            let query = query(ctx, &DEF, &list)?;
            sums.extend(reports::by_stage(&self.db.read(), &query).await?);
        }
        let mut columns = Vec::new();
        for (stage, told) in self.stages_told(ctx, &organisation, pipeline_id).await? {
            let status = Status::in_stage(stage);
            let sums = sums.get(&stage.id.uuid()).copied().unwrap_or_default();
            let since = match status {
                Status::Open => String::new(),
                Status::Won | Status::Lost => {
                    format!(" && closed_on >= date(\"{closed_since}\")")
                }
            };
            let (code, id) = (status.code(), stage.id.uuid());
            let filter = format!("{here} && status == \"{code}\" && stage_id == \"{id}\"{since}");
            let sort = match status {
                Status::Open => "-base_amount",
                Status::Won | Status::Lost => "-closed_on",
            };
            let mut list = params.list(&filter);
            list.sort = Some(sort.to_owned());
            list.expand = Some("owner,customer".to_owned());
            list.limit = Some(params.limit);
            let (mut items, mut next_cursor) = (Vec::new(), None);
            if sums.count > 0 {
                let page = self.list_records(ctx, &DEF, &list).await?;
                (items, next_cursor) = (page.items, page.next_cursor);
            }
            columns.push(Column {
                stage: told,
                sums,
                filter: list.filter.unwrap_or_default(),
                sort,
                items,
                next_cursor,
            });
        }
        Ok(Board {
            pipeline,
            closed_since,
            columns,
        })
    }

    /// The stages of a pipeline in order, each with what crosses the wire of it.
    pub(crate) async fn stages_told<'a>(
        &self,
        ctx: &Ctx,
        organisation: &'a crate::context::Organisation,
        pipeline: Uuid,
    ) -> Result<Vec<(&'a stage::Stage, Map<String, Json>)>, AppError> {
        let stages: Vec<_> = organisation.stages(pipeline).collect();
        let ids: Vec<Uuid> = stages.iter().map(|stage| stage.id.uuid()).collect();
        let fields: Vec<_> = stage::DEF.all_fields().collect();
        let read = scope::of(ctx, &stage::DEF, Action::View);
        let session = self.db.read();
        let found =
            store::get_many(&session, &stage::DEF, &read, Trash::Either, &ids, &fields).await?;
        Ok(stages
            .into_iter()
            .filter_map(|stage| {
                let record = found.iter().find(|found| found.id() == stage.id.uuid())?;
                let shown = Shown::of(ctx, &stage::DEF, record.clone());
                Some((stage, shown.to_map()))
            })
            .collect())
    }

    /// What open opportunities may bring in the months in which they should be decided, and what
    /// won ones brought.
    ///
    /// # Errors
    /// Problems of the parameters.
    pub async fn forecast(
        &self,
        ctx: &Ctx,
        from: NaiveDate,
        months: u32,
        filter: Option<&str>,
    ) -> Result<Forecast, AppError> {
        computed_from(ctx, &DEF, SUMMED)?;
        let own = ListParams {
            filter: filter.map(str::to_owned),
            ..ListParams::default()
        };
        query(ctx, &DEF, &own)?;
        let end = from
            .checked_add_months(Months::new(months))
            .ok_or_else(|| AppError::invalid("from", "date_invalid"))?;
        let session = self.db.read();
        let sums = async |part: String, day: Day| {
            let list = ListParams {
                filter: Some(both(&part, filter)),
                ..ListParams::default()
            };
            let query = query(ctx, &DEF, &list)?;
            Ok::<_, AppError>(reports::by_month_and_category(&session, &query, day).await?)
        };
        let open = "status == \"open\" && forecast_category != \"omitted\"";
        let due = format!(
            "{open} && expected_close_on >= date(\"{from}\") && expected_close_on < date(\"{end}\")"
        );
        let won = format!(
            "status == \"won\" && closed_on >= date(\"{from}\") && closed_on < date(\"{end}\")"
        );
        let earlier = format!("{open} && expected_close_on < date(\"{from}\")");
        let undated = format!("{open} && expected_close_on == null");
        let mut forecast = Forecast::default();
        let mut known: BTreeMap<String, BTreeMap<ForecastCategory, Sums>> = BTreeMap::new();
        for (part, day) in [(due, Day::Expected), (won, Day::Closed)] {
            for (month, category, sums) in sums(part, day).await? {
                // What was won is certain, whatever was thought of it before.
                let category = match day {
                    Day::Closed => Some(ForecastCategory::Closed),
                    Day::Expected => ForecastCategory::from_code(&category),
                };
                if let (Some(month), Some(category)) = (month, category) {
                    let of_month = known.entry(month).or_default();
                    add(of_month.entry(category).or_default(), sums);
                }
            }
        }
        for (_, _, part) in sums(earlier, Day::Expected).await? {
            add(&mut forecast.earlier, part);
        }
        for (_, _, part) in sums(undated, Day::Expected).await? {
            add(&mut forecast.undated, part);
        }
        for number in 0..months {
            let Some(month) = from.checked_add_months(Months::new(number)) else {
                break;
            };
            let of_month = known.remove(&month.format("%Y-%m").to_string());
            forecast.months.push((month, of_month.unwrap_or_default()));
        }
        Ok(forecast)
    }
}

impl BoardParams {
    /// The list of those opportunities of this part that the caller asks for.
    fn list(&self, part: &str) -> ListParams {
        ListParams {
            filter: Some(both(part, self.filter.as_deref())),
            words: self.words.clone(),
            ..ListParams::default()
        }
    }
}

/// Our own condition together with the caller's.
pub(crate) fn both(part: &str, filter: Option<&str>) -> String {
    match filter.map(str::trim).filter(|filter| !filter.is_empty()) {
        Some(filter) => format!("{part} && ({filter})"),
        None => part.to_owned(),
    }
}

/// Adds sums to others.
pub const fn add(to: &mut Sums, part: Sums) {
    to.count += part.count;
    to.amount += part.amount;
    to.weighted_amount += part.weighted_amount;
}
