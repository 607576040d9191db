//! What can be done with leads and customers beyond what every kind knows.

use kehu_wire::history::TimelinePage;
use kehu_wire::lead::{Candidates, Conversion, ConvertRequest};

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
}
