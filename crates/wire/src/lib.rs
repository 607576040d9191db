//! What crosses the wire: sessions, problems, pages and the bodies of the verbs, for the server and
//! for everybody who calls it. Records themselves are maps that the declarations of
//! [`kehu_domain::def`] describe. Nothing here knows HTTP or storage.

pub mod batch;
pub mod bulk;
pub mod duplicates;
pub mod expression;
pub mod feed;
pub mod health;
pub mod history;
pub mod import;
pub mod lead;
pub mod money;
pub mod opportunity;
pub mod owner;
pub mod page;
pub mod problem;
pub mod report;
pub mod search;
pub mod session;

/// A record as it crosses the wire: its fields by name.
pub type Record = serde_json::Map<String, serde_json::Value>;
