//! A server for one stage of the tests: debug build, fresh SQLite file, free port.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::process::{cargo, program, run, say};
use crate::{Outcome, app, paths};

const PATIENCE: Duration = Duration::from_secs(60);

/// Builds the debug program. All crates of the server at once, as the tests do: built alone, it
/// would choose other features of shared crates and build those again.
pub(crate) fn build() -> Outcome {
    run(&mut cargo(["build"]))
}

/// The debug program.
pub(crate) fn binary() -> PathBuf {
    paths::target().join("debug/kehu")
}

/// A running server; stopped when dropped.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts it with an empty database; its log goes to `target/NAME/server.log`.
    pub(crate) fn start(name: &str) -> Outcome<Self> {
        build()?;
        let folder = paths::target().join(name);
        let log_file = folder.join("server.log");
        let problem = |error: std::io::Error| format!("{}: {error}.", folder.display());
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(problem)?;
        let log = File::create(&log_file).map_err(problem)?;
        let address = free_address().map_err(problem)?;
        let mut serve = program(binary(), ["serve"]);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KEHU_") {
                serve.env_remove(name);
            }
        }
        let process = serve
            .current_dir(&folder)
            .env(
                "DATABASE_URL",
                format!("sqlite://{}?mode=rwc", folder.join("test.db").display()),
            )
            .env("KEHU_PORT", address.port().to_string())
            .env("KEHU_APP_DIR", app::QUICK.out())
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(problem)?)
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{} can't be started: {error}.", binary().display()))?;
        let mut server = Self { process, address };
        server.wait(&log_file)?;
        say(&format!(
            "A server for the tests answers at {}",
            server.address()
        ));
        Ok(server)
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    fn wait(&mut self, log: &std::path::Path) -> Outcome {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if answers(self.address) {
                return Ok(());
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                let words = fs::read_to_string(log).unwrap_or_default();
                return Err(format!("The server ended at once ({status}):\n{words}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(format!(
            "The server was not ready after {PATIENCE:?}; see {}.",
            log.display()
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nobody uses at the moment.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

/// Whether `GET /readyz` gives 200.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(
            stream,
            "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
        )?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}
