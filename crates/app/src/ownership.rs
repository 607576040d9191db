//! Who handles a lead or a customer: claim, assign, transfer, return. Each loads the record under
//! a lock, decides, saves and logs in one transaction, so that of a hundred who claim at once one
//! wins.

use kehu_domain::activity;
use kehu_domain::ctx::{Ctx, Owners};
use kehu_domain::def::Def;
use kehu_domain::lead::{self, Move};
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action, Reason, Scope};
use kehu_domain::value::Value;
use kehu_persistence::db::Session;
use kehu_persistence::reach;
use kehu_persistence::records::{self as store, Trash};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::context::Organisation;
use crate::error::AppError;
use crate::kinds::behaviour;
use crate::shown::Shown;
use crate::writer::{Author, Writer};
use crate::{App, Outcome};

impl App {
    /// Takes an unowned record out of its pool.
    ///
    /// # Errors
    /// [`AppError::Conflict`] when somebody was faster or it lies in no pool of the caller's.
    pub async fn claim(&self, ctx: &Ctx, def: &'static Def, id: Uuid) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let read = scope::of(ctx, def, Action::Claim);
        let before = match store::lock(&session, def, &read, Trash::Outside, id).await? {
            Some(before) => before,
            // Who lost the race does not see the record any more; that it was claimed is no secret
            // to a member of its pool.
            None => {
                // One connection at a time: who waits for a second while holding a first may
                // wait for themselves.
                drop(session);
                return match self.load_record(ctx, def, id).await {
                    Ok(_) => Err(AppError::Forbidden("may_not_change")),
                    Err(_) => Err(self.lost_or_missing(ctx, def, id).await?),
                };
            }
        };
        if !before.get("owner_id").is_null() {
            return Err(already_owned(def, &before));
        }
        let pool = before.get("pool_id").as_id();
        let member = pool.is_some_and(|pool| ctx.actor.pools.contains(&pool));
        if !member && !ctx.actor.administers() {
            return Err(AppError::Forbidden("not_a_pool_member"));
        }
        let mut after = moved(def, &before, Move::Claim)?;
        hand_over(ctx, &before, &mut after, ctx.actor.user_id);
        let after = writer.save(def, Move::Claim.code(), &before, after).await?;
        self.answer(session, ctx, Outcome::Done, def, after).await
    }

    /// Gives a record to somebody: an unowned one (`assign`), or one that has an owner
    /// (`transfer`).
    ///
    /// # Errors
    /// When the new owner is out of the caller's reach or does not work here, or the move is not
    /// open.
    pub async fn hand(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
        by: Move,
        owner: Uuid,
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        check_new_owner(ctx, &organisation, (def, right(by)), owner)?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = load_to_hand(&writer, def, id, by).await?;
        let owned = !before.get("owner_id").is_null();
        if owned == (by == Move::Assign) {
            return Err(if owned {
                already_owned(def, &before)
            } else {
                closed(def, &before)
            });
        }
        let mut after = moved(def, &before, by)?;
        hand_over(ctx, &before, &mut after, owner);
        let after = writer.save(def, by.code(), &before, after).await?;
        self.answer(session, ctx, Outcome::Done, def, after).await
    }

    /// Puts a record back into its pool, with a reason; the history stays with it.
    ///
    /// # Errors
    /// When the reason is unknown or the move is not open.
    pub async fn return_to_pool(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
        reason: &str,
        note: Option<&str>,
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let pooled = def.can.pooled.ok_or(AppError::NotFound)?;
        check_reason(&organisation, pooled.reasons, reason)?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = writer
            .hold_for(Action::Return, def, id, Trash::Outside)
            .await?;
        if before.get("owner_id").is_null() {
            return Err(closed(def, &before));
        }
        let mut after = moved(def, &before, Move::Return)?;
        release(&organisation, def, &before, &mut after);
        after.set(pooled.reason_field, Value::Text(reason.to_owned()));
        let after = writer
            .save(def, Move::Return.code(), &before, after)
            .await?;
        say(&writer, def, id, note).await?;
        self.answer(session, ctx, Outcome::Done, def, after).await
    }

    /// One of the verbs above by its name, for bulk actions.
    pub(crate) async fn ownership_verb(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
        verb: &str,
        body: &Json,
    ) -> Result<(), AppError> {
        if def.can.pooled.is_none() {
            return Err(AppError::invalid("action", "unknown_action"));
        }
        let text = |name: &str| text_of(body, name);
        let owner = || {
            text("owner_id").and_then(|id| {
                Uuid::parse_str(id)
                    .ok()
                    .ok_or_else(|| AppError::invalid("owner_id", "id_invalid"))
            })
        };
        let note = body.get("note").and_then(Json::as_str);
        match Move::from_code(verb) {
            Some(Move::Claim) => self.claim(ctx, def, id).await.map(drop),
            Some(by @ (Move::Assign | Move::Transfer)) => {
                self.hand(ctx, def, id, by, owner()?).await.map(drop)
            }
            Some(Move::Return) => self
                .return_to_pool(ctx, def, id, text("reason")?, note)
                .await
                .map(drop),
            _ => Err(AppError::invalid("action", "unknown_action")),
        }
    }

    /// Tells who lost a race from who asks for what there is not: whether the record lay in one of
    /// the caller's pools until somebody claimed it.
    async fn lost_or_missing(
        &self,
        ctx: &Ctx,
        def: &'static Def,
        id: Uuid,
    ) -> Result<AppError, AppError> {
        let everything = Scope::system(ctx.workspace.id, Reason::LostRace);
        let session = self.db.read();
        let found = store::get(&session, def, &everything, Trash::Outside, id).await?;
        Ok(match found {
            Some(record)
                if record
                    .get("pool_id")
                    .as_id()
                    .is_some_and(|pool| ctx.actor.pools.contains(&pool))
                    && !record.get("owner_id").is_null() =>
            {
                already_owned(def, &record)
            }
            _ => AppError::NotFound,
        })
    }
}

/// Loads a record to be given to somebody: who may assign may do so with what lies unowned in
/// their pools too, if their role reaches further than themselves.
async fn load_to_hand(
    writer: &Writer<'_>,
    def: &'static Def,
    id: Uuid,
    by: Move,
) -> Result<Record, AppError> {
    let (session, ctx) = (writer.session, writer.ctx());
    if by == Move::Assign && leads_others(session, ctx, def).await? {
        let read = scope::of(ctx, def, Action::View);
        let found = store::lock(session, def, &read, Trash::Outside, id).await?;
        if let Some(record) = found
            && record.get("owner_id").is_null()
        {
            return Ok(record);
        }
    }
    writer.hold_for(right(by), def, id, Trash::Outside).await
}

/// The right that a move takes.
const fn right(by: Move) -> Action {
    match by {
        Move::Assign => Action::Assign,
        Move::Claim => Action::Claim,
        Move::Transfer => Action::Transfer,
        Move::Return => Action::Return,
        Move::MarkInvalid => Action::MarkInvalid,
        Move::Reopen => Action::Reopen,
        Move::Convert => Action::Convert,
        Move::UndoConversion => Action::UndoConversion,
        Move::Void => Action::Void,
        Move::Reinstate => Action::Reinstate,
    }
}

/// Whether the caller changes the records of others too.
pub(crate) async fn leads_others(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
) -> Result<bool, AppError> {
    let owners = ctx.actor.owners(def, Action::Assign);
    Ok(reach::reaches_others(session, ctx.workspace.id, owners).await?)
}

/// Whether somebody may be given work: they work here, and the caller reaches them.
pub(crate) fn check_new_owner(
    ctx: &Ctx,
    organisation: &Organisation,
    (def, action): (&'static Def, Action),
    owner: Uuid,
) -> Result<(), AppError> {
    if !organisation
        .person(owner)
        .is_some_and(|person| person.active)
    {
        return Err(AppError::invalid("owner_id", "not_found"));
    }
    let reached = ctx.actor.may_give_to(def, action);
    if owner != ctx.actor.user_id && !organisation.tree().reaches(reached, Some(owner)) {
        return Err(AppError::invalid("owner_id", "owner_out_of_reach"));
    }
    Ok(())
}

/// The record after a move of its owner, as far as its own fields go.
pub(crate) fn moved(def: &Def, before: &Record, by: Move) -> Result<Record, AppError> {
    (behaviour(def).moved)(before, by)
}

/// The refusal of a move that is not open, with those that are.
pub(crate) fn closed(def: &Def, record: &Record) -> AppError {
    let open = (behaviour(def).open_moves)(record).unwrap_or_else(|| {
        if record.get("owner_id").is_null() {
            vec![Move::Claim.code(), Move::Assign.code()]
        } else {
            vec![Move::Transfer.code(), Move::Return.code()]
        }
    });
    AppError::Conflict {
        code: "invalid-transition",
        details: json!({ "open": open }),
    }
}

/// A text that the body of a verb must have.
pub(crate) fn text_of<'a>(body: &'a Json, name: &str) -> Result<&'a str, AppError> {
    body.get(name)
        .and_then(Json::as_str)
        .ok_or_else(|| AppError::invalid(name, "required"))
}

/// Keeps what somebody said of a record beside a move of it, as a note.
pub(crate) async fn say(
    writer: &Writer<'_>,
    def: &'static Def,
    id: Uuid,
    words: Option<&str>,
) -> Result<(), AppError> {
    let words = words.map(str::trim).filter(|words| !words.is_empty());
    let Some(words) = words else { return Ok(()) };
    let about = format!("{}_id", def.kind);
    let body = json!({"activity_type": "note", "content": words, about: id});
    let body = body.as_object().cloned().unwrap_or_default();
    let note = writer.author.draft(&activity::DEF, &body)?;
    // The move itself says that somebody worked on it.
    writer.append(&activity::DEF, "create", &[note]).await
}

/// The refusal of a claim that came too late.
fn already_owned(def: &Def, record: &Record) -> AppError {
    let details = json!({"kind": def.kind, "owner_id": record.get("owner_id").as_id()});
    AppError::Conflict {
        code: "already_owned",
        details,
    }
}

fn hand_over(ctx: &Ctx, before: &Record, after: &mut Record, owner: Uuid) {
    after.set("previous_owner_id", before.get("owner_id").clone());
    after.set("owner_id", Value::Id(owner));
    after.set("owner_since", Value::Time(ctx.now));
}

/// Takes the owner off and puts the record into the pool it came from, or the default one.
pub(crate) fn release(organisation: &Organisation, def: &Def, before: &Record, after: &mut Record) {
    let came_from = before
        .get("pool_id")
        .as_id()
        .filter(|pool| organisation.is_pool_of(*pool, def.kind));
    let pool = came_from.or_else(|| organisation.default_pool(def.kind));
    after.set("previous_owner_id", before.get("owner_id").clone());
    after.set("owner_id", Value::Null);
    after.set("owner_since", Value::Null);
    after.set("next_contact_at", Value::Null);
    after.set("pool_id", pool.map_or(Value::Null, Value::Id));
}

/// Whether the dictionary of reasons has this one.
pub(crate) fn check_reason(
    organisation: &Organisation,
    dictionary: &str,
    reason: &str,
) -> Result<(), AppError> {
    if organisation.has_code(dictionary, reason) {
        Ok(())
    } else {
        Err(AppError::invalid("reason", "unknown_code"))
    }
}

impl App {
    /// Sets a lead aside, with a reason: invalid (cannot be reached for now) or voided (junk).
    ///
    /// # Errors
    /// When the reason is unknown or the move is not open.
    pub async fn set_aside_lead(
        &self,
        ctx: &Ctx,
        id: Uuid,
        by: Move,
        reason: &str,
    ) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        check_reason(&organisation, "lead_reason", reason)?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let before = writer
            .hold_for(right(by), &lead::DEF, id, Trash::Outside)
            .await?;
        let mut after = moved(&lead::DEF, &before, by)?;
        after.set("status_reason", Value::Text(reason.to_owned()));
        let after = writer.save(&lead::DEF, by.code(), &before, after).await?;
        self.answer(session, ctx, Outcome::Done, &lead::DEF, after)
            .await
    }

    /// Takes a lead up again: an invalid one (reopen) or, for administrators, a voided one
    /// (reinstate), which then lies in its pool.
    ///
    /// # Errors
    /// When the move is not open, or the caller may not.
    pub async fn take_up_lead(&self, ctx: &Ctx, id: Uuid, by: Move) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let session = self.db.begin().await?;
        let writer = Writer::new(&session, Author::api(ctx, &organisation));
        let nobody = ctx.actor.owners(&lead::DEF, right(by)) == Owners::None;
        if by == Move::Reinstate && nobody {
            // Whoever may change the lead is told what else it takes.
            writer.hold(&lead::DEF, id, Trash::Outside).await?;
            return Err(AppError::Forbidden("administrators_only"));
        }
        let before = writer
            .hold_for(right(by), &lead::DEF, id, Trash::Outside)
            .await?;
        let mut after = moved(&lead::DEF, &before, by)?;
        if by == Move::Reinstate {
            release(&organisation, &lead::DEF, &before, &mut after);
        }
        let after = writer.save(&lead::DEF, by.code(), &before, after).await?;
        self.answer(session, ctx, Outcome::Done, &lead::DEF, after)
            .await
    }
}
