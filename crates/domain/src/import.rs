//! What an import is told: which column of a file becomes which field, and how its texts are read.
//!
//! A [`Mapping`] is a file (TOML or JSON) or stands saved in a workspace. The browser knows its
//! shape; only the server reads files by it ([`plan`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::def::Def;
use crate::kinds;

#[cfg(feature = "server")]
pub mod compile;
#[cfg(feature = "server")]
pub mod forms;
#[cfg(feature = "server")]
pub mod headings;
#[cfg(feature = "server")]
pub mod plan;

/// How a file becomes records of one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The kind of the records: `lead`.
    pub kind: String,
    /// The encoding of the file: `utf-8`, `gb18030`, `utf-16le`, `utf-16be`. Detected when it is
    /// left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What stands between two cells: `,`, `;` or a tab. Detected when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Whether the first row holds headings; without, columns are called `1`, `2`, `3` …
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub header: bool,
    /// What to do with a row whose record is there already.
    #[serde(default)]
    pub on_duplicate: OnDuplicate,
    /// What to do with a cell that can't be read.
    #[serde(default)]
    pub bad_value: BadValue,
    /// Fields by which a record is recognised, beside those that are always: telephone and email,
    /// values that may stand only once, the external id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identify_by: Vec<String>,
    /// The id that another system has for the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// The forms in which days and moments are written, tried in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub date_forms: Vec<String>,
    /// Where each field comes from.
    #[serde(default)]
    pub fields: BTreeMap<String, Source>,
}

/// The id that another system has for the record of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalId {
    /// The other system.
    pub source: String,
    /// The column that holds the id.
    pub column: String,
}

/// Where the value of one field comes from, and how it is read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Several columns, joined; empty cells are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// What stands between joined columns; a space unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<String>,
    /// The same value for every row; with a column, the value of rows whose cell is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<Json>,
    /// What stands for what: the text of a cell → the value. An empty value means none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// What becomes of texts that `values` does not have.
    #[serde(default, skip_serializing_if = "OtherValues::is_keep")]
    pub other_values: OtherValues,
    /// Texts that mean "nothing": `-`, `N/A`, `无`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub empty: Vec<String>,
    /// Whether full-width letters and digits are made plain; unless it is given, everywhere but in
    /// text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<bool>,
    /// The forms of days and moments, in place of the mapping's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub date_forms: Vec<String>,
    /// How numbers are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<NumberForm>,
    /// The currency of an amount; the workspace's unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The form of a telephone number: `phone` (any), `mobile:CN` (11 digits that begin with 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// How the record that the cell names is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Lookup>,
    /// What stands between the entries of a list; commas and semicolons unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// What to do with a cell that can't be read, in place of the mapping's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad_value: Option<BadValue>,
}

/// How numbers are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NumberForm {
    /// What groups thousands.
    pub thousands: Option<char>,
    /// What separates the decimals.
    pub decimal: char,
    /// What the number is multiplied by: 1000000 where a column is in millions.
    pub scale: i64,
}

impl Default for NumberForm {
    fn default() -> Self {
        Self {
            thousands: Some(','),
            decimal: '.',
            scale: 1,
        }
    }
}

/// How the record that a cell names is found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lookup {
    /// By which field the record is found: `name` unless it is given; `id`, or `external_id`
    /// together with `source`. Entries of dictionaries are found by code, then by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The system whose ids the cells hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What to do when there is none.
    pub missing: Missing,
    /// The other fields of a record that is made because it was missing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Source>,
}

/// What to do with a row whose record is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDuplicate {
    /// Leave what is there as it is.
    #[default]
    Skip,
    /// Write the row's values over it.
    Update,
    /// Make one more.
    Create,
}

/// What to do with a cell that can't be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadValue {
    /// Refuse the row.
    #[default]
    Refuse,
    /// Leave the value out, with a warning.
    Drop,
}

/// What to do with a text that the map of values does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherValues {
    /// Take it as it is.
    #[default]
    Keep,
    /// It is a value that can't be read.
    Refuse,
}

impl OtherValues {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_keep(&self) -> bool {
        *self == Self::Keep
    }
}

/// What to do when there is no record of the name that a cell holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// It is a value that can't be read.
    #[default]
    Refuse,
    /// Make it.
    Create,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_yes(flag: &bool) -> bool {
    *flag
}

/// The kinds that files may be imported into.
pub fn kinds() -> impl Iterator<Item = &'static Def> {
    kinds::ALL
        .iter()
        .copied()
        .filter(|def| def.can.importable && !def.is_ledger())
}

/// The kind with this noun, if files may be imported into it.
#[must_use]
pub fn kind(kind: &str) -> Option<&'static Def> {
    kinds().find(|def| def.kind == kind)
}
