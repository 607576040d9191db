//! Kehu as its users meet it: over HTTP, full of records, beside handlers that do nothing but the SQL.
//!
//! The server is a process of its own, as are the bare handlers, so that memory and time are theirs
//! alone; who asks shares the machine with them.

mod bare;
mod load;
mod operations;
mod program;
mod seed;
mod table;

use std::time::Duration;

use crate::http::load::Measured;
use crate::http::operations::Operation;
use crate::http::program::{Base, Program};
use crate::http::seed::World;

pub(crate) use bare::serve;

/// What to measure.
pub(crate) struct Plan {
    /// On which databases: `sqlite`, `postgres`.
    pub(crate) databases: Vec<String>,
    /// For how long each operation is asked for.
    pub(crate) time: Duration,
    /// The part of the full number of records, for a quick look.
    pub(crate) share: f64,
    /// Only operations whose name has this in it.
    pub(crate) only: Option<String>,
    /// Whether the filled databases stay.
    pub(crate) keep: bool,
    /// Addresses of databases that stayed, to be measured again.
    pub(crate) on: Vec<String>,
}

/// How many ask at once.
const CONNECTIONS: [usize; 2] = [1, 16];

/// Fills each database and measures every operation on it.
pub(crate) async fn measure(plan: &Plan) {
    for kind in &plan.databases {
        println!("\n## {kind}\n");
        let filled = plan.on.iter().find(|url| url.starts_with(kind.as_str()));
        let base = match filled {
            Some(url) => Base::filled(url),
            None => fill(kind, plan).await,
        };
        let kehu = Program::kehu(&base).await;
        kehu.settle().await;
        let world = seed::find(&kehu).await;
        println!("RssAnon: {} MB after the start", kehu.rss_anon_mb());
        let bare = Program::bare(&base).await;
        let (measured, beside) = of_both(&kehu, &bare, &world, plan).await;
        println!(
            "resident (RssAnon): {} MB after the load",
            kehu.rss_anon_mb()
        );
        println!("\n{}", table::of(&measured, &beside));
    }
}

/// A new database, filled through the server.
async fn fill(kind: &str, plan: &Plan) -> Base {
    let base = Base::prepare(kind, plan.keep);
    let kehu = Program::kehu(&base).await;
    seed::fill(&kehu, plan.share).await;
    println!("RssAnon: {} MB after filling it", kehu.rss_anon_mb());
    drop(kehu);
    // As the next day finds it: in order, statistics known.
    base.analyse();
    base
}

/// Asks both in turns, so that both find the same state; who is not asked rests.
async fn of_both(
    kehu: &Program,
    bare: &Program,
    world: &World,
    plan: &Plan,
) -> (Vec<Measured>, Vec<Measured>) {
    let tokens = world.sign_in(kehu).await;
    let (mut measured, mut beside) = (Vec::new(), Vec::new());
    let wanted = |operation: &Operation| {
        let word = plan.only.as_ref();
        word.is_none_or(|word| operation.name.contains(word.as_str()))
    };
    for operation in operations::all(world).iter().filter(|one| wanted(one)) {
        for connections in CONNECTIONS {
            let ask = |program| load::measure(program, &tokens, operation, connections, plan.time);
            measured.push(ask(kehu).await);
            if operation.has_bare {
                beside.push(ask(bare).await);
            }
        }
    }
    (measured, beside)
}
