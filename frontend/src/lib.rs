//! Kehu for the browser: the app, and the page `/ui` that shows the parts it is made of.
//!
//! Each is a module of its own; what only one of them uses is not in the other.

pub mod app;
pub mod format;
pub mod i18n;
pub mod pages;
pub mod problems;
pub mod state;
pub mod ui;
pub mod urls;
pub mod widgets;

use leptos::mount::mount_to_body;

/// Mounts the single page of the app.
pub fn mount_app() {
    tell_panics();
    mount_to_body(app::Root);
}

/// Mounts the page `/ui`.
pub fn mount_gallery() {
    tell_panics();
    mount_to_body(ui::gallery::Page);
}

/// What must not happen is told to whoever looks at the console.
fn tell_panics() {
    std::panic::set_hook(Box::new(|info| leptos::logging::error!("{info}")));
}
