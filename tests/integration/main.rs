//! The integration tests: every one on SQLite and on PostgreSQL, over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may; a failure here is a failed test"
)]

mod expressions;
mod schema;
mod support;
