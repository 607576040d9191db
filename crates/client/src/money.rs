//! What can be done with contracts, receivables and payments, and the views of money.

use kehu_wire::Record;
use kehu_wire::money::{
    Ageing, AllocateRequest, Allocated, ConfirmRequest, CustomerBalance, DaysSalesOutstanding,
    Figures, MatchRequest, PlanRequest, Receivables, RefundRequest, RescheduleRequest,
    ReverseRequest, Statement, SubmitRequest, TerminateRequest, WhyRequest, WriteOffRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::records::one;
use crate::transport::{Method, Request, Transport, with_query};
use crate::{Client, Error, body};

impl<T: Transport> Client<T> {
    async fn money_verb<B: Serialize, A: DeserializeOwned>(
        &self,
        plural: &str,
        id: &str,
        verb: &str,
        request: &B,
    ) -> Result<A, Error> {
        let path = format!("{}/{verb}", one(plural, id));
        self.ask(Request::new(Method::Post, path).body(body(request)))
            .await
    }

    /// Makes a contract of a won opportunity; these fields stand in place of its own.
    ///
    /// # Errors
    /// As [`Client::call`]; 409 `duplicate` names the contract that it has already.
    pub async fn contract_of_opportunity(
        &self,
        opportunity: &str,
        fields: Record,
    ) -> Result<Record, Error> {
        self.money_verb("opportunities", opportunity, "contract", &fields)
            .await
    }

    /// Says how a draft is to be paid, in place of what was planned before.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn plan_receivables(
        &self,
        contract: &str,
        request: &PlanRequest,
    ) -> Result<Receivables, Error> {
        let path = format!("{}/receivables", one("contracts", contract));
        self.ask(Request::new(Method::Put, path).body(body(request)))
            .await
    }

    /// Brings a contract into force.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn submit_contract(
        &self,
        id: &str,
        request: &SubmitRequest,
    ) -> Result<Record, Error> {
        self.money_verb("contracts", id, "submit", request).await
    }

    /// Ends a contract before its time.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn terminate_contract(
        &self,
        id: &str,
        request: &TerminateRequest,
    ) -> Result<Record, Error> {
        self.money_verb("contracts", id, "terminate", request).await
    }

    /// Moves the day on which a receivable is due.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn reschedule_receivable(
        &self,
        id: &str,
        request: &RescheduleRequest,
    ) -> Result<Record, Error> {
        self.money_verb("receivables", id, "reschedule", request)
            .await
    }

    /// Gives up a receivable or a part of it.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn write_off_receivable(
        &self,
        id: &str,
        request: &WriteOffRequest,
    ) -> Result<Record, Error> {
        self.money_verb("receivables", id, "write-off", request)
            .await
    }

    /// Confirms that a payment came, and settles receivables with it where that is asked for.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn confirm_payment(
        &self,
        id: &str,
        request: &ConfirmRequest,
    ) -> Result<Allocated, Error> {
        self.money_verb("payments", id, "confirm", request).await
    }

    /// Says that a reported payment did not come.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn reject_payment(&self, id: &str, request: &WhyRequest) -> Result<Record, Error> {
        self.money_verb("payments", id, "reject", request).await
    }

    /// Takes a confirmed payment back.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn reverse_payment(
        &self,
        id: &str,
        request: &ReverseRequest,
    ) -> Result<Record, Error> {
        self.money_verb("payments", id, "reverse", request).await
    }

    /// Says whose a payment is.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn match_payment(&self, id: &str, request: &MatchRequest) -> Result<Record, Error> {
        self.money_verb("payments", id, "match", request).await
    }

    /// Settles receivables with a payment.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn allocate_payment(
        &self,
        id: &str,
        request: &AllocateRequest,
    ) -> Result<Allocated, Error> {
        self.money_verb("payments", id, "allocate", request).await
    }

    /// Pays back some of what a payment has left; answers the refund.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn refund_payment(&self, id: &str, request: &RefundRequest) -> Result<Record, Error> {
        self.money_verb("payments", id, "refund", request).await
    }

    /// Takes an allocation back.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn release_allocation(
        &self,
        id: &str,
        request: &WhyRequest,
    ) -> Result<Record, Error> {
        self.money_verb("allocations", id, "release", request).await
    }

    /// What a customer owes and has, by currency.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn customer_balance(&self, customer: &str) -> Result<CustomerBalance, Error> {
        let path = format!("{}/balance", one("customers", customer));
        self.ask(Request::new(Method::Get, path)).await
    }

    /// What moved a customer's debt in a currency between two days; empty texts for no end.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn customer_statement(
        &self,
        customer: &str,
        currency: &str,
        from: &str,
        to: &str,
    ) -> Result<Statement, Error> {
        let path = with_query(
            &format!("{}/statement", one("customers", customer)),
            &[("currency", currency), ("from", from), ("to", to)],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// What is outstanding by how long it is overdue: by `customer`, `owner` or `department`.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn ageing(&self, by: &str) -> Result<Ageing, Error> {
        let path = with_query("/api/v1/reports/ageing", &[("by", by)]);
        self.ask(Request::new(Method::Get, path)).await
    }

    /// How many days' sales are outstanding, over the last 90 days.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn days_sales_outstanding(&self) -> Result<DaysSalesOutstanding, Error> {
        self.ask(Request::new(Method::Get, "/api/v1/reports/dso"))
            .await
    }

    /// Target and actual of this month: one's own (`me`) or everybody's in sight (`team`).
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn month_figures(&self, whose: &str) -> Result<Figures, Error> {
        let path = with_query("/api/v1/workbench/figures", &[("whose", whose)]);
        self.ask(Request::new(Method::Get, path)).await
    }
}
