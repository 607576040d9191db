//! Writing down what was done: kind, words, when to talk again. One click away on every record.

use chrono::{Days, NaiveDateTime, NaiveTime};
use kehu_domain::def::Def;
use kehu_wire::Record;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::problems::explain;
use crate::state::{API, App};
use crate::t;
use crate::ui::prelude::*;
use crate::widgets::field_input::moment;
use crate::widgets::kinds;
use crate::widgets::texts::date_texts;
use crate::widgets::timeline_view::activity_glyph;

/// The field of an activity that names a record of this kind.
pub(crate) fn about_field(def: &Def) -> Option<&'static str> {
    kehu_domain::activity::ABOUT
        .iter()
        .find(|(_, kind)| *kind == def.kind)
        .map(|(field, _)| *field)
}

/// The box for an activity about one record.
#[component]
pub(crate) fn Composer(
    /// The kind of the record.
    def: &'static Def,
    /// The record.
    id: String,
    /// Called after it was written down.
    on_done: Callback<()>,
) -> impl IntoView {
    let app = App::here();
    let toasts = use_toasts();
    let id = StoredValue::new(id);
    let kind = RwSignal::new("note".to_owned());
    let content = RwSignal::new(String::new());
    let next = RwSignal::new(None::<NaiveDateTime>);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let open = RwSignal::new(false);
    let save = Callback::new(move |()| {
        let words = content.get_untracked().trim().to_owned();
        let Some(field) = about_field(def) else {
            return;
        };
        if pending.get_untracked() {
            return;
        }
        if words.is_empty() {
            return problem.set(Some(t!("problem.field.required").to_owned()));
        }
        let mut fields = Record::from_iter([
            (
                "activity_type".to_owned(),
                Value::String(kind.get_untracked()),
            ),
            ("content".to_owned(), Value::String(words)),
            (field.to_owned(), Value::String(id.get_value())),
        ]);
        if let Some(time) = next.get_untracked() {
            fields.insert("next_contact_at".to_owned(), moment(Some(time)));
        }
        pending.set(true);
        problem.set(None);
        spawn_local(async move {
            let result = API.create("activities", fields, false, None).await;
            if pending.try_set(false).is_some() {
                return;
            }
            match result {
                Ok(_) => {
                    content.set(String::new());
                    next.set(None);
                    open.set(false);
                    toasts.success(t!("record.activity_saved"));
                    app.note_write();
                    on_done.run(());
                }
                Err(error) => problem.set(Some(explain(&error))),
            }
        });
    });
    let type_button = move |code: &'static str| {
        let label = kinds::choice(&kehu_domain::activity::DEF, "activity_type", code);
        view! {
            <IconButton
                glyph=activity_glyph(code)
                label=label
                pressed=Signal::derive(move || kind.with(|kind| kind == code))
                on_press=move |()| {
                    kind.set(code.to_owned());
                    open.set(true);
                }
            />
        }
    };
    let later = move |days: u64| {
        let day = crate::format::today().checked_add_days(Days::new(days));
        let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default();
        next.set(day.map(|day| day.and_time(nine)));
    };
    let shortcut = move |label: &'static str, days: u64| {
        view! { <Chip label=label on_press=move |()| later(days) /> }
    };
    view! {
        <div class="composer" class:open=open>
            <div class="composer-line">
                <div class="composer-types" role="group" aria-label=t!("record.activity_type")>
                    {["call", "visit", "email", "message", "note"].map(type_button).into_iter().collect_view()}
                </div>
                <div class="composer-text" on:focusin=move |_| open.set(true)>
                    <TextArea
                        value=content
                        on_change=move |text| content.set(text)
                        placeholder=t!("record.compose")
                        label=Signal::derive(|| t!("record.compose").to_owned())
                        rows=1
                        on_submit=save
                    />
                </div>
            </div>
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <div class="composer-more">
                                <span class="muted">{t!("lead.field.next_contact_at")}</span>
                                {shortcut(t!("common.tomorrow"), 1)}
                                {shortcut(t!("record.in_three_days"), 3)}
                                {shortcut(t!("record.in_a_week"), 7)}
                            </div>
                            <div class="composer-more">
                                <div class="composer-when">
                                    <DateTimeInput value=next on_change=move |time| next.set(time) texts=date_texts() />
                                </div>
                                <Button kind=ButtonKind::Primary pending=pending on_press=save>
                                    {t!("common.save")}
                                </Button>
                            </div>
                        }
                    })
            }}
            {move || problem.get().map(|text| view! { <p class="field-problem" role="alert">{text}</p> })}
        </div>
    }
}
