//! Imports: a file that becomes records.

use chrono::{DateTime, Utc};
use kehu_domain::import::Mapping;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An import as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Import {
    /// Its id.
    pub id: Uuid,
    /// What the file was called.
    pub file_name: String,
    /// How large the file is, in bytes.
    pub bytes: i64,
    /// `uploaded`, `checking`, `checked`, `running`, `completed`, `cancelled`, `failed`, `undoing`
    /// or `undone`.
    pub state: String,
    /// The mapping, once there is one.
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub mapping: Option<Mapping>,
    /// Who imports.
    pub actor_id: Uuid,
    /// When the file came.
    pub created_at: DateTime<Utc>,
    /// When the last run began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// How many rows the file has, once they are counted.
    pub rows_total: Option<i64>,
    /// How many are done.
    pub rows_done: i64,
    /// How many are done in a second, while it runs.
    pub rows_per_second: Option<i64>,
    /// In how many seconds it will be done, while it runs.
    pub seconds_remaining: Option<i64>,
    /// What became of the rows.
    pub counts: ImportCounts,
    /// Why it failed.
    pub error: Option<ImportError>,
    /// What can be done now: `start`, `cancel`, `undo`.
    pub open: Vec<String>,
}

/// What became of the rows of an import. Of a dry run: what would become of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ImportCounts {
    /// Became a record.
    pub created: i64,
    /// Were written over a record.
    pub updated: i64,
    /// Were left out because the record was there already.
    pub duplicates: i64,
    /// Were refused.
    pub refused: i64,
    /// Values that were left out because they can't be read.
    pub warnings: i64,
    /// Became a record that is likely the same as another.
    pub likely_duplicates: i64,
    /// Records of other kinds, entries of dictionaries and tags that were made because rows name
    /// them.
    pub others_created: i64,
    /// Records that were undone.
    pub undone: i64,
    /// Records that stayed when the rest was undone, because somebody has touched them.
    pub kept: i64,
}

/// Why an import failed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ImportError {
    /// The code of the problem.
    pub code: String,
    /// What is wrong with the mapping, if that is it.
    #[serde(default)]
    pub errors: Vec<crate::problem::FieldError>,
}

/// Imports, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ImportPage {
    /// The imports.
    pub items: Vec<Import>,
    /// Where the next page begins; none after the last.
    pub next_cursor: Option<String>,
}

/// One problem of one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ImportProblem {
    /// The row as a spreadsheet counts: the headings are row 1. 0 for a record that stayed when
    /// the rest was undone.
    pub row: i64,
    /// The heading of the column.
    pub column: Option<String>,
    /// The field that it was to become.
    pub field: Option<String>,
    /// What is wrong.
    pub code: String,
    /// Figures for the text.
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub params: serde_json::Value,
    /// `refused`, `warning`, `duplicate`, `likely_duplicate` or `kept`.
    pub severity: String,
}

/// Problems in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ImportProblemPage {
    /// The problems.
    pub items: Vec<ImportProblem>,
    /// Where the next page begins; none after the last.
    pub next_cursor: Option<String>,
}

/// The body of `POST /api/v1/imports/{id}/start`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct StartImport {
    /// Whether nothing is to be written.
    #[serde(default)]
    pub dry_run: bool,
    /// The mapping, in place of the one that the import has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub mapping: Option<Mapping>,
}

/// A first look at a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ImportPreview {
    /// The encoding: `UTF-8`, `gb18030`, `UTF-16LE` …
    pub encoding: String,
    /// What separates cells: a comma, a semicolon or a tab.
    pub delimiter: String,
    /// Whether the first row seems to hold headings.
    pub header: bool,
    /// The columns.
    pub columns: Vec<String>,
    /// The first rows.
    pub rows: Vec<Vec<String>>,
    /// The mapping that fits the headings.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub mapping: Mapping,
}

/// A mapping that is saved under a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SavedMapping {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// The mapping.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub mapping: Mapping,
}

/// The saved mappings of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SavedMappings {
    /// The mappings by name.
    pub items: Vec<SavedMapping>,
}

/// The body of `POST /api/v1/import-mappings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SaveMapping {
    /// What it is to be called; a mapping of the same name is replaced.
    pub name: String,
    /// The mapping.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub mapping: Mapping,
}
