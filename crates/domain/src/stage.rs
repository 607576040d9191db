//! Stages of pipelines (阶段): where a possible sale stands, how likely it is there, and what it
//! must have to get there.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::capabilities::Capabilities;
use crate::def::{self, Def, Default, FieldProblem, Visibility};
use crate::exchange::WHOLE;
use crate::opportunity;
use crate::record::Record;
use crate::value::Value;

codes! {
    /// What a stage means for the sale.
    pub enum StageKind {
        /// It may still come.
        Open = "open",
        /// It was made.
        Won = "won",
        /// It will not be made.
        Lost = "lost",
    }
}

record! {
    /// A stage of a pipeline.
    pub struct Stage {
        /// The pipeline.
        pipeline_id: Uuid = def::reference("pipeline").required().on_create();
        /// Its name.
        name: String = def::text(120).required().searchable().sortable();
        /// What files and other systems call it.
        code: Option<String> = def::text(60).unique();
        /// Where it stands among the others of its pipeline.
        position: i64 = def::int(0, 1_000_000).required().sortable().default(Default::Int(0));
        /// What it means for the sale.
        stage_kind: StageKind = def::choice(StageKind::CODES)
            .required()
            .on_create()
            .default(Default::Text("open"));
        /// How likely the sale is here.
        probability: i64 = def::basis_points(WHOLE).required().default(Default::Int(0));
        /// After how many days without progress an opportunity rots here.
        expected_days: Option<i64> = def::int(1, 3650);
        /// The fields that an opportunity must have to enter: a list of names.
        required_fields: Json = def::json();
        /// What should be done here: a list of texts. All of it must be ticked to go on from here.
        checklist: Json = def::json();
    }
}

/// The kind.
pub static DEF: Def = Def {
    kind: "stage",
    plural: "stages",
    table: "stages",
    fields: Stage::FIELDS,
    title: &["name"],
    visibility: Visibility::Workspace,
    check,
    can: Capabilities::NONE,
};

/// The most entries of a checklist, and of the required fields.
const MAX_ENTRIES: usize = 30;

/// The lists hold texts, and required fields are fields that people fill in.
fn check(_before: Option<&Record>, after: &Record) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    for name in ["required_fields", "checklist"] {
        let Value::Json(json) = after.get(name) else {
            continue;
        };
        let Some(entries) = json.as_array() else {
            let problem = FieldProblem::new(name, "wrong_type");
            problems.push(problem.with(json!({ "expected": "list" })));
            continue;
        };
        if entries.len() > MAX_ENTRIES {
            let problem = FieldProblem::new(name, "too_many");
            problems.push(problem.with(json!({ "max": MAX_ENTRIES })));
        }
        for (index, entry) in entries.iter().enumerate() {
            let known = match entry.as_str() {
                Some(text) if name == "checklist" => {
                    !text.trim().is_empty() && text.chars().count() <= 200
                }
                Some(field) => opportunity::DEF.field(field).is_some_and(|f| f.on_patch()),
                None => false,
            };
            if !known {
                problems.push(FieldProblem::new(
                    &format!("{name}/{index}"),
                    "unknown_choice",
                ));
            }
        }
    }
    let kind = after
        .get("stage_kind")
        .as_text()
        .and_then(StageKind::from_code);
    let settled = match kind {
        Some(StageKind::Won) => Some(WHOLE),
        Some(StageKind::Lost) => Some(0),
        Some(StageKind::Open) | None => None,
    };
    if let Some(probability) = settled
        && after.get("probability").as_int() != Some(probability)
    {
        let problem = FieldProblem::new("probability", "out_of_range");
        problems.push(problem.with(json!({"min": probability, "max": probability})));
    }
    problems
}

impl Stage {
    /// The names of the fields that an opportunity must have to enter.
    #[must_use]
    pub fn required_fields(&self) -> Vec<&str> {
        texts(&self.required_fields)
    }

    /// What should be done here.
    #[must_use]
    pub fn checklist(&self) -> Vec<&str> {
        texts(&self.checklist)
    }
}

/// The texts of a list.
#[must_use]
pub fn texts(list: &Json) -> Vec<&str> {
    let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(Json::as_str).collect()
}
