//! A converted lead becomes a lead again.

use kehu_domain::ctx::Ctx;
use kehu_domain::def::Def;
use kehu_domain::lead::{Move, Status, UNDO_DAYS};
use kehu_domain::record::Record;
use kehu_domain::scope::{Action, Reason, Scope};
use kehu_domain::value::Value;
use kehu_domain::{contact, customer, lead, opportunity};
use kehu_persistence::changes;
use kehu_persistence::db::Session;
use kehu_persistence::records::{self as store, Trash};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{cause, comes_along};
use crate::error::AppError;
use crate::ownership::{closed, moved};
use crate::shown::Shown;
use crate::writer::{Author, Source, Writer};
use crate::{App, Outcome};

impl App {
    /// Makes a lead of a lead again: it is as it was, and what the conversion made and nobody has
    /// touched since goes to the trash.
    ///
    /// # Errors
    /// When it was not converted, or longer ago than [`UNDO_DAYS`].
    pub async fn undo_lead_conversion(&self, ctx: &Ctx, id: Uuid) -> Result<Shown, AppError> {
        let organisation = self.organisation(ctx.workspace.id).await?;
        let mut ctx = ctx.clone();
        ctx.cause = Some(cause(id));
        let session = self.db.begin().await?;
        let author = Author::from(&ctx, &organisation, Source::Conversion);
        let writer = Writer::new(&session, author);
        let before = writer
            .hold_for(Action::UndoConversion, &lead::DEF, id, Trash::Outside)
            .await?;
        if !before.is(lead::field::STATUS, Status::Converted) {
            return Err(closed(&lead::DEF, &before));
        }
        let converted_at = match before.get("converted_at") {
            Value::Time(at) => *at,
            _ => {
                return Err(AppError::Internal(
                    "a conversion without a moment".to_owned(),
                ));
            }
        };
        if ctx.now - converted_at > chrono::Duration::days(UNDO_DAYS) {
            return Err(AppError::Conflict {
                code: "too_late_to_undo",
                details: json!({ "days": UNDO_DAYS }),
            });
        }
        let mut after = moved(&lead::DEF, &before, Move::UndoConversion)?;
        self.put_back(&session, &ctx, id, &mut after).await?;
        for field in [
            "converted_at",
            "converted_customer_id",
            "converted_contact_id",
            "converted_opportunity_id",
        ] {
            after.set(field, Value::Null);
        }
        // The customer last: one that still has a contact or an opportunity is in use.
        let made: [(&'static Def, &str); 3] = [
            (&opportunity::DEF, "converted_opportunity_id"),
            (&contact::DEF, "converted_contact_id"),
            (&customer::DEF, "converted_customer_id"),
        ];
        for (def, field) in made {
            if let Some(made) = before.get(field).as_id() {
                take_back(&writer, def, made, id).await?;
            }
        }
        let verb = Move::UndoConversion.code();
        let lead = writer.save(&lead::DEF, verb, &before, after).await?;
        self.answer(session, &ctx, Outcome::Done, &lead::DEF, lead)
            .await
    }

    /// What the conversion changed on the lead itself, from the change log: the status before it
    /// and the next contact that was planned.
    async fn put_back(
        &self,
        session: &Session,
        ctx: &Ctx,
        id: Uuid,
        after: &mut Record,
    ) -> Result<(), AppError> {
        let workspace = ctx.workspace.id;
        let history = changes::all_of_record(session, workspace, lead::DEF.kind, id).await?;
        let Some(conversion) = history.iter().find(|c| c.verb == Move::Convert.code()) else {
            return Ok(());
        };
        let old = |field: &str| conversion.fields.get(field).and_then(|pair| pair.get(0));
        if let Some(status) = old("status").and_then(Json::as_str) {
            after.set("status", Value::Text(status.to_owned()));
        }
        let circumstances = crate::prepare::circumstances(ctx);
        let field = lead::DEF.field("next_contact_at");
        if let (Some(field), Some(json)) = (field, old("next_contact_at"))
            && let Ok(value) = kehu_domain::check::value(field, json, circumstances)
        {
            after.set("next_contact_at", value);
        }
        Ok(())
    }
}

/// Trashes a record that the conversion made, unless somebody touched it or something else names it.
async fn take_back(
    writer: &Writer<'_>,
    def: &'static Def,
    id: Uuid,
    lead: Uuid,
) -> Result<(), AppError> {
    let (session, workspace) = (writer.session, writer.workspace());
    let everything = Scope::system(workspace, Reason::Consequence);
    let found = store::lock(session, def, &everything, Trash::Outside, id).await?;
    let Some(before) = found else { return Ok(()) };
    let history = changes::of_record(session, workspace, def.kind, id, None, 2).await?;
    let only_made = match history.as_slice() {
        [only] => only.cause.as_deref() == Some(cause(lead).as_str()),
        _ => false,
    };
    if !only_made {
        return Ok(());
    }
    // What else names the record keeps it: that is decided before anything is undone.
    let mut brought = Vec::new();
    for (by, field, named_by) in store::referring(session, workspace, def.kind, id).await? {
        // Its own parts, such as the stage history of what nobody has moved, are no use of it.
        if def.can.parts.contains(&(by.kind, field.name)) || named_by == lead {
            continue;
        }
        if !comes_along(by) {
            return Ok(());
        }
        let found = store::lock(session, by, &everything, Trash::Outside, named_by).await?;
        match found.filter(|record| record.get("lead_id").as_id() == Some(lead)) {
            Some(record) => brought.push((by, field, record)),
            None => return Ok(()),
        }
    }
    // What the lead brought along goes back to it.
    for (by, field, before) in brought {
        let mut after = before.clone();
        after.set(field.name, Value::Null);
        writer.save(by, "undo-conversion", &before, after).await?;
    }
    writer.trash_held(def, before).await.map(drop)
}
