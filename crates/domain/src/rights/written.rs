//! What a role's record says of kinds, actions and fields, and what is wrong with it.

use serde_json::Value as Json;

use super::{Action, FieldRight, applies, has_rights};
use crate::def::{Def, Field, FieldProblem};
use crate::kinds;
use crate::role::Reach;
use crate::sight::can_be_masked;

/// The grants of a role as they stand in its record: `{"lead": {"edit": "own"}}`.
pub(super) fn granted(grants: &Json) -> impl Iterator<Item = (&'static Def, Action, Reach)> + '_ {
    entries(grants).filter_map(|(kind, action, reach)| {
        let def = kinds::find(kind)?;
        let action = Action::from_code(action).filter(|action| applies(def, *action))?;
        Some((def, action, Reach::from_code(reach?)?))
    })
}

/// What a role keeps of fields as it stands in its record: `{"lead": {"phone": "masked"}}`.
pub(super) fn kept(
    fields: &Json,
) -> impl Iterator<Item = (&'static Def, &'static Field, FieldRight)> + '_ {
    entries(fields).filter_map(|(kind, field, right)| {
        let def = kinds::find(kind)?;
        let field = own_field(def, field)?;
        Some((def, field, FieldRight::from_code(right?)?))
    })
}

/// Every (kind, name, text) of an object of objects.
fn entries(json: &Json) -> impl Iterator<Item = (&str, &str, Option<&str>)> + '_ {
    let kinds = json.as_object().into_iter().flatten();
    kinds.flat_map(|(kind, of_kind)| {
        let names = of_kind.as_object().into_iter().flatten();
        names.map(move |(name, value)| (kind.as_str(), name.as_str(), value.as_str()))
    })
}

fn own_field(def: &'static Def, name: &str) -> Option<&'static Field> {
    def.fields.iter().find(|field| field.name == name)
}

/// What is wrong with the grants of a role.
#[must_use]
pub fn check_grants(field: &'static str, json: &Json) -> Vec<FieldProblem> {
    check_entries(field, json, |def, name, value| {
        let action = Action::from_code(name).filter(|action| applies(def, *action));
        match action {
            None => Err("unknown_action"),
            Some(_) if Reach::from_code(value).is_none() => Err("unknown_reach"),
            Some(_) => Ok(()),
        }
    })
}

/// What is wrong with what a role keeps of fields.
#[must_use]
pub fn check_field_rights(field: &'static str, json: &Json) -> Vec<FieldProblem> {
    check_entries(field, json, |def, name, value| {
        let Some(kept) = own_field(def, name) else {
            return Err("unknown_field");
        };
        match FieldRight::from_code(value) {
            None => Err("unknown_right"),
            Some(FieldRight::Masked) if !can_be_masked(kept.ty) => Err("cannot_be_masked"),
            // Who administers would take from themselves what they administer with.
            Some(_) if !has_rights(def) && !kept.sensitive => Err("cannot_be_hidden"),
            Some(FieldRight::Hidden) if names_owner(kept) => Err("cannot_be_hidden"),
            Some(_) => Ok(()),
        }
    })
}

/// Who sees a record is told by these, so that nobody can be kept from them.
fn names_owner(field: &Field) -> bool {
    matches!(field.name, "owner_id" | "pool_id" | "collaborator_ids")
}

fn check_entries(
    field: &'static str,
    json: &Json,
    check: impl Fn(&'static Def, &str, &str) -> Result<(), &'static str>,
) -> Vec<FieldProblem> {
    let problem = |path: &[&str], code| {
        let mut problem = FieldProblem::new(field, code);
        for part in path {
            let part = part.replace('~', "~0").replace('/', "~1");
            problem.pointer.push('/');
            problem.pointer.push_str(&part);
        }
        problem
    };
    let Some(of_kinds) = json.as_object() else {
        return vec![problem(&[], "wrong_type")];
    };
    let mut problems = Vec::new();
    for (kind, of_kind) in of_kinds {
        let (def, names) = match (kinds::find(kind), of_kind.as_object()) {
            (None, _) => {
                problems.push(problem(&[kind], "unknown_kind"));
                continue;
            }
            (_, None) => {
                problems.push(problem(&[kind], "wrong_type"));
                continue;
            }
            (Some(def), Some(names)) => (def, names),
        };
        for (name, value) in names {
            let checked = value
                .as_str()
                .ok_or("wrong_type")
                .and_then(|value| check(def, name, value));
            if let Err(code) = checked {
                problems.push(problem(&[kind, name], code));
            }
        }
    }
    problems
}
