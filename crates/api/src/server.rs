//! The server's life: open the database, listen, answer, end without losing an accepted request.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::web::{Data, PayloadConfig};
use actix_web::{App as Web, HttpServer};
use chrono::TimeDelta;
use kehu_app::error::AppError;
use kehu_app::{App, DbSettings, clock};

use tokio::sync::watch;

use crate::routes::setup;
use crate::settings::Settings;
use crate::state::State;
use crate::{auth, body, jobs, problem, request, routes};

/// How long accepted requests may take to end after the server was told to.
const GRACE_SECONDS: u64 = 30;

/// A server that answers.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The application behind it.
    pub app: App,
    /// Ends it.
    pub handle: ServerHandle,
    /// Says that it ends, for what would go on for ever.
    pub ending: watch::Sender<bool>,
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
    .await?
    .with_job_lease(TimeDelta::seconds(settings.job_lease_seconds.into()));
    if setup::policy(&settings).token_required
        && let Some(token) = app.setup_token(clock::now()).await?
    {
        tracing::warn!("the first run asks for this token: {token}");
    }
    let address = SocketAddr::new(settings.bind, settings.port);
    let workers = settings.workers;
    let (ending, told) = watch::channel(false);
    let state = State {
        app: app.clone(),
        settings,
        ending: told,
        readiness: Arc::default(),
    };
    let body_limit = state.settings.max_body_bytes;
    let mut server = HttpServer::new(move || {
        Web::new()
            .app_data(Data::new(state.clone()))
            .app_data(PayloadConfig::new(body_limit))
            .app_data(problem::path_config())
            .app_data(problem::query_config())
            .wrap(Condition::new(true, Compress::default()))
            .wrap(from_fn(body::refuse_encoded))
            .wrap(from_fn(request::observe))
            .wrap(from_fn(auth::renew_cookie))
            .configure(routes::all)
    })
    .shutdown_timeout(GRACE_SECONDS)
    .disable_signals();
    if workers > 0 {
        server = server.workers(workers);
    }
    let server = server.bind(address)?;
    let address = server.addrs().first().copied().unwrap_or(address);
    let server = server.run();
    let jobs = tokio::spawn(jobs::run(app.clone()));
    Ok(Running {
        address,
        app,
        handle: server.handle(),
        ending,
        server,
        jobs,
    })
}
