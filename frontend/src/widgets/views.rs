//! The views of a list that every person has without saving one, and the saved ones: filter, order
//! and columns under a name.

use chrono::{Datelike, NaiveDate};
use kehu_domain::def::{Def, Section, Type, Write};
use kehu_wire::Record;
use serde_json::Value;

use crate::i18n::find;
use crate::widgets::kinds;
use crate::{format, t};

/// A tab of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// What the address calls it: a code, or the id of a saved view.
    pub(crate) key: String,
    /// What the tab says.
    pub(crate) label: String,
    /// The filter.
    pub(crate) filter: String,
    /// The order.
    pub(crate) sort: String,
    /// The columns, separated by commas; empty for the kind's own.
    pub(crate) columns: String,
    /// Whether a person saved it.
    pub(crate) saved: bool,
}

/// The code of the view that a list begins with.
pub(crate) fn first(def: &Def) -> &'static str {
    if def.has("owner_id") && !matches!(def.kind, "activity" | "opportunity") {
        "mine"
    } else {
        "all"
    }
}

/// The views that the app brings along.
pub(crate) fn built_in(def: &Def) -> Vec<View> {
    let view = |key: &str, label: &str, filter: String, sort: &str| View {
        key: key.to_owned(),
        label: find(&format!("{}.view.{key}", def.kind))
            .unwrap_or(label)
            .to_owned(),
        filter,
        sort: sort.to_owned(),
        ..View::default()
    };
    let mut views = Vec::new();
    let mine = "owner_id == me";
    if kinds::pooled(def) {
        views.push(View {
            columns: pool_columns(def),
            ..view(
                "pool",
                t!("list.view_pool"),
                pool_filter(def),
                "-created_at",
            )
        });
    }
    if def.has("owner_id") {
        let (filter, sort) = if def.kind == "task" {
            (format!("{mine} && status == \"open\""), "due_at")
        } else {
            (mine.to_owned(), newest(def))
        };
        views.push(view("mine", t!("list.view_mine"), filter, sort));
    }
    views.push(view("all", t!("list.view_all"), String::new(), newest(def)));
    if let Some(filter) = due_filter(def) {
        let sort = if def.has("due_at") {
            "due_at"
        } else {
            "next_contact_at"
        };
        views.push(view("due", t!("list.view_due"), filter, sort));
    }
    if def.kind == "customer" {
        let filter = format!("created_at >= date(\"{}\")", month_start());
        views.push(view("new", t!("list.view_new"), filter, "-created_at"));
    }
    views
}

fn newest(def: &Def) -> &'static str {
    if def.has("occurred_at") {
        "-occurred_at"
    } else {
        "-updated_at"
    }
}

/// What tells records apart that nobody handles yet.
fn pool_columns(def: &Def) -> String {
    let same_for_all = ["status", "lifecycle", "owner_id", "next_contact_at"];
    let mut columns = default_columns(def);
    columns.retain(|name| !same_for_all.contains(name));
    for name in ["city", "source", "created_at"] {
        if def.has(name) && !columns.contains(&name) {
            columns.push(name);
        }
    }
    columns.join(",")
}

/// Which records of the kind lie in a pool.
pub(crate) fn pool_filter(def: &Def) -> String {
    if def.kind == "lead" {
        "status == \"unassigned\""
    } else {
        "owner_id == null"
    }
    .to_owned()
}

/// Which of the person's records are to be dealt with today or were before; none for kinds without such a date.
pub(crate) fn due_filter(def: &Def) -> Option<String> {
    let field = ["due_at", "next_contact_at"].into_iter().find(|name| {
        def.field(name)
            .is_some_and(|field| field.write == Write::Body)
    })?;
    let mut filter = format!("owner_id == me && {field} < today + duration(\"24h\")");
    match def.kind {
        "task" => filter.push_str(" && status == \"open\""),
        "lead" => filter.push_str(" && status in [\"pending\", \"following_up\"]"),
        "opportunity" => filter.push_str(" && status == \"open\""),
        _ => {}
    }
    Some(filter)
}

/// The first day of this month.
pub(crate) fn month_start() -> NaiveDate {
    let today = format::today();
    NaiveDate::from_ymd_opt(today.year(), today.month(), 1).unwrap_or(today)
}

/// A saved view as a tab.
pub(crate) fn of_record(record: &Record) -> View {
    let text = |name: &str| {
        record
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    View {
        key: text("id"),
        label: text("name"),
        filter: text("filter"),
        sort: text("sort"),
        columns: text("columns"),
        saved: true,
    }
}

/// Both filters at once.
pub(crate) fn both(one: &str, other: &str) -> String {
    match (one.trim(), other.trim()) {
        ("", only) | (only, "") => only.to_owned(),
        (one, other) => format!("({one}) && ({other})"),
    }
}

/// The columns that a kind's list begins with: its title, what tells records apart, where they
/// stand, what they are worth, when they are due, whose they are.
pub(crate) fn default_columns(def: &Def) -> Vec<&'static str> {
    let own: &[&'static str] = match def.kind {
        "opportunity" => &[
            "name",
            "customer_id",
            "stage_id",
            "amount",
            "expected_close_on",
            "forecast_category",
            "owner_id",
        ],
        "customer" => &[
            "name",
            "lifecycle",
            "industry",
            "city",
            "last_activity_at",
            "next_contact_at",
            "owner_id",
        ],
        "product" => &[
            "name",
            "code",
            "category",
            "unit",
            "unit_price",
            "tax_rate",
            "active",
        ],
        _ => &[],
    };
    if !own.is_empty() {
        return own.to_vec();
    }
    let mut columns: Vec<&'static str> = def.title.iter().take(1).copied().collect();
    let mut add = |name: &'static str| {
        if columns.len() < 8 && !columns.contains(&name) {
            columns.push(name);
        }
    };
    let main = |section: Section| section == Section::Main;
    for field in def.fields.iter().filter(|field| main(field.section)) {
        if (field.searchable && matches!(field.ty, Type::Text(_)))
            || (field.required && matches!(field.ty, Type::Ref(_)))
        {
            add(field.name);
        }
    }
    if let Some(field) = kinds::state_field(def) {
        add(field.name);
    }
    let mut choices = 0;
    for field in def.fields {
        let telling = match field.ty {
            Type::Choice(_) => {
                matches!(field.section, Section::Main | Section::Profile) && field.name != "gender"
            }
            Type::Dictionary(_) | Type::Bool | Type::Refs(_) => main(field.section),
            Type::Email | Type::Ref(_) => main(field.section) || def.kind == "user",
            _ => false,
        };
        if telling && choices < 3 {
            choices += 1;
            add(field.name);
        }
    }
    for field in def.fields {
        let useful = match field.ty {
            Type::Money => true,
            Type::Phone => field.name == "phone" && !def.has("amount"),
            Type::Time => field.sortable && field.write == Write::Body,
            _ => false,
        };
        if useful {
            add(field.name);
        }
    }
    if def.has("owner_id") {
        columns.truncate(7);
        columns.push("owner_id");
    } else if columns.len() < 3 {
        columns.push("updated_at");
    }
    columns
}
