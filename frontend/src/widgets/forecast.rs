//! What opportunities may bring, month by month and by how sure their owners are.

use kehu_domain::opportunity::{DEF, ForecastCategory};
use kehu_wire::opportunity::{Forecast, ForecastMonth, ForecastSums};
use leptos::prelude::*;

use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::load::{Load, fetch, problem_view};
use crate::widgets::texts::chart_texts;
use crate::{format, t, tf};

/// The categories that count, the surest first.
const CATEGORIES: [ForecastCategory; 4] = [
    ForecastCategory::Closed,
    ForecastCategory::Commit,
    ForecastCategory::BestCase,
    ForecastCategory::Pipeline,
];

/// The forecast of the months from this one on.
#[component]
pub(crate) fn ForecastView(
    /// Which opportunities.
    filter: Memo<String>,
    /// How many months; empty for three.
    months: Memo<String>,
    /// Called with another number of months.
    on_months: Callback<String>,
) -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<Forecast>::Loading);
    let read = move || {
        let (months, filter) = (months.get_untracked(), filter.get_untracked());
        let from = format::today().format("%Y-%m").to_string();
        let months = months.parse().unwrap_or(3);
        fetch(load, async move {
            API.opportunity_forecast(&from, months, &filter).await
        });
    };
    Effect::new(move |_| {
        filter.track();
        months.track();
        app.written.track();
        read();
    });
    let spans = ["3", "6", "12"]
        .map(|n| Tab::new(n, tf!("board.months", n = n)))
        .to_vec();
    let span = Signal::derive(move || {
        let months = months.get();
        if months.is_empty() {
            "3".to_owned()
        } else {
            months
        }
    });
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=8 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(forecast) => drawn(&forecast),
    };
    view! {
        <div class="forecast">
            <div class="row">
                <Segment choices=spans value=span on_change=on_months label=t!("board.span") />
            </div>
            {body}
        </div>
    }
}

fn drawn(forecast: &Forecast) -> AnyView {
    let labels: Vec<String> = forecast
        .months
        .iter()
        .map(|month| format::month(&month.month))
        .collect();
    let code = forecast.currency.clone();
    let major = |minor: i64| {
        format::float(minor) / 10_f64.powi(format::currency_digits(&code).cast_signed())
    };
    let series: Vec<Series> = CATEGORIES
        .iter()
        .map(|category| {
            let values = forecast
                .months
                .iter()
                .map(|month| major(sums_of(month, *category).amount));
            Series::new(name_of(*category), values)
        })
        .collect();
    let digits = format::currency_digits(&code);
    let write = {
        let code = code.clone();
        move |value: f64| {
            let minor = format::whole(value * 10_f64.powi(digits.cast_signed()));
            format::minor_short(minor, &code)
        }
    };
    let rows = forecast
        .months
        .iter()
        .zip(&labels)
        .map(|(month, label)| month_row(month, label, &code))
        .collect_view();
    let aside = [
        (t!("board.earlier"), forecast.earlier),
        (t!("board.undated"), forecast.undated),
    ]
    .into_iter()
    .filter(|(_, sums)| sums.count > 0)
    .map(|(label, sums)| {
        view! {
            <tr>
                <th scope="row">{label}</th>
                <td colspan="4"></td>
                {sums_cell(sums, &code)}
                <td class="num">{format::minor_whole(sums.weighted_amount, &code)}</td>
            </tr>
        }
    })
    .collect_view();
    let heads = CATEGORIES
        .iter()
        .map(|category| view! { <th scope="col" class="num">{name_of(*category)}</th> })
        .collect_view();
    view! {
        <h2 class="visually-hidden">{t!("board.forecast")}</h2>
        <section class="card forecast-table" tabindex="0" role="region" aria-label=t!("board.forecast")>
            <table class="simple-table">
                <thead>
                    <tr>
                        <th scope="col">{t!("board.month")}</th>
                        {heads}
                        <th scope="col" class="num">{t!("lines.gross")}</th>
                        <th scope="col" class="num">{t!("board.weighted_name")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>{aside}</tfoot>
            </table>
        </section>
        <section class="card card-body">
            <BarChart
                title=t!("board.forecast")
                unit=code
                labels=labels
                series=series
                format=write
                texts=chart_texts()
                layout=BarLayout::Stacked
                height=260.0
            />
        </section>
    }
    .into_any()
}

fn name_of(category: ForecastCategory) -> String {
    kinds::choice(&DEF, "forecast_category", category.code())
}

fn sums_of(month: &ForecastMonth, category: ForecastCategory) -> ForecastSums {
    let found = month
        .categories
        .iter()
        .find(|one| one.category == category.code());
    found.map_or_else(ForecastSums::default, |one| ForecastSums {
        count: one.count,
        amount: one.amount,
        weighted_amount: one.weighted_amount,
    })
}

fn month_row(month: &ForecastMonth, label: &str, code: &str) -> AnyView {
    let cells = CATEGORIES
        .iter()
        .map(|category| sums_cell(sums_of(month, *category), code))
        .collect_view();
    view! {
        <tr>
            <th scope="row">{label.to_owned()}</th>
            {cells}
            {sums_cell(month.total, code)}
            <td class="num">
                <b>{format::minor_whole(month.total.weighted_amount, code)}</b>
            </td>
        </tr>
    }
    .into_any()
}

fn sums_cell(sums: ForecastSums, code: &str) -> AnyView {
    if sums.count == 0 {
        return view! { <td class="num muted">"—"</td> }.into_any();
    }
    view! {
        <td class="num">
            {format::minor_whole(sums.amount, code)}
            <small>{tf!("board.count", n = sums.count)}</small>
        </td>
    }
    .into_any()
}
