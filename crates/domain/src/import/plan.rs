//! Reads the rows of a file by a compiled mapping. Pure: what needs other records (lookups) is
//! handed on as a question.

use serde_json::{Value as Json, json};

use crate::check::{self, Circumstances};
use crate::def::{Def, Field};
use crate::import::forms::{self, NumberProblem};
use crate::import::{BadValue, NumberForm, OnDuplicate};
use crate::money;
use crate::normalise;
use crate::rights::Action;
use crate::value::Value;

/// A mapping whose columns and fields are found.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The kind of the records.
    pub def: &'static Def,
    /// What to do with a row whose record is there already.
    pub on_duplicate: OnDuplicate,
    /// Fields by which a record is recognised, beside those that always are.
    pub identify_by: Vec<&'static Field>,
    /// The other system and the column of its ids.
    pub external_id: Option<(String, usize)>,
    /// The fields.
    pub fields: Vec<PlanField>,
}

/// Where one field comes from.
#[derive(Debug, Clone)]
pub struct PlanField {
    /// The field.
    pub field: &'static Field,
    /// The heading of its column, as problems name it; empty for a constant.
    pub heading: String,
    /// What to do with a cell that can't be read.
    pub bad_value: BadValue,
    /// How the records that its cells name are found.
    pub lookup: Option<PlanLookup>,
    pub(crate) from: From,
    pub(crate) values: Vec<(String, String)>,
    pub(crate) refuse_others: bool,
    pub(crate) empty: Vec<String>,
    pub(crate) fold: bool,
    pub(crate) form: Form,
}

/// What a field's text is taken from.
#[derive(Debug, Clone)]
pub(crate) struct From {
    pub(crate) columns: Vec<usize>,
    pub(crate) join: String,
    pub(crate) constant: Option<Json>,
}

/// How a field's text is read.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    Plain,
    MobileCn,
    Day(Vec<String>),
    Moment(Vec<String>, String),
    Whole(NumberForm),
    Amount(NumberForm, iso_currency::Currency),
    YesNo,
    Choice(&'static [&'static str]),
    Labels(Option<String>),
    Lookup,
    Lookups(Option<String>),
}

/// How a record is found that a cell names.
#[derive(Debug, Clone)]
pub struct PlanLookup {
    /// The kind of the record.
    pub def: &'static Def,
    /// By what.
    pub by: By,
    /// The right that it takes to name it.
    pub naming: Action,
    /// For entries of a dictionary: which one.
    pub dictionary: Option<&'static str>,
    /// What is made when there is none; `None` refuses. The cell's text becomes the field by which
    /// it was looked for.
    pub create: Option<Box<Plan>>,
}

/// By what a record is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum By {
    /// By its own id.
    Id,
    /// By a field.
    Field(&'static str),
    /// By the id that this other system has for it.
    External(String),
}

/// A row of a file, read.
#[derive(Debug, Clone, Default)]
pub struct ReadRow {
    /// What its cells give, by the number of the plan's field.
    pub given: Vec<(usize, Given)>,
    /// What can't be read.
    pub problems: Vec<CellProblem>,
    /// The id that the other system has.
    pub external_id: Option<String>,
}

/// What a cell gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A value.
    Value(Value),
    /// The record of this name.
    Find(String),
    /// The records of these names.
    FindAll(Vec<String>),
}

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct CellProblem {
    /// The number of the plan's field.
    pub at: usize,
    /// What.
    pub code: &'static str,
    /// Figures for the text.
    pub params: Json,
}

impl Plan {
    /// Reads a row. `cell` gives the text of a column.
    pub fn read<'a>(
        &self,
        cell: impl Fn(usize) -> Option<&'a str>,
        circumstances: Circumstances<'_>,
    ) -> ReadRow {
        let mut row = ReadRow {
            given: Vec::with_capacity(self.fields.len()),
            ..ReadRow::default()
        };
        for (at, field) in self.fields.iter().enumerate() {
            match field.read(&cell, circumstances) {
                Ok(Some(given)) => row.given.push((at, given)),
                Ok(None) => {}
                Err((code, params)) => row.problems.push(CellProblem { at, code, params }),
            }
        }
        row.external_id = self.external_id.as_ref().and_then(|(_, column)| {
            let text = forms::fold(cell(*column)?);
            (!text.is_empty()).then_some(text)
        });
        row
    }

    /// Whether a cell of this field has spaces around its text, which are not read: that is how the
    /// same name comes from two hands.
    pub fn is_padded<'a>(&self, field: &str, cell: impl Fn(usize) -> Option<&'a str>) -> bool {
        self.fields
            .iter()
            .filter(|of_plan| of_plan.field.name == field)
            .flat_map(|of_plan| &of_plan.from.columns)
            .filter_map(|column| cell(*column))
            .any(|text| text.trim() != text)
    }
}

type Wrong = (&'static str, Json);

const fn wrong(code: &'static str) -> Wrong {
    (code, Json::Null)
}

impl PlanField {
    fn read<'a>(
        &self,
        cell: &impl Fn(usize) -> Option<&'a str>,
        circumstances: Circumstances<'_>,
    ) -> Result<Option<Given>, Wrong> {
        let Some(text) = self.text(cell) else {
            return self.constant(circumstances);
        };
        // What the decoder put in place of bytes that are no text of the file's encoding.
        if text.contains('\u{fffd}') {
            return Err(wrong("unreadable_characters"));
        }
        let text = match self.values.iter().find(|(from, _)| *from == text) {
            Some((_, to)) if to.is_empty() => return Ok(None),
            Some((_, to)) => to.clone(),
            None if self.refuse_others => return Err(wrong("unknown_value")),
            None => text,
        };
        self.take(&text, circumstances).map(Some)
    }

    /// The text of the field's cells; `None` when they are empty.
    fn text<'a>(&self, cell: &impl Fn(usize) -> Option<&'a str>) -> Option<String> {
        let folded = |text: &str| {
            if self.fold {
                forms::fold(text)
            } else {
                text.trim().to_owned()
            }
        };
        let is_joined = self.from.columns.len() > 1;
        let parts = self.from.columns.iter().filter_map(|column| {
            let text = folded(cell(*column)?);
            // Each cell of several has its own value; a single one has it as a whole.
            let known = self
                .values
                .iter()
                .find(|(from, _)| is_joined && *from == text);
            let text = known.map_or(text, |(_, to)| to.clone());
            (!text.is_empty() && !self.empty.contains(&text)).then_some(text)
        });
        let mut whole: Option<String> = None;
        for part in parts {
            match &mut whole {
                Some(whole) => {
                    whole.push_str(&self.from.join);
                    whole.push_str(&part);
                }
                None => whole = Some(part),
            }
        }
        whole
    }

    fn constant(&self, circumstances: Circumstances<'_>) -> Result<Option<Given>, Wrong> {
        match &self.from.constant {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => self.take(text, circumstances).map(Some),
            Some(json) => self.checked(json, circumstances).map(Some),
        }
    }

    fn checked(&self, json: &Json, circumstances: Circumstances<'_>) -> Result<Given, Wrong> {
        check::value(self.field, json, circumstances)
            .map(Given::Value)
            .map_err(|problem| (problem.code, problem.params))
    }

    fn take(&self, text: &str, circumstances: Circumstances<'_>) -> Result<Given, Wrong> {
        let value = match &self.form {
            Form::Plain => return self.checked(&Json::from(text), circumstances),
            Form::MobileCn => Value::Text(
                normalise::mobile_cn(text)
                    .ok_or(("phone_invalid", json!({ "form": "mobile:CN" })))?,
            ),
            Form::Day(day_forms) => {
                Value::Date(forms::date(text, day_forms).ok_or(wrong("date_invalid"))?)
            }
            Form::Moment(moment_forms, zone) => {
                Value::Time(forms::moment(text, moment_forms, zone).ok_or(wrong("time_invalid"))?)
            }
            Form::Whole(form) => {
                let number = forms::number(text, form, 0).map_err(told)?;
                return self.checked(&Json::from(number), circumstances);
            }
            Form::Amount(form, currency) => {
                let amount = forms::number(text, form, money::decimals(*currency)).map_err(told)?;
                let json = json!({"amount": amount, "currency": currency.code()});
                return self.checked(&json, circumstances);
            }
            Form::YesNo => Value::Bool(yes_no(text).ok_or(wrong("boolean_invalid"))?),
            Form::Choice(codes) => {
                let same = |code: &&&str| code.eq_ignore_ascii_case(text);
                match codes.iter().find(same) {
                    Some(code) => Value::Text((*code).to_owned()),
                    None => return Err(("unknown_choice", json!({ "choices": codes }))),
                }
            }
            Form::Labels(separator) => {
                let names: Vec<Json> = parts(text, separator.as_deref()).map(Json::from).collect();
                return self.checked(&Json::Array(names), circumstances);
            }
            Form::Lookup => return Ok(Given::Find(text.to_owned())),
            Form::Lookups(separator) => {
                let names = parts(text, separator.as_deref()).map(str::to_owned);
                return Ok(Given::FindAll(names.collect()));
            }
        };
        Ok(Given::Value(value))
    }
}

fn told(problem: NumberProblem) -> Wrong {
    match problem {
        NumberProblem::NotANumber => wrong("number_invalid"),
        NumberProblem::TooManyDecimals => wrong("too_many_decimals"),
        NumberProblem::TooLarge => wrong("number_too_large"),
    }
}

/// The entries of a list in one cell.
fn parts<'t>(text: &'t str, separator: Option<&str>) -> impl Iterator<Item = &'t str> {
    let parts: Vec<&str> = match separator {
        Some(separator) if !separator.is_empty() => text.split(separator).collect(),
        _ => text.split([',', '，', ';', '；', '、']).collect(),
    };
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

fn yes_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "y" | "yes" | "true" | "t" | "x" | "on" | "是" | "对" | "有" | "√" => Some(true),
        "0" | "n" | "no" | "false" | "f" | "off" | "否" | "不" | "无" | "没有" | "×" => {
            Some(false)
        }
        _ => None,
    }
}
