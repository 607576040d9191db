//! A board: columns of cards that are moved by dragging, or by keys. It moves a card at once and tells the
//! page, which puts it back by setting its rows anew when the move was refused.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element};

use super::{
    dom::{all, focus, focus_is_lost},
    load_more::LoadMore,
    tone::Tone,
    touch_drag::{Lifted, Touch},
};

/// One column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KanbanColumn {
    /// What is stored.
    pub key: String,
    /// What is read.
    pub label: String,
    /// How many cards there are in all, ready to be read.
    pub count: String,
    /// Below the heading, at the left, such as a sum.
    pub sum: String,
    /// Below the heading, at the right, such as a weighted sum.
    pub sum_end: String,
    /// What is said where a card may be dropped, such as what it will need.
    pub hint: String,
    /// What the column means: won, lost.
    pub tone: Tone,
    /// More cards can be fetched.
    pub more: bool,
}

/// One card: where it is, and a version that changes when it must be drawn anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KanbanCard {
    /// The id of what the card shows.
    pub id: String,
    /// The key of its column.
    pub column: String,
    /// The version of what the card shows.
    pub version: i64,
    /// It has been still for too long.
    pub stale: bool,
    /// It can't be moved.
    pub fixed: bool,
}

/// A card that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The id of the card.
    pub id: String,
    /// The key of the column it left.
    pub from: String,
    /// The key of the column it came to.
    pub to: String,
}

/// The words of a board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KanbanTexts {
    /// What the board shows, for people who hear the page.
    pub label: String,
    /// How to move a card by keys, for people who hear the page.
    pub help: String,
    /// For the button that fetches more cards.
    pub more: String,
    /// While cards are fetched.
    pub loading: String,
}

/// Draws what stands on a card; given its id.
pub type CardView = Arc<dyn Fn(&str) -> AnyView + Send + Sync>;

/// What every column and card needs to know of its board.
#[derive(Clone, Copy)]
struct Board {
    cards: Signal<Vec<KanbanCard>>,
    keys: Signal<Vec<String>>,
    card: StoredValue<CardView>,
    dragged: RwSignal<Option<String>>,
    over: RwSignal<Option<String>>,
    on_move: Callback<Move>,
    on_open: Callback<String>,
    on_more: Callback<String>,
    loading: Signal<Option<String>>,
    hint: Option<Callback<(String, String), String>>,
    texts: Signal<KanbanTexts>,
    touch: Touch,
    /// The card that has the focus, or had it when it was drawn anew or something was asked for.
    kept: StoredValue<Option<String>>,
}

impl Board {
    /// Tells the page that a card shall be in another column.
    fn drop_card(&self, id: &str, to: String) {
        let from = self.cards.with_untracked(|cards| {
            cards
                .iter()
                .find(|card| card.id == id && !card.fixed)
                .map(|card| card.column.clone())
        });
        if let Some(from) = from.filter(|from| *from != to) {
            self.on_move.run(Move {
                id: id.to_owned(),
                from,
                to,
            });
        }
    }

    /// Gives the focus back to the card that had it, where nothing else has taken it.
    fn refocus(self) {
        request_animation_frame(move || {
            let Some(kept) = self.kept.try_get_value().flatten() else {
                return;
            };
            if focus_is_lost() {
                all_cards()
                    .into_iter()
                    .filter(|card| card.get_attribute("data-id").as_ref() == Some(&kept))
                    .for_each(|card| focus(&card));
            }
        });
    }

    /// Moves a card to the column `step` places on.
    fn shift(&self, id: &str, column: &str, step: isize) {
        let to = self.keys.with_untracked(|keys| {
            let at = keys.iter().position(|key| key == column)?;
            keys.get(at.checked_add_signed(step)?).cloned()
        });
        if let Some(to) = to {
            self.drop_card(id, to);
        }
    }
}

/// A board. Cards move by dragging, or with Shift and the arrow keys; Enter opens one.
#[component]
pub fn Kanban(
    /// The columns, left to right.
    #[prop(into)]
    columns: Signal<Vec<KanbanColumn>>,
    /// The cards, in order within their column.
    #[prop(into)]
    cards: Signal<Vec<KanbanCard>>,
    /// Draws what stands on a card.
    card: CardView,
    /// Called when a card was moved; the page changes `cards`, at once and again when it was refused.
    #[prop(into)]
    on_move: Callback<Move>,
    /// Called with the id of a card that was pressed.
    #[prop(into)]
    on_open: Callback<String>,
    /// Called with the key of a column when its end comes into sight.
    #[prop(into)]
    on_more: Callback<String>,
    /// The key of the column whose cards are on their way.
    #[prop(optional, into)]
    loading: Signal<Option<String>>,
    /// What is said where this card (its id) may be dropped in this column (its key); the column's own
    /// hint where it is left out.
    #[prop(optional, into)]
    hint: Option<Callback<(String, String), String>>,
    /// True while something is asked for about a card; the card gets the focus back afterwards.
    #[prop(optional, into)]
    asking: Signal<bool>,
    /// The words.
    #[prop(into)]
    texts: Signal<KanbanTexts>,
) -> impl IntoView {
    let keys = Signal::derive(move || {
        columns.with(|columns| {
            columns
                .iter()
                .map(|column| column.key.clone())
                .collect::<Vec<_>>()
        })
    });
    let (dragged, over) = (RwSignal::new(None), RwSignal::new(None));
    let dropped = StoredValue::new(None::<Board>);
    let on_drop = Callback::new(move |(id, column): (String, String)| {
        if let Some(board) = dropped.get_value() {
            board.drop_card(&id, column);
        }
    });
    let board = Board {
        cards,
        keys,
        card: StoredValue::new(card),
        dragged,
        over,
        on_move,
        on_open,
        on_more,
        loading,
        hint,
        texts,
        touch: Touch::new("data-lane", over, dragged, on_drop),
        kept: StoredValue::new(None),
    };
    dropped.set_value(Some(board));
    // A card that changes its place is taken out of the page for a moment, and the focus is gone; so it is
    // after something was asked for.
    Effect::new(move |_| {
        cards.track();
        if !asking.get() {
            board.refocus();
        }
    });
    let pressed = window_event_listener(leptos::ev::pointerdown, move |event| {
        let at = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let beside = at.is_none_or(|at| !matches!(at.closest(".kanban-card, dialog"), Ok(Some(_))));
        if beside {
            board.kept.set_value(None);
        }
    });
    on_cleanup(move || pressed.remove());
    let touch = board.touch;
    let ghost = move || {
        let id = touch
            .lifted
            .with(|lifted| lifted.as_ref().map(|l| l.id.clone()))?;
        let place = move || {
            touch.lifted.with(|lifted| {
                let Lifted { x, y, .. } = lifted.clone().unwrap_or(Lifted {
                    id: String::new(),
                    x: 0.0,
                    y: 0.0,
                });
                format!("translate({x}px, {y}px)")
            })
        };
        Some(view! {
            <div class="kanban-ghost" style:transform=place aria-hidden="true">
                <div class="kanban-card">{board.card.with_value(|draw| draw(&id))}</div>
            </div>
        })
    };
    view! {
        <div
            class="board"
            class:lifting=move || touch.lifted.with(Option::is_some)
            node_ref=touch.node
            role="group"
            aria-label=move || texts.with(|texts| texts.label.clone())
            on:pointermove=move |event| touch.follow(&event)
            on:pointerup=move |_| touch.leave(true)
            on:pointercancel=move |_| touch.leave(false)
            on:contextmenu=move |event| {
                if touch.finger.get_untracked() {
                    event.prevent_default();
                }
            }
        >
            <For each=move || columns.get() key=|column| column.key.clone() let:column>
                {lane(board, column.key, columns)}
            </For>
            {ghost}
        </div>
    }
}

/// One column.
fn lane(board: Board, key: String, columns: Signal<Vec<KanbanColumn>>) -> impl IntoView {
    let key = StoredValue::new(key);
    let here = Memo::new(move |_| {
        let found = columns.with(|columns| {
            columns
                .iter()
                .find(|column| key.with_value(|key| column.key == *key))
                .cloned()
        });
        found.unwrap_or_default()
    });
    let own = Memo::new(move |_| {
        board.cards.with(|cards| {
            let mine = |card: &&KanbanCard| key.with_value(|key| card.column == *key);
            cards.iter().filter(mine).cloned().collect::<Vec<_>>()
        })
    });
    let is_over = Memo::new(move |_| {
        board
            .over
            .with(|over| key.with_value(|key| over.as_ref() == Some(key)))
    });
    let dragged = move |event: DragEvent| {
        event.prevent_default();
        if !is_over.get_untracked() {
            board.over.set(Some(key.get_value()));
        }
    };
    let left = move |event: DragEvent| {
        let to = event
            .related_target()
            .and_then(|to| to.dyn_into::<Element>().ok());
        let lane = event
            .current_target()
            .and_then(|lane| lane.dyn_into::<Element>().ok());
        let inside = lane.is_some_and(|lane| to.is_some_and(|to| lane.contains(Some(&to))));
        if !inside && is_over.get_untracked() {
            board.over.set(None);
        }
    };
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        board.over.set(None);
        if let Some(id) = board.dragged.get_untracked() {
            board.dragged.set(None);
            board.drop_card(&id, key.get_value());
        }
    };
    let place = move || {
        let id = board.dragged.get()?;
        let foreign = board.cards.with(|cards| {
            cards
                .iter()
                .any(|card| card.id == id && key.with_value(|key| card.column != *key))
        });
        (is_over.get() && foreign).then(|| {
            let hint = match board.hint {
                Some(hint) => hint.run((id, key.get_value())),
                None => here.get().hint,
            };
            view! { <div class="drop-place">{hint}</div> }
        })
    };
    view! {
        <section
            class="lane"
            class:over=is_over
            data-lane=key.get_value()
            data-tone=move || here.get().tone.name()
            aria-label=move || here.get().label
            on:dragover=dragged
            on:dragleave=left
            on:drop=dropped
        >
            <header>
                <b class="clip">{move || here.get().label}</b>
                <span class="muted">{move || here.get().count}</span>
                <small>{move || here.get().sum}</small>
                <small>{move || here.get().sum_end}</small>
            </header>
            <div class="lane-cards">
                {place}
                <For
                    each=move || own.get()
                    key=|card| card.id.clone()
                    children=move |card| card_view(board, own, card)
                />
                <LoadMore
                    more=Signal::derive(move || here.get().more)
                    loading=Signal::derive(move || board.loading.with(|at| key.with_value(|key| at.as_ref() == Some(key))))
                    on_more=move |()| board.on_more.run(key.get_value())
                    label=Signal::derive(move || board.texts.with(|texts| texts.more.clone()))
                    loading_label=Signal::derive(move || board.texts.with(|texts| texts.loading.clone()))
                />
            </div>
        </section>
    }
}

/// One card. It stays the same element while what it shows changes, so that it keeps the focus.
fn card_view(board: Board, lane: Memo<Vec<KanbanCard>>, card: KanbanCard) -> impl IntoView {
    let (id, column) = (
        StoredValue::new(card.id.clone()),
        StoredValue::new(card.column.clone()),
    );
    let here = Memo::new(move |before: Option<&KanbanCard>| {
        let found = lane.with(|cards| {
            let mine = |card: &&KanbanCard| id.with_value(|id| card.id == *id);
            cards.iter().find(mine).cloned()
        });
        found.or_else(|| before.cloned()).unwrap_or(card.clone())
    });
    let fixed = move || here.with(|card| card.fixed);
    let left = move |event: web_sys::FocusEvent| {
        let to = event
            .related_target()
            .and_then(|to| to.dyn_into::<Element>().ok());
        let elsewhere = to.is_some_and(|to| !matches!(to.closest("dialog"), Ok(Some(_))));
        if elsewhere {
            board.kept.set_value(None);
        }
    };
    let start = move |event: DragEvent| {
        if let Some(transfer) = event.data_transfer() {
            transfer.set_effect_allowed("move");
            // Without data some browsers don't begin to drag; nobody reads it.
            let _ = transfer.set_data("text/plain", &id.get_value());
        }
        board.dragged.set(Some(id.get_value()));
    };
    let end = move |_| {
        board.dragged.set(None);
        board.over.set(None);
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        let step = match (event.key().as_str(), event.shift_key()) {
            ("ArrowRight", true) => 1,
            ("ArrowLeft", true) => -1,
            ("Enter", _) => {
                board.on_open.run(id.get_value());
                return event.prevent_default();
            }
            _ => return,
        };
        event.prevent_default();
        column.with_value(|column| id.with_value(|id| board.shift(id, column, step)));
    };
    let held = move || {
        board
            .dragged
            .with(|dragged| id.with_value(|id| dragged.as_ref() == Some(id)))
    };
    view! {
        <article
            class="kanban-card"
            class:stale=move || here.with(|card| card.stale)
            class:held=held
            draggable=move || (!fixed() && !board.touch.finger.get()).to_string()
            on:pointerdown=move |event| {
                if !untrack(fixed) {
                    board.touch.press(&event, id.get_value());
                }
            }
            tabindex="0"
            aria-description=move || board.texts.with(|texts| texts.help.clone())
            data-id=id.get_value()
            on:dragstart=start
            on:dragend=end
            on:keydown=keydown
            on:focusin=move |_| board.kept.set_value(Some(id.get_value()))
            on:focusout=left
            on:click=move |_| board.on_open.run(id.get_value())
        >
            {move || {
                here.with(|_| ());
                untrack(|| board.card.with_value(|draw| id.with_value(|id| draw(id))))
            }}
        </article>
    }
}

/// Every card of the page.
fn all_cards() -> Vec<Element> {
    document()
        .body()
        .map(|body| all(&body, ".kanban-card"))
        .unwrap_or_default()
}
