//! What goes on beside requests. Any number of processes may do so on one database.

use std::time::Duration;

use kehu_app::error::AppError;
use kehu_app::{App, clock};
use tokio::time::sleep;

use crate::routes::health;

/// How long the job that orders the change feed rests when there is nothing to do.
const SEAL_REST: Duration = Duration::from_millis(250);

/// How often what lies about too long is removed.
const TIDY_REST: Duration = Duration::from_hours(1);

/// How often the search index is put in order.
const SEARCH_TIDY: Duration = Duration::from_hours(24);

/// What is left to others between two steps of that.
const SEARCH_REST: Duration = Duration::from_millis(50);

/// How often the figures of request times are summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// How long a worker on imports rests when there is nothing to do.
const IMPORT_REST: Duration = Duration::from_millis(250);

/// How many imports one process works on at a time.
const IMPORTS: usize = 2;

/// Does all jobs, until it is dropped.
pub async fn run(app: App) {
    // Tasks of their own: they are at work for long without waiting for anything.
    let mut imports = tokio::task::JoinSet::new();
    for _ in 0..IMPORTS {
        imports.spawn(import(app.clone()));
    }
    tokio::join!(seal(&app), tidy(&app), keep_search(&app), keep_figures());
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

/// Works on imports that wait, and on those that another process was cut off from.
async fn import(app: App) {
    loop {
        match app.work_on_imports(None).await {
            Ok(true) => {}
            Ok(false) => sleep(IMPORT_REST).await,
            Err(error) => {
                tracing::warn!(%error, "an import was interrupted; going on later");
                sleep(IMPORT_REST * 8).await;
            }
        }
    }
}

/// Brings the search index up to date after an upgrade and in order once a day, a few records at a time.
async fn keep_search(app: &App) {
    loop {
        let done = async {
            while app.renew_search().await? {
                sleep(SEARCH_REST).await;
            }
            while app.tidy_search().await? {
                sleep(SEARCH_REST).await;
            }
            Ok::<(), AppError>(())
        };
        match done.await {
            Ok(()) => sleep(SEARCH_TIDY).await,
            Err(error) => {
                tracing::warn!(%error, "the search index is not in order yet; going on in an hour");
                sleep(TIDY_REST).await;
            }
        }
    }
}

/// Forgets and removes what has lain about too long.
async fn tidy(app: &App) {
    loop {
        let now = clock::now();
        let done = [
            ("answers", app.forget_answers(now).await.map(drop)),
            ("sign-ins", app.forget_sign_ins(now).await.map(drop)),
            ("trash", app.purge_trash(now).await.map(drop)),
            ("files", app.forget_import_files(now).await.map(drop)),
            ("copies", app.forget_copies(now).map(drop)),
            ("statistics", app.count_anew().await),
        ];
        for (what, outcome) in done {
            if let Err(error) = outcome {
                tracing::warn!(%error, what, "could not tidy up; trying again");
            }
        }
        sleep(TIDY_REST).await;
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
