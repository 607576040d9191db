//! What the kinds with rules of their own need around the common operations: one place, one `match`.

use kehu_domain::ctx::{Ctx, Owners};
use kehu_domain::def::{Def, FieldProblem, Type, Visibility};
use kehu_domain::record::Record;
use kehu_domain::scope::Scope;
use kehu_domain::value::Value;
use kehu_domain::{activity, customer, lead, opportunity};
use kehu_persistence::db::Session;
use kehu_persistence::records::{self, Trash};
use kehu_persistence::workspaces;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

mod sales;

pub(crate) use sales::{is_of_customer, missing_to_enter, stage_change};

use crate::context::Organisation;
use crate::error::AppError;

/// How far up a tree a circle is looked for.
const DEPTH: usize = 100;

/// What history calls it when an activity moves its lead or customer on.
pub(crate) const FOLLOW_UP: &str = "follow_up";

/// Completes a new record with what follows from its kind's rules: owner, pool, status.
pub(crate) fn complete_new(
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    body: &Map<String, Json>,
    record: &mut Record,
) -> Vec<FieldProblem> {
    match def.kind {
        "lead" | "customer" => place(ctx, organisation, def, body, record),
        "task" if record.get("status").as_text() == Some("done") => {
            record.set("done_at", Value::Time(ctx.now));
            owner_in_reach(ctx, record)
        }
        "activity" | "task" => owner_in_reach(ctx, record),
        "opportunity" => sales::begin_opportunity(ctx, organisation, record),
        "contract" | "payment" | "target" | "exchange_rate" => sales::begin(ctx, def, record),
        _ => Vec::new(),
    }
}

/// A lead or customer has an owner or lies in a pool. What a sales person enters without a word
/// about the owner is theirs; what comes from elsewhere lies in the pool.
fn place(
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    body: &Map<String, Json>,
    record: &mut Record,
) -> Vec<FieldProblem> {
    let silent = !body.contains_key("owner_id") && !body.contains_key("pool_id");
    if silent && matches!(ctx.actor.writes, Owners::Only(_)) {
        record.set("owner_id", Value::Id(ctx.actor.user_id));
    }
    let problems = owner_in_reach(ctx, record);
    if !problems.is_empty() {
        return problems;
    }
    let owned = !record.get("owner_id").is_null();
    match record.get("pool_id").as_id() {
        Some(pool) if !organisation.is_pool_of(pool, def.kind) => {
            return vec![FieldProblem::new("pool_id", "unknown_pool")];
        }
        None if !owned => {
            let pool = organisation.default_pool(def.kind);
            record.set("pool_id", pool.map_or(Value::Null, Value::Id));
        }
        _ => {}
    }
    if owned {
        record.set("owner_since", Value::Time(ctx.now));
        if def.kind == "lead" {
            record.set(
                "status",
                Value::Text(lead::Status::Pending.code().to_owned()),
            );
        }
    }
    Vec::new()
}

fn owner_in_reach(ctx: &Ctx, record: &Record) -> Vec<FieldProblem> {
    match record.get("owner_id").as_id() {
        Some(owner) if owner != ctx.actor.user_id && !ctx.actor.writes.reach(Some(owner)) => {
            vec![FieldProblem::new("owner_id", "owner_out_of_reach")]
        }
        _ => Vec::new(),
    }
}

/// Completes a changed record with what follows from the change.
pub(crate) fn complete_changed(
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    before: &Record,
    after: &mut Record,
) -> Result<(), AppError> {
    match def.kind {
        "task" => {
            let done = |record: &Record| record.get("status").as_text() == Some("done");
            if done(after) && !done(before) {
                after.set("done_at", Value::Time(ctx.now));
            } else if !done(after) {
                after.set("done_at", Value::Null);
            }
            if before.get("owner_id") != after.get("owner_id") {
                let problems = owner_in_reach(ctx, after);
                if !problems.is_empty() {
                    return Err(AppError::Invalid(problems));
                }
            }
        }
        "customer" => {
            let lost = Some(customer::Lifecycle::Lost.code());
            let active = Some(customer::Lifecycle::Active.code());
            if before.get("lifecycle").as_text() == lost
                && after.get("lifecycle").as_text() == active
            {
                after.set("won_back_at", Value::Time(ctx.now));
            }
        }
        "user" => keep_an_administrator(organisation, before, after)?,
        "target" => sales::name_slot(after),
        // The person who changes it would lock themselves and all others out.
        "role"
            if *before.get("administers") == Value::Bool(true)
                && *after.get("administers") == Value::Bool(false)
                && organisation.only_administering_role(before.id()) =>
        {
            return Err(AppError::conflict("last_administrator"));
        }
        _ => {}
    }
    Ok(())
}

/// A workspace keeps somebody who administers it.
fn keep_an_administrator(
    organisation: &Organisation,
    before: &Record,
    after: &Record,
) -> Result<(), AppError> {
    let leaves = *after.get("active") == Value::Bool(false)
        || !after.get("deleted_at").is_null()
        || before.get("role_id") != after.get("role_id");
    let administers = organisation
        .person(before.id())
        .is_some_and(|person| person.administers && person.active);
    if leaves && administers && organisation.administrators() <= 1 {
        let still = after
            .get("role_id")
            .as_id()
            .is_some_and(|role| organisation.administering_role(role));
        let stays = *after.get("active") != Value::Bool(false) && after.get("deleted_at").is_null();
        if !(still && stays) {
            return Err(AppError::conflict("last_administrator"));
        }
    }
    Ok(())
}

/// Nothing may lie below itself in a tree, over however many steps.
pub(crate) async fn check_circles(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    before: &Record,
    after: &Record,
) -> Result<(), AppError> {
    let scope = Scope::everything(ctx.workspace.id);
    for field in def
        .fields
        .iter()
        .filter(|field| field.ty == Type::Ref(def.kind))
    {
        if before.get(field.name) == after.get(field.name) {
            continue;
        }
        // Two who hang two branches below each other at once must not both succeed.
        kehu_persistence::duplicates::guard_value(
            session,
            ctx.workspace.id,
            def,
            field,
            &Value::Text("tree".to_owned()),
        )
        .await?;
        let Some(id_field) = def.field("id") else {
            continue;
        };
        let mut above = after.get(field.name).as_id();
        let mut steps = 0;
        while let Some(id) = above {
            steps += 1;
            if id == after.id() || steps > DEPTH {
                return Err(AppError::invalid(field.name, "circle"));
            }
            let (ids, fields) = ([id], [id_field, field]);
            let found =
                records::get_many(session, def, &scope, Trash::Either, &ids, &fields).await?;
            above = found
                .first()
                .and_then(|record| record.get(field.name).as_id());
        }
    }
    Ok(())
}

/// Whether a record may go to the trash.
pub(crate) async fn check_trash(
    session: &Session,
    ctx: &Ctx,
    organisation: &Organisation,
    def: &'static Def,
    record: &Record,
    gone: &Record,
) -> Result<(), AppError> {
    if def.kind == "user" {
        keep_an_administrator(organisation, record, gone)?;
    }
    sales::check_trash(def, record)?;
    if def.kind == "pool" && *record.get("is_default") == Value::Bool(true) {
        return Err(AppError::conflict("default_pool"));
    }
    // Settings that others still name stay; what people write (leads, activities) may go.
    if def.visibility == Visibility::Workspace {
        let referring =
            records::referring(session, ctx.workspace.id, def.kind, record.id(), 1).await?;
        if let Some((by, field, _)) = referring.first() {
            let details = serde_json::json!({"kind": by.kind, "field": field.name});
            return Err(AppError::Conflict {
                code: "in_use",
                details,
            });
        }
    }
    Ok(())
}

/// The planned receivables of a draft go to the trash with it, and come back with it.
pub(crate) async fn trash_parts(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    before: &Record,
    after: &Record,
) -> Result<(), AppError> {
    if def.kind != "contract" {
        return Ok(());
    }
    let (workspace, id) = (ctx.workspace.id, after.id());
    let (part, field) = (&kehu_domain::receivable::DEF, "contract_id");
    let trashed = !after.get("deleted_at").is_null();
    let (verb, parts) = if trashed {
        (
            "trash",
            records::belonging(session, workspace, part, field, id).await?,
        )
    } else {
        (
            "restore",
            records::belonging_trashed(session, workspace, part, field, id).await?,
        )
    };
    for held in parts {
        if !trashed && held.get("deleted_at") != before.get("deleted_at") {
            continue;
        }
        let mut changed = held.clone();
        changed.set("deleted_at", after.get("deleted_at").clone());
        records::write::update(session, ctx, part, verb, &held, changed).await?;
    }
    Ok(())
}

/// What names others that do not belong together: a payment of one customer for another's contract.
pub(crate) async fn check_named(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    before: Option<&Record>,
    record: &Record,
) -> Result<Vec<FieldProblem>, AppError> {
    let fields = ["customer_id", "contract_id"];
    let same = |before: &Record| fields.iter().all(|f| before.get(f) == record.get(f));
    if def.kind != "payment"
        || before.is_some_and(same)
        || is_of_customer(session, ctx, record).await?
    {
        return Ok(Vec::new());
    }
    Ok(vec![FieldProblem::new(
        "contract_id",
        "contract_of_another_customer",
    )])
}

/// Holds the records that new ones come from, so that nothing happens to them meanwhile: an
/// opportunity is not reopened while a contract is made of it.
pub(crate) async fn hold_named(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    coming: &[Record],
) -> Result<(), AppError> {
    if def.kind != "contract" {
        return Ok(());
    }
    let mut ids: Vec<Uuid> = coming
        .iter()
        .filter_map(|record| record.get("opportunity_id").as_id())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let everything = Scope::everything(ctx.workspace.id);
    Ok(records::lock_many(session, &opportunity::DEF, &everything, &ids).await?)
}

/// What follows from records that were made.
pub(crate) async fn after_insert(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    made: &[Record],
) -> Result<(), AppError> {
    if def.kind == "activity" {
        for record in made {
            follow_up(session, ctx, record).await?;
        }
    }
    if def.kind == "opportunity" {
        sales::keep_first_stage(session, ctx, made).await?;
    }
    organisation_changed(session, ctx, def).await
}

/// Tells other processes when what decides on reach, dictionaries or tags changed.
pub(crate) async fn organisation_changed(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
) -> Result<(), AppError> {
    if matches!(def.visibility, Visibility::Workspace | Visibility::Common) {
        workspaces::organisation_changed(session, ctx.workspace.id).await?;
    }
    Ok(())
}

/// An activity moves its lead or customer on: the last activity, the next contact, and a pending
/// lead is being followed up from its first activity.
async fn follow_up(session: &Session, ctx: &Ctx, activity: &Record) -> Result<(), AppError> {
    let made = activity::Activity::from_record(activity)?;
    let everything = Scope::everything(ctx.workspace.id);
    let about: [(&'static Def, Option<Uuid>); 3] = [
        (&lead::DEF, made.lead_id),
        (&customer::DEF, made.customer_id),
        (&opportunity::DEF, made.opportunity_id),
    ];
    for (def, id) in about {
        let Some(id) = id else { continue };
        let found = records::lock(session, def, &everything, Trash::Outside, id).await?;
        let Some(before) = found else { continue };
        let mut after = before.clone();
        let later = match before.get("last_activity_at") {
            Value::Time(last) => *last < made.occurred_at,
            _ => true,
        };
        if later && made.occurred_at <= ctx.now {
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
        if def.kind == "lead"
            && before.get("status").as_text() == Some(lead::Status::Pending.code())
        {
            after.set(
                "status",
                Value::Text(lead::Status::FollowingUp.code().to_owned()),
            );
        }
        records::write::update(session, ctx, def, FOLLOW_UP, &before, after).await?;
    }
    Ok(())
}
