//! What every way in (form, API, import, batch) checks before records are written: references,
//! dictionaries, values that may stand once, duplicates. Many records at a time, without a query
//! per record.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kehu_domain::check::Circumstances;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Field, FieldProblem, Type, Unique};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action, Reason, Scope};
use kehu_domain::sight::Sight;
use kehu_domain::user::PEOPLE;
use kehu_domain::value::Value;
use kehu_domain::{kinds, tag};
use kehu_persistence::db::Session;
use kehu_persistence::duplicates::{self, Match};
use kehu_persistence::records::{self, Trash};
use serde_json::json;
use uuid::Uuid;

use crate::context::Organisation;
use crate::error::AppError;
use crate::ids;
use crate::writer::Writer;

/// The country whose telephone numbers are written without a prefix in a workspace.
pub(crate) fn circumstances(ctx: &Ctx) -> Circumstances<'static> {
    Circumstances {
        currency: ctx.workspace.currency,
        country: country(&ctx.workspace.time_zone),
        actor: ctx.actor.user_id,
        now: ctx.now,
    }
}

/// The country of a time zone, for the few whose firms we know to use Kehu; China otherwise.
fn country(time_zone: &str) -> &'static str {
    match time_zone {
        "Asia/Hong_Kong" => "HK",
        "Asia/Taipei" => "TW",
        "Asia/Macau" => "MO",
        "Asia/Singapore" => "SG",
        "Asia/Tokyo" => "JP",
        "Europe/London" => "GB",
        "Europe/Madrid" => "ES",
        "Europe/Berlin" => "DE",
        zone if zone.starts_with("America/") => "US",
        _ => "CN",
    }
}

/// What is wrong with each of several records.
pub(crate) type Problems = Vec<Vec<FieldProblem>>;

/// Checks the references of records: that what they name exists and is seen by who writes. `only`
/// picks the fields to look at.
///
/// What a file names was found already, or made, within the reach of who imports it.
pub(crate) async fn check_references(
    writer: &Writer<'_>,
    def: &'static Def,
    records: &[Record],
    only: impl Fn(&Field) -> bool,
) -> Result<Problems, AppError> {
    if writer.author.source.is_history() {
        return Ok(vec![Vec::new(); records.len()]);
    }
    let (session, ctx, organisation) = (writer.session, writer.ctx(), writer.organisation());
    let mut wanted: BTreeMap<(&'static str, Action), BTreeSet<Uuid>> = BTreeMap::new();
    let fields: Vec<(&'static Field, (&'static str, Action))> = def
        .fields
        .iter()
        .filter(|field| only(field))
        .filter_map(|field| match field.ty {
            Type::Ref(kind) | Type::Refs(kind) => Some((field, (kind, scope::naming(def, field)))),
            _ => None,
        })
        .collect();
    for record in records {
        for (field, way) in &fields {
            wanted
                .entry(*way)
                .or_default()
                .extend(ids_in(record.get(field.name)));
        }
    }
    let mut seen: HashSet<((&str, Action), Uuid)> = HashSet::new();
    for ((kind, action), ids) in wanted {
        let Some(target) = kinds::find(kind) else {
            continue;
        };
        // People are known already, but for those whom the same transaction made.
        let (known, ids): (Vec<Uuid>, Vec<Uuid>) = ids
            .into_iter()
            .partition(|id| kind == PEOPLE && organisation.person(*id).is_some());
        seen.extend(known.into_iter().map(|id| ((kind, action), id)));
        if ids.is_empty() {
            continue;
        }
        let Some(id_field) = target.field("id") else {
            continue;
        };
        let scope = scope::of(ctx, target, action);
        let found =
            records::get_many(session, target, &scope, Trash::Outside, &ids, &[id_field]).await?;
        seen.extend(found.iter().map(|record| ((kind, action), record.id())));
    }
    Ok(records
        .iter()
        .map(|record| {
            fields
                .iter()
                .filter(|(field, way)| {
                    ids_in(record.get(field.name))
                        .iter()
                        .any(|id| !seen.contains(&(*way, *id)))
                })
                .map(|(field, _)| FieldProblem::new(field.name, "not_found"))
                .collect()
        })
        .collect())
}

fn ids_in(value: &Value) -> Vec<Uuid> {
    match value {
        Value::Id(id) => vec![*id],
        Value::List(texts) => texts
            .iter()
            .filter_map(|text| Uuid::parse_str(text).ok())
            .collect(),
        _ => Vec::new(),
    }
}

/// Checks that the codes of dictionaries exist.
pub(crate) fn check_codes(
    organisation: &Organisation,
    def: &'static Def,
    record: &Record,
) -> Vec<FieldProblem> {
    let unknown = |field: &&'static Field| match (field.ty, record.get(field.name).as_text()) {
        (Type::Dictionary(name), Some(code)) => !organisation.has_code(name, code),
        _ => false,
    };
    def.fields
        .iter()
        .filter(unknown)
        .map(|field| FieldProblem::new(field.name, "unknown_code"))
        .collect()
}

/// Checks that what records name is of the same customer as they are, where their kind says so and as
/// far as both are known.
pub(crate) async fn check_same_customer(
    writer: &Writer<'_>,
    def: &'static Def,
    records: &[Record],
) -> Result<Problems, AppError> {
    let mut problems = vec![Vec::new(); records.len()];
    let everything = Scope::system(writer.workspace(), Reason::Consistency);
    for field in def.fields {
        let (Some(code), Type::Ref(kind)) = (field.same_customer, field.ty) else {
            continue;
        };
        let Some(target) = kinds::find(kind) else {
            continue;
        };
        let known = records
            .iter()
            .filter(|record| !record.get("customer_id").is_null());
        let mut ids: Vec<Uuid> = known.filter_map(|r| r.get(field.name).as_id()).collect();
        ids.sort_unstable();
        ids.dedup();
        let fields: Vec<_> = ["id", "customer_id"]
            .iter()
            .filter_map(|name| target.field(name))
            .collect();
        let session = writer.session;
        let found =
            records::get_many(session, target, &everything, Trash::Either, &ids, &fields).await?;
        let customers: HashMap<Uuid, &Value> = found
            .iter()
            .map(|named| (named.id(), named.get("customer_id")))
            .collect();
        for (record, problems) in records.iter().zip(&mut problems) {
            let customer = record.get("customer_id");
            let named = record.get(field.name).as_id();
            // One that is not there is told as such.
            let its = named.and_then(|id| customers.get(&id));
            if its.is_some_and(|its| !customer.is_null() && *its != customer) {
                problems.push(FieldProblem::new(field.name, code));
            }
        }
    }
    Ok(problems)
}

/// The tags that records carry and that do not exist yet, as new records; nobody else makes them
/// until the transaction ends.
pub(crate) async fn missing_tags(
    writer: &Writer<'_>,
    def: &'static Def,
    coming: &[Record],
) -> Result<Vec<Record>, AppError> {
    let mut missing: BTreeSet<&str> = BTreeSet::new();
    for field in def.fields.iter().filter(|field| field.ty == Type::Tags) {
        for record in coming {
            if let Value::List(names) = record.get(field.name) {
                missing.extend(
                    names
                        .iter()
                        .map(String::as_str)
                        .filter(|name| !writer.organisation().has_tag(name)),
                );
            }
        }
    }
    let Some(field) = tag::DEF.field("name").filter(|_| !missing.is_empty()) else {
        return Ok(Vec::new());
    };
    let (session, workspace) = (writer.session, writer.workspace());
    let values: Vec<Value> = missing
        .iter()
        .map(|name| Value::Text((*name).to_owned()))
        .collect();
    for value in &values {
        duplicates::guard_value(session, workspace, &tag::DEF, field, value).await?;
    }
    let everything = Scope::system(workspace, Reason::Settings);
    let there = records::by_values(session, &tag::DEF, &everything, field, &values).await?;
    let made = values
        .into_iter()
        .filter(|value| there.iter().all(|(_, name)| name != value))
        .map(|value| {
            let mut record = stamped(writer.ctx(), &tag::DEF);
            record.set("name", value);
            record.set("colour", Value::Text("grey".to_owned()));
            record
        });
    Ok(made.collect())
}

/// A new record with the engine's own fields set.
pub(crate) fn stamped(ctx: &Ctx, def: &'static Def) -> Record {
    let mut record = Record::with_capacity(def.fields.len() + 8);
    let actor = if ctx.actor.user_id.is_nil() {
        Value::Null
    } else {
        Value::Id(ctx.actor.user_id)
    };
    record.push("id", Value::Id(ids::new_id()));
    record.push("version", Value::Int(1));
    record.push("created_at", Value::Time(ctx.now));
    record.push("created_by", actor.clone());
    record.push("updated_at", Value::Time(ctx.now));
    record.push("updated_by", actor);
    record.push("deleted_at", Value::Null);
    record
}

/// Checks the values that may stand only once.
pub(crate) async fn check_unique(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    before: Option<&Record>,
    record: &Record,
) -> Result<Vec<FieldProblem>, AppError> {
    let mut problems = Vec::new();
    for field in def.fields {
        let within = match field.unique {
            Unique::No => continue,
            Unique::Workspace => None,
            Unique::Within(other) => def
                .field(other)
                .map(|other| (other, record.get(other.name))),
        };
        let value = record.get(field.name);
        if value.is_null() || before.is_some_and(|before| before.get(field.name) == value) {
            continue;
        }
        let workspace = ctx.workspace.id;
        duplicates::guard_value(session, workspace, def, field, value).await?;
        if duplicates::taken(session, workspace, def, field, value, within, record.id()).await? {
            problems.push(FieldProblem::new(field.name, "taken"));
        }
    }
    Ok(problems)
}

/// The records that certainly are the same as these, by fields that the caller sees whole: by the others
/// they would find out values by trying them.
pub(crate) async fn certain_duplicates(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    records: &[Record],
) -> Result<Vec<Match>, AppError> {
    let mut found = duplicates::certain(session, ctx.workspace.id, def, records).await?;
    found.retain(|found| ctx.actor.may_ask(def, found.field));
    Ok(found)
}

/// What the duplicate check tells of a record that certainly is the same: what the caller may not
/// see is told as held by another team, without its data.
pub(crate) async fn tell_duplicates(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    matches: &[Match],
) -> Result<AppError, AppError> {
    let ids: Vec<Uuid> = matches.iter().map(|found| found.record_id).collect();
    let scope = scope::of(ctx, def, Action::View);
    let fields: Vec<_> = def.all_fields().collect();
    let seen = records::get_many(session, def, &scope, Trash::Outside, &ids, &fields).await?;
    let sight = Sight::of(&ctx.actor, def);
    let told: Vec<_> = matches
        .iter()
        .take(20)
        .map(
            |found| match seen.iter().find(|record| record.id() == found.record_id) {
                Some(record) => json!({
                    "id": found.record_id, "kind": def.kind, "field": found.field,
                    "title": sight.title(def, record), "held_by_another_team": false,
                }),
                None => {
                    json!({"kind": def.kind, "field": found.field, "held_by_another_team": true})
                }
            },
        )
        .collect();
    Ok(AppError::Conflict {
        code: "duplicate",
        details: json!({ "duplicates": told }),
    })
}
