//! The settings: from `kehu.toml`, then the environment (`KEHU_…`), then flags; the last one wins.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Deserializer, Serialize};

/// How the program runs. `README.md` lists every setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The database: `sqlite://kehu.db?mode=rwc` or `postgres://user:password@host/name`.
    pub database_url: String,
    /// How many connections to the database.
    pub database_connections: u32,
    /// SQLite: whether a commit waits until the disk has it.
    pub durable: bool,
    /// The address to listen on.
    pub bind: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// The address that people reach it by, without a slash at the end; cookies are for https only
    /// when it begins so.
    pub public_url: Option<String>,
    /// Whether a proxy in front of the server tells by `X-Forwarded-For` where requests come from;
    /// without one anybody could say anything there.
    pub behind_proxy: bool,
    /// The folder of the app, for a program that does not carry it inside.
    pub app_dir: PathBuf,
    /// How many threads answer requests; 0 takes one per core.
    pub workers: usize,
    /// `text` or `json`.
    pub log_format: LogFormat,
    /// What is logged, as for `RUST_LOG`.
    pub log: String,
    /// What `/metrics` asks for as a bearer token; open to everybody when it is not set.
    pub metrics_token: Option<String>,
    /// Whether anybody may make a workspace of their own after the first.
    pub open_workspaces: bool,
    /// The largest body of a request in bytes, imports apart.
    pub max_body_bytes: usize,
    /// The largest file to import in bytes.
    pub max_import_bytes: usize,
    /// After how many seconds without a sign of life from the process that works on a job (an
    /// import) another takes over.
    #[serde(deserialize_with = "at_least_two")]
    pub job_lease_seconds: u32,
}

/// A lease is renewed three times before it ends: shorter ones would be lost by chance.
fn at_least_two<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let seconds = u32::deserialize(deserializer)?;
    if seconds < 2 {
        return Err(serde::de::Error::custom("at least 2 seconds"));
    }
    Ok(seconds)
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: "sqlite://kehu.db?mode=rwc".to_owned(),
            database_connections: 8,
            durable: true,
            bind: IpAddr::from([127, 0, 0, 1]),
            port: 8080,
            public_url: None,
            behind_proxy: false,
            app_dir: PathBuf::from("target/app"),
            workers: 0,
            log_format: LogFormat::Text,
            log: "info".to_owned(),
            metrics_token: None,
            open_workspaces: false,
            max_body_bytes: 2 * 1024 * 1024,
            max_import_bytes: 256 * 1024 * 1024,
            job_lease_seconds: 15,
        }
    }
}

impl Settings {
    /// Whether others than who started the server may reach it, as far as the settings tell.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        !self.bind.is_loopback() || self.behind_proxy || self.public_url.is_some()
    }

    /// Whether browsers are to send the cookie by https only.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }

    /// Reads the settings.
    ///
    /// # Errors
    /// When the file or the environment holds what is no setting, or no value for it.
    #[expect(clippy::result_large_err, reason = "it ends the program")]
    pub fn load(file: &Path) -> Result<Self, figment::Error> {
        Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(file))
            .merge(Env::raw().only(&["DATABASE_URL"]))
            .merge(Env::prefixed("KEHU_"))
            .extract()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_public_when_others_can_reach_it() {
        let of = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.is_public()
        };
        assert!(!of(|_| ()));
        assert!(!of(|settings| settings.bind = IpAddr::from([127, 0, 0, 2])));
        assert!(of(|settings| settings.bind = IpAddr::from([0, 0, 0, 0])));
        assert!(of(|settings| settings.behind_proxy = true));
        assert!(of(
            |settings| settings.public_url = Some("https://crm.example.com".to_owned())
        ));
    }
}
