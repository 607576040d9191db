//! Kehu's app for the browser: mounts the single page.

fn main() {
    kehu_frontend::mount_app();
}
