//! Reports on sales.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Query, ServiceConfig};
use chrono::NaiveDate;
use kehu_app::reports::{self, By, ReportParams, Row, Sold};
use kehu_wire::report::{Funnel, FunnelStage, WonReport, WonRow};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as Unreadable, StrDeserializer};
use uuid::Uuid;

use crate::auth::Caller;
use crate::problem::{Answer, Refusal};
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(web::resource("/reports/won").get(get_won_report))
        .service(web::resource("/reports/funnel").get(get_funnel));
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WonBy {
    Month,
    Quarter,
    Owner,
    Department,
    Manager,
    Product,
    Customer,
    Industry,
}

impl From<WonBy> for By {
    fn from(by: WonBy) -> Self {
        match by {
            WonBy::Month => Self::Month,
            WonBy::Quarter => Self::Quarter,
            WonBy::Owner => Self::Owner,
            WonBy::Department => Self::Department,
            WonBy::Manager => Self::Manager,
            WonBy::Product => Self::Product,
            WonBy::Customer => Self::Customer,
            WonBy::Industry => Self::Industry,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WonQuery {
    by: String,
    from: Option<String>,
    to: Option<String>,
    filter: Option<String>,
}

/// What was won and lost.
#[utoipa::path(get, path = "/api/v1/reports/won", tag = "reports",
    params(
        ("by" = inline(WonBy), Query, description = "By what the rows are."),
        ("from" = Option<NaiveDate>, Query, description = "Decided on this day or later."),
        ("to" = Option<NaiveDate>, Query, description = "Decided on this day or earlier."),
        ("filter" = Option<String>, Query, description = "Which opportunities: an expression.")),
    responses((status = 200, description = "The rows, as far as the caller sees the opportunities.",
        body = WonReport)))]
pub(crate) async fn get_won_report(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<WonQuery>,
) -> Answer {
    let query = query.into_inner();
    let params = params(query.from.as_deref(), query.to.as_deref(), query.filter)?;
    // Read here and not by serde, whose refusal would repeat what was sent.
    let code: StrDeserializer<'_, Unreadable> = query.by.as_str().into_deserializer();
    let by = WonBy::deserialize(code).ok();
    let by = by.ok_or_else(|| Refusal::parameter("by", "unknown_choice"))?;
    let by = By::from(by);
    let Sold { rows, total } = state.app.sold(&ctx, by, &params).await?;
    let total = Row {
        key: None,
        title: None,
        parent: None,
        decided: total,
    };
    Ok(HttpResponse::Ok().json(WonReport {
        currency: ctx.workspace.currency.code().to_owned(),
        rows: rows.into_iter().map(tell).collect(),
        total: tell(total),
    }))
}

fn tell(row: Row) -> WonRow {
    let decided = row.decided;
    WonRow {
        key: row.key,
        title: row.title,
        parent: row.parent,
        won_count: decided.won,
        won_amount: decided.won_amount,
        lost_count: decided.lost,
        win_rate: reports::win_rate(&decided),
        cycle_days: reports::cycle_days(&decided),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FunnelQuery {
    pipeline_id: Option<Uuid>,
    from: Option<String>,
    to: Option<String>,
    filter: Option<String>,
}

/// What became of the opportunities that entered the stages of a pipeline.
#[utoipa::path(get, path = "/api/v1/reports/funnel", tag = "reports",
    params(
        ("pipeline_id" = Option<Uuid>, Query, description = "The pipeline, the default one when it is left out."),
        ("from" = Option<NaiveDate>, Query, description = "Entered on this day or later."),
        ("to" = Option<NaiveDate>, Query, description = "Entered on this day or earlier."),
        ("filter" = Option<String>, Query, description = "Which opportunities: an expression.")),
    responses((status = 200, description = "The stages, from the stage history, as far as the caller sees \
        the opportunities.", body = Funnel)))]
pub(crate) async fn get_funnel(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<FunnelQuery>,
) -> Answer {
    let query = query.into_inner();
    let params = params(query.from.as_deref(), query.to.as_deref(), query.filter)?;
    let (pipeline, steps) = state.app.funnel(&ctx, query.pipeline_id, &params).await?;
    let stages = steps.into_iter().map(|step| FunnelStage {
        stage: step.stage,
        entered: step.entered,
        amount: step.amount,
        moved_on: step.moved_on,
        went_back: step.went_back,
        lost: step.lost,
        still_there: step.still_there,
        conversion: reports::share(step.moved_on, step.entered),
        median_days: step.median_days,
    });
    Ok(HttpResponse::Ok().json(Funnel {
        pipeline,
        currency: ctx.workspace.currency.code().to_owned(),
        stages: stages.collect(),
    }))
}

fn params(
    from: Option<&str>,
    to: Option<&str>,
    filter: Option<String>,
) -> Result<ReportParams, Refusal> {
    let day = |name: &str, text: Option<&str>| {
        text.map(|text| {
            let day = text.parse::<NaiveDate>().ok();
            day.ok_or_else(|| Refusal::parameter(name, "date_invalid"))
        })
        .transpose()
    };
    Ok(ReportParams {
        from: day("from", from)?,
        to: day("to", to)?,
        filter,
    })
}
