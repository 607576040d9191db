//! The measurements as a table, for the console and for `docs/performance.md`.

use std::fmt::Write;

use crate::http::load::Measured;

/// The table in Markdown.
pub(crate) fn of(measured: &[Measured], beside: &[Measured]) -> String {
    let mut text = String::from(
        "| operation | at once | requests/s | p50 ms | p99 ms | CPU ms | bare requests/s | bare CPU ms | ratio |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for one in measured {
        let bare = beside
            .iter()
            .find(|bare| (bare.name, bare.connections) == (one.name, one.connections));
        let [bare_rate, bare_cpu, ratio] = bare.map_or([const { String::new() }; 3], |bare| {
            [
                format!("{:.0}", bare.per_second),
                format!("{:.2}", bare.cpu),
                format!("{:.0} %", one.per_second / bare.per_second * 100.0),
            ]
        });
        let Measured {
            name,
            connections,
            per_second,
            p50,
            p99,
            cpu,
        } = one;
        writeln!(
            text,
            "| {name} | {connections} | {per_second:.0} | {p50:.2} | {p99:.2} | {cpu:.2} | {bare_rate} | {bare_cpu} | {ratio} |"
        )
        .unwrap();
    }
    text
}
