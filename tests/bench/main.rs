//! Measures what must be quick: `cargo xtask bench`. It prints figures and fails for none of them.
//!
//! `cargo xtask bench imports` measures importing, `cargo xtask bench http` everything that goes over
//! HTTP, on both databases unless one is named: `cargo xtask bench http sqlite`. `--seconds=5` says for
//! how long each operation is asked for, `--share=0.1` fills in a tenth of the records,
//! `--only=list` takes the operations whose name has the word in it,
//! `--keep` leaves the filled database, to be looked at; `--on=URL` measures one that was left (of
//! PostgreSQL where `TEST_POSTGRES` names its server, for one that is started here ends with it).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a measurement tells on the console, and ends where it can't go on; its figures are small"
)]

mod http;
mod imports;
#[path = "../integration/support/postgres.rs"]
mod postgres;

use std::time::Duration;

use crate::http::Plan;

/// As in `kehu`, for the bare handlers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (options, words): (Vec<&str>, Vec<&str>) = args
        .iter()
        .map(String::as_str)
        .partition(|arg| arg.starts_with("--"));
    let option = |name: &str| {
        let begins = format!("--{name}=");
        let mut values = options
            .iter()
            .filter_map(|option| option.strip_prefix(&begins));
        values.next().map(str::to_owned)
    };
    let number = |name: &str, usual: f64| {
        option(name).map_or(usual, |text| {
            text.parse().unwrap_or_else(|_| panic!("--{name}={text}"))
        })
    };
    let (what, databases) = match words.split_first() {
        Some((what, databases)) => (*what, databases),
        None => ("everything", &[][..]),
    };
    let plan = Plan {
        databases: match databases {
            [] => vec!["sqlite".to_owned(), "postgres".to_owned()],
            named => named.iter().map(|name| (*name).to_owned()).collect(),
        },
        time: Duration::from_secs_f64(number("seconds", 5.0)),
        share: number("share", 1.0),
        only: option("only"),
        keep: options.contains(&"--keep"),
        on: option("on").into_iter().collect(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        match what {
            "everything" => {
                imports::measure(100_000).await;
                http::measure(&plan).await;
            }
            "imports" => imports::measure(100_000).await,
            "http" => http::measure(&plan).await,
            "bare" => http::serve().await,
            other => panic!("{other:?} can't be measured; see the head of tests/bench/main.rs"),
        }
    });
}
