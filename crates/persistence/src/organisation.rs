//! Reads who is who in a workspace: what an actor's reach is worked out from.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kehu_domain::ctx::{Member, Organisation};
use kehu_domain::dictionary_entry::Outcome;
use kehu_domain::pipeline::{self, Pipeline};
use kehu_domain::rights::{Rights, RoleRights, Special};
use kehu_domain::scope::{Reason, Scope};
use kehu_domain::stage::{self, Stage};
use kehu_domain::{role, user};
use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;
use crate::dialect;
use crate::records::{self, Trash};

/// People, and what decides what they reach.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// People and departments.
    pub organisation: Organisation,
    /// The rights of each person.
    pub people: HashMap<Uuid, Person>,
    /// What each role grants.
    pub roles: HashMap<Uuid, Arc<RoleRights>>,
}

/// What everybody's work goes by.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The pools.
    pub pools: Vec<PoolMembers>,
    /// The codes of each dictionary, (dictionary, code), with the outcome that it is a reason for.
    pub dictionary_codes: HashMap<(String, String), Option<Outcome>>,
    /// The tags.
    pub tags: HashSet<String>,
    /// The pipelines, in order.
    pub pipelines: Vec<Pipeline>,
    /// Their stages, in order.
    pub stages: Vec<Stage>,
}

impl People {
    /// What somebody with these roles may do.
    #[must_use]
    pub fn rights_of(&self, role_ids: &[Uuid]) -> Arc<Rights> {
        let roles = role_ids.iter().filter_map(|role| self.roles.get(role));
        Arc::new(Rights::of(roles.cloned().collect()))
    }
}

/// A person and what their roles grant.
#[derive(Debug, Clone)]
pub struct Person {
    /// The person.
    pub user_id: Uuid,
    /// Their name.
    pub name: String,
    /// Their roles.
    pub role_ids: Vec<Uuid>,
    /// Whether they may sign in and be given work.
    pub active: bool,
    /// The language that they read.
    pub locale: Option<String>,
    /// What they may do.
    pub rights: Arc<Rights>,
}

/// Who is a member of a pool.
#[derive(Debug, Clone)]
pub struct PoolMembers {
    /// The pool.
    pub pool_id: Uuid,
    /// What lies in it.
    pub record_kind: String,
    /// Whether everybody is a member.
    pub everybody: bool,
    /// Whether new records without an owner lie here.
    pub is_default: bool,
    /// The people who are.
    pub members: Vec<Uuid>,
    /// The departments whose people are.
    pub departments: Vec<Uuid>,
}

/// Reads a workspace's people.
///
/// # Errors
/// When the database fails.
pub async fn people(session: &Session, workspace: Uuid) -> Result<People, StoreError> {
    let mut snapshot = People::default();
    let departments = live("departments", workspace, &["id", "parent_id"]);
    for row in session.all(&departments).await? {
        let (id, above) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        snapshot.organisation.departments.insert(id, above);
    }
    snapshot.roles = roles(session, workspace).await?;
    let people = live(
        "users",
        workspace,
        &[
            "id",
            "name",
            "active",
            "locale",
            "department_id",
            "manager_id",
            "role_ids",
        ],
    );
    let mut rights: HashMap<Vec<Uuid>, Arc<Rights>> = HashMap::new();
    for row in session.all(&people).await? {
        let user_id = row.try_get_by_index(0)?;
        let member = Member {
            user_id,
            department_id: row.try_get_by_index(4)?,
            manager_id: row.try_get_by_index(5)?,
        };
        snapshot.organisation.members.insert(user_id, member);
        let role_ids = ids(row.try_get_by_index(6)?)?;
        let known = rights.entry(role_ids.clone());
        let rights = known.or_insert_with(|| snapshot.rights_of(&role_ids));
        let person = Person {
            user_id,
            name: row.try_get_by_index(1)?,
            role_ids,
            active: row.try_get_by_index(2)?,
            locale: row.try_get_by_index(3)?,
            rights: Arc::clone(rights),
        };
        snapshot.people.insert(user_id, person);
    }
    Ok(snapshot)
}

/// Whether somebody administers the workspace as this transaction leaves it. Until it ends, others who
/// ask wait: of two who take it from each other, one fails.
///
/// # Errors
/// When the database fails.
pub async fn is_administered(session: &Session, workspace: Uuid) -> Result<bool, StoreError> {
    dialect::lock(session, &format!("administrators:{workspace}")).await?;
    let roles = roles(session, workspace).await?;
    let some = |role: &&RoleRights| Special::ADMINISTERING.iter().any(|one| role.may(*one));
    let administering = roles.iter().filter(|(_, role)| some(&role.as_ref()));
    let administering: Vec<String> = administering.map(|(id, _)| id.to_string()).collect();
    let people = Query::select()
        .column("record_id")
        .from("list_values")
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("kind").eq(user::DEF.kind))
        .and_where(Expr::col("field").eq(user::field::ROLE_IDS.name()))
        .and_where(Expr::col("value").is_in(administering))
        .take();
    let people = live("users", workspace, &["role_ids"])
        .and_where(Expr::col("active").eq(true))
        .and_where(Expr::col("id").in_subquery(people))
        .take();
    for row in session.all(&people).await? {
        let theirs = ids(row.try_get_by_index(0)?)?;
        let theirs = theirs.iter().filter_map(|role| roles.get(role)).cloned();
        if Rights::of(theirs.collect()).administer() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads a workspace's settings.
///
/// # Errors
/// When the database fails.
pub async fn settings(session: &Session, workspace: Uuid) -> Result<Settings, StoreError> {
    let mut snapshot = Settings::default();
    let pools = live(
        "pools",
        workspace,
        &[
            "id",
            "record_kind",
            "everybody",
            "is_default",
            "member_ids",
            "department_ids",
        ],
    );
    for row in session.all(&pools).await? {
        snapshot.pools.push(PoolMembers {
            pool_id: row.try_get_by_index(0)?,
            record_kind: row.try_get_by_index(1)?,
            everybody: row.try_get_by_index(2)?,
            is_default: row.try_get_by_index(3)?,
            members: ids(row.try_get_by_index(4)?)?,
            departments: ids(row.try_get_by_index(5)?)?,
        });
    }
    let codes = live(
        "dictionary_entries",
        workspace,
        &["dictionary", "code", "outcome"],
    );
    for row in session.all(&codes).await? {
        let outcome: Option<String> = row.try_get_by_index(2)?;
        snapshot.dictionary_codes.insert(
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?),
            outcome.as_deref().and_then(Outcome::from_code),
        );
    }
    let tags = live("tags", workspace, &["name"]);
    for row in session.all(&tags).await? {
        snapshot.tags.insert(row.try_get_by_index(0)?);
    }
    sales(session, workspace, &mut snapshot).await?;
    Ok(snapshot)
}

fn ids(json: Option<String>) -> Result<Vec<Uuid>, StoreError> {
    let ids = json.map(|json| serde_json::from_str(&json)).transpose()?;
    Ok(ids.unwrap_or_default())
}

/// Reads what each role grants, those in the trash too: who has one keeps it.
async fn roles(
    session: &Session,
    workspace: Uuid,
) -> Result<HashMap<Uuid, Arc<RoleRights>>, StoreError> {
    let everything = Scope::system(workspace, Reason::Settings);
    let roles = records::all(session, &role::DEF, &everything, Trash::Either).await?;
    let rights = roles
        .iter()
        .map(|role| (role.id(), Arc::new(role::rights(role))));
    Ok(rights.collect())
}

/// Reads pipelines and stages.
async fn sales(
    session: &Session,
    workspace: Uuid,
    snapshot: &mut Settings,
) -> Result<(), StoreError> {
    let everything = Scope::system(workspace, Reason::Settings);
    for record in records::all(session, &pipeline::DEF, &everything, Trash::Outside).await? {
        snapshot.pipelines.push(Pipeline::from_record(&record)?);
    }
    snapshot
        .pipelines
        .sort_by_key(|pipeline| (!pipeline.is_default, pipeline.position));
    for record in records::all(session, &stage::DEF, &everything, Trash::Outside).await? {
        snapshot.stages.push(Stage::from_record(&record)?);
    }
    snapshot.stages.sort_by_key(|stage| stage.position);
    Ok(())
}

fn live(table: &'static str, workspace: Uuid, columns: &[&'static str]) -> SelectStatement {
    Query::select()
        .columns(columns.iter().copied())
        .from(table)
        .and_where(Expr::col("workspace_id").eq(workspace))
        .and_where(Expr::col("deleted_at").is_null())
        .take()
}

/// An entry of a dictionary.
#[derive(Debug, Clone)]
pub struct DictionaryEntry {
    /// What is stored.
    pub code: String,
    /// What people read.
    pub name: String,
}

/// All entries of a dictionary.
///
/// # Errors
/// When the database fails.
pub async fn all_entries(
    session: &Session,
    workspace: Uuid,
    dictionary: &str,
) -> Result<Vec<DictionaryEntry>, StoreError> {
    let query = live("dictionary_entries", workspace, &["code", "name"])
        .and_where(Expr::col("dictionary").eq(dictionary))
        .take();
    let rows = session.all(&query).await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &QueryResult) -> Result<DictionaryEntry, StoreError> {
    Ok(DictionaryEntry {
        code: row.try_get_by_index(0)?,
        name: row.try_get_by_index(1)?,
    })
}

/// The entries of a dictionary that have one of these texts as their code or their name, in the order
/// of their making.
///
/// # Errors
/// When the database fails.
pub async fn entries(
    session: &Session,
    workspace: Uuid,
    dictionary: &str,
    texts: &[&str],
) -> Result<Vec<DictionaryEntry>, StoreError> {
    let mut found = Vec::new();
    for chunk in texts.chunks(1000) {
        let of_text = |column: &'static str| Expr::col(column).is_in(chunk.iter().copied());
        let query = live("dictionary_entries", workspace, &["code", "name"])
            .and_where(Expr::col("dictionary").eq(dictionary))
            .and_where(of_text("code").or(of_text("name")))
            .order_by("id", Order::Asc)
            .take();
        for row in session.all(&query).await? {
            found.push(entry(&row)?);
        }
    }
    Ok(found)
}
