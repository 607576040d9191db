//! Tokens for mobile apps: an access token for a quarter of an hour, and a refresh token that gets
//! the next pair, once.
//!
//! An access token is checked against its session each time, so that signing out works at once. A
//! refresh token that comes a second time was copied by somebody: the session ends for both.

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kehu_persistence::db::Session;
use kehu_persistence::refresh_tokens::{self, Use};
use kehu_persistence::sessions::{self, Means, SignedIn};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::AppError;
use crate::secrets::{SigningKey, hash_of, session_of, token_of};
use crate::sessions::{Recognised, goes_on, recognised, shortened};
use crate::sign_in::Attempt;
use crate::{App, ids};

/// How long an access token is good.
const ACCESS: Duration = Duration::minutes(15);
/// A device is signed out when nobody used it for so long …
pub(crate) const IDLE: Duration = Duration::days(60);
/// … and after so long in any case.
const LONGEST: Duration = Duration::days(365);

/// A pair of tokens.
#[derive(Clone)]
pub struct Pair {
    /// What requests carry.
    pub access_token: String,
    /// What gets the next pair, once.
    pub refresh_token: String,
    /// For how many seconds the access token is good.
    pub expires_in: u64,
}

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// The person.
    sub: Uuid,
    /// Their workspace.
    workspace: Uuid,
    /// The session.
    sid: Uuid,
    /// When it was made, in seconds.
    iat: i64,
    /// When it ends, in seconds.
    exp: i64,
}

impl App {
    /// Signs a device in.
    ///
    /// # Errors
    /// `wrong_credentials`; too many attempts.
    pub async fn create_tokens(
        &self,
        attempt: Attempt,
        now: DateTime<Utc>,
    ) -> Result<Pair, AppError> {
        let proven = self.prove(&attempt, now).await?;
        let (workspace_id, user_id) = proven.who();
        let new = SignedIn {
            id: ids::new_id(),
            workspace_id,
            user_id,
            means: Means::Tokens,
            token_hash: None,
            previous_hash: None,
            previous_until: None,
            csrf_token: String::new(),
            device: attempt.device.map(shortened),
            created_at: now,
            renewed_at: now,
            last_used_at: now,
            expires_at: now + LONGEST,
            ended_at: None,
        };
        let key = self.signing_key(now).await?;
        let session = self.db.begin().await?;
        proven.confirm(&session).await?;
        sessions::insert(&session, &new).await?;
        let pair = next_pair(&session, key, &new, now).await?;
        session.commit().await?;
        tracing::info!(actor.id = %user_id, session.id = %new.id, "signed in with a device");
        Ok(pair)
    }

    /// Exchanges a refresh token for the next pair.
    ///
    /// # Errors
    /// `token_invalid`; `token_expired` when the device was signed out; `token_reused` when it was
    /// used before: the device is signed out then.
    pub async fn refresh_tokens(&self, token: &str, now: DateTime<Utc>) -> Result<Pair, AppError> {
        let invalid = || AppError::Unauthenticated("token_invalid");
        let id = session_of(token).ok_or_else(invalid)?;
        let key = self.signing_key(now).await?;
        self.check_person(id).await?;
        let session = self.db.begin().await?;
        let found = sessions::lock(&session, id).await?;
        let found = found
            .filter(|s| s.means == Means::Tokens)
            .ok_or_else(invalid)?;
        match refresh_tokens::take(&session, id, &hash_of(token), now).await? {
            Use::Unknown => Err(invalid()),
            Use::Again => {
                let (workspace, user) = (found.workspace_id, found.user_id);
                sessions::end(&session, workspace, user, id, now).await?;
                session.commit().await?;
                tracing::warn!(actor.id = %user, session.id = %id, "a refresh token came twice");
                Err(AppError::Unauthenticated("token_reused"))
            }
            Use::First if !goes_on(&found, now) => Err(AppError::Unauthenticated("token_expired")),
            Use::First => {
                sessions::touch(&session, id, now).await?;
                let pair = next_pair(&session, key, &found, now).await?;
                session.commit().await?;
                Ok(pair)
            }
        }
    }

    /// Signs the device out that this refresh token belongs to, used or not. A token that belongs
    /// to none changes nothing.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn delete_tokens(&self, token: &str, now: DateTime<Utc>) -> Result<(), AppError> {
        let Some(id) = session_of(token) else {
            return Ok(());
        };
        let session = self.db.begin().await?;
        let Some(found) = sessions::lock(&session, id).await? else {
            return Ok(());
        };
        if refresh_tokens::exists(&session, id, &hash_of(token)).await? {
            sessions::end(&session, found.workspace_id, found.user_id, id, now).await?;
        }
        Ok(session.commit().await?)
    }

    /// Whose access token this is.
    ///
    /// # Errors
    /// `token_invalid`; `token_expired` when it is too old or the device was signed out.
    pub async fn recognise_token(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Recognised, AppError> {
        let claims = self.read_token(token, now).await?;
        let expired = || AppError::Unauthenticated("token_expired");
        if claims.exp <= now.timestamp() {
            return Err(expired());
        }
        let found = sessions::get(&self.db.read(), claims.sid).await?;
        let found = found
            .filter(|s| s.means == Means::Tokens && s.user_id == claims.sub && goes_on(s, now))
            .ok_or_else(expired)?;
        self.note_use(&found, now).await?;
        Ok(recognised(&found))
    }

    async fn read_token(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, AppError> {
        let key = self.signing_key(now).await?;
        let mut validation = Validation::new(Algorithm::HS256);
        // Compared with the time of the request instead.
        validation.validate_exp = false;
        jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(&key.0), &validation)
            .map(|data| data.claims)
            .map_err(|error| {
                tracing::debug!(%error, "an access token was refused");
                AppError::Unauthenticated("token_invalid")
            })
    }

    /// Refuses the devices of people who may not sign in any more.
    async fn check_person(&self, session_id: Uuid) -> Result<(), AppError> {
        let Some(found) = sessions::get(&self.db.read(), session_id).await? else {
            return Ok(());
        };
        let organisation = self.organisation(found.workspace_id).await?;
        let person = organisation.person(found.user_id);
        person
            .filter(|person| person.active)
            .ok_or(AppError::Unauthenticated("token_expired"))?;
        Ok(())
    }
}

async fn next_pair(
    session: &Session,
    key: &SigningKey,
    of: &SignedIn,
    now: DateTime<Utc>,
) -> Result<Pair, AppError> {
    let refresh_token = token_of(of.id)?;
    let hash = hash_of(&refresh_token);
    refresh_tokens::insert(session, of.workspace_id, of.id, &hash, now).await?;
    let claims = Claims {
        sub: of.user_id,
        workspace: of.workspace_id,
        sid: of.id,
        iat: now.timestamp(),
        exp: (now + ACCESS).timestamp(),
    };
    let key = EncodingKey::from_secret(&key.0);
    let access_token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(|error| AppError::Internal(format!("signing a token failed: {error}")))?;
    let expires_in = u64::try_from(ACCESS.num_seconds()).unwrap_or_default();
    Ok(Pair {
        access_token,
        refresh_token,
        expires_in,
    })
}
