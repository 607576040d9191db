//! What the README says of the program, compared with the program.

use kehu_api::settings::Settings;
use serde_json::Value;

#[test]
fn the_readme_lists_every_setting_with_its_default() {
    let readme = include_str!("../../README.md");
    let settings = serde_json::to_value(Settings::default()).unwrap();
    for (name, default) in settings.as_object().unwrap() {
        let default = match default {
            Value::Null => "none".to_owned(),
            Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        };
        let row = format!("| `{name}` | {default} |");
        assert!(readme.contains(&row), "README.md has no row {row}");
    }
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .count();
    assert_eq!(
        rows,
        settings.as_object().unwrap().len(),
        "README.md lists a setting that is none"
    );
}
