//! Opportunities seen together: the board of a pipeline and the forecast.

use kehu_wire::opportunity::{Board, Forecast};

use crate::transport::{Method, Request, Transport, with_query};
use crate::{Client, Error};

/// What a board is asked for; empty parts are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardQuery {
    /// The pipeline; the default one when empty.
    pub pipeline_id: String,
    /// Which opportunities: an expression.
    pub filter: String,
    /// Words to find.
    pub q: String,
    /// How many opportunities of each stage.
    pub limit_per_stage: u32,
}

impl<T: Transport> Client<T> {
    /// The board of a pipeline.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn opportunity_board(&self, query: &BoardQuery) -> Result<Board, Error> {
        let limit = query.limit_per_stage.to_string();
        let path = with_query(
            "/api/v1/opportunities/board",
            &[
                ("pipeline_id", &query.pipeline_id),
                ("filter", &query.filter),
                ("q", &query.q),
                ("limit_per_stage", &limit),
            ],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// What is expected of the months from this one on.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn opportunity_forecast(
        &self,
        months: &str,
        filter: &str,
    ) -> Result<Forecast, Error> {
        let path = with_query(
            "/api/v1/opportunities/forecast",
            &[("months", months), ("filter", filter)],
        );
        self.ask(Request::new(Method::Get, path)).await
    }
}
