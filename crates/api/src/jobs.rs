//! What goes on beside requests. Any number of processes may do so on one database.

use std::time::Duration;

use kehu_app::{App, clock};
use tokio::time::sleep;

use crate::routes::health;

/// How long the job that orders the change feed rests when there is nothing to do.
const SEAL_REST: Duration = Duration::from_millis(250);

/// How often the figures of request times are summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// How often what nobody asks for any more is forgotten.
const FORGET_REST: Duration = Duration::from_hours(1);

/// Does all jobs, until it is dropped.
pub async fn run(app: App) {
    tokio::join!(seal(&app), forget(&app), keep_figures());
}

/// Gives changes their place in the feed: a lock in the database lets one process at a time do so.
async fn seal(app: &App) {
    loop {
        if let Err(error) = app.seal_changes().await {
            tracing::warn!(%error, "the change feed could not be ordered; trying again");
        }
        sleep(SEAL_REST).await;
    }
}

/// Forgets sessions that ended long ago and old failures to sign in.
async fn forget(app: &App) {
    loop {
        if let Err(error) = app.forget_sign_ins(clock::now()).await {
            tracing::warn!(%error, "old sessions could not be forgotten; trying again");
        }
        sleep(FORGET_REST).await;
    }
}

/// Sums up what was measured, so that it takes no more room the longer nobody asks for it.
async fn keep_figures() {
    let Some(recorder) = health::recorder() else {
        return;
    };
    loop {
        recorder.run_upkeep();
        sleep(UPKEEP).await;
    }
}
