//! What can be done with leads and customers beyond what every kind knows.

use kehu_wire::Record;
use kehu_wire::history::TimelinePage;
use kehu_wire::lead::{Candidates, Conversion, ConvertRequest};
use kehu_wire::opportunity::{AdvanceRequest, Board, CloseRequest, Forecast, ReopenRequest};
use kehu_wire::owner::OwnerRequest;
use kehu_wire::report::{Funnel, WonReport};

use crate::records::one;
use crate::transport::{Method, Request, Transport, with_query};
use crate::{Client, Error, body};

impl<T: Transport> Client<T> {
    /// Activities and changes of a lead or a customer together, newest first.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn timeline(
        &self,
        plural: &str,
        id: &str,
        cursor: &str,
    ) -> Result<TimelinePage, Error> {
        let path = with_query(
            &format!("{}/timeline", one(plural, id)),
            &[("cursor", cursor)],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// The records that a lead may already be.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn conversion_candidates(&self, lead: &str) -> Result<Candidates, Error> {
        let path = format!("{}/conversion-candidates", one("leads", lead));
        self.ask(Request::new(Method::Get, path)).await
    }

    /// Makes a customer and a contact of a lead.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn convert_lead(
        &self,
        lead: &str,
        request: &ConvertRequest,
    ) -> Result<Conversion, Error> {
        let path = format!("{}/convert", one("leads", lead));
        self.ask(Request::new(Method::Post, path).body(body(request)))
            .await
    }

    /// The board of a pipeline; of the default one where it is empty.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn opportunity_board(
        &self,
        pipeline: &str,
        filter: &str,
        words: &str,
        limit_per_stage: u32,
    ) -> Result<Board, Error> {
        let path = with_query(
            "/api/v1/opportunities/board",
            &[
                ("pipeline_id", pipeline),
                ("filter", filter),
                ("q", words),
                ("limit_per_stage", &limit_per_stage.to_string()),
            ],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// What opportunities may bring in so many months from this one (`2026-11`) on.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn opportunity_forecast(
        &self,
        from: &str,
        months: u32,
        filter: &str,
    ) -> Result<Forecast, Error> {
        let path = with_query(
            "/api/v1/opportunities/forecast",
            &[
                ("from", from),
                ("months", &months.to_string()),
                ("filter", filter),
            ],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// What was won and lost by month, quarter, owner, department, manager, product, customer or
    /// industry; days and filter may be empty.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn won_report(
        &self,
        by: &str,
        from: &str,
        to: &str,
        filter: &str,
    ) -> Result<WonReport, Error> {
        let path = with_query(
            "/api/v1/reports/won",
            &[("by", by), ("from", from), ("to", to), ("filter", filter)],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// The funnel of a pipeline; of the default one where it is empty, as days and filter may be.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn funnel(
        &self,
        pipeline: &str,
        from: &str,
        to: &str,
        filter: &str,
    ) -> Result<Funnel, Error> {
        let path = with_query(
            "/api/v1/reports/funnel",
            &[
                ("pipeline_id", pipeline),
                ("from", from),
                ("to", to),
                ("filter", filter),
            ],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// Moves an opportunity to another stage of its pipeline.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn advance_opportunity(
        &self,
        id: &str,
        request: &AdvanceRequest,
    ) -> Result<Record, Error> {
        let path = format!("{}/advance", one("opportunities", id));
        self.ask(Request::new(Method::Post, path).body(body(request)))
            .await
    }

    /// Says that the sale was made.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn win_opportunity(&self, id: &str, request: &CloseRequest) -> Result<Record, Error> {
        let path = format!("{}/win", one("opportunities", id));
        self.ask(Request::new(Method::Post, path).body(body(request)))
            .await
    }

    /// Says that the sale will not be made.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn lose_opportunity(
        &self,
        id: &str,
        request: &CloseRequest,
    ) -> Result<Record, Error> {
        let path = format!("{}/lose", one("opportunities", id));
        self.ask(Request::new(Method::Post, path).body(body(request)))
            .await
    }

    /// Hands an opportunity to another owner.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn transfer_opportunity(
        &self,
        id: &str,
        request: &OwnerRequest,
    ) -> Result<Record, Error> {
        let path = format!("{}/transfer", one("opportunities", id));
        self.ask(Request::new(Method::Post, path).body(body(request)))
            .await
    }

    /// Takes the decision on an opportunity back.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn reopen_opportunity(
        &self,
        id: &str,
        request: &ReopenRequest,
    ) -> Result<Record, Error> {
        let path = format!("{}/reopen", one("opportunities", id));
        self.ask(Request::new(Method::Post, path).body(body(request)))
            .await
    }
}
