//! My profile: language, theme, password, where I am signed in.

use kehu_wire::session::{PasswordChange, SessionInfo, SessionList};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::i18n::Lang;
use crate::pages::start::Strength;
use crate::problems::{explain, field_of, field_problem};
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::load::{Load, fetch, problem_view, say_problem};
use crate::{format, t};

/// The profile of who is signed in.
#[component]
pub(crate) fn Profile() -> impl IntoView {
    let app = App::here();
    let (name, email) = app
        .session
        .with_untracked(|session| {
            session
                .as_ref()
                .map(|s| (s.user.name.clone(), s.user.email.clone()))
        })
        .unwrap_or_default();
    let languages: Vec<Choice> = Lang::ALL
        .iter()
        .map(|lang| Choice::new(lang.tag(), lang.own_name()))
        .collect();
    let themes = vec![
        Tab::new("", t!("frame.theme_system")),
        Tab::new("light", t!("frame.theme_light")),
        Tab::new("dark", t!("frame.theme_dark")),
    ];
    view! {
        <PageHead title=t!("settings.profile") />
        <div class="settings-cards">
            <Card>
                <div class="peek-head">
                    <Avatar name=name.clone() size=AvatarSize::Large />
                    <div class="peek-title">
                        <b>{name}</b>
                        <small class="muted">{email}</small>
                    </div>
                </div>
            </Card>
            <Card title=t!("settings.look")>
                <div class="stack">
                    <Field label=t!("common.language")>
                        <Select
                            value=Signal::derive(move || app.lang.get().tag().to_owned())
                            on_change=move |tag: String| app.choose_lang(Lang::fitting(&tag))
                            choices=languages
                        />
                    </Field>
                    <div class="field">
                        <div class="field-label">{t!("settings.theme")}</div>
                        <Segment
                            choices=themes
                            value=app.theme
                            on_change=move |theme: String| app.choose_theme(&theme)
                            label=t!("settings.theme")
                        />
                    </div>
                </div>
            </Card>
            <Card title=t!("settings.password")>
                <PasswordForm />
            </Card>
            <Card title=t!("settings.sessions")>
                <Sessions />
            </Card>
        </div>
    }
}

#[component]
fn PasswordForm() -> impl IntoView {
    let toasts = use_toasts();
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problems = RwSignal::new(Vec::<(String, String)>::new());
    let of_field = move |field: &'static str| {
        Signal::derive(move || {
            problems.with(|all| {
                all.iter()
                    .find(|(name, _)| name == field)
                    .map(|(_, text)| text.clone())
            })
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() || new.with_untracked(String::is_empty) {
            return;
        }
        let change = PasswordChange {
            current_password: current.get_untracked(),
            new_password: new.get_untracked(),
        };
        pending.set(true);
        problems.set(Vec::new());
        spawn_local(async move {
            let result = API.change_password(&change).await;
            if pending.try_set(false).is_some() {
                return;
            }
            match result {
                Ok(()) => {
                    current.set(String::new());
                    new.set(String::new());
                    toasts.success(t!("settings.password_changed"));
                }
                Err(error) => {
                    let mut found: Vec<(String, String)> = error
                        .problem()
                        .map(|p| {
                            p.errors
                                .iter()
                                .map(|e| (field_of(&e.pointer).to_owned(), field_problem(e)))
                                .collect()
                        })
                        .unwrap_or_default();
                    if found.is_empty() {
                        found.push(("new_password".to_owned(), explain(&error)));
                    }
                    problems.set(found);
                }
            }
        });
    };
    view! {
        <form class="stack" on:submit=submit novalidate>
            <Field label=t!("settings.current_password") problem=of_field("current_password")>
                <TextInput
                    kind="password"
                    value=current
                    on_change=move |text| current.set(text)
                    autocomplete="current-password"
                />
            </Field>
            <Field label=t!("settings.new_password") problem=of_field("new_password")>
                <TextInput
                    kind="password"
                    value=new
                    on_change=move |text| new.set(text)
                    autocomplete="new-password"
                />
            </Field>
            <Strength password=new />
            <div class="row">
                <Button submit=true pending=pending>{t!("settings.change_password")}</Button>
                <span class="muted">{t!("settings.password_note")}</span>
            </div>
        </form>
    }
}

#[component]
fn Sessions() -> impl IntoView {
    let app = App::here();
    let toasts = use_toasts();
    let load = RwSignal::new(Load::<SessionList>::Loading);
    let read = move || fetch(load, async move { API.sessions().await });
    read();
    let end = move |id: uuid::Uuid| {
        spawn_local(async move {
            match API.end_session(id).await {
                Ok(()) => read(),
                Err(error) => say_problem(toasts, &error),
            }
        });
    };
    let end_all = move |()| {
        spawn_local(async move {
            match API.end_sessions().await {
                Ok(()) => app.leave(),
                Err(error) => say_problem(toasts, &error),
            }
        });
    };
    let line = move |session: SessionInfo| {
        let device = session
            .device
            .as_deref()
            .map_or_else(|| t!("settings.unknown_device").to_owned(), device_name);
        let when = format::moment(&session.last_used_at.to_rfc3339());
        let button = (!session.current).then(|| {
            view! { <Button small=true on_press=move |()| end(session.id)>{t!("settings.end_session")}</Button> }
        });
        let current = session.current.then(|| {
            view! { <Badge tone=Tone::Success>{t!("settings.this_session")}</Badge> }
        });
        view! {
            <div class="session-line">
                <Icon glyph=Glyph::Globe />
                <span class="related-text">
                    <b>{device}</b>
                    <small class="muted">{when}</small>
                </span>
                {current}
                {button}
            </div>
        }
    };
    move || match load.get() {
        Load::Loading => view! { <SkeletonRows rows=2 label=t!("common.loading") /> }.into_any(),
        Load::Problem(error) => problem_view(&error, Callback::new(move |()| read())),
        Load::Ready(list) => view! {
            <div class="stack">
                {list.items.into_iter().map(line).collect_view()}
                <div class="row">
                    <Button icon=Glyph::SignOut on_press=end_all>{t!("settings.end_all")}</Button>
                </div>
            </div>
        }
        .into_any(),
    }
}

/// The browser and the system of a user agent, in two words.
fn device_name(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = first(&[
        ("MicroMessenger", "WeChat"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(60).collect(),
    }
}
