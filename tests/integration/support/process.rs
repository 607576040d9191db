//! The real program as a process of its own, for tests that stop it from outside.

use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::support::databases::Database;

/// A running `kehu serve`; killed when dropped.
pub(crate) struct Process {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub(crate) base: String,
}

impl Process {
    /// Starts it on this database, with durable commits, and waits until it is ready.
    pub(crate) async fn start(database: &Database) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let child = server(database)
            .env("KEHU_DURABLE", "true")
            // What a killed process was at work on is taken up soon.
            .env("KEHU_JOB_LEASE_SECONDS", "2")
            .env("KEHU_PORT", port.to_string())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let mut process = Self { child, base };
        process.wait_until_ready().await;
        process
    }

    async fn wait_until_ready(&mut self) {
        let ready = format!("{}/readyz", self.base);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if reqwest::get(&ready)
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return;
            }
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "kehu ended at its start"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("kehu was not ready after 30 s");
    }

    /// What the system calls it.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it ever had, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let mut lines = status.lines();
        let peak = lines.find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        kilobytes * 1024
    }

    /// As a power cut would: at once, in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as an operator does.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program `kehu` with this database, to be given a command.
pub(crate) fn program(database: &Database) -> Command {
    around(database, Command::new(built()))
}

/// `kehu serve`. A file of it that may not grow is to it what a full disk is, and not its end.
fn server(database: &Database) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", r#"trap '' XFSZ; exec "$0" serve"#])
        .arg(built());
    around(database, shell)
}

/// A command with what the program has around it.
fn around(database: &Database, mut command: Command) -> Command {
    command
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .env("KEHU_DATABASE_URL", database.url())
        .env("KEHU_LOG", "warn");
    command
}

/// The program as the code is now, with the features that the tests were built with.
fn built() -> String {
    build();
    format!("{}/../debug/kehu", env!("CARGO_TARGET_TMPDIR"))
}

fn build() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        for (name, _) in std::env::vars_os() {
            // What cargo told this test about itself would make build scripts run again.
            let name = name.to_string_lossy();
            if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
                .iter()
                .any(|s| name.starts_with(s))
            {
                command.env_remove(&*name);
            }
        }
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let status = command
            .args(["build", "--quiet"])
            .current_dir(root)
            .status()
            .unwrap();
        assert!(status.success(), "kehu can't be built");
    });
}
