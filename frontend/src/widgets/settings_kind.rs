//! A kind that the whole workspace shares, in the settings: its records as a table or as a tree, and
//! the form of one beside them.

use std::collections::HashMap;

use kehu_domain::def::{Def, Type, Visibility};
use kehu_domain::dictionary_entry::OPPORTUNITY_REASON;
use kehu_domain::rights::Action;
use kehu_wire::Record;
use kehu_wire::session::PasswordReset;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::problems::explain;
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::actions::{Actions, Asked};
use crate::widgets::cells::{cell, expansions, title_cell};
use crate::widgets::form::FormState;
use crate::widgets::form::view::RecordForm;
use crate::widgets::kinds;
use crate::widgets::load::{Load, fetch, problem_view, say_problem};
use crate::widgets::lookups::{Lookups, text, title_of};
use crate::widgets::views::default_columns;
use crate::{t, tf};

/// What the form beside the records is for.
#[derive(Clone)]
pub enum Editing {
    /// A new record, with these values filled in.
    New(Record),
    /// One that is there.
    Existing(Record),
}

/// The records of a shared kind.
#[component]
pub(crate) fn SettingsKind(
    /// The kind.
    def: &'static Def,
) -> impl IntoView {
    let app = App::here();
    let lookups = Lookups::here();
    let load = RwSignal::new(Load::<Vec<Record>>::Loading);
    let editing = RwSignal::new(None::<Editing>);
    let letters = RwSignal::new(String::new());
    let may = app.may(def, Action::Create);
    let read = move || {
        fetch(load, async move { all_records(def).await });
        match def.kind {
            "dictionary_entry" => lookups.read_dictionaries(),
            "tag" => lookups.read_tags(),
            _ => {}
        }
    };
    Effect::new(move |_| {
        app.written.track();
        read();
    });
    let group = RwSignal::new(first_group(def));
    let fitting = move |records: Vec<Record>| {
        let letters = letters.with(|letters| letters.trim().to_lowercase());
        let group = group.get();
        let fits = |record: &Record| {
            let named = letters.is_empty()
                || record.values().any(|value| {
                    value
                        .as_str()
                        .is_some_and(|text| text.to_lowercase().contains(&letters))
                });
            named && (group.is_empty() || text(record, "dictionary") == group)
        };
        records
            .into_iter()
            .filter(|record| fits(record))
            .collect::<Vec<_>>()
    };
    let open = Callback::new(move |record: Record| editing.set(Some(Editing::Existing(record))));
    let tree = def.has("parent_id");
    let moved = RwSignal::new(None::<String>);
    let moves = app.may(def, Action::Edit).then_some(Mover {
        def,
        app,
        toasts: use_toasts(),
        moved,
    });
    let body = move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=6 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(records) if records.is_empty() => {
            view! { <EmptyState glyph=kinds::glyph(def.kind) title=t!("list.empty_title") /> }
                .into_any()
        }
        Load::Ready(records) if tree => tree_view(def, records, open, moves, moved),
        Load::Ready(records) => table_view(def, &fitting(records), open),
    };
    let new = move |()| {
        let mut preset = Record::new();
        let group = group.get_untracked();
        if !group.is_empty() {
            preset.insert("dictionary".to_owned(), Value::String(group));
        }
        editing.set(Some(Editing::New(preset)));
    };
    let groups = groups(def);
    let tabs = (!groups.is_empty()).then(|| {
        view! {
            <Tabs
                id=format!("groups-{}", def.kind)
                tabs=groups
                value=group
                on_change=move |code| group.set(code)
                label=kinds::plural(def)
            />
        }
    });
    let search = (!tree).then(|| {
        view! {
            <div class="list-search">
                <TextInput
                    value=letters
                    on_change=move |text| letters.set(text)
                    kind="search"
                    icon=Glyph::Search
                    placeholder=t!("list.search")
                    label=Signal::derive(|| t!("list.search").to_owned())
                />
            </div>
        }
    });
    view! {
        <PageHead title=kinds::plural(def)>
            {search}
            {may.then(|| {
                view! {
                    <Button kind=ButtonKind::Primary icon=Glyph::Plus on_press=new>
                        {tf!("list.new", kind = kinds::noun(def))}
                    </Button>
                }
            })}
        </PageHead>
        {tabs}
        <section class="card settings-records" id=format!("groups-{}-panel", def.kind)>
            {body}
        </section>
        <EditSheet def=def editing=editing />
    }
}

async fn all_records(def: &'static Def) -> Result<Vec<Record>, kehu_client::Error> {
    let sort = if def.has("position") {
        "position,name"
    } else {
        "name"
    };
    let mut query = kehu_client::records::ListQuery {
        sort: sort.to_owned(),
        expand: expansions(def.fields.iter()),
        limit: Some(200),
        ..kehu_client::records::ListQuery::default()
    };
    let mut records = Vec::new();
    loop {
        let page = API.list(def.plural, &query).await?;
        records.extend(page.items);
        match page.next_cursor {
            Some(cursor) if records.len() < 5_000 => query.cursor = cursor,
            _ => return Ok(records),
        }
    }
}

/// The dictionaries, one at a time; other kinds have no groups.
fn groups(def: &'static Def) -> Vec<Tab> {
    match def.field("dictionary").map(|field| field.ty) {
        Some(Type::Choice(codes)) => codes
            .iter()
            .map(|code| Tab::new(*code, kinds::choice(def, "dictionary", code)))
            .collect(),
        _ => Vec::new(),
    }
}

fn first_group(def: &'static Def) -> String {
    groups(def)
        .into_iter()
        .next()
        .map(|tab| tab.key)
        .unwrap_or_default()
}

/// Whether an entry of a dictionary is a reason for winning or losing.
fn is_reason(entry: &Record) -> bool {
    text(entry, "dictionary") == OPPORTUNITY_REASON
}

fn table_view(def: &'static Def, records: &[Record], open: Callback<Record>) -> AnyView {
    let columns: Vec<&'static str> = match def.kind {
        "role" => vec![
            "name",
            "read_reach",
            "write_reach",
            "administers",
            "handles_money",
            "may_import",
        ],
        "dictionary_entry" if records.iter().any(is_reason) => {
            vec!["name", "code", "outcome", "position", "active"]
        }
        "dictionary_entry" => vec!["name", "code", "position", "active"],
        "pool" => vec![
            "name",
            "record_kind",
            "everybody",
            "member_ids",
            "department_ids",
            "is_default",
        ],
        "user" => vec![
            "name",
            "email",
            "department_id",
            "role_ids",
            "manager_id",
            "active",
        ],
        _ => default_columns(def),
    };
    let heads = columns
        .iter()
        .map(|name| view! { <th scope="col">{kinds::field_name(def, name)}</th> })
        .collect_view();
    let row = |record: &Record| {
        let cells = columns
            .iter()
            .filter_map(|name| {
                let inside = if def.title.first() == Some(name) {
                    let title = title_cell(def, record);
                    let record = record.clone();
                    view! {
                        <button type="button" class="plain-button" on:click=move |_| open.run(record.clone())>
                            {title}
                        </button>
                    }
                    .into_any()
                } else {
                    cell(def, record, def.field(name)?)
                };
                Some(view! { <td data-label=kinds::field_name(def, name)>{inside}</td> })
            })
            .collect_view();
        view! { <tr>{cells}</tr> }
    };
    view! {
        <div class="settings-scroll">
            <table class="simple-table">
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{records.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Moves records in their tree.
#[derive(Clone, Copy)]
struct Mover {
    def: &'static Def,
    app: App,
    toasts: Toasts,
    /// Which was moved last: it keeps the focus.
    moved: RwSignal<Option<String>>,
}

impl Mover {
    /// Puts a record below another, or on the first level, and offers to take that back.
    fn put(self, record: Record, to: Option<String>) {
        let parent = to.map_or(Value::Null, Value::String);
        spawn_local(async move {
            let (id, version) = (
                text(&record, "id").to_owned(),
                crate::pages::list::version(&record),
            );
            let back = record.get("parent_id").and_then(Value::as_str);
            let back = back.map(str::to_owned);
            let patch = Record::from_iter([("parent_id".to_owned(), parent)]);
            match API.patch(self.def.plural, &id, version, patch).await {
                Ok(now) => {
                    let said = tf!("settings.moved", name = title_of(self.def, &now));
                    self.toasts
                        .offer(Tone::Success, said, t!("common.undo"), move || {
                            self.put(now.clone(), back.clone());
                        });
                    let _ = self.moved.try_set(Some(id));
                    self.app.note_write();
                }
                Err(error) => say_problem(self.toasts, &error),
            }
        });
    }
}

fn tree_view(
    def: &'static Def,
    records: Vec<Record>,
    open: Callback<Record>,
    mover: Option<Mover>,
    moved: RwSignal<Option<String>>,
) -> AnyView {
    let mut below: HashMap<String, Vec<&Record>> = HashMap::new();
    let known: Vec<&str> = records.iter().map(|record| text(record, "id")).collect();
    for record in &records {
        let parent = text(record, "parent_id");
        // Whose parent is not there stands at the top, so that nothing is out of reach.
        let parent = if known.contains(&parent) { parent } else { "" };
        below.entry(parent.to_owned()).or_default().push(record);
    }
    let nodes = nodes(def, &below, "", 0);
    let chosen = RwSignal::new(None::<String>);
    let records = StoredValue::new(records);
    let choose = move |id: String| {
        let record =
            records.with_value(|all| all.iter().find(|record| text(record, "id") == id).cloned());
        chosen.set(Some(id));
        if let Some(record) = record {
            open.run(record);
        }
    };
    // The tree is drawn anew after a move; who moved by keys goes on from there.
    if let Some(id) = moved.get_untracked() {
        request_animation_frame(move || {
            moved.set(None);
            let found = document().query_selector(&format!("[data-node='{id}']"));
            if let Ok(Some(element)) = found {
                crate::ui::dom::focus(&element);
            }
        });
    }
    let tree = match mover {
        None => {
            view! { <Tree nodes=nodes chosen=chosen on_choose=choose label=kinds::plural(def) /> }
                .into_any()
        }
        Some(mover) => {
            let put = move |(id, to): NodeMove| {
                let record = records
                    .with_value(|all| all.iter().find(|record| text(record, "id") == id).cloned());
                if let Some(record) = record {
                    mover.put(record, to);
                }
            };
            view! {
                <Tree nodes=nodes chosen=chosen on_choose=choose label=kinds::plural(def) on_move=Callback::new(put) />
                <p class="muted tree-hint">{t!("settings.move_hint")}</p>
            }
            .into_any()
        }
    };
    view! { <div class="settings-tree">{tree}</div> }.into_any()
}

fn nodes(
    def: &'static Def,
    below: &HashMap<String, Vec<&Record>>,
    parent: &str,
    depth: u8,
) -> Vec<TreeNode> {
    let children = below.get(parent).map(Vec::as_slice).unwrap_or_default();
    children
        .iter()
        .map(|record| {
            let id = text(record, "id");
            // Far deeper than any organisation; stops circles.
            let inside = if depth < 40 {
                nodes(def, below, id, depth + 1)
            } else {
                Vec::new()
            };
            let manager = record
                .get("manager")
                .and_then(|one| one.get("title"))
                .and_then(Value::as_str);
            let label = match manager {
                Some(manager) => format!("{} · {manager}", title_of(def, record)),
                None => title_of(def, record),
            };
            TreeNode::new(id, label, inside)
        })
        .collect()
}

/// The form of one record.
#[component]
pub(crate) fn EditSheet(
    /// The kind.
    def: &'static Def,
    /// What is edited; nothing while the sheet is closed.
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let (app, toasts, actions) = (App::here(), use_toasts(), Actions::here());
    let may = app.may(def, Action::Edit);
    let open = Signal::derive(move || editing.with(Option::is_some));
    let close = Callback::new(move |()| editing.set(None));
    let title = Signal::derive(move || {
        editing.with(|editing| match editing {
            Some(Editing::Existing(record)) => title_of(def, record),
            _ => tf!("list.new", kind = kinds::noun(def)),
        })
    });
    let body = move || {
        editing.get().map(|editing| {
            let saved = Callback::new(move |_: Record| {
                app.note_write();
                toasts.success(t!("form.saved"));
                close.run(());
            });
            let (form, record) = match editing {
                Editing::New(preset) => (FormState::new(def, None, preset, saved), None),
                Editing::Existing(record) => {
                    (FormState::new(def, Some(record.clone()), Record::new(), saved), Some(record))
                }
            };
            let password = record.as_ref().filter(|_| def.kind == "user" && may).map(|record| {
                let id = text(record, "id").to_owned();
                view! { <ResetPassword user=id /> }
            });
            let delete = record.filter(|_| may).map(|record| {
                let id = text(&record, "id").to_owned();
                let press = move |()| {
                    actions.ask(Asked { def, verb: "trash", ids: vec![id.clone()], on_done: close });
                };
                view! { <Button kind=ButtonKind::Quiet icon=Glyph::Trash on_press=press>{t!("list.delete")}</Button> }
            });
            let allowed = may || def.visibility == Visibility::Common;
            view! {
                <div class="stack">
                    <RecordForm form=form />
                    <div class="row">
                        {allowed
                            .then(|| {
                                view! {
                                    <Button
                                        kind=ButtonKind::Primary
                                        pending=form.pending()
                                        on_press=move |()| form.submit(false)
                                    >
                                        {t!("common.save")}
                                    </Button>
                                }
                            })}
                        {delete}
                    </div>
                    {password}
                </div>
            }
        })
    };
    view! {
        <Sheet open=open on_close=close title=title close_label=t!("common.close") wide=true>
            {body}
        </Sheet>
    }
}

/// Gives a person a new password, to be told to them.
#[component]
fn ResetPassword(user: String) -> impl IntoView {
    let toasts = use_toasts();
    let password = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let user = StoredValue::new(user);
    let press = move |()| {
        let Ok(id) = user.get_value().parse() else {
            return;
        };
        if password.with_untracked(String::is_empty) {
            return;
        }
        pending.set(true);
        problem.set(None);
        spawn_local(async move {
            let result = API
                .reset_password(
                    id,
                    &PasswordReset {
                        password: password.get_untracked(),
                    },
                )
                .await;
            if pending.try_set(false).is_some() {
                return;
            }
            match result {
                Ok(()) => {
                    password.set(String::new());
                    toasts.success(t!("settings.password_set"));
                }
                Err(error) => problem.set(Some(explain(&error))),
            }
        });
    };
    view! {
        <Card title=t!("settings.set_password")>
            <div class="stack">
                <Field label=t!("settings.new_password") problem=problem hint=t!("settings.set_password_hint").to_owned()>
                    <TextInput
                        kind="password"
                        value=password
                        on_change=move |text| password.set(text)
                        autocomplete="new-password"
                    />
                </Field>
                <div class="row">
                    <Button pending=pending on_press=press>{t!("settings.set_password")}</Button>
                </div>
            </div>
        </Card>
    }
}
