//! Several reaches together, and the people that they take in.

use uuid::Uuid;

use crate::ctx::Owners;
use crate::role::Reach;

/// Several reaches together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reaches(u8);

impl Reaches {
    /// Nobody's.
    pub const NONE: Self = Self(0);
    const OWN: Self = Self(1);
    const BELOW: Self = Self(2);
    const DEPARTMENT: Self = Self(4);
    const TREE: Self = Self(8);
    /// Everybody's.
    pub const ALL: Self = Self(16);

    /// One reach.
    #[must_use]
    pub const fn of(reach: Reach) -> Self {
        match reach {
            Reach::None => Self::NONE,
            Reach::Own => Self::OWN,
            Reach::Subordinates => Self::OWN.or(Self::BELOW),
            Reach::Department => Self::OWN.or(Self::DEPARTMENT),
            Reach::DepartmentTree => Self::OWN.or(Self::DEPARTMENT).or(Self::TREE),
            Reach::All => Self(31),
        }
    }

    /// What either takes in.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it takes in all that the other does.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The people that it takes in for somebody of this department.
    #[must_use]
    pub fn owners(self, person: Uuid, department: Option<Uuid>) -> Owners {
        let has = |part: Self| self.covers(part);
        let below = has(Self::BELOW);
        let department = department.filter(|_| has(Self::DEPARTMENT));
        match department {
            _ if has(Self::ALL) => Owners::All,
            Some(department) if below => Owners::BelowAndDepartment {
                person,
                department,
                tree: has(Self::TREE),
            },
            Some(department) if has(Self::TREE) => Owners::DepartmentTree { person, department },
            Some(department) => Owners::Department { person, department },
            None if below => Owners::Below(person),
            None if has(Self::OWN) => Owners::Own(person),
            None => Owners::None,
        }
    }
}
