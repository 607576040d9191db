//! Which crate may know which: `ARCHITECTURE.md`, checked with `cargo tree`.

use std::collections::BTreeSet;

use crate::Outcome;
use crate::process::{cargo, output};

/// What one crate of ours may depend on.
struct Room {
    name: &'static str,
    /// Crates of ours that it may name in its `Cargo.toml`.
    may_use: &'static [&'static str],
    /// Crates that it must not reach, not even through others.
    must_not_reach: &'static [&'static str],
    /// `cargo tree --target`, where it is not this machine.
    target: Option<&'static str>,
}

const BROWSER: Option<&str> = Some("wasm32-unknown-unknown");

const ROOMS: [Room; 10] = [
    Room {
        name: "kehu-domain",
        may_use: &[],
        must_not_reach: &[
            "actix-web",
            "async-trait",
            "futures-core",
            "rand",
            "reqwest",
            "tokio",
        ],
        target: None,
    },
    Room {
        name: "kehu-wire",
        may_use: &["kehu-domain"],
        must_not_reach: &["actix-web", "reqwest", "sea-orm", "tokio"],
        target: None,
    },
    Room {
        name: "kehu-client",
        may_use: &["kehu-domain", "kehu-wire"],
        must_not_reach: &["actix-web", "sea-orm"],
        target: None,
    },
    Room {
        name: "kehu-frontend",
        may_use: &["kehu-client", "kehu-domain", "kehu-wire"],
        must_not_reach: &["actix-web", "sea-orm", "tokio", "utoipa"],
        target: BROWSER,
    },
    Room {
        name: "kehu-migrations",
        may_use: &["kehu-domain"],
        must_not_reach: &["actix-web", "utoipa"],
        target: None,
    },
    Room {
        name: "kehu-persistence",
        may_use: &["kehu-domain", "kehu-migrations"],
        must_not_reach: &["actix-web", "reqwest", "utoipa"],
        target: None,
    },
    Room {
        name: "kehu-app",
        may_use: &["kehu-domain", "kehu-persistence"],
        must_not_reach: &["actix-web", "utoipa"],
        target: None,
    },
    Room {
        name: "kehu-api",
        may_use: &["kehu-app", "kehu-domain", "kehu-wire"],
        must_not_reach: &["leptos"],
        target: None,
    },
    Room {
        name: "xtask",
        may_use: &[],
        must_not_reach: &["serde"],
        target: None,
    },
    Room {
        name: "xtask-app",
        may_use: &[],
        must_not_reach: &["tokio"],
        target: None,
    },
];

pub(super) fn breaches() -> Outcome<Vec<String>> {
    let mut breaches = Vec::new();
    for room in &ROOMS {
        for used in tree(room, "1")?.iter().filter(|name| is_ours(name)) {
            if used != room.name && !room.may_use.contains(&used.as_str()) {
                breaches.push(format!("{} must not depend on {used}", room.name));
            }
        }
        let reached = tree(room, "1000")?;
        for forbidden in room.must_not_reach {
            if reached.contains(*forbidden) {
                breaches.push(format!(
                    "{} reaches {forbidden}: see `cargo tree -p {0} -i {forbidden}`",
                    room.name
                ));
            }
        }
    }
    Ok(breaches)
}

fn is_ours(name: &str) -> bool {
    name.starts_with("kehu-") || name.starts_with("xtask")
}

/// The names of what `room` depends on when it is built, down to this depth, itself included.
fn tree(room: &Room, depth: &str) -> Outcome<BTreeSet<String>> {
    let mut command = cargo(["tree", "--package", room.name, "--depth", depth]);
    command.args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    if let Some(target) = room.target {
        command.args(["--target", target]);
    }
    let lines = output(&mut command)?;
    Ok(lines
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect())
}
