//! Several out of many: what is chosen stands as chips before the text.

use leptos::{html, prelude::*};

use super::{
    anchored::Anchored,
    combobox::debounced,
    dom::{focus, unique_id},
    field::ControlAttributes,
    icon::{Glyph, Icon},
    listbox::{ListState, ListTexts, Listbox},
    select::Choice,
};

/// Several choices. Backspace in the empty text takes the last one back.
#[component]
pub fn MultiSelect(
    /// What is chosen, in order.
    #[prop(into)]
    value: Signal<Vec<Choice>>,
    /// Called with everything that is chosen now.
    #[prop(into)]
    on_change: Callback<Vec<Choice>>,
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
    /// An example, shown while nothing is chosen.
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
    let typed = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let state = ListState {
        id: StoredValue::new(unique_id("list")),
        choices,
        active: RwSignal::new(0),
        open,
    };
    let ask_later = debounced(on_query);
    let create = Signal::derive(move || {
        let text = typed.get().trim().to_owned();
        let known = choices.with(|list| list.iter().any(|choice| choice.label == text));
        (on_create.is_some() && !text.is_empty() && !known).then_some(text)
    });
    let close = move || {
        open.set(false);
        typed.set(String::new());
    };
    let show = move || {
        if !open.get_untracked() && !disabled.get_untracked() {
            state.active.set(0);
            open.set(true);
            on_query.run(String::new());
        }
    };
    let toggle = move |choice: Choice| {
        if choice.disabled {
            return;
        }
        let mut list = value.get_untracked();
        let before = list.len();
        list.retain(|other| other.value != choice.value);
        if list.len() == before {
            list.push(choice);
        }
        on_change.run(list);
        if !typed.with_untracked(String::is_empty) {
            typed.set(String::new());
            on_query.run(String::new());
        }
    };
    let make_new = move |()| {
        if let (Some(text), Some(on_create)) = (create.get_untracked(), on_create) {
            on_create.run(text);
            typed.set(String::new());
        }
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
                    Some(choice) => toggle(choice),
                    None => make_new(()),
                }
            }
            "Escape" if opened => {
                event.stop_propagation();
                close();
            }
            "Backspace" if typed.with_untracked(String::is_empty) => {
                let mut list = value.get_untracked();
                if list.pop().is_some() {
                    on_change.run(list);
                }
            }
            "Tab" => return close(),
            _ => return,
        }
        event.prevent_default();
    };
    let chip = move |choice: Choice| {
        let label = choice.label.clone();
        view! {
            <span class="token">
                <span class="clip">{choice.label.clone()}</span>
                <button
                    type="button"
                    tabindex="-1"
                    disabled=disabled
                    aria-label=move || texts.with(|texts| format!("{} {label}", texts.clear))
                    on:mousedown=move |event| {
                        event.prevent_default();
                        toggle(choice.clone());
                    }
                >
                    <Icon glyph=Glyph::Close />
                </button>
            </span>
        }
    };
    let press = move |_| {
        if let Some(input) = input.get_untracked() {
            focus(&input);
        }
        show();
    };
    let empty_text = move || {
        if value.with(Vec::is_empty) {
            placeholder.get()
        } else {
            String::new()
        }
    };
    view! {
        <div class="anchor block">
            <span class="input tokens" on:click=press>
                {move || value.get().into_iter().map(chip).collect_view()}
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
                    placeholder=empty_text
                    disabled=disabled
                    prop:value=typed
                    on:input:target=move |event| {
                        show();
                        state.active.set(0);
                        typed.set(event.target().value());
                        ask_later(event.target().value());
                    }
                    on:keydown=keydown
                    on:blur=move |_| close()
                />
            </span>
            <Anchored open=open on_close=move |()| close() match_width=true keep_focus=true class="list">
                <Listbox
                    state=state
                    is_chosen=move |own: String| {
                        value.with(|list| list.iter().any(|choice| choice.value == own))
                    }
                    on_pick=toggle
                    loading=loading
                    create=create
                    on_create=make_new
                    texts=texts
                />
            </Anchored>
        </div>
    }
}
