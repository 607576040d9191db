//! The program `kehu`.

use std::io::IsTerminal;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kehu_api::commands::workspaces::CreateWorkspace;
use kehu_api::commands::{Failure, audit, backup, check, erase, import, users, workspaces};
use kehu_api::server::{self, Running};
use kehu_api::settings::{LogFormat, Settings};
use kehu_app::files::Replace;
use kehu_app::{App, DbSettings};
use tracing_subscriber::EnvFilter;

/// Many small values live for one request each, on threads that come and go: the system's allocator
/// keeps a heap per thread and gives little of it back. SQLite's memory is this one's too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Customers, from the first lead to the last payment.
#[derive(Debug, Parser)]
#[command(name = "kehu", version)]
struct Arguments {
    /// The file of settings.
    #[arg(long, global = true, default_value = "kehu.toml")]
    config: PathBuf,
    /// The database, in place of the setting.
    #[arg(long, global = true)]
    database_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answers requests until it is told to stop.
    Serve {
        /// The port, in place of the setting.
        #[arg(long)]
        port: Option<u16>,
    },
    /// Prints the description of the API and ends.
    Openapi,
    /// Copies a SQLite database, which may be in use, to a file.
    Backup {
        /// The file to write; it must not be there yet.
        file: PathBuf,
    },
    /// Puts a copy in the place of a SQLite database that nothing holds open.
    Restore {
        /// The copy.
        file: PathBuf,
        /// Replaces a database that is there.
        #[arg(long)]
        force: bool,
    },
    /// Looks at the change log.
    Audit {
        #[command(subcommand)]
        what: Audit,
    },
    /// Proves what is kept beside what it is made of.
    Check {
        #[command(subcommand)]
        what: Check,
    },
    /// Imports a file of records by a mapping.
    Import(import::Arguments),
    /// Erases what is known of a person from every place where it rests.
    Erase(erase::Arguments),
    /// Brings the database's schema up to date and ends.
    Migrate,
    /// Fills an empty database with a demo: a small company's two years.
    Demo {
        /// The language of the demo: zh-Hans or en.
        #[arg(long, default_value = "zh-Hans")]
        locale: String,
    },
    /// For people who can't get in.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Workspaces.
    Workspace {
        #[command(subcommand)]
        command: WorkspaceCommand,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Gives a person a password, read from the standard input, and signs them out everywhere.
    SetPassword {
        /// The person's email address.
        email: String,
    },
}

#[derive(Debug, Subcommand)]
enum WorkspaceCommand {
    /// Makes a workspace; its administrator's password is read from the standard input.
    Create(CreateWorkspace),
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Proves that no change was altered or taken out since it was logged.
    Verify,
}

#[derive(Debug, Subcommand)]
enum Check {
    /// Contracts, receivables and payments: every sum is the sum of its parts.
    Ledger,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Command::Openapi) {
        return print_openapi();
    }
    let mut settings = match Settings::load(&arguments.config) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("The settings are wrong: {error}");
            return ExitCode::from(2);
        }
    };
    if let Some(url) = arguments.database_url {
        settings.database_url = url;
    }
    // Who gives a command reads its answer, not a log.
    if !matches!(arguments.command, Command::Serve { .. } | Command::Migrate)
        && settings.log == Settings::default().log
    {
        "warn".clone_into(&mut settings.log);
    }
    log_to_stderr(&settings);
    let done = match arguments.command {
        Command::Serve { port } => {
            settings.port = port.unwrap_or(settings.port);
            actix_web::rt::System::new().block_on(serve(settings))
        }
        Command::Demo { locale } => actix_web::rt::System::new().block_on(demo(settings, &locale)),
        Command::User { command } => actix_web::rt::System::new().block_on(user(settings, command)),
        Command::Workspace { command } => {
            actix_web::rt::System::new().block_on(workspace(settings, command))
        }
        Command::Openapi => Ok(()),
        Command::Backup { file } => {
            actix_web::rt::System::new().block_on(backup::backup(&reach(settings), &file))
        }
        Command::Restore { file, force } => {
            let replace = if force {
                Replace::Database
            } else {
                Replace::Nothing
            };
            actix_web::rt::System::new().block_on(backup::restore(&reach(settings), &file, replace))
        }
        Command::Audit {
            what: Audit::Verify,
        } => actix_web::rt::System::new().block_on(audit::verify(&reach(settings))),
        Command::Check {
            what: Check::Ledger,
        } => actix_web::rt::System::new().block_on(check::ledger(&reach(settings))),
        Command::Import(arguments) => {
            actix_web::rt::System::new().block_on(import_file(settings, arguments))
        }
        Command::Erase(arguments) => {
            actix_web::rt::System::new().block_on(erase_values(settings, arguments))
        }
        Command::Migrate => actix_web::rt::System::new().block_on(migrate(settings)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                text.push_str(": ");
                text.push_str(&cause.to_string());
                source = cause.source();
            }
            eprintln!("kehu: {text}");
            ExitCode::FAILURE
        }
    }
}

fn print_openapi() -> ExitCode {
    match std::io::stdout().write_all(kehu_api::openapi::TEXT.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn log_to_stderr(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}

async fn serve(settings: Settings) -> Result<(), Failure> {
    let Running {
        address,
        handle,
        ending,
        server,
        jobs,
        ..
    } = server::start(settings).await?;
    tracing::info!("Kehu answers at http://{address}");
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    actix_web::rt::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("ending: accepted requests are finished first");
        ending.send_replace(true);
        handle.stop(true).await;
    });
    server.await?;
    jobs.abort();
    Ok(())
}

async fn user(settings: Settings, command: UserCommand) -> Result<(), Failure> {
    let app = open(settings).await?;
    match command {
        UserCommand::SetPassword { email } => users::set_password(&app, &email).await,
    }
}

async fn workspace(settings: Settings, command: WorkspaceCommand) -> Result<(), Failure> {
    let app = open(settings).await?;
    match command {
        WorkspaceCommand::Create(new) => workspaces::create(&app, new).await,
    }
}

async fn migrate(settings: Settings) -> Result<(), Failure> {
    open(settings).await?;
    tracing::info!("the schema is up to date");
    Ok(())
}

async fn import_file(settings: Settings, arguments: import::Arguments) -> Result<(), Failure> {
    import::run(&open(settings).await?, arguments).await
}

async fn erase_values(settings: Settings, arguments: erase::Arguments) -> Result<(), Failure> {
    erase::run(&open(settings).await?, arguments).await
}

async fn demo(mut settings: Settings, locale: &str) -> Result<(), Failure> {
    // A demo that a power cut spoils is made again.
    settings.durable = false;
    let app = open(settings).await?;
    kehu_api::commands::demo::run(&app, locale).await?;
    // All of it stands in the one file then, which may be moved.
    Ok(app.db.close().await?)
}

async fn open(settings: Settings) -> Result<App, Failure> {
    Ok(App::open(&reach(settings)).await?)
}

fn reach(settings: Settings) -> DbSettings {
    DbSettings {
        url: settings.database_url,
        connections: settings.database_connections,
        durable: settings.durable,
    }
}
