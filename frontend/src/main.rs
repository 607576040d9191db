//! Kehu's app for the browser: mounts the single page.

pub mod app;
pub mod format;
pub mod i18n;
pub mod pages;
pub mod parts;
pub mod problems;
pub mod state;
pub mod ui;
pub mod urls;
pub mod widgets;

use wasm_bindgen::prelude::wasm_bindgen;

/// Draws the app in a language, a BCP 47 tag, whose texts these are. `false` when they are not of this
/// version of the app; nothing is drawn then.
#[wasm_bindgen]
pub fn start(language: &str, texts: String) -> bool {
    let lang = i18n::Lang::fitting(language);
    if !i18n::learn(lang, texts) {
        return false;
    }
    i18n::set_lang(lang);
    leptos::mount::mount_to_body(app::Root);
    true
}

fn main() {
    // What must not happen is told to whoever looks at the console.
    std::panic::set_hook(Box::new(|info| leptos::logging::error!("{info}")));
}
