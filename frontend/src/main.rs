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

fn main() {
    // What must not happen is told to whoever looks at the console.
    std::panic::set_hook(Box::new(|info| leptos::logging::error!("{info}")));
    leptos::mount::mount_to_body(app::Root);
}
