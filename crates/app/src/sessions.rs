//! Where people are signed in: opening, recognising, renewing, listing and ending.

use chrono::{DateTime, Duration, Utc};
use kehu_domain::ctx::Ctx;
use kehu_persistence::sessions::{self, Means, SignedIn};
use uuid::Uuid;

use crate::App;
use crate::error::AppError;
use crate::secrets::{hash_of, random_text, same, session_of, token_of};
use crate::sign_in::Attempt;
use crate::{ids, tokens};

/// A browser is signed out when nobody used it for so long …
const IDLE: Duration = Duration::days(14);
/// … and after so long in any case.
pub const LONGEST: Duration = Duration::days(90);
/// How old a cookie's token becomes before it is replaced.
const RENEW_AFTER: Duration = Duration::days(1);
/// How long the replaced token stays good for requests that were under way.
const GRACE: Duration = Duration::minutes(1);
/// How exactly the last use is known.
const TOUCH_EVERY: Duration = Duration::minutes(1);
/// The most characters of a device's own words that are kept.
const DEVICE: usize = 200;

/// A session that was just opened.
#[derive(Clone)]
pub struct Opened {
    /// Who opened it, and where.
    pub caller: Recognised,
    /// What the cookie holds.
    pub token: String,
}

/// A session that a request proved to belong to.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// The session.
    pub session_id: Uuid,
    /// The person's workspace.
    pub workspace_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// What unsafe requests with the cookie carry.
    pub csrf_token: String,
}

/// A session as its person sees it.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its id.
    pub id: Uuid,
    /// What is signed in, in its own words.
    pub device: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub last_used_at: DateTime<Utc>,
}

impl App {
    /// Signs a browser in.
    ///
    /// # Errors
    /// `wrong_credentials`; too many attempts.
    pub async fn sign_in(&self, attempt: Attempt, now: DateTime<Utc>) -> Result<Opened, AppError> {
        let proven = self.prove(&attempt, now).await?;
        let session = self.db.begin().await?;
        proven.confirm(&session).await?;
        let opened = open(&session, proven.who(), attempt.device, now).await?;
        session.commit().await?;
        tracing::info!(actor.id = %proven.user_id, session.id = %opened.caller.session_id, "signed in");
        Ok(opened)
    }

    /// Whether a session goes on: what was begun in it ends with it.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn session_goes_on(&self, id: Uuid, now: DateTime<Utc>) -> Result<bool, AppError> {
        let found = sessions::get(&self.db.read(), id).await?;
        Ok(found.is_some_and(|found| goes_on(&found, now)))
    }

    /// Whose cookie this is, and the token that replaces it when it is time for a new one.
    ///
    /// # Errors
    /// `not_signed_in`.
    pub async fn recognise_session(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<(Recognised, Option<String>), AppError> {
        let unknown = || AppError::Unauthenticated("not_signed_in");
        let id = session_of(token).ok_or_else(unknown)?;
        let found = sessions::get(&self.db.read(), id).await?;
        let found = found
            .filter(|s| s.means == Means::Cookie)
            .ok_or_else(unknown)?;
        let hash = hash_of(token);
        let state = state(&found, &hash, now).ok_or_else(unknown)?;
        let renewed = match state {
            State::Present => {
                self.retire_previous(&found, now).await?;
                self.note_use(&found, now).await?;
                None
            }
            State::Previous => None,
            State::Due => self.renew(id, &hash, now).await?,
        };
        Ok((recognised(&found), renewed))
    }

    /// Replaces a token, unless another request of the same browser did meanwhile.
    async fn renew(
        &self,
        id: Uuid,
        hash: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, AppError> {
        let session = self.db.begin().await?;
        let still = sessions::lock(&session, id).await?;
        if still.and_then(|found| state(&found, hash, now)) != Some(State::Due) {
            return Ok(None);
        }
        let new = token_of(id)?;
        sessions::renew(&session, id, &hash_of(&new), hash, now).await?;
        sessions::touch(&session, id, now).await?;
        session.commit().await?;
        Ok(Some(new))
    }

    /// Once a new token arrived, the one before it is good for a little while only.
    async fn retire_previous(&self, found: &SignedIn, now: DateTime<Utc>) -> Result<(), AppError> {
        if found.previous_hash.is_none() || found.previous_until.is_some() {
            return Ok(());
        }
        let session = self.db.begin().await?;
        sessions::retire_previous(&session, found.id, now + GRACE).await?;
        Ok(session.commit().await?)
    }

    /// Notes that a session was used, once a minute.
    pub(crate) async fn note_use(
        &self,
        found: &SignedIn,
        now: DateTime<Utc>,
    ) -> Result<(), AppError> {
        if now - found.last_used_at < TOUCH_EVERY {
            return Ok(());
        }
        let session = self.db.begin().await?;
        sessions::touch(&session, found.id, now).await?;
        Ok(session.commit().await?)
    }

    /// Where the caller is signed in, the one last used first.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn list_sessions(&self, ctx: &Ctx) -> Result<Vec<Place>, AppError> {
        let user = ctx.actor.user_id;
        let found = sessions::of_user(&self.db.read(), ctx.workspace.id, user, ctx.now).await?;
        let places = found
            .into_iter()
            .filter(|found| !is_idle(found, ctx.now))
            .map(|found| Place {
                id: found.id,
                device: found.device,
                created_at: found.created_at,
                last_used_at: found.last_used_at,
            });
        Ok(places.collect())
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// When the caller has no such session.
    pub async fn end_session(&self, ctx: &Ctx, id: Uuid) -> Result<(), AppError> {
        let session = self.db.begin().await?;
        let (workspace, user) = (ctx.workspace.id, ctx.actor.user_id);
        if !sessions::end(&session, workspace, user, id, ctx.now).await? {
            return Err(AppError::NotFound);
        }
        Ok(session.commit().await?)
    }

    /// Signs the caller out everywhere, this very session and all devices included.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn end_sessions(&self, ctx: &Ctx) -> Result<(), AppError> {
        let session = self.db.begin().await?;
        let (workspace, user) = (ctx.workspace.id, ctx.actor.user_id);
        sessions::end_all(&session, workspace, user, None, ctx.now).await?;
        session.commit().await?;
        tracing::info!(actor.id = %user, "signed out everywhere");
        Ok(())
    }

    /// Forgets what ended a month ago and the failed attempts of the day before.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn forget_sign_ins(&self, now: DateTime<Utc>) -> Result<(), AppError> {
        let session = self.db.begin().await?;
        sessions::forget(&session, now - Duration::days(30)).await?;
        kehu_persistence::throttle::forget(&session, now - Duration::days(1)).await?;
        Ok(session.commit().await?)
    }
}

/// Opens a browser's session in a transaction.
pub(crate) async fn open(
    session: &kehu_persistence::db::Session,
    (workspace_id, user_id): (Uuid, Uuid),
    device: Option<String>,
    now: DateTime<Utc>,
) -> Result<Opened, AppError> {
    let id = ids::new_id();
    let token = token_of(id)?;
    let new = SignedIn {
        id,
        workspace_id,
        user_id,
        means: Means::Cookie,
        token_hash: Some(hash_of(&token)),
        previous_hash: None,
        previous_until: None,
        csrf_token: random_text()?,
        device: device.map(shortened),
        created_at: now,
        renewed_at: now,
        last_used_at: now,
        expires_at: now + LONGEST,
        ended_at: None,
    };
    sessions::insert(session, &new).await?;
    Ok(Opened {
        caller: recognised(&new),
        token,
    })
}

pub(crate) fn recognised(found: &SignedIn) -> Recognised {
    Recognised {
        session_id: found.id,
        workspace_id: found.workspace_id,
        user_id: found.user_id,
        csrf_token: found.csrf_token.clone(),
    }
}

/// A device's own words, cut to what is kept of them.
pub(crate) fn shortened(device: String) -> String {
    device
        .chars()
        .filter(|c| !c.is_control())
        .take(DEVICE)
        .collect()
}

/// Whether nobody used a session for too long.
pub(crate) fn is_idle(found: &SignedIn, now: DateTime<Utc>) -> bool {
    let idle = match found.means {
        Means::Cookie => IDLE,
        Means::Tokens => tokens::IDLE,
    };
    now - found.last_used_at >= idle
}

/// Whether a session goes on: not ended, not too old, not unused for too long.
pub(crate) fn goes_on(found: &SignedIn, now: DateTime<Utc>) -> bool {
    found.ended_at.is_none() && found.expires_at > now && !is_idle(found, now)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The present one.
    Present,
    /// The one before it, for a little while.
    Previous,
    /// Time for a new one.
    Due,
}

/// What a token is worth to its session; `None` when nothing.
fn state(found: &SignedIn, hash: &str, now: DateTime<Utc>) -> Option<State> {
    if !goes_on(found, now) {
        return None;
    }
    let is = |stored: &Option<String>| stored.as_ref().is_some_and(|stored| same(stored, hash));
    if is(&found.token_hash) {
        let due = now - found.renewed_at >= RENEW_AFTER;
        return Some(if due { State::Due } else { State::Present });
    }
    if !is(&found.previous_hash) {
        return None;
    }
    match found.previous_until {
        Some(until) => (until > now).then_some(State::Previous),
        // The new one never came back: its answer was lost on the way.
        None if now - found.renewed_at >= GRACE => Some(State::Due),
        None => Some(State::Previous),
    }
}
