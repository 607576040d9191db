//! Board, calendar, chart of boxes.

use std::sync::Arc;

use chrono::{Days, NaiveDateTime};
use leptos::prelude::*;

use super::{super::prelude::*, Shelf};
use crate::ui::{calendar::today, month_view::step};

/// A board whose moves to the last column are refused after a moment, a calendar, a chart of boxes.
#[component]
pub fn Schedule() -> impl IntoView {
    let toasts = use_toasts();
    let columns = [
        ("one", "Contact"),
        ("two", "Need"),
        ("three", "Plan"),
        ("four", "Offer"),
    ];
    let column_of = move |(key, label): (&str, &str)| KanbanColumn {
        key: key.into(),
        label: label.into(),
        count: "4".into(),
        sum: "¥2,310,000".into(),
        sum_end: "weighted ¥231,000".into(),
        hint: if key == "four" {
            "This column refuses everything".into()
        } else {
            "Drop here".into()
        },
        ..KanbanColumn::default()
    };
    let cards = RwSignal::new(
        (0_usize..12)
            .map(|at| KanbanCard {
                id: at.to_string(),
                column: columns
                    .get(at % 3)
                    .map(|column| column.0.to_owned())
                    .unwrap_or_default(),
                stale: at == 4,
                ..KanbanCard::default()
            })
            .collect::<Vec<_>>(),
    );
    let put = move |id: &str, column: &str| {
        cards.update(|cards| {
            cards
                .iter_mut()
                .filter(|card| card.id == id)
                .for_each(|card| column.clone_into(&mut card.column));
        });
    };
    let moved = move |moved: Move| {
        put(&moved.id, &moved.to);
        if moved.to == "four" {
            let back = move || {
                put(&moved.id, &moved.from);
                toasts.problem("The move was refused, the card is back.");
            };
            set_timeout(back, std::time::Duration::from_millis(700));
        }
    };
    let card: crate::ui::kanban::CardView = Arc::new(|id: &str| {
        view! {
            <b>"A card with number " {id.to_owned()}</b>
            <span class="muted">"宁波恒达机械"</span>
            <div class="card-foot"><b>"¥420,000"</b> <Badge tone=Tone::Warning plain=true>"19 days"</Badge> <span class="grow"></span> <Avatar name="李薇" /></div>
        }
        .into_any()
    });
    let texts = KanbanTexts {
        label: "Board".into(),
        help: "Shift and the arrow keys move the card".into(),
        more: "More".into(),
        loading: "Fetching".into(),
    };
    let at = RwSignal::new(today());
    let span = RwSignal::new("month".to_owned());
    let shown = Signal::derive(move || match span.get().as_str() {
        "week" => CalendarSpan::Week,
        "day" => CalendarSpan::Day,
        _ => CalendarSpan::Month,
    });
    let node: NodeView = Arc::new(|id: &str| {
        view! { <Person name=id.to_owned() /><Badge tone=Tone::Success plain=true>"for it"</Badge> }
            .into_any()
    });
    let people = vec![TreeNode::new(
        "钱志远",
        "钱志远",
        vec![
            TreeNode::new("高秀英", "高秀英", vec![]),
            TreeNode::new(
                "王建国",
                "王建国",
                vec![
                    TreeNode::new("许蕾", "许蕾", vec![]),
                    TreeNode::new("吴辉", "吴辉", vec![]),
                ],
            ),
        ],
    )];
    view! {
        <Shelf title="Board">
            <div class="board-demo">
                <Kanban
                    columns=columns.map(column_of).to_vec() cards=cards card=card texts=texts
                    on_move=moved on_open=move |_| {} on_more=move |_| {}
                />
            </div>
        </Shelf>
        <Shelf title="Calendar">
            <div class="row">
                <IconButton glyph=Glyph::ChevronLeft label="Before" on_press=move |()| at.update(|at| *at = step(shown.get_untracked(), *at, false)) />
                <Button on_press=move |()| at.set(today())>"Today"</Button>
                <IconButton glyph=Glyph::ChevronRight label="After" on_press=move |()| at.update(|at| *at = step(shown.get_untracked(), *at, true)) />
                <b>{move || at.get().format("%Y-%m").to_string()}</b>
                <span class="grow"></span>
                <Segment
                    choices=["month", "week", "day"].map(|key| Tab::new(key, key)).to_vec()
                    value=span on_change=move |key| span.set(key) label="Span"
                />
            </div>
            <div class="card calendar-demo">
                <MonthView
                    at=at span=shown events=events() locale="zh-Hans"
                    on_open=move |_| {} on_day=move |day| { at.set(day); span.set("day".into()); }
                />
            </div>
        </Shelf>
        <Shelf title="Chart of boxes">
            <Card>
                <OrgChart nodes=people card=node label="Who decides" on_open=move |_| {} />
            </Card>
        </Shelf>
    }
}

/// Example events around today.
fn events() -> Vec<CalendarEvent> {
    let moment = |days: u64, hour: u32, minute: u32| -> NaiveDateTime {
        let day = today()
            .checked_add_days(Days::new(days))
            .unwrap_or_default();
        day.and_hms_opt(hour, minute, 0).unwrap_or_default()
    };
    [
        ("Meeting", 0, 10, 12, Tone::Accent),
        ("Visit to 绍兴味源食品", 0, 11, 13, Tone::Info),
        ("Call", 0, 15, 16, Tone::Neutral),
        ("Overdue", 0, 17, 18, Tone::Danger),
        ("Fair", 2, 9, 17, Tone::Success),
        ("Deadline", 3, 18, 19, Tone::Warning),
    ]
    .into_iter()
    .map(|(title, days, from, to, tone)| CalendarEvent {
        id: title.into(),
        title: title.into(),
        start: moment(days, from, 30),
        end: moment(days, to, 0),
        all_day: title == "Fair",
        tone,
    })
    .collect()
}
