//! Kehu's app for the browser: mounts the single page.

pub mod ui;

fn main() {
    ui::gallery::mount();
}
