//! The form of a kind, made of its declaration: sections, a control per type, problems on their
//! fields while one types, duplicates with links, and a choice where somebody else was faster.

mod stage;
pub mod view;

use chrono::DateTime;
use kehu_domain::check::{Circumstances, new_record};
use kehu_domain::def::{self, Def, Field};
use kehu_domain::document;
use kehu_wire::Record;
use kehu_wire::problem::{Duplicate, FieldError, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::format;
use crate::problems::{explain, field_of, field_problem};
use crate::state::{API, App};
use crate::widgets::form_rules::is_shown;
use crate::widgets::lines::LineTerms;
use crate::widgets::lookups::text;

/// What a form knows. Copy it freely.
#[derive(Clone, Copy)]
pub struct FormState {
    def: &'static Def,
    /// The record before; `None` for a new one.
    before: RwSignal<Option<Record>>,
    values: RwSignal<Record>,
    /// What the browser found wrong.
    errors: RwSignal<Vec<FieldError>>,
    /// What the server found wrong when it was sent last.
    refused: RwSignal<Vec<FieldError>>,
    /// The fields that somebody was in: only these show problems before the form was sent.
    touched: RwSignal<Vec<&'static str>>,
    sent: RwSignal<bool>,
    pending: RwSignal<bool>,
    problem: RwSignal<Option<String>>,
    duplicates: RwSignal<Vec<Duplicate>>,
    /// What somebody else changed meanwhile: the record as it is now and the fields.
    stale: RwSignal<Option<(Record, Vec<String>)>>,
    /// The same key while the same values are sent, so that nothing is made twice.
    key: StoredValue<Option<(Record, String)>>,
    /// The stage of a new opportunity whose kind is known.
    known_stage: StoredValue<Option<String>>,
    on_saved: Callback<Record>,
    app: App,
}

impl FormState {
    /// A form for a new record with these values filled in, or for an existing one.
    pub(crate) fn new(
        def: &'static Def,
        before: Option<Record>,
        preset: Record,
        on_saved: Callback<Record>,
    ) -> Self {
        let app = App::here();
        let values = match &before {
            Some(record) => own_values(def, record),
            None => {
                let mut values = defaults(def, app);
                values.extend(preset);
                values
            }
        };
        Self {
            def,
            before: RwSignal::new(before),
            values: RwSignal::new(values),
            errors: RwSignal::new(Vec::new()),
            refused: RwSignal::new(Vec::new()),
            touched: RwSignal::new(Vec::new()),
            sent: RwSignal::new(false),
            pending: RwSignal::new(false),
            problem: RwSignal::new(None),
            duplicates: RwSignal::new(Vec::new()),
            stale: RwSignal::new(None),
            key: StoredValue::new(None),
            known_stage: StoredValue::new(None),
            on_saved,
            app,
        }
    }

    /// Whether it is being sent.
    pub(crate) const fn pending(self) -> RwSignal<bool> {
        self.pending
    }

    fn put(self, field: &'static Field, value: Value) {
        self.values.update(|values| {
            values.insert(field.name.to_owned(), value);
        });
        self.touched.update(|touched| {
            if !touched.contains(&field.name) {
                touched.push(field.name);
            }
        });
        // What the server said of this field was about the value before.
        self.refused
            .update(|errors| errors.retain(|error| field_of(&error.pointer) != field.name));
        self.duplicates.update(Vec::clear);
        if self.def.has("lines") {
            self.sum_up();
        }
        self.check();
    }

    /// The code of the currency of a document's amounts.
    fn currency(self) -> Signal<String> {
        let own = self.app.currency();
        Signal::derive(move || {
            let money = |name| {
                self.values
                    .with(|values| format::money_parts(values.get(name)?))
            };
            money("amount").map_or_else(|| own.clone(), |(_, code)| code)
        })
    }

    /// How a document's lines are meant.
    fn terms(self) -> LineTerms {
        let has = move |name: &'static str, default: bool| {
            let given = |values: &Record| values.get(name).and_then(Value::as_bool);
            self.values.with(given).unwrap_or(default)
        };
        let discount = move || {
            let money = |values: &Record| format::money_parts(values.get("discount")?);
            self.values.with(money).map_or(0, |(amount, _)| amount)
        };
        LineTerms {
            currency: self.currency(),
            includes_tax: Signal::derive(move || has("includes_tax", false)),
            discount: Signal::derive(discount),
        }
    }

    /// The amount of a document with lines is their sum, and everything is in one currency.
    fn sum_up(self) {
        let (code, terms) = untrack(|| (self.currency().get(), self.terms().read()));
        self.values.update(|values| {
            if let Some((discount, _)) = values.get("discount").and_then(format::money_parts) {
                let discount = json!({"amount": discount, "currency": code});
                values.insert("discount".to_owned(), discount);
            }
            let lines = values.get("lines").map(document::parse);
            let (Some(Ok(lines)), Some(terms)) = (lines, terms) else {
                return;
            };
            if let (false, Ok(totals)) = (lines.is_empty(), document::compute(&lines, terms)) {
                let amount = json!({"amount": totals.gross, "currency": code});
                values.insert("amount".to_owned(), amount);
            }
        });
    }

    /// Whether the amount is the sum of lines.
    fn has_lines(self) -> Signal<bool> {
        Signal::derive(move || {
            let list = |values: &Record| {
                let lines = values.get("lines").and_then(Value::as_array);
                lines.is_some_and(|lines| !lines.is_empty())
            };
            self.values.with(list)
        })
    }

    /// Checks with the rules that the server has too.
    fn check(self) -> bool {
        let body = self.body();
        let found = problems_of(self.def, &body, self.app);
        let (sent, touched) = (self.sent.get_untracked(), self.touched.get_untracked());
        let shown: Vec<FieldError> = found
            .iter()
            .filter(|error| {
                sent || (touched.contains(&field_of(&error.pointer)) && error.code != "required")
            })
            .cloned()
            .collect();
        self.errors.set(shown);
        found.is_empty()
    }

    /// The values that may be sent: those that the form shows.
    fn body(self) -> Record {
        let is_new = self.before.with_untracked(Option::is_none);
        self.values.with_untracked(|values| {
            self.def
                .fields
                .iter()
                .filter(|field| {
                    field.on_new() && (!is_new || is_shown(self.app, self.def, field, values, true))
                })
                .filter_map(|field| {
                    let value = values.get(field.name)?;
                    (!value.is_null() || !is_new).then(|| (field.name.to_owned(), value.clone()))
                })
                .collect()
        })
    }

    /// The fields that differ from the record before.
    fn patch(self, before: &Record) -> Record {
        self.values.with_untracked(|values| {
            self.def
                .fields
                .iter()
                .filter(|field| field.on_patch())
                .filter_map(|field| {
                    let now = values.get(field.name).unwrap_or(&Value::Null);
                    let old = before.get(field.name).unwrap_or(&Value::Null);
                    (now != old).then(|| (field.name.to_owned(), now.clone()))
                })
                .collect()
        })
    }

    /// Sends the form.
    pub(crate) fn submit(self, allow_duplicate: bool) {
        if self.pending.get_untracked() {
            return;
        }
        self.sent.set(true);
        self.problem.set(None);
        self.refused.set(Vec::new());
        if !self.check() {
            focus_first_problem();
            return;
        }
        self.pending.set(true);
        spawn_local(async move {
            let before = self.before.get_untracked();
            let result = match &before {
                None => {
                    self.know_stage().await;
                    let body = self.body();
                    let key = self.key_for(&body);
                    API.create(self.def.plural, body, allow_duplicate, Some(key))
                        .await
                }
                Some(before) => {
                    let patch = self.patch(before);
                    if patch.is_empty() {
                        Ok(before.clone())
                    } else {
                        let version = crate::pages::list::version(before);
                        API.patch(self.def.plural, text(before, "id"), version, patch)
                            .await
                    }
                }
            };
            if self.pending.try_set(false).is_some() {
                return;
            }
            match result {
                Ok(record) => {
                    self.app.note_write();
                    self.on_saved.run(record);
                }
                Err(error) => {
                    let stale = error.status() == 412;
                    match error.problem() {
                        Some(problem) if stale => self.meet_other(problem.clone()).await,
                        Some(problem) if !problem.duplicates.is_empty() => {
                            self.duplicates.set(problem.duplicates.clone());
                        }
                        Some(problem) if !problem.errors.is_empty() => self.show(problem),
                        _ => self.problem.set(Some(explain(&error))),
                    }
                }
            }
        });
    }

    fn key_for(self, body: &Record) -> String {
        let known = self
            .key
            .get_value()
            .filter(|(sent, _)| sent == body)
            .map(|(_, key)| key);
        known.unwrap_or_else(|| {
            let key = format!("{:x}{:x}", random(), random());
            self.key.set_value(Some((body.clone(), key.clone())));
            key
        })
    }

    /// Puts the server's problems on their fields.
    fn show(self, problem: &Problem) {
        let is_new = self.before.with_untracked(Option::is_none);
        let values = self.values.get_untracked();
        let mut stray = Vec::new();
        let mut errors = Vec::new();
        for error in &problem.errors {
            let shown = self
                .def
                .field(field_of(&error.pointer))
                .is_some_and(|f| is_shown(self.app, self.def, f, &values, is_new));
            if shown {
                errors.push(error.clone());
            } else {
                stray.push(field_problem(error));
            }
        }
        self.refused.set(errors);
        if !stray.is_empty() {
            self.problem.set(Some(stray.join(" ")));
        }
        focus_first_problem();
    }

    /// Somebody else changed the record: looks at how it is now.
    async fn meet_other(self, problem: Problem) {
        let Some(before) = self.before.get_untracked() else {
            return;
        };
        match API.get(self.def.plural, text(&before, "id"), "").await {
            Ok(now) => {
                let changed: Vec<String> = if problem.changed.is_empty() {
                    let differs = |field: &&Field| now.get(field.name) != before.get(field.name);
                    self.def
                        .fields
                        .iter()
                        .filter(differs)
                        .map(|field| field.name.to_owned())
                        .collect()
                } else {
                    problem.changed
                };
                self.stale.set(Some((now, changed)));
            }
            Err(error) => self.problem.set(Some(explain(&error))),
        }
    }

    /// Goes on from the record as it is now. `theirs` are the fields whose new value is taken.
    fn go_on_from(self, now: Record, theirs: &[String]) {
        self.values.update(|values| {
            for name in theirs {
                values.insert(name.clone(), now.get(name).cloned().unwrap_or(Value::Null));
            }
        });
        if let Some(field) = self.def.lines() {
            self.values.update(|values| {
                let mine = values.get(field.name).unwrap_or(&Value::Null);
                let mine = document::rebased(mine, now.get(field.name));
                values.insert(field.name.to_owned(), mine);
            });
        }
        self.before.set(Some(now));
        self.stale.set(None);
        self.submit(false);
    }
}

fn random() -> u64 {
    uuid_part(js_sys::Math::random())
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a random number from 0 to 2^52"
)]
fn uuid_part(random: f64) -> u64 {
    (random * 4_503_599_627_370_496.0) as u64
}

/// What is wrong with a body, by the rules that the server has too.
fn problems_of(def: &'static Def, body: &Record, app: App) -> Vec<FieldError> {
    let known = kehu_domain::money::currency;
    let Some(currency) = known(&app.currency()).or_else(|| known("CNY")) else {
        return Vec::new();
    };
    let circumstances = Circumstances {
        currency,
        country: "CN",
        actor: app.user_id().parse().unwrap_or_default(),
        now: DateTime::from_timestamp_millis(whole_ms(format::now())).unwrap_or_default(),
    };
    match new_record(def, body, circumstances) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .into_iter()
            .map(|problem| FieldError {
                pointer: problem.pointer,
                code: problem.code.to_owned(),
                params: problem.params,
            })
            .collect(),
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "milliseconds since 1970 fit"
)]
fn whole_ms(value: f64) -> i64 {
    value as i64
}

/// The values of a new record that does not give them.
fn defaults(def: &Def, app: App) -> Record {
    def.fields
        .iter()
        .filter(|field| field.on_new())
        .filter_map(|field| {
            let value = match field.default {
                def::Default::Null => return None,
                def::Default::Bool(yes) => Value::Bool(yes),
                def::Default::Int(number) => Value::from(number),
                def::Default::Text(code) => Value::from(code),
                def::Default::Actor => Value::String(app.user_id()),
                def::Default::Now => Value::String(format::moment_text(format::now())),
            };
            Some((field.name.to_owned(), value))
        })
        .collect()
}

fn own_values(def: &Def, record: &Record) -> Record {
    def.fields
        .iter()
        .filter_map(|field| Some((field.name.to_owned(), record.get(field.name)?.clone())))
        .collect()
}

fn focus_first_problem() {
    request_animation_frame(|| {
        let found = document()
            .query_selector("[aria-invalid=true]")
            .ok()
            .flatten();
        if let Some(element) = found {
            crate::ui::dom::focus(&element);
        }
    });
}
