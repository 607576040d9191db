//! How the value of a field looks: in a cell of a table, beside its name, and as plain text.

use kehu_domain::def::{Def, Field, Type};
use kehu_wire::Record;
use leptos::prelude::*;
use serde_json::Value;

use crate::format;
use crate::t;
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::lookups::{Lookups, text, title_of};

/// What stands for "no value".
const NOTHING: &str = "—";

/// The field's value as a view.
pub(crate) fn cell(def: &'static Def, record: &Record, field: &'static Field) -> AnyView {
    let value = record.get(field.name).unwrap_or(&Value::Null);
    if is_empty(value) {
        return view! { <span class="muted nothing">{NOTHING}</span> }.into_any();
    }
    let plain = value.as_str().unwrap_or_default();
    match field.ty {
        Type::Choice(_) if is_state(field) => {
            let tone = kinds::tone(plain);
            let label = kinds::choice(def, field.name, plain);
            view! { <Badge tone=tone>{label}</Badge> }.into_any()
        }
        Type::Bool => bool_cell(value.as_bool().unwrap_or_default()),
        Type::Phone => {
            let (href, shown) = (format!("tel:{plain}"), phone(plain));
            view! { <a class="quiet-link nowrap" href=href rel="external">{shown}</a> }.into_any()
        }
        Type::Email => {
            let (href, shown) = (format!("mailto:{plain}"), plain.to_owned());
            view! { <a class="quiet-link clip" href=href rel="external">{shown}</a> }.into_any()
        }
        Type::Url => {
            let (href, shown) = (plain.to_owned(), plain.to_owned());
            view! { <a class="link clip" href=href target="_blank" rel="noopener external">{shown}</a> }.into_any()
        }
        Type::Time => time_cell(record, field, plain),
        Type::Money => view! { <span class="nowrap">{format::amount(value)}</span> }.into_any(),
        Type::Ref("user") => {
            let name = reference_title(record, field, plain);
            view! { <Person name=name /> }.into_any()
        }
        Type::Ref(kind) => reference_cell(record, field, kind, plain),
        Type::Tags | Type::Texts => tags_cell(value),
        _ => view! { <span class="clip-2">{plain_text(def, record, field)}</span> }.into_any(),
    }
}

/// The title of a record with its picture, for the first cell of a row.
pub(crate) fn title_cell(def: &'static Def, record: &Record) -> AnyView {
    let title = title_of(def, record);
    let pictured = matches!(def.kind, "lead" | "customer" | "contact" | "user");
    let square = def.kind == "customer" && text(record, "customer_type") != "person";
    let name = title.clone();
    view! {
        <span class="who">
            {pictured.then(|| view! { <Avatar name=name square=square /> })}
            <b class="who-name">{title}</b>
        </span>
    }
    .into_any()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

/// Whether the codes of a choice are worth a colour.
fn is_state(field: &Field) -> bool {
    matches!(
        field.name,
        "status" | "lifecycle" | "attitude" | "priority" | "intent" | "colour"
    )
}

fn bool_cell(yes: bool) -> AnyView {
    if yes {
        view! {
            <span title=t!("common.yes")>
                <Icon glyph=Glyph::Check />
                <span class="visually-hidden">{t!("common.yes")}</span>
            </span>
        }
        .into_any()
    } else {
        view! { <span class="muted">{t!("common.no")}</span> }.into_any()
    }
}

fn time_cell(record: &Record, field: &Field, plain: &str) -> AnyView {
    let waits = matches!(field.name, "next_contact_at" | "due_at");
    let closed = matches!(
        text(record, "status"),
        "done" | "cancelled" | "converted" | "voided"
    );
    let late = waits && !closed && format::age_ms(plain).is_some_and(|age| age > 0.0);
    let exact = format::exact(plain);
    let shown = format::moment(plain);
    view! { <time class="nowrap" class:down=late datetime=plain.to_owned() title=exact>{shown}</time> }.into_any()
}

fn reference_cell(record: &Record, field: &Field, kind: &'static str, id: &str) -> AnyView {
    let title = reference_title(record, field, id);
    let plural = kehu_domain::kinds::find(kind)
        .filter(|def| !kinds::list_href(def).starts_with("/settings"))
        .map(|def| def.plural);
    match plural {
        Some(plural) => {
            let href = crate::urls::record(plural, id);
            view! { <a class="link clip" href=href>{title}</a> }.into_any()
        }
        None => view! { <span class="clip">{title}</span> }.into_any(),
    }
}

fn tags_cell(value: &Value) -> AnyView {
    let lookups = Lookups::here();
    let tag = |name: &Value| {
        let name = name.as_str()?.to_owned();
        let tone = {
            let name = name.clone();
            Signal::derive(move || lookups.tag_tone(&name))
        };
        Some(view! { <Badge plain=true tone=tone>{name}</Badge> })
    };
    let tags = value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(tag)
        .collect_view();
    view! { <span class="tags">{tags}</span> }.into_any()
}

/// The name that the API gives the expansion of a reference.
pub(crate) fn expansion(field: &str) -> String {
    match field.strip_suffix("_ids") {
        Some(stem) => format!("{stem}s"),
        None => field.strip_suffix("_id").unwrap_or(field).to_owned(),
    }
}

/// The references of a kind that have an expansion, separated by commas.
pub(crate) fn expansions<'a>(fields: impl Iterator<Item = &'a Field>) -> String {
    let names: Vec<String> = fields
        .filter(|field| matches!(field.ty, Type::Ref(_) | Type::Refs(_)))
        .filter(|field| field.name.ends_with("_id") || field.name.ends_with("_ids"))
        .map(|field| expansion(field.name))
        .collect();
    names.join(",")
}

/// The title of what a field refers to.
fn reference_title(record: &Record, field: &Field, id: &str) -> String {
    let expanded = record
        .get(&expansion(field.name))
        .and_then(|expanded| expanded.get("title"))
        .and_then(Value::as_str);
    match (expanded, field.ty) {
        (Some(title), _) => {
            Lookups::here().remember(id, title);
            title.to_owned()
        }
        (None, Type::Ref(kind)) => kehu_domain::kinds::find(kind)
            .map(|def| Lookups::here().title(def, id))
            .unwrap_or_default(),
        _ => String::new(),
    }
}

/// A telephone number as people read it.
pub(crate) fn phone(number: &str) -> String {
    let Some(national) = number
        .strip_prefix("+86")
        .filter(|rest| rest.len() == 11 && rest.starts_with('1'))
    else {
        return number.to_owned();
    };
    let part = |from: usize, to: usize| national.get(from..to).unwrap_or_default();
    format!("{} {} {}", part(0, 3), part(3, 7), part(7, 11))
}

/// The field's value as plain text.
pub(crate) fn plain_text(def: &'static Def, record: &Record, field: &'static Field) -> String {
    let value = record.get(field.name).unwrap_or(&Value::Null);
    match (field.ty, value) {
        (Type::Ref(_), Value::String(id)) => reference_title(record, field, id),
        (Type::Refs(kind), Value::Array(ids)) => {
            let expanded = record.get(&expansion(field.name)).and_then(Value::as_array);
            let titles: Vec<String> = match expanded {
                Some(expanded) => expanded
                    .iter()
                    .filter_map(|one| one.get("title")?.as_str().map(str::to_owned))
                    .collect(),
                None => kehu_domain::kinds::find(kind)
                    .map(|def| {
                        let title = |id: &Value| {
                            Lookups::here().title(def, id.as_str().unwrap_or_default())
                        };
                        ids.iter().map(title).collect()
                    })
                    .unwrap_or_default(),
            };
            titles.join(t!("common.list_separator"))
        }
        _ => value_text(def, field, value),
    }
}

/// A value that needs nothing around it as plain text.
pub(crate) fn value_text(def: &'static Def, field: &'static Field, value: &Value) -> String {
    match (field.ty, value) {
        (_, Value::Null) => NOTHING.to_owned(),
        (Type::Choice(_), Value::String(code)) => kinds::choice(def, field.name, code),
        (Type::Dictionary(name), Value::String(code)) => Lookups::here().entry_name(name, code),
        (Type::Ref(kind), Value::String(id)) => kehu_domain::kinds::find(kind)
            .map(|def| Lookups::here().title(def, id))
            .unwrap_or_default(),
        (Type::Time, Value::String(time)) => format::moment(time),
        (Type::Date, Value::String(day)) => format::day(day),
        (Type::Phone, Value::String(number)) => phone(number),
        (Type::Money, money) => format::amount(money),
        (Type::Int(..), Value::Number(number)) if field.name.ends_with("year") => {
            number.to_string()
        }
        (_, Value::Number(number)) => number
            .as_i64()
            .map(|number| format::scaled(number, field.scale))
            .unwrap_or_default(),
        (_, Value::Bool(yes)) => if *yes {
            t!("common.yes")
        } else {
            t!("common.no")
        }
        .to_owned(),
        (_, Value::Array(values)) => {
            let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            texts.join(t!("common.list_separator"))
        }
        (_, Value::String(text)) => text.clone(),
        (_, Value::Object(_)) => String::new(),
    }
}
