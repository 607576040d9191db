//! Which records a new one would repeat: asked while it is being typed, before anything is made.

use kehu_domain::check;
use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, FieldProblem};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action};
use kehu_domain::sight::Sight;
use kehu_domain::{customer, lead};
use kehu_persistence::db::Session;
use kehu_persistence::duplicates;
use kehu_persistence::records::{self, Trash};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::error::AppError;
use crate::{App, prepare};

/// How many records of one kind are looked at, and told, at most.
const LOOKED_AT: usize = 200;
const TOLD: usize = 5;

/// A record that is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its kind.
    pub kind: &'static str,
    /// The field that is the same, or alike.
    pub field: &'static str,
    /// Its id and title; `None` when another team holds it.
    pub seen: Option<(Uuid, String)>,
}

/// What is there already.
#[derive(Debug, Clone, Default)]
pub struct Repeats {
    /// Certainly the same: same telephone number or email address.
    pub certain: Vec<Known>,
    /// Alike: the same company in some spelling; customers first.
    pub similar: Vec<Known>,
}

impl App {
    /// Which records one with these fields would repeat. Values that can't be read, because
    /// somebody is still typing them, are passed over. `except` is the record that is being
    /// changed.
    ///
    /// # Errors
    /// A field that the kind doesn't have.
    pub async fn find_duplicates(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        fields: &Map<String, Json>,
        except: Option<Uuid>,
    ) -> Result<Repeats, AppError> {
        let typed = read(ctx, def, fields)?;
        let session = self.db.read();
        let workspace = ctx.workspace.id;
        let one = std::slice::from_ref(&typed);
        let same = prepare::certain_duplicates(&session, ctx, def, one).await?;
        let mut same: Vec<_> = same.iter().map(|m| (m.record_id, m.field)).collect();
        same.retain(|(id, _)| Some(*id) != except);
        let mut repeats = Repeats {
            certain: told(&session, ctx, def, &same).await?,
            similar: Vec::new(),
        };
        let Some(key) = duplicates::similarity_key(def, &typed) else {
            return Ok(repeats);
        };
        for other in [&customer::DEF, &lead::DEF] {
            let Some(field) = other.can.company else {
                continue;
            };
            if !ctx.actor.may_ask(other, field) {
                continue;
            }
            let keys = std::slice::from_ref(&key);
            let alike = duplicates::similar(&session, workspace, other, keys).await?;
            let mut alike: Vec<_> = alike.iter().map(|s| (s.record_id, field)).collect();
            alike
                .retain(|(id, _)| Some(*id) != except && same.iter().all(|(known, _)| known != id));
            repeats
                .similar
                .extend(told(&session, ctx, other, &alike).await?);
        }
        Ok(repeats)
    }
}

/// The fields as far as they can be read.
fn read(ctx: &Ctx, def: &'static Def, fields: &Map<String, Json>) -> Result<Record, AppError> {
    let mut typed = Record::default();
    for (name, json) in fields {
        let Some(field) = def.field(name).filter(|field| field.on_new()) else {
            let problem = FieldProblem::new(&format!("fields/{name}"), "unknown_field");
            return Err(AppError::Invalid(vec![problem]));
        };
        // What they don't see whole they don't find out by typing it either.
        let seen = ctx.actor.may_ask(def, field.name);
        if let (true, Ok(value)) = (seen, check::value(field, json, prepare::circumstances(ctx))) {
            typed.set(field.name, value);
        }
    }
    Ok(typed)
}

/// What the caller is told of these records: those in sight by their title, all others as one that
/// another team holds.
async fn told(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    found: &[(Uuid, &'static str)],
) -> Result<Vec<Known>, AppError> {
    let found = found.get(..LOOKED_AT).unwrap_or(found);
    let ids: Vec<Uuid> = found.iter().map(|(id, _)| *id).collect();
    let scope = scope::of(ctx, def, Action::View);
    let fields: Vec<_> = def
        .all_fields()
        .filter(|field| field.name == "id" || def.title.contains(&field.name))
        .collect();
    let seen = records::get_many(session, def, &scope, Trash::Outside, &ids, &fields).await?;
    let sight = Sight::of(&ctx.actor, def);
    let mut known: Vec<Known> = Vec::new();
    let mut hidden: Vec<Known> = Vec::new();
    for (id, field) in found {
        let record = seen.iter().find(|record| record.id() == *id);
        let one = Known {
            kind: def.kind,
            field,
            seen: record.map(|record| (*id, sight.title(def, record))),
        };
        if one.seen.is_some() {
            known.push(one);
        } else if !hidden.contains(&one) {
            hidden.push(one);
        }
    }
    known.truncate(TOLD);
    known.extend(hidden);
    Ok(known)
}
