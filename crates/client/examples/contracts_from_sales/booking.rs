//! From won opportunities to money: a contract of each, how it is to be paid, and what came in.

use chrono::NaiveDate;
use futures_util::{StreamExt, TryStreamExt, stream};
use kehu_client::records::ListQuery;
use kehu_client::transport::Transport;
use kehu_client::{Client, Error};
use kehu_wire::Record;
use kehu_wire::money::{AllocateRequest, ConfirmRequest, PlanRequest, SubmitRequest};
use serde_json::{Value, json};
use uuid::Uuid;

/// What our own system is called where records carry its ids.
const SOURCE: &str = "contracts-from-sales";

/// What is sold on which terms.
pub(crate) struct Terms {
    /// Which of the won opportunities: an expression over their fields.
    pub(crate) which: String,
    /// The instalments, in basis points of the whole.
    pub(crate) shares: Vec<i64>,
    /// Months from one instalment to the next; the first is due on the day of the sale.
    pub(crate) every_months: u32,
    /// How many of the instalments were paid: by one transfer, when the last of them was due.
    pub(crate) paid: usize,
    /// How many opportunities are worked on at the same time.
    pub(crate) at_once: usize,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            which: "status == \"won\" && customer_id != null".to_owned(),
            shares: vec![3_000, 6_000, 1_000],
            every_months: 1,
            paid: 2,
            at_once: 8,
        }
    }
}

/// What there is now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Booked {
    pub(crate) contracts: usize,
    pub(crate) receivables: usize,
    pub(crate) payments: usize,
}

/// Books every opportunity that the terms are for.
pub(crate) async fn book_all<T: Transport>(
    client: &Client<T>,
    terms: &Terms,
) -> Result<Booked, Error> {
    let mut query = ListQuery {
        filter: terms.which.clone(),
        sort: "closed_on".to_owned(),
        fields: "id,customer_id,closed_on".to_owned(),
        limit: Some(200),
        ..ListQuery::default()
    };
    let mut booked = Booked::default();
    loop {
        let page = client.list("opportunities", &query).await?;
        let sales = stream::iter(page.items).map(|sale| book(client, terms, sale));
        let sum = |sum: Booked, one: Booked| async move {
            Ok(Booked {
                contracts: sum.contracts + one.contracts,
                receivables: sum.receivables + one.receivables,
                payments: sum.payments + one.payments,
            })
        };
        booked = sales
            .buffer_unordered(terms.at_once)
            .try_fold(booked, sum)
            .await?;
        let Some(next) = page.next_cursor else {
            return Ok(booked);
        };
        query.cursor = next;
    }
}

/// One sale: its contract in force, and what was paid of it.
async fn book<T: Transport>(
    client: &Client<T>,
    terms: &Terms,
    sale: Record,
) -> Result<Booked, Error> {
    let (id, signed) = (text(&sale, "id"), text(&sale, "closed_on"));
    let contract = contract_of(client, id, signed).await?;
    let due = in_force(client, terms, &contract, signed).await?;
    let paid = due.get(..terms.paid).unwrap_or(&due);
    let payments = pay(client, &contract, paid, id).await?;
    Ok(Booked {
        contracts: 1,
        receivables: due.len(),
        payments,
    })
}

/// The contract of an opportunity: a new one, or the one that it has.
async fn contract_of<T: Transport>(
    client: &Client<T>,
    opportunity: &str,
    signed: &str,
) -> Result<Record, Error> {
    let fields = record(json!({ "signed_on": signed }));
    let made = client.contract_of_opportunity(opportunity, fields).await;
    match made {
        Err(Error::Refused(problem)) if problem.code == "duplicate" => {
            let known = problem.duplicates.iter().find_map(|known| known.id);
            let known = known.ok_or(Error::Refused(problem))?;
            client.get("contracts", &known.to_string(), "").await
        }
        other => other,
    }
}

/// Brings a contract into force, if it is not, and gives its receivables in order.
async fn in_force<T: Transport>(
    client: &Client<T>,
    terms: &Terms,
    contract: &Record,
    signed: &str,
) -> Result<Vec<Record>, Error> {
    let id = text(contract, "id");
    if text(contract, "status") != "draft" {
        let query = ListQuery {
            filter: format!("contract_id == \"{id}\""),
            sort: "due_on".to_owned(),
            limit: Some(200),
            ..ListQuery::default()
        };
        return Ok(client.list("receivables", &query).await?.items);
    }
    let plan = PlanRequest {
        shares: Some(terms.shares.clone()),
        first_due_on: day(signed),
        every_months: Some(terms.every_months),
        ..PlanRequest::default()
    };
    let planned = client.plan_receivables(id, &plan).await?;
    client
        .submit_contract(id, &SubmitRequest::default())
        .await?;
    Ok(planned.items.into_iter().map(record).collect())
}

/// Reports that instalments were paid and confirms it; the payment settles the contract's oldest
/// receivables first. Tells how many payments there are now.
async fn pay<T: Transport>(
    client: &Client<T>,
    contract: &Record,
    paid: &[Record],
    sale: &str,
) -> Result<usize, Error> {
    let Some(last) = paid.last() else {
        return Ok(0);
    };
    let amounts = paid.iter().filter_map(|one| one.get("amount"));
    let amount: i64 = amounts
        .filter_map(|money| money.get("amount")?.as_i64())
        .sum();
    let currency = last.get("amount").and_then(|money| money.get("currency"));
    let fields = record(json!({
        "customer_id": contract.get("customer_id"),
        "contract_id": contract.get("id"),
        "received_on": last.get("due_on"),
        "amount": {"amount": amount, "currency": currency},
    }));
    // The payment of a sale has the sale's name in our system: it is there once, however often
    // this runs.
    let payment = client.upsert("payments", SOURCE, sale, fields).await?;
    if text(&payment, "status") == "reported" {
        let oldest = AllocateRequest {
            oldest: true,
            contract_id: Uuid::parse_str(text(contract, "id")).ok(),
            ..AllocateRequest::default()
        };
        let request = ConfirmRequest {
            allocate: Some(oldest),
            ..ConfirmRequest::default()
        };
        client
            .confirm_payment(text(&payment, "id"), &request)
            .await?;
    }
    Ok(1)
}

fn text<'a>(record: &'a Record, name: &str) -> &'a str {
    record.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

fn record(json: Value) -> Record {
    match json {
        Value::Object(fields) => fields,
        _ => Record::new(),
    }
}
