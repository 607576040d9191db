//! Rows on their way: read by the plan, but not decided.

use kehu_domain::check::Circumstances;
use kehu_domain::import::plan::{By, Given, Plan, ReadRow};
use kehu_domain::value::Value;
use kehu_persistence::imports::results::Problem;
use serde_json::Value as Json;

/// A row of the file as the plan reads it.
#[derive(Debug, Clone)]
pub(super) struct FileRow {
    /// Its number as a spreadsheet counts.
    pub(super) number: i64,
    /// Its cells.
    pub(super) cells: csv::StringRecord,
    /// What they give.
    pub(super) read: ReadRow,
}

impl FileRow {
    /// Reads a row by the plan.
    pub(super) fn read(
        plan: &Plan,
        number: i64,
        cells: csv::StringRecord,
        circumstances: Circumstances<'_>,
    ) -> Self {
        Self {
            number,
            read: plan.read(|at| cells.get(at), circumstances),
            cells,
        }
    }

    /// The cells as they are kept.
    pub(super) fn texts(&self) -> Vec<String> {
        self.cells.iter().map(str::to_owned).collect()
    }
}

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    Refused,
    Warning,
    Duplicate,
    LikelyDuplicate,
    Kept,
}

impl Severity {
    const fn code(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Warning => "warning",
            Self::Duplicate => "duplicate",
            Self::LikelyDuplicate => "likely_duplicate",
            Self::Kept => "kept",
        }
    }
}

/// A problem without a number yet.
pub(super) fn problem(row: i64, code: &str, params: Json, severity: Severity) -> Problem {
    Problem {
        number: 0,
        row,
        column: None,
        field: None,
        code: code.to_owned(),
        params,
        severity: severity.code().to_owned(),
    }
}

/// The same, of a field of the plan.
pub(super) fn field_problem(
    plan: &Plan,
    row: i64,
    field: &str,
    code: &str,
    params: Json,
    severity: Severity,
) -> Problem {
    let of_plan = plan.fields.iter().find(|f| f.field.name == field);
    Problem {
        column: of_plan
            .map(|f| f.heading.clone())
            .filter(|heading| !heading.is_empty()),
        field: Some(field.to_owned()).filter(|field| !field.is_empty()),
        ..problem(row, code, params, severity)
    }
}

/// The text by which other rows of the file name this one, where the plan looks up its own kind.
pub(super) fn own_name(plan: &Plan, by: &By, read: &ReadRow) -> Option<String> {
    match by {
        By::Id => None,
        By::External(source) => {
            let own = plan
                .external_id
                .as_ref()
                .is_some_and(|(own, _)| own == source);
            read.external_id.clone().filter(|_| own)
        }
        By::Field(name) => {
            let at = plan.fields.iter().position(|f| f.field.name == *name)?;
            read.given.iter().find_map(|(given_at, given)| match given {
                Given::Value(Value::Text(text)) if *given_at == at => Some(text.clone()),
                _ => None,
            })
        }
    }
}
