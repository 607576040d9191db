//! One out of many: type to narrow, arrow keys to move, Enter to take.

use std::time::Duration;

use leptos::{html, leptos_dom::helpers::TimeoutHandle, prelude::*};

use super::{
    anchored::Anchored,
    dom::unique_id,
    field::ControlAttributes,
    icon::{Glyph, Icon},
    listbox::{ListState, ListTexts, Listbox},
    select::Choice,
};

/// How long typing must rest before choices are asked for.
const REST: Duration = Duration::from_millis(180);

/// Calls `on_query` when typing has rested; each call puts the earlier one off.
pub fn debounced(on_query: Callback<String>) -> impl Fn(String) + Copy + Send + Sync + 'static {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    move |query: String| {
        if let Some(handle) = waiting.get_value() {
            handle.clear();
        }
        let call = move || {
            // Whoever typed may have left before the typing rested.
            let _ = on_query.try_run(query);
        };
        // Without a timer, asking at once is right too.
        waiting.set_value(set_timeout_with_handle(call, REST).ok());
    }
}

/// A text with suggestions that come from wherever the caller finds them: `on_query` says what was typed,
/// `choices` brings what fits.
#[component]
pub fn Combobox(
    /// What is chosen.
    #[prop(into)]
    value: Signal<Option<Choice>>,
    /// Called with what was chosen, or with nothing when it was taken back.
    #[prop(into)]
    on_change: Callback<Option<Choice>>,
    /// What fits what was typed.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// Called with what was typed, when typing rests, and with nothing when the list opens.
    #[prop(into)]
    on_query: Callback<String>,
    /// The words around the list.
    #[prop(into)]
    texts: Signal<ListTexts>,
    /// True while choices are on their way.
    #[prop(optional, into)]
    loading: Signal<bool>,
    /// Called with what was typed, where it may be made new.
    #[prop(optional, into)]
    on_create: Option<Callback<String>>,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Signal<String>,
    /// The name, where no field stands around it.
    #[prop(optional, into)]
    label: Option<Signal<String>>,
    /// True while it can't be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let field = ControlAttributes::here();
    let input = NodeRef::<html::Input>::new();
    let typed = RwSignal::new(None::<String>);
    let open = RwSignal::new(false);
    let state = ListState {
        id: StoredValue::new(unique_id("list")),
        choices,
        active: RwSignal::new(0),
        open,
    };
    let ask_later = debounced(on_query);
    let chosen_label = move || value.get().map_or_else(String::new, |choice| choice.label);
    let create = Signal::derive(move || {
        let text = typed.get().unwrap_or_default().trim().to_owned();
        let known = choices.with(|list| list.iter().any(|choice| choice.label == text));
        (on_create.is_some() && !text.is_empty() && !known).then_some(text)
    });
    let close = move || {
        open.set(false);
        typed.set(None);
    };
    let show = move || {
        if !open.get_untracked() && !disabled.get_untracked() {
            state.active.set(0);
            open.set(true);
            on_query.run(String::new());
        }
    };
    let pick = move |choice: Choice| {
        if !choice.disabled {
            on_change.run(Some(choice));
            close();
        }
    };
    let make_new = move |()| {
        if let (Some(text), Some(on_create)) = (create.get_untracked(), on_create) {
            on_create.run(text);
            close();
        }
    };
    let on_input = move |text: String| {
        show();
        state.active.set(0);
        typed.set(Some(text.clone()));
        ask_later(text);
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        let count =
            choices.with_untracked(Vec::len) + usize::from(create.get_untracked().is_some());
        let opened = open.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if opened => state.step(1, count),
            "ArrowUp" if opened => state.step(-1, count),
            "ArrowDown" | "ArrowUp" => show(),
            "Enter" if opened => {
                let at = state.active.get_untracked();
                match choices.with_untracked(|list| list.get(at).cloned()) {
                    Some(choice) => pick(choice),
                    None => make_new(()),
                }
            }
            "Escape" if opened => {
                event.stop_propagation();
                close();
            }
            "Tab" => return close(),
            _ => return,
        }
        event.prevent_default();
    };
    let clear = move |_| {
        on_change.run(None);
        close();
        if let Some(input) = input.get_untracked() {
            super::dom::focus(&input);
        }
    };
    let clearable = move || value.with(Option::is_some) && !disabled.get();
    view! {
        <div class="anchor block">
            <span class="input combo">
                <input
                    node_ref=input
                    type="text"
                    role="combobox"
                    autocomplete="off"
                    aria-autocomplete="list"
                    aria-haspopup="listbox"
                    id=field.id()
                    aria-controls=state.id.get_value()
                    aria-expanded=move || open.get().to_string()
                    aria-activedescendant=move || state.active_id()
                    aria-label=move || label.map(|label| label.get())
                    aria-describedby=move || field.described_by()
                    aria-invalid=move || field.invalid()
                    aria-required=move || field.required()
                    placeholder=placeholder
                    disabled=disabled
                    prop:value=move || typed.get().unwrap_or_else(chosen_label)
                    on:input:target=move |event| on_input(event.target().value())
                    on:click=move |_| show()
                    on:keydown=keydown
                    on:blur=move |_| close()
                />
                {move || {
                    clearable()
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="in-x"
                                    tabindex="-1"
                                    aria-label=move || texts.with(|texts| texts.clear.clone())
                                    on:click=clear
                                >
                                    <Icon glyph=Glyph::Close />
                                </button>
                            }
                        })
                }}
                <Icon glyph=Glyph::ChevronDown />
            </span>
            <Anchored open=open on_close=move |()| close() match_width=true keep_focus=true class="list">
                <Listbox
                    state=state
                    is_chosen=move |own: String| {
                        value.with(|value| value.as_ref().is_some_and(|choice| choice.value == own))
                    }
                    on_pick=pick
                    loading=loading
                    create=create
                    on_create=make_new
                    texts=texts
                />
            </Anchored>
        </div>
    }
}
