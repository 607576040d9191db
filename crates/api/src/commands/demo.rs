//! `kehu demo`: a workspace with two years of believable work in it.

use std::io::Write;

use kehu_app::App;
use kehu_app::error::AppError;
use kehu_app::secrets;

/// Makes the demo in an empty database and tells how to sign in. The password is made anew each
/// time, so that no demo can be entered by who knows another.
///
/// # Errors
/// When the database holds a workspace already, or fails.
pub async fn run(app: &App, locale: &str) -> Result<(), Box<dyn std::error::Error>> {
    if !app.setup_needed().await? {
        return Err("the database holds a workspace already; the demo needs an empty one".into());
    }
    // 96 random bits: nobody guesses them, and they can still be typed.
    let password: String = secrets::random_text()?.chars().take(16).collect();
    let people = app
        .create_demo(locale, &password, kehu_app::clock::now())
        .await;
    let people = people.map_err(|error| match error {
        AppError::Invalid(problems) => format!("the demo is wrong: {problems:?}").into(),
        other => Box::<dyn std::error::Error>::from(other),
    })?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "Demo data is ready. Sign in with the password  {password}"
    )?;
    for person in people {
        writeln!(out, "  {}  {}", person.email, person.name)?;
    }
    Ok(())
}
