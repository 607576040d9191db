//! The settings: my profile, and the kinds that the whole workspace shares.

use kehu_domain::def::Def;
use leptos::prelude::*;

use crate::pages::profile::Profile;
use crate::state::App;
use crate::t;
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::settings_kind::SettingsKind;

/// A page of the settings.
#[component]
pub(crate) fn Settings(
    /// Which: `profile`, or the plural of a kind; empty for the first.
    section: String,
) -> impl IntoView {
    let app = App::here();
    let def = kinds::settings().find(|def| def.plural == section);
    let here = def.map_or(t!("settings.profile"), kinds::plural);
    app.place(vec![
        Crumb::link(t!("frame.settings"), "/settings"),
        Crumb::here(here),
    ]);
    let profile_here = def.is_none();
    let link = move |one: &'static Def| {
        let current = def
            .is_some_and(|def| def.kind == one.kind)
            .then_some("page");
        view! {
            <a class="rail-line" href=kinds::list_href(one) aria-current=current>
                <Icon glyph=kinds::glyph(one.kind) />
                <span class="rail-text clip">{kinds::plural(one)}</span>
            </a>
        }
    };
    let body = match def {
        Some(def) => view! { <SettingsKind def=def /> }.into_any(),
        None => view! { <Profile /> }.into_any(),
    };
    view! {
        <div class="settings">
            <nav class="settings-nav" aria-label=t!("frame.settings")>
                <a class="rail-line" href="/settings/profile" aria-current=profile_here.then_some("page")>
                    <Icon glyph=Glyph::User />
                    <span class="rail-text clip">{t!("settings.profile")}</span>
                </a>
                {kinds::settings().map(link).collect_view()}
            </nav>
            <div class="settings-body page-pad">{body}</div>
        </div>
    }
}
