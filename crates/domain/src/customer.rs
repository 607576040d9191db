//! Customers: companies or persons that the company does, did or may do business with (domain §5).

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::capabilities::{Capabilities, KnownByName, Pooled};
use crate::def::{self, Def, Default, FieldProblem, Section, Visibility};
use crate::money::Money;
use crate::record::Record;
use crate::rights::Action;

codes! {
    /// Company or person.
    pub enum CustomerType {
        /// A company or another organisation.
        Company = "company",
        /// A person.
        Person = "person",
    }
}

codes! {
    /// What a company is to us.
    pub enum CompanyKind {
        /// Uses what it buys.
        EndCustomer = "end_customer",
        /// Sells on under contract.
        Distributor = "distributor",
        /// Sells on in bulk.
        Wholesaler = "wholesaler",
        /// Brings business for a commission.
        Agent = "agent",
        /// Works with us.
        Partner = "partner",
    }
}

codes! {
    /// Where the business with a customer stands.
    pub enum Lifecycle {
        /// No contract yet.
        Prospect = "prospect",
        /// Buys.
        Active = "active",
        /// May stop buying.
        AtRisk = "at_risk",
        /// Stopped buying.
        Lost = "lost",
    }
}

/// The genders that a form offers.
pub const GENDERS: &[&str] = &["female", "male", "other"];

record! {
    /// A company or a person that business is done with.
    pub struct Customer {
        /// Company or person.
        customer_type: CustomerType = def::choice(CustomerType::CODES)
            .required()
            .default(Default::Text("company"));
        /// The name.
        name: String = def::text(200).required().searchable().sortable();
        /// What the company is to us.
        company_kind: Option<CompanyKind> = def::choice(CompanyKind::CODES);
        /// The company above it.
        parent_id: Option<Uuid> = def::reference("customer");
        /// The industry.
        industry: Option<String> = def::dictionary("industry");
        /// Where the customer came from.
        source: Option<String> = def::dictionary("source");
        /// Telephone.
        phone: Option<String> =
            def::phone().searchable().sensitive().duplicate_key().section(Section::Contact);
        /// Email address.
        email: Option<String> =
            def::email().searchable().sensitive().duplicate_key().section(Section::Contact);
        /// Name in a messenger.
        messenger: Option<String> =
            def::text(120).searchable().sensitive().section(Section::Contact);
        /// Web site.
        website: Option<String> = def::url().section(Section::Contact);
        /// Country.
        country: Option<String> = def::text(60).section(Section::Address);
        /// Province or state.
        province: Option<String> = def::text(60).section(Section::Address);
        /// City.
        city: Option<String> = def::text(60).section(Section::Address);
        /// District or county.
        district: Option<String> = def::text(60).section(Section::Address);
        /// Street and number.
        address: Option<String> = def::text(250).section(Section::Address);
        /// How many people work there.
        employees: Option<i64> = def::int(0, 10_000_000).sortable().section(Section::Profile);
        /// What it turns over in a year.
        annual_revenue: Option<Money> = def::money().sortable().section(Section::Profile);
        /// The year it was founded.
        founded_year: Option<i64> = def::int(1000, 2200).section(Section::Profile);
        /// The number in the companies' register.
        registration_number: Option<String> =
            def::text(40).searchable().section(Section::Profile);
        /// The number at the tax authority.
        tax_number: Option<String> = def::text(40).searchable().section(Section::Profile);
        /// A person's birthday.
        birthday: Option<NaiveDate> = def::date().sensitive().section(Section::Profile);
        /// A person's gender.
        gender: Option<String> = def::choice(GENDERS).section(Section::Profile);
        /// A person's occupation.
        occupation: Option<String> = def::text(120).section(Section::Profile);
        /// A person's income band.
        income_band: Option<String> = def::dictionary("income_band").section(Section::Profile);
        /// A person's education.
        education: Option<String> = def::dictionary("education").section(Section::Profile);
        /// A person's marital status.
        marital_status: Option<String> =
            def::dictionary("marital_status").section(Section::Profile);
        /// A person's interests.
        interests: Option<String> = def::text(250).section(Section::Profile);
        /// A person's habits.
        habits: Option<String> = def::text(250).section(Section::Profile);
        /// Labels.
        tags: Vec<String> = def::tags().section(Section::Profile);
        /// Anything else.
        note: Option<String> = def::long_text(4000).section(Section::Profile);
        /// Where the business with them stands.
        lifecycle: Lifecycle = def::choice(Lifecycle::CODES)
            .required()
            .default(Default::Text("prospect"))
            .section(Section::Handling);
        /// When their first contract came into force.
        first_contract_on: Option<NaiveDate> =
            def::date().by_operation().sortable().section(Section::Handling);
        /// When a lost customer last came back.
        won_back_at: Option<DateTime<Utc>> =
            def::time().by_operation().section(Section::Handling);
        /// Whether no new business is done with them.
        blacklisted: bool = def::boolean().default(Default::Bool(false)).section(Section::Handling);
        /// Why not.
        blacklist_reason: Option<String> = def::text(250).section(Section::Handling);
        /// Who handles them.
        owner_id: Option<Uuid> = def::reference("user").on_create().section(Section::Handling);
        /// Since when.
        owner_since: Option<DateTime<Utc>> =
            def::time().by_operation().sortable().section(Section::Handling);
        /// Who handled them before.
        previous_owner_id: Option<Uuid> =
            def::reference("user").by_operation().section(Section::Handling);
        /// The pool they lie in while they have no owner, and came from.
        pool_id: Option<Uuid> = def::reference("pool").on_create().section(Section::Handling);
        /// Why they were returned to it.
        return_reason: Option<String> =
            def::dictionary("customer_reason").by_operation().section(Section::Handling);
        /// Who works with them beside the owner.
        collaborator_ids: Vec<String> = def::references("user").section(Section::Handling);
        /// When the owner means to talk to them again.
        next_contact_at: Option<DateTime<Utc>> =
            def::time().sortable().section(Section::Handling);
        /// When somebody last talked to them.
        last_activity_at: Option<DateTime<Utc>> =
            def::time().by_operation().sortable().section(Section::Handling);
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "customer",
    plural: "customers",
    table: "customers",
    fields: Customer::FIELDS,
    title: &["name"],
    visibility: Visibility::Owned,
    check,
    can: Capabilities {
        pooled: Some(Pooled {
            reasons: "customer_reason",
            reason_field: "return_reason",
        }),
        verbs: &[
            Action::Claim,
            Action::Assign,
            Action::Transfer,
            Action::Return,
        ],
        timeline: true,
        company: Some("name"),
        known_by_name: KnownByName::WithoutContact,
        found: Some(1),
        ..Capabilities::NONE
    },
};

/// A blacklisting says why, and nobody is their own parent.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if *after.get("blacklisted") == crate::value::Value::Bool(true)
        && after.get("blacklist_reason").is_null()
    {
        problems.push(FieldProblem::new("blacklist_reason", "required"));
    }
    if after
        .get("parent_id")
        .as_id()
        .is_some_and(|parent| parent == after.id())
    {
        problems.push(FieldProblem::new("parent_id", "own_parent"));
    }
    problems
}
