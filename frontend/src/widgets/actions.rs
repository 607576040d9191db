//! What can be done with records beyond editing: claim, assign, transfer, return, set aside, convert,
//! trash. One host in the frame asks what needs asking; everything else is done at once.

use kehu_client::Error;
use kehu_domain::contract;
use kehu_domain::def::Def;
use kehu_domain::lead;
use kehu_domain::rights::Action;
use kehu_wire::Record;
use kehu_wire::bulk::{BulkAnswer, BulkRequest};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::app::go;
use crate::i18n::find;
use crate::problems::{by_code, explain};
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::urls::{self, ListState};
use crate::widgets::kinds;
use crate::widgets::load::say_problem;
use crate::widgets::lookups::{Lookups, text};
use crate::widgets::mover::Mover;
use crate::widgets::pickers::{RecordPicker, RecordsPicker};
use crate::{t, tf};

/// Something to do with records.
#[derive(Clone)]
pub(crate) struct Asked {
    /// The kind.
    pub(crate) def: &'static Def,
    /// What to do: `claim`, `trash`, `add-tags`.
    pub(crate) verb: &'static str,
    /// The ids of the records.
    pub(crate) ids: Vec<String>,
    /// Called when it was done to at least one of them.
    pub(crate) on_done: Callback<()>,
}

impl Asked {
    /// Tells whoever asked, if they are still there.
    fn tell_done(&self) {
        let _ = self.on_done.try_run(());
    }
}

/// Where things to do are asked for. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Actions {
    asked: RwSignal<Option<Asked>>,
    converting: RwSignal<Option<(String, Callback<()>)>>,
    mover: Mover,
    toasts: Toasts,
    app: App,
}

impl Actions {
    /// Makes the place; the frame calls it once.
    pub(crate) fn provide() -> Self {
        let actions = Self {
            asked: RwSignal::new(None),
            converting: RwSignal::new(None),
            mover: Mover::new(),
            toasts: use_toasts(),
            app: App::here(),
        };
        provide_context(actions);
        actions
    }

    /// The place for things to do.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// The lead that is being converted, and what to call then.
    pub(crate) const fn converting(self) -> RwSignal<Option<(String, Callback<()>)>> {
        self.converting
    }

    /// Whether something that was asked for needs an answer first.
    pub(crate) fn asking(self) -> Signal<bool> {
        Signal::derive(move || self.asked.with(Option::is_some))
    }

    /// Where moves of opportunities are asked for.
    pub(crate) const fn mover(self) -> Mover {
        self.mover
    }

    /// Makes a contract of a won opportunity and goes there; or to the one that it has already.
    fn make_contract(self, asked: Asked) {
        let Some(id) = asked.ids.into_iter().next() else {
            return;
        };
        spawn_local(async move {
            match API
                .verb("opportunities", &id, "contract", Some(json!({})))
                .await
            {
                Ok(contract) => {
                    self.app.note_write();
                    self.toasts.success(t!("board.contract_made"));
                    let made = contract.get("id").and_then(Value::as_str);
                    go(&urls::record("contracts", made.unwrap_or_default()));
                }
                Err(error) => {
                    let there = error.problem().and_then(|p| p.duplicates.first()?.id);
                    let Some(there) = there else {
                        say_problem(self.toasts, &error);
                        return;
                    };
                    self.toasts.info(t!("board.contract_there"));
                    go(&urls::record("contracts", &there.to_string()));
                }
            }
        });
    }

    /// Does it, or asks first for what it needs.
    pub(crate) fn ask(self, asked: Asked) {
        match asked.verb {
            "win" | "lose" => {
                let kind = if asked.verb == "win" { "won" } else { "lost" };
                if let Some(id) = asked.ids.into_iter().next() {
                    self.mover.decide(id, kind, asked.on_done);
                }
            }
            "contract" => self.make_contract(asked),
            "convert" => {
                if let Some(id) = asked.ids.into_iter().next() {
                    self.converting.set(Some((id, asked.on_done)));
                }
            }
            "assign" | "transfer" | "return" | "mark-invalid" | "void" | "add-tags" => {
                self.asked.set(Some(asked));
            }
            _ => {
                spawn_local(async move {
                    let _ = self.run(asked, Value::Null).await;
                });
            }
        }
    }

    /// Does it and says what became of it.
    async fn run(self, asked: Asked, body: Value) -> Result<(), Error> {
        let result = match asked.ids.as_slice() {
            [id] => one(asked.def, asked.verb, id, &body)
                .await
                .map(|()| BulkAnswer {
                    succeeded: 1,
                    failed: Vec::new(),
                }),
            ids => many(asked.def, asked.verb, ids, &body).await,
        };
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => {
                // What it stood on has changed: show how it stands now.
                if matches!(error.status(), 404 | 409) {
                    asked.tell_done();
                }
                self.say_why(&asked, &error).await;
                return Err(error);
            }
        };
        self.app.note_write();
        self.tell(&asked, &answer);
        if answer.succeeded > 0 {
            asked.tell_done();
        }
        Ok(())
    }

    /// Says why nothing became of it; of a record that somebody else took, who did, and how to go on.
    async fn say_why(self, asked: &Asked, error: &Error) {
        let taken = error
            .problem()
            .is_some_and(|problem| problem.code == "already_owned");
        let record = match asked.ids.first() {
            Some(id) if taken => API.get(asked.def.plural, id, "owner").await.ok(),
            _ => None,
        };
        let who = record
            .as_ref()
            .and_then(|record| record.get("owner")?.get("title")?.as_str());
        let Some(who) = who else {
            return say_problem(self.toasts, error);
        };
        let pool = ListState {
            view: "pool".to_owned(),
            ..ListState::default()
        }
        .href(asked.def.plural);
        self.toasts.offer(
            Tone::Warning,
            tf!("list.claimed_by", who = who),
            t!("list.show_pool"),
            move || go(&pool),
        );
    }

    fn tell(self, asked: &Asked, answer: &BulkAnswer) {
        let n = answer.succeeded;
        if let Some(failure) = answer.failed.first() {
            let why = by_code(&failure.code).unwrap_or_else(|| failure.detail.clone());
            let text = tf!(
                "list.bulk_partly",
                n = n,
                failed = answer.failed.len(),
                why = why
            );
            return self.toasts.problem(text);
        }
        let single = asked.ids.len() == 1;
        match asked.verb {
            "trash" => {
                let text = if single {
                    t!("list.trashed_one").to_owned()
                } else {
                    tf!("list.trashed_many", n = n)
                };
                let again = Asked {
                    verb: "restore",
                    ..asked.clone()
                };
                self.toasts
                    .offer(Tone::Success, text, t!("common.undo"), move || {
                        self.ask(again.clone())
                    });
            }
            "restore" => self.toasts.success(tf!("list.restored_many", n = n)),
            "claim" if single => self.toasts.success(t!("list.claimed")),
            "claim" => self.toasts.success(tf!("list.claimed_many", n = n)),
            "add-tags" => self.toasts.success(t!("list.tags_added")),
            verb => {
                let done = find(&format!("verb.done.{}", verb.replace('-', "_")));
                self.toasts
                    .success(done.map_or_else(|| tf!("list.bulk_done", n = n), str::to_owned));
            }
        }
    }
}

async fn one(def: &Def, verb: &str, id: &str, body: &Value) -> Result<(), Error> {
    match verb {
        "trash" => API.trash(def.plural, id).await,
        "restore" => API.restore(def.plural, id).await.map(drop),
        "add-tags" => add_tags(def, id, body).await,
        _ => {
            let fields = (!body.is_null()).then(|| body.clone());
            API.verb(def.plural, id, verb, fields).await.map(drop)
        }
    }
}

async fn many(def: &Def, verb: &str, ids: &[String], body: &Value) -> Result<BulkAnswer, Error> {
    if verb == "add-tags" {
        // Each record keeps the tags that it has, so each gets its own patch.
        let mut answer = BulkAnswer::default();
        for id in ids {
            add_tags(def, id, body).await?;
            answer.succeeded += 1;
        }
        return Ok(answer);
    }
    let request = BulkRequest {
        action: verb.to_owned(),
        ids: Some(ids.iter().filter_map(|id| id.parse().ok()).collect()),
        patch: body.as_object().cloned(),
        ..BulkRequest::default()
    };
    API.bulk(def.plural, &request).await
}

async fn add_tags(def: &Def, id: &str, body: &Value) -> Result<(), Error> {
    let record = API.get(def.plural, id, "").await?;
    let mut tags = record
        .get("tags")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for tag in body
        .get("tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    let version = record
        .get("version")
        .and_then(Value::as_i64)
        .unwrap_or_default();
    let patch = Record::from_iter([("tags".to_owned(), Value::Array(tags))]);
    API.patch(def.plural, id, version, patch).await.map(drop)
}

/// The name of a verb on a button.
pub(crate) fn verb_name(verb: &str) -> &'static str {
    find(&format!("verb.name.{}", verb.replace('-', "_"))).unwrap_or_default()
}

/// The picture of a verb.
pub(crate) fn verb_glyph(verb: &str) -> Glyph {
    match verb {
        "claim" => Glyph::UserPlus,
        "assign" | "transfer" => Glyph::Users,
        "return" => Glyph::Recycle,
        "convert" => Glyph::Merge,
        "win" => Glyph::Check,
        "lose" => Glyph::Flag,
        "contract" => Glyph::Agreement,
        "undo-conversion" | "restore" | "reopen" | "reinstate" => Glyph::Undo,
        "mark-invalid" => Glyph::Flag,
        "void" | "trash" => Glyph::Trash,
        "add-tags" => Glyph::Tag,
        _ => Glyph::Play,
    }
}

/// What can be done to a record as it stands, the most useful first.
pub(crate) fn open_verbs(app: App, def: &Def, record: &Record) -> Vec<&'static str> {
    let mut verbs = verbs_of(app, def, record);
    verbs.retain(|verb| allows(app, def, verb));
    verbs
}

/// Whether the person's roles let them do this at all.
pub(crate) fn allows(app: App, def: &Def, verb: &str) -> bool {
    match (verb, Action::from_code(verb)) {
        ("contract", _) => app.may(&contract::DEF, Action::Create),
        ("add-tags" | "patch", _) => app.may(def, Action::Edit),
        (_, Some(action)) => app.may(def, action),
        (_, None) => true,
    }
}

fn verbs_of(app: App, def: &Def, record: &Record) -> Vec<&'static str> {
    let nobodys = text(record, "owner_id").is_empty();
    match def.kind {
        "lead" => {
            let order = [
                "convert",
                "claim",
                "assign",
                "transfer",
                "return",
                "mark-invalid",
                "reopen",
                "undo-conversion",
                "void",
                "reinstate",
            ];
            let open: Vec<&str> = lead::Status::from_code(text(record, "status"))
                .map(|status| status.open_moves().iter().map(|by| by.code()).collect())
                .unwrap_or_default();
            order
                .into_iter()
                .filter(|verb| open.contains(verb) && (*verb != "reinstate" || app.administers()))
                .collect()
        }
        "opportunity" => match text(record, "status") {
            "open" => vec!["win", "lose", "transfer"],
            "won" => vec!["contract", "reopen", "transfer"],
            _ => vec!["reopen", "transfer"],
        },
        _ if kinds::pooled(def) && nobodys => vec!["claim", "assign"],
        _ if kinds::pooled(def) => vec!["transfer", "return"],
        _ => Vec::new(),
    }
}

/// Asks for the owner, the reason or the tags that something needs.
#[component]
pub(crate) fn ActionHost() -> impl IntoView {
    let actions = Actions::here();
    let owner = RwSignal::new(String::new());
    let reason = RwSignal::new(String::new());
    let note = RwSignal::new(String::new());
    let tags = RwSignal::new(Vec::<String>::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let open = actions.asking();
    let close = move |()| actions.asked.set(None);
    Effect::new(move |_| {
        if open.get() {
            owner.set(String::new());
            reason.set(String::new());
            note.set(String::new());
            tags.set(Vec::new());
            problem.set(None);
        }
    });
    let verb = move || {
        actions
            .asked
            .with(|asked| asked.as_ref().map(|asked| asked.verb).unwrap_or_default())
    };
    let complete = Signal::derive(move || match verb() {
        "assign" | "transfer" => !owner.with(String::is_empty),
        "add-tags" => !tags.with(Vec::is_empty),
        _ => !reason.with(String::is_empty),
    });
    let submit = Callback::new(move |()| {
        let Some(asked) = actions.asked.get_untracked() else {
            return;
        };
        if pending.get_untracked() || !complete.get_untracked() {
            return;
        }
        let body = match asked.verb {
            "assign" | "transfer" => json!({"owner_id": owner.get_untracked()}),
            "add-tags" => json!({"tags": tags.get_untracked()}),
            "return" => {
                let note = note.get_untracked().trim().to_owned();
                let mut body = json!({"reason": reason.get_untracked()});
                if let (false, Some(fields)) = (note.is_empty(), body.as_object_mut()) {
                    fields.insert("note".to_owned(), Value::String(note));
                }
                body
            }
            _ => json!({"reason": reason.get_untracked()}),
        };
        pending.set(true);
        spawn_local(async move {
            let result = actions.run(asked, body).await;
            pending.set(false);
            match result {
                Ok(()) => actions.asked.set(None),
                Err(error) => problem.set(Some(explain(&error))),
            }
        });
    });
    let title = Signal::derive(move || {
        actions.asked.with(|asked| {
            asked
                .as_ref()
                .map_or_else(String::new, |asked| match asked.ids.len() {
                    1 => verb_name(asked.verb).to_owned(),
                    n => tf!("list.verb_many", verb = verb_name(asked.verb), n = n),
                })
        })
    });
    let body = move || {
        let Some(asked) = actions.asked.get() else {
            return ().into_any();
        };
        match asked.verb {
            "assign" | "transfer" => owner_field(owner, problem),
            "add-tags" => tags_field(tags, problem),
            verb => reason_fields(asked.def, verb, reason, note, problem),
        }
    };
    view! {
        <Dialog
            open=open
            on_close=close
            title=title
            close_label=t!("common.close")
            footer=move || {
                view! {
                    <Button on_press=close>{t!("common.cancel")}</Button>
                    <Button
                        kind=ButtonKind::Primary
                        pending=pending
                        disabled=Signal::derive(move || !complete.get())
                        on_press=submit
                    >
                        {move || verb_name(verb())}
                    </Button>
                }
            }
        >
            {body}
        </Dialog>
    }
}

fn owner_field(owner: RwSignal<String>, problem: RwSignal<Option<String>>) -> AnyView {
    let Some(users) = kehu_domain::kinds::find("user") else {
        return ().into_any();
    };
    view! {
        <div class="stack roomy">
            <Field label=t!("verb.new_owner") required=true problem=problem>
                <RecordPicker def=users value=owner on_change=move |id| owner.set(id) />
            </Field>
        </div>
    }
    .into_any()
}

fn tags_field(tags: RwSignal<Vec<String>>, problem: RwSignal<Option<String>>) -> AnyView {
    let Some(def) = kehu_domain::kinds::find("tag") else {
        return ().into_any();
    };
    view! {
        <div class="stack roomy">
            <Field label=t!("verb.tags") required=true problem=problem>
                <RecordsPicker def=def value=tags on_change=move |names| tags.set(names) />
            </Field>
        </div>
    }
    .into_any()
}

fn reason_fields(
    def: &'static Def,
    verb: &str,
    reason: RwSignal<String>,
    note: RwSignal<String>,
    problem: RwSignal<Option<String>>,
) -> AnyView {
    let lookups = Lookups::here();
    let dictionary = if def.kind == "lead" {
        "lead_reason"
    } else {
        "customer_reason"
    };
    let choices = Signal::derive(move || lookups.entry_choices(dictionary, ""));
    let noted = verb == "return";
    view! {
        <div class="stack">
            <Field label=t!("verb.reason") required=true problem=problem>
                <RadioGroup value=reason on_change=move |code| reason.set(code) choices=choices />
            </Field>
            {noted
                .then(|| {
                    view! {
                        <Field label=t!("verb.note")>
                            <TextArea value=note on_change=move |text| note.set(text) rows=2 />
                        </Field>
                    }
                })}
        </div>
    }
    .into_any()
}
