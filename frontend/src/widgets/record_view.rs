//! The parts of a record's page and of the panel beside a list: who it is, where it stands, what can
//! be done, what is known.

use kehu_domain::def::{Def, Field, Section, Type};
use kehu_wire::Record;
use leptos::prelude::*;
use serde_json::Value;

use crate::state::{API, App};
use crate::t;
use crate::ui::prelude::*;
use crate::widgets::actions::{Actions, Asked, open_verbs, verb_glyph, verb_name};
use crate::widgets::cells::{cell, expansions, plain_text};
use crate::widgets::kinds;
use crate::widgets::load::{Load, fetch};
use crate::widgets::lookups::{text, title_of};

/// One record and how far it is. Copy it freely.
#[derive(Clone, Copy)]
pub struct OneRecord {
    /// Its kind.
    pub(crate) def: &'static Def,
    /// Its id.
    pub(crate) id: Signal<String>,
    /// The record with its references expanded.
    pub(crate) load: RwSignal<Load<Record>>,
    /// Counts up whenever it was read anew: what belongs to it looks again.
    pub(crate) turn: RwSignal<u32>,
    /// Reads it anew. Lives as long as the page, whatever menu it was given to.
    pub(crate) again: Callback<()>,
}

impl OneRecord {
    /// Reads the record now and whenever the id changes.
    pub(crate) fn new(def: &'static Def, id: Signal<String>) -> Self {
        let (load, turn) = (RwSignal::new(Load::Loading), RwSignal::new(0));
        let one = Self {
            def,
            id,
            load,
            turn,
            again: Callback::new(move |()| read(def, id, load, turn)),
        };
        let id = Memo::new(move |_| id.get());
        Effect::new(move |_| {
            id.get();
            one.load.set(Load::Loading);
            one.read();
        });
        one
    }

    /// Reads it anew; what is shown stays until then.
    pub(crate) fn read(self) {
        read(self.def, self.id, self.load, self.turn);
    }

    /// The record, where it is there.
    pub(crate) fn record(self) -> Option<Record> {
        self.load.with(|load| match load {
            Load::Ready(record) => Some(record.clone()),
            _ => None,
        })
    }
}

fn read(def: &'static Def, id: Signal<String>, load: RwSignal<Load<Record>>, turn: RwSignal<u32>) {
    let now = id.get_untracked();
    if now.is_empty() {
        return;
    }
    let expand = expansions(def.fields.iter());
    fetch(load, async move {
        let result = API.get(def.plural, &now, &expand).await;
        if id.try_get_untracked().as_ref() == Some(&now) {
            let _ = turn.try_update(|turn| *turn = turn.wrapping_add(1));
            return result;
        }
        // Another record is asked for by now; its own read follows.
        std::future::pending().await
    });
}

/// What stands under the title: job and company, or industry and place.
pub(crate) fn subtitle(def: &'static Def, record: &Record) -> String {
    let names: &[&str] = match def.kind {
        "lead" => &["job_title", "company"],
        "customer" => &["industry", "employees", "province", "city"],
        "contact" => &["job_title", "customer_id"],
        "user" => &["job_title", "department_id", "email"],
        "task" => &["priority", "due_at"],
        "opportunity" => &["customer_id", "amount", "expected_close_on"],
        "product" => &["code", "unit"],
        "contract" => &["number", "customer_id", "signed_on"],
        "payment" => &["customer_id", "contract_id", "received_on"],
        _ => &[],
    };
    let title = title_of(def, record);
    let parts: Vec<String> = names
        .iter()
        .filter(|name| record.get(**name).is_some_and(|value| !value.is_null()))
        .filter_map(|name| def.field(name))
        .map(|field| match field.name {
            "employees" => crate::tf!("record.employees", n = plain_text(def, record, field)),
            _ => plain_text(def, record, field),
        })
        .filter(|part| *part != title)
        .collect();
    parts.join(" · ")
}

/// The way of a record through its states.
pub(crate) fn state_path(def: &'static Def, record: &Record) -> Option<AnyView> {
    let field = kinds::state_field(def)?;
    let Type::Choice(codes) = field.ty else {
        return None;
    };
    let now = text(record, field.name).to_owned();
    let aside = matches!(
        now.as_str(),
        "invalid" | "voided" | "cancelled" | "lost" | "at_risk"
    );
    let steps: Vec<Step> = codes
        .iter()
        .filter(|code| !matches!(**code, "invalid" | "voided" | "cancelled") || **code == now)
        .map(|code| Step {
            key: (*code).to_owned(),
            label: kinds::choice(def, field.name, code),
            open: false,
        })
        .collect();
    let tone = if aside { Tone::Danger } else { Tone::Accent };
    let label = kinds::field_name(def, field.name);
    Some(view! { <Steps steps=steps current=now label=label tone=Signal::from(tone) /> }.into_any())
}

/// The buttons of what can be done: the first one loud, the rest in a menu.
pub(crate) fn action_buttons(
    one: OneRecord,
    record: &Record,
    small: bool,
    on_gone: Callback<()>,
) -> AnyView {
    let (app, actions, def) = (App::here(), Actions::here(), one.def);
    let id = text(record, "id").to_owned();
    let gone = record.get("deleted_at").is_some_and(|at| !at.is_null());
    let ask = move |verb: &'static str, id: String| {
        let on_done = if verb == "trash" { on_gone } else { one.again };
        actions.ask(Asked {
            def,
            verb,
            ids: vec![id],
            on_done,
        });
    };
    if gone {
        return view! {
            <Button icon=Glyph::Undo small=small on_press=move |()| ask("restore", id.clone())>
                {t!("list.restore")}
            </Button>
        }
        .into_any();
    }
    let verbs = open_verbs(app, def, record);
    let first = verbs
        .first()
        .copied()
        .filter(|verb| matches!(*verb, "convert" | "claim" | "reopen" | "win" | "contract"));
    let rest: Vec<&'static str> = verbs
        .into_iter()
        .filter(|verb| Some(*verb) != first)
        .collect();
    let href = format!("{}/edit", crate::urls::record(def.plural, &id));
    let menu_id = id.clone();
    let items = Signal::derive(move || {
        let mut items: Vec<MenuItem> = rest
            .iter()
            .map(|verb| {
                let (verb, id) = (*verb, menu_id.clone());
                let item = MenuItem::new(verb_name(verb), move || ask(verb, id.clone()))
                    .glyph(verb_glyph(verb));
                if verb == "void" { item.danger() } else { item }
            })
            .collect();
        if !items.is_empty() {
            items.push(MenuItem::separator());
        }
        items.push(
            MenuItem::link(t!("common.edit"), href.clone())
                .glyph(Glyph::Pencil)
                .hint("E"),
        );
        let id = menu_id.clone();
        items.push(
            MenuItem::new(t!("list.delete"), move || ask("trash", id.clone()))
                .glyph(Glyph::Trash)
                .danger(),
        );
        items
    });
    let main = first.map(|verb| {
        view! {
            <Button
                kind=ButtonKind::Primary
                small=small
                icon=verb_glyph(verb)
                on_press=move |()| ask(verb, id.clone())
            >
                {verb_name(verb)}
            </Button>
        }
    });
    view! {
        {main}
        <Menu
            label=t!("list.more_actions")
            icon=Glyph::Dots
            icon_only=true
            kind=ButtonKind::Quiet
            small=small
            placement=Placement::BelowEnd
            items=items
        />
    }
    .into_any()
}

/// The sections of a form and of a record's facts, in order.
pub(crate) const SECTIONS: [Section; 6] = [
    Section::Main,
    Section::Contact,
    Section::Address,
    Section::Profile,
    Section::Handling,
    Section::More,
];

/// The name of a section.
pub(crate) fn section_name(section: Section) -> &'static str {
    match section {
        Section::Main => t!("base.section.main"),
        Section::Contact => t!("base.section.contact"),
        Section::Address => t!("base.section.address"),
        Section::Profile => t!("base.section.profile"),
        Section::Handling => t!("base.section.handling"),
        Section::More => t!("base.section.more"),
    }
}

fn has_value(record: &Record, field: &Field) -> bool {
    match record.get(field.name) {
        None | Some(Value::Null) => false,
        Some(Value::Array(values)) => !values.is_empty(),
        Some(Value::Bool(yes)) => *yes,
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

/// Whether the page says it better elsewhere, or it says nothing new.
fn is_told(def: &Def, record: &Record, field: &Field) -> bool {
    let money = |name: &str| record.get(name).and_then(crate::format::money_parts);
    match field.name {
        "includes_tax" | "discount" | "product_ids" => def.has("lines"),
        "exchange_rate" => record.get("exchange_rate").and_then(Value::as_i64) == Some(1_000_000),
        "base_amount" => money("base_amount") == money("amount"),
        _ => false,
    }
}

/// What is known of a record, section by section; what is not known is left out.
pub(crate) fn facts(def: &'static Def, record: &Record, sections: &[Section]) -> AnyView {
    let state = kinds::state_field(def).map(|field| field.name);
    let fields: Vec<&'static Field> = sections
        .iter()
        .flat_map(|section| {
            def.fields
                .iter()
                .filter(move |field| field.section == *section)
        })
        .filter(|field| !matches!(field.ty, Type::Json) && has_value(record, field))
        .filter(|field| !is_told(def, record, field))
        // The header says these already.
        .filter(|field| def.title.first() != Some(&field.name) && state != Some(field.name))
        .collect();
    let lines = fields
        .into_iter()
        .map(|field| {
            let value = cell(def, record, field);
            view! { <Fact label=kinds::field_name(def, field.name)>{value}</Fact> }
        })
        .collect_view();
    view! { <Facts>{lines}</Facts> }.into_any()
}

/// Whether any field of these sections has a value.
pub(crate) fn knows(def: &Def, record: &Record, section: Section) -> bool {
    let state = kinds::state_field(def).map(|field| field.name);
    def.fields
        .iter()
        .filter(|field| def.title.first() != Some(&field.name) && state != Some(field.name))
        .any(|field| {
            field.section == section
                && !matches!(field.ty, Type::Json)
                && has_value(record, field)
                && !is_told(def, record, field)
        })
}
