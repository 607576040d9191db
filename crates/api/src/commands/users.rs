//! `kehu user`: what an operator does for people who can't get in.

use kehu_app::App;

use crate::commands::{Failure, explain, read_password, say};

/// Gives the person with this address a password, read from the standard input, and signs them out
/// everywhere.
///
/// # Errors
/// When nobody has the address, or the password is no good.
pub async fn set_password(app: &App, email: &str) -> Result<(), Failure> {
    let password = read_password()?;
    let done = app
        .set_password_of(email, &password, kehu_app::clock::now())
        .await;
    match done {
        Err(kehu_app::error::AppError::NotFound) => {
            Err(format!("nobody has the address {email}").into())
        }
        other => {
            other.map_err(explain)?;
            say(&format!(
                "The password of {email} is set; every session of theirs has ended."
            ))
        }
    }
}
