//! The root: decides between the first run, signing in and the app itself, and draws the page that
//! the address names.

use std::cell::RefCell;
use std::rc::Rc;

use kehu_client::Error;
use kehu_wire::session::SetupState;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::Router;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::location::{BrowserUrl, LocationChange, LocationProvider};

use crate::pages::sign_in::{AskAgain, SignIn};
use crate::state::{API, App};
use crate::t;
use crate::ui::prelude::*;
use crate::urls::Route;
use crate::widgets::frame::Frame;
use crate::widgets::load::problem_view;

type Navigate = Rc<dyn Fn(&str, NavigateOptions)>;

thread_local!(static NAVIGATE: RefCell<Option<Navigate>> = const { RefCell::new(None) });

/// Goes to another page.
pub(crate) fn go(path: &str) {
    navigate(
        path,
        NavigateOptions {
            scroll: false,
            ..NavigateOptions::default()
        },
    );
}

/// Changes the address of this page without a step in the history.
pub(crate) fn replace(path: &str) {
    let options = NavigateOptions {
        replace: true,
        scroll: false,
        ..NavigateOptions::default()
    };
    navigate(path, options);
}

fn navigate(path: &str, options: NavigateOptions) {
    let navigate = NAVIGATE.with(|navigate| navigate.borrow().clone());
    if let Some(navigate) = navigate {
        navigate(path, options);
    }
}

/// Lets the address bar follow the router. After a click on a link the router waits for `<Routes>` to say that
/// the page is drawn before it changes the bar, and pages are drawn here without `<Routes>`. It also makes no
/// step to the address that it takes for the one in the bar, and does not learn of every move through the
/// history: so it is told whatever came to stand there, which replaces an address by itself.
fn follow_router() {
    let Some(router) = use_context::<BrowserUrl>() else {
        return;
    };
    Effect::new(move |_| {
        let url = router.as_url().get();
        let shown = BrowserUrl::current().is_ok_and(|shown| shown == url);
        let mark = if url.search().is_empty() { "" } else { "?" };
        router.complete_navigation(&LocationChange {
            value: format!("{}{mark}{}{}", url.path(), url.search(), url.hash()),
            replace: shown,
            scroll: false,
            ..LocationChange::default()
        });
    });
}

/// The whole app.
#[component]
pub(crate) fn Root() -> impl IntoView {
    let app = App::provide();
    provide_toasts();
    view! {
        <Router>
            {move || {
                app.lang.track();
                view! {
                    <Gate />
                    <ToastHost close_label=t!("common.close") />
                }
                    .into_any()
            }}
        </Router>
    }
}

/// What stands before the app.
#[derive(Clone)]
enum Stage {
    Asking,
    Setup(SetupState),
    Inside,
    Outside,
    Problem(Error),
}

#[component]
fn Gate() -> impl IntoView {
    let app = App::here();
    let navigate: Navigate = Rc::new(use_navigate());
    NAVIGATE.with(|cell| *cell.borrow_mut() = Some(navigate));
    follow_router();
    let path = use_location().pathname;
    let route = Memo::new(move |_| Route::read(&path.get()));
    provide_context(route);

    let stage = RwSignal::new(if app.session.with_untracked(Option::is_some) {
        Stage::Inside
    } else {
        Stage::Asking
    });
    let ask = move || {
        stage.set(Stage::Asking);
        spawn_local(async move { stage.set(first_stage(app).await) });
    };
    if matches!(stage.get_untracked(), Stage::Asking) {
        ask();
    }
    // Signing in, signing out and the first run change the session; the stage follows it.
    Effect::new(move |before: Option<bool>| {
        let inside = app.session.with(Option::is_some);
        match (before, inside) {
            // Somebody who signs in again over a page keeps that page as it is.
            (_, true) if stage.with_untracked(|stage| matches!(stage, Stage::Inside)) => {}
            (_, true) => stage.set(Stage::Inside),
            (Some(true), false) => stage.set(Stage::Outside),
            _ => {}
        }
        inside
    });
    let gallery = Memo::new(move |_| route.get() == Route::Gallery);
    move || {
        if gallery.get() {
            return crate::pages::gallery();
        }
        match stage.get() {
            Stage::Asking => {
                view! { <div class="gate"><Spinner label=t!("common.loading") /></div> }.into_any()
            }
            Stage::Setup(state) => crate::pages::start(state),
            Stage::Outside => view! { <SignIn /> }.into_any(),
            Stage::Inside => view! {
                <Frame route=route />
                <AskAgain />
            }
            .into_any(),
            Stage::Problem(error) => view! {
                <div class="gate">{problem_view(&error, Callback::new(move |()| ask()))}</div>
            }
            .into_any(),
        }
    }
}

async fn first_stage(app: App) -> Stage {
    match API.session().await {
        Ok(session) => {
            app.enter(session).await;
            Stage::Inside
        }
        Err(error) if error.status() == 401 => match API.setup_state().await {
            Ok(state) if state.needed => {
                // The page of the design system needs no workspace.
                let here = Route::read(&window().location().pathname().unwrap_or_default());
                if here != Route::Start && here != Route::Gallery {
                    replace("/start");
                }
                Stage::Setup(state)
            }
            Ok(_) => Stage::Outside,
            Err(error) => Stage::Problem(error),
        },
        Err(error) => Stage::Problem(error),
    }
}
