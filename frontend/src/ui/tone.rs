//! What a colour means. Parts take a tone, never a colour.

/// The meaning that a badge, a bar or a note carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Neutral,
    /// The accent: current, chosen, in progress.
    Accent,
    /// Good news.
    Success,
    /// Wants attention soon.
    Warning,
    /// Wants attention now.
    Danger,
    /// Worth knowing.
    Info,
}

impl Tone {
    /// Every tone, for pages that show them all.
    pub const ALL: [Self; 6] = [
        Self::Neutral,
        Self::Accent,
        Self::Success,
        Self::Warning,
        Self::Danger,
        Self::Info,
    ];

    /// The value of the `data-tone` attribute that the style sheets know.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Accent => "accent",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Danger => "danger",
            Self::Info => "info",
        }
    }
}
