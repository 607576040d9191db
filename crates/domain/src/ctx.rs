//! Who acts, in which workspace, when: the first argument of everything.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use iso_currency::Currency;
use uuid::Uuid;

use crate::def::Def;
use crate::rights::{Action, Rights, Special};

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
    /// What they may do.
    pub rights: Arc<Rights>,
    /// Where they belong.
    pub department_id: Option<Uuid>,
    /// The pools that they are a member of.
    pub pools: Vec<Uuid>,
}

impl Actor {
    /// The people whose records of a kind they reach with an action.
    #[must_use]
    pub fn owners(&self, def: &Def, action: Action) -> Owners {
        let reaches = self.rights.reaches(def, action);
        reaches.owners(self.user_id, self.department_id)
    }

    /// The people to whom they may give a record of a kind.
    #[must_use]
    pub fn may_give_to(&self, def: &Def, action: Action) -> Owners {
        let reaches = self.rights.give_to(def, action);
        reaches.owners(self.user_id, self.department_id)
    }

    /// Whether they have a special right.
    #[must_use]
    pub fn may(&self, special: Special) -> bool {
        self.rights.may(special)
    }

    /// Whether they administer the workspace: they have every special right.
    #[must_use]
    pub fn administers(&self) -> bool {
        self.rights.administer()
    }

    /// Whether they may filter, sort, group, sum or look for duplicates by a field of a kind.
    #[must_use]
    pub fn may_ask(&self, def: &Def, field: &str) -> bool {
        self.rights.veils().may_ask(def, field)
    }
}

/// The people whose records somebody reaches: told by where somebody stands in the organisation,
/// never by a list. Who is below whom is found in the tree itself, at the moment it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owners {
    /// Everybody, and records of nobody.
    All,
    /// Nobody.
    None,
    /// This person.
    Own(Uuid),
    /// This person and all who report to them, directly or not.
    Below(Uuid),
    /// The person and everybody in the department.
    Department {
        /// The person.
        person: Uuid,
        /// The department.
        department: Uuid,
    },
    /// All who report to this person, directly or not, and everybody in the department.
    BelowAndDepartment {
        /// The person.
        person: Uuid,
        /// The department.
        department: Uuid,
        /// Whether the departments below it count.
        tree: bool,
    },
    /// The person and everybody in the department and those below it.
    DepartmentTree {
        /// The person.
        person: Uuid,
        /// The department on top.
        department: Uuid,
    },
}

impl Owners {
    /// The simple ones that these consist of.
    #[must_use]
    pub fn parts(self) -> Vec<Self> {
        match self {
            Self::BelowAndDepartment {
                person,
                department,
                tree,
            } => {
                let of_department = if tree {
                    Self::DepartmentTree { person, department }
                } else {
                    Self::Department { person, department }
                };
                vec![Self::Below(person), of_department]
            }
            one => vec![one],
        }
    }

    /// Whether others than one person may be among them.
    #[must_use]
    pub const fn may_be_several(self) -> bool {
        match self {
            Self::None | Self::Own(_) => false,
            Self::All
            | Self::Below(_)
            | Self::Department { .. }
            | Self::BelowAndDepartment { .. }
            | Self::DepartmentTree { .. } => true,
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
    pub members: HashMap<Uuid, Member>,
    /// Each department with the one above it.
    pub departments: HashMap<Uuid, Option<Uuid>>,
}

impl Organisation {
    /// Whether this person is one of `owners`; `None` stands for a record of nobody. Looks up from
    /// the person, so it takes as many steps as they stand deep. Circles in the data do no harm.
    #[must_use]
    pub fn reaches(&self, owners: Owners, owner: Option<Uuid>) -> bool {
        let Some(owner) = owner else {
            return owners == Owners::All;
        };
        match owners {
            Owners::All => true,
            Owners::None => false,
            Owners::Own(person) => owner == person,
            Owners::Below(person) => self.managers_above(owner).contains(&person),
            Owners::Department { person, department } => {
                owner == person || self.department_of(owner) == Some(department)
            }
            Owners::DepartmentTree { person, department } => {
                owner == person || self.departments_above(owner).contains(&department)
            }
            Owners::BelowAndDepartment { .. } => {
                let parts = owners.parts();
                parts.iter().any(|part| self.reaches(*part, Some(owner)))
            }
        }
    }

    /// The person's department and all above it.
    #[must_use]
    pub fn departments_above(&self, user: Uuid) -> Vec<Uuid> {
        let above = |department| self.departments.get(&department).copied().flatten();
        chain(self.department_of(user), above)
    }

    /// Whether a department is this one, or lies below it.
    #[must_use]
    pub fn is_within(&self, department: Uuid, top: Uuid) -> bool {
        let above = |department| self.departments.get(&department).copied().flatten();
        chain(Some(department), above).contains(&top)
    }

    /// Where somebody belongs.
    #[must_use]
    pub fn department_of(&self, user: Uuid) -> Option<Uuid> {
        self.members.get(&user)?.department_id
    }

    /// The person, and all whom they report to, directly or not.
    fn managers_above(&self, user: Uuid) -> Vec<Uuid> {
        chain(Some(user), |person| self.members.get(&person)?.manager_id)
    }
}

/// What is met on the way up, each once.
fn chain(from: Option<Uuid>, above: impl Fn(Uuid) -> Option<Uuid>) -> Vec<Uuid> {
    let mut met = Vec::new();
    let mut next = from;
    while let Some(one) = next
        && !met.contains(&one)
    {
        met.push(one);
        next = above(one);
    }
    met
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rights::Reaches;
    use crate::role::Reach;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn organisation() -> Organisation {
        let member = |n, d, m: Option<u128>| Member {
            user_id: id(n),
            department_id: Some(id(d)),
            manager_id: m.map(id),
        };
        let members = [
            member(1, 10, None),
            member(2, 11, Some(1)),
            member(3, 11, Some(2)),
            member(4, 12, None),
        ];
        Organisation {
            members: members.map(|member| (member.user_id, member)).into(),
            departments: [(id(10), None), (id(11), Some(id(10))), (id(12), None)].into(),
        }
    }

    /// Those of the first nine people whom the reach takes in.
    fn reached(org: &Organisation, user: u128, reach: Reach) -> Vec<u128> {
        let owners = Reaches::of(reach).owners(id(user), org.department_of(id(user)));
        (1..10)
            .filter(|n| org.reaches(owners, Some(id(*n))))
            .collect()
    }

    #[test]
    fn each_reach_takes_in_its_people() {
        let org = organisation();
        assert_eq!(reached(&org, 1, Reach::None), []);
        assert_eq!(reached(&org, 1, Reach::Own), [1]);
        assert_eq!(reached(&org, 1, Reach::Subordinates), [1, 2, 3]);
        assert_eq!(reached(&org, 2, Reach::Department), [2, 3]);
        assert_eq!(reached(&org, 1, Reach::DepartmentTree), [1, 2, 3]);
        assert_eq!(reached(&org, 4, Reach::All), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn records_of_nobody_are_for_who_reaches_everybody() {
        let org = organisation();
        assert!(org.reaches(Owners::All, None));
        assert!(!org.reaches(Owners::Below(id(1)), None));
    }

    #[test]
    fn who_belongs_to_no_department_reaches_themselves() {
        for reach in [Reach::Department, Reach::DepartmentTree] {
            assert_eq!(Reaches::of(reach).owners(id(5), None), Owners::Own(id(5)));
        }
    }

    #[test]
    fn a_circle_of_managers_ends() {
        let mut org = organisation();
        org.members.get_mut(&id(1)).unwrap().manager_id = Some(id(3));
        assert_eq!(reached(&org, 2, Reach::Subordinates), [1, 2, 3]);
    }
}
