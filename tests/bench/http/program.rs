//! The programs that are measured, each a process of its own, and the databases they work on.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use uuid::Uuid;

use crate::postgres;

/// An empty database of its own, with commits that wait for the disk.
pub(crate) struct Base {
    pub(crate) url: String,
    server: Option<&'static str>,
    keep: bool,
    _folder: Option<TempDir>,
}

impl Base {
    /// Makes one: `sqlite` or `postgres`. With `keep` it stays, to be looked at.
    pub(crate) fn prepare(kind: &str, keep: bool) -> Self {
        let mut folder = tempfile::tempdir().unwrap();
        folder.disable_cleanup(keep);
        if kind == "sqlite" {
            let url = format!("sqlite://{}/kehu.db?mode=rwc", folder.path().display());
            return Self {
                url,
                server: None,
                keep,
                _folder: Some(folder),
            };
        }
        // As Debian sets a server up, but for the memory that a server of its own would be given.
        let server = postgres::server("bench", "-c shared_buffers=512MB");
        let name = format!("bench_{}", Uuid::now_v7().simple());
        sql(server, "postgres", &format!("CREATE DATABASE {name}"));
        Self {
            url: format!("{server}/{name}"),
            server: Some(server),
            keep,
            _folder: Some(folder),
        }
    }

    /// One that was filled before and stayed.
    pub(crate) fn filled(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            server: None,
            keep: true,
            _folder: None,
        }
    }

    /// Lets PostgreSQL look at what it holds, as it does by itself after a while.
    pub(crate) fn analyse(&self) {
        if let Some(server) = self.server {
            let name = self.url.rsplit('/').next().unwrap();
            sql(server, name, "VACUUM ANALYZE");
        }
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        if self.keep {
            println!("{} stays", self.url);
        } else if let Some(server) = self.server {
            let name = self.url.rsplit('/').next().unwrap();
            sql(
                server,
                "postgres",
                &format!("DROP DATABASE {name} WITH (FORCE)"),
            );
        }
    }
}

fn sql(server: &str, name: &str, statement: &str) {
    let status = Command::new("psql")
        .args(["--quiet", "--no-psqlrc", &format!("{server}/{name}")])
        .args(["--command", statement])
        .status()
        .unwrap();
    assert!(status.success(), "{statement}");
}

/// A running server; killed when dropped.
pub(crate) struct Program {
    /// `kehu` or `bare`.
    pub(crate) name: &'static str,
    /// `127.0.0.1:PORT`
    pub(crate) address: String,
    child: Child,
}

impl Program {
    /// The product, as `cargo build --release` makes it.
    pub(crate) async fn kehu(base: &Base) -> Self {
        let mut command = Command::new(beside("kehu"));
        command.arg("serve");
        Self::start("kehu", command, base).await
    }

    /// The bare handlers.
    pub(crate) async fn bare(base: &Base) -> Self {
        let mut command = Command::new(beside("bench"));
        command.arg("bare");
        Self::start("bare", command, base).await
    }

    async fn start(name: &'static str, mut command: Command, base: &Base) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let child = command
            .env("KEHU_DATABASE_URL", &base.url)
            .env("KEHU_PORT", port.to_string())
            .env("KEHU_LOG", "warn")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut program = Self {
            name,
            address: format!("127.0.0.1:{port}"),
            child,
        };
        program.wait_until_ready().await;
        program
    }

    async fn wait_until_ready(&mut self) {
        let ready = format!("http://{}/readyz", self.address);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            if reqwest::get(&ready)
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{} ended at its start", self.name);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} was not ready after a minute", self.name);
    }

    /// Waits until what it does by itself after changes is done.
    pub(crate) async fn settle(&self) {
        loop {
            let before = self.cpu_seconds();
            tokio::time::sleep(Duration::from_secs(3)).await;
            if self.cpu_seconds() - before < 0.05 {
                return;
            }
        }
    }

    /// The memory that is its own and no file's, in MB.
    pub(crate) fn rss_anon_mb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("RssAnon:"))
            .unwrap();
        let kb: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kb / 1024
    }

    /// The time that cores have spent on it.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after_name = stat.rsplit(')').next().unwrap();
        // utime and stime, in hundredths of a second, are the 14th and 15th field of the line.
        let ticks = after_name.split_whitespace().skip(11).take(2);
        ticks
            .map(|ticks| ticks.parse::<f64>().unwrap())
            .sum::<f64>()
            / 100.0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program in the folder of this one.
fn beside(name: &str) -> std::path::PathBuf {
    std::env::current_exe().unwrap().with_file_name(name)
}
