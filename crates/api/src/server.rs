//! The server's life: open the database, listen, answer, end without losing an accepted request.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::web::{self, Data, PayloadConfig};
use actix_web::{App as Web, HttpServer};
use kehu_app::error::AppError;
use kehu_app::{App, DbSettings};

use crate::settings::Settings;
use crate::state::State;
use crate::{problem, request, routes, site};

/// How long accepted requests may take to end after the server was told to.
const GRACE_SECONDS: u64 = 30;

/// How long the job that orders the change feed rests when there is nothing to do.
const SEAL_REST: Duration = Duration::from_millis(250);

/// A server that answers.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The application behind it.
    pub app: App,
    /// Ends it.
    pub handle: ServerHandle,
    /// Its life; ends when it has ended.
    pub server: Server,
    /// The jobs beside it.
    pub jobs: tokio::task::JoinHandle<()>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database could not be opened or brought up to date.
    #[error("the database could not be opened")]
    Database(#[from] AppError),
    /// The port could not be opened.
    #[error("the port could not be opened")]
    Port(#[from] std::io::Error),
}

/// Opens the database, brings its schema up to date, and begins to answer.
///
/// # Errors
/// When the database or the port can't be opened.
pub async fn start(settings: Settings) -> Result<Running, StartError> {
    let app = App::open(&DbSettings {
        url: settings.database_url.clone(),
        connections: settings.database_connections,
        durable: settings.durable,
    })
    .await?;
    let address = SocketAddr::new(settings.bind, settings.port);
    let workers = settings.workers;
    let state = State {
        app: app.clone(),
        settings,
    };
    let body_limit = state.settings.max_body_bytes;
    let mut server = HttpServer::new(move || {
        Web::new()
            .app_data(Data::new(state.clone()))
            .app_data(PayloadConfig::new(body_limit))
            .app_data(problem::path_config())
            .app_data(problem::query_config())
            .wrap(Condition::new(true, Compress::default()))
            .wrap(from_fn(request::observe))
            .service(web::scope("/api/v1").configure(routes::configure))
            .service(web::scope("/api").default_service(web::to(problem::no_such_address)))
            .default_service(web::get().to(site::serve))
    })
    .shutdown_timeout(GRACE_SECONDS)
    .disable_signals();
    if workers > 0 {
        server = server.workers(workers);
    }
    let server = server.bind(address)?;
    let address = server.addrs().first().copied().unwrap_or(address);
    let server = server.run();
    let jobs = tokio::spawn(seal(app.clone()));
    Ok(Running {
        address,
        app,
        handle: server.handle(),
        server,
        jobs,
    })
}

/// The job that gives changes their place in the feed. Any number of processes may run it: a lock
/// in the database lets one at a time do so.
async fn seal(app: App) {
    loop {
        if let Err(error) = app.seal_changes().await {
            tracing::warn!(%error, "the change feed could not be ordered; trying again");
        }
        tokio::time::sleep(SEAL_REST).await;
    }
}
