//! Finds the columns and fields that a mapping names, and tells everything that is wrong with it.

use crate::ctx::Workspace;
use crate::def::{Def, Default, Field, FieldProblem, Type};
use crate::import::forms::DATE_FORMS;
use crate::import::plan::{By, Form, From, Plan, PlanField, PlanLookup};
use crate::import::{Lookup, Mapping, Missing, OnDuplicate, OtherValues, Source, kind};
use crate::scope::{Action, naming};
use crate::{kinds, money};

/// How deep records that are made because they were missing may name others.
const DEPTH: usize = 4;

/// Finds everything that the mapping names.
///
/// # Errors
/// Everything that is wrong with it, at its place: `/fields/phone/column`.
pub fn compile(
    mapping: &Mapping,
    headings: &[String],
    workspace: &Workspace,
) -> Result<Plan, Vec<FieldProblem>> {
    let Some(def) = kind(&mapping.kind) else {
        return Err(vec![FieldProblem::new("kind", "unknown_kind")]);
    };
    let mut compiler = Compiler {
        mapping,
        headings,
        workspace,
        problems: Vec::new(),
    };
    let mut plan = compiler.plan(def, &mapping.fields, "fields", &[], 0);
    plan.on_duplicate = mapping.on_duplicate;
    for name in &mapping.identify_by {
        match def.field(name) {
            Some(field) if plan.fields.iter().any(|f| f.field.name == field.name) => {
                plan.identify_by.push(field);
            }
            _ => compiler.wrong("identify_by", "unknown_field"),
        }
    }
    if let Some(external) = &mapping.external_id {
        if external.source.trim().is_empty() {
            compiler.wrong("external_id/source", "required");
        }
        if let Some(column) = compiler.column(&external.column, "external_id/column") {
            plan.external_id = Some((external.source.trim().to_owned(), column));
        }
    }
    if compiler.problems.is_empty() {
        Ok(plan)
    } else {
        Err(compiler.problems)
    }
}

struct Compiler<'a> {
    mapping: &'a Mapping,
    headings: &'a [String],
    workspace: &'a Workspace,
    problems: Vec<FieldProblem>,
}

type Sources = std::collections::BTreeMap<String, Source>;

impl Compiler<'_> {
    fn wrong(&mut self, at: &str, code: &'static str) {
        self.problems.push(FieldProblem::new(at, code));
    }

    fn plan(
        &mut self,
        def: &'static Def,
        sources: &Sources,
        at: &str,
        given: &[&str],
        depth: usize,
    ) -> Plan {
        let mut fields = Vec::new();
        for (name, source) in sources {
            let here = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            match def.field(name) {
                None => self.wrong(&here, "unknown_field"),
                Some(field) if !field.on_new() => self.wrong(&here, "read_only"),
                Some(field) => fields.extend(self.field(field, source, &here, depth)),
            }
        }
        for field in def.fields {
            let defaulted = field.default != Default::Null;
            let there = sources.contains_key(field.name) || given.contains(&field.name);
            if field.required && !defaulted && !there {
                self.wrong(&format!("{at}/{}", field.name), "required");
            }
        }
        // In the order of the declaration, so that problems are told in the order of the form.
        let place = |field: &PlanField| {
            let same = |other: &Field| other.name == field.field.name;
            def.fields.iter().position(same)
        };
        fields.sort_by_key(place);
        for field in &mut fields {
            if let Some(lookup) = &mut field.lookup {
                lookup.naming = naming(def, field.field);
            }
        }
        Plan {
            def,
            on_duplicate: OnDuplicate::Skip,
            identify_by: Vec::new(),
            external_id: None,
            fields,
        }
    }

    fn field(
        &mut self,
        field: &'static Field,
        source: &Source,
        at: &str,
        depth: usize,
    ) -> Option<PlanField> {
        let mut columns = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        let single = source.column.iter().map(|name| (name, "column"));
        let several = source.columns.iter().map(|name| (name, "columns"));
        for (name, part) in single.chain(several) {
            columns.push(self.column(name, &format!("{at}/{part}"))?);
            names.push(name);
        }
        if columns.is_empty() && source.constant.is_none() {
            self.wrong(at, "source_missing");
            return None;
        }
        let heading = names.join(" + ");
        let lookup = self.lookup(field, source.lookup.as_ref(), at, depth)?;
        let form = self.form(field, source, at)?;
        let plain_text =
            matches!(field.ty, Type::Text(_) | Type::LongText(_)) || field.ty.is_structure();
        let fold = source.fold.unwrap_or(!plain_text);
        let plain = |text: &String| {
            if fold {
                crate::import::forms::fold(text)
            } else {
                text.trim().to_owned()
            }
        };
        Some(PlanField {
            field,
            heading,
            bad_value: source.bad_value.unwrap_or(self.mapping.bad_value),
            lookup,
            from: From {
                columns,
                join: source.join.clone().unwrap_or_else(|| " ".to_owned()),
                constant: source.constant.clone(),
            },
            values: source
                .values
                .iter()
                .map(|(from, to)| (plain(from), to.clone()))
                .collect(),
            refuse_others: source.other_values == OtherValues::Refuse,
            empty: source.empty.iter().map(plain).collect(),
            fold,
            form,
        })
    }

    fn form(&mut self, field: &'static Field, source: &Source, at: &str) -> Option<Form> {
        let number = source.number.clone().unwrap_or_default();
        if number.scale <= 0 || number.thousands == Some(number.decimal) {
            self.wrong(&format!("{at}/number"), "unknown_form");
            return None;
        }
        let date_forms = || {
            let own = Some(&source.date_forms).filter(|forms| !forms.is_empty());
            let general = Some(&self.mapping.date_forms).filter(|forms| !forms.is_empty());
            own.or(general)
                .cloned()
                .unwrap_or_else(|| DATE_FORMS.iter().map(|form| (*form).to_owned()).collect())
        };
        let separator = source.separator.clone();
        Some(match field.ty {
            Type::Phone => match source.form.as_deref() {
                None | Some("phone") => Form::Plain,
                Some("mobile:CN") => Form::MobileCn,
                Some(_) => {
                    self.wrong(&format!("{at}/form"), "unknown_form");
                    return None;
                }
            },
            Type::Date | Type::Time => {
                let forms = date_forms();
                if !forms.iter().all(|form| is_date_form(form)) {
                    self.wrong(&format!("{at}/date_forms"), "unknown_form");
                    return None;
                }
                if field.ty == Type::Date {
                    Form::Day(forms)
                } else {
                    Form::Moment(forms, self.workspace.time_zone.clone())
                }
            }
            Type::Int(..) => Form::Whole(number),
            Type::Money => {
                let currency = match &source.currency {
                    Some(code) => money::currency(code),
                    None => Some(self.workspace.currency),
                };
                let Some(currency) = currency else {
                    self.wrong(&format!("{at}/currency"), "unknown_currency");
                    return None;
                };
                if currency != self.workspace.currency && !field.foreign {
                    self.wrong(&format!("{at}/currency"), "no_rate");
                    return None;
                }
                Form::Amount(number, currency)
            }
            Type::Bool => Form::YesNo,
            Type::Choice(codes) => Form::Choice(codes),
            Type::Tags | Type::Texts => Form::Labels(separator),
            Type::Dictionary(_) | Type::Ref(_) => Form::Lookup,
            Type::Refs(_) => Form::Lookups(separator),
            Type::Text(_)
            | Type::LongText(_)
            | Type::Email
            | Type::Url
            | Type::Json
            | Type::Lines => Form::Plain,
        })
    }

    /// How what the field names is found: `Some(None)` for fields that name nothing.
    #[expect(
        clippy::option_option,
        reason = "the outer one says that a problem was told"
    )]
    fn lookup(
        &mut self,
        field: &'static Field,
        lookup: Option<&Lookup>,
        at: &str,
        depth: usize,
    ) -> Option<Option<PlanLookup>> {
        let (kind, dictionary) = match field.ty {
            Type::Ref(kind) | Type::Refs(kind) => (kind, None),
            Type::Dictionary(name) => ("dictionary_entry", Some(name)),
            _ if lookup.is_some() => {
                self.wrong(&format!("{at}/lookup"), "names_nothing");
                return None;
            }
            _ => return Some(None),
        };
        let here = format!("{at}/lookup");
        let def = kinds::find(kind)?;
        let standard = Lookup::default();
        let lookup = lookup.unwrap_or(&standard);
        let by = match lookup.by.as_deref() {
            Some("id") if dictionary.is_none() => By::Id,
            Some("external_id") if dictionary.is_none() => match &lookup.source {
                Some(source) if !source.trim().is_empty() => By::External(source.trim().to_owned()),
                _ => {
                    self.wrong(&format!("{here}/source"), "required");
                    return None;
                }
            },
            None => By::Field(def.title.first().copied().unwrap_or("name")),
            Some(name) => match def.field(name).filter(|field| is_text(field.ty)) {
                Some(field) => By::Field(field.name),
                None => {
                    self.wrong(&format!("{here}/by"), "unknown_field");
                    return None;
                }
            },
        };
        let create = match lookup.missing {
            Missing::Refuse => None,
            Missing::Create => {
                let By::Field(key) = by else {
                    self.wrong(&format!("{here}/missing"), "cannot_create");
                    return None;
                };
                // What computes figures and has a number is not made in passing.
                let is_document = def.has("base_amount");
                if depth >= DEPTH || is_document || crate::import::kind(kind).is_none() {
                    self.wrong(&format!("{here}/missing"), "cannot_create");
                    return None;
                }
                let given: &[&str] = match dictionary {
                    Some(_) => &["dictionary", "code", "name"],
                    None => &[key],
                };
                let within = format!("{here}/fields");
                Some(Box::new(self.plan(
                    def,
                    &lookup.fields,
                    &within,
                    given,
                    depth + 1,
                )))
            }
        };
        Some(Some(PlanLookup {
            def,
            by,
            naming: Action::View,
            dictionary,
            create,
        }))
    }

    fn column(&mut self, name: &str, at: &str) -> Option<usize> {
        let exact = self.headings.iter().position(|heading| heading == name);
        let found = exact.or_else(|| {
            let same =
                |heading: &String| heading.trim().to_lowercase() == name.trim().to_lowercase();
            self.headings.iter().position(same)
        });
        if found.is_none() {
            let problem = FieldProblem::new(at, "unknown_column");
            self.problems
                .push(problem.with(serde_json::json!({ "column": name })));
        }
        found
    }
}

/// Whether records can be looked for by fields of this type.
const fn is_text(ty: Type) -> bool {
    matches!(ty, Type::Text(_) | Type::Email | Type::Phone | Type::Url)
}

/// Whether the form is one that days can be written in.
fn is_date_form(form: &str) -> bool {
    let items = chrono::format::StrftimeItems::new(form);
    let mut whole = form.contains('%');
    for item in items {
        whole &= !matches!(item, chrono::format::Item::Error);
    }
    whole
}
