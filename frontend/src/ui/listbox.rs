//! The list of choices below a text with suggestions; shared by combobox and multi-select.

use leptos::prelude::*;

use super::{
    icon::{Glyph, Icon},
    select::Choice,
};

/// The words around a list of choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListTexts {
    /// While choices are on their way.
    pub loading: String,
    /// When nothing fits what was typed.
    pub nothing: String,
    /// For the cross that takes a choice back.
    pub clear: String,
    /// Before what was typed, where it may be made new, such as "Create".
    pub create: String,
}

/// What a list of choices and the text above it share.
#[derive(Clone, Copy, Debug)]
pub struct ListState {
    /// The id of the list.
    pub id: StoredValue<String>,
    /// What can be chosen now.
    pub choices: Signal<Vec<Choice>>,
    /// Which choice the arrow keys are on.
    pub active: RwSignal<usize>,
    /// True while the list is shown.
    pub open: RwSignal<bool>,
}

impl ListState {
    /// The id of the choice that the arrow keys are on, for `aria-activedescendant`.
    #[must_use]
    pub fn active_id(&self) -> Option<String> {
        self.open
            .get()
            .then(|| format!("{}-{}", self.id.get_value(), self.active.get()))
    }

    /// Moves on by `step`, around the ends.
    pub fn step(&self, step: isize, count: usize) {
        if count > 0 {
            let at = self.active.get_untracked().cast_signed() + step;
            self.active
                .set(at.rem_euclid(count.cast_signed()).cast_unsigned());
        }
    }
}

/// The list itself.
#[component]
pub fn Listbox(
    /// What it shares with the text above it.
    state: ListState,
    /// Tells whether a value is chosen.
    #[prop(into)]
    is_chosen: Callback<String, bool>,
    /// Called with what was picked.
    #[prop(into)]
    on_pick: Callback<Choice>,
    /// True while choices are on their way.
    #[prop(into)]
    loading: Signal<bool>,
    /// What was typed, where it may be made new.
    #[prop(into)]
    create: Signal<Option<String>>,
    /// Called when what was typed shall be made new.
    #[prop(into)]
    on_create: Callback<()>,
    /// The words around it.
    #[prop(into)]
    texts: Signal<ListTexts>,
) -> impl IntoView {
    let line = move |(at, choice): (usize, Choice)| {
        let (value, picked) = (choice.value.clone(), choice.clone());
        let active = Memo::new(move |_| state.active.get() == at);
        view! {
            <div
                role="option"
                class="option"
                class:active=active
                id=format!("{}-{at}", state.id.get_value())
                aria-selected=move || is_chosen.run(value.clone()).to_string()
                aria-disabled=choice.disabled.then_some("true")
                on:pointermove=move |_| state.active.set(at)
                on:mousedown=move |event| {
                    event.prevent_default();
                    on_pick.run(picked.clone());
                }
            >
                <span class="option-text">
                    {choice.label} {choice.hint.map(|hint| view! { <small>{hint}</small> })}
                </span>
                <Icon glyph=Glyph::Check />
            </div>
        }
    };
    let create_line = move || {
        let typed = create.get()?;
        let at = state.choices.with(Vec::len);
        Some(view! {
            <div
                role="option"
                class="option create"
                class:active=move || state.active.get() == at
                id=format!("{}-{at}", state.id.get_value())
                aria-selected="false"
                on:pointermove=move |_| state.active.set(at)
                on:mousedown=move |event| {
                    event.prevent_default();
                    on_create.run(());
                }
            >
                <Icon glyph=Glyph::Plus />
                <span class="option-text">{texts.with(|texts| texts.create.clone())} " " <b>{typed}</b></span>
            </div>
        })
    };
    let remark = move || {
        let empty = state.choices.with(Vec::is_empty) && create.with(Option::is_none);
        texts.with(|texts| match (loading.get(), empty) {
            (true, _) => Some(texts.loading.clone()),
            (false, true) => Some(texts.nothing.clone()),
            (false, false) => None,
        })
    };
    view! {
        <div role="listbox" id=state.id.get_value() class="options">
            {move || state.choices.get().into_iter().enumerate().map(line).collect_view()}
            {create_line}
        </div>
        <div role="status">{move || remark().map(|text| view! { <p class="option-remark">{text}</p> })}</div>
    }
}
