//! Whether what is written lasts: whoever asks is answered, but it is tried now and then only.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use kehu_app::{App, clock};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::problem::{Refusal, unavailable};

/// How long an answer is good for, and how long a trial may take at the most. One is over before the
/// next begins, so however many ask, the database has one trial to do in this time.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// What a trial finds.
type Finding = Result<(), Refusal>;

/// The trials of one process.
#[derive(Debug, Default)]
pub struct Readiness {
    latest: Mutex<Option<Trial>>,
}

/// A trial that has begun, and what it finds once it is over.
#[derive(Debug, Clone)]
struct Trial {
    begun: Instant,
    finding: watch::Receiver<Option<Finding>>,
}

impl Readiness {
    /// Whether a write lasts, as of at most five seconds ago. Whoever asks while it is tried waits for
    /// the same trial.
    ///
    /// # Errors
    /// Why it does not: `storage_full` or `unavailable`.
    pub async fn ask(&self, app: &App) -> Finding {
        let mut trial = self.trial(app);
        let found = trial.finding.wait_for(Option::is_some).await;
        let found = found.ok().and_then(|found| found.clone());
        found.unwrap_or_else(|| Err(out_of_reach()))
    }

    /// The latest trial; a new one, when its answer is too old.
    fn trial(&self, app: &App) -> Trial {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        match &*latest {
            Some(trial) if trial.begun.elapsed() < GOOD_FOR => trial.clone(),
            _ => latest.insert(begin(app.clone())).clone(),
        }
    }
}

/// Begins a trial, which goes on when nobody waits for it any more.
fn begin(app: App) -> Trial {
    let (tell, finding) = watch::channel(None);
    tokio::spawn(async move {
        let found = timeout(GOOD_FOR, write(&app)).await;
        tell.send_replace(Some(found.unwrap_or_else(|_| Err(out_of_reach()))));
    });
    let begun = Instant::now();
    Trial { begun, finding }
}

async fn write(app: &App) -> Finding {
    let refusal = match app.prove_writing(clock::now()).await {
        Ok(()) => return Ok(()),
        Err(error) => Refusal::from(error),
    };
    // Whatever goes wrong, the server can't do its work.
    Err(if refusal.0.status == 503 {
        refusal
    } else {
        out_of_reach()
    })
}

fn out_of_reach() -> Refusal {
    unavailable("unavailable", "The database takes no writes.")
}
