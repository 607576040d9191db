//! Tables, timelines, trees.

use leptos::prelude::*;

use super::{super::prelude::*, Shelf};

/// A table of many rows, a timeline, a tree.
#[component]
pub fn Data() -> impl IntoView {
    let state = TableState::new();
    state
        .rows
        .set((0..400).map(|at| Row::new(at.to_string(), 0)).collect());
    let opened = RwSignal::new(None::<String>);
    let loading = RwSignal::new(false);
    let columns = vec![
        Column::new("name", "Name").sortable(),
        Column::new("city", "City").width(150),
        Column::new("state", "State").width(120),
        Column::new("score", "Score").width(120).sortable(),
        Column::new("amount", "Amount")
            .width(130)
            .numeric()
            .sortable(),
        Column::new("owner", "Owner").width(120),
        Column::new("next", "Next").width(130),
        Column::new("remark", "Remark").width(240).optional(),
    ];
    let texts = TableTexts {
        caption: "Examples".into(),
        select_row: "Choose this row".into(),
        select_all: "Choose all rows".into(),
        resize: "Width of".into(),
    };
    let column_texts = ColumnTexts {
        button: "Columns".into(),
        up: "Further up".into(),
        down: "Further down".into(),
        reset: "As it was".into(),
    };
    let more = move |()| {
        loading.set(true);
        let add = move || {
            loading.set(false);
            state.rows.update(|rows| {
                let from = rows.len();
                rows.extend((from..from + 100).map(|at| Row::new(at.to_string(), 0)));
            });
        };
        set_timeout(add, std::time::Duration::from_millis(600));
    };
    let enough = Signal::derive(move || state.rows.with(Vec::len) < 1000);
    let nodes = vec![TreeNode::new(
        "all",
        "All",
        vec![
            TreeNode::new(
                "east",
                "East",
                vec![
                    TreeNode::new("nb", "Ningbo", vec![]),
                    TreeNode::new("sz", "Suzhou", vec![]),
                ],
            ),
            TreeNode::new(
                "south",
                "South",
                vec![TreeNode::new("fs", "Foshan", vec![])],
            ),
        ],
    )];
    let chosen = RwSignal::new(Some("nb".to_owned()));
    let after = move || {
        view! { <LoadMore more=enough loading=loading on_more=more label="Show more" loading_label="Fetching" /> }
    };
    let sorted = move || {
        state.sort.get().map(|Sort { key, descending }| {
            format!("sorted by {key} {}", if descending { "↓" } else { "↑" })
        })
    };
    view! {
        <Shelf title="Table">
            <div class="row">
                <span class="muted">
                    {move || state.rows.with(Vec::len)} " rows, "
                    {move || state.selected.with(std::collections::BTreeSet::len)} " chosen, opened: "
                    {move || opened.get().unwrap_or_default()} " " {sorted}
                </span>
                <span class="grow"></span>
                <Button small=true kind=ButtonKind::Quiet on_press=move |()| state.clear_selection()>"Choose none"</Button>
                <ColumnChooser state=state columns=columns.clone() texts=column_texts />
            </div>
            <div class="card table-demo">
                <DataTable
                    state=state columns=columns cell=cell texts=texts selectable=true total=Some(1000)
                    on_open=move |id: String| opened.set(Some(id)) after=after
                />
            </div>
        </Shelf>
        <Shelf title="Timeline, tree">
            <div class="gallery-cols">
                <Card title="Timeline" flush=true more=|| view! { <a href="/ui">"All →"</a> }>
                    <Timeline label="What happened">
                        <TimelineDay label="Today" />
                        <TimelineItem glyph=Glyph::Banknote tone=Tone::Danger title="Overdue for 9 days" subtitle=Some("HT-2026-0187".to_owned()) when="09:00" exact=Some("2026-11-22 09:00:12".to_owned())>
                            "¥240,000 were due on 13 November."
                        </TimelineItem>
                        <TimelineItem glyph=Glyph::Board tone=Tone::Accent title="Moved on" when="08:41 李薇">"Plan → offer, after 12 days."</TimelineItem>
                        <TimelineDay label="Yesterday" />
                        <TimelineItem glyph=Glyph::Phone title="Call, 6 minutes" when="16:20 李薇">"年底前上线，预算已批。需要报价与案例，周三回访。"</TimelineItem>
                        <TimelineItem glyph=Glyph::Check tone=Tone::Success title="Solved" when="11:05 周倩" />
                    </Timeline>
                </Card>
                <Card title="Tree" after_title=|| view! { <Count value=6_usize /> }>
                    <Tree nodes=nodes chosen=chosen on_choose=move |id| chosen.set(Some(id)) label="Regions" />
                </Card>
            </div>
        </Shelf>
    }
}

/// An example cell.
fn cell(row: &str, column: &str) -> AnyView {
    const NAMES: [&str; 6] = [
        "高秀英",
        "吴辉",
        "李玉华",
        "Ada Lovelace",
        "陈晓燕",
        "Grace Hopper",
    ];
    const CITIES: [&str; 4] = [
        "宁波恒达机械有限公司",
        "维旺明贸易",
        "苏州凌云贸易有限公司",
        "佛山维涛科技",
    ];
    let at: usize = row.parse().unwrap_or(0);
    let name = NAMES.get(at % NAMES.len()).copied().unwrap_or_default();
    let score = (at * 37 + 11) % 100;
    match column {
        "name" => view! { <span class="who"><Avatar name=name /><b class="who-name">{name} " " {at}</b></span> }.into_any(),
        "city" => CITIES.get(at % CITIES.len()).copied().unwrap_or_default().into_any(),
        "state" if at.is_multiple_of(3) => view! { <Badge tone=Tone::Warning>"Waiting"</Badge> }.into_any(),
        "state" => view! { <Badge tone=Tone::Accent>"In work"</Badge> }.into_any(),
        "score" => {
            let tone = if score > 60 { Tone::Success } else { Tone::Warning };
            view! { <span class="score"><ProgressBar value=Some(super::super::dom::number(score) / 100.0) tone=tone label="Score" />{score}</span> }.into_any()
        }
        "amount" => format!("¥{}", super::super::money_text::show_amount(i64::try_from(at * 13_000).unwrap_or(0), 0)).into_any(),
        "owner" => view! { <Person name="李薇" /> }.into_any(),
        "next" if at % 5 == 1 => view! { <span class="down">"Today 15:00"</span> }.into_any(),
        "next" => "11 月 25 日".into_any(),
        _ => "—".into_any(),
    }
}
