//! The integration tests: every one on SQLite and on PostgreSQL, over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may; a failure here is a failed test"
)]

mod addresses;
mod audit;
mod board;
mod commands;
mod concurrency;
mod demo;
mod expressions;
mod faults;
mod filters;
mod generated;
mod imports;
mod leads;
mod lines;
mod locales;
mod money;
mod operations;
mod opportunities;
mod passwords;
mod reach;
mod readme;
mod records;
mod reports;
mod roles;
mod schema;
mod search;
mod sessions;
mod sight;
mod sign_in;

#[allow(dead_code, reason = "a helper may wait for the test that needs it")]
mod support;
mod tokens;
