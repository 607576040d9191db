//! The filter of a list as chips with a builder, and as text. Both say the same: the server takes the
//! text apart.

use chrono::NaiveDate;
use kehu_domain::def::{Def, Field, Scale, Type};
use kehu_wire::expression::Condition;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::problems::explain;
use crate::state::API;
use crate::t;
use crate::ui::prelude::*;
use crate::widgets::conditions::{in_words, needs_value, operator_name, operators, to_text};
use crate::widgets::field_input::field_input;
use crate::widgets::lookups::Lookups;
use crate::widgets::pickers::RecordsPicker;
use crate::widgets::texts::{date_texts, list_texts};
use crate::widgets::{cells, kinds};

/// The parts of a filter; `None` where it says more than chips can.
type Parts = Option<Vec<Condition>>;

/// Chips, a builder and the text of a filter.
#[component]
pub(crate) fn FilterBar(
    /// The kind.
    def: &'static Def,
    /// The filter.
    #[prop(into)]
    filter: Signal<String>,
    /// Called with the new filter.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    let parts = RwSignal::<Parts>::new(Some(Vec::new()));
    // Whatever the address says is taken apart by the server, unless it was put together here.
    Effect::new(move |_| {
        let text = filter.get();
        let known = parts.with_untracked(|parts| {
            parts
                .as_ref()
                .is_some_and(|parts| to_text(def, parts) == text)
        });
        if known {
            return;
        }
        if text.is_empty() {
            return parts.set(Some(Vec::new()));
        }
        parts.set(None);
        spawn_local(async move {
            let answer = API.check_expression(def.kind, &text).await;
            if filter.try_get_untracked().as_ref() == Some(&text) {
                parts.set(answer.ok().and_then(|answer| answer.conditions));
            }
        });
    });
    let put = move |conditions: Vec<Condition>| {
        let text = to_text(def, &conditions);
        parts.set(Some(conditions));
        on_change.run(text);
    };
    let chip = move |(at, condition): (usize, Condition)| {
        let remove = move |()| {
            let mut now = parts.get_untracked().unwrap_or_default();
            if at < now.len() {
                now.remove(at);
            }
            put(now);
        };
        let label = Signal::derive(move || in_words(def, &condition));
        view! { <Chip label=label on=true on_remove=remove remove_label=t!("list.remove_filter") /> }
    };
    let chips = move || match parts.get() {
        Some(conditions) => conditions
            .into_iter()
            .enumerate()
            .map(chip)
            .collect_view()
            .into_any(),
        None => view! {
            <Chip
                label=t!("list.custom_filter")
                on=true
                on_remove=move |()| put(Vec::new())
                remove_label=t!("list.remove_filter")
            />
        }
        .into_any(),
    };
    let add = Callback::new(move |condition: Condition| {
        let mut now = parts.get_untracked().unwrap_or_default();
        now.push(condition);
        put(now);
    });
    view! {
        <div class="filter-bar">
            {chips}
            {move || parts.with(Option::is_some).then(|| view! { <Builder def=def on_add=add /> })}
            <FilterText def=def filter=filter on_change=on_change />
        </div>
    }
}

/// One more condition: field, comparison, value.
#[component]
fn Builder(def: &'static Def, on_add: Callback<Condition>) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Popover label=t!("list.filter") icon=Glyph::Plus small=true open=open>
            <BuilderForm def=def on_add=on_add open=open />
        </Popover>
    }
}

#[component]
fn BuilderForm(
    def: &'static Def,
    on_add: Callback<Condition>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let fields: Vec<&'static Field> = def
        .fields
        .iter()
        .chain(
            kehu_domain::def::BASE
                .iter()
                .filter(|field| field.name == "created_at" || field.name == "updated_at"),
        )
        .filter(|field| field.is_filterable())
        .collect();
    let first = kinds::state_field(def).or_else(|| fields.first().copied());
    let name = RwSignal::new(first.map(|field| field.name.to_owned()).unwrap_or_default());
    let op = RwSignal::new(String::new());
    let value = RwSignal::new(Value::Null);
    let field = Memo::new(move |_| def.field(&name.get()).map(|field| field.name));
    Effect::new(move |_| {
        if let Some(field) = field.get().and_then(|name| def.field(name)) {
            op.set(
                operators(field.ty)
                    .first()
                    .copied()
                    .unwrap_or_default()
                    .to_owned(),
            );
            value.set(if field.ty == Type::Bool {
                Value::Bool(true)
            } else {
                Value::Null
            });
        }
    });
    let choices: Vec<Choice> = fields
        .iter()
        .map(|field| Choice::new(field.name, kinds::field_name(def, field.name)))
        .collect();
    let op_choices = Signal::derive(move || {
        let ty = field
            .get()
            .and_then(|name| def.field(name))
            .map(|field| field.ty);
        ty.map(|ty| {
            operators(ty)
                .iter()
                .map(|op| Choice::new(*op, operator_name(ty, op)))
                .collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let complete = Signal::derive(move || {
        !needs_value(&op.get())
            || value.with(|value| match value {
                Value::Null => false,
                Value::Array(values) => !values.is_empty(),
                _ => true,
            })
    });
    let add = move |()| {
        if !complete.get_untracked() {
            return;
        }
        let value = if needs_value(&op.get_untracked()) {
            value.get_untracked()
        } else {
            Value::Null
        };
        on_add.run(Condition {
            field: name.get_untracked(),
            op: op.get_untracked(),
            value,
        });
        open.set(false);
    };
    let wanted = Memo::new(move |_| {
        let op = op.get();
        field
            .get()
            .filter(|_| needs_value(&op))
            .map(|name| (name, op))
    });
    // The control is made inside of its field, which tells it what it is called.
    let input = move || {
        let (name, op) = wanted.get()?;
        let field = def.field(name)?;
        Some(view! { <Field label=t!("list.value")>{value_input(def, field, op, value)}</Field> })
    };
    view! {
        <div class="filter-form stack">
            <Field label=t!("list.field")>
                <Select value=name on_change=move |text| name.set(text) choices=choices />
            </Field>
            <Field label=t!("list.compare")>
                <Select value=op on_change=move |text| op.set(text) choices=op_choices />
            </Field>
            {input}
            <Button
                kind=ButtonKind::Primary
                disabled=Signal::derive(move || !complete.get())
                on_press=add
            >
                {t!("list.add")}
            </Button>
        </div>
    }
}

/// The control for the value of a condition.
fn value_input(
    def: &'static Def,
    field: &'static Field,
    op: String,
    value: RwSignal<Value>,
) -> AnyView {
    let put = Callback::new(move |new: Value| value.set(new));
    let list = Signal::derive(move || {
        value.with(|value| {
            let values = value.as_array().into_iter().flatten();
            values
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect::<Vec<_>>()
        })
    });
    let put_list = Callback::new(move |values: Vec<String>| value.set(Value::from(values)));
    match field.ty {
        Type::Choice(codes) => {
            let all: Vec<Choice> = codes
                .iter()
                .map(|code| Choice::new(*code, kinds::choice(def, field.name, code)))
                .collect();
            several(all.into(), list, put_list)
        }
        Type::Dictionary(name) => {
            let lookups = Lookups::here();
            several(
                Signal::derive(move || lookups.entry_choices(name, "")),
                list,
                put_list,
            )
        }
        Type::Ref(kind) => match kehu_domain::kinds::find(kind) {
            Some(kind) => {
                view! { <RecordsPicker def=kind value=list on_change=put_list /> }.into_any()
            }
            None => ().into_any(),
        },
        // "has" asks for one value.
        Type::Refs(_) | Type::Tags | Type::Texts => {
            let one = Signal::derive(move || {
                value.with(|value| {
                    value
                        .as_str()
                        .map(|value| vec![value.to_owned()])
                        .unwrap_or_default()
                })
            });
            let put_one = move |values: Vec<String>| {
                value.set(
                    values
                        .into_iter()
                        .next_back()
                        .map_or(Value::Null, Value::String),
                );
            };
            let kind = if let Type::Refs(kind) = field.ty {
                kind
            } else {
                "tag"
            };
            match kehu_domain::kinds::find(kind) {
                Some(kind) => {
                    view! { <RecordsPicker def=kind value=one on_change=put_one /> }.into_any()
                }
                None => ().into_any(),
            }
        }
        Type::Time | Type::Date => {
            let day = Signal::derive(move || {
                value.with(|value| {
                    value
                        .as_str()
                        .and_then(|text| text.parse::<NaiveDate>().ok())
                })
            });
            let put_day = move |day: Option<NaiveDate>| {
                value.set(day.map_or(Value::Null, |day| Value::String(day.to_string())));
            };
            view! { <DateInput value=day on_change=put_day texts=date_texts() /> }.into_any()
        }
        Type::Email | Type::Phone | Type::Url | Type::LongText(_) | Type::Text(_) => {
            let text = Signal::derive(move || {
                value.with(|value| value.as_str().unwrap_or_default().to_owned())
            });
            let put_text = move |text: String| {
                value.set(if text.is_empty() {
                    Value::Null
                } else {
                    Value::String(text)
                });
            };
            view! { <TextInput value=text on_change=put_text /> }.into_any()
        }
        _ => {
            let _ = op;
            field_input(def, field, value.into(), put)
        }
    }
}

/// Several out of few.
pub(crate) fn several(
    all: Signal<Vec<Choice>>,
    chosen: Signal<Vec<String>>,
    on_change: Callback<Vec<String>>,
) -> AnyView {
    let letters = RwSignal::new(String::new());
    let fitting = Signal::derive(move || {
        let letters = letters.get().to_lowercase();
        all.with(|all| {
            all.iter()
                .filter(|choice| choice.label.to_lowercase().contains(&letters))
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let value = Signal::derive(move || {
        let chosen = chosen.get();
        all.with(|all| {
            all.iter()
                .filter(|choice| chosen.contains(&choice.value))
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let put = move |choices: Vec<Choice>| {
        on_change.run(choices.into_iter().map(|choice| choice.value).collect())
    };
    view! {
        <MultiSelect
            value=value
            on_change=put
            choices=fitting
            on_query=move |text| letters.set(text)
            texts=list_texts()
        />
    }
    .into_any()
}

/// The filter as text, checked by the server before it is applied.
#[component]
fn FilterText(
    def: &'static Def,
    #[prop(into)] filter: Signal<String>,
    on_change: Callback<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Popover label=t!("list.expression") icon=Glyph::Filter kind=ButtonKind::Quiet small=true open=open>
            <FilterTextForm def=def filter=filter on_change=on_change open=open />
        </Popover>
    }
}

#[component]
fn FilterTextForm(
    def: &'static Def,
    filter: Signal<String>,
    on_change: Callback<String>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let text = RwSignal::new(filter.get_untracked());
    let problem = RwSignal::new(None::<String>);
    let pending = RwSignal::new(false);
    let apply = Callback::new(move |()| {
        let wanted = text.get_untracked().trim().to_owned();
        if wanted.is_empty() {
            on_change.run(wanted);
            return open.set(false);
        }
        pending.set(true);
        spawn_local(async move {
            let answer = API.check_expression(def.kind, &wanted).await;
            if pending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => {
                    on_change.run(wanted);
                    open.set(false);
                }
                Err(error) => {
                    let place = error
                        .problem()
                        .and_then(|p| p.errors.first())
                        .and_then(|e| place_of(&e.params, &wanted));
                    let text = explain(&error);
                    problem.set(Some(match place {
                        Some(place) => format!("{text} … {place}"),
                        None => text,
                    }));
                }
            }
        });
    });
    let fields: Vec<_> = def
        .fields
        .iter()
        .filter(|field| field.is_filterable())
        .map(|field| {
            let scale = match field.scale {
                Scale::One => None,
                Scale::Millionths => Some(t!("list.in_millionths")),
                Scale::BasisPoints => Some(t!("list.in_basis_points")),
            };
            (field.name, kinds::field_name(def, field.name), scale)
        })
        .collect();
    view! {
        <div class="filter-text stack">
            <Field label=t!("list.expression_title") hint=t!("list.expression_hint").to_owned() problem=problem>
                <TextArea value=text on_change=move |new| text.set(new) rows=4 on_submit=apply autofocus=true />
            </Field>
            <div class="filter-fields">
                {fields
                    .into_iter()
                    .map(|(name, label, scale)| {
                        let scale = scale.map(|scale| view! { " " <i>{scale}</i> });
                        view! { <span><code>{name}</code> " " {label} {scale}</span> }
                    })
                    .collect_view()}
            </div>
            <Button kind=ButtonKind::Primary pending=pending on_press=apply>
                {t!("list.apply")}
            </Button>
        </div>
    }
}

/// The text from the place on that the server found wrong: offsets are in bytes of UTF-8.
fn place_of(params: &Value, text: &str) -> Option<String> {
    let offset = usize::try_from(params.get("offset")?.as_u64()?).ok()?;
    let length = params
        .get("length")
        .and_then(Value::as_u64)
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(0);
    let end = if length == 0 {
        text.len()
    } else {
        (offset + length).min(text.len())
    };
    text.get(offset..end)
        .filter(|part| !part.is_empty())
        .map(|part| format!("“{part}”"))
}

/// The columns that a table of this kind can have.
pub(crate) fn columns(def: &'static Def, shown: &[&str]) -> Vec<Column> {
    let title = def.title.first().copied().unwrap_or_default();
    let rest = def.all_fields().map(|field| field.name);
    let mut names: Vec<&'static str> = Vec::new();
    for name in shown
        .iter()
        .filter_map(|name| def.field(name))
        .map(|field| field.name)
        .chain([title])
        .chain(rest)
    {
        if !names.contains(&name) && !matches!(name, "id" | "version" | "deleted_at") {
            names.push(name);
        }
    }
    names
        .into_iter()
        .filter_map(|name| {
            let field = def.field(name)?;
            let width = match field.ty {
                Type::Bool | Type::Int(..) => 96,
                Type::Date => 120,
                Type::Time
                | Type::Money
                | Type::Phone
                | Type::Choice(_)
                | Type::Dictionary(_)
                | Type::Ref("user") => 138,
                _ if name == title => 190,
                _ => 180,
            };
            let mut column = Column::new(name, cells_label(def, name, title)).width(width);
            if matches!(field.ty, Type::Money | Type::Int(..)) {
                column = column.numeric();
            }
            if field.sortable {
                column = column.sortable();
            }
            if !shown.contains(&name) {
                column = column.optional();
            }
            Some(column)
        })
        .collect()
}

/// The heading of a column: the title's is the name of the kind.
fn cells_label(def: &'static Def, name: &str, title: &str) -> &'static str {
    if name == title && def.title.len() > 1 {
        kinds::name(def)
    } else {
        kinds::field_name(def, name)
    }
}

/// The references among these columns that have an expansion.
pub(crate) fn expand_of(def: &'static Def, shown: &[String]) -> String {
    cells::expansions(
        def.fields
            .iter()
            .filter(|field| shown.iter().any(|name| name == field.name)),
    )
}
