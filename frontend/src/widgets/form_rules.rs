//! Which fields a form shows for what is filled in already.

use kehu_domain::def::{Def, Field};
use kehu_domain::dictionary_entry::OPPORTUNITY_REASON;
use kehu_domain::opportunity::Status;
use kehu_domain::rights::FieldRight;
use kehu_wire::Record;
use serde_json::Value;

use crate::state::App;

/// What only a company has.
const COMPANY: &[&str] = &[
    "company_kind",
    "parent_id",
    "employees",
    "annual_revenue",
    "founded_year",
    "registration_number",
    "tax_number",
    "website",
];

/// What only a person has.
const PERSON: &[&str] = &[
    "birthday",
    "gender",
    "occupation",
    "income_band",
    "education",
    "marital_status",
    "interests",
    "habits",
];

/// What only an opportunity has that was won or lost.
const HOW_IT_ENDED: &[&str] = &["closed_on", "close_reason", "close_note"];

/// Whether there is an editor for a field that holds a structure.
fn is_edited(field: &Field) -> bool {
    matches!(
        field.name,
        "lines" | "required_fields" | "checklist" | "grants" | "field_rights"
    )
}

/// Whether people fill the field in by a form: what only files of long ago know, they don't, nor what
/// stands first in another.
pub(crate) fn is_for_people(field: &Field) -> bool {
    !matches!(field.name, "first_stage_id" | "role_id")
}

/// Whether the form shows the field.
pub(crate) fn is_shown(app: App, def: &Def, field: &Field, values: &Record, is_new: bool) -> bool {
    let writable = if is_new {
        field.on_new()
    } else {
        field.on_patch()
    };
    if !writable || !is_for_people(field) || (field.ty.is_structure() && !is_edited(field)) {
        return false;
    }
    let kept = app.kept(def, field.name);
    if kept.is_some_and(|right| !is_new || right != FieldRight::Masked) {
        return false;
    }
    // The lines say the same and more.
    if field.name == "product_ids" && def.has("lines") {
        return false;
    }
    if def.kind == "dictionary_entry" && field.name == "outcome" {
        let dictionary = values.get("dictionary").and_then(Value::as_str);
        return dictionary == Some(OPPORTUNITY_REASON);
    }
    if def.kind == "opportunity" && HOW_IT_ENDED.contains(&field.name) {
        let status = values.get("status").and_then(Value::as_str);
        return status != Some(Status::Open.code());
    }
    if def.kind != "customer" {
        return true;
    }
    let person = values.get("customer_type").and_then(Value::as_str) == Some("person");
    match field.name {
        name if COMPANY.contains(&name) => !person,
        name if PERSON.contains(&name) => person,
        "blacklist_reason" => values
            .get("blacklisted")
            .and_then(Value::as_bool)
            .unwrap_or_default(),
        _ => true,
    }
}
