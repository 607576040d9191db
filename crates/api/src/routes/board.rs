//! The board of a pipeline and the forecast.

use actix_web::web::{self, Data, Query};
use actix_web::{HttpResponse, Scope};
use chrono::{Datelike, NaiveDate};
use kehu_app::board::{self, BoardParams, Sums};
use kehu_app::clock;
use kehu_app::lists::MAX_LIMIT;
use kehu_app::shown::Shown;
use kehu_wire::Record;
use kehu_wire::opportunity::{Board, Forecast, ForecastCategorySums, ForecastMonth, ForecastSums};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Caller;
use crate::problem::{Answer, Refusal};
use crate::state::State;

pub(super) fn overviews(scope: Scope) -> Scope {
    scope
        .service(web::resource("/board").get(get_opportunity_board))
        .service(web::resource("/forecast").get(get_opportunity_forecast))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BoardQuery {
    pipeline_id: Option<Uuid>,
    filter: Option<String>,
    q: Option<String>,
    limit_per_stage: Option<u64>,
}

/// A [`Board`] as the server writes it, with records of its own.
#[derive(Debug, Serialize)]
struct BoardTold {
    pipeline: Record,
    currency: String,
    closed_since: String,
    stages: Vec<StageTold>,
}

/// A [`kehu_wire::opportunity::BoardStage`] as the server writes it.
#[derive(Debug, Serialize)]
struct StageTold {
    stage: Record,
    count: i64,
    amount: i64,
    weighted_amount: i64,
    items: Vec<Shown>,
    next_cursor: Option<String>,
    filter: String,
    sort: &'static str,
}

/// The stages of a pipeline with their sums and their first opportunities.
#[utoipa::path(get, path = "/api/v1/opportunities/board", tag = "opportunities",
    params(
        ("pipeline_id" = Option<Uuid>, Query, description = "The pipeline, the default one when it is left out."),
        ("filter" = Option<String>, Query, description = "Which opportunities: an expression."),
        ("q" = Option<String>, Query, description = "Words to search for."),
        ("limit_per_stage" = Option<u64>, Query, minimum = 1, maximum = 200,
            description = "How many opportunities of each stage, 50 when it is left out.")),
    responses((status = 200, description = "The board. What was decided is shown for 30 days.", body = Board)))]
pub(crate) async fn get_opportunity_board(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<BoardQuery>,
) -> Answer {
    let BoardQuery {
        pipeline_id,
        filter,
        q,
        limit_per_stage,
    } = query.into_inner();
    let limit = limit_per_stage.unwrap_or(50);
    if limit == 0 || limit > MAX_LIMIT {
        return Err(Refusal::parameter("limit_per_stage", "out_of_range"));
    }
    let params = BoardParams {
        pipeline: pipeline_id,
        filter,
        words: q,
        limit,
    };
    let board = state.app.board(&ctx, &params).await?;
    let stages = board.columns.into_iter().map(|column| StageTold {
        stage: column.stage,
        count: column.sums.count,
        amount: column.sums.amount,
        weighted_amount: column.sums.weighted_amount,
        items: column.items,
        next_cursor: column.next_cursor,
        filter: column.filter,
        sort: column.sort,
    });
    Ok(HttpResponse::Ok().json(BoardTold {
        pipeline: board.pipeline,
        currency: ctx.workspace.currency.code().to_owned(),
        closed_since: board.closed_since.to_string(),
        stages: stages.collect(),
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForecastQuery {
    from: Option<String>,
    months: Option<u32>,
    filter: Option<String>,
}

/// What opportunities may bring and brought, by month and forecast category.
#[utoipa::path(get, path = "/api/v1/opportunities/forecast", tag = "opportunities",
    params(
        ("from" = Option<String>, Query, pattern = "^[0-9]{4}-[0-9]{2}$",
            description = "The first month, this one when it is left out: `2026-11`."),
        ("months" = Option<u32>, Query, minimum = 1, maximum = 24,
            description = "How many months, 3 when it is left out."),
        ("filter" = Option<String>, Query, description = "Which opportunities: an expression.")),
    responses((status = 200, description = "Open ones in the month in which they should be decided, won ones \
        in that in which they were.", body = Forecast)))]
pub(crate) async fn get_opportunity_forecast(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<ForecastQuery>,
) -> Answer {
    let months = query.months.unwrap_or(3);
    if months == 0 || months > board::MAX_MONTHS {
        return Err(Refusal::parameter("months", "out_of_range"));
    }
    let from = match &query.from {
        Some(month) => first_of(month),
        None => clock::today(&ctx).with_day(1),
    };
    let from = from.ok_or_else(|| Refusal::parameter("from", "date_invalid"))?;
    let filter = query.filter.as_deref();
    let forecast = state.app.forecast(&ctx, from, months, filter).await?;
    let months = forecast.months.into_iter().map(|(month, categories)| {
        let mut total = Sums::default();
        let categories = categories.into_iter().map(|(category, sums)| {
            board::add(&mut total, sums);
            ForecastCategorySums {
                category: category.code().to_owned(),
                count: sums.count,
                amount: sums.amount,
                weighted_amount: sums.weighted_amount,
            }
        });
        ForecastMonth {
            month: month.format("%Y-%m").to_string(),
            categories: categories.collect(),
            total: tell(total),
        }
    });
    Ok(HttpResponse::Ok().json(Forecast {
        currency: ctx.workspace.currency.code().to_owned(),
        months: months.collect(),
        earlier: tell(forecast.earlier),
        undated: tell(forecast.undated),
    }))
}

/// The first day of a month that is written `2026-11`.
pub(crate) fn first_of(month: &str) -> Option<NaiveDate> {
    let (year, number) = month.split_once('-')?;
    let digits = |text: &str, many| text.len() == many && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(number, 2) {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, number.parse().ok()?, 1)
}

const fn tell(sums: Sums) -> ForecastSums {
    ForecastSums {
        count: sums.count,
        amount: sums.amount,
        weighted_amount: sums.weighted_amount,
    }
}
