//! The first run: names the workspace and makes its administrator.

use js_sys::{Array, Reflect};
use kehu_wire::problem::FieldError;
use kehu_wire::session::{SetupRequest, SetupState};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::app::replace;
use crate::i18n::{Lang, lang};
use crate::pages::sign_in::Brand;
use crate::problems::{explain, field_of, field_problem};
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::{format, t};

/// The currencies that are offered first; the rest is left to the settings.
const CURRENCIES: &[&str] = &[
    "CNY", "USD", "EUR", "HKD", "TWD", "MOP", "JPY", "KRW", "SGD", "MYR", "THB", "VND", "GBP",
    "AUD", "CAD", "CHF", "MXN", "BRL",
];

/// The page `/start`.
#[component]
pub(crate) fn Start(
    /// What the server asks for.
    state: SetupState,
) -> impl IntoView {
    let app = App::here();
    app.place(vec![Crumb::here(t!("start.title"))]);
    let text = || RwSignal::new(String::new());
    let (workspace, name, email, password, token) = (text(), text(), text(), text(), text());
    let currency = RwSignal::new(if lang() == Lang::ZhHans { "CNY" } else { "USD" }.to_owned());
    let zone = RwSignal::new(format::browser_zone());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let errors = RwSignal::new(Vec::<FieldError>::new());
    let wrong = move |field: &'static str| {
        Signal::derive(move || {
            errors.with(|errors| {
                errors
                    .iter()
                    .find(|error| field_of(&error.pointer) == field)
                    .map(field_problem)
            })
        })
    };
    let typed = move |field: &str, value: RwSignal<String>, text: String| {
        value.set(text);
        errors.update(|errors| errors.retain(|error| field_of(&error.pointer) != field));
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        let required = [
            ("workspace_name", workspace),
            ("name", name),
            ("email", email),
            ("password", password),
        ];
        let missing: Vec<FieldError> = required
            .into_iter()
            .filter(|(_, value)| value.with_untracked(|value| value.trim().is_empty()))
            .map(|(field, _)| FieldError {
                pointer: format!("/{field}"),
                code: "required".to_owned(),
                params: serde_json::Value::Null,
            })
            .collect();
        let complete = missing.is_empty();
        errors.set(missing);
        problem.set(None);
        if !complete {
            return;
        }
        let given = token.get_untracked().trim().to_owned();
        let request = SetupRequest {
            workspace_name: workspace.get_untracked().trim().to_owned(),
            locale: lang().tag().to_owned(),
            currency: currency.get_untracked(),
            time_zone: zone.get_untracked(),
            name: name.get_untracked().trim().to_owned(),
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
            token: (!given.is_empty()).then_some(given),
        };
        pending.set(true);
        spawn_local(async move {
            let result = API.set_up(&request).await;
            let _ = pending.try_set(false);
            match result {
                Ok(session) => {
                    replace("/");
                    app.enter(session).await;
                }
                Err(error) => {
                    let found = error
                        .problem()
                        .map(|p| p.errors.clone())
                        .unwrap_or_default();
                    if found.is_empty() {
                        let _ = problem.try_set(Some(explain(&error)));
                    }
                    let _ = errors.try_set(found);
                }
            }
        });
    };
    let languages: Vec<Choice> = Lang::ALL
        .iter()
        .map(|lang| Choice::new(lang.tag(), lang.own_name()))
        .collect();
    let currencies: Vec<Choice> = CURRENCIES
        .iter()
        .map(|code| Choice::new(*code, currency_name(code)))
        .collect();
    let zones: Vec<Choice> = zones(&zone.get_untracked());
    view! {
        <main class="gate">
            <form class="gate-card wide" on:submit=submit novalidate>
                <Brand />
                <div>
                    <h1>{t!("start.title")}</h1>
                    <p class="muted">{t!("start.text")}</p>
                </div>
                <div class="form">
                    <h2>{t!("start.workspace")}</h2>
                    <Field label=t!("start.workspace_name") required=true problem=wrong("workspace_name")>
                        <TextInput
                            value=workspace
                            on_change=move |text| typed("workspace_name", workspace, text)
                            autocomplete="organization"
                            placeholder=t!("start.workspace_example")
                            autofocus=true
                        />
                    </Field>
                    <Field label=t!("common.language") problem=wrong("locale")>
                        <Select
                            value=Signal::derive(move || app.lang.get().tag().to_owned())
                            on_change=move |tag: String| app.choose_lang(Lang::fitting(&tag))
                            choices=languages
                        />
                    </Field>
                    <Field label=t!("start.currency") problem=wrong("currency") hint=t!("start.currency_hint").to_owned()>
                        <Select value=currency on_change=move |code| currency.set(code) choices=currencies />
                    </Field>
                    <Field label=t!("start.time_zone") problem=wrong("time_zone") hint=t!("start.time_zone_hint").to_owned()>
                        <Select value=zone on_change=move |name| zone.set(name) choices=zones />
                    </Field>
                    <h2>{t!("start.administrator")}</h2>
                    <Field label=t!("start.name") required=true problem=wrong("name")>
                        <TextInput value=name on_change=move |text| typed("name", name, text) autocomplete="name" />
                    </Field>
                    <Field label=t!("session.email") required=true problem=wrong("email")>
                        <TextInput
                            kind="email"
                            value=email
                            on_change=move |text| typed("email", email, text)
                            autocomplete="email"
                            inputmode="email"
                        />
                    </Field>
                    <div class="whole">
                        <Field label=t!("session.password") required=true problem=wrong("password")>
                            <TextInput
                                kind="password"
                                value=password
                                on_change=move |text| typed("password", password, text)
                                autocomplete="new-password"
                            />
                        </Field>
                        <Strength password=password />
                    </div>
                    {state
                        .token_required
                        .then(|| {
                            view! {
                                <div class="whole">
                                    <Field
                                        label=t!("start.token")
                                        required=true
                                        hint=t!("start.token_hint").to_owned()
                                        problem=wrong("token")
                                    >
                                        <TextInput value=token on_change=move |text| typed("token", token, text) />
                                    </Field>
                                </div>
                            }
                        })}
                </div>
                {move || problem.get().map(|text| view! { <Note tone=Tone::Danger>{text}</Note> })}
                <Button kind=ButtonKind::Primary submit=true wide=true pending=pending>
                    {t!("start.submit")}
                </Button>
            </form>
        </main>
    }
}

/// How hard a password is to guess, as a bar and in words.
#[component]
pub(crate) fn Strength(
    /// The password.
    #[prop(into)]
    password: Signal<String>,
) -> impl IntoView {
    let score = Memo::new(move |_| password.with(|password| strength(password)));
    let words = move || match score.get() {
        0 => t!("start.strength_none"),
        1 => t!("start.strength_weak"),
        2 => t!("start.strength_fair"),
        3 => t!("start.strength_good"),
        _ => t!("start.strength_strong"),
    };
    let tone = Signal::derive(move || match score.get() {
        0 | 1 => Tone::Danger,
        2 => Tone::Warning,
        _ => Tone::Success,
    });
    view! {
        <div class="strength">
            <ProgressBar
                value=Signal::derive(move || Some(f64::from(score.get()) / 4.0))
                tone=tone
                label=t!("start.strength")
            />
            <span class="muted">{words}</span>
        </div>
    }
}

/// 0 (none) to 4: by length and by how many kinds of characters there are.
fn strength(password: &str) -> u8 {
    let length = password.chars().count();
    let has = |test: fn(char) -> bool| u8::from(password.chars().any(test));
    let kinds = has(|c| c.is_ascii_lowercase())
        + has(|c| c.is_ascii_uppercase())
        + has(|c| c.is_ascii_digit())
        + has(|c| !c.is_ascii_alphanumeric());
    match (length, kinds) {
        (0, _) => 0,
        (..10, _) => 1,
        (10..12, 0..=2) | (_, 0..=1) if length < 20 => 2,
        (10..14, _) => 3,
        _ => 4,
    }
}

/// The code of a currency with its name in the language of the app.
fn currency_name(code: &str) -> String {
    let options = js_sys::Object::new();
    // Setting a property of a plain object can't fail.
    let _ = Reflect::set(&options, &"type".into(), &"currency".into());
    let names = Reflect::get(&js_sys::global(), &"Intl".into())
        .and_then(|intl| Reflect::get(&intl, &"DisplayNames".into()))
        .ok()
        .and_then(|class| class.dyn_into::<js_sys::Function>().ok())
        .and_then(|class| {
            let arguments = Array::of2(&lang().tag().into(), &options);
            Reflect::construct(&class, &arguments).ok()
        });
    let name = names.and_then(|names| {
        let of = Reflect::get(&names, &"of".into())
            .ok()?
            .dyn_into::<js_sys::Function>()
            .ok()?;
        of.call1(&names, &code.into()).ok()?.as_string()
    });
    name.map_or_else(|| code.to_owned(), |name| format!("{code} · {name}"))
}

/// The time zones that the browser knows, and this one.
fn zones(own: &str) -> Vec<Choice> {
    let mut names: Vec<String> = Reflect::get(&js_sys::global(), &"Intl".into())
        .and_then(|intl| Reflect::get(&intl, &"supportedValuesOf".into()))
        .ok()
        .and_then(|function| function.dyn_into::<js_sys::Function>().ok())
        .and_then(|function| {
            function
                .call1(&wasm_bindgen::JsValue::UNDEFINED, &"timeZone".into())
                .ok()
        })
        .map(|list| {
            Array::from(&list)
                .iter()
                .filter_map(|name| name.as_string())
                .collect()
        })
        .unwrap_or_default();
    for name in [own, "Asia/Shanghai", "UTC"] {
        if !names.iter().any(|known| known == name) {
            names.insert(0, name.to_owned());
        }
    }
    names
        .into_iter()
        .map(|name| Choice::new(name.clone(), name.replace('_', " ")))
        .collect()
}
