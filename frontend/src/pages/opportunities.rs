//! The opportunities: as a board, as a list, as a forecast. The address says which, and what is shown.

use kehu_domain::opportunity::DEF;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::app::{go, replace};
use crate::pages::list::{ListPage, SearchBox};
use crate::state::App;
use crate::ui::dom::narrow;
use crate::ui::prelude::*;
use crate::urls::{self, ListState};
use crate::widgets::board::{BoardQuery, BoardState, BoardView};
use crate::widgets::filter_bar::FilterBar;
use crate::widgets::forecast::ForecastView;
use crate::widgets::keys;
use crate::widgets::kinds;
use crate::widgets::lookups::{every, text, title_of};
use crate::widgets::peek::Peek;
use crate::widgets::views;
use crate::{t, tf};

/// The page of all opportunities.
#[component]
pub(crate) fn OpportunitiesPage() -> impl IntoView {
    let query = use_query_map();
    let state = Memo::new(move |_| query.with(|map| ListState::read(|name| map.get(name))));
    let show = Memo::new(move |_| state.with(shown));
    move || match show.get() {
        "list" => view! { <ListPage def=&DEF /> }.into_any(),
        show => view! { <Overview state=state show=show /> }.into_any(),
    }
}

/// How opportunities are shown.
fn shown(state: &ListState) -> &'static str {
    match state.show.as_str() {
        // What only a list can show is shown as a list.
        _ if state.trashed => "list",
        "list" => "list",
        "forecast" => "forecast",
        _ => "board",
    }
}

/// The switch between the ways to show opportunities.
pub(crate) fn ways(state: Memo<ListState>) -> AnyView {
    let choices = vec![
        Tab::new("board", t!("board.board")),
        Tab::new("list", t!("board.list")),
        Tab::new("forecast", t!("board.forecast")),
    ];
    let choose = move |key: String| {
        let next = ListState {
            show: key,
            peek: String::new(),
            trashed: false,
            ..state.get_untracked()
        };
        go(&next.href(DEF.plural));
    };
    view! {
        <Segment
            choices=choices
            value=Signal::derive(move || state.with(shown).to_owned())
            on_change=choose
            label=t!("board.ways")
        />
    }
    .into_any()
}

/// The board or the forecast with what stands above them.
#[component]
fn Overview(state: Memo<ListState>, show: &'static str) -> impl IntoView {
    App::here().place(vec![Crumb::here(kinds::plural(&DEF))]);
    let change = move |edit: &dyn Fn(&mut ListState)| {
        let mut next = state.get_untracked();
        edit(&mut next);
        replace(&next.href(DEF.plural));
    };
    let search = NodeRef::<html::Input>::new();
    let filter = Memo::new(move |_| {
        let state = state.get();
        let all = views::built_in(&DEF);
        let view = all.iter().find(|view| view.key == state.view);
        let own = view.map(|view| view.filter.as_str()).unwrap_or_default();
        views::both(own, &state.filter)
    });
    let remark = RwSignal::new(String::new());
    let body = if show == "forecast" {
        let months = Memo::new(move |_| state.with(|state| state.months.clone()));
        let on_months = Callback::new(move |months: String| {
            change(&|next| next.months.clone_from(&months));
        });
        view! { <ForecastView filter=filter months=months on_months=on_months /> }.into_any()
    } else {
        board(state, filter, remark)
    };
    keys::on_key(move |event| {
        if keys::busy(&event) || event.default_prevented() {
            return;
        }
        match event.key().as_str() {
            "/" => {
                if let Some(input) = search.get_untracked() {
                    // The box is on the page, so it takes the focus.
                    let _ = input.focus();
                }
            }
            "Escape" if state.with_untracked(|state| !state.peek.is_empty()) => {
                change(&|next| next.peek.clear());
            }
            _ => return,
        }
        event.prevent_default();
    });
    let view_chip = move |key: &'static str, label: &'static str| {
        let on = Signal::derive(move || {
            let view = state.with(|state| state.view.clone());
            view == key || (key == "all" && !matches!(view.as_str(), "mine" | "due"))
        });
        let press = move |()| change(&|next| key.clone_into(&mut next.view));
        view! { <Chip label=label on=on on_press=press /> }
    };
    let is_board = show == "board";
    view! {
        <div class="opportunity-page">
            <div class="list-head">
                <PageHead title=kinds::plural(&DEF) remark=remark>
                    {ways(state)}
                    <ButtonLink href="/opportunities/new" kind=ButtonKind::Primary icon=Glyph::Plus>
                        {tf!("list.new", kind = kinds::noun(&DEF))}
                    </ButtonLink>
                </PageHead>
            </div>
            <div class="list-tools board-tools">
                {is_board.then(|| pipelines(state))}
                {view_chip("all", t!("list.view_all"))}
                {view_chip("mine", t!("list.view_mine"))}
                {view_chip("due", t!("list.view_due"))}
                <FilterBar
                    def=&DEF
                    filter=Signal::derive(move || state.with(|state| state.filter.clone()))
                    on_change=move |text: String| change(&|next| next.filter.clone_from(&text))
                />
                <span class="grow"></span>
                {is_board
                    .then(|| {
                        view! {
                            <SearchBox
                                state=state
                                on_change=Callback::new(move |q: String| change(&|next| next.q.clone_from(&q)))
                                node=search
                            />
                        }
                    })}
            </div>
            {body}
        </div>
    }
}

fn board(state: Memo<ListState>, filter: Memo<String>, remark: RwSignal<String>) -> AnyView {
    let wanted = Memo::new(move |_| BoardQuery {
        pipeline: state.with(|state| state.pipeline.clone()),
        filter: filter.get(),
        q: state.with(|state| state.q.clone()),
    });
    let board = BoardState::new(wanted);
    Effect::new(move |_| remark.set(board.remark()));
    let phone = narrow();
    let open = Callback::new(move |id: String| {
        if phone.get_untracked() || state.with_untracked(|state| state.peek == id) {
            return go(&urls::record(DEF.plural, &id));
        }
        let mut next = state.get_untracked();
        let first = next.peek.is_empty();
        next.peek = id;
        let href = next.href(DEF.plural);
        if first { go(&href) } else { replace(&href) }
    });
    let close = Callback::new(move |()| {
        let mut next = state.get_untracked();
        next.peek.clear();
        replace(&next.href(DEF.plural));
    });
    view! {
        <div class="list-page">
            <div class="list-main">
                <div class="board-place">
                    <BoardView state=board on_open=open />
                </div>
            </div>
            <Peek
                def=&DEF
                id=Signal::derive(move || state.with(|state| state.peek.clone()))
                on_close=close
                on_open=Callback::new(move |id: String| go(&urls::record(DEF.plural, &id)))
            />
        </div>
    }
    .into_any()
}

/// The pipelines to choose from.
fn pipelines(state: Memo<ListState>) -> AnyView {
    let choices = RwSignal::new(Vec::<Choice>::new());
    let default = RwSignal::new(String::new());
    leptos::task::spawn_local(async move {
        let records = every("pipelines", "position,name").await;
        let is_default = |record: &&kehu_wire::Record| {
            let value = record.get("is_default");
            value
                .and_then(serde_json::Value::as_bool)
                .unwrap_or_default()
        };
        let first = records.iter().find(is_default).or_else(|| records.first());
        let first = first.map(|record| text(record, "id").to_owned());
        let all = records.iter().map(|record| {
            Choice::new(
                text(record, "id"),
                title_of(&kehu_domain::pipeline::DEF, record),
            )
        });
        let _ = choices.try_set(all.collect());
        let _ = default.try_set(first.unwrap_or_default());
    });
    let value = Signal::derive(move || {
        let chosen = state.with(|state| state.pipeline.clone());
        if chosen.is_empty() {
            default.get()
        } else {
            chosen
        }
    });
    let choose = move |id: String| {
        let mut next = state.get_untracked();
        next.pipeline = id;
        next.peek.clear();
        replace(&next.href(DEF.plural));
    };
    view! {
        <Select
            value=value
            on_change=choose
            choices=choices
            small=true
            label=Signal::derive(|| kinds::name(&kehu_domain::pipeline::DEF).to_owned())
        />
    }
    .into_any()
}
