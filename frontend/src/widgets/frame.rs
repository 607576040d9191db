//! The frame around every page: rail, top bar, bottom bar on a phone, palette, keyboard.

use std::time::Duration;

use kehu_client::records::ListQuery;
use kehu_domain::def::Def;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app::go;
use crate::i18n::Lang;
use crate::pages;
use crate::state::{API, App, storage_get, storage_set};
use crate::ui::prelude::*;
use crate::urls::Route;
use crate::widgets::actions::Actions;
use crate::widgets::keys::{self, Sequence};
use crate::widgets::lookups::Lookups;
use crate::widgets::money::handles_money;
use crate::widgets::overlays::overlays;
use crate::widgets::{kinds, views};
use crate::{t, tf};

/// How often the badges look again.
const BADGES_EVERY: Duration = Duration::from_secs(90);

/// The app around the page that the address names.
#[component]
pub(crate) fn Frame(
    /// The page.
    route: Memo<Route>,
) -> impl IntoView {
    let app = App::here();
    let folded = RwSignal::new(storage_get("kehu.rail").as_deref() == Some("folded"));
    let palette = RwSignal::new(false);
    let help = RwSignal::new(false);
    let fold = move || {
        folded.update(|folded| *folded = !*folded);
        storage_set(
            "kehu.rail",
            if folded.get_untracked() {
                "folded"
            } else {
                "open"
            },
        );
    };
    Lookups::provide();
    Actions::provide();
    listen(route, palette, help);
    view! {
        <div class="frame" class:folded=folded>
            // The browser follows it, because it also moves the focus.
            <a class="skip" href="#main" rel="external">
                {t!("frame.skip")}
            </a>
            <Rail route=route folded=folded on_fold=Callback::new(move |()| fold()) />
            <header class="top">
                <Breadcrumbs items=app.crumbs label=t!("frame.place") />
                <span class="grow"></span>
                <button type="button" class="top-search" aria-label=t!("frame.search") on:click=move |_| palette.set(true)>
                    <Icon glyph=Glyph::Search />
                    <span class="clip">{t!("frame.search")}</span>
                    <kbd>"Ctrl K"</kbd>
                </button>
                <CreateMenu route=route />
                <Preferences help=help />
            </header>
            {move || {
                app.offline
                    .get()
                    .then(|| view! { <div class="offline" role="alert">{t!("problem.offline")}</div> })
            }}
            <main class="page" id="main" tabindex="-1">
                {move || pages::draw(route.get())}
            </main>
            <BottomBar route=route />
            {overlays(palette, help)}
        </div>
    }
}

/// The shortcuts that work on every page.
fn listen(route: Memo<Route>, palette: RwSignal<bool>, help: RwSignal<bool>) {
    let app = App::here();
    let sequence = Sequence::new();
    keys::on_key(move |event| {
        let key = event.key().to_lowercase();
        if (event.ctrl_key() || event.meta_key()) && !event.shift_key() && key == "k" {
            event.prevent_default();
            if !keys::modal_open() || palette.get_untracked() {
                palette.update(|open| *open = !*open);
            }
            return;
        }
        if keys::busy(&event) {
            return;
        }
        let target = if sequence.take() {
            match key.as_str() {
                "w" => "/".to_owned(),
                "l" => "/leads".to_owned(),
                "c" => "/customers".to_owned(),
                "o" => "/opportunities".to_owned(),
                "r" => "/receivables".to_owned(),
                "n" => "/contacts".to_owned(),
                "t" => "/tasks".to_owned(),
                _ => return,
            }
        } else {
            match key.as_str() {
                "g" => return sequence.begin(),
                "?" => {
                    help.set(true);
                    return event.prevent_default();
                }
                "c" => format!("/{}/new", creatable(app, &route.get_untracked())),
                _ => return,
            }
        };
        event.prevent_default();
        // What else listens to this stroke must not take it for its own.
        event.stop_immediate_propagation();
        go(&target);
    });
}

/// The plural of the kind that "create" makes on this page.
fn creatable(app: App, route: &Route) -> String {
    let plural = route.plural();
    let def = kehu_domain::kinds::by_plural(plural);
    if def.is_none_or(|def| !kinds::may_make(def, app)) {
        "leads".to_owned()
    } else {
        plural.to_owned()
    }
}

/// One entry of a bar.
#[derive(Clone)]
struct Entry {
    href: String,
    label: &'static str,
    glyph: Glyph,
    /// The plural of its kind; empty for none.
    plural: &'static str,
    def: Option<&'static Def>,
}

fn entry(def: &'static Def) -> Entry {
    Entry {
        href: kinds::list_href(def),
        label: kinds::plural(def),
        glyph: kinds::glyph(def.kind),
        plural: def.plural,
        def: Some(def),
    }
}

fn is_here(route: &Route, entry: &Entry) -> bool {
    match entry.plural {
        "" => match route {
            Route::Workbench => entry.href == "/",
            Route::Settings(_) => entry.href == "/settings",
            Route::Finance => entry.href == "/finance",
            _ => false,
        },
        plural => route.plural() == plural,
    }
}

#[component]
fn Rail(route: Memo<Route>, folded: RwSignal<bool>, on_fold: Callback<()>) -> impl IntoView {
    let app = App::here();
    let plain = |href: &str, label, glyph| Entry {
        href: href.to_owned(),
        label,
        glyph,
        plural: "",
        def: None,
    };
    let line = move |entry: Entry| rail_line(route, entry, true);
    let finance = handles_money(app).then(|| plain("/finance", t!("money.desk"), Glyph::Shield));
    let user = app
        .session
        .with_untracked(|session| session.as_ref().map(|s| s.user.name.clone()));
    let name = user.unwrap_or_default();
    let workspace = app
        .session
        .with_untracked(|session| session.as_ref().map(|s| s.workspace.name.clone()))
        .unwrap_or_default();
    let fold_label = Signal::derive(move || {
        if folded.get() {
            t!("frame.unfold")
        } else {
            t!("frame.fold")
        }
        .to_owned()
    });
    view! {
        <nav class="rail" aria-label=t!("frame.navigation")>
            <div class="rail-head">
                <a class="brand" href="/" title=workspace.clone()>
                    <span class="brand-mark" aria-hidden="true">"客"</span>
                    <span class="brand-name clip">{workspace.clone()}</span>
                </a>
                <IconButton glyph=Glyph::Panel label=fold_label small=true on_press=on_fold />
            </div>
            <div class="rail-body">
                {line(plain("/", t!("frame.workbench"), Glyph::Home))}
                {finance.map(line)} {kinds::daily().map(entry).map(line).collect_view()}
            </div>
            <div class="rail-foot">
                {line(plain("/settings", t!("frame.settings"), Glyph::Gear))}
                <a class="rail-person" href="/settings/profile" title=name.clone()>
                    <Avatar name=name.clone() />
                    <span class="clip">{name.clone()}</span>
                </a>
            </div>
        </nav>
    }
}

fn rail_line(route: Memo<Route>, entry: Entry, badge: bool) -> AnyView {
    let here = {
        let entry = entry.clone();
        Memo::new(move |_| is_here(&route.get(), &entry))
    };
    let badge = match entry.def {
        _ if !badge => None,
        Some(def) => badge_of(def),
        None if entry.href == "/finance" => Some(finance_badge()),
        None => None,
    };
    view! {
        <a
            class="rail-line"
            href=entry.href
            title=entry.label
            aria-current=move || here.get().then_some("page")
        >
            <Icon glyph=entry.glyph />
            <span class="rail-text clip">{entry.label}</span>
            {badge}
        </a>
    }
    .into_any()
}

/// How many of the person's records of this kind are due; nothing for kinds that are never due.
fn badge_of(def: &'static Def) -> Option<AnyView> {
    let filter = views::due_filter(def)?;
    let label = |n: usize| tf!("frame.due", n = n);
    Some(counting_badge(def, filter, label))
}

/// How many payments wait for finance.
fn finance_badge() -> AnyView {
    let filter = "status == \"reported\"".to_owned();
    let label = |n: usize| tf!("money.waiting", n = n);
    counting_badge(&kehu_domain::payment::DEF, filter, label)
}

/// How many records a filter finds, in red.
fn counting_badge(def: &'static Def, filter: String, words: fn(usize) -> String) -> AnyView {
    let app = App::here();
    let count = RwSignal::new(0_usize);
    let look = move || {
        let query = ListQuery {
            filter: filter.clone(),
            fields: "id".to_owned(),
            limit: Some(1),
            count: "capped",
            ..ListQuery::default()
        };
        spawn_local(async move {
            if let Ok(page) = API.list(def.plural, &query).await {
                let _ =
                    count.try_set(usize::try_from(page.count.unwrap_or(0)).unwrap_or(usize::MAX));
            }
        });
    };
    let again = look.clone();
    Effect::new(move |_| {
        app.written.track();
        look();
    });
    if let Ok(timer) = set_interval_with_handle(again, BADGES_EVERY) {
        on_cleanup(move || timer.clear());
    }
    let label = move || words(count.get());
    view! { <span class="rail-badge" title=label><Count value=count hot=true /></span> }.into_any()
}

#[component]
fn BottomBar(route: Memo<Route>) -> impl IntoView {
    let more = RwSignal::new(false);
    let home = Entry {
        href: "/".to_owned(),
        label: t!("frame.workbench"),
        glyph: Glyph::Home,
        plural: "",
        def: None,
    };
    let settings = Entry {
        href: "/settings".to_owned(),
        label: t!("frame.settings"),
        glyph: Glyph::Gear,
        plural: "",
        def: None,
    };
    let profile = Entry {
        href: "/settings/profile".to_owned(),
        label: t!("settings.profile"),
        glyph: Glyph::User,
        plural: "",
        def: None,
    };
    let kinds: Vec<Entry> = kinds::daily().map(entry).collect();
    let (front, rest): (Vec<Entry>, Vec<Entry>) = kinds
        .into_iter()
        .partition(|entry| matches!(entry.plural, "leads" | "customers" | "opportunities"));
    let finance = handles_money(App::here()).then(|| Entry {
        href: "/finance".to_owned(),
        label: t!("money.desk"),
        glyph: Glyph::Shield,
        plural: "",
        def: None,
    });
    let rest: Vec<Entry> = rest.into_iter().chain(finance).collect();
    let rest: Vec<Entry> = rest.iter().cloned().chain([settings, profile]).collect();
    Effect::new(move |_| {
        route.get();
        more.set(false);
    });
    view! {
        <nav class="bottom" aria-label=t!("frame.navigation_phone")>
            {rail_line(route, home, false)}
            {front.iter().cloned().map(|entry| rail_line(route, entry, true)).collect_view()}
            <button type="button" class="rail-line" aria-expanded=move || more.get().to_string() on:click=move |_| more.set(true)>
                <Icon glyph=Glyph::Menu />
                <span class="rail-text">{t!("frame.more")}</span>
            </button>
        </nav>
        <Sheet open=more on_close=move |()| more.set(false) title=t!("frame.more") close_label=t!("common.close")>
            <div class="more-lines">
                {rest.iter().cloned().map(|entry| rail_line(route, entry, false)).collect_view()}
            </div>
        </Sheet>
    }
}

#[component]
fn CreateMenu(route: Memo<Route>) -> impl IntoView {
    let app = App::here();
    let items = Signal::derive(move || {
        let first = creatable(app, &route.get());
        let mut defs: Vec<&'static Def> = kinds::makeable(app).collect();
        defs.sort_by_key(|def| def.plural != first);
        defs.into_iter()
            .map(|def| {
                MenuItem::link(kinds::name(def), format!("/{}/new", def.plural))
                    .glyph(kinds::glyph(def.kind))
            })
            .collect::<Vec<_>>()
    });
    view! {
        <Menu
            label=t!("frame.create")
            icon=Glyph::Plus
            kind=ButtonKind::Primary
            items=items
            placement=Placement::BelowEnd
        />
    }
}

/// Language, theme, help, signing out.
#[component]
fn Preferences(help: RwSignal<bool>) -> impl IntoView {
    let app = App::here();
    let toasts = use_toasts();
    let items = Signal::derive(move || {
        let theme = app.theme.get();
        let choose = move |name: &'static str, label: &'static str| {
            MenuItem::new(label, move || app.choose_theme(name)).checked(theme == name)
        };
        let mut items: Vec<MenuItem> = Lang::ALL
            .into_iter()
            .map(|lang| {
                MenuItem::new(lang.own_name(), move || app.choose_lang(lang))
                    .checked(app.lang.get() == lang)
            })
            .collect();
        items.push(MenuItem::separator());
        items.push(choose("", t!("frame.theme_system")));
        items.push(choose("light", t!("frame.theme_light")));
        items.push(choose("dark", t!("frame.theme_dark")));
        items.push(MenuItem::separator());
        items.push(
            MenuItem::new(t!("help.title"), move || help.set(true))
                .glyph(Glyph::Keyboard)
                .hint("?"),
        );
        items.push(MenuItem::link(t!("settings.profile"), "/settings/profile").glyph(Glyph::User));
        items.push(
            MenuItem::new(t!("session.sign_out"), move || {
                spawn_local(async move {
                    match API.sign_out().await {
                        Ok(()) => app.leave(),
                        Err(error) => crate::widgets::load::say_problem(toasts, &error),
                    }
                });
            })
            .glyph(Glyph::SignOut),
        );
        items
    });
    view! {
        <Menu
            label=t!("frame.preferences")
            icon=Glyph::Sliders
            icon_only=true
            kind=ButtonKind::Quiet
            items=items
            placement=Placement::BelowEnd
        />
    }
}
