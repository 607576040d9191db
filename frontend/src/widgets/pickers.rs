//! Picking records: one or several, by typing a part of their names.

use kehu_client::records::ListQuery;
use kehu_domain::def::Def;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::state::API;
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::lookups::{Lookups, text, title_of};
use crate::widgets::texts::list_texts;

/// Finds records of a kind by what was typed.
#[derive(Clone, Copy)]
pub(crate) struct Finder {
    /// What was found.
    pub(crate) choices: RwSignal<Vec<Choice>>,
    /// Whether it is on its way.
    pub(crate) loading: RwSignal<bool>,
    asked: StoredValue<String>,
    def: &'static Def,
    lookups: Lookups,
}

impl Finder {
    /// Over the records of a kind.
    pub(crate) fn new(def: &'static Def) -> Self {
        Self {
            choices: RwSignal::new(Vec::new()),
            loading: RwSignal::new(false),
            asked: StoredValue::new(String::new()),
            def,
            lookups: Lookups::here(),
        }
    }

    /// Asks the server; an answer that comes after a later question is dropped.
    pub(crate) fn ask(self, letters: String) {
        let (def, lookups) = (self.def, self.lookups);
        if def.kind == "tag" {
            return self.choices.set(lookups.tag_choices(&letters));
        }
        self.asked.set_value(letters.clone());
        self.loading.set(true);
        let filter = if def.has("active") {
            "active == true"
        } else {
            ""
        };
        let query = ListQuery {
            q: letters.clone(),
            filter: filter.to_owned(),
            limit: Some(20),
            ..ListQuery::default()
        };
        spawn_local(async move {
            let found = API.list(def.plural, &query).await;
            if self.asked.try_get_value().as_ref() != Some(&letters) {
                return;
            }
            let records = found.map(|page| page.items).unwrap_or_default();
            let choices = records
                .iter()
                .map(|record| {
                    let (id, title) = (text(record, "id"), title_of(def, record));
                    lookups.remember(id, &title);
                    let hint = [
                        "company",
                        "job_title",
                        "phone",
                        "email",
                        "city",
                        "code",
                        "number",
                    ]
                    .into_iter()
                    .map(|name| text(record, name))
                    .find(|hint| !hint.is_empty() && *hint != title);
                    let choice = Choice::new(id, title.clone());
                    match hint {
                        Some(hint) => choice.hint(hint),
                        None => choice,
                    }
                })
                .collect();
            self.choices.set(choices);
            self.loading.set(false);
        });
    }
}

/// Picks one record of a kind.
#[component]
pub(crate) fn RecordPicker(
    /// The kind.
    def: &'static Def,
    /// The id of what is picked; empty for nothing.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the id of what was picked, or an empty text.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    let finder = Finder::new(def);
    let lookups = Lookups::here();
    let chosen = Signal::derive(move || {
        let id = value.get();
        (!id.is_empty()).then(|| Choice::new(id.clone(), lookups.title(def, &id)))
    });
    let change = move |choice: Option<Choice>| {
        if let Some(choice) = &choice {
            lookups.remember(&choice.value, &choice.label);
        }
        on_change.run(choice.map(|choice| choice.value).unwrap_or_default());
    };
    view! {
        <Combobox
            value=chosen
            on_change=change
            choices=finder.choices
            on_query=move |letters| finder.ask(letters)
            loading=finder.loading
            texts=list_texts()
            placeholder=kinds::name(def)
        />
    }
}

/// Picks several records of a kind; tags by their names, everything else by id.
#[component]
pub(crate) fn RecordsPicker(
    /// The kind.
    def: &'static Def,
    /// What is picked.
    #[prop(into)]
    value: Signal<Vec<String>>,
    /// Called with everything that is picked now.
    #[prop(into)]
    on_change: Callback<Vec<String>>,
) -> impl IntoView {
    let finder = Finder::new(def);
    let lookups = Lookups::here();
    let tags = def.kind == "tag";
    let chosen = Signal::derive(move || {
        let one = |id: String| {
            let label = if tags {
                id.clone()
            } else {
                lookups.title(def, &id)
            };
            Choice::new(id, label)
        };
        value.get().into_iter().map(one).collect::<Vec<_>>()
    });
    let change = move |choices: Vec<Choice>| {
        for choice in &choices {
            lookups.remember(&choice.value, &choice.label);
        }
        on_change.run(choices.into_iter().map(|choice| choice.value).collect());
    };
    let create = move |name: String| {
        let name = name.trim().to_owned();
        let mut now = value.get_untracked();
        if !name.is_empty() && !now.contains(&name) {
            now.push(name);
            on_change.run(now);
        }
    };
    let on_create = tags.then(|| Callback::new(create));
    match on_create {
        Some(on_create) => view! {
            <MultiSelect
                value=chosen
                on_change=change
                choices=finder.choices
                on_query=move |letters| finder.ask(letters)
                loading=finder.loading
                texts=list_texts()
                placeholder=kinds::name(def)
                on_create=on_create
            />
        }
        .into_any(),
        None => view! {
            <MultiSelect
                value=chosen
                on_change=change
                choices=finder.choices
                on_query=move |letters| finder.ask(letters)
                loading=finder.loading
                texts=list_texts()
                placeholder=kinds::name(def)
            />
        }
        .into_any(),
    }
}
