//! The form as it is drawn: sections, a control per type, what is wrong beside its field.

use kehu_domain::def::{Field, Scale, Type};
use kehu_wire::Record;
use kehu_wire::duplicates::DuplicatesAnswer;
use kehu_wire::problem::{Duplicate, FieldError};
use leptos::prelude::*;
use serde_json::Value;

use crate::problems::{field_of, field_problem};
use crate::ui::prelude::*;
use crate::widgets::cells::value_text;
use crate::widgets::field_input::{amount, field_input, foreign_money};
use crate::widgets::form_rules::{is_for_people, is_shown};
use crate::widgets::kinds;
use crate::widgets::lines::LinesEditor;
use crate::widgets::lookups::Lookups;
use crate::widgets::record_view::{SECTIONS, section_name};
use crate::widgets::repeats::{known_line, repeats_of, repeats_view};
use crate::{format, t, tf};

use super::FormState;

/// The fields of a form, section by section, and what stands in the way of saving.
#[component]
pub(crate) fn RecordForm(
    /// The form.
    form: FormState,
) -> impl IntoView {
    let is_new = form.before.with_untracked(Option::is_none);
    if is_new {
        form.follow_stage();
    }
    let repeats = repeats_of(form.def, form.before.into(), form.values.into());
    let sections = SECTIONS.into_iter().filter_map(|section| {
        let fields: Vec<&'static Field> = form
            .def
            .fields
            .iter()
            .filter(|field| {
                field.section == section
                    && is_for_people(field)
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
            .with(|values| is_shown(form.app, def, field, values, is_new))
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
        Type::LongText(_) | Type::Tags | Type::Texts | Type::Refs(_) | Type::Json | Type::Lines
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
                        } else if field.foreign {
                            amount(value.into(), put, form.currency(), false.into())
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
