//! Measures what must be quick: `cargo xtask bench`. It prints figures and fails for none of them.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement tells on the console, and ends where it can't go on"
)]

mod imports;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(imports::measure(100_000));
}
