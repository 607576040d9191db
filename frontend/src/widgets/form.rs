//! The form of a kind, made of its declaration: sections, a control per type, problems on their
//! fields while one types, duplicates with links, and a choice where somebody else was faster.

use chrono::DateTime;
use kehu_domain::check::{Circumstances, new_record};
use kehu_domain::def::{self, Def, Field, Scale, Type};
use kehu_domain::document;
use kehu_wire::Record;
use kehu_wire::duplicates::DuplicatesAnswer;
use kehu_wire::problem::{Duplicate, FieldError, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::problems::{explain, field_of, field_problem};
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::cells::value_text;
use crate::widgets::field_input::{field_input, foreign_money};
use crate::widgets::form_rules::is_shown;
use crate::widgets::kinds;
use crate::widgets::lines::{LineTerms, LinesEditor};
use crate::widgets::lookups::{Lookups, text};
use crate::widgets::record_view::{SECTIONS, section_name};
use crate::widgets::repeats::{known_line, repeats_of, repeats_view};
use crate::{format, t, tf};

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
                    field.on_new() && (!is_new || is_shown(self.def, field, values, true))
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
                .is_some_and(|f| is_shown(self.def, f, &values, is_new));
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

/// The fields of a form, section by section, and what stands in the way of saving.
#[component]
pub(crate) fn RecordForm(
    /// The form.
    form: FormState,
) -> impl IntoView {
    let is_new = form.before.with_untracked(Option::is_none);
    let repeats = repeats_of(form.def, form.before.into(), form.values.into());
    let sections = SECTIONS.into_iter().filter_map(|section| {
        let fields: Vec<&'static Field> = form
            .def
            .fields
            .iter()
            .filter(|field| {
                field.section == section
                    && if is_new {
                        field.on_new()
                    } else {
                        field.on_patch()
                    }
            })
            .collect();
        (!fields.is_empty()).then(|| {
            let controls = fields
                .into_iter()
                .map(|field| control(form, field, is_new, repeats))
                .collect_view();
            view! {
                <h2>{section_name(section)}</h2>
                {controls}
            }
            .into_any()
        })
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit(false);
    };
    view! {
        <form class="stack" on:submit=submit novalidate>
            <div class="form">{sections.collect_view()}</div>
            {move || form.problem.get().map(|text| view! { <Note tone=Tone::Danger>{text}</Note> })}
            {move || {
                let found = form.duplicates.get();
                (!found.is_empty()).then(|| duplicates_note(form, &found))
            }}
            // Enter in a field sends the form; the button that people see stands outside of it.
            <button type="submit" class="visually-hidden" tabindex="-1" aria-hidden="true"></button>
        </form>
        <StaleDialog form=form />
    }
}

fn control(
    form: FormState,
    field: &'static Field,
    is_new: bool,
    repeats: Signal<DuplicatesAnswer>,
) -> AnyView {
    let def = form.def;
    let shown = Memo::new(move |_| {
        form.values
            .with(|values| is_shown(def, field, values, is_new))
    });
    let value = Memo::new(move |_| {
        form.values
            .with(|values| values.get(field.name).cloned().unwrap_or(Value::Null))
    });
    let problem = Signal::derive(move || {
        let of_field = |errors: &Vec<FieldError>| {
            errors
                .iter()
                .find(|error| field_of(&error.pointer) == field.name)
                .map(|error| scaled_problem(field, error))
        };
        form.refused
            .with(of_field)
            .or_else(|| form.errors.with(of_field))
    });
    let whole = matches!(
        field.ty,
        Type::LongText(_) | Type::Tags | Type::Texts | Type::Refs(_)
    ) || field.name == "address";
    let label = if matches!(field.ty, Type::Bool) {
        ""
    } else {
        kinds::field_name(def, field.name)
    };
    if field.name == "lines" {
        return lines_control(form, field, value.into(), problem);
    }
    let drawn = move || {
        shown.get().then(|| {
            let put = Callback::new(move |value| form.put(field, value));
            // The control is made inside of its field, which tells it what it is called.
            view! {
                <div class:whole=whole data-field=field.name>
                    <Field label=label required=field.required && !matches!(field.ty, Type::Bool) problem=problem>
                        {if field.name == "amount" && field.foreign {
                            foreign_money(value.into(), put, form.has_lines())
                        } else {
                            field_input(def, field, value.into(), put)
                        }}
                    </Field>
                    {repeats_view(def, field, repeats)}
                </div>
            }
        })
    };
    drawn.into_any()
}

/// The lines of a document, with what the server says of one of them beside it.
fn lines_control(
    form: FormState,
    field: &'static Field,
    value: Signal<Value>,
    problem: Signal<Option<String>>,
) -> AnyView {
    let errors = Signal::derive(move || form.refused.get());
    view! {
        <div class="whole field" data-field=field.name>
            <div class="field-label">{kinds::field_name(form.def, field.name)}</div>
            <LinesEditor
                value=value
                on_change=move |value| form.put(field, value)
                terms=form.terms()
                errors=errors
            />
            <div aria-live="polite">
                {move || problem.get().map(|text| view! { <p class="field-problem">{text}</p> })}
            </div>
        </div>
    }
    .into_any()
}

/// What is wrong with a field, its bounds as its scale reads them.
fn scaled_problem(field: &Field, error: &FieldError) -> String {
    let mut error = error.clone();
    if let (false, Some(params)) = (field.scale == Scale::One, error.params.as_object_mut()) {
        for bound in params.values_mut() {
            if let Some(number) = bound.as_i64() {
                *bound = Value::String(format::scaled(number, field.scale));
            }
        }
    }
    field_problem(&error)
}

fn duplicates_note(form: FormState, found: &[Duplicate]) -> AnyView {
    let lines = found.iter().map(known_line).collect_view();
    view! {
        <Note tone=Tone::Warning>
            <p>{t!("form.duplicate")}</p>
            <ul class="dots">{lines}</ul>
            <div class="row note-actions">
                <Button small=true pending=form.pending on_press=move |()| form.submit(true)>
                    {t!("form.save_anyway")}
                </Button>
            </div>
        </Note>
    }
    .into_any()
}

/// Somebody else changed the record meanwhile: shows what, and lets one keep or take each field.
#[component]
fn StaleDialog(form: FormState) -> impl IntoView {
    let open = Signal::derive(move || form.stale.with(Option::is_some));
    let theirs = RwSignal::new(Vec::<String>::new());
    let lookups = Lookups::here();
    // Fields that only somebody else changed are theirs; where both did, one's own stays unless one says so.
    Effect::new(move |_| {
        form.stale.with(|stale| {
            let Some((_, changed)) = stale else { return };
            let before = form.before.get_untracked().unwrap_or_default();
            let values = form.values.get_untracked();
            let untouched = |name: &&String| before.get(*name) == values.get(*name);
            theirs.set(changed.iter().filter(untouched).cloned().collect());
        });
    });
    let close = move |()| form.stale.set(None);
    let save = move |()| {
        if let Some((now, _)) = form.stale.get_untracked() {
            form.go_on_from(now, &theirs.get_untracked());
        }
    };
    let line = move |name: String, now: &Record| {
        let def = form.def;
        let field = def.field(&name).filter(|field| field.on_patch())?;
        let mine = form
            .values
            .with_untracked(|values| values.get(&name).cloned().unwrap_or(Value::Null));
        let other = now.get(&name).cloned().unwrap_or(Value::Null);
        if mine == other {
            return None;
        }
        let choices = vec![
            Choice::new(
                "mine",
                tf!("form.mine", value = value_text(def, field, &mine)),
            ),
            Choice::new(
                "theirs",
                tf!("form.theirs", value = value_text(def, field, &other)),
            ),
        ];
        let chosen = {
            let name = name.clone();
            Signal::derive(move || {
                let taken = theirs.with(|theirs| theirs.contains(&name));
                if taken { "theirs" } else { "mine" }.to_owned()
            })
        };
        let choose = move |choice: String| {
            theirs.update(|theirs| {
                theirs.retain(|known| *known != name);
                if choice == "theirs" {
                    theirs.push(name.clone());
                }
            });
        };
        Some(view! {
            <Field label=kinds::field_name(def, field.name)>
                <RadioGroup value=chosen on_change=choose choices=choices />
            </Field>
        })
    };
    let body = move || {
        let _ = lookups;
        form.stale.get().map(|(now, changed)| {
            let lines = changed
                .into_iter()
                .filter_map(|name| line(name, &now))
                .collect_view();
            view! {
                <div class="stack">
                    <p>{t!("form.stale_text")}</p>
                    {lines}
                </div>
            }
        })
    };
    view! {
        <Dialog
            open=open
            on_close=close
            title=t!("form.stale")
            close_label=t!("common.close")
            width=DialogWidth::Middle
            footer=move || {
                view! {
                    <Button on_press=close>{t!("common.cancel")}</Button>
                    <Button kind=ButtonKind::Primary pending=form.pending on_press=save>{t!("common.save")}</Button>
                }
            }
        >
            {body}
        </Dialog>
    }
}
