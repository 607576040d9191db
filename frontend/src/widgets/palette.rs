//! The command palette: go to, create, search records. Opens with Ctrl K.

use std::time::Duration;

use kehu_wire::search::SearchHit;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app::go;
use crate::state::{API, App};
use crate::ui::prelude::*;
use crate::widgets::kinds;
use crate::{t, tf, urls};

/// One line of the palette.
#[derive(Clone, PartialEq)]
struct Line {
    glyph: Glyph,
    text: String,
    hint: String,
    href: String,
}

/// A search box over everything.
#[component]
pub(crate) fn Palette(
    /// Whether it is shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    let title_id = StoredValue::new("palette-title".to_owned());
    view! {
        <crate::ui::dialog::Modal
            open=open
            on_close=move |()| open.set(false)
            class="dialog middle palette"
            title_id=title_id
        >
            <h2 id="palette-title" class="visually-hidden">
                {t!("palette.title")}
            </h2>
            {move || open.get().then(|| view! { <PaletteBody open=open /> })}
        </crate::ui::dialog::Modal>
    }
}

#[component]
fn PaletteBody(open: RwSignal<bool>) -> impl IntoView {
    let app = App::here();
    let text = RwSignal::new(String::new());
    let hits = RwSignal::new(Vec::<SearchHit>::new());
    let searching = RwSignal::new(false);
    let at = RwSignal::new(0_usize);
    let input = NodeRef::<html::Input>::new();
    let commands = StoredValue::new(commands(app));

    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // The input is on the page, so it takes the focus.
            let _ = input.focus();
        }
    });
    Effect::new(move |_| {
        let wanted = text.get();
        at.set(0);
        if wanted.trim().is_empty() {
            hits.set(Vec::new());
            searching.set(false);
            return;
        }
        searching.set(true);
        set_timeout(
            move || {
                if text.try_get_untracked().as_ref() != Some(&wanted) {
                    return;
                }
                spawn_local(async move {
                    let found = API.search(wanted.trim()).await;
                    if text.try_get_untracked().as_ref() == Some(&wanted) {
                        hits.set(found.map(|answer| answer.items).unwrap_or_default());
                        searching.set(false);
                    }
                });
            },
            Duration::from_millis(120),
        );
    });

    let lines = Memo::new(move |_| {
        let wanted = text.with(|text| text.trim().to_lowercase());
        let mut lines: Vec<Line> = hits.with(|hits| hits.iter().filter_map(hit_line).collect());
        commands.with_value(|commands| {
            let matching = commands
                .iter()
                .filter(|line| line.text.to_lowercase().contains(&wanted));
            lines.extend(matching.cloned());
        });
        lines
    });
    let pick = move |href: &str| {
        open.set(false);
        go(href);
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        let count = lines.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => at.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if count > 0 => at.update(|at| *at = (*at + count - 1) % count),
            "Enter" => {
                let chosen = lines.with_untracked(|lines| lines.get(at.get_untracked()).cloned());
                if let Some(line) = chosen {
                    pick(&line.href);
                }
            }
            _ => return,
        }
        event.prevent_default();
        scroll_to(at.get_untracked());
    };
    let row = move |(index, line): (usize, Line)| {
        let href = line.href.clone();
        view! {
            <div
                class="palette-line"
                role="option"
                id=format!("palette-{index}")
                aria-selected=move || (at.get() == index).to_string()
                on:pointermove=move |_| at.set(index)
                on:click=move |_| pick(&href)
            >
                <Icon glyph=line.glyph />
                <span class="clip">{line.text}</span>
                <span class="palette-hint clip">{line.hint}</span>
            </div>
        }
    };
    view! {
        <div class="palette-search">
            <Icon glyph=Glyph::Search />
            <input
                node_ref=input
                type="search"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-label=t!("palette.title")
                aria-activedescendant=move || format!("palette-{}", at.get())
                placeholder=t!("palette.placeholder")
                autocomplete="off"
                prop:value=text
                on:input:target=move |event| text.set(event.target().value())
                on:keydown=keydown
            />
            {move || searching.get().then(|| view! { <Spinner label=t!("common.loading") /> })}
        </div>
        <div class="palette-list" id="palette-list" role="listbox" aria-label=t!("palette.title")>
            {move || lines.get().into_iter().enumerate().map(row).collect_view()}
        </div>
        {move || {
            (lines.with(Vec::is_empty) && !searching.get())
                .then(|| view! { <p class="palette-empty muted">{t!("palette.empty")}</p> })
        }}
    }
}

fn scroll_to(index: usize) {
    if let Some(line) = document().get_element_by_id(&format!("palette-{index}")) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        line.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

fn hit_line(hit: &SearchHit) -> Option<Line> {
    let def = kehu_domain::kinds::find(&hit.kind)?;
    let hint = if hit.subtitle.is_empty() {
        kinds::name(def).to_owned()
    } else {
        format!("{} · {}", kinds::name(def), hit.subtitle)
    };
    Some(Line {
        glyph: kinds::glyph(&hit.kind),
        text: hit.title.clone(),
        hint,
        href: urls::record(def.plural, &hit.id.to_string()),
    })
}

/// Everything that can be gone to or made.
fn commands(app: App) -> Vec<Line> {
    let line = |glyph, text: String, href: String| Line {
        glyph,
        text,
        hint: String::new(),
        href,
    };
    let mut lines = vec![line(
        Glyph::Home,
        t!("frame.workbench").to_owned(),
        "/".to_owned(),
    )];
    for def in kinds::daily() {
        lines.push(line(
            kinds::glyph(def.kind),
            kinds::plural(def).to_owned(),
            kinds::list_href(def),
        ));
    }
    for def in kinds::makeable(app) {
        let text = tf!("frame.new_kind", kind = kinds::noun(def));
        lines.push(line(Glyph::Plus, text, format!("/{}/new", def.plural)));
    }
    if app.may_import(None) {
        lines.push(line(
            Glyph::Upload,
            t!("frame.import").to_owned(),
            "/import".to_owned(),
        ));
    }
    lines.push(line(
        Glyph::Gear,
        t!("frame.settings").to_owned(),
        "/settings".to_owned(),
    ));
    lines.push(line(
        Glyph::User,
        t!("settings.profile").to_owned(),
        "/settings/profile".to_owned(),
    ));
    for def in kinds::settings() {
        lines.push(line(
            kinds::glyph(def.kind),
            kinds::plural(def).to_owned(),
            kinds::list_href(def),
        ));
    }
    lines.push(line(
        Glyph::Target,
        t!("targets.title").to_owned(),
        "/settings/targets".to_owned(),
    ));
    lines
}
