//! A lead becomes a customer, and can become a lead again for thirty days.

mod undo;

use kehu_domain::ctx::Ctx;
use kehu_domain::def::{Def, Type};
use kehu_domain::lead::Move;
use kehu_domain::record::Record;
use kehu_domain::scope::{self, Action, Reason, Scope};
use kehu_domain::sight::Sight;
use kehu_domain::value::Value;
use kehu_domain::{activity, contact, customer, lead, opportunity, task};
use kehu_persistence::db::Session;
use kehu_persistence::duplicates;
use kehu_persistence::records::{self as store, Trash};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::error::AppError;
use crate::ownership::moved;
use crate::prepare;
use crate::shown::Shown;
use crate::writer::{Author, Duplicates, Source, Writer};
use crate::{App, Outcome};

/// What a conversion makes or takes of one kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Party {
    /// A new record: the lead's fields, with these in their place.
    New(Map<String, Json>),
    /// This record; its empty fields are filled from the lead, if the caller may change it.
    Existing(Uuid),
    /// None.
    None,
}

/// What a lead is to become.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// The customer.
    pub customer: Party,
    /// The contact.
    pub contact: Party,
    /// The opportunity: the lead's fields, with these in their place; none when it is left out.
    pub opportunity: Option<Map<String, Json>>,
}

/// What came of a conversion.
#[derive(Debug, Clone, Serialize)]
pub struct Converted {
    /// The lead as it is now.
    pub lead: Shown,
    /// The customer.
    pub customer: Shown,
    /// The contact, where there is one.
    pub contact: Option<Shown>,
    /// The opportunity, where there is one.
    pub opportunity: Option<Shown>,
}

/// A record that a lead may already be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The record.
    pub id: Uuid,
    /// What it is called.
    pub title: String,
    /// By what it was found: `phone`, `email`, `company`.
    pub by: &'static str,
    /// Whether it is certainly the same.
    pub certain: bool,
}

impl App {
    /// Makes a customer of a lead, and a contact and an opportunity where wanted, in one
    /// transaction. Activities, tasks and tags come along.
    ///
    /// # Errors
    /// A second conversion is a conflict; so is a certain duplicate unless it is allowed.
    pub async fn convert_lead(
        &self,
        ctx: &Ctx,
        id: Uuid,
        parts: Parts,
        on_duplicates: Duplicates,
    ) -> Result<Converted, AppError> {
        let Parts {
            customer,
            contact,
            opportunity,
        } = parts;
        let organisation = self.organisation(ctx.workspace.id).await?;
        let mut ctx = ctx.clone();
        ctx.cause = Some(cause(id));
        let session = self.db.begin().await?;
        let author = Author::from(&ctx, &organisation, Source::Conversion);
        let writer = Writer::new(&session, author);
        let before = writer
            .hold_for(Action::Convert, &lead::DEF, id, Trash::Outside)
            .await?;
        let mut after = moved(&lead::DEF, &before, Move::Convert)?;
        let work = Work { writer };
        // A contact is held before their customer, as everybody does.
        if let Party::Existing(id) = contact {
            let everything = Scope::system(ctx.workspace.id, Reason::Consequence);
            store::lock_many(&session, &contact::DEF, &everything, &[id]).await?;
        }
        let customer = work.customer(&before, customer, on_duplicates).await?;
        let contact = work
            .contact(&before, &customer, contact, on_duplicates)
            .await?;
        let opportunity = match opportunity {
            Some(given) => Some(
                work.opportunity(&before, &customer, contact.as_ref(), given)
                    .await?,
            ),
            None => None,
        };
        let made = [
            ("customer_id", Some(&customer)),
            ("contact_id", contact.as_ref()),
            ("opportunity_id", opportunity.as_ref()),
        ];
        work.bring_along(&before, made).await?;
        after.set("converted_at", Value::Time(ctx.now));
        after.set("converted_customer_id", Value::Id(customer.id()));
        let id_of =
            |made: &Option<Record>| made.as_ref().map_or(Value::Null, |r| Value::Id(r.id()));
        after.set("converted_contact_id", id_of(&contact));
        after.set("converted_opportunity_id", id_of(&opportunity));
        after.set("next_contact_at", Value::Null);
        let verb = Move::Convert.code();
        let lead = writer.save(&lead::DEF, verb, &before, after).await?;
        let shown = |def, record| Shown::of(&ctx, def, record);
        let converted = Converted {
            lead: shown(&lead::DEF, lead),
            customer: shown(&customer::DEF, customer),
            contact: contact.map(|made| shown(&contact::DEF, made)),
            opportunity: opportunity.map(|made| shown(&opportunity::DEF, made)),
        };
        self.finish(session, &ctx, Outcome::Done, &converted)
            .await?;
        Ok(converted)
    }

    /// The customers and contacts that a lead may already be, as far as the caller sees them.
    ///
    /// # Errors
    /// When there is no such lead for the caller.
    pub async fn conversion_candidates(
        &self,
        ctx: &Ctx,
        id: Uuid,
    ) -> Result<(Vec<Candidate>, Vec<Candidate>), AppError> {
        let lead = self.load_record(ctx, &lead::DEF, id).await?;
        let session = self.db.read();
        let mut customers = candidates(&session, ctx, &customer::DEF, &lead).await?;
        let contacts = candidates(&session, ctx, &contact::DEF, &lead).await?;
        // The customer of a person who certainly is the same is a candidate too.
        let ids: Vec<Uuid> = contacts.iter().map(|found| found.id).collect();
        let read = scope::of(ctx, &contact::DEF, Action::View);
        let fields: Vec<_> = contact::DEF.all_fields().collect();
        let people = store::get_many(
            &session,
            &contact::DEF,
            &read,
            Trash::Outside,
            &ids,
            &fields,
        )
        .await?;
        for person in people {
            let Some(at) = person.get("customer_id").as_id() else {
                continue;
            };
            let by = contacts.iter().find(|found| found.id == person.id());
            if customers.iter().all(|known| known.id != at)
                && let Some(by) = by
                && let Ok(record) = self.load_record(ctx, &customer::DEF, at).await
            {
                let title = Sight::of(&ctx.actor, &customer::DEF).title(&customer::DEF, &record);
                customers.push(Candidate {
                    id: at,
                    title,
                    by: by.by,
                    certain: true,
                });
            }
        }
        let company = lead
            .get("company")
            .as_text()
            .map(kehu_domain::normalise::company_key);
        if let Some(key) = company.filter(|key| !key.is_empty()) {
            let workspace = ctx.workspace.id;
            let similar = duplicates::similar(&session, workspace, &customer::DEF, &[key]).await?;
            for id in similar.into_iter().map(|found| found.record_id).take(20) {
                if customers.iter().all(|known| known.id != id)
                    && let Ok(record) = self.load_record(ctx, &customer::DEF, id).await
                    && record.get("deleted_at").is_null()
                {
                    let title =
                        Sight::of(&ctx.actor, &customer::DEF).title(&customer::DEF, &record);
                    customers.push(Candidate {
                        id,
                        title,
                        by: "company",
                        certain: false,
                    });
                }
            }
        }
        Ok((customers, contacts))
    }
}

/// What history calls everything that a conversion does.
fn cause(lead: Uuid) -> String {
    format!("conversion:{lead}")
}

async fn candidates(
    session: &Session,
    ctx: &Ctx,
    def: &'static Def,
    lead: &Record,
) -> Result<Vec<Candidate>, AppError> {
    let one = std::slice::from_ref(lead);
    let mut matches = prepare::certain_duplicates(session, ctx, def, one).await?;
    // What they don't see whole of the lead finds nothing for them either.
    matches.retain(|found| ctx.actor.may_ask(&lead::DEF, found.field));
    let ids: Vec<Uuid> = matches.iter().map(|found| found.record_id).collect();
    let read = scope::of(ctx, def, Action::View);
    let fields: Vec<_> = def.all_fields().collect();
    let seen = store::get_many(session, def, &read, Trash::Outside, &ids, &fields).await?;
    let sight = Sight::of(&ctx.actor, def);
    Ok(seen
        .iter()
        .filter_map(|record| {
            let found = matches
                .iter()
                .find(|found| found.record_id == record.id())?;
            let title = sight.title(def, record);
            Some(Candidate {
                id: record.id(),
                title,
                by: found.field,
                certain: true,
            })
        })
        .collect())
}

/// The parts of one conversion.
struct Work<'a> {
    writer: Writer<'a>,
}

/// The lead's fields that a company, a person or a contact takes: (theirs, the lead's).
const COMPANY: &[(&str, &str)] = &[
    ("name", "company"),
    ("phone", "landline"),
    ("industry", "industry"),
    ("source", "source"),
    ("province", "province"),
    ("city", "city"),
    ("district", "district"),
    ("address", "address"),
    ("tags", "tags"),
    ("note", "note"),
    ("owner_id", "owner_id"),
    ("next_contact_at", "next_contact_at"),
];
const PERSON: &[(&str, &str)] = &[
    ("name", "name"),
    ("phone", "phone"),
    ("email", "email"),
    ("messenger", "messenger"),
    ("source", "source"),
    ("province", "province"),
    ("city", "city"),
    ("district", "district"),
    ("address", "address"),
    ("tags", "tags"),
    ("note", "note"),
    ("owner_id", "owner_id"),
    ("next_contact_at", "next_contact_at"),
];
const OPPORTUNITY: &[(&str, &str)] = &[
    ("amount", "amount"),
    ("source", "source"),
    ("tags", "tags"),
    ("owner_id", "owner_id"),
    ("next_contact_at", "next_contact_at"),
];
const CONTACT: &[(&str, &str)] = &[
    ("name", "name"),
    ("job_title", "job_title"),
    ("phone", "phone"),
    ("landline", "landline"),
    ("email", "email"),
    ("messenger", "messenger"),
];

impl Work<'_> {
    async fn customer(
        &self,
        lead: &Record,
        party: Party,
        on_duplicates: Duplicates,
    ) -> Result<Record, AppError> {
        let is_company = !lead.get("company").is_null();
        let taken = if is_company { COMPANY } else { PERSON };
        match party {
            Party::Existing(id) => self.fill(&customer::DEF, id, lead, taken, "customer").await,
            Party::None => Err(AppError::invalid("customer", "required")),
            Party::New(given) => {
                let mut body = self.copied(&customer::DEF, lead, taken)?;
                let kind = if is_company { "company" } else { "person" };
                body.insert("customer_type".to_owned(), Json::from(kind));
                if !is_company && !body.contains_key("name") {
                    body.insert("name".to_owned(), Json::from(lead::DEF.title_of(lead)));
                }
                body.extend(given);
                let made = self.make(&customer::DEF, &body, on_duplicates).await;
                let mut record = made.map_err(|error| error.below("customer"))?;
                // The last talk with the lead was one with the customer.
                if let Value::Time(last) = lead.get("last_activity_at") {
                    let (id, field) = (record.id(), "last_activity_at");
                    self.writer
                        .raise_moment(&customer::DEF, id, field, *last)
                        .await?;
                    record.set(field, Value::Time(*last));
                }
                Ok(record)
            }
        }
    }

    async fn contact(
        &self,
        lead: &Record,
        customer: &Record,
        party: Party,
        on_duplicates: Duplicates,
    ) -> Result<Option<Record>, AppError> {
        match party {
            Party::None => Ok(None),
            Party::Existing(id) => {
                let record = self
                    .fill(&contact::DEF, id, lead, CONTACT, "contact")
                    .await?;
                if record.get("customer_id").as_id() != Some(customer.id()) {
                    return Err(AppError::invalid("contact", "contact_of_another_customer"));
                }
                Ok(Some(record))
            }
            Party::New(given) => {
                let mut body = self.copied(&contact::DEF, lead, CONTACT)?;
                body.extend(given);
                body.insert(
                    "customer_id".to_owned(),
                    Json::from(customer.id().to_string()),
                );
                let made = self.make(&contact::DEF, &body, on_duplicates).await;
                Ok(Some(made.map_err(|error| error.below("contact"))?))
            }
        }
    }

    /// The lead's values under the names that the new record has for them. What is kept of the lead from
    /// who converts it must be kept of what it becomes too: else they would read it there.
    fn copied(
        &self,
        def: &'static Def,
        lead: &Record,
        taken: &[(&str, &str)],
    ) -> Result<Map<String, Json>, AppError> {
        let mut body = Map::new();
        for (to, from) in taken.iter().filter(|(_, from)| !lead.get(from).is_null()) {
            self.stays_kept(def, to, from)?;
            body.insert((*to).to_owned(), lead.get(from).to_json());
        }
        Ok(body)
    }

    fn stays_kept(&self, def: &'static Def, to: &str, from: &str) -> Result<(), AppError> {
        let actor = &self.writer.ctx().actor;
        if actor.may_ask(&lead::DEF, from) || !actor.may_ask(def, to) {
            Ok(())
        } else {
            Err(AppError::Forbidden("fields_kept"))
        }
    }

    async fn make(
        &self,
        def: &'static Def,
        body: &Map<String, Json>,
        on_duplicates: Duplicates,
    ) -> Result<Record, AppError> {
        self.writer.create_of_body(def, body, on_duplicates).await
    }

    /// Fills the empty fields of an existing record from the lead, if the caller may change it.
    async fn fill(
        &self,
        def: &'static Def,
        id: Uuid,
        lead: &Record,
        taken: &[(&str, &str)],
        part: &str,
    ) -> Result<Record, AppError> {
        let (session, ctx) = (self.writer.session, self.writer.ctx());
        let read = scope::of(ctx, def, Action::View);
        let found = store::get(session, def, &read, Trash::Outside, id).await?;
        let seen = found.ok_or_else(|| AppError::invalid(part, "not_found"))?;
        let write = scope::of(ctx, def, Action::Edit);
        let locked = store::lock(session, def, &write, Trash::Outside, id).await?;
        let Some(before) = locked else {
            return Ok(seen);
        };
        let mut after = before.clone();
        for (field, from) in taken {
            let Some(field) = def.field(field) else {
                continue;
            };
            let empty = before.get(field.name).is_null()
                || *before.get(field.name) == Value::List(Vec::new());
            let open = field.on_patch() && ctx.actor.rights.may_write(def, field.name, false);
            if empty && open && !lead.get(from).is_null() {
                self.stays_kept(def, field.name, from)?;
                after.set(field.name, lead.get(from).clone());
            }
        }
        self.writer.save(def, "convert", &before, after).await
    }

    /// The opportunity, with the customer and the contact that the same conversion made or took.
    async fn opportunity(
        &self,
        lead: &Record,
        customer: &Record,
        contact: Option<&Record>,
        given: Map<String, Json>,
    ) -> Result<Record, AppError> {
        let mut body = self.copied(&opportunity::DEF, lead, OPPORTUNITY)?;
        let told = self
            .writer
            .ctx()
            .actor
            .may_ask(&lead::DEF, "product_interest");
        let name = name_of(lead, customer, told);
        body.insert("name".to_owned(), Json::from(name));
        body.insert("customer_id".to_owned(), json!(customer.id()));
        body.insert("contact_id".to_owned(), json!(contact.map(Record::id)));
        // Lines have a sum of their own.
        if given.get("lines").is_some_and(|lines| !lines.is_null()) {
            body.remove("amount");
        }
        body.extend(given);
        let def = &opportunity::DEF;
        let drafted = self.writer.author.draft(def, &body);
        let mut record = drafted.map_err(|error| error.below("opportunity"))?;
        record.put(opportunity::field::LEAD_ID, lead.id());
        if let Value::Time(last) = lead.get("last_activity_at") {
            record.put(opportunity::field::LAST_ACTIVITY_AT, *last);
        }
        let made = self.writer.create(def, record, Duplicates::Allow).await;
        made.map_err(|error| error.below("opportunity"))
    }

    /// Activities and tasks of the lead become those of what was made too.
    async fn bring_along(
        &self,
        lead: &Record,
        made: [(&'static str, Option<&Record>); 3],
    ) -> Result<(), AppError> {
        let (session, workspace) = (self.writer.session, self.writer.workspace());
        let everything = Scope::system(workspace, Reason::Consequence);
        let kind = lead::DEF.kind;
        let named = store::referring(session, workspace, kind, lead.id()).await?;
        for (def, field, id) in named {
            if !comes_along(def) || field.ty != Type::Ref("lead") {
                continue;
            }
            let found = store::lock(session, def, &everything, Trash::Outside, id).await?;
            let Some(before) = found else { continue };
            let mut after = before.clone();
            for (field, record) in made {
                if let (Some(record), true) = (record, before.get(field).is_null()) {
                    after.set(field, Value::Id(record.id()));
                }
            }
            self.writer.save(def, "convert", &before, after).await?;
        }
        Ok(())
    }
}

/// Whether records of this kind go with a lead to what it becomes.
fn comes_along(def: &Def) -> bool {
    [activity::DEF.kind, task::DEF.kind].contains(&def.kind)
}

/// What an opportunity is called that nobody has given a name: who would buy what.
fn name_of(lead: &Record, customer: &Record, told: bool) -> String {
    let who = customer::DEF.title_of(customer);
    let interest = lead.get("product_interest").as_text();
    let name = match interest.filter(|_| told) {
        Some(what) => format!("{who} · {what}"),
        None => who.to_owned(),
    };
    name.chars().take(200).collect()
}
