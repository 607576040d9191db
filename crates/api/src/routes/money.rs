//! The views of money: what a customer owes, what is overdue for how long, the figures of a month.

use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, Scope};
use chrono::{Months, NaiveDate};
use kehu_app::clock;
use kehu_app::figures::Whose;
use kehu_app::ledger::views::By;
use kehu_wire::money::{
    Ageing, AgeingRow, CurrencyBalance, CustomerBalance, DaysSalesOutstanding, Figure, Figures,
    Statement, StatementEntry,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::auth::Caller;
use crate::problem::{Answer, Refusal};
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(web::resource("/reports/ageing").get(get_ageing))
        .service(web::resource("/reports/dso").get(get_dso))
        .service(web::resource("/workbench/figures").get(get_figures));
}

pub(super) fn customer_views(scope: Scope) -> Scope {
    scope
        .service(web::resource("/{id}/balance").get(get_customer_balance))
        .service(web::resource("/{id}/statement").get(get_customer_statement))
}

/// What a customer owes and has, by currency.
#[utoipa::path(get, path = "/api/v1/customers/{id}/balance", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer.")),
    responses((status = 200, description = "The balances.", body = CustomerBalance)))]
pub(crate) async fn get_customer_balance(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
) -> Answer {
    let balances = state.app.customer_balance(&ctx, *id).await?;
    let currencies = balances
        .into_iter()
        .map(|(currency, balance)| CurrencyBalance {
            currency,
            contracted: balance.contracted,
            paid: balance.paid,
            outstanding: balance.outstanding,
            overdue: balance.overdue,
            written_off: balance.written_off,
            cancelled: balance.cancelled,
            unallocated: balance.unallocated,
        })
        .collect();
    Ok(HttpResponse::Ok().json(CustomerBalance { currencies }))
}

/// The parameters of a statement.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatementQuery {
    /// The ISO 4217 currency; the workspace's when it is left out.
    currency: Option<String>,
    /// The first day; from the beginning when it is left out.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<NaiveDate>,
    /// The last day; today when it is left out.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<NaiveDate>,
}

/// Everything that moved a customer's debt, oldest first.
#[utoipa::path(get, path = "/api/v1/customers/{id}/statement", tag = "customers",
    params(("id" = Uuid, Path, description = "The customer."), StatementQuery),
    responses((status = 200, description = "The statement.", body = Statement)))]
pub(crate) async fn get_customer_statement(
    state: Data<State>,
    Caller(ctx): Caller,
    id: Path<Uuid>,
    query: Query<StatementQuery>,
) -> Answer {
    let StatementQuery { currency, from, to } = query.into_inner();
    let app = &state.app;
    let found = app
        .customer_statement(&ctx, *id, currency.as_deref(), from, to)
        .await?;
    let entries = found
        .entries
        .into_iter()
        .map(|(entry, balance)| StatementEntry {
            on: entry.on,
            kind: entry.kind,
            id: entry.id,
            title: entry.title,
            charge: entry.amount.max(0),
            credit: (-entry.amount).max(0),
            balance,
        });
    Ok(HttpResponse::Ok().json(Statement {
        opening: found.opening,
        entries: entries.collect(),
        closing: found.closing,
    }))
}

/// The parameters of the ageing report.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AgeingQuery {
    /// By what debts are told apart: `customer` (when it is left out), `owner`, `department`.
    #[param(inline)]
    by: Option<AgeingBy>,
}

/// By what debts are told apart.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AgeingBy {
    /// Who owes.
    Customer,
    /// Who handles the contracts.
    Owner,
    /// Their department.
    Department,
}

/// What is outstanding, by how long it is overdue.
#[utoipa::path(get, path = "/api/v1/reports/ageing", tag = "reports", params(AgeingQuery),
    responses((status = 200, description = "The report.", body = Ageing)))]
pub(crate) async fn get_ageing(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<AgeingQuery>,
) -> Answer {
    let by = match query.by {
        None | Some(AgeingBy::Customer) => By::Customer,
        Some(AgeingBy::Owner) => By::Owner,
        Some(AgeingBy::Department) => By::Department,
    };
    let rows = state.app.ageing(&ctx, by).await?;
    let rows = rows.into_iter().map(|row| {
        let [not_due, days_1_30, days_31_60, days_61_90, over_90] = row.ages;
        AgeingRow {
            key: row.key,
            title: row.title,
            not_due,
            days_1_30,
            days_31_60,
            days_61_90,
            over_90,
            total: row.total,
        }
    });
    Ok(HttpResponse::Ok().json(Ageing {
        rows: rows.collect(),
    }))
}

/// The parameters of days sales outstanding.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DsoQuery {
    /// The first day of the period; 90 days before the last when it is left out.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<NaiveDate>,
    /// The last day; today when it is left out.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<NaiveDate>,
}

/// How many days' sales are outstanding.
#[utoipa::path(get, path = "/api/v1/reports/dso", tag = "reports", params(DsoQuery),
    responses((status = 200, description = "The figure.", body = DaysSalesOutstanding)))]
pub(crate) async fn get_dso(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<DsoQuery>,
) -> Answer {
    let to = query.to.unwrap_or_else(|| clock::today(&ctx));
    let before = to.checked_sub_days(chrono::Days::new(89)).unwrap_or(to);
    let found = state
        .app
        .dso(&ctx, query.from.unwrap_or(before), to)
        .await?;
    Ok(HttpResponse::Ok().json(DaysSalesOutstanding {
        receivables: found.receivables,
        credit_sales: found.credit_sales,
        days: found.days,
        dso_days_tenths: found.dso_days_tenths,
    }))
}

/// The parameters of the figures of a month.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FiguresQuery {
    /// Any day of the month; this month when it is left out.
    #[param(value_type = Option<String>, format = Date)]
    month: Option<NaiveDate>,
    /// Whose: the caller's own (`me`, when it is left out) or everybody's in sight (`team`).
    #[param(inline)]
    whose: Option<FiguresWhose>,
    /// Those of this department and all below it.
    department_id: Option<Uuid>,
}

/// Whose figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FiguresWhose {
    /// The caller's own.
    Me,
    /// Everybody's in sight.
    Team,
}

/// Target and actual of a month.
#[utoipa::path(get, path = "/api/v1/workbench/figures", tag = "workbench", params(FiguresQuery),
    responses((status = 200, description = "The figures.", body = Figures)))]
pub(crate) async fn get_figures(
    state: Data<State>,
    Caller(ctx): Caller,
    query: Query<FiguresQuery>,
) -> Answer {
    let FiguresQuery {
        month,
        whose,
        department_id,
    } = query.into_inner();
    let whose = match (whose, department_id) {
        (None | Some(FiguresWhose::Team), Some(department)) => Whose::Department(department),
        (Some(FiguresWhose::Me), Some(_)) => {
            return Err(Refusal::parameter("department_id", "me_or_department"));
        }
        (None | Some(FiguresWhose::Me), None) => Whose::Mine,
        (Some(FiguresWhose::Team), None) => Whose::Team,
    };
    let day = month.unwrap_or_else(|| clock::today(&ctx));
    if day.checked_add_months(Months::new(2)).is_none() {
        return Err(Refusal::parameter("month", "date_invalid"));
    }
    let found = state.app.month_figures(&ctx, day, whose).await?;
    let figures = found
        .figures
        .into_iter()
        .map(|(metric, planned, actual)| Figure {
            metric: metric.code().to_owned(),
            is_money: metric.is_money(),
            planned,
            actual,
        });
    Ok(HttpResponse::Ok().json(Figures {
        month: found.month.to_string(),
        pace: found.pace,
        planned_receipts: found.planned_receipts,
        figures: figures.collect(),
    }))
}
