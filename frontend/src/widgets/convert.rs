//! Converting a lead in one sheet: which customer and which contact it becomes, with the records that
//! it may already be side by side.

use kehu_domain::def::Def;
use kehu_wire::Record;
use kehu_wire::lead::{Candidate, Candidates, ConvertRequest};
use kehu_wire::problem::Duplicate;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::app::go;
use crate::problems::explain;
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::actions::Actions;
use crate::widgets::cells::value_text;
use crate::widgets::field_input::field_input;
use crate::widgets::kinds;
use crate::widgets::load::{Load, fetch, problem_view};
use crate::widgets::lookups::text;
use crate::{t, tf, urls};

/// Make a new record.
const NEW: &str = "new";
/// Make none.
const NONE: &str = "none";

/// The fields that the sheet compares, of the lead and of what it may be.
const COMPARED: &[&str] = &[
    "name", "company", "phone", "email", "industry", "province", "city", "address",
];

/// The sheet; the frame draws it once.
#[component]
pub(crate) fn ConvertSheet() -> impl IntoView {
    let actions = Actions::here();
    let converting = actions.converting();
    let open = Signal::derive(move || converting.with(Option::is_some));
    view! {
        <Sheet
            open=open
            on_close=move |()| converting.set(None)
            title=t!("convert.title")
            close_label=t!("common.close")
            wide=true
        >
            {move || {
                converting
                    .get()
                    .map(|(id, on_done)| {
                        view! {
                            <ConvertBody
                                id=id
                                on_done=on_done
                                on_close=Callback::new(move |()| converting.set(None))
                            />
                        }
                    })
            }}
        </Sheet>
    }
}

#[component]
fn ConvertBody(id: String, on_done: Callback<()>, on_close: Callback<()>) -> impl IntoView {
    let load = RwSignal::new(Load::<(Record, Candidates)>::Loading);
    let id = StoredValue::new(id);
    let read = move || {
        let id = id.get_value();
        fetch(load, async move {
            let lead = API.get("leads", &id, "").await?;
            let candidates = API.conversion_candidates(&id).await?;
            Ok((lead, candidates))
        });
    };
    read();
    move || {
        match load.get() {
        Load::Loading => view! { <SkeletonRows rows=6 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready((lead, candidates)) => {
            view! { <ConvertForm lead=lead candidates=candidates on_done=on_done on_close=on_close /> }.into_any()
        }
    }
    }
}

#[component]
fn ConvertForm(
    lead: Record,
    candidates: Candidates,
    on_done: Callback<()>,
    on_close: Callback<()>,
) -> impl IntoView {
    let app = App::here();
    let toasts = use_toasts();
    let certain = |all: &[Candidate]| {
        all.iter()
            .find(|one| one.certain)
            .map_or_else(|| NEW.to_owned(), |one| one.id.to_string())
    };
    let (company, person) = (
        text(&lead, "company").to_owned(),
        text(&lead, "name").to_owned(),
    );
    let customer = RwSignal::new(certain(&candidates.customers));
    let contact_first = if person.is_empty() {
        NONE.to_owned()
    } else {
        certain(&candidates.contacts)
    };
    let contact = RwSignal::new(contact_first);
    let customer_name = RwSignal::new(if company.is_empty() {
        person.clone()
    } else {
        company.clone()
    });
    let customer_type = RwSignal::new(
        if company.is_empty() {
            "person"
        } else {
            "company"
        }
        .to_owned(),
    );
    let selling = RwSignal::new(false);
    let new_opportunity = RwSignal::new(opportunity_of(&lead));
    let contact_name = RwSignal::new(person);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let duplicates = RwSignal::new(Vec::<Duplicate>::new());
    let lead = StoredValue::new(lead);

    let chosen = |value: &str, fields: Record| -> Option<Record> {
        match value {
            NONE => None,
            NEW => Some(fields),
            id => Some(Record::from_iter([("id".to_owned(), Value::from(id))])),
        }
    };
    let convert = move |allow_duplicate: bool| {
        if pending.get_untracked() {
            return;
        }
        let lead_id = lead.with_value(|lead| text(lead, "id").to_owned());
        let new_customer = Record::from_iter([
            (
                "name".to_owned(),
                Value::String(customer_name.get_untracked().trim().to_owned()),
            ),
            (
                "customer_type".to_owned(),
                Value::String(customer_type.get_untracked()),
            ),
        ]);
        let new_contact = Record::from_iter([(
            "name".to_owned(),
            Value::String(contact_name.get_untracked().trim().to_owned()),
        )]);
        let request = ConvertRequest {
            customer: chosen(&customer.get_untracked(), new_customer),
            contact: chosen(&contact.get_untracked(), new_contact),
            opportunity: selling
                .get_untracked()
                .then(|| new_opportunity.get_untracked()),
            allow_duplicate,
        };
        pending.set(true);
        problem.set(None);
        spawn_local(async move {
            let result = API.convert_lead(&lead_id, &request).await;
            if pending.try_set(false).is_some() {
                return;
            }
            match result {
                Ok(made) => {
                    app.note_write();
                    // The page that asked may have been left.
                    let _ = on_done.try_run(());
                    on_close.run(());
                    let id_of = |one: &Option<Value>| {
                        let id = one.as_ref()?.get("id")?.as_str();
                        id.map(str::to_owned)
                    };
                    let opportunity = id_of(&made.opportunity);
                    let (plural, show) = if opportunity.is_some() {
                        ("opportunities", t!("convert.show_opportunity"))
                    } else {
                        ("customers", t!("convert.show"))
                    };
                    match opportunity.or_else(|| id_of(&made.customer)) {
                        Some(id) => {
                            let href = urls::record(plural, &id);
                            toasts
                                .offer(Tone::Success, t!("convert.done"), show, move || go(&href));
                        }
                        None => toasts.success(t!("convert.done")),
                    }
                }
                Err(error) => {
                    let found = error
                        .problem()
                        .map(|p| p.duplicates.clone())
                        .unwrap_or_default();
                    problem.set(Some(explain(&error)));
                    duplicates.set(found);
                }
            }
        });
    };
    let customers = StoredValue::new(candidates.customers.clone());
    let customer_def = &kehu_domain::customer::DEF;
    let contact_def = &kehu_domain::contact::DEF;
    let types: Vec<Choice> = ["company", "person"]
        .into_iter()
        .map(|code| Choice::new(code, kinds::choice(customer_def, "customer_type", code)))
        .collect();
    let new_customer_fields = move || {
        let types = types.clone();
        customer.with(|value| value == NEW).then(|| {
            view! {
                <div class="form">
                    <Field label=kinds::field_name(customer_def, "name") required=true>
                        <TextInput value=customer_name on_change=move |text| customer_name.set(text) />
                    </Field>
                    <Field label=kinds::field_name(customer_def, "customer_type")>
                        <Select value=customer_type on_change=move |code| customer_type.set(code) choices=types />
                    </Field>
                </div>
            }
        })
    };
    let new_contact_fields = move || {
        contact.with(|value| value == NEW).then(|| {
            view! {
                <Field label=kinds::field_name(contact_def, "name") required=true>
                    <TextInput value=contact_name on_change=move |text| contact_name.set(text) />
                </Field>
            }
        })
    };
    let compare = move || {
        let id = customer.get();
        (id != NEW && id != NONE).then(|| {
            let lead = lead.get_value();
            view! { <Comparison lead=lead id=id /> }
        })
    };
    let found = customers.with_value(Vec::len);
    view! {
        <div class="stack convert">
            {(found > 0).then(|| view! { <Note tone=Tone::Warning>{tf!("convert.found", n = found)}</Note> })}
            <section class="stack">
                <h3>{t!("convert.customer")}</h3>
                <RadioGroup
                    value=customer
                    on_change=move |id| customer.set(id)
                    choices=options(t!("convert.new_customer"), &candidates.customers, false)
                    label=Signal::derive(|| t!("convert.customer").to_owned())
                />
                {new_customer_fields}
                {compare}
            </section>
            <section class="stack">
                <h3>{t!("convert.contact")}</h3>
                <RadioGroup
                    value=contact
                    on_change=move |id| contact.set(id)
                    choices=options(t!("convert.new_contact"), &candidates.contacts, true)
                    label=Signal::derive(|| t!("convert.contact").to_owned())
                />
                {new_contact_fields}
            </section>
            <section class="stack">
                <h3>{t!("opportunity.name")}</h3>
                <Checkbox checked=selling on_change=move |on| selling.set(on) label=t!("convert.opportunity") />
                {move || selling.get().then(|| opportunity_fields(new_opportunity))}
            </section>
            <p class="muted">{t!("convert.comes_along")}</p>
            {move || {
                problem
                    .get()
                    .map(|text| {
                        let again = duplicates.with(|found| !found.is_empty());
                        view! {
                            <Note tone=Tone::Danger>
                                <p>{text}</p>
                                {again
                                    .then(|| {
                                        view! {
                                            <div class="row note-actions">
                                                <Button small=true on_press=move |()| convert(true)>
                                                    {t!("form.save_anyway")}
                                                </Button>
                                            </div>
                                        }
                                    })}
                            </Note>
                        }
                    })
            }}
            <div class="row">
                <Button kind=ButtonKind::Primary icon=Glyph::Merge pending=pending on_press=move |()| convert(false)>
                    {t!("convert.submit")}
                </Button>
                <Button on_press=on_close>{t!("common.cancel")}</Button>
            </div>
        </div>
    }
}

/// What an opportunity takes from the lead; the server adds the rest.
fn opportunity_of(lead: &Record) -> Record {
    let company = text(lead, "company");
    let name = if company.is_empty() {
        text(lead, "name")
    } else {
        company
    };
    let mut fields = Record::from_iter([("name".to_owned(), Value::from(name))]);
    if let Some(amount) = lead.get("amount").filter(|amount| !amount.is_null()) {
        fields.insert("amount".to_owned(), amount.clone());
    }
    fields
}

fn opportunity_fields(values: RwSignal<Record>) -> AnyView {
    let def = &kehu_domain::opportunity::DEF;
    let one = |name: &'static str| {
        let field = def.field(name)?;
        let value = Signal::derive(move || {
            values.with(|values| values.get(name).cloned().unwrap_or_default())
        });
        let put = Callback::new(move |value: Value| {
            values.update(|values| {
                if value.is_null() {
                    values.remove(name);
                } else {
                    values.insert(name.to_owned(), value);
                }
            });
        });
        Some(view! {
            <Field label=kinds::field_name(def, name) required=field.required>
                {field_input(def, field, value, put)}
            </Field>
        })
    };
    let fields = ["name", "amount", "expected_close_on"]
        .into_iter()
        .filter_map(one);
    view! { <div class="form">{fields.collect_view()}</div> }.into_any()
}

fn options(new: &str, candidates: &[Candidate], may_none: bool) -> Vec<Choice> {
    let mut choices = vec![Choice::new(NEW, new)];
    choices.extend(candidates.iter().map(|one| {
        let by = match one.by.as_str() {
            "phone" => t!("convert.by_phone"),
            "email" => t!("convert.by_email"),
            _ => t!("convert.by_company"),
        };
        let sure = if one.certain {
            t!("convert.certain")
        } else {
            t!("convert.likely")
        };
        Choice::new(one.id.to_string(), one.title.clone()).hint(format!("{sure} · {by}"))
    }));
    if may_none {
        choices.push(Choice::new(NONE, t!("common.none")));
    }
    choices
}

/// The lead and the customer that it may be, field by field.
#[component]
fn Comparison(lead: Record, id: String) -> impl IntoView {
    let load = RwSignal::new(Load::<Record>::Loading);
    let id = StoredValue::new(id);
    let read = move || {
        let id = id.get_value();
        fetch(load, async move { API.get("customers", &id, "").await });
    };
    read();
    let lead = StoredValue::new(lead);
    move || match load.get() {
        Load::Loading => view! { <Skeleton height="120px" /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(customer) => {
            let rows = COMPARED
                .iter()
                .filter_map(|name| lead.with_value(|lead| comparison_row(lead, &customer, name)))
                .collect_view();
            view! {
                <table class="simple-table compare">
                    <thead>
                        <tr>
                            <td></td>
                            <th>{t!("lead.name")}</th>
                            <th>{t!("customer.name")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                <p class="muted">{t!("convert.only_empty")}</p>
            }
            .into_any()
        }
    }
}

fn comparison_row(lead: &Record, customer: &Record, name: &str) -> Option<AnyView> {
    let lead_def: &'static Def = &kehu_domain::lead::DEF;
    let customer_def: &'static Def = &kehu_domain::customer::DEF;
    // The lead's company is what the customer calls its name.
    let customer_name = if name == "company" { "name" } else { name };
    let mine = lead.get(name).unwrap_or(&Value::Null);
    let theirs = if name == "name" {
        &Value::Null
    } else {
        customer.get(customer_name).unwrap_or(&Value::Null)
    };
    if mine.is_null() && theirs.is_null() {
        return None;
    }
    let label = kinds::field_name(lead_def, name);
    let left = value_text(lead_def, lead_def.field(name)?, mine);
    let right = value_text(customer_def, customer_def.field(customer_name)?, theirs);
    let same = !mine.is_null() && mine == theirs;
    Some(
        view! {
            <tr class:same=same>
                <th scope="row">{label}</th>
                <td>{left}</td>
                <td>{right}</td>
            </tr>
        }
        .into_any(),
    )
}
