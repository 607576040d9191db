//! `kehu demo`: a workspace with two years of believable work in it.

use std::io::Write;

use kehu_app::App;
use kehu_app::error::AppError;

/// Makes the demo in an empty database and tells how to sign in. The password is made anew each
/// time, so that no demo can be entered by who knows another.
///
/// # Errors
/// When the database holds a workspace already, or fails.
pub async fn run(app: &App, locale: &str) -> Result<(), Box<dyn std::error::Error>> {
    if !app.setup_needed().await? {
        return Err("the database holds a workspace already; the demo needs an empty one".into());
    }
    let password = password();
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

/// A password that nobody can guess: the random part of two new ids.
fn password() -> String {
    let random = || kehu_app::ids::new_id().as_u128() & 0xffff_ffff_ffff;
    format!("{:012x}-{:012x}", random(), random())
}
