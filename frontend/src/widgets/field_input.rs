//! The control for a field, chosen by its declared type.

use chrono::{NaiveDate, NaiveDateTime};
use kehu_domain::def::{Def, Field, Scale, Type};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::state::App;
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::lookups::Lookups;
use crate::widgets::pickers::{RecordPicker, RecordsPicker};
use crate::widgets::role_rights::{self, Said};
use crate::widgets::texts::date_texts;
use crate::{format, t};

/// The control. It holds JSON as the API takes it; `Null` for nothing.
pub(crate) fn field_input(
    def: &'static Def,
    field: &'static Field,
    value: Signal<Value>,
    on_change: Callback<Value>,
) -> AnyView {
    let text =
        Signal::derive(move || value.with(|value| value.as_str().unwrap_or_default().to_owned()));
    let put_text = Callback::new(move |text: String| {
        on_change.run(if text.is_empty() {
            Value::Null
        } else {
            Value::String(text)
        });
    });
    match field.ty {
        Type::Text(max) => line(text, put_text, "text", Some(max)),
        Type::Email => line(text, put_text, "email", None),
        Type::Phone => line(text, put_text, "tel", None),
        Type::Url => line(text, put_text, "url", None),
        Type::LongText(max) => {
            let max = u32::try_from(max).unwrap_or(u32::MAX);
            view! { <TextArea value=text on_change=put_text max_length=max /> }.into_any()
        }
        Type::Int(..) => match field.scale {
            Scale::One => whole_number(value, on_change),
            Scale::BasisPoints => decimal(value, on_change, 2, "%"),
            Scale::Millionths => decimal(value, on_change, 6, ""),
        },
        Type::Bool => {
            let on =
                Signal::derive(move || value.with(|value| value.as_bool().unwrap_or_default()));
            let label = kinds::field_name(def, field.name);
            view! { <Switch on=on on_change=move |on: bool| on_change.run(Value::Bool(on)) label=label /> }.into_any()
        }
        Type::Date => {
            let day = Signal::derive(move || text.with(|text| text.parse::<NaiveDate>().ok()));
            let put = move |day: Option<NaiveDate>| {
                on_change.run(day.map_or(Value::Null, |day| Value::String(day.to_string())));
            };
            view! { <DateInput value=day on_change=put texts=date_texts() /> }.into_any()
        }
        Type::Time => {
            let local = Signal::derive(move || text.with(|text| local_time(text)));
            let put = move |time: Option<NaiveDateTime>| on_change.run(moment(time));
            view! { <DateTimeInput value=local on_change=put texts=date_texts() /> }.into_any()
        }
        Type::Money if field.foreign => foreign_money(value, on_change, false.into()),
        Type::Money => money(value, on_change),
        Type::Choice(codes) => {
            let choices: Vec<Choice> = codes
                .iter()
                .map(|code| Choice::new(*code, kinds::choice(def, field.name, code)))
                .collect();
            select(text, put_text, choices.into(), field.required)
        }
        Type::Dictionary(name) => {
            let lookups = Lookups::here();
            let choices =
                Signal::derive(move || text.with(|keep| lookups.entry_choices(name, keep)));
            select(text, put_text, choices, field.required)
        }
        Type::Ref(kind) => match kehu_domain::kinds::find(kind) {
            Some(kind) => {
                view! { <RecordPicker def=kind value=text on_change=put_text /> }.into_any()
            }
            None => ().into_any(),
        },
        Type::Refs(kind) => several(kehu_domain::kinds::find(kind), value, on_change),
        Type::Tags => several(kehu_domain::kinds::find("tag"), value, on_change),
        Type::Texts if field.name == "special_rights" => {
            let put = move |codes: Vec<String>| on_change.run(Value::from(codes));
            let all = role_rights::special_choices();
            crate::widgets::filter_bar::several(all.into(), texts_of(value), Callback::new(put))
        }
        Type::Texts => texts(value, on_change),
        Type::Json if field.name == "grants" => role_rights::editor(Said::Grants, value, on_change),
        Type::Json if field.name == "field_rights" => {
            role_rights::editor(Said::Fields, value, on_change)
        }
        Type::Json if field.name == "required_fields" => field_names(value, on_change),
        Type::Json if field.name == "checklist" => entries(value, on_change),
        Type::Json | Type::Lines => ().into_any(),
    }
}

/// The names of fields of opportunities that people fill in.
fn field_names(value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    let opportunity = &kehu_domain::opportunity::DEF;
    let all: Vec<Choice> = opportunity
        .fields
        .iter()
        .filter(|field| field.on_patch() && field.name != "checklist_done")
        .map(|field| Choice::new(field.name, kinds::field_name(opportunity, field.name)))
        .collect();
    let put = move |names: Vec<String>| {
        on_change.run(if names.is_empty() {
            Value::Null
        } else {
            Value::from(names)
        });
    };
    crate::widgets::filter_bar::several(all.into(), texts_of(value), Callback::new(put))
}

/// Texts, one on each line.
fn entries(value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    // What was typed stays as it is, an unfinished line included, until somebody else changes it.
    let typed = RwSignal::new(None::<String>);
    let lists = texts_of(value);
    let shown = Signal::derive(move || {
        typed
            .get()
            .unwrap_or_else(|| lists.with(|list| list.join("\n")))
    });
    let put = move |text: String| {
        let list: Vec<String> = text
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect();
        typed.set(Some(text));
        on_change.run(if list.is_empty() {
            Value::Null
        } else {
            Value::from(list)
        });
    };
    view! { <TextArea value=shown on_change=put placeholder=t!("form.one_per_line") /> }.into_any()
}

fn texts_of(value: Signal<Value>) -> Signal<Vec<String>> {
    Signal::derive(move || {
        value.with(|value| {
            let texts = value.as_array().into_iter().flatten();
            texts
                .filter_map(|text| text.as_str().map(str::to_owned))
                .collect::<Vec<_>>()
        })
    })
}

/// A moment as the API writes it, on the clock of the workspace.
pub(crate) fn local_time(text: &str) -> Option<NaiveDateTime> {
    let ms = format::moment_ms(text)?;
    NaiveDateTime::parse_from_str(&format::local_text(ms), "%Y-%m-%dT%H:%M").ok()
}

/// A time on the clock of the workspace as the API writes it.
pub(crate) fn moment(time: Option<NaiveDateTime>) -> Value {
    time.and_then(|time| format::moment_of_local(&time.format("%Y-%m-%dT%H:%M").to_string()))
        .map_or(Value::Null, |ms| Value::String(format::moment_text(ms)))
}

fn line(
    value: Signal<String>,
    on_change: Callback<String>,
    kind: &'static str,
    max: Option<usize>,
) -> AnyView {
    let max = max.and_then(|max| u32::try_from(max).ok()).unwrap_or(250);
    view! { <TextInput value=value on_change=on_change kind=kind max_length=max /> }.into_any()
}

fn select(
    value: Signal<String>,
    on_change: Callback<String>,
    choices: Signal<Vec<Choice>>,
    required: bool,
) -> AnyView {
    if required {
        view! { <Select value=value on_change=on_change choices=choices /> }.into_any()
    } else {
        view! { <Select value=value on_change=on_change choices=choices placeholder=t!("common.none") /> }.into_any()
    }
}

/// Several short texts, separated by commas.
fn texts(value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    let joined = Signal::derive(move || {
        value.with(|value| {
            let texts = value.as_array().into_iter().flatten();
            texts
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        })
    });
    let split = Callback::new(move |text: String| {
        let texts = text.split([',', '，', '、']).map(str::trim);
        on_change.run(texts.filter(|text| !text.is_empty()).collect());
    });
    line(joined, split, "text", None)
}

fn several(def: Option<&'static Def>, value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    let Some(def) = def else {
        return ().into_any();
    };
    let ids = Signal::derive(move || {
        value.with(|value| {
            let ids = value.as_array().into_iter().flatten();
            ids.filter_map(|id| id.as_str().map(str::to_owned))
                .collect::<Vec<_>>()
        })
    });
    let put = move |ids: Vec<String>| on_change.run(Value::from(ids));
    view! { <RecordsPicker def=def value=ids on_change=put /> }.into_any()
}

fn whole_number(value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    // What is no number yet ("-") stays as it was typed and is refused when it is sent.
    let shown = Signal::derive(move || {
        value.with(|value| match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => String::new(),
        })
    });
    let put = move |text: String| {
        let plain = text.trim().replace([',', '，'], "");
        on_change.run(match plain.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) if plain.is_empty() => Value::Null,
            Err(_) => Value::String(plain),
        });
    };
    view! { <TextInput value=shown on_change=put inputmode="numeric" numeric=true /> }.into_any()
}

/// A decimal number that is kept as a whole number of 10^-digits.
fn decimal(
    value: Signal<Value>,
    on_change: Callback<Value>,
    digits: u32,
    suffix: &'static str,
) -> AnyView {
    let number = Signal::derive(move || value.with(Value::as_i64));
    let put = move |number: Option<i64>| on_change.run(number.map_or(Value::Null, Value::from));
    if suffix.is_empty() {
        view! { <DecimalInput value=number on_change=put digits=digits unreadable=t!("lines.unreadable") /> }.into_any()
    } else {
        view! { <DecimalInput value=number on_change=put digits=digits suffix=suffix unreadable=t!("lines.unreadable") /> }.into_any()
    }
}

fn money(value: Signal<Value>, on_change: Callback<Value>) -> AnyView {
    let own = App::here().currency();
    let code = Memo::new(move |_| {
        value.with(|value| format::money_parts(value).map_or_else(|| own.clone(), |(_, code)| code))
    });
    amount(value, on_change, code.into(), false.into())
}

/// Money in a currency that can be chosen. While `computed`, only the currency can be changed.
pub(crate) fn foreign_money(
    value: Signal<Value>,
    on_change: Callback<Value>,
    computed: Signal<bool>,
) -> AnyView {
    let (own, lookups) = (App::here().currency(), Lookups::here());
    // The currency is kept here while there is no amount yet.
    let chosen = RwSignal::new(own.clone());
    let code = Memo::new(move |_| {
        value
            .with(format::money_parts)
            .map_or_else(|| chosen.get(), |(_, code)| code)
    });
    let choices = Signal::derive(move || lookups.currency_choices(&own, &code.get()));
    let choose = move |new: String| {
        chosen.set(new.clone());
        if let Some((amount, old)) = value.with_untracked(format::money_parts) {
            let (from, to) = (format::currency_digits(&old), format::currency_digits(&new));
            // The figure stays what it reads: 100.00 becomes 100.
            let amount = if to >= from {
                amount.checked_mul(10_i64.pow(to - from)).unwrap_or(amount)
            } else {
                amount / 10_i64.pow(from - to)
            };
            on_change.run(json!({"amount": amount, "currency": new}));
        }
    };
    view! {
        <div class="foreign-money">
            {amount(value, on_change, code.into(), computed)}
            <Select value=code on_change=choose choices=choices label=Signal::derive(|| t!("lines.currency").to_owned()) />
        </div>
    }
    .into_any()
}

/// Money in a currency that something else says.
pub(crate) fn amount(
    value: Signal<Value>,
    on_change: Callback<Value>,
    code: Signal<String>,
    disabled: Signal<bool>,
) -> AnyView {
    let minor = Signal::derive(move || {
        value.with(|value| format::money_parts(value).map(|(amount, _)| amount))
    });
    let currency = Signal::derive(move || {
        let code = code.get();
        Currency {
            symbol: format::currency_symbol(&code),
            digits: format::currency_digits(&code),
            code,
        }
    });
    let put = move |amount: Option<i64>| {
        on_change.run(match amount {
            Some(amount) => json!({"amount": amount, "currency": code.get_untracked()}),
            None => Value::Null,
        });
    };
    view! {
        <MoneyInput
            value=minor
            on_change=put
            currency=currency
            unreadable=t!("problem.field.amount")
            disabled=disabled
        />
    }
    .into_any()
}
