//! An activity moves what it is about on: the last activity, the next contact, and a pending lead is
//! being followed up from its first activity. When an import of activities is taken back, so is that.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use kehu_domain::activity::{self, Activity, field};
use kehu_domain::def::Def;
use kehu_domain::record::{Key, Record, base};
use kehu_domain::scope::{Reason, Scope};
use kehu_domain::value::Value;
use kehu_domain::{check, customer, lead, opportunity};
use kehu_persistence::changes;
use kehu_persistence::records::{self, Trash};
use uuid::Uuid;

use super::{Behaviour, PLAIN};
use crate::error::AppError;
use crate::prepare;
use crate::writer::Writer;

pub(super) static BEHAVIOUR: Behaviour = Behaviour {
    made: |writer, made| {
        Box::pin(async move {
            for activity in made {
                follow_up(writer, activity).await?;
            }
            Ok(())
        })
    },
    unmade: |writer, gone| Box::pin(move_back(writer, gone)),
    ..PLAIN
};

/// What history calls it when an activity moves its lead or customer on.
const FOLLOW_UP: &str = "follow_up";

/// What an activity is about and moves on, in the order in which everybody holds it.
const ABOUT: [(Key<Option<Uuid>>, &Def); 3] = [
    (field::LEAD_ID, &lead::DEF),
    (field::OPPORTUNITY_ID, &opportunity::DEF),
    (field::CUSTOMER_ID, &customer::DEF),
];

async fn follow_up(writer: &Writer<'_>, activity: &Record) -> Result<(), AppError> {
    let made = Activity::from_record(activity)?;
    let everything = Scope::system(writer.workspace(), Reason::Consequence);
    for (about, def) in ABOUT {
        let Some(id) = activity.of(about)? else {
            continue;
        };
        let found = records::lock(writer.session, def, &everything, Trash::Outside, id).await?;
        let Some(before) = found else { continue };
        let mut after = before.clone();
        let later = match before.get("last_activity_at") {
            Value::Time(last) => *last < made.occurred_at,
            _ => true,
        };
        if later && made.occurred_at <= writer.ctx().now {
            after.set("last_activity_at", Value::Time(made.occurred_at));
            if def.has("idle_since")
                && !matches!(before.get("idle_since"), Value::Time(since) if *since > made.occurred_at)
            {
                after.set("idle_since", Value::Time(made.occurred_at));
            }
        }
        if let Some(next) = made.next_contact_at {
            after.set("next_contact_at", Value::Time(next));
        } else if matches!(before.get("next_contact_at"), Value::Time(due) if *due <= made.occurred_at)
        {
            // The contact that was planned has happened.
            after.set("next_contact_at", Value::Null);
        }
        super::lead::begin_work(def, &mut after);
        writer.save(def, FOLLOW_UP, &before, after).await?;
    }
    Ok(())
}

/// Puts back what activities had moved on their leads, customers and opportunities, now that they
/// are gone.
async fn move_back(writer: &Writer<'_>, gone: &[Record]) -> Result<(), AppError> {
    for (field, def) in ABOUT {
        let mut about: BTreeMap<Uuid, DateTime<Utc>> = BTreeMap::new();
        for record in gone {
            if let Some(id) = record.of(field)? {
                let made = record.of(base::CREATED_AT)?;
                let first = about.entry(id).or_insert(made);
                *first = (*first).min(made);
            }
        }
        for (id, made) in about {
            if !is_followed_up(writer, field, id, made).await? {
                move_one_back(writer, def, id, made).await?;
            }
        }
    }
    Ok(())
}

/// Whether an activity that stays is as young as this: then what it moved stays too.
async fn is_followed_up(
    writer: &Writer<'_>,
    about: Key<Option<Uuid>>,
    id: Uuid,
    since: DateTime<Utc>,
) -> Result<bool, AppError> {
    let def = &activity::DEF;
    let fields = ["id", "created_at"].map(|name| def.field(name));
    let (Some(about), [Some(id_field), Some(created_at)]) = (def.field(about.name()), fields)
    else {
        return Ok(false);
    };
    let (session, everything) = (
        writer.session,
        Scope::system(writer.workspace(), Reason::Consequence),
    );
    let wanted = [Value::Id(id)];
    let ids = records::by_values(session, def, &everything, about, &wanted).await?;
    let ids: Vec<Uuid> = ids.into_iter().map(|(id, _)| id).collect();
    let fields = [id_field, created_at];
    let rest = records::get_many(session, def, &everything, Trash::Outside, &ids, &fields).await?;
    let young = |record: &Record| record.of(base::CREATED_AT).is_ok_and(|at| at >= since);
    Ok(rest.iter().any(young))
}

/// Gives a lead or customer the values back that activities made at this moment or later had moved;
/// those that somebody has changed since stay.
async fn move_one_back(
    writer: &Writer<'_>,
    def: &'static Def,
    id: Uuid,
    made: DateTime<Utc>,
) -> Result<(), AppError> {
    let (session, workspace) = (writer.session, writer.workspace());
    let everything = Scope::system(workspace, Reason::Consequence);
    let Some(before) = records::lock(session, def, &everything, Trash::Either, id).await? else {
        return Ok(());
    };
    let history = changes::all_of_record(session, workspace, def.kind, id).await?;
    let cause = writer.ctx().cause.as_deref();
    let mut moved: HashMap<&'static str, Option<serde_json::Value>> = HashMap::new();
    // Newest first: what somebody else wrote over an older value of ours is not ours any more, and
    // the oldest of ours stands last.
    for change in history.iter().take_while(|change| change.at >= made) {
        let ours = change.cause.as_deref() == cause;
        for (name, values) in change.fields.as_object().into_iter().flatten() {
            let Some(field) = def.field(name) else {
                continue;
            };
            if !ours {
                moved.insert(field.name, None);
            } else if change.verb == FOLLOW_UP && moved.get(field.name) != Some(&None) {
                moved.insert(field.name, values.get(0).cloned());
            }
        }
    }
    let mut after = before.clone();
    for (name, old) in moved {
        let (Some(field), Some(json)) = (def.field(name), old) else {
            continue;
        };
        if let Ok(value) = check::value(field, &json, prepare::circumstances(writer.ctx())) {
            after.set(name, value);
        }
    }
    writer
        .save(def, crate::imports::UNDO, &before, after)
        .await
        .map(drop)
}
