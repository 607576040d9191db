//! What the whole app shares: who is signed in, what the page is called, the language and the theme.

use kehu_client::Client;
use kehu_client::browser::Browser;
use kehu_client::transport::{Request, Response, Transport, Unreached};
use kehu_domain::def::{Def, Visibility};
use kehu_domain::rights::{self, Action, FieldRight, Special};
use kehu_wire::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::format;
use crate::i18n::{self, Lang};
use crate::ui::breadcrumbs::Crumb;

/// The state of the app. Copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct App {
    /// Who is signed in.
    pub(crate) session: RwSignal<Option<Session>>,
    /// Whether the session ended while somebody was at work: the app asks for the password again.
    pub(crate) expired: RwSignal<bool>,
    /// Whether the last call did not reach the server.
    pub(crate) offline: RwSignal<bool>,
    /// The language; the root draws everything anew when it changes.
    pub(crate) lang: RwSignal<Lang>,
    /// `light`, `dark`, or empty for what the system says.
    pub(crate) theme: RwSignal<String>,
    /// Where this page lies.
    pub(crate) crumbs: RwSignal<Vec<Crumb>>,
    /// Counts up whenever something was written that counts elsewhere: badges look again.
    pub(crate) written: RwSignal<u32>,
}

/// The app's one client.
pub(crate) static API: Client<Guarded> = Client::new(Guarded);

impl App {
    /// Makes the state and puts it into the context.
    pub(crate) fn provide() -> Self {
        let lang = i18n::lang();
        let app = Self {
            session: RwSignal::new(None),
            expired: RwSignal::new(false),
            offline: RwSignal::new(false),
            lang: RwSignal::new(lang),
            theme: RwSignal::new(storage_get("kehu.theme").unwrap_or_default()),
            crumbs: RwSignal::new(Vec::new()),
            written: RwSignal::new(0),
        };
        app.speak(lang);
        app.paint();
        provide_context(app);
        GUARD.set(Some(app));
        app
    }

    /// The state of the app around this component.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Takes the session that the server gave, and speaks its language where the browser has no choice
    /// of its own.
    pub(crate) async fn enter(self, session: Session) {
        format::set_zone(&session.workspace.time_zone);
        if storage_get("kehu.locale").is_none() {
            let locale = session
                .user
                .locale
                .as_deref()
                .unwrap_or(&session.workspace.locale);
            let lang = Lang::fitting(locale);
            if lang != self.lang.get_untracked() && i18n::load(lang).await {
                self.speak(lang);
            }
        }
        self.session.set(Some(session));
        self.expired.set(false);
        wake();
    }

    /// Forgets who was signed in.
    pub(crate) fn leave(self) {
        API.set_csrf_token(None);
        self.session.set(None);
        self.expired.set(false);
    }

    /// Speaks another language from now on and remembers it in this browser.
    pub(crate) fn choose_lang(self, lang: Lang) {
        storage_set("kehu.locale", lang.tag());
        spawn_local(async move {
            if i18n::load(lang).await {
                self.speak(lang);
            } else {
                // The app has another version by now: the page that loads anew speaks what was chosen.
                // One that can't load anew has been left already.
                let _ = window().location().reload();
            }
        });
    }

    fn speak(self, lang: Lang) {
        i18n::set_lang(lang);
        if let Some(root) = document().document_element() {
            // The element exists and takes any attribute.
            let _ = root.set_attribute("lang", lang.tag());
        }
        self.lang.set(lang);
    }

    /// Uses another theme from now on and remembers it in this browser.
    pub(crate) fn choose_theme(self, theme: &str) {
        storage_set("kehu.theme", theme);
        self.theme.set(theme.to_owned());
        self.paint();
    }

    fn paint(self) {
        if let Some(root) = document().document_element() {
            let theme = self.theme.get_untracked();
            let _ = if theme.is_empty() {
                root.remove_attribute("data-theme")
            } else {
                root.set_attribute("data-theme", &theme)
            };
        }
    }

    /// Whether the person administers the workspace.
    pub(crate) fn administers(self) -> bool {
        self.session
            .with_untracked(|session| session.as_ref().is_some_and(|s| s.user.administers))
    }

    /// Whether the person's roles let them do this with records of a kind, with some of them at least.
    pub(crate) fn may(self, def: &Def, action: Action) -> bool {
        if !rights::has_rights(def) {
            let common = def.visibility == Visibility::Common && action == Action::Create;
            let personal = def.visibility == Visibility::Personal;
            return action == Action::View || common || personal || self.has(def.can.set_up);
        }
        self.session.with_untracked(|session| {
            let actions = session
                .as_ref()
                .and_then(|s| s.rights.actions.get(def.kind));
            actions.is_some_and(|actions| actions.iter().any(|one| one == action.code()))
        })
    }

    /// Whether the person has a special right.
    pub(crate) fn has(self, right: Special) -> bool {
        self.session.with_untracked(|session| {
            let special = session.as_ref().map(|session| &session.rights.special);
            special.is_some_and(|special| special.iter().any(|one| one == right.code()))
        })
    }

    /// Whether the person may import records of a kind; of some kind, without one.
    pub(crate) fn may_import(self, def: Option<&Def>) -> bool {
        let kind = def.is_none_or(|def| self.may(def, Action::Import));
        kind && self.has(Special::Import)
    }

    /// What is kept of a field from the person.
    pub(crate) fn kept(self, def: &Def, field: &str) -> Option<FieldRight> {
        self.session.with_untracked(|session| {
            let of_kind = session.as_ref()?.rights.fields.get(def.kind)?;
            FieldRight::from_code(of_kind.get(field)?)
        })
    }

    /// The id of the person, as text.
    pub(crate) fn user_id(self) -> String {
        self.session
            .with_untracked(|session| session.as_ref().map(|s| s.user.id.to_string()))
            .unwrap_or_default()
    }

    /// The currency of the workspace.
    pub(crate) fn currency(self) -> String {
        self.session
            .with_untracked(|session| session.as_ref().map(|s| s.workspace.currency.clone()))
            .unwrap_or_else(|| "CNY".to_owned())
    }

    /// Tells the badges that something was written.
    pub(crate) fn note_write(self) {
        self.written.update(|count| *count = count.wrapping_add(1));
    }

    /// Says where this page lies; the last step names the window.
    pub(crate) fn place(self, crumbs: Vec<Crumb>) {
        let title = crumbs
            .last()
            .map(|crumb| crumb.label.clone())
            .unwrap_or_default();
        document().set_title(&if title.is_empty() {
            "Kehu".to_owned()
        } else {
            format!("{title} · Kehu")
        });
        self.crumbs.set(crumbs);
    }
}

/// Reads what this browser remembers.
pub(crate) fn storage_get(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Remembers something in this browser; where that is not allowed, it is forgotten with the page.
pub(crate) fn storage_set(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// The browser's transport that notices an ended session: it waits until the person has signed in
/// again and then sends the request once more, so that nothing typed is lost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guarded;

thread_local! {
    static GUARD: std::cell::Cell<Option<App>> = const { std::cell::Cell::new(None) };
    static WAITING: std::cell::RefCell<Vec<js_sys::Function>> = const { std::cell::RefCell::new(Vec::new()) };
}

impl Transport for Guarded {
    async fn send(&self, mut request: Request) -> Result<Response, Unreached> {
        loop {
            let answer = Browser.send(request.clone()).await;
            let Some(app) = GUARD.get() else {
                return answer;
            };
            let offline = answer.is_err();
            if app.offline.get_untracked() != offline {
                app.offline.set(offline);
            }
            let ended = answer.as_ref().is_ok_and(|response| response.status == 401);
            let own =
                request.path == "/api/v1/session" || request.path.starts_with("/api/v1/setup");
            if !ended || own || app.session.with_untracked(Option::is_none) {
                return answer;
            }
            app.expired.set(true);
            let promise = js_sys::Promise::new(&mut |resolve, _reject| {
                WAITING.with(|waiting| waiting.borrow_mut().push(resolve));
            });
            // The promise is only ever resolved.
            let _ = JsFuture::from(promise).await;
            let token = app
                .session
                .with_untracked(|s| s.as_ref().map(|s| s.csrf_token.clone()));
            let Some(token) = token else {
                return answer;
            };
            for (name, value) in &mut request.headers {
                if *name == "X-CSRF-Token" {
                    value.clone_from(&token);
                }
            }
        }
    }
}

/// Lets the requests go on that wait for a session.
pub(crate) fn wake() {
    let waiting = WAITING.with(|waiting| std::mem::take(&mut *waiting.borrow_mut()));
    for resolve in waiting {
        let _ = resolve.call0(&JsValue::UNDEFINED);
    }
}
