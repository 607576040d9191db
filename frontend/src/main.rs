//! Kehu's app for the browser: mounts the single page.

pub mod app;
pub mod format;
pub mod i18n;
pub mod pages;
pub mod problems;
pub mod state;
pub mod ui;
pub mod urls;
pub mod widgets;

fn main() {
    leptos::mount::mount_to_body(app::Root);
}
