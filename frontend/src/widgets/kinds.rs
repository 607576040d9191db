//! How kinds of record look in the app: names and pictures, all from the declaration and the texts.

use kehu_domain::def::{Def, Field, Visibility};
use kehu_domain::kinds;
use kehu_domain::rights::Action;

use crate::i18n::{Lang, find, lang};
use crate::state::App;
use crate::ui::icon::Glyph;
use crate::ui::tone::Tone;

/// The noun in the singular.
pub(crate) fn name(def: &Def) -> &'static str {
    find(&format!("{}.name", def.kind)).unwrap_or(def.kind)
}

/// The noun in the singular as it stands inside a sentence: English nouns begin small there.
pub(crate) fn noun(def: &Def) -> String {
    let name = name(def);
    if lang() == Lang::En {
        name.to_lowercase()
    } else {
        name.to_owned()
    }
}

/// The noun in the plural.
pub(crate) fn plural(def: &Def) -> &'static str {
    find(&format!("{}.plural", def.kind)).unwrap_or(def.plural)
}

/// The name of a field.
pub(crate) fn field_name(def: &Def, field: &str) -> &'static str {
    find(&format!("{}.field.{field}", def.kind))
        .or_else(|| find(&format!("base.field.{field}")))
        .unwrap_or_default()
}

/// The text of a code of a choice.
pub(crate) fn choice(def: &Def, field: &str, code: &str) -> String {
    find(&format!("{}.choice.{field}.{code}", def.kind))
        .map_or_else(|| code.to_owned(), str::to_owned)
}

/// The picture of a kind.
pub(crate) fn glyph(kind: &str) -> Glyph {
    match kind {
        "lead" => Glyph::Spark,
        "customer" => Glyph::Building,
        "contact" => Glyph::IdCard,
        "opportunity" | "pipeline" | "stage" | "stage_change" => Glyph::Board,
        "contract" => Glyph::Agreement,
        "receivable" | "payment" | "allocation" | "refund" | "adjustment" | "exchange_rate" => {
            Glyph::Banknote
        }
        "product" | "document_line" => Glyph::Box,
        "target" => Glyph::Chart,
        "activity" => Glyph::Chat,
        "task" => Glyph::Check,
        "tag" => Glyph::Tag,
        "department" => Glyph::Tree,
        "user" => Glyph::Users,
        "role" => Glyph::Shield,
        "pool" => Glyph::Inbox,
        "territory" => Glyph::Pin,
        "dictionary_entry" => Glyph::List,
        "saved_view" => Glyph::Filter,
        _ => Glyph::Folder,
    }
}

/// The kinds that people work with day by day: they stand in the rail.
pub(crate) fn daily() -> impl Iterator<Item = &'static Def> {
    let own = |def: &&Def| {
        matches!(def.visibility, Visibility::Owned | Visibility::Through(_)) && def.kind != "target"
    };
    let daily = move |def: &&Def| own(def) || def.kind == "receivable";
    let all = kinds::ALL.iter().copied();
    // What is sold stands below what is done.
    all.filter(daily)
        .chain(all_of("product"))
        .collect::<Vec<_>>()
        .into_iter()
}

fn all_of(kind: &str) -> Option<&'static Def> {
    kinds::find(kind)
}

/// The kinds of the rail that this person makes records of.
pub(crate) fn makeable(app: App) -> impl Iterator<Item = &'static Def> {
    daily().filter(move |def| may_make(def, app))
}

/// Whether the person makes records of this kind by a form.
pub(crate) fn may_make(def: &Def, app: App) -> bool {
    !def.is_ledger() && app.may(def, Action::Create)
}

/// The kinds that belong to the settings.
pub(crate) fn settings() -> impl Iterator<Item = &'static Def> {
    kinds::ALL
        .iter()
        .copied()
        .filter(|def| matches!(def.visibility, Visibility::Workspace | Visibility::Common))
        // Products stand in the rail, stages within their pipelines.
        .filter(|def| !matches!(def.kind, "product" | "stage"))
}

/// Where the list of a kind lies: the settings have their own pages.
pub(crate) fn list_href(def: &Def) -> String {
    match def.visibility {
        _ if def.kind == "product" => format!("/{}", def.plural),
        Visibility::Workspace | Visibility::Common => format!("/settings/{}", def.plural),
        _ => format!("/{}", def.plural),
    }
}

/// Whether a kind lies in pools and can be claimed.
pub(crate) fn pooled(def: &Def) -> bool {
    def.has("pool_id") && def.has("owner_id")
}

/// What the colour of a code says.
pub(crate) fn tone(code: &str) -> Tone {
    match code {
        "reported" | "partial" | "pending" | "at_risk" | "neutral" | "high" | "yellow" => {
            Tone::Warning
        }
        "effective" | "following_up" | "open" | "interested" | "prospect" | "blue" | "violet" => {
            Tone::Accent
        }
        "completed" | "confirmed" | "paid" | "converted" | "active" | "done" | "agreed"
        | "supportive" | "green" | "won" => Tone::Success,
        "terminated" | "rejected" | "reversed" | "lost" | "opposed" | "red" => Tone::Danger,
        "cyan" | "first_talk" => Tone::Info,
        _ => Tone::Neutral,
    }
}

/// The field of a kind that says where a record stands.
pub(crate) fn state_field(def: &Def) -> Option<&'static Field> {
    ["status", "lifecycle"]
        .iter()
        .find_map(|name| def.field(name))
}
