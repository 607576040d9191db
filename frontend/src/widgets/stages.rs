//! What the stages of a pipeline ask for, and how long an opportunity has stood in one.

use kehu_wire::Record;
use serde_json::Value;

use crate::format;
use crate::widgets::lookups::text;

/// The texts of a list.
pub(crate) fn texts(record: &Record, name: &str) -> Vec<String> {
    let entries = record.get(name).and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.as_str().map(str::to_owned))
        .collect()
}

/// Whether a sale can still come in this stage.
pub(crate) fn is_open(stage: &Record) -> bool {
    text(stage, "stage_kind") == "open"
}

fn position(stage: &Record) -> i64 {
    stage
        .get("position")
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

/// What a stage needs before an opportunity enters it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// The fields without a value.
    pub(crate) fields: Vec<String>,
    /// The entries of the present stage's checklist that are not done.
    pub(crate) checklist: Vec<String>,
    /// Why it was won or lost.
    pub(crate) reason: bool,
}

impl Needs {
    /// What it takes to bring the opportunity from one stage to the other.
    pub(crate) fn of(opportunity: &Record, from: Option<&Record>, to: &Record) -> Self {
        let empty = |name: &String| match opportunity.get(name) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Array(values)) => values.is_empty(),
            Some(_) => false,
        };
        let fields = texts(to, "required_fields");
        let done = texts(opportunity, "checklist_done");
        let onward = |from: &&Record| {
            is_open(from)
                && match text(to, "stage_kind") {
                    "lost" => false,
                    "won" => true,
                    _ => position(to) > position(from),
                }
        };
        let checklist = from.filter(onward).map(|from| texts(from, "checklist"));
        Self {
            fields: fields.into_iter().filter(empty).collect(),
            checklist: checklist
                .unwrap_or_default()
                .into_iter()
                .filter(|entry| !done.contains(entry))
                .collect(),
            reason: !is_open(to),
        }
    }

    /// Whether nothing needs asking.
    pub(crate) fn nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// For how many days nothing happened with the opportunity.
pub(crate) fn idle_days(opportunity: &Record) -> Option<i64> {
    let age = format::age_ms(text(opportunity, "idle_since"))?;
    Some(format::whole_days(age))
}

/// For how many days nothing happened, where that is longer than its stage expects.
pub(crate) fn rotting_days(opportunity: &Record, stage: &Record) -> Option<i64> {
    let expected = stage.get("expected_days").and_then(Value::as_i64)?;
    idle_days(opportunity).filter(|idle| *idle > expected && is_open(stage))
}
