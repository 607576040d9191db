//! What can be done with the records of every kind. `plural` is the kind's noun as it stands in
//! addresses: `leads`, `dictionary-entries`.

use kehu_wire::Record;
use kehu_wire::bulk::{BulkAnswer, BulkRequest};
use kehu_wire::duplicates::{DuplicatesAnswer, DuplicatesRequest};
use kehu_wire::expression::{ExpressionAnswer, ExpressionRequest};
use kehu_wire::history::{Access, HistoryPage};
use kehu_wire::page::{Page, Summary};
use kehu_wire::search::SearchAnswer;
use serde_json::Value;

use crate::transport::{Method, Request, Transport, encode, with_query};
use crate::{Client, Error, body};

/// What a list is asked for; empty parts are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Which records: an expression.
    pub filter: String,
    /// In which order: `-updated_at,name`.
    pub sort: String,
    /// Words to find.
    pub q: String,
    /// The fields to give, separated by commas; all when empty.
    pub fields: String,
    /// The references to give with their titles, separated by commas.
    pub expand: String,
    /// How many records at most.
    pub limit: Option<u32>,
    /// Where the page begins.
    pub cursor: String,
    /// Whether to count: `capped`, `exact`.
    pub count: &'static str,
    /// The records in the trash instead of the others.
    pub trashed: bool,
}

impl<T: Transport> Client<T> {
    /// One page of a list.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn list(&self, plural: &str, query: &ListQuery) -> Result<Page, Error> {
        let limit = query
            .limit
            .map(|limit| limit.to_string())
            .unwrap_or_default();
        let path = with_query(
            &format!("/api/v1/{plural}"),
            &[
                ("filter", &query.filter),
                ("sort", &query.sort),
                ("q", &query.q),
                ("fields", &query.fields),
                ("expand", &query.expand),
                ("limit", &limit),
                ("cursor", &query.cursor),
                ("count", query.count),
                ("trashed", if query.trashed { "true" } else { "" }),
            ],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// One record, with these references expanded.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn get(&self, plural: &str, id: &str, expand: &str) -> Result<Record, Error> {
        let path = with_query(&one(plural, id), &[("expand", expand)]);
        self.ask(Request::new(Method::Get, path)).await
    }

    /// Makes a record. The same `key` with the same body makes it once, however often it is sent.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn create(
        &self,
        plural: &str,
        fields: Record,
        allow_duplicate: bool,
        key: Option<String>,
    ) -> Result<Record, Error> {
        let allow = if allow_duplicate { "true" } else { "" };
        let path = with_query(&format!("/api/v1/{plural}"), &[("allow_duplicate", allow)]);
        let mut request = Request::new(Method::Post, path).body(Value::Object(fields));
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        self.ask(request).await
    }

    /// Makes or changes the record that the system `source` knows by `id`: however often it is sent,
    /// there is one.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn upsert(
        &self,
        plural: &str,
        source: &str,
        id: &str,
        fields: Record,
    ) -> Result<Record, Error> {
        let (source, id) = (encode(source), encode(id));
        let path = format!("/api/v1/{plural}/by-external-id/{source}/{id}");
        self.ask(Request::new(Method::Put, path).body(Value::Object(fields)))
            .await
    }

    /// Changes fields of a record that is at this version.
    ///
    /// # Errors
    /// As [`Client::call`]; 412 when it is at another version by now.
    pub async fn patch(
        &self,
        plural: &str,
        id: &str,
        version: i64,
        patch: Record,
    ) -> Result<Record, Error> {
        let request = Request::new(Method::Patch, one(plural, id))
            .body(Value::Object(patch))
            .header("If-Match", format!("\"{version}\""));
        self.ask(request).await
    }

    /// Moves a record to the trash.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn trash(&self, plural: &str, id: &str) -> Result<(), Error> {
        self.call(Request::new(Method::Delete, one(plural, id)))
            .await
            .map(drop)
    }

    /// Gets a record out of the trash.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn restore(&self, plural: &str, id: &str) -> Result<Value, Error> {
        self.verb(plural, id, "restore", None).await
    }

    /// Does one of the kind's own verbs to a record.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn verb(
        &self,
        plural: &str,
        id: &str,
        verb: &str,
        fields: Option<Value>,
    ) -> Result<Value, Error> {
        let mut request = Request::new(Method::Post, format!("{}/{verb}", one(plural, id)));
        request.body = fields;
        self.call(request).await
    }

    /// What was done to a record, newest first.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn history(
        &self,
        plural: &str,
        id: &str,
        cursor: &str,
    ) -> Result<HistoryPage, Error> {
        let path = with_query(
            &format!("{}/history", one(plural, id)),
            &[("cursor", cursor)],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// Why the caller can or cannot see and change a record.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn access(&self, plural: &str, id: &str) -> Result<Access, Error> {
        self.ask(Request::new(
            Method::Get,
            format!("{}/access", one(plural, id)),
        ))
        .await
    }

    /// One action on many records.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn bulk(&self, plural: &str, request: &BulkRequest) -> Result<BulkAnswer, Error> {
        let path = format!("/api/v1/{plural}/bulk");
        self.ask(Request::new(Method::Post, path).body(body(request)))
            .await
    }

    /// Counts and sums by groups.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn summary(
        &self,
        plural: &str,
        group_by: &str,
        sum: &str,
        filter: &str,
    ) -> Result<Summary, Error> {
        let path = with_query(
            &format!("/api/v1/{plural}/summary"),
            &[("group_by", group_by), ("sum", sum), ("filter", filter)],
        );
        self.ask(Request::new(Method::Get, path)).await
    }

    /// Whether a filter is right, and its parts.
    ///
    /// # Errors
    /// As [`Client::call`]; 422 names the place in the text.
    pub async fn check_expression(
        &self,
        kind: &str,
        text: &str,
    ) -> Result<ExpressionAnswer, Error> {
        let request = ExpressionRequest {
            kind: kind.to_owned(),
            text: text.to_owned(),
        };
        let call = Request::new(Method::Post, "/api/v1/expressions/check").body(body(&request));
        self.ask(call).await
    }

    /// Which records a new one would repeat.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn check_duplicates(
        &self,
        request: &DuplicatesRequest,
    ) -> Result<DuplicatesAnswer, Error> {
        let call = Request::new(Method::Post, "/api/v1/duplicates/check").body(body(request));
        self.ask(call).await
    }

    /// Records of every kind that these words find.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn search(&self, q: &str) -> Result<SearchAnswer, Error> {
        self.ask(Request::new(
            Method::Get,
            with_query("/api/v1/search", &[("q", q)]),
        ))
        .await
    }
}

/// The address of one record.
pub(crate) fn one(plural: &str, id: &str) -> String {
    format!("/api/v1/{plural}/{}", encode(id))
}
