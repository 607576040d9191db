//! Who acts, in which workspace, when: the first argument of everything.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use iso_currency::Currency;
use uuid::Uuid;

use crate::role::Reach;
use crate::sight::Veils;

/// One request, or one run of a job. Everything that is read or written passes through it.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The workspace that everything happens in.
    pub workspace: Workspace,
    /// Who acts.
    pub actor: Actor,
    /// When the request came in, to the microsecond.
    pub now: DateTime<Utc>,
    /// What logs, history and answers call this request.
    pub request_id: String,
    /// The language of the answer: `zh-Hans`, `en`.
    pub locale: String,
    /// What made a change happen that no person asked for directly: `import:<id>`, `conversion:<id>`.
    pub cause: Option<String>,
    /// Set when the request may be repeated: its answer is kept.
    pub repeat: Option<RepeatKey>,
}

/// What a request that may be repeated is recognised by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatKey {
    /// The key that the caller chose.
    pub key: String,
    /// Method, address and body, hashed.
    pub fingerprint: String,
}

/// The workspace, as far as the rules need to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The currency of its reports.
    pub currency: Currency,
    /// The IANA name of the time zone that its days are days of: `Asia/Shanghai`.
    pub time_zone: String,
    /// The language of what it shows everybody: `zh-Hans`, `en`.
    pub locale: String,
}

/// Who acts and what they reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user_id: Uuid,
    /// Their name.
    pub name: String,
    /// Whether they administer the workspace.
    pub administers: bool,
    /// Whether they confirm, allocate, reverse and refund payments and write off receivables.
    pub handles_money: bool,
    /// Whether they may import files.
    pub may_import: bool,
    /// Whose records they see.
    pub reads: Owners,
    /// Whose records they change.
    pub writes: Owners,
    /// The pools that they are a member of.
    pub pools: Vec<Uuid>,
    /// The fields that are kept from them.
    pub veils: Arc<Veils>,
}

/// The people whose records somebody reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owners {
    /// Everybody, and records of nobody.
    All,
    /// These; none when empty.
    Only(Vec<Uuid>),
}

impl Owners {
    /// Whether the records of this person are reached; `None` stands for a record of nobody.
    #[must_use]
    pub fn reach(&self, owner: Option<Uuid>) -> bool {
        match self {
            Self::All => true,
            Self::Only(people) => owner.is_some_and(|owner| people.contains(&owner)),
        }
    }
}

/// One person's place in the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user_id: Uuid,
    /// Where they belong.
    pub department_id: Option<Uuid>,
    /// Whom they report to.
    pub manager_id: Option<Uuid>,
}

/// The people of a workspace and the tree of its departments.
#[derive(Debug, Clone, Default)]
pub struct Organisation {
    /// Everybody.
    pub members: Vec<Member>,
    /// (department, the one above it).
    pub departments: Vec<(Uuid, Option<Uuid>)>,
}

impl Organisation {
    /// The people that `reach` takes in for `user`. Circles in the data do no harm.
    #[must_use]
    pub fn owners(&self, user: Uuid, reach: Reach) -> Owners {
        let own_department = self
            .members
            .iter()
            .find(|m| m.user_id == user)
            .and_then(|m| m.department_id);
        let mut people = match reach {
            Reach::All => return Owners::All,
            Reach::None => return Owners::Only(Vec::new()),
            Reach::Own => Vec::new(),
            Reach::Subordinates => {
                let links = self.members.iter().map(|m| (m.user_id, m.manager_id));
                closure(user, &links.collect::<Vec<_>>())
            }
            Reach::Department => own_department.map_or_else(Vec::new, |d| self.people_of(&[d])),
            Reach::DepartmentTree => {
                own_department.map_or_else(Vec::new, |d| self.people_of(&self.departments_below(d)))
            }
        };
        people.push(user);
        people.sort_unstable();
        people.dedup();
        Owners::Only(people)
    }

    /// The department and all below it.
    #[must_use]
    pub fn departments_below(&self, department: Uuid) -> Vec<Uuid> {
        closure(department, &self.departments)
    }

    /// The person's department and all above it.
    #[must_use]
    pub fn departments_above(&self, user: Uuid) -> Vec<Uuid> {
        let mut chain = Vec::new();
        let mut next = self
            .members
            .iter()
            .find(|m| m.user_id == user)
            .and_then(|m| m.department_id);
        while let Some(department) = next
            && !chain.contains(&department)
        {
            chain.push(department);
            next = self
                .departments
                .iter()
                .find(|(d, _)| *d == department)
                .and_then(|(_, up)| *up);
        }
        chain
    }

    fn people_of(&self, departments: &[Uuid]) -> Vec<Uuid> {
        self.members
            .iter()
            .filter(|m| m.department_id.is_some_and(|d| departments.contains(&d)))
            .map(|m| m.user_id)
            .collect()
    }
}

/// `root` and everything that leads up to it by (node, the one above it).
fn closure(root: Uuid, links: &[(Uuid, Option<Uuid>)]) -> Vec<Uuid> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(above) = found.get(next).copied() {
        next += 1;
        for (node, up) in links {
            if *up == Some(above) && !found.contains(node) {
                found.push(*node);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn organisation() -> Organisation {
        let member = |n, d, m: Option<u128>| Member {
            user_id: id(n),
            department_id: Some(id(d)),
            manager_id: m.map(id),
        };
        Organisation {
            members: vec![
                member(1, 10, None),
                member(2, 11, Some(1)),
                member(3, 11, Some(2)),
                member(4, 12, None),
            ],
            departments: vec![(id(10), None), (id(11), Some(id(10))), (id(12), None)],
        }
    }

    #[test]
    fn each_reach_takes_in_its_people() {
        let org = organisation();
        let only = |ns: &[u128]| Owners::Only(ns.iter().copied().map(id).collect());
        assert_eq!(org.owners(id(1), Reach::None), only(&[]));
        assert_eq!(org.owners(id(1), Reach::Own), only(&[1]));
        assert_eq!(org.owners(id(1), Reach::Subordinates), only(&[1, 2, 3]));
        assert_eq!(org.owners(id(2), Reach::Department), only(&[2, 3]));
        assert_eq!(org.owners(id(1), Reach::DepartmentTree), only(&[1, 2, 3]));
        assert_eq!(org.owners(id(4), Reach::All), Owners::All);
    }

    #[test]
    fn a_circle_of_managers_ends() {
        let mut org = organisation();
        org.members[0].manager_id = Some(id(3));
        assert_eq!(
            org.owners(id(2), Reach::Subordinates),
            Owners::Only(vec![id(1), id(2), id(3)])
        );
    }
}
