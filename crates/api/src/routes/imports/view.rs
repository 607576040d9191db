//! Imports as they cross the wire.

use kehu_app::clock;
use kehu_app::error::AppError;
use kehu_app::imports::mappings::SavedMapping;
use kehu_app::imports::{Counts, Import, Problem, State, open};
use kehu_wire::import as wire;

use crate::problem::Refusal;

/// An import.
pub(super) fn import(import: &Import) -> Result<wire::Import, Refusal> {
    let read = || -> Result<wire::Import, serde_json::Error> {
        let (rows_per_second, seconds_remaining) = progress(import);
        Ok(wire::Import {
            id: import.id,
            file_name: import.file_name.clone(),
            bytes: import.bytes,
            state: import.state.clone(),
            mapping: import
                .mapping
                .as_deref()
                .map(serde_json::from_str)
                .transpose()?,
            actor_id: import.actor_id,
            created_at: import.created_at,
            started_at: import.started_at,
            finished_at: import.finished_at,
            rows_total: import.rows_total,
            rows_done: import.rows_done,
            rows_per_second,
            seconds_remaining,
            counts: counts(import.counts),
            error: import
                .error
                .as_deref()
                .map(serde_json::from_str)
                .transpose()?,
            open: open(import).iter().map(|verb| (*verb).to_owned()).collect(),
        })
    };
    read().map_err(|error| AppError::from(error).into())
}

/// The same as JSON, as it is kept for requests that are repeated.
pub(crate) fn json(import: &Import) -> serde_json::Value {
    self::import(import)
        .ok()
        .and_then(|import| serde_json::to_value(import).ok())
        .unwrap_or_default()
}

fn counts(counts: Counts) -> wire::ImportCounts {
    let Counts {
        created,
        updated,
        duplicates,
        refused,
        warnings,
        likely_duplicates,
        others_created,
        problems: _,
        batches: _,
        undone,
        kept,
    } = counts;
    wire::ImportCounts {
        created,
        updated,
        duplicates,
        refused,
        warnings,
        likely_duplicates,
        others_created,
        undone,
        kept,
    }
}

/// Rows per second since it was last taken up, and the seconds that the rest will take at that.
fn progress(import: &Import) -> (Option<i64>, Option<i64>) {
    let working = matches!(
        State::from_code(&import.state),
        Some(State::Checking | State::Running)
    );
    let (Some(since), true) = (import.resumed_at, working) else {
        return (None, None);
    };
    let milliseconds = (clock::now() - since).num_milliseconds().max(1);
    let rate = (import.rows_done - import.resumed_rows) * 1000 / milliseconds;
    let left = import
        .rows_total
        .filter(|_| rate > 0)
        .map(|total| (total - import.rows_done).max(0) / rate.max(1));
    (Some(rate), left)
}

/// One problem.
pub(super) fn problem(problem: Problem) -> wire::ImportProblem {
    let Problem {
        number: _,
        row,
        column,
        field,
        code,
        params,
        severity,
    } = problem;
    wire::ImportProblem {
        row,
        column,
        field,
        code,
        params,
        severity,
    }
}

/// A saved mapping.
pub(super) fn saved(saved: SavedMapping) -> wire::SavedMapping {
    let SavedMapping { id, name, mapping } = saved;
    wire::SavedMapping { id, name, mapping }
}

/// A delimiter by its name.
pub(super) fn delimiter(name: &str) -> Result<char, Refusal> {
    match name {
        "comma" | "," => Ok(','),
        "semicolon" | ";" => Ok(';'),
        "tab" | "\t" => Ok('\t'),
        _ => Err(Refusal::parameter("delimiter", "unknown_choice")),
    }
}
