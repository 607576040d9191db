//! The lines of a document on its page: read, and edited in place while the document is open.

use kehu_domain::document;
use kehu_wire::Record;
use kehu_wire::problem::FieldError;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::pages::list::version;
use crate::problems::explain;
use crate::state::{API, App};
use crate::t;
use crate::ui::dom;
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::lines::{LineTerms, LinesEditor};
use crate::widgets::lines_view::lines_view;
use crate::widgets::load::say_problem;
use crate::widgets::lookups::text;
use crate::widgets::money::{code_of, minor_of};
use crate::widgets::record_view::{OneRecord, is_trashed};

/// Where the editor lies, for putting the focus into it and back.
const PLACE: &str = "record-lines";

/// The card of the lines; nothing for records that have none.
#[component]
pub(crate) fn LinesCard(
    /// The record's page.
    one: OneRecord,
    /// The record as it is now.
    record: Memo<Record>,
) -> impl IntoView {
    let def = one.def;
    if !def.has("lines") {
        return ().into_any();
    }
    let editing = RwSignal::new(false);
    let open = Memo::new(move |_| record.with(is_open) && one.is_writable());
    let filled = Memo::new(move |_| record.with(has_lines));
    let shown = Memo::new(move |_| editing.get() || filled.get() || open.get());
    let close = Callback::new(move |()| {
        editing.set(false);
        focus("button");
    });
    let begin = move |()| {
        editing.set(true);
        focus("input");
    };
    let more = move || {
        (open.get() && !editing.get()).then(|| {
            view! {
                <Button small=true icon=Glyph::Pencil on_press=begin>
                    {t!("lines.edit")}
                </Button>
            }
        })
    };
    let body = move || {
        if editing.get() {
            let before = record.get_untracked();
            return view! { <InPlace one=one before=before on_close=close /> }.into_any();
        }
        record.with(lines_view).unwrap_or_else(|| {
            view! { <p class="muted card-none">{t!("lines.none")}</p> }.into_any()
        })
    };
    let card = move || {
        shown.get().then(|| {
            view! {
                <div id=PLACE>
                    <Card title=kinds::field_name(def, "lines") flush=true more=move || more>
                        {body}
                    </Card>
                </div>
            }
        })
    };
    view! { {card} }.into_any()
}

/// Whether the lines may still change.
fn is_open(record: &Record) -> bool {
    matches!(text(record, "status"), "draft" | "open") && !is_trashed(record)
}

fn has_lines(record: &Record) -> bool {
    let lines = record.get("lines").and_then(Value::as_array);
    lines.is_some_and(|lines| !lines.is_empty())
}

/// Puts the focus on the first such element of the card, once it is drawn.
fn focus(what: &'static str) {
    request_animation_frame(move || {
        let selector = format!("#{PLACE} {what}");
        if let Ok(Some(element)) = document().query_selector(&selector) {
            dom::focus(&element);
        }
    });
}

/// The lines as they are written: what was computed beside them is left out.
fn written(lines: Option<&Value>) -> Value {
    let lines = lines.map(document::parse).and_then(Result::ok);
    match lines {
        // Lines are plain data: they have a JSON form.
        Some(lines) if !lines.is_empty() => serde_json::to_value(lines).unwrap_or_default(),
        _ => Value::Null,
    }
}

#[component]
fn InPlace(one: OneRecord, before: Record, on_close: Callback<()>) -> impl IntoView {
    let (app, toasts) = (App::here(), use_toasts());
    let def = one.def;
    let includes_tax = before.get("includes_tax").and_then(Value::as_bool);
    let terms = LineTerms {
        currency: Signal::stored(match code_of(&before, "amount") {
            code if code.is_empty() => app.currency(),
            code => code,
        }),
        includes_tax: Signal::stored(includes_tax.unwrap_or_default()),
        discount: Signal::stored(minor_of(&before, "discount")),
    };
    let first = written(before.get("lines"));
    let value = RwSignal::new(first.clone());
    let first = StoredValue::new(first);
    let id = StoredValue::new(text(&before, "id").to_owned());
    let base = StoredValue::new(version(&before));
    let pending = RwSignal::new(false);
    let errors = RwSignal::new(Vec::<FieldError>::new());
    let problem = RwSignal::new(None::<String>);
    let put = move |lines: Value| {
        value.set(lines);
        errors.set(Vec::new());
        problem.set(None);
    };
    let save = move |()| {
        if pending.get_untracked() {
            return;
        }
        let lines = value.get_untracked();
        if first.with_value(|first| *first == lines) {
            return on_close.run(());
        }
        pending.set(true);
        errors.set(Vec::new());
        problem.set(None);
        spawn_local(async move {
            let patch = Record::from_iter([("lines".to_owned(), lines)]);
            let id = id.get_value();
            let result = API.patch(def.plural, &id, base.get_value(), patch).await;
            if pending.try_set(false).is_some() {
                return;
            }
            let error = match result {
                Ok(_) => {
                    app.note_write();
                    toasts.success(t!("form.saved"));
                    one.read();
                    return on_close.run(());
                }
                Err(error) => error,
            };
            if error.status() == 412 {
                // What was typed stays; who saves once more has seen what others wrote.
                return match API.get(def.plural, &id, "").await {
                    Ok(now) => {
                        let theirs = written(now.get("lines"));
                        let same = first.try_with_value(|first| *first == theirs);
                        let _ = base.try_set_value(version(&now));
                        let mine = value.try_get_untracked().unwrap_or_default();
                        let _ = value.try_set(document::rebased(&mine, now.get("lines")));
                        let _ = problem.try_set(Some(
                            if same == Some(true) {
                                t!("lines.changed_beside")
                            } else {
                                t!("lines.changed_too")
                            }
                            .to_owned(),
                        ));
                    }
                    Err(error) => say_problem(toasts, &error),
                };
            }
            let found = error.problem().map(|problem| problem.errors.clone());
            let found = found.unwrap_or_default();
            let beside =
                found.is_empty() || found.iter().any(|one| !one.pointer.starts_with("/lines/"));
            errors.set(found);
            problem.set(beside.then(|| explain(&error)));
        });
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        // A list that is open takes the key for itself.
        if event.key() == "Escape" && !event.default_prevented() && !event.is_composing() {
            event.prevent_default();
            on_close.run(());
        }
    };
    view! {
        <div class="lines-in-place" on:keydown=keydown>
            <LinesEditor value=value on_change=put terms=terms errors=errors />
            <div aria-live="polite">
                {move || problem.get().map(|text| view! { <Note tone=Tone::Danger>{text}</Note> })}
            </div>
            <div class="row">
                <span class="grow"></span>
                <Button on_press=on_close>{t!("common.cancel")}</Button>
                <Button kind=ButtonKind::Primary pending=pending on_press=save>
                    {t!("common.save")}
                </Button>
            </div>
        </div>
    }
}
