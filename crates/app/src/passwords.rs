//! Passwords: changing one's own, setting another's.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use kehu_domain::check::email_key;
use kehu_domain::ctx::Ctx;
use kehu_domain::record::Record;
use kehu_domain::rights::Special;
use kehu_domain::scope::{self, Action};
use kehu_domain::{password, user};
use kehu_persistence::changes::{self, Entry};
use kehu_persistence::db::Session;
use kehu_persistence::records::{self, Trash};
use kehu_persistence::{credentials, sessions, workspaces};
use uuid::Uuid;

use crate::error::AppError;
use crate::kinds::user::sees_all_of;
use crate::{App, context, hashing};

impl App {
    /// Changes the caller's own password and ends all their other sessions.
    ///
    /// # Errors
    /// A field problem when the password until now is wrong (`/current_password`) or the new one no
    /// good (`/new_password`); too many attempts.
    pub async fn change_password(
        &self,
        ctx: &Ctx,
        current_session: Uuid,
        address: Option<IpAddr>,
        current: &str,
        new: &str,
    ) -> Result<(), AppError> {
        let who = (ctx.workspace.id, ctx.actor.user_id);
        let proven = match self.prove_again(who, current, address, ctx.now).await {
            Err(AppError::Unauthenticated("wrong_credentials")) => {
                return Err(AppError::invalid("current_password", "wrong_password"));
            }
            other => other?,
        };
        let person = self.person(ctx, ctx.actor.user_id).await?;
        check("new_password", new, &person)?;
        let hash = hashing::hash(new).await?;
        let session = self.db.begin().await?;
        proven.confirm(&session).await?;
        store(
            &session,
            ctx,
            &person,
            &hash,
            Some(current_session),
            "change_password",
        )
        .await?;
        Ok(session.commit().await?)
    }

    /// Gives another person a password and ends all their sessions.
    ///
    /// # Errors
    /// When the caller does not administer, there is no such person, or the password is no good;
    /// `own_password` for the caller: changing that asks for the one until now.
    pub async fn set_password(&self, ctx: &Ctx, user: Uuid, new: &str) -> Result<(), AppError> {
        if !ctx.actor.may(Special::People) {
            return Err(AppError::Forbidden("administrators_only"));
        }
        if user == ctx.actor.user_id {
            return Err(AppError::conflict("own_password"));
        }
        // Who signs in as somebody may all that they may.
        let organisation = self.organisation(ctx.workspace.id).await?;
        let person = organisation.person(user).ok_or(AppError::NotFound)?;
        let seen = ctx.actor.administers() || sees_all_of(ctx, &organisation, user);
        if !seen || !ctx.actor.rights.cover(&person.rights) {
            return Err(AppError::Forbidden("beyond_own_rights"));
        }
        self.give_password(ctx, user, new).await
    }

    /// Gives the person with this address a password, at the server's own console.
    ///
    /// # Errors
    /// When nobody has the address, or the password is no good.
    pub async fn set_password_of(
        &self,
        email: &str,
        new: &str,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        let session = self.db.read();
        let login = credentials::by_email(&session, &email_key(email.trim())).await?;
        let login = login.ok_or(AppError::NotFound)?;
        let workspace = workspaces::get(&session, login.workspace_id).await?;
        let (workspace, _) = workspace.ok_or(AppError::NotFound)?;
        let ctx = context::system(workspace, now, "console");
        self.give_password(&ctx, login.user_id, new).await
    }

    async fn give_password(&self, ctx: &Ctx, user: Uuid, new: &str) -> Result<(), AppError> {
        let person = self.person(ctx, user).await?;
        check("password", new, &person)?;
        let hash = hashing::hash(new).await?;
        let session = self.db.begin().await?;
        credentials::lock(&session, user).await?;
        store(&session, ctx, &person, &hash, None, "set_password").await?;
        Ok(session.commit().await?)
    }

    async fn person(&self, ctx: &Ctx, id: Uuid) -> Result<Record, AppError> {
        let scope = scope::of(ctx, &user::DEF, Action::View);
        let found = records::get(&self.db.read(), &user::DEF, &scope, Trash::Outside, id).await?;
        found.ok_or(AppError::NotFound)
    }
}

fn check(field: &str, new: &str, person: &Record) -> Result<(), AppError> {
    let text = |name: &str| person.get(name).as_text().unwrap_or_default();
    match password::problem(field, new, text("name"), text("email")) {
        Some(problem) => Err(AppError::Invalid(vec![problem])),
        None => Ok(()),
    }
}

/// Writes the password and ends the sessions that the old one opened. The history of the person
/// tells that it happened, and of the password nothing.
async fn store(
    session: &Session,
    ctx: &Ctx,
    person: &Record,
    hash: &str,
    keep: Option<Uuid>,
    verb: &str,
) -> Result<(), AppError> {
    let (workspace, user) = (ctx.workspace.id, person.id());
    credentials::set(session, workspace, user, hash, ctx.now).await?;
    sessions::end_all(session, workspace, user, keep, ctx.now).await?;
    let entry = Entry {
        kind: user::DEF.kind,
        record_id: user,
        version: person.version(),
        verb: verb.to_owned(),
        fields: serde_json::json!({}),
    };
    changes::append(session, ctx, &[entry]).await?;
    tracing::info!(actor.id = %ctx.actor.user_id, user.id = %user, verb, "a password was set");
    Ok(())
}
