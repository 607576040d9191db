//! What can be done to the chosen rows of a list.

use kehu_domain::def::Def;
use leptos::prelude::*;

use crate::state::App;
use crate::t;
use crate::tf;
use crate::ui::prelude::*;
use crate::widgets::actions::{Actions, Asked, allows, verb_glyph, verb_name};
use crate::widgets::kinds;
use crate::widgets::listing::Listing;
use crate::widgets::views::View;

/// Shown while rows are chosen.
#[component]
pub(crate) fn BulkBar(
    /// The kind.
    def: &'static Def,
    /// The list.
    listing: Listing,
    /// The view that is shown.
    view: Memo<View>,
    /// Whether the trash is shown.
    #[prop(into)]
    trashed: Signal<bool>,
) -> impl IntoView {
    let (app, actions) = (App::here(), Actions::here());
    let selected = listing.table.selected;
    let any = Memo::new(move |_| selected.with(|selected| !selected.is_empty()));
    let done = Callback::new(move |()| selected.update(|selected| selected.clear()));
    let ask = move |verb: &'static str| {
        let ids = selected.with_untracked(|selected| selected.iter().cloned().collect());
        actions.ask(Asked {
            def,
            verb,
            ids,
            on_done: done,
        });
    };
    let verbs = move || {
        let mut verbs: Vec<&'static str> = Vec::new();
        if trashed.get() {
            return vec!["restore"]
                .into_iter()
                .filter(|verb| allows(app, def, verb))
                .collect();
        }
        if kinds::pooled(def) {
            if view.with(|view| view.key == "pool") {
                verbs.extend(["claim", "assign"]);
            } else {
                verbs.extend(["transfer", "return"]);
            }
        }
        if def.kind == "opportunity" {
            verbs.push("transfer");
        }
        if def.has("tags") {
            verbs.push("add-tags");
        }
        verbs.push("trash");
        verbs.retain(|verb| allows(app, def, verb));
        verbs
    };
    let button = move |verb: &'static str| {
        view! {
            <Button small=true icon=verb_glyph(verb) on_press=move |()| ask(verb)>
                {verb_name(verb)}
            </Button>
        }
    };
    move || {
        any.get().then(|| {
            view! {
                <div class="bulk-bar" role="toolbar" aria-label=t!("list.more_actions")>
                    <b aria-live="polite">{move || tf!("list.selected", n = selected.with(|selected| selected.len()))}</b>
                    {move || verbs().into_iter().map(button).collect_view()}
                    <span class="grow"></span>
                    <IconButton
                        glyph=Glyph::Close
                        label=t!("list.unselect")
                        small=true
                        on_press=move |()| selected.update(|selected| selected.clear())
                    />
                </div>
            }
        })
    }
}
