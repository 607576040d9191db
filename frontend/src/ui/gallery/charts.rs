//! Charts.

use leptos::prelude::*;

use super::{super::prelude::*, Shelf};

/// Every kind of chart.
#[component]
pub fn Charts() -> impl IntoView {
    let months = [
        "1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月",
    ]
    .map(str::to_owned)
    .to_vec();
    let texts = Signal::stored(ChartTexts {
        table: "Show as a table".into(),
        chart: "Show as a chart".into(),
        more: "More".into(),
        png: "Save as a picture".into(),
        csv: "Save the figures".into(),
    });
    let three = vec![
        Series::new(
            "East",
            [
                42.0, 51.0, 38.0, 64.0, 71.0, 58.0, 80.0, 77.0, 91.0, 88.0, 102.0, 97.0,
            ],
        ),
        Series::new(
            "South",
            [
                30.0, 28.0, 35.0, 33.0, 41.0, 47.0, 45.0, 52.0, 50.0, 61.0, 58.0, 66.0,
            ],
        ),
        Series::new(
            "West",
            [
                12.0, 9.0, 15.0, 18.0, 14.0, 22.0, 25.0, 19.0, 27.0, 30.0, 28.0, 35.0,
            ],
        ),
    ];
    let gap = vec![
        Series::new(
            "Last year",
            [
                22.0, 31.0, 28.0, 44.0, 51.0, 48.0, 60.0, 57.0, 71.0, 68.0, 82.0, 77.0,
            ],
        ),
        Series {
            name: "This year".into(),
            values: [30.0, 39.0, -6.0, 52.0, 66.0, 59.0]
                .map(Some)
                .into_iter()
                .chain([None; 6])
                .collect(),
        },
    ];
    let parts = [
        ("Fair", 412.0),
        ("Website", 286.0),
        ("Referral", 193.0),
        ("Call", 88.0),
        ("Other", 21.0),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    let steps = [
        ("Contact", 23.0, "¥542 万"),
        ("Need", 15.0, "¥410 万"),
        ("Plan", 9.0, "¥298 万"),
        ("Offer", 5.0, "¥187 万"),
        ("Signing", 3.0, "¥96 万"),
    ]
    .map(|(label, count, note)| FunnelStep {
        label: label.into(),
        count,
        note: note.into(),
    })
    .to_vec();
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri"]
        .map(str::to_owned)
        .to_vec();
    let hours = ["8", "9", "10", "11", "13", "14", "15", "16", "17"]
        .iter()
        .zip(0_u32..)
        .map(|(hour, at)| {
            Series::new(
                *hour,
                (0_u32..5).map(|day| f64::from((at * 7 + day * 5) % 17)),
            )
        })
        .collect::<Vec<_>>();
    let (months, three, gap) = (
        Signal::stored(months),
        Signal::stored(three),
        Signal::stored(gap),
    );
    let bar = move |title: &'static str, layout| {
        view! {
            <Card>
                <BarChart title=title unit="万元" labels=months series=three texts=texts layout=layout />
            </Card>
        }
    };
    let line = move |title: &'static str, area| {
        view! {
            <Card>
                <LineChart title=title unit="pieces" labels=months series=gap texts=texts area=area />
            </Card>
        }
    };
    view! {
        <Shelf title="Charts">
            <div class="gallery-cols">
                {bar("Bars side by side", BarLayout::Grouped)}
                {bar("Bars on each other", BarLayout::Stacked)}
                {line("Lines", false)}
                {line("Areas", true)}
                <Card>
                    <DonutChart title="Where from" parts=parts measure="People" texts=texts on_part=move |_| {} />
                </Card>
                <Card>
                    <FunnelChart title="Funnel" unit="加权 ¥214 万" steps=steps measure="Open" texts=texts on_step=move |_| {} />
                </Card>
                <Card>
                    <HeatMap title="When calls are answered" unit="calls" labels=days series=hours texts=texts format=|value: f64| format!("{value:.0}") />
                </Card>
                <Card title="Gauges, sparklines">
                    <div class="row gap-l">
                        <Gauge value=0.714 pace=Some(0.75) text="71.4%" label="Receipts" />
                        <Gauge value=0.93 text="93%" label="Active" tone=Tone::Success />
                        <Gauge value=0.22 text="22%" label="Satisfied" tone=Tone::Danger />
                        <Sparkline values=vec![3.0, 5.0, 4.0, 8.0, 7.0, 11.0] label="Rising" tone=Tone::Success />
                        <Sparkline values=vec![9.0, 7.0, 8.0, 4.0, 3.0, 2.0] label="Falling" tone=Tone::Danger />
                    </div>
                </Card>
            </div>
        </Shelf>
    }
}
