//! What happened with a record: activities and changes, newest first, day by day.

use chrono::NaiveDate;
use kehu_domain::def::Def;
use kehu_domain::exchange::MILLION;
use kehu_wire::Record;
use kehu_wire::history::{Change, TimelineItem as Happened, TimelinePage};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::i18n::find;
use crate::state::API;
use crate::ui::prelude::*;
use crate::widgets::cells::value_text;
use crate::widgets::kinds;
use crate::widgets::load::{Load, problem_view};
use crate::widgets::lookups::text;
use crate::{format, t};

/// Whether a kind's timeline has activities beside its changes.
pub(crate) fn has_timeline(def: &Def) -> bool {
    matches!(def.kind, "lead" | "customer" | "opportunity")
}

/// The timeline of a record, or its history alone.
#[component]
pub(crate) fn TimelineView(
    /// The kind.
    def: &'static Def,
    /// The record.
    id: String,
    /// Reads anew when it changes.
    #[prop(into)]
    turn: Signal<u32>,
    /// The changes alone, with every field.
    #[prop(optional)]
    history: bool,
) -> impl IntoView {
    let id = StoredValue::new(id);
    let items = RwSignal::new(Vec::<Happened>::new());
    let cursor = RwSignal::new(None::<String>);
    let load = RwSignal::new(Load::<()>::Loading);
    let more_loading = RwSignal::new(false);
    let history = history || !has_timeline(def);
    let read = move |from: Option<String>| {
        let id = id.get_value();
        let first = from.is_none();
        if !first {
            more_loading.set(true);
        }
        spawn_local(async move {
            let from = from.unwrap_or_default();
            let result = if history {
                API.history(def.plural, &id, &from)
                    .await
                    .map(|page| TimelinePage {
                        items: page
                            .items
                            .into_iter()
                            .map(|change| Happened {
                                at: change.at,
                                activity: None,
                                change: Some(change),
                            })
                            .collect(),
                        next_cursor: page.next_cursor,
                    })
            } else {
                API.timeline(def.plural, &id, &from).await
            };
            if more_loading.try_set(false).is_some() {
                return;
            }
            match result {
                Ok(page) => {
                    items.update(|items| {
                        if first {
                            items.clear();
                        }
                        items.extend(page.items);
                    });
                    cursor.set(page.next_cursor);
                    load.set(Load::Ready(()));
                }
                Err(error) => load.set(Load::Problem(error)),
            }
        });
    };
    Effect::new(move |_| {
        turn.track();
        read(None);
    });
    move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=4 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read(None))),
        Load::Ready(()) if items.with(Vec::is_empty) => {
            view! { <p class="muted timeline-none">{t!("record.no_activity")}</p> }.into_any()
        }
        Load::Ready(()) => {
            let entries = items.with(|items| draw(def, items, history));
            view! {
                <Timeline label=t!("record.timeline")>{entries}</Timeline>
                <LoadMore
                    more=Signal::derive(move || cursor.with(Option::is_some))
                    loading=more_loading
                    on_more=move |()| read(cursor.get_untracked())
                    label=t!("list.load_more")
                    loading_label=t!("common.loading")
                />
            }
            .into_any()
        }
    }
}

fn draw(def: &'static Def, items: &[Happened], history: bool) -> AnyView {
    let mut day = None::<NaiveDate>;
    let mut views: Vec<AnyView> = Vec::new();
    for item in items {
        let at = item.at.to_rfc3339();
        let own_day = format::local_day(format::moment_ms(&at).unwrap_or_default());
        if day != Some(own_day) {
            day = Some(own_day);
            let label = format::day(&own_day.to_string());
            views.push(view! { <TimelineDay label=label /> }.into_any());
        }
        if let Some(activity) = &item.activity {
            views.push(activity_view(activity, &at));
        } else if let Some(change) = &item.change {
            views.push(change_view(def, change, &at, history));
        }
    }
    views.into_any()
}

/// The picture of a kind of activity.
pub(crate) fn activity_glyph(code: &str) -> Glyph {
    match code {
        "call" => Glyph::Phone,
        "visit" => Glyph::Pin,
        "email" => Glyph::Mail,
        "meeting" => Glyph::Users,
        "message" => Glyph::Chat,
        _ => Glyph::Note,
    }
}

fn activity_view(activity: &Record, at: &str) -> AnyView {
    let def = &kehu_domain::activity::DEF;
    let code = text(activity, "activity_type");
    let title = kinds::choice(def, "activity_type", code);
    let owner = activity
        .get("owner")
        .and_then(|owner| owner.get("title"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let contact = activity
        .get("contact")
        .and_then(|one| one.get("title"))
        .and_then(Value::as_str);
    let minutes = activity
        .get("duration_minutes")
        .and_then(Value::as_i64)
        .filter(|n| *n > 0);
    let mut more: Vec<String> = contact.map(str::to_owned).into_iter().collect();
    more.extend(minutes.map(|n| crate::tf!("record.minutes", n = n)));
    let subtitle = (!more.is_empty()).then(|| more.join(" · "));
    let when = when_and_who(at, owner);
    let content = text(activity, "content").to_owned();
    let next = text(activity, "next_contact_at");
    let next = (!next.is_empty()).then(|| {
        let line = crate::tf!("record.next_contact", when = format::moment(next));
        view! { <p class="timeline-next">{line}</p> }
    });
    view! {
        <TimelineItem
            glyph=activity_glyph(code)
            tone=Tone::Accent
            title=title
            subtitle=subtitle
            when=when
            exact=format::exact(at)
        >
            <p class="prose-lines">{content}</p>
            {next}
        </TimelineItem>
    }
    .into_any()
}

fn when_and_who(at: &str, who: &str) -> String {
    let time = format::moment_ms(at).map(format::clock).unwrap_or_default();
    if who.is_empty() {
        time
    } else {
        format!("{time} {who}")
    }
}

fn change_view(def: &'static Def, change: &Change, at: &str, history: bool) -> AnyView {
    let verb = change.verb.replace('-', "_");
    // The log names a verb alone or with its kind in front: `claim`, `lead.claim`.
    let verb = verb.rsplit('.').next().unwrap_or_default();
    let did = find(&format!("verb.did.{verb}")).map_or_else(|| verb.to_owned(), str::to_owned);
    let who = change
        .actor
        .as_ref()
        .map(|actor| actor.name.clone())
        .unwrap_or_default();
    let (glyph, tone) = match verb {
        "claim" | "assign" | "transfer" => (Glyph::UserPlus, Tone::Neutral),
        "convert" | "win" => (Glyph::Merge, Tone::Success),
        "advance" => (Glyph::ArrowRight, Tone::Accent),
        "lose" => (Glyph::Flag, Tone::Danger),
        "return" | "undo_conversion" => (Glyph::Recycle, Tone::Warning),
        "mark_invalid" | "void" | "delete" | "trash" => (Glyph::Flag, Tone::Danger),
        "create" | "import" => (Glyph::Plus, Tone::Neutral),
        _ => (Glyph::Pencil, Tone::Neutral),
    };
    let created = matches!(verb, "create" | "import");
    let lines: Vec<AnyView> = change
        .changes
        .iter()
        .filter(|(name, both)| !is_noise(name) && !is_repeated(change, name, both))
        .filter_map(|(name, both)| {
            let field = def.field(name)?;
            let old = both.get("old").unwrap_or(&Value::Null);
            let new = both.get("new").unwrap_or(&Value::Null);
            let label = kinds::field_name(def, name);
            let (old, new) = (value_text(def, field, old), value_text(def, field, new));
            let line = if created {
                new
            } else {
                format!("{old} → {new}")
            };
            Some(view! { <li><span class="muted">{label}</span> " " {line}</li> }.into_any())
        })
        .collect();
    let shown = if created && !history {
        Vec::new()
    } else {
        lines
    };
    let body = (!shown.is_empty()).then(|| view! { <ul class="timeline-changes">{shown}</ul> });
    let title = if who.is_empty() {
        did
    } else {
        format!("{who} {did}")
    };
    let when = when_and_who(at, "");
    view! {
        <TimelineItem glyph=glyph tone=tone title=title when=when exact=format::exact(at)>
            {body}
        </TimelineItem>
    }
    .into_any()
}

/// Whether another change says the same: an amount in the workspace's own currency is its base amount too.
fn is_repeated(change: &Change, name: &str, both: &Value) -> bool {
    match name {
        "exchange_rate" => {
            let known = |which: &str| both.get(which).and_then(Value::as_i64);
            known("old").is_none() && known("new") == Some(MILLION)
        }
        "base_amount" => change.changes.get("amount") == Some(both),
        _ => false,
    }
}

/// Fields that change with everything and tell nothing.
fn is_noise(name: &str) -> bool {
    matches!(
        name,
        "id" | "version"
            | "created_at"
            | "created_by"
            | "updated_at"
            | "updated_by"
            | "owner_since"
            | "stage_since"
            | "idle_since"
            | "last_activity_at"
            | "previous_owner_id"
    )
}
