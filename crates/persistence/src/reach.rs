//! The people whose records somebody reaches ([`Owners`]) in SQL: found in the tree that people and
//! departments form by whom they name, at the moment it is asked. Nothing is kept beside that tree,
//! so a change of it is one row, whoever hangs below.
//!
//! The same question is put in three forms, for no one of them is quick for a team and for a
//! company. Who looks through many records has the people gathered once, downwards; who looks at
//! one record, or goes through them in order because most are reached, walks up from its owner.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use kehu_domain::ctx::Owners;
use sea_orm::sea_query::Expr;
use sea_orm::{DbBackend, Statement, Value};
use uuid::Uuid;

use crate::StoreError;
use crate::db::Session;

/// How a query looks whether the owner of a record is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// The people are gathered, and their records found by them: for few people.
    Few,
    /// The people are gathered, and each record looked up among them.
    Many,
    /// Up from the owner of each record: for few records, or where most are reached.
    Each,
}

/// Up to so many people have their records found by them.
pub(crate) const FEW: u64 = 500;

/// Beyond so many people it costs more to gather them than to walk up from the owners of a page.
pub(crate) const MANY: u64 = 5_000;

/// For so long it is believed how many people somebody reaches. It decides on speed alone.
const BELIEVED: Duration = Duration::from_secs(60);

/// Beyond so many numbers all are forgotten.
const REMEMBERED: usize = 10_000;

/// How many people are reached, as it was found a short time ago.
#[derive(Debug, Default)]
pub(crate) struct Breadths {
    known: Mutex<HashMap<(Uuid, Owners), (u64, Instant)>>,
}

impl Breadths {
    fn get(&self, workspace: Uuid, owners: Owners) -> Option<u64> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (people, at) = known.get(&(workspace, owners))?;
        (at.elapsed() < BELIEVED).then_some(*people)
    }

    fn set(&self, workspace: Uuid, owners: Owners, people: u64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert((workspace, owners), (people, Instant::now()));
    }
}

/// How many people are reached, up to one more than [`MANY`].
pub(crate) async fn breadth(
    session: &Session,
    workspace: Uuid,
    owners: Owners,
) -> Result<u64, StoreError> {
    match owners {
        Owners::None => return Ok(0),
        Owners::Own(_) => return Ok(1),
        Owners::All => return Ok(MANY + 1),
        Owners::Below(_)
        | Owners::Department { .. }
        | Owners::BelowAndDepartment { .. }
        | Owners::DepartmentTree { .. } => {}
    }
    if let Some(people) = session.breadths().get(workspace, owners) {
        return Ok(people);
    }
    let people = counted(session, workspace, owners, MANY + 1).await?;
    session.breadths().set(workspace, owners, people);
    Ok(people)
}

/// Whether anybody but one person is reached.
///
/// # Errors
/// When the database fails.
pub async fn reaches_others(
    session: &Session,
    workspace: Uuid,
    owners: Owners,
) -> Result<bool, StoreError> {
    Ok(match owners {
        Owners::All => true,
        _ => owners.may_be_several() && counted(session, workspace, owners, 2).await? > 1,
    })
}

/// Whether the record of this person, or of nobody, is reached.
///
/// # Errors
/// When the database fails.
pub async fn reaches(
    session: &Session,
    workspace: Uuid,
    owners: Owners,
    owner: Option<Uuid>,
) -> Result<bool, StoreError> {
    let Some(owner) = owner else {
        return Ok(owners == Owners::All);
    };
    let asked = sea_orm::sea_query::Query::select()
        .expr(Expr::val(1_i64))
        .from_subquery(
            sea_orm::sea_query::Query::select()
                .expr_as(Expr::val(owner), "owner_id")
                .take(),
            "asked",
        )
        .and_where(condition(
            session.backend(),
            workspace,
            owners,
            "asked.owner_id",
            Look::Each,
        ))
        .take();
    Ok(session.one(&asked).await?.is_some())
}

async fn counted(
    session: &Session,
    workspace: Uuid,
    owners: Owners,
    limit: u64,
) -> Result<u64, StoreError> {
    let backend = session.backend();
    let people = people(backend, workspace, owners);
    let sql = format!(
        "SELECT count(*) FROM (SELECT DISTINCT id FROM ({}) AS people LIMIT {limit}) AS reached",
        people.sql
    );
    let statement = Statement::from_sql_and_values(backend, numbered(backend, &sql), people.values);
    let count: i64 = match session.all_raw(statement).await?.first() {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    };
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The condition that the person in `owner`, a column as SQL names it, is reached. A record of
/// nobody is reached by who reaches all alone.
pub(crate) fn condition(
    backend: DbBackend,
    workspace: Uuid,
    owners: Owners,
    owner: &str,
    look: Look,
) -> Expr {
    let part = match (owners, look) {
        (Owners::All, _) => Part::new("1 = 1".to_owned(), []),
        (Owners::None, _) => Part::new("1 = 0".to_owned(), []),
        (Owners::Own(person), _) => Part::new(format!("{owner} = ?"), [person]),
        (_, Look::Few) => {
            let people = people(backend, workspace, owners);
            people.around(|sql| among(backend, owner, sql))
        }
        (_, Look::Many) => {
            let people = people(backend, workspace, owners);
            // PostgreSQL would turn it inside out; so it looks each up in a table in its memory.
            people.around(|sql| match backend {
                DbBackend::Postgres => format!("({owner} IN ({sql})) IS TRUE"),
                _ => format!("{owner} IN ({sql})"),
            })
        }
        (_, Look::Each) => upwards(backend, workspace, owners, owner),
    };
    Expr::cust_with_values(numbered(backend, &part.sql), part.values)
}

/// SQL with its arguments, each a `?`.
#[derive(Debug)]
struct Part {
    sql: String,
    values: Vec<Value>,
}

impl Part {
    fn new(sql: String, ids: impl IntoIterator<Item = Uuid>) -> Self {
        let values = ids.into_iter().map(Value::from).collect();
        Self { sql, values }
    }

    /// Parts with a word between each two.
    fn joined(parts: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let (mut sql, mut values) = (Vec::new(), Vec::new());
        for part in parts {
            sql.push(part.sql);
            values.extend(part.values);
        }
        let sql = sql.join(between);
        Self { sql, values }
    }

    fn around(self, write: impl FnOnce(&str) -> String) -> Self {
        Self {
            sql: write(&self.sql),
            values: self.values,
        }
    }
}

/// A query for the ids of the people, from the top down.
fn people(backend: DbBackend, workspace: Uuid, owners: Owners) -> Part {
    let own = "SELECT ? AS id";
    match owners {
        Owners::All => Part::new(
            "SELECT id FROM users WHERE workspace_id = ?".to_owned(),
            [workspace],
        ),
        Owners::None => Part::new("SELECT id FROM users WHERE 1 = 0".to_owned(), []),
        Owners::Own(person) => Part::new(own.to_owned(), [person]),
        Owners::Below(person) => {
            let step = one_step(backend, "b");
            Part::new(
                format!(
                    "WITH RECURSIVE below(id) AS (SELECT ? UNION \
                     SELECT u.id FROM below AS b CROSS JOIN users AS u WHERE {step} \
                     u.workspace_id = ? AND u.manager_id = b.id AND u.deleted_at IS NULL) \
                     SELECT id FROM below"
                ),
                [person, workspace],
            )
        }
        Owners::Department { person, department } => Part::new(
            format!(
                "SELECT id FROM users WHERE workspace_id = ? AND department_id = ? \
                 AND deleted_at IS NULL UNION ALL {own}"
            ),
            [workspace, department, person],
        ),
        Owners::BelowAndDepartment { .. } => {
            let parts = owners.parts().into_iter();
            let parts = parts.map(|part| {
                people(backend, workspace, part)
                    .around(|sql| format!("SELECT id FROM ({sql}) AS part"))
            });
            Part::joined(parts, " UNION ALL ")
        }
        Owners::DepartmentTree { person, department } => {
            let tree = departments(backend, department, workspace).sql;
            let of_them = among(backend, "department_id", &tree);
            Part::new(
                format!(
                    "SELECT id FROM users WHERE workspace_id = ? AND {of_them} \
                     AND deleted_at IS NULL UNION ALL {own}"
                ),
                [workspace, department, workspace, person],
            )
        }
    }
}

/// A query for a department and all below it.
fn departments(backend: DbBackend, top: Uuid, workspace: Uuid) -> Part {
    let step = one_step(backend, "t");
    Part::new(
        format!(
            "WITH RECURSIVE tree(id) AS (SELECT ? UNION \
             SELECT d.id FROM tree AS t CROSS JOIN departments AS d WHERE {step} \
             d.workspace_id = ? AND d.parent_id = t.id AND d.deleted_at IS NULL) \
             SELECT id FROM tree"
        ),
        [top, workspace],
    )
}

/// Tells SQLite that a step of a recursion comes from few. Once it has counted its tables, it takes
/// each step for one from a million, and reads all people first to rule out those without anybody.
fn one_step(backend: DbBackend, from: &str) -> String {
    match backend {
        DbBackend::Postgres => String::new(),
        _ => format!("likelihood({from}.id IS NOT NULL, 0.00001) AND"),
    }
}

/// The condition that somebody belongs to a department or one below it.
pub(crate) fn in_department(
    backend: DbBackend,
    workspace: Uuid,
    department: Uuid,
    person: &str,
) -> Expr {
    let tree = departments(backend, department, workspace);
    let of_them = among(backend, "department_id", &tree.sql);
    let people =
        format!("SELECT id FROM users WHERE workspace_id = ? AND {of_them} AND deleted_at IS NULL");
    let sql = among(backend, person, &people);
    let ids = [workspace, department, workspace];
    Expr::cust_with_values(numbered(backend, &sql), ids.map(Value::from))
}

/// The condition, looked at upwards from the owner.
fn upwards(backend: DbBackend, workspace: Uuid, owners: Owners, owner: &str) -> Part {
    // The offset keeps PostgreSQL from doing it for all people there are.
    let once = match backend {
        DbBackend::Postgres => " OFFSET 0",
        _ => "",
    };
    let step = one_step(backend, "up");
    let its = format!(
        "FROM users AS u WHERE u.id = {owner} AND u.workspace_id = ? AND u.deleted_at IS NULL"
    );
    match owners {
        Owners::All | Owners::None | Owners::Own(_) => {
            people(backend, workspace, owners).around(|people| format!("{owner} IN ({people})"))
        }
        Owners::Below(person) => Part::new(
            format!(
                "({owner} = ? OR EXISTS (WITH RECURSIVE up(id) AS (SELECT {owner} UNION \
                 SELECT u.manager_id FROM up CROSS JOIN users AS u \
                 WHERE {step} u.workspace_id = ? AND u.id = up.id AND u.deleted_at IS NULL) \
                 SELECT 1 FROM up WHERE id = ?{once}))"
            ),
            [person, workspace, person],
        ),
        Owners::BelowAndDepartment { .. } => {
            let parts = owners.parts().into_iter();
            let parts = parts.map(|part| upwards(backend, workspace, part, owner));
            Part::joined(parts, " OR ").around(|sql| format!("({sql})"))
        }
        Owners::Department { person, department } => Part::new(
            format!("({owner} = ? OR EXISTS (SELECT 1 {its} AND u.department_id = ?{once}))"),
            [person, workspace, department],
        ),
        Owners::DepartmentTree { person, department } => Part::new(
            format!(
                "({owner} = ? OR EXISTS (WITH RECURSIVE up(id) AS (SELECT u.department_id {its} \
                 UNION SELECT d.parent_id FROM up CROSS JOIN departments AS d \
                 WHERE {step} d.workspace_id = ? AND d.id = up.id AND d.deleted_at IS NULL) \
                 SELECT 1 FROM up WHERE id = ?{once}))"
            ),
            [person, workspace, workspace, department],
        ),
    }
}

/// A column's value among those of a query that is asked once, so that an index on it serves.
fn among(backend: DbBackend, column: &str, query: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("{column} = ANY (ARRAY({query}))"),
        _ => format!("{column} IN ({query})"),
    }
}

/// The arguments as the database writes them: `?`, or `$1`, `$2`.
fn numbered(backend: DbBackend, sql: &str) -> String {
    if backend != DbBackend::Postgres {
        return sql.to_owned();
    }
    let mut parts = sql.split('?');
    let mut written = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        written.push_str(&format!("${}{part}", at + 1));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_numbered_for_postgres_alone() {
        let sql = "a = ? AND (b = ? OR c = ?)";
        let postgres = "a = $1 AND (b = $2 OR c = $3)";
        assert_eq!(numbered(DbBackend::Postgres, sql), postgres);
        assert_eq!(numbered(DbBackend::Sqlite, sql), sql);
    }

    #[test]
    fn every_argument_has_its_place() {
        let [person, department] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        for owners in [
            Owners::None,
            Owners::Own(person),
            Owners::Below(person),
            Owners::Department { person, department },
            Owners::DepartmentTree { person, department },
            Owners::BelowAndDepartment {
                person,
                department,
                tree: true,
            },
        ] {
            for backend in [DbBackend::Postgres, DbBackend::Sqlite] {
                let workspace = Uuid::from_u128(3);
                for part in [
                    people(backend, workspace, owners),
                    upwards(backend, workspace, owners, "owner_id"),
                ] {
                    let places = part.sql.matches('?').count();
                    assert_eq!(places, part.values.len(), "{owners:?}: {}", part.sql);
                }
            }
        }
    }
}
