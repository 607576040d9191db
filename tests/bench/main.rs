//! The `kehu` program.
fn main() {}
