//! What every handler has at hand.

use kehu_app::App;

use tokio::sync::watch;

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
}
