//! Where people are signed in: browsers by a cookie, devices by tokens. Of a token only its hash is
//! stored.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::dialect;

/// What proves a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A cookie.
    Cookie,
    /// Access and refresh tokens.
    Tokens,
}

impl Means {
    const fn code(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Tokens => "tokens",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        match code {
            "cookie" => Some(Self::Cookie),
            "tokens" => Some(Self::Tokens),
            _ => None,
        }
    }
}

/// A person who is signed in somewhere.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Its id.
    pub id: Uuid,
    /// The person's workspace.
    pub workspace_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// What proves it.
    pub means: Means,
    /// The hash of the cookie's token.
    pub token_hash: Option<String>,
    /// The hash of the token before the present one …
    pub previous_hash: Option<String>,
    /// … which is good until then, once the present one was used.
    pub previous_until: Option<DateTime<Utc>>,
    /// What unsafe requests with the cookie carry.
    pub csrf_token: String,
    /// What is signed in, in its own words.
    pub device: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When the present token was made.
    pub renewed_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: DateTime<Utc>,
    /// When it ends, however much it is used.
    pub expires_at: DateTime<Utc>,
    /// When somebody ended it.
    pub ended_at: Option<DateTime<Utc>>,
}

const COLUMNS: [&str; 14] = [
    "workspace_id",
    "id",
    "user_id",
    "means",
    "token_hash",
    "previous_hash",
    "previous_until",
    "csrf_token",
    "device",
    "created_at",
    "renewed_at",
    "last_used_at",
    "expires_at",
    "ended_at",
];

/// Writes a new session.
///
/// # Errors
/// When the database fails.
pub async fn insert(session: &Session, new: &SignedIn) -> Result<(), StoreError> {
    let micros = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp_micros());
    let SignedIn {
        id,
        workspace_id,
        user_id,
        means,
        token_hash,
        previous_hash,
        previous_until,
        csrf_token,
        device,
        created_at,
        renewed_at,
        last_used_at,
        expires_at,
        ended_at,
    } = new;
    let insert = Query::insert()
        .into_table("sessions")
        .columns(COLUMNS)
        .values_panic([
            (*workspace_id).into(),
            (*id).into(),
            (*user_id).into(),
            means.code().into(),
            token_hash.as_deref().into(),
            previous_hash.as_deref().into(),
            micros(*previous_until).into(),
            csrf_token.as_str().into(),
            device.as_deref().into(),
            created_at.timestamp_micros().into(),
            renewed_at.timestamp_micros().into(),
            last_used_at.timestamp_micros().into(),
            expires_at.timestamp_micros().into(),
            micros(*ended_at).into(),
        ])
        .take();
    session.run(&insert).await?;
    Ok(())
}

/// The session, ended or not.
///
/// # Errors
/// When the database fails.
pub async fn get(session: &Session, id: Uuid) -> Result<Option<SignedIn>, StoreError> {
    let query = select().and_where(Expr::col("id").eq(id)).take();
    session.one(&query).await?.as_ref().map(read).transpose()
}

/// The same, and nobody changes it until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(session: &Session, id: Uuid) -> Result<Option<SignedIn>, StoreError> {
    let mut query = select().and_where(Expr::col("id").eq(id)).take();
    dialect::for_update(session, &mut query);
    session.one(&query).await?.as_ref().map(read).transpose()
}

/// The sessions of a person that nobody ended and that last beyond `now`, the one last used first;
/// at most 200.
///
/// # Errors
/// When the database fails.
pub async fn of_user(
    session: &Session,
    workspace: Uuid,
    user: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<SignedIn>, StoreError> {
    let query = select()
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("user_id").eq(user))
        .and_where(Expr::col("ended_at").is_null())
        .and_where(Expr::col("expires_at").gt(now.timestamp_micros()))
        .order_by("last_used_at", Order::Desc)
        .limit(200)
        .take();
    session.all(&query).await?.iter().map(read).collect()
}

/// Notes that a session was used.
///
/// # Errors
/// When the database fails.
pub async fn touch(session: &Session, id: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
    let update = Query::update()
        .table("sessions")
        .value("last_used_at", now.timestamp_micros())
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col("last_used_at").lt(now.timestamp_micros()))
        .take();
    session.run(&update).await?;
    Ok(())
}

/// Gives a session a new token; the one that comes before stays good until the new one was used.
///
/// # Errors
/// When the database fails.
pub async fn renew(
    session: &Session,
    id: Uuid,
    token_hash: &str,
    previous_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table("sessions")
        .value("token_hash", token_hash)
        .value("previous_hash", previous_hash)
        .value("previous_until", Option::<i64>::None)
        .value("renewed_at", now.timestamp_micros())
        .and_where(Expr::col("id").eq(id))
        .take();
    session.run(&update).await?;
    Ok(())
}

/// Sets until when the previous token is still good, unless that is set already.
///
/// # Errors
/// When the database fails.
pub async fn retire_previous(
    session: &Session,
    id: Uuid,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table("sessions")
        .value("previous_until", until.timestamp_micros())
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col("previous_hash").is_not_null())
        .and_where(Expr::col("previous_until").is_null())
        .take();
    session.run(&update).await?;
    Ok(())
}

/// Ends one session of a person. Tells whether there was one to end.
///
/// # Errors
/// When the database fails.
pub async fn end(
    session: &Session,
    workspace: Uuid,
    user: Uuid,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let update = Query::update()
        .table("sessions")
        .value("ended_at", now.timestamp_micros())
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("user_id").eq(user))
        .and_where(Expr::col("id").eq(id))
        .and_where(Expr::col("ended_at").is_null())
        .take();
    Ok(session.run(&update).await? > 0)
}

/// Ends all sessions of a person but `but`.
///
/// # Errors
/// When the database fails.
pub async fn end_all(
    session: &Session,
    workspace: Uuid,
    user: Uuid,
    but: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let mut update = Query::update();
    update
        .table("sessions")
        .value("ended_at", now.timestamp_micros())
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("user_id").eq(user))
        .and_where(Expr::col("ended_at").is_null());
    if let Some(but) = but {
        update.and_where(Expr::col("id").ne(but));
    }
    session.run(&update).await
}

/// Forgets the sessions that ended or ran out before a moment, with their refresh tokens.
///
/// # Errors
/// When the database fails.
pub async fn forget(session: &Session, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let micros = before.timestamp_micros();
    let delete = Query::delete()
        .from_table("sessions")
        .and_where(
            Expr::col("expires_at")
                .lt(micros)
                .or(Expr::col("ended_at").lt(micros)),
        )
        .take();
    session.run(&delete).await
}

fn select() -> SelectStatement {
    Query::select().columns(COLUMNS).from("sessions").take()
}

fn read(row: &QueryResult) -> Result<SignedIn, StoreError> {
    let time = |micros: i64| {
        DateTime::from_timestamp_micros(micros)
            .ok_or_else(|| DbErr::Type(format!("{micros} is no moment")))
    };
    let means: String = row.try_get_by_index(3)?;
    let previous_until: Option<i64> = row.try_get_by_index(6)?;
    let ended_at: Option<i64> = row.try_get_by_index(13)?;
    Ok(SignedIn {
        workspace_id: row.try_get_by_index(0)?,
        id: row.try_get_by_index(1)?,
        user_id: row.try_get_by_index(2)?,
        means: Means::from_code(&means)
            .ok_or_else(|| DbErr::Type(format!("{means} proves no session")))?,
        token_hash: row.try_get_by_index(4)?,
        previous_hash: row.try_get_by_index(5)?,
        previous_until: previous_until.map(time).transpose()?,
        csrf_token: row.try_get_by_index(7)?,
        device: row.try_get_by_index(8)?,
        created_at: time(row.try_get_by_index(9)?)?,
        renewed_at: time(row.try_get_by_index(10)?)?,
        last_used_at: time(row.try_get_by_index(11)?)?,
        expires_at: time(row.try_get_by_index(12)?)?,
        ended_at: ended_at.map(time).transpose()?,
    })
}
