//! Kehu's app for the browser: mounts the single page.

mod app;
mod format;
mod i18n;
mod pages;
mod problems;
mod state;
pub mod ui;
mod urls;
mod widgets;

fn main() {
    leptos::mount::mount_to_body(app::Root);
}
