//! The page `/ui` for the browser: every part in every state.

fn main() {
    kehu_frontend::mount_gallery();
}
