//! What every handler has at hand.

use std::sync::Arc;

use kehu_app::App;

use tokio::sync::watch;

use crate::readiness::Readiness;
use crate::settings::Settings;

/// What every handler has at hand. Cheap to clone.
#[derive(Debug, Clone)]
pub struct State {
    /// The application.
    pub app: App,
    /// How it was started.
    pub settings: Settings,
    /// Turns true when the server ends: what would go on for ever ends with it.
    pub ending: watch::Receiver<bool>,
    /// Whether what is written lasts.
    pub readiness: Arc<Readiness>,
}
