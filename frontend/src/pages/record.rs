//! One record in full: header with state and actions, what is known at the left, what happened in the
//! middle, what belongs to it at the right.

use kehu_client::records::ListQuery;
use kehu_domain::def::{Def, Type, Visibility};
use kehu_domain::kinds::ALL;
use kehu_wire::Record;
use kehu_wire::page::Page;
use leptos::prelude::*;

use crate::app::go;
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::urls::{self, ListState};
use crate::widgets::cells::{self, cell, expansions};
use crate::widgets::composer::{Composer, about_field};
use crate::widgets::keys;
use crate::widgets::kinds;
use crate::widgets::lines_card::LinesCard;
use crate::widgets::load::{Load, fetch, problem_view};
use crate::widgets::lookups::{text, title_of};
use crate::widgets::money;
use crate::widgets::money::customer::CustomerMoney;
use crate::widgets::record_view::{
    OneRecord, SECTIONS, action_buttons, facts, is_trashed, knows, section_name, state_path,
    subtitle,
};
use crate::widgets::stage_path::{StageHistory, StagePath};
use crate::widgets::timeline_view::{TimelineView, has_timeline};
use crate::{format, t, tf};

/// The page of a record.
#[component]
pub(crate) fn RecordPage(
    /// The kind.
    def: &'static Def,
    /// The record.
    id: String,
) -> impl IntoView {
    let app = App::here();
    let id = Signal::stored(id);
    let one = OneRecord::new(def, id);
    let list = (kinds::plural(def), kinds::list_href(def));
    Effect::new(move |_| {
        let title = one
            .record()
            .map(|record| title_of(def, &record))
            .unwrap_or_default();
        app.place(vec![
            Crumb::link(list.0, list.1.clone()),
            Crumb::here(title),
        ]);
    });
    keys::on_key(move |event| {
        if keys::busy(&event) || event.default_prevented() {
            return;
        }
        match event.key().as_str() {
            "e" => go(&format!(
                "{}/edit",
                urls::record(def.plural, &id.get_untracked())
            )),
            "Escape" => go(&kinds::list_href(def)),
            _ => return,
        }
        event.prevent_default();
    });
    let tab = RwSignal::new("timeline".to_owned());
    // The page is laid out once for each record. What changes when the record is read anew, or when
    // names are looked up, is drawn anew in its place alone, so that nothing typed elsewhere is lost.
    let drawn = Memo::new(move |_| one.load.with(std::mem::discriminant));
    move || {
        drawn.get();
        untrack(|| {
            match one.load.get() {
            Load::Loading => {
                view! { <div class="page-pad"><SkeletonRows rows=10 label=t!("common.loading") /></div> }.into_any()
            }
            Load::Problem(error) => {
                let problem = problem_view(&error, Callback::new(move |()| one.read()));
                view! {
                    <h1 class="visually-hidden">{kinds::name(def)}</h1>
                    {problem}
                }
                .into_any()
            }
            Load::Ready(record) => draw(one, record, tab),
        }
        })
    }
}

fn draw(one: OneRecord, first: Record, tab: RwSignal<String>) -> AnyView {
    let def = one.def;
    let id = text(&first, "id").to_owned();
    let name = title_of(def, &first);
    let record = Memo::new(move |_| one.record().unwrap_or_else(|| first.clone()));
    let trashed = Memo::new(move |_| record.with(is_trashed));
    let known = move || {
        record.with(|record| {
            SECTIONS
                .into_iter()
                .filter(|section| knows(def, record, *section))
                .map(|section| {
                    let inside = facts(def, record, &[section]);
                    view! { <Card title=section_name(section)>{inside}</Card> }
                })
                .collect_view()
        })
    };
    let composer = about_field(def).map(|_| {
        view! { <Composer def=def id=id.clone() on_done=Callback::new(move |()| one.read()) /> }
    });
    let tabs = if has_timeline(def) {
        let mut tabs = vec![
            Tab::new("timeline", t!("record.timeline")),
            Tab::new("history", t!("record.history")),
        ];
        if def.kind == "customer" {
            tabs.insert(1, Tab::new("money", t!("money.tab")));
        }
        tabs
    } else {
        vec![Tab::new("timeline", t!("record.history"))]
    };
    let happened = {
        let id = id.clone();
        move || {
            let id = id.clone();
            if def.kind == "customer" && tab.with(|tab| tab == "money") {
                return view! { <CustomerMoney id=id name=name.clone() /> }.into_any();
            }
            let history = tab.with(|tab| tab == "history");
            view! { <TimelineView def=def id=id turn=one.turn history=history /> }.into_any()
        }
    };
    let stages = (def.kind == "opportunity").then(|| {
        let id = id.clone();
        view! { <StageHistory id=id turn=one.turn /> }
    });
    let related = related_kinds(def)
        .into_iter()
        .map(|(kind, field)| {
            let id = id.clone();
            view! { <Related kind=kind field=field id=id turn=one.turn /> }
        })
        .collect_view();
    let about_money = Memo::new(move |_| record.with(|record| money::fields_of_cards(def, record)));
    let money_cards = move || {
        let record = about_money.get();
        (!trashed.get()).then(|| untrack(|| money::cards(one, &record)))
    };
    view! {
        <div class="record">
            {header(one, record, trashed)}
            {move || {
                trashed
                    .get()
                    .then(|| {
                        view! {
                            <div class="record-note">
                                <Note tone=Tone::Warning>{t!("record.trashed")}</Note>
                            </div>
                        }
                    })
            }}
            <div class="record-grid">
                <div class="record-known stack">{known}</div>
                <div class="record-middle stack">
                {money_cards}
                <LinesCard one=one record=record />
                <section class="card">
                    {composer}
                    <Tabs
                        id=format!("record-{}", def.kind)
                        tabs=tabs
                        value=tab
                        on_change=move |key| tab.set(key)
                        label=t!("record.timeline")
                    />
                    <TabPanel id=format!("record-{}", def.kind) value=tab>
                        <div class="record-happened">{happened}</div>
                    </TabPanel>
                </section>
                </div>
                <div class="record-related stack">{stages} {related}</div>
            </div>
        </div>
    }
    .into_any()
}

fn header(one: OneRecord, record: Memo<Record>, trashed: Memo<bool>) -> AnyView {
    let def = one.def;
    let who = move || record.with(|record| who(def, record));
    let owner = move || {
        record.with(|record| {
            def.field("owner_id")
                .filter(|_| !text(record, "owner_id").is_empty())
                .map(|field| {
                    let who = cell(def, record, field);
                    view! {
                        <span class="record-owner">
                            <span class="muted">{kinds::field_name(def, "owner_id")}</span>
                            {who}
                        </span>
                    }
                })
        })
    };
    let gone = Callback::new(move |()| go(&kinds::list_href(def)));
    let edit = move || {
        let href = format!("{}/edit", urls::record(def.plural, &one.id.get_untracked()));
        one.is_writable().then(
            || view! { <ButtonLink href=href icon=Glyph::Pencil>{t!("common.edit")}</ButtonLink> },
        )
    };
    // A dialog that asks about money stays while names are looked up.
    let about_money = move || {
        let record = record.get();
        one.is_writable();
        (!trashed.get()).then(|| untrack(|| money::buttons(one, &record)))
    };
    let way = move || {
        let record = record.get();
        untrack(|| way(def, one, record))
            .map(|path| view! { <div class="record-path">{path}</div> })
    };
    view! {
        <header class="record-head">
            <div class="record-who">
                {who}
                <span class="grow"></span>
                <div class="record-actions">
                    {owner}
                    {edit}
                    {about_money}
                    {action_buttons(one, false, gone)}
                </div>
            </div>
            {move || record.with(|record| money::summary(def, record))}
            {way}
        </header>
    }
    .into_any()
}

/// The record's way through its states, where it has one.
fn way(def: &'static Def, one: OneRecord, record: Record) -> Option<AnyView> {
    if def.kind == "opportunity" {
        return Some(view! { <StagePath one=one record=record /> }.into_any());
    }
    state_path(def, &record).filter(|_| kinds::pooled(def) || def.kind == "task")
}

fn who(def: &'static Def, record: &Record) -> AnyView {
    let title = title_of(def, record);
    let below = subtitle(def, record);
    let person = matches!(def.kind, "lead" | "contact" | "user")
        || text(record, "customer_type") == "person";
    let square = !person;
    let badge = kinds::state_field(def).map(|field| cell(def, record, field));
    let next = text(record, "next_contact_at");
    let late = format::age_ms(next).is_some_and(|age| age > 0.0);
    let next = (!next.is_empty()).then(|| {
        let tone = if late { Tone::Danger } else { Tone::Info };
        let label = tf!("record.next_contact", when = format::moment(next));
        view! { <Badge tone=tone>{label}</Badge> }
    });
    view! {
        <Avatar name=title.clone() square=square size=AvatarSize::Large />
        <div class="record-name">
            <div class="row">
                <h1>{title}</h1>
                {badge}
                {next}
            </div>
            {(!below.is_empty()).then(|| view! { <p class="muted">{below}</p> })}
        </div>
    }
    .into_any()
}

/// The kinds whose records can belong to one of this kind, and by which field.
fn related_kinds(def: &Def) -> Vec<(&'static Def, &'static str)> {
    let mut found: Vec<(&'static Def, &'static str)> = Vec::new();
    let others = ALL.iter().copied().filter(|other| {
        other.kind != "activity"
            && matches!(other.visibility, Visibility::Owned | Visibility::Through(_))
    });
    for other in others {
        let fields = other
            .fields
            .iter()
            .filter(|field| field.ty == Type::Ref(def.kind));
        for field in fields {
            // Who owns and who owned are told on the records themselves.
            if !matches!(
                field.name,
                "owner_id" | "previous_owner_id" | "converted_contact_id" | "reports_to_id"
            ) {
                found.push((other, field.name));
            }
        }
    }
    found.sort_by_key(|(other, field)| (*field == "parent_id", other.kind == "lead"));
    found
}

/// The first records of a kind that belong to this one.
#[component]
fn Related(
    /// Their kind.
    kind: &'static Def,
    /// The field that names this one.
    field: &'static str,
    /// This one.
    id: String,
    /// Reads anew when it changes.
    #[prop(into)]
    turn: Signal<u32>,
) -> impl IntoView {
    let app = App::here();
    let load = RwSignal::new(Load::<Page>::Loading);
    let filter = format!("{field} == \"{id}\"");
    let query = ListQuery {
        filter: filter.clone(),
        sort: if kind.has("due_at") {
            "due_at"
        } else {
            "-updated_at"
        }
        .to_owned(),
        expand: expansions(kind.fields.iter().filter(|one| one.name == "owner_id")),
        limit: Some(5),
        count: "capped",
        ..ListQuery::default()
    };
    let query = StoredValue::new(query);
    let read = move || {
        let query = query.get_value();
        fetch(load, async move { API.list(kind.plural, &query).await });
    };
    Effect::new(move |_| {
        turn.track();
        app.written.track();
        read();
    });
    let all = ListState {
        view: "all".to_owned(),
        filter,
        show: if kind.kind == "opportunity" {
            "list"
        } else {
            ""
        }
        .to_owned(),
        ..ListState::default()
    }
    .href(kind.plural);
    // Converted leads are made by converting, not by hand.
    let new = (kind.kind != "lead").then(|| format!("/{}/new?{field}={id}", kind.plural));
    let title = match field {
        "parent_id" => t!("record.children").to_owned(),
        _ if kind.kind == "lead" => t!("record.came_from").to_owned(),
        _ => kinds::plural(kind).to_owned(),
    };
    // What is seldom there stands only where it is.
    let quiet = kind.kind == "lead" || field == "parent_id";
    let all = StoredValue::new(all);
    let new = StoredValue::new(new);
    let title = StoredValue::new(title);
    move || {
        let page = match load.get() {
            Load::Loading if quiet => return ().into_any(),
            Load::Loading => {
                return view! { <Card title=title.get_value()><Skeleton width="70%" /></Card> }
                    .into_any();
            }
            Load::Problem(error) => {
                let inside = problem_view(&error, Callback::new(move |()| read()));
                return view! { <Card title=title.get_value()>{inside}</Card> }.into_any();
            }
            Load::Ready(page) => page,
        };
        if quiet && page.items.is_empty() {
            return ().into_any();
        }
        let count = page.count.unwrap_or(0);
        let lines = page
            .items
            .iter()
            .map(|record| related_line(kind, record))
            .collect_view();
        let more = (count > 5)
            .then(|| view! { <a class="link" href=all.get_value()>{t!("record.all")}</a> });
        let plus = new.get_value().map(|href| {
            let label = tf!("list.new", kind = kinds::noun(kind));
            view! {
                <a class="btn icon sm" data-kind="quiet" href=href title=label.clone() aria-label=label>
                    <Icon glyph=Glyph::Plus />
                </a>
            }
        });
        let none =
            (count == 0).then(|| view! { <p class="muted related-none">{t!("record.none")}</p> });
        let number = usize::try_from(count).unwrap_or(usize::MAX);
        view! {
            <Card
                title=title.get_value()
                flush=true
                after_title=move || view! { <Count value=number /> }
                more=move || view! { {more} {plus} }
            >
                {lines}
                {none}
            </Card>
        }
        .into_any()
    }
}

fn related_line(kind: &'static Def, record: &Record) -> AnyView {
    let href = urls::record(kind.plural, text(record, "id"));
    let title = title_of(kind, record);
    let (below, badge) = match kind.kind {
        "contact" => {
            let parts = [
                text(record, "job_title").to_owned(),
                cells::phone(text(record, "phone")),
            ];
            let below: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            let attitude = text(record, "attitude");
            let badge = (!attitude.is_empty()).then(|| {
                (
                    kinds::tone(attitude),
                    kinds::choice(kind, "attitude", attitude),
                )
            });
            (below.join(" · "), badge)
        }
        _ => {
            let due = text(record, "due_at");
            let below = if due.is_empty() {
                subtitle(kind, record)
            } else {
                format::moment(due)
            };
            let state =
                kinds::state_field(kind).map(|field| (field.name, text(record, field.name)));
            let badge = state
                .filter(|(_, code)| !code.is_empty())
                .map(|(name, code)| (kinds::tone(code), kinds::choice(kind, name, code)));
            (below, badge)
        }
    };
    view! {
        <a class="related-line" href=href>
            <span class="related-text">
                <b class="clip">{title}</b>
                <small class="muted clip">{below}</small>
            </span>
            {badge.map(|(tone, label)| view! { <Badge tone=tone>{label}</Badge> })}
        </a>
    }
    .into_any()
}
