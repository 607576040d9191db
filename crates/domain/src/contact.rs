//! Contacts: the people at a customer (domain §5).

use chrono::NaiveDate;
use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, FieldProblem, Section, Visibility};
use crate::record::Record;

codes! {
    /// What a contact does in a decision to buy.
    pub enum DecisionRole {
        /// Decides.
        DecisionMaker = "decision_maker",
        /// Pays.
        EconomicBuyer = "economic_buyer",
        /// Judges the technology.
        TechnicalEvaluator = "technical_evaluator",
        /// Uses it.
        User = "user",
        /// Helps us.
        Coach = "coach",
        /// Lets us in, or doesn't.
        Gatekeeper = "gatekeeper",
    }
}

codes! {
    /// What a contact thinks of us.
    pub enum Attitude {
        /// Speaks for us.
        Supportive = "supportive",
        /// Neither nor.
        Neutral = "neutral",
        /// Speaks against us.
        Opposed = "opposed",
        /// Not known yet.
        Unknown = "unknown",
    }
}

record! {
    /// A person at a customer.
    pub struct Contact {
        /// The person's name.
        name: String = def::text(120).required().searchable().sortable();
        /// The customer.
        customer_id: Uuid = def::reference("customer").required();
        /// What the person is there.
        job_title: Option<String> = def::text(120);
        /// The part of the company.
        department_name: Option<String> = def::text(120);
        /// The first one to call.
        is_primary: bool = def::boolean().default(Default::Bool(false));
        /// Telephone, a mobile as a rule.
        phone: Option<String> =
            def::phone().searchable().sensitive().duplicate_key().section(Section::Contact);
        /// Telephone at the desk.
        landline: Option<String> = def::phone().searchable().sensitive().section(Section::Contact);
        /// Email address.
        email: Option<String> =
            def::email().searchable().sensitive().duplicate_key().section(Section::Contact);
        /// Name in a messenger.
        messenger: Option<String> =
            def::text(120).searchable().sensitive().section(Section::Contact);
        /// What they do in a decision to buy.
        decision_role: Option<DecisionRole> =
            def::choice(DecisionRole::CODES).section(Section::Profile);
        /// What they think of us.
        attitude: Option<Attitude> = def::choice(Attitude::CODES).section(Section::Profile);
        /// How much their word counts, 1 to 5.
        influence: Option<i64> = def::int(1, 5).section(Section::Profile);
        /// How well we know them, 1 to 5.
        relationship_strength: Option<i64> = def::int(1, 5).section(Section::Profile);
        /// Their superior.
        reports_to_id: Option<Uuid> = def::reference("contact").section(Section::Profile);
        /// Birthday.
        birthday: Option<NaiveDate> = def::date().sensitive().section(Section::Profile);
        /// Gender.
        gender: Option<String> =
            def::choice(crate::customer::GENDERS).section(Section::Profile);
        /// Labels.
        tags: Vec<String> = def::tags().section(Section::Profile);
        /// Anything else.
        note: Option<String> = def::long_text(4000).section(Section::Profile);
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "contact",
    plural: "contacts",
    table: "contacts",
    fields: Contact::FIELDS,
    title: &["name"],
    visibility: Visibility::Through(&[("customer_id", "customer")]),
    check,
    can: Capabilities {
        found: Some(3),
        ..Capabilities::NONE
    },
};

/// Nobody reports to themselves.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    if after
        .get("reports_to_id")
        .as_id()
        .is_some_and(|superior| superior == after.id())
    {
        vec![FieldProblem::new("reports_to_id", "own_parent")]
    } else {
        Vec::new()
    }
}
