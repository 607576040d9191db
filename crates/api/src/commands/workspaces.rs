//! `kehu workspace`: workspaces made by an operator.

use clap::Args;
use kehu_app::App;
use kehu_app::workspaces::{Administrator, NewWorkspace};

use crate::commands::{Failure, explain, read_password, say};

/// The workspace to make. The administrator's password is read from the standard input.
#[derive(Debug, Args)]
pub struct CreateWorkspace {
    /// What it is called.
    name: String,
    /// The administrator's email address.
    #[arg(long)]
    email: String,
    /// The administrator's name.
    #[arg(long)]
    administrator: String,
    /// Its language: zh-Hans or en.
    #[arg(long, default_value = "zh-Hans")]
    locale: String,
    /// The ISO 4217 code of its currency.
    #[arg(long, default_value = "CNY")]
    currency: String,
    /// The IANA name of its time zone.
    #[arg(long, default_value = "Asia/Shanghai")]
    time_zone: String,
}

/// Makes a workspace and its administrator.
///
/// # Errors
/// When a field or the password is no good.
pub async fn create(app: &App, new: CreateWorkspace) -> Result<(), Failure> {
    let CreateWorkspace {
        name,
        email,
        administrator,
        locale,
        currency,
        time_zone,
    } = new;
    let password = read_password()?;
    let administrator = Administrator {
        name: administrator,
        email,
        password,
    };
    let new = NewWorkspace {
        name,
        locale,
        currency,
        time_zone,
        administrator,
    };
    let made = app.create_workspace(new, kehu_app::clock::now()).await;
    let (workspace, _) = made.map_err(explain)?;
    say(&format!("The workspace {workspace} is made."))
}
