//! Which column becomes which field, and how it is read.

use kehu_client::Error;
use kehu_domain::def::{Def, Field, Type};
use kehu_domain::import::{
    BadValue, Lookup, Mapping, Missing, NumberForm, OnDuplicate, Source, kind, kinds as importable,
};
use kehu_wire::import::{SaveMapping, StartImport};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app::go;
use crate::pages::import::Draft;
use crate::pages::import_run::problem_text;
use crate::state::API;
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::load::say_problem;
use crate::{t, tf};

/// The mapping of a chosen file.
#[component]
pub(crate) fn MappingEditor(draft: Draft) -> impl IntoView {
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let wrong = RwSignal::new(Vec::<String>::new());
    let check = move |()| {
        pending.set(true);
        wrong.set(Vec::new());
        spawn_local(async move {
            let done = send_and_check(draft).await;
            let _ = pending.try_set(false);
            match done {
                Ok(id) => go(&format!("/import?id={id}")),
                Err(error) => {
                    let told = error
                        .problem()
                        .map(|p| p.errors.clone())
                        .unwrap_or_default();
                    let text = |error: &kehu_wire::problem::FieldError| {
                        let of = draft.mapping.try_with_untracked(|m| m.kind.clone());
                        let def = kind(&of.unwrap_or_default());
                        let field = error.pointer.split('/').nth(2).unwrap_or_default();
                        let name = def.map_or("", |def| kinds::field_name(def, field));
                        let text = problem_text(&error.code, &error.params);
                        if name.is_empty() {
                            text
                        } else {
                            format!("{name}: {text}")
                        }
                    };
                    let _ = wrong.try_set(told.iter().map(text).collect());
                    if told.is_empty() {
                        say_problem(toasts, &error);
                    }
                }
            }
        });
    };
    let title = draft
        .file
        .with_value(|file| file.as_ref().map(web_sys::File::name).unwrap_or_default());
    view! {
        <div class="import">
            <PageHead title=title>
                <Button on_press=move |()| {
                    draft.preview.set(None);
                }>{t!("import.other_file")}</Button>
                <Button kind=ButtonKind::Primary pending=pending on_press=check>
                    {t!("import.check")}
                </Button>
            </PageHead>
            {move || {
                let wrong = wrong.get();
                (!wrong.is_empty())
                    .then(|| {
                        view! {
                            <Note tone=Tone::Danger>
                                {wrong.into_iter().map(|text| view! { <div>{text}</div> }).collect_view()}
                            </Note>
                        }
                    })
            }}
            <Card><Options draft=draft /></Card>
            <Card flush=true>
                {move || {
                    let kind_now = Memo::new(move |_| draft.mapping.with(|m| m.kind.clone()));
                    kind(&kind_now.get()).map(|def| view! { <Columns draft=draft def=def /> })
                }}
            </Card>
        </div>
    }
}

/// Sends the file, unless it was sent before, and starts a dry run. The import's id.
async fn send_and_check(draft: Draft) -> Result<String, Error> {
    let mut id = draft.sent.get_untracked();
    if id.is_empty() {
        let file = draft.file.get_value().ok_or(Error::Offline)?;
        let name = file.name();
        id = API.upload_import(file.into(), &name).await?.id.to_string();
        draft.sent.set(id.clone());
    }
    let start = StartImport {
        dry_run: true,
        mapping: Some(draft.mapping.get_untracked()),
    };
    API.start_import(&id, &start).await?;
    Ok(id)
}

#[component]
fn Options(draft: Draft) -> impl IntoView {
    let toasts = use_toasts();
    let mapping = draft.mapping;
    let text = move |read: fn(&Mapping) -> String| Signal::derive(move || mapping.with(read));
    let again = move |changed: (&'static str, String)| {
        let now = mapping.get_untracked();
        let mut query = vec![
            ("kind", now.kind.clone()),
            ("encoding", now.encoding.clone().unwrap_or_default()),
            ("delimiter", delimiter_name(&now)),
            ("header", now.header.to_string()),
        ];
        for entry in &mut query {
            if entry.0 == changed.0 {
                entry.1.clone_from(&changed.1);
            }
        }
        draft.look(toasts, query);
    };
    let kind_choices: Vec<Choice> = importable()
        .map(|def| Choice::new(def.kind, kinds::plural(def)))
        .collect();
    let encodings = move || {
        let now = mapping.with(|m| m.encoding.clone().unwrap_or_default());
        let mut names = vec!["utf-8", "gb18030", "utf-16le", "utf-16be", "big5"];
        if !names.contains(&now.as_str()) {
            names.clear();
        }
        let mut choices: Vec<Choice> = names
            .iter()
            .map(|n| Choice::new(*n, n.to_uppercase()))
            .collect();
        if choices.is_empty() {
            choices.push(Choice::new(now.clone(), now.to_uppercase()));
        }
        choices
    };
    let delimiters = vec![
        Choice::new("comma", t!("import.comma")),
        Choice::new("semicolon", t!("import.semicolon")),
        Choice::new("tab", t!("import.tab")),
    ];
    let policies = vec![
        Choice::new("skip", t!("import.skip")),
        Choice::new("update", t!("import.update")),
        Choice::new("create", t!("import.create")),
    ];
    let bad = vec![
        Choice::new("refuse", t!("import.refuse")),
        Choice::new("drop", t!("import.drop_value")),
    ];
    view! {
        <div class="import-options">
            <Field label=t!("import.kind")>
                <Select value=text(|m| m.kind.clone()) choices=kind_choices
                    on_change=move |kind: String| again(("kind", kind)) />
            </Field>
            <Field label=t!("import.encoding")>
                <Select value=text(|m| m.encoding.clone().unwrap_or_default())
                    choices=Signal::derive(encodings)
                    on_change=move |name: String| again(("encoding", name)) />
            </Field>
            <Field label=t!("import.delimiter")>
                <Select value=text(delimiter_name) choices=delimiters
                    on_change=move |name: String| again(("delimiter", name)) />
            </Field>
            <Field label=t!("import.on_duplicate")>
                <Select
                    value=text(|m| match m.on_duplicate {
                        OnDuplicate::Skip => "skip".to_owned(),
                        OnDuplicate::Update => "update".to_owned(),
                        OnDuplicate::Create => "create".to_owned(),
                    })
                    choices=policies
                    on_change=move |code: String| mapping.update(|m| m.on_duplicate = match code.as_str() {
                        "update" => OnDuplicate::Update,
                        "create" => OnDuplicate::Create,
                        _ => OnDuplicate::Skip,
                    })
                />
            </Field>
            <Field label=t!("import.bad_value")>
                <Select
                    value=text(|m| match m.bad_value {
                        BadValue::Refuse => "refuse".to_owned(),
                        BadValue::Drop => "drop".to_owned(),
                    })
                    choices=bad
                    on_change=move |code: String| mapping.update(|m| {
                        m.bad_value = if code == "drop" { BadValue::Drop } else { BadValue::Refuse };
                    })
                />
            </Field>
            <Checkbox
                checked=Signal::derive(move || mapping.with(|m| m.header))
                on_change=move |on: bool| again(("header", on.to_string()))
                label=t!("import.header")
            />
            <Saved mapping=mapping />
        </div>
    }
}

fn delimiter_name(mapping: &Mapping) -> String {
    match mapping.delimiter {
        Some(';') => "semicolon",
        Some('\t') => "tab",
        _ => "comma",
    }
    .to_owned()
}

/// Mappings that are saved: take one, or save this one.
#[component]
fn Saved(mapping: RwSignal<Mapping>) -> impl IntoView {
    let toasts = use_toasts();
    let saved = RwSignal::new(Vec::<kehu_wire::import::SavedMapping>::new());
    let name = RwSignal::new(String::new());
    let look = move || {
        spawn_local(async move {
            if let Ok(list) = API.import_mappings().await {
                let _ = saved.try_set(list.items);
            }
        });
    };
    look();
    let choices = move || {
        saved.with(|list| {
            list.iter()
                .map(|s| Choice::new(s.id.to_string(), s.name.clone()))
                .collect::<Vec<_>>()
        })
    };
    let take = move |id: String| {
        let found =
            saved.with_untracked(|list| list.iter().find(|s| s.id.to_string() == id).cloned());
        if let Some(found) = found {
            name.set(found.name);
            mapping.set(found.mapping);
        }
    };
    let save = move |()| {
        let body = SaveMapping {
            name: name.get_untracked(),
            mapping: mapping.get_untracked(),
        };
        spawn_local(async move {
            match API.save_import_mapping(&body).await {
                Ok(_) => {
                    toasts.success(t!("import.saved_done"));
                    look();
                }
                Err(error) => say_problem(toasts, &error),
            }
        });
    };
    view! {
        <Field label=t!("import.saved")>
            <Select value=Signal::derive(String::new) choices=Signal::derive(choices)
                placeholder=Signal::derive(|| "—".to_owned()) on_change=take />
        </Field>
        <Field label=t!("import.save_name")>
            <TextInput value=name on_change=move |text| name.set(text) />
        </Field>
        <Button on_press=save disabled=Signal::derive(move || name.with(|n| n.trim().is_empty()))>
            {t!("import.save")}
        </Button>
    }
}

#[component]
fn Columns(draft: Draft, def: &'static Def) -> impl IntoView {
    let mapping = draft.mapping;
    let rows = move || {
        let Some(preview) = draft.preview.get() else {
            return Vec::new();
        };
        let cells = |at: usize| -> Vec<String> {
            let mut seen: Vec<String> = Vec::new();
            for cell in preview.rows.iter().filter_map(|row| row.get(at)) {
                let cell = cell.trim();
                if !cell.is_empty() && !seen.iter().any(|s| s == cell) {
                    seen.push(cell.to_owned());
                }
            }
            seen
        };
        preview
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| (column.clone(), cells(at)))
            .collect()
    };
    let fixed = move || {
        mapping.with(|m| {
            m.fields
                .iter()
                .filter(|(_, source)| source.column.is_none())
                .map(|(name, _)| tf!("import.fixed", field = kinds::field_name(def, name)))
                .collect::<Vec<_>>()
        })
    };
    view! {
        <div class="import-scroll">
            <table class="import-table map">
                <thead>
                    <tr>
                        <th>{t!("import.column")}</th>
                        <th>{t!("import.sample")}</th>
                        <th>{t!("import.field")}</th>
                        <th>{t!("import.reading")}</th>
                    </tr>
                </thead>
                <tbody>
                    {move || rows().into_iter()
                        .map(|(column, cells)| view! { <Column mapping=mapping def=def column=column cells=cells /> })
                        .collect_view()}
                </tbody>
            </table>
        </div>
        {move || {
            let fixed = fixed();
            (!fixed.is_empty()).then(|| view! {
                <p class="muted card-body">{t!("import.also")} " · " {fixed.join(" · ")}</p>
            })
        }}
    }
}

#[component]
fn Column(
    mapping: RwSignal<Mapping>,
    def: &'static Def,
    column: String,
    cells: Vec<String>,
) -> impl IntoView {
    let heading = StoredValue::new(column.clone());
    let cells = StoredValue::new(cells);
    let field = Memo::new(move |_| {
        mapping.with(|m| {
            let of_column = |(_, source): &(&String, &Source)| {
                heading.with_value(|heading| source.column.as_ref() == Some(heading))
            };
            m.fields
                .iter()
                .find(of_column)
                .map(|(name, _)| name.clone())
                .unwrap_or_default()
        })
    });
    let choices: Vec<Choice> = def
        .fields
        .iter()
        .filter(|field| field.on_new() && !field.ty.is_structure())
        .map(|field| Choice::new(field.name, kinds::field_name(def, field.name)))
        .collect();
    let choose = move |name: String| {
        mapping.update(|m| {
            let heading = heading.get_value();
            m.fields
                .retain(|_, source| source.column.as_ref() != Some(&heading));
            if let Some(field) = def.field(&name) {
                m.fields.insert(name, standard(field, heading));
            }
        });
    };
    let sample =
        cells.with_value(|cells| cells.iter().take(3).cloned().collect::<Vec<_>>().join(", "));
    view! {
        <tr>
            <td><b>{column.clone()}</b></td>
            <td class="sample" title=sample.clone()>{sample.clone()}</td>
            <td>
                <Select value=field choices=choices placeholder=t!("import.leave_out")
                    label=column on_change=choose small=true />
            </td>
            <td>
                {move || def.field(&field.get()).map(|field| view! {
                    <Reading mapping=mapping def=def field=field cells=cells />
                })}
            </td>
        </tr>
    }
}

/// How a column is read that is chosen by hand.
fn standard(field: &'static Field, column: String) -> Source {
    let missing = match field.ty {
        Type::Dictionary(_) => Some(Missing::Create),
        Type::Ref(_) | Type::Refs(_) => Some(Missing::Refuse),
        _ => None,
    };
    Source {
        column: Some(column),
        lookup: missing.map(|missing| Lookup {
            missing,
            ..Lookup::default()
        }),
        ..Source::default()
    }
}

#[component]
fn Reading(
    mapping: RwSignal<Mapping>,
    def: &'static Def,
    field: &'static Field,
    cells: StoredValue<Vec<String>>,
) -> impl IntoView {
    let change = move |edit: &dyn Fn(&mut Source)| {
        mapping.update(|m| {
            if let Some(source) = m.fields.get_mut(field.name) {
                edit(source);
            }
        });
    };
    let read = move |of: fn(&Source) -> String| {
        Signal::derive(move || {
            mapping.with(|m| m.fields.get(field.name).map(of).unwrap_or_default())
        })
    };
    let name = kinds::field_name(def, field.name);
    let view = match field.ty {
        Type::Phone => {
            let choices = vec![
                Choice::new("phone", t!("import.any_phone")),
                Choice::new("mobile:CN", t!("import.mobile_cn")),
            ];
            view! {
                <Select small=true label=name choices=choices
                    value=read(|s| s.form.clone().unwrap_or_else(|| "phone".to_owned()))
                    on_change=move |form: String| change(&|s| s.form = Some(form.clone())) />
            }
            .into_any()
        }
        Type::Dictionary(_) | Type::Ref(_) | Type::Refs(_) => {
            let choices = vec![
                Choice::new("refuse", t!("import.missing_refuse")),
                Choice::new("create", t!("import.missing_create")),
            ];
            view! {
                <Select small=true label=name choices=choices
                    value=read(|s| match s.lookup.as_ref().map(|l| l.missing) {
                        Some(Missing::Create) => "create".to_owned(),
                        _ => "refuse".to_owned(),
                    })
                    on_change=move |code: String| change(&|s| {
                        let lookup = s.lookup.get_or_insert_with(Lookup::default);
                        lookup.missing = if code == "create" { Missing::Create } else { Missing::Refuse };
                    }) />
            }
            .into_any()
        }
        Type::Date | Type::Time => view! {
            <TextInput label=name placeholder=t!("import.date_forms")
                value=read(|s| s.date_forms.join(" | "))
                on_change=move |text: String| change(&|s| {
                    s.date_forms = text.split('|').map(str::trim).filter(|f| !f.is_empty())
                        .map(str::to_owned).collect();
                }) />
        }
        .into_any(),
        Type::Money | Type::Int(..) => {
            let choices = vec![
                Choice::new("1", t!("import.scale_1")),
                Choice::new("1000", t!("import.scale_thousand")),
                Choice::new("10000", t!("import.scale_ten_thousand")),
                Choice::new("1000000", t!("import.scale_million")),
            ];
            view! {
                <Select small=true label=name choices=choices
                    value=read(|s| s.number.as_ref().map_or(1, |n| n.scale).to_string())
                    on_change=move |scale: String| change(&|s| {
                        let number = s.number.get_or_insert_with(NumberForm::default);
                        number.scale = scale.parse().unwrap_or(1);
                    }) />
            }
            .into_any()
        }
        Type::Choice(codes) => {
            let texts: Vec<String> =
                cells.with_value(|cells| cells.iter().take(12).cloned().collect());
            let one = move |text: String| {
                let choices: Vec<Choice> = codes
                    .iter()
                    .map(|code| Choice::new(*code, kinds::choice(def, field.name, code)))
                    .collect();
                let (shown, key) = (text.clone(), text.clone());
                let value = Signal::derive(move || {
                    mapping.with(|m| {
                        let source = m.fields.get(field.name);
                        source
                            .and_then(|s| s.values.get(&key))
                            .cloned()
                            .unwrap_or_default()
                    })
                });
                let label = tf!("import.value_of", text = shown);
                view! {
                    <div class="import-value">
                        <span class="clip">{shown}</span>
                        <Select small=true label=label choices=choices value=value
                            placeholder=t!("import.value_keep")
                            on_change=move |code: String| change(&|s| {
                                if code.is_empty() {
                                    s.values.remove(&text);
                                } else {
                                    s.values.insert(text.clone(), code.clone());
                                }
                            }) />
                    </div>
                }
            };
            texts.into_iter().map(one).collect_view().into_any()
        }
        _ => ().into_any(),
    };
    view! { <div class="import-reading">{view}</div> }
}
