//! The settings: my profile, and the kinds that the whole workspace shares.

use kehu_domain::def::Def;
use leptos::prelude::*;

use crate::pages::profile::Profile;
use crate::state::App;
use crate::t;
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::widgets::pipelines::Pipelines;
use crate::widgets::settings_kind::SettingsKind;
use crate::widgets::targets::Targets;

/// A page of the settings.
#[component]
pub(crate) fn Settings(
    /// Which: `profile`, or the plural of a kind; empty for the first.
    section: String,
) -> impl IntoView {
    let app = App::here();
    let def = kinds::settings().find(|def| def.plural == section);
    let targets = section == "targets";
    let here = match def {
        Some(def) => kinds::plural(def),
        None if targets => t!("targets.title"),
        None => t!("settings.profile"),
    };
    app.place(vec![
        Crumb::link(t!("frame.settings"), "/settings"),
        Crumb::here(here),
    ]);
    let profile_here = def.is_none() && !targets;
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
        Some(def) if def.kind == "pipeline" => view! { <Pipelines /> }.into_any(),
        None if targets => view! { <Targets /> }.into_any(),
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
                <a class="rail-line" href="/settings/targets" aria-current=targets.then_some("page")>
                    <Icon glyph=Glyph::Target />
                    <span class="rail-text clip">{t!("targets.title")}</span>
                </a>
                {kinds::settings().map(link).collect_view()}
            </nav>
            <div class="settings-body page-pad">{body}</div>
        </div>
    }
}
