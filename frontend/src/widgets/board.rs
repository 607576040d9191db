//! The board of a pipeline: what stands in each stage, what it comes to, and moving it on. A card moves
//! at once; when the move is refused it goes back, and the sums with it.

use std::collections::HashMap;
use std::sync::Arc;

use kehu_client::records::ListQuery;
use kehu_domain::opportunity::DEF;
use kehu_wire::Record;
use kehu_wire::opportunity::Board;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::actions::Actions;
use crate::widgets::cells::expansion;
use crate::widgets::kinds;
use crate::widgets::load::{Load, problem_view, say_problem};
use crate::widgets::lookups::text;
use crate::widgets::mover::{Mover, Wanted};
use crate::widgets::stages::{Needs, is_open, rotting_days, texts};
use crate::{format, t, tf};

/// How many cards of a stage come at once.
const PAGE: u32 = 50;
/// The most that one request gives.
const MOST: u32 = 200;

/// What a board is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardQuery {
    /// The pipeline; the default one when empty.
    pub(crate) pipeline: String,
    /// Which opportunities: an expression.
    pub(crate) filter: String,
    /// Words to find.
    pub(crate) q: String,
}

/// What is on the board. Copy it freely.
#[derive(Clone, Copy)]
pub struct BoardState {
    /// How far the first read is.
    load: RwSignal<Load<()>>,
    /// The stages with their sums; their items are kept beside them.
    board: RwSignal<Board>,
    cards: RwSignal<Vec<KanbanCard>>,
    records: StoredValue<HashMap<String, Record>>,
    /// The stage whose cards are on their way.
    fetching: RwSignal<Option<String>>,
    wanted: Memo<BoardQuery>,
    turn: StoredValue<u32>,
    mover: Mover,
    toasts: Toasts,
    app: App,
}

impl BoardState {
    /// A board that asks whenever the question changes, and when something was written.
    pub(crate) fn new(wanted: Memo<BoardQuery>) -> Self {
        let state = Self {
            load: RwSignal::new(Load::Loading),
            board: RwSignal::new(Board::default()),
            cards: RwSignal::new(Vec::new()),
            records: StoredValue::new(HashMap::new()),
            fetching: RwSignal::new(None),
            wanted,
            turn: StoredValue::new(0),
            mover: Actions::here().mover(),
            toasts: use_toasts(),
            app: App::here(),
        };
        Effect::new(move |before: Option<(BoardQuery, u32)>| {
            let now = (wanted.get(), state.app.written.get());
            if before.as_ref().is_none_or(|(query, _)| *query != now.0) {
                state.cards.set(Vec::new());
                state.load.set(Load::Loading);
            }
            state.read();
            now
        });
        state
    }

    /// How many there are that may still come, and what they come to.
    pub(crate) fn remark(self) -> String {
        self.board.with(|board| {
            let open = board.stages.iter().filter(|stage| is_open(&stage.stage));
            let (count, amount, weighted) = open.fold((0, 0, 0), |sums, stage| {
                (
                    sums.0 + stage.count,
                    sums.1 + stage.amount,
                    sums.2 + stage.weighted_amount,
                )
            });
            if board.stages.is_empty() {
                return String::new();
            }
            tf!(
                "board.remark",
                n = format::number(count),
                amount = format::minor_whole(amount, &board.currency),
                weighted = format::minor_whole(weighted, &board.currency)
            )
        })
    }

    /// Reads it anew; what is shown stays until then, and as much of each stage as is shown.
    fn read(self) {
        let turn = self.next_turn();
        let shown = self.cards.with_untracked(|cards| {
            let mut counts: HashMap<&str, u32> = HashMap::new();
            for card in cards {
                *counts.entry(card.column.as_str()).or_default() += 1;
            }
            counts.values().copied().max().unwrap_or_default()
        });
        let BoardQuery {
            pipeline,
            filter,
            q,
        } = self.wanted.get_untracked();
        spawn_local(async move {
            let limit = shown.clamp(PAGE, MOST);
            let result = API.opportunity_board(&pipeline, &filter, &q, limit).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match result {
                Ok(board) => self.show(board),
                Err(error) => self.load.set(Load::Problem(error)),
            }
        });
    }

    fn next_turn(self) -> u32 {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        turn
    }

    fn show(self, mut board: Board) {
        let mut cards = Vec::new();
        for column in &mut board.stages {
            for item in std::mem::take(&mut column.items) {
                cards.push(self.keep(item, &column.stage));
            }
        }
        self.cards.set(cards);
        self.board.set(board);
        self.fetching.set(None);
        self.load.set(Load::Ready(()));
    }

    /// Keeps a record and makes its card.
    fn keep(self, item: Record, stage: &Record) -> KanbanCard {
        let id = text(&item, "id").to_owned();
        let card = KanbanCard {
            id: id.clone(),
            column: text(stage, "id").to_owned(),
            version: item
                .get("version")
                .and_then(Value::as_i64)
                .unwrap_or_default(),
            stale: rotting_days(&item, stage).is_some(),
            fixed: !is_open(stage),
        };
        self.records.update_value(|records| {
            records.insert(id, item);
        });
        card
    }

    /// Reads more of a stage.
    fn more(self, key: &str) {
        let found = self.board.with_untracked(|board| {
            let column = board.stages.iter().find(|c| text(&c.stage, "id") == key)?;
            Some((
                column.stage.clone(),
                ListQuery {
                    filter: column.filter.clone(),
                    sort: column.sort.clone(),
                    q: self.wanted.get_untracked().q,
                    expand: "owner,customer".to_owned(),
                    limit: Some(PAGE),
                    cursor: column.next_cursor.clone()?,
                    ..ListQuery::default()
                },
            ))
        });
        let Some((stage, query)) = found else { return };
        if self.fetching.with_untracked(Option::is_some) {
            return;
        }
        let turn = self.turn.get_value();
        self.fetching.set(Some(key.to_owned()));
        let key = key.to_owned();
        let toasts = self.toasts;
        spawn_local(async move {
            let result = API.list(DEF.plural, &query).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.fetching.set(None);
            let page = match result {
                Ok(page) => page,
                Err(error) => return say_problem(toasts, &error),
            };
            self.set_cursor(&key, page.next_cursor);
            let new: Vec<KanbanCard> = page
                .items
                .into_iter()
                .map(|item| self.keep(item, &stage))
                .collect();
            self.cards.update(|cards| {
                for card in new {
                    if cards.iter().all(|known| known.id != card.id) {
                        cards.push(card);
                    }
                }
            });
        });
    }

    fn set_cursor(self, key: &str, cursor: Option<String>) {
        self.board.update(|board| {
            let column = board.stages.iter_mut();
            if let Some(column) = column.into_iter().find(|c| text(&c.stage, "id") == key) {
                column.next_cursor = cursor;
            }
        });
    }

    fn stage(self, key: &str) -> Option<Record> {
        self.board.with_untracked(|board| {
            let column = board.stages.iter().find(|c| text(&c.stage, "id") == key)?;
            Some(column.stage.clone())
        })
    }

    fn record(self, id: &str) -> Option<Record> {
        self.records.with_value(|records| records.get(id).cloned())
    }

    /// A card was put into another stage.
    fn moved(self, by: &Move) {
        let (Some(opportunity), Some(to)) = (self.record(&by.id), self.stage(&by.to)) else {
            return;
        };
        let from = self.stage(&by.from);
        let place = self.cards.with_untracked(|cards| {
            cards
                .iter()
                .position(|card| card.id == by.id)
                .unwrap_or_default()
        });
        let back = by.clone();
        let was = opportunity.clone();
        self.put(by, 0, &opportunity);
        // A read that began before the move knows nothing of it.
        self.next_turn();
        let on_back = Arc::new(move |stale: bool| {
            if self.is_gone() {
                return;
            }
            let undone = Move {
                id: back.id.clone(),
                from: back.to.clone(),
                to: back.from.clone(),
            };
            // What was read while it was asked for may have put it back already, with its sums.
            let away = self.cards.with_untracked(|cards| {
                let mut cards = cards.iter();
                cards.any(|card| card.id == undone.id && card.column == undone.from)
            });
            if away {
                self.put(&undone, place, &was);
            }
            if stale {
                self.read();
            }
        });
        let on_done = Arc::new(move |after: &Record| {
            if !self.is_gone() {
                self.learn(after);
                self.read();
            }
        });
        self.mover.ask(Wanted {
            opportunity,
            from,
            to,
            on_done,
            on_back,
        });
    }

    /// Takes what a move answered, so that the next one is not taken for somebody else's being faster.
    fn learn(self, after: &Record) {
        self.records.update_value(|records| {
            if let Some(known) = records.get_mut(text(after, "id")) {
                known.extend(after.clone());
            }
        });
    }

    /// Whether the board has been left.
    fn is_gone(self) -> bool {
        self.turn.try_get_value().is_none()
    }

    /// Puts a card into another column at this place among all cards, and corrects the sums.
    fn put(self, by: &Move, place: usize, opportunity: &Record) {
        self.cards.update(|cards| {
            let Some(at) = cards.iter().position(|card| card.id == by.id) else {
                return;
            };
            let mut card = cards.remove(at);
            card.column.clone_from(&by.to);
            cards.insert(place.min(cards.len()), card);
        });
        let amount = base_amount(opportunity);
        self.board.update(|board| {
            for column in &mut board.stages {
                let id = text(&column.stage, "id");
                let sign = match id {
                    id if id == by.from => -1,
                    id if id == by.to => 1,
                    _ => continue,
                };
                column.count += sign;
                column.amount += sign * amount;
                let likely = column.stage.get("probability").and_then(Value::as_i64);
                column.weighted_amount += sign * amount * likely.unwrap_or_default() / 10_000;
            }
        });
    }
}

/// What an opportunity comes to in the workspace's currency.
fn base_amount(opportunity: &Record) -> i64 {
    let money = opportunity
        .get("base_amount")
        .and_then(format::money_parts)
        .or_else(|| opportunity.get("amount").and_then(format::money_parts));
    money.map_or(0, |(amount, _)| amount)
}

/// The board.
#[component]
pub(crate) fn BoardView(
    /// What is on it.
    state: BoardState,
    /// Called with the id of an opportunity that was pressed.
    on_open: Callback<String>,
) -> impl IntoView {
    let columns = Signal::derive(move || state.board.with(columns));
    let draw: CardView = Arc::new(move |id: &str| card(state, id));
    let draw = StoredValue::new(draw);
    let texts = KanbanTexts {
        label: kinds::plural(&DEF).to_owned(),
        help: t!("board.help").to_owned(),
        more: t!("list.load_more").to_owned(),
        loading: t!("common.loading").to_owned(),
    };
    let texts = StoredValue::new(texts);
    let phase = Memo::new(move |_| {
        (
            state.load.with(std::mem::discriminant),
            state.board.with(|board| board.stages.is_empty()),
        )
    });
    let body = move || {
        match state.load.get() {
        Load::Loading => {
            view! { <div class="page-pad"><SkeletonRows rows=8 label=t!("common.loading") /></div> }
                .into_any()
        }
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| state.read())),
        Load::Ready(()) if columns.with(Vec::is_empty) => view! {
            <EmptyState glyph=Glyph::Board title=t!("board.no_stages") text=t!("board.no_stages_text")>
                <ButtonLink href="/settings/pipelines">{t!("board.to_pipelines")}</ButtonLink>
            </EmptyState>
        }
        .into_any(),
        Load::Ready(()) => view! {
            <Kanban
                columns=columns
                cards=state.cards
                card=draw.get_value()
                on_move=move |by: Move| state.moved(&by)
                on_open=on_open
                on_more=move |key: String| state.more(&key)
                loading=state.fetching
                hint=move |(id, key): (String, String)| hint(state, &id, &key)
                asking=state.mover.asking()
                texts=texts.get_value()
            />
        }
        .into_any(),
    }
    };
    view! {
        {move || {
            phase.get();
            untrack(body)
        }}
    }
}

fn columns(board: &Board) -> Vec<KanbanColumn> {
    let code = &board.currency;
    board
        .stages
        .iter()
        .map(|column| {
            let kind = text(&column.stage, "stage_kind");
            let weighted = format::minor_whole(column.weighted_amount, code);
            KanbanColumn {
                key: text(&column.stage, "id").to_owned(),
                label: text(&column.stage, "name").to_owned(),
                count: format::number(column.count),
                sum: format::minor_whole(column.amount, code),
                sum_end: if kind == "open" {
                    tf!("board.weighted", amount = weighted)
                } else {
                    t!("board.last_days").to_owned()
                },
                hint: String::new(),
                tone: match kind {
                    "won" => Tone::Success,
                    "lost" => Tone::Danger,
                    _ => Tone::Neutral,
                },
                more: column.next_cursor.is_some(),
            }
        })
        .collect()
}

/// What is said where a card may be dropped: what the stage will ask for.
fn hint(state: BoardState, id: &str, key: &str) -> String {
    let (Some(record), Some(to)) = (state.record(id), state.stage(key)) else {
        return String::new();
    };
    let from = state.stage(text(&record, "stage_id"));
    let needs = Needs::of(&record, from.as_ref(), &to);
    let mut asked: Vec<String> = needs
        .fields
        .iter()
        .map(|name| kinds::field_name(&DEF, name).to_owned())
        .collect();
    if !needs.checklist.is_empty() {
        asked.push(t!("board.checklist").to_owned());
    }
    if needs.reason {
        asked.push(kinds::field_name(&DEF, "close_reason").to_owned());
    }
    if asked.is_empty() {
        return t!("board.drop").to_owned();
    }
    tf!(
        "board.drop_needs",
        stage = text(&to, "name"),
        fields = asked.join(t!("common.list_separator"))
    )
}

/// What stands on a card.
fn card(state: BoardState, id: &str) -> AnyView {
    let Some(record) = state.record(id) else {
        return ().into_any();
    };
    let titled = |field: &str| {
        let one = record
            .get(&expansion(field))
            .and_then(|one| one.get("title"));
        one.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (customer, owner) = (titled("customer_id"), titled("owner_id"));
    let hot = record
        .get("hot")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    let hot = hot.then(|| {
        view! {
            <span class="card-hot" title=t!("opportunity.field.hot")>
                <Icon glyph=Glyph::Flame />
                <span class="visually-hidden">{t!("opportunity.field.hot")}</span>
            </span>
        }
    });
    let amount = record.get("amount").map(format::amount).unwrap_or_default();
    let stage = state.stage(text(&record, "stage_id"));
    let rotting = stage
        .as_ref()
        .and_then(|stage| rotting_days(&record, stage));
    let when = match rotting {
        Some(days) => {
            view! { <Badge tone=Tone::Warning plain=true>{tf!("board.idle", n = days)}</Badge> }
                .into_any()
        }
        None => {
            let closed = stage.as_ref().is_some_and(|stage| !is_open(stage));
            let name = if closed {
                "closed_on"
            } else {
                "expected_close_on"
            };
            let day = text(&record, name);
            let late = !closed && !day.is_empty() && day < format::today().to_string().as_str();
            let shown = (!day.is_empty()).then(|| format::brief_day(day));
            let label = kinds::field_name(&DEF, name);
            shown
                .map(|day| view! { <span class="nowrap" class:down=late title=label>{day}</span> })
                .into_any()
        }
    };
    let next = text(&record, "next_step").to_owned();
    let next = (!next.is_empty()).then(|| {
        view! {
            <span class="card-next" title=t!("opportunity.field.next_step")>
                <Icon glyph=Glyph::ArrowRight />
                <span class="clip">{next}</span>
            </span>
        }
    });
    // What was done in the stages before is kept, too; here the present one counts.
    let ticked = texts(&record, "checklist_done");
    let list = stage.map_or_else(Vec::new, |stage| texts(&stage, "checklist"));
    let done = list.iter().filter(|entry| ticked.contains(entry)).count();
    let all = list.len();
    let ticks = (all > 0).then(|| {
        let label = tf!("board.checklist_done", done = done, all = all);
        view! { <span class="nowrap" title=label.clone()>{format!("{done}/{all}")}</span> }
    });
    let avatar = (!owner.is_empty()).then(|| {
        let title = owner.clone();
        view! { <span class="card-owner" title=title><Avatar name=owner /></span> }
    });
    view! {
        <div class="kanban-title">
            <b>{text(&record, "name").to_owned()}</b>
            {hot}
        </div>
        <div class="kanban-who">
            <span class="muted clip">{customer}</span>
            {ticks}
        </div>
        {next}
        <div class="card-foot">
            {(!amount.is_empty()).then(|| view! { <b class="nowrap">{amount}</b> })}
            {when}
            {avatar}
        </div>
    }
    .into_any()
}
