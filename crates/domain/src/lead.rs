//! Leads: uncertain contacts that may become customers (domain §2).

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::capabilities::{Capabilities, Pooled};
use crate::def::{self, Def, Default, FieldProblem, Section, Visibility};
use crate::money::Money;
use crate::record::Record;
use crate::rights::Action;

codes! {
    /// Where a lead stands.
    pub enum Status {
        /// Lies in a pool, without an owner.
        Unassigned = "unassigned",
        /// Has an owner who has not begun.
        Pending = "pending",
        /// Is being worked on.
        FollowingUp = "following_up",
        /// Cannot be reached for now; can be taken up again.
        Invalid = "invalid",
        /// Became a customer.
        Converted = "converted",
        /// Verified junk.
        Voided = "voided",
    }
}

codes! {
    /// What moves a lead from one status to another.
    pub enum Move {
        /// A person with reach gives it to somebody.
        Assign = "assign",
        /// A member of its pool takes it.
        Claim = "claim",
        /// It goes to another owner.
        Transfer = "transfer",
        /// It goes back to a pool.
        Return = "return",
        /// It cannot be reached.
        MarkInvalid = "mark-invalid",
        /// It is taken up again.
        Reopen = "reopen",
        /// It becomes a customer.
        Convert = "convert",
        /// It is a lead again.
        UndoConversion = "undo-conversion",
        /// It is junk.
        Void = "void",
        /// It is no junk after all.
        Reinstate = "reinstate",
    }
}

impl Status {
    /// The status after a move; `None` when the move is not open. What undoing a conversion leads
    /// back to is the status before it, which the history knows: pending or following up.
    #[must_use]
    pub const fn after(self, by: Move) -> Option<Self> {
        match (self, by) {
            (Self::Unassigned, Move::Assign | Move::Claim)
            | (Self::Pending | Self::FollowingUp | Self::Invalid, Move::Transfer) => {
                Some(Self::Pending)
            }
            (Self::Pending | Self::FollowingUp | Self::Invalid, Move::Return)
            | (Self::Voided, Move::Reinstate) => Some(Self::Unassigned),
            (Self::Pending | Self::FollowingUp, Move::MarkInvalid) => Some(Self::Invalid),
            (Self::Invalid, Move::Reopen) | (Self::Converted, Move::UndoConversion) => {
                Some(Self::FollowingUp)
            }
            (Self::Pending | Self::FollowingUp, Move::Convert) => Some(Self::Converted),
            (Self::Unassigned | Self::Pending | Self::FollowingUp | Self::Invalid, Move::Void) => {
                Some(Self::Voided)
            }
            _ => None,
        }
    }

    /// The moves that are open.
    #[must_use]
    pub fn open_moves(self) -> Vec<Move> {
        Move::ALL
            .iter()
            .copied()
            .filter(|by| self.after(*by).is_some())
            .collect()
    }
}

/// For how many days a conversion can be undone.
pub const UNDO_DAYS: i64 = 30;

codes! {
    /// How interested they are.
    pub enum Intent {
        /// First talk.
        FirstTalk = "first_talk",
        /// Interested.
        Interested = "interested",
        /// Agreed to buy.
        Agreed = "agreed",
        /// Lost interest.
        Lapsed = "lapsed",
    }
}

record! {
    /// An uncertain contact that may become a customer.
    pub struct Lead {
        /// The person's name.
        name: Option<String> = def::text(120).searchable().sortable();
        /// The company's name.
        company: Option<String> = def::text(200).searchable().sortable();
        /// What the person is there.
        job_title: Option<String> = def::text(120);
        /// The person's telephone, a mobile as a rule.
        phone: Option<String> =
            def::phone().searchable().sensitive().duplicate_key().section(Section::Contact);
        /// The company's telephone.
        landline: Option<String> = def::phone().searchable().sensitive().section(Section::Contact);
        /// The person's email address.
        email: Option<String> =
            def::email().searchable().sensitive().duplicate_key().section(Section::Contact);
        /// Their name in a messenger (WeChat and the like).
        messenger: Option<String> =
            def::text(120).searchable().sensitive().section(Section::Contact);
        /// Province or state.
        province: Option<String> = def::text(60).section(Section::Address);
        /// City.
        city: Option<String> = def::text(60).section(Section::Address);
        /// District or county.
        district: Option<String> = def::text(60).section(Section::Address);
        /// Street and number.
        address: Option<String> = def::text(250).section(Section::Address);
        /// The company's industry.
        industry: Option<String> = def::dictionary("industry").section(Section::Profile);
        /// Where the lead came from.
        source: Option<String> = def::dictionary("source").section(Section::Profile);
        /// What they want.
        product_interest: Option<String> = def::text(250).section(Section::Profile);
        /// What it may be worth.
        amount: Option<Money> = def::money().sortable().section(Section::Profile);
        /// How interested they are.
        intent: Option<Intent> = def::choice(Intent::CODES).section(Section::Profile);
        /// The day they turned up.
        received_on: Option<NaiveDate> = def::date().sortable().section(Section::Profile);
        /// Labels.
        tags: Vec<String> = def::tags().section(Section::Profile);
        /// Anything else.
        note: Option<String> = def::long_text(4000).section(Section::Profile);
        /// Where it stands.
        status: Status = def::choice(Status::CODES)
            .by_operation()
            .default(Default::Text("unassigned"))
            .section(Section::Handling);
        /// Why it stands there: the reason of a return, of invalid, of void.
        status_reason: Option<String> =
            def::dictionary("lead_reason").by_operation().section(Section::Handling);
        /// Who handles it.
        owner_id: Option<Uuid> = def::reference("user").on_create().section(Section::Handling);
        /// Since when.
        owner_since: Option<DateTime<Utc>> =
            def::time().by_operation().sortable().section(Section::Handling);
        /// Who handled it before.
        previous_owner_id: Option<Uuid> =
            def::reference("user").by_operation().section(Section::Handling);
        /// The pool it lies in while it has no owner, and came from.
        pool_id: Option<Uuid> = def::reference("pool").on_create().section(Section::Handling);
        /// Who works on it beside the owner.
        collaborator_ids: Vec<String> = def::references("user").section(Section::Handling);
        /// When the owner means to talk to them again.
        next_contact_at: Option<DateTime<Utc>> =
            def::time().sortable().section(Section::Handling);
        /// When somebody last talked to them.
        last_activity_at: Option<DateTime<Utc>> =
            def::time().by_operation().sortable().section(Section::Handling);
        /// When it was converted.
        converted_at: Option<DateTime<Utc>> =
            def::time().by_operation().section(Section::More);
        /// The customer it became.
        converted_customer_id: Option<Uuid> =
            def::reference("customer").by_operation().section(Section::More);
        /// The contact it became.
        converted_contact_id: Option<Uuid> =
            def::reference("contact").by_operation().section(Section::More);
        /// The opportunity it became.
        converted_opportunity_id: Option<Uuid> =
            def::reference("opportunity").by_operation().section(Section::More);
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "lead",
    plural: "leads",
    table: "leads",
    fields: Lead::FIELDS,
    title: &["name", "company", "phone", "email", "messenger", "address"],
    visibility: Visibility::Owned,
    check,
    can: Capabilities {
        pooled: Some(Pooled {
            reasons: "lead_reason",
            reason_field: "status_reason",
        }),
        verbs: &[
            Action::Claim,
            Action::Assign,
            Action::Transfer,
            Action::Return,
            Action::MarkInvalid,
            Action::Void,
            Action::Reopen,
            Action::Reinstate,
            Action::Convert,
            Action::UndoConversion,
        ],
        timeline: true,
        company: Some("company"),
        found: Some(2),
        ..Capabilities::NONE
    },
};

/// A lead needs something to recognise it by.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    let recognisable = DEF.title.iter().any(|name| !after.get(name).is_null());
    if recognisable {
        Vec::new()
    } else {
        vec![FieldProblem::new("name", "lead_needs_a_name")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of domain §2, cell by cell: from, move, to.
    const TABLE: &[(&str, &str, &str)] = &[
        ("unassigned", "assign", "pending"),
        ("unassigned", "claim", "pending"),
        ("pending", "transfer", "pending"),
        ("following_up", "transfer", "pending"),
        ("invalid", "transfer", "pending"),
        ("pending", "return", "unassigned"),
        ("following_up", "return", "unassigned"),
        ("invalid", "return", "unassigned"),
        ("pending", "mark-invalid", "invalid"),
        ("following_up", "mark-invalid", "invalid"),
        ("invalid", "reopen", "following_up"),
        ("pending", "convert", "converted"),
        ("following_up", "convert", "converted"),
        ("converted", "undo-conversion", "following_up"),
        ("unassigned", "void", "voided"),
        ("pending", "void", "voided"),
        ("following_up", "void", "voided"),
        ("invalid", "void", "voided"),
        ("voided", "reinstate", "unassigned"),
    ];

    #[test]
    fn the_moves_are_those_of_the_table_and_no_others() {
        for from in Status::ALL {
            for by in Move::ALL {
                let listed = TABLE
                    .iter()
                    .find(|(f, m, _)| *f == from.code() && *m == by.code())
                    .map(|(.., to)| *to);
                assert_eq!(from.after(*by).map(Status::code), listed, "{from:?} {by:?}");
            }
        }
    }
}
