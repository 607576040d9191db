//! The parts of a record's page and of the panel beside a list: who it is, where it stands, what can
//! be done, what is known.

use kehu_domain::def::{Def, Field, Section, Type};
use kehu_domain::exchange::MILLION;
use kehu_domain::rights::Action;
use kehu_wire::Record;
use leptos::prelude::*;
use leptos::task::spawn_local;
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
    /// Whether the person may change it; `None` until the server said so.
    allowed: RwSignal<Option<bool>>,
    writable: Memo<bool>,
    app: App,
}

impl OneRecord {
    /// Reads the record now and whenever the id changes.
    pub(crate) fn new(def: &'static Def, id: Signal<String>) -> Self {
        let (load, turn) = (RwSignal::new(Load::Loading), RwSignal::new(0));
        let (allowed, app) = (RwSignal::new(None), App::here());
        // Until the server said so, owners may.
        let writable = Memo::new(move |_| {
            allowed.get().unwrap_or_else(|| {
                let me = app.user_id();
                load.with(
                    |load| matches!(load, Load::Ready(record) if text(record, "owner_id") == me),
                )
            })
        });
        let again = move || {
            read(def, id, load, turn);
            ask_access(def, id, allowed);
        };
        let one = Self {
            def,
            id,
            load,
            turn,
            again: Callback::new(move |()| again()),
            allowed,
            writable,
            app,
        };
        let id = Memo::new(move |_| id.get());
        Effect::new(move |_| {
            id.get();
            one.load.set(Load::Loading);
            one.allowed.set(None);
            one.read();
        });
        one
    }

    /// Reads it anew; what is shown stays until then.
    pub(crate) fn read(self) {
        read(self.def, self.id, self.load, self.turn);
        ask_access(self.def, self.id, self.allowed);
    }

    /// Whether the person may change it.
    pub(crate) fn is_writable(self) -> bool {
        self.writable.get()
    }

    /// Whether the server said that the person may not change it.
    pub(crate) fn is_refused(self) -> bool {
        self.allowed.get() == Some(false)
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
    // Who asks after a request may have left the page meanwhile.
    let Some(now) = id.try_get_untracked().filter(|id| !id.is_empty()) else {
        return;
    };
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

fn ask_access(def: &'static Def, id: Signal<String>, allowed: RwSignal<Option<bool>>) {
    let Some(now) = id.try_get_untracked().filter(|id| !id.is_empty()) else {
        return;
    };
    spawn_local(async move {
        let access = API.access(def.plural, &now).await;
        if let (Ok(access), true) = (access, id.try_get_untracked().as_ref() == Some(&now)) {
            let _ = allowed.try_set(Some(access.write.allowed));
        }
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

/// Whether a record lies in the trash.
pub(crate) fn is_trashed(record: &Record) -> bool {
    record.get("deleted_at").is_some_and(|at| !at.is_null())
}

/// What somebody can do with a record as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
struct Doable {
    id: String,
    /// It lies in the trash.
    trashed: bool,
    /// It can be edited and trashed.
    writable: bool,
    /// What stands on a button.
    first: Option<&'static str>,
    /// What stands in the menu.
    rest: Vec<&'static str>,
}

impl Doable {
    /// Somebody who may not change the record is offered what is open to them alone: to take what lies
    /// in a pool.
    fn of(one: OneRecord) -> Option<Self> {
        let record = one.record()?;
        let writable = one.is_writable();
        let mut rest = open_verbs(one.app, one.def, &record);
        if !writable {
            rest.retain(|verb| matches!(*verb, "claim" | "assign"));
        }
        let loud =
            |verb: &&str| matches!(*verb, "convert" | "claim" | "reopen" | "win" | "contract");
        let first = rest.first().copied().filter(loud);
        rest.retain(|verb| Some(*verb) != first);
        Some(Self {
            id: text(&record, "id").to_owned(),
            trashed: is_trashed(&record),
            writable,
            first,
            rest,
        })
    }
}

/// The buttons of what can be done: the first one loud, the rest in a menu, which stays open when the
/// record is read anew.
pub(crate) fn action_buttons(one: OneRecord, small: bool, on_gone: Callback<()>) -> AnyView {
    let (app, actions, def) = (App::here(), Actions::here(), one.def);
    let doable = Memo::new(move |_| Doable::of(one).unwrap_or_default());
    let ask = move |verb: &'static str| {
        let on_done = if verb == "trash" { on_gone } else { one.again };
        actions.ask(Asked {
            def,
            verb,
            ids: vec![doable.with_untracked(|doable| doable.id.clone())],
            on_done,
        });
    };
    let main = move || {
        let Doable {
            trashed,
            writable,
            first,
            ..
        } = doable.get();
        let verb = if trashed && writable {
            Some("restore")
        } else {
            first.filter(|_| !trashed)
        }?;
        let name = if trashed {
            t!("list.restore")
        } else {
            verb_name(verb)
        };
        let (kind, glyph) = if trashed {
            (ButtonKind::default(), Glyph::Undo)
        } else {
            (ButtonKind::Primary, verb_glyph(verb))
        };
        Some(view! {
            <Button kind=kind small=small icon=glyph on_press=move |()| ask(verb)>
                {name}
            </Button>
        })
    };
    let items = Signal::derive(move || {
        let Doable {
            id, writable, rest, ..
        } = doable.get();
        let mut items: Vec<MenuItem> = rest
            .into_iter()
            .map(|verb| {
                let item =
                    MenuItem::new(verb_name(verb), move || ask(verb)).glyph(verb_glyph(verb));
                if verb == "void" { item.danger() } else { item }
            })
            .collect();
        if !writable {
            return items;
        }
        if !items.is_empty() {
            items.push(MenuItem::separator());
        }
        let href = format!("{}/edit", crate::urls::record(def.plural, &id));
        if app.may(def, Action::Edit) {
            items.push(
                MenuItem::link(t!("common.edit"), href)
                    .glyph(Glyph::Pencil)
                    .hint("E"),
            );
        }
        if app.may(def, Action::Trash) {
            items.push(
                MenuItem::new(t!("list.delete"), move || ask("trash"))
                    .glyph(Glyph::Trash)
                    .danger(),
            );
        }
        items
    });
    let some = Memo::new(move |_| {
        doable.with(|doable| !doable.trashed && (doable.writable || !doable.rest.is_empty()))
    });
    let menu = move || {
        some.get().then(|| {
            view! {
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
        })
    };
    view! {
        {main}
        {menu}
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
        // The stage history begins with it.
        "first_stage_id" => true,
        "exchange_rate" => record.get("exchange_rate").and_then(Value::as_i64) == Some(MILLION),
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
        .filter(|field| !field.ty.is_structure() && has_value(record, field))
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
                && !field.ty.is_structure()
                && has_value(record, field)
                && !is_told(def, record, field)
        })
}
