//! Signing in: as a page of its own, and over the page when a session ended.

use kehu_wire::session::SignInRequest;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::i18n::Lang;
use crate::problems::explain;
use crate::state::{API, App};
use crate::t;
use crate::ui::prelude::*;

/// The page for people who are not signed in. The address stays, so that they land where they wanted to.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let app = App::here();
    app.place(vec![Crumb::here(t!("session.sign_in"))]);
    view! {
        <main class="gate">
            <div class="gate-card">
                <Brand />
                <h1>{t!("session.sign_in")}</h1>
                <SignInForm email=String::new() />
            </div>
            <LangChoice />
        </main>
    }
}

/// The mark and the name.
#[component]
pub(crate) fn Brand() -> impl IntoView {
    view! {
        <div class="brand">
            <span class="brand-mark" aria-hidden="true">"客"</span>
            <span class="brand-name">"Kehu"</span>
        </div>
    }
}

/// The languages side by side.
#[component]
pub(crate) fn LangChoice() -> impl IntoView {
    let app = App::here();
    let one = move |lang: Lang| {
        view! {
            <button
                type="button"
                class="gate-lang"
                lang=lang.tag()
                aria-pressed=move || (app.lang.get() == lang).to_string()
                on:click=move |_| app.choose_lang(lang)
            >
                {lang.own_name()}
            </button>
        }
    };
    view! { <div class="gate-langs">{Lang::ALL.map(one).into_iter().collect_view()}</div> }
}

/// Address and password.
#[component]
fn SignInForm(
    /// The address, where it is known.
    email: String,
) -> impl IntoView {
    let app = App::here();
    let known = !email.is_empty();
    let email = RwSignal::new(email);
    let password = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        let request = SignInRequest {
            email: email.get_untracked(),
            password: password.get_untracked(),
        };
        pending.set(true);
        problem.set(None);
        spawn_local(async move {
            let result = API.sign_in(&request).await;
            let _ = pending.try_set(false);
            match result {
                Ok(session) => app.enter(session).await,
                Err(error) if matches!(error.status(), 401 | 422) => {
                    let _ = problem.try_set(Some(t!("session.wrong").to_owned()));
                }
                Err(error) => {
                    let _ = problem.try_set(Some(explain(&error)));
                }
            }
        });
    };
    view! {
        <form class="stack" on:submit=submit novalidate>
            <Field label=t!("session.email")>
                <TextInput
                    kind="email"
                    value=email
                    on_change=move |text| email.set(text)
                    autocomplete="username"
                    inputmode="email"
                    autofocus=!known
                    disabled=known
                />
            </Field>
            <Field label=t!("session.password") problem=problem>
                <TextInput
                    kind="password"
                    value=password
                    on_change=move |text| password.set(text)
                    autocomplete="current-password"
                    autofocus=known
                />
            </Field>
            <Button kind=ButtonKind::Primary submit=true wide=true pending=pending>
                {t!("session.sign_in")}
            </Button>
        </form>
    }
}

/// Asks for the password over the page when the session ended, so that nothing typed is lost.
#[component]
pub(crate) fn AskAgain() -> impl IntoView {
    let app = App::here();
    let email = move || {
        app.session
            .with_untracked(|session| session.as_ref().map(|s| s.user.email.clone()))
            .unwrap_or_default()
    };
    let close = move |()| {
        app.leave();
        crate::state::wake();
    };
    view! {
        <Dialog
            open=app.expired
            on_close=close
            title=t!("session.ended")
            close_label=t!("session.sign_out")
            steady=true
        >
            <div class="stack">
                <p class="muted">{t!("session.ended_text")}</p>
                <SignInForm email=email() />
            </div>
        </Dialog>
    }
}
