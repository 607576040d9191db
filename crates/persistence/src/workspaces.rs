//! Workspaces.

use chrono::{DateTime, Utc};
use kehu_domain::ctx::Workspace;
use kehu_domain::money;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::dialect;

/// Writes a new workspace.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    session: &Session,
    workspace: &Workspace,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table("workspaces")
        .columns([
            "id",
            "name",
            "currency",
            "time_zone",
            "locale",
            "config_version",
            "settings_version",
            "created_at",
        ])
        .values_panic([
            workspace.id.into(),
            workspace.name.as_str().into(),
            workspace.currency.code().into(),
            workspace.time_zone.as_str().into(),
            workspace.locale.as_str().into(),
            1_i64.into(),
            1_i64.into(),
            now.timestamp_micros().into(),
        ])
        .take();
    session.run(&insert).await?;
    Ok(())
}

/// Keeps others from making a workspace until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn guard(session: &Session) -> Result<(), StoreError> {
    dialect::lock(session, "workspaces").await
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            "id",
            "name",
            "currency",
            "time_zone",
            "locale",
            "config_version",
            "settings_version",
        ])
        .from("workspaces")
        .take()
}

/// What processes remember of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remembered {
    /// People, departments and roles.
    People,
    /// Pools, dictionaries, tags, pipelines.
    Settings,
}

/// The versions of what processes remember: what is older is read anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of people, departments and roles.
    pub people: i64,
    /// Of pools, dictionaries, tags, pipelines.
    pub settings: i64,
}

fn read(row: &QueryResult) -> Result<(Workspace, Versions), StoreError> {
    let code: String = row.try_get_by_index(2)?;
    let currency =
        money::currency(&code).ok_or_else(|| DbErr::Type(format!("{code} is not a currency")))?;
    let workspace = Workspace {
        id: row.try_get_by_index(0)?,
        name: row.try_get_by_index(1)?,
        currency,
        time_zone: row.try_get_by_index(3)?,
        locale: row.try_get_by_index(4)?,
    };
    let versions = Versions {
        people: row.try_get_by_index(5)?,
        settings: row.try_get_by_index(6)?,
    };
    Ok((workspace, versions))
}

/// The workspace, and the versions of what processes remember of it.
///
/// # Errors
/// When the database fails.
pub async fn get(session: &Session, id: Uuid) -> Result<Option<(Workspace, Versions)>, StoreError> {
    let query = select().and_where(Expr::col("id").eq(id)).take();
    session.one(&query).await?.as_ref().map(read).transpose()
}

/// The first workspaces in the order of their making.
///
/// # Errors
/// When the database fails.
pub async fn first(session: &Session, limit: u64) -> Result<Vec<Workspace>, StoreError> {
    let query = select()
        .order_by("created_at", Order::Asc)
        .limit(limit)
        .take();
    session
        .all(&query)
        .await?
        .iter()
        .map(|row| Ok(read(row)?.0))
        .collect()
}

/// Tells every process that what it remembers of a workspace changed.
///
/// # Errors
/// When the database fails.
pub async fn changed(session: &Session, id: Uuid, what: Remembered) -> Result<(), StoreError> {
    let version = match what {
        Remembered::People => "config_version",
        Remembered::Settings => "settings_version",
    };
    let update = Query::update()
        .table("workspaces")
        .value(version, Expr::col(version).add(1))
        .and_where(Expr::col("id").eq(id))
        .take();
    session.run(&update).await?;
    Ok(())
}
