//! Throw-away PostgreSQL clusters: one that is shared by every test process and started by the first of
//! them, and one for measurements.
//!
//! `TEST_POSTGRES=postgres://superuser@host:port` names a server to use instead. Otherwise
//! the cluster lives in `/tmp`, on a free port of 127.0.0.1. A small watchdog stops
//! and deletes it when it finds that no process uses it. Two lock files keep order:
//! `start` is held while somebody looks for, starts or stops the cluster, `users` is held
//! shared by each process that uses it.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// How often the watchdog looks whether anybody uses the cluster.
const LOOK_SECONDS: u32 = 120;

/// The address of the server of this name, without a database: `postgres://postgres@127.0.0.1:40001`.
/// Where it is not running yet, it starts with these settings, as options of the program `postgres`.
/// A process uses one server, the first that it asks for.
pub(crate) fn server(name: &str, settings: &str) -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| match std::env::var("TEST_POSTGRES") {
        Ok(address) => address.trim_end_matches('/').to_owned(),
        Err(_) => Cluster::find(name).use_or_start(settings),
    })
}

struct Cluster {
    /// Everything that belongs to it, but the locks.
    folder: PathBuf,
    /// initdb, pg_ctl.
    programs: PathBuf,
    /// Who runs it: PostgreSQL refuses to be run by root.
    user: Option<User>,
}

struct User {
    uid: u32,
    gid: u32,
}

impl Cluster {
    fn find(name: &str) -> Self {
        let me = number_of("-u", None);
        let user = (me == 0).then(|| User {
            uid: number_of("-u", Some("postgres")),
            gid: number_of("-g", Some("postgres")),
        });
        Self {
            folder: format!("/tmp/kehu-postgres-{name}-{me}").into(),
            programs: programs(),
            user,
        }
    }

    fn use_or_start(&self, settings: &str) -> String {
        let start = lock_file(&self.folder.with_extension("start"));
        start.lock().unwrap();
        let address = self.running().unwrap_or_else(|| self.start(settings));
        let users = lock_file(&self.folder.with_extension("users"));
        users.lock_shared().unwrap();
        // Held until this process ends.
        std::mem::forget(users);
        address
    }

    fn running(&self) -> Option<String> {
        let port: u16 = fs::read_to_string(self.folder.join("port"))
            .ok()?
            .parse()
            .ok()?;
        TcpStream::connect(("127.0.0.1", port)).ok()?;
        Some(address(port))
    }

    fn start(&self, settings: &str) -> String {
        let _ = fs::remove_dir_all(&self.folder);
        fs::create_dir(&self.folder).unwrap();
        if let Some(user) = &self.user {
            std::os::unix::fs::chown(&self.folder, Some(user.uid), Some(user.gid)).unwrap();
        }
        let data = self.folder.join("data");
        self.run(
            Command::new(self.programs.join("initdb"))
                .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
                .args(["--username=postgres", "--no-sync", "--pgdata"])
                .arg(&data),
        );
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let settings = format!(
            "-p {port} -k {} -c listen_addresses=127.0.0.1 {settings}",
            self.folder.display()
        );
        self.run(
            Command::new(self.programs.join("pg_ctl"))
                .args([
                    "start",
                    "--wait",
                    "--silent",
                    "--options",
                    &settings,
                    "--log",
                ])
                .arg(self.folder.join("log"))
                .arg("--pgdata")
                .arg(&data),
        );
        fs::write(self.folder.join("port"), port.to_string()).unwrap();
        self.watch(&data);
        address(port)
    }

    /// Leaves a process behind that ends the cluster once nobody uses it.
    fn watch(&self, data: &Path) {
        let script = format!(
            "while sleep {LOOK_SECONDS}; do \
               exec 8>'{folder}.start' 9>'{folder}.users'; \
               if flock --nonblock 8 && flock --nonblock 9; then \
                 '{programs}/pg_ctl' stop --mode immediate --silent --pgdata '{data}'; \
                 rm -rf '{folder}'; exit 0; \
               fi; \
               exec 8>&- 9>&-; \
               test -d '{data}' || exit 0; \
             done",
            folder = self.folder.display(),
            programs = self.programs.display(),
            data = data.display(),
        );
        // setsid forks: what we wait for is over at once, the script goes on.
        let mut shell = Command::new("setsid");
        shell.args(["--fork", "sh", "-c", &script]);
        self.run(&mut shell);
    }

    fn own(&self, command: &mut Command) {
        if let Some(user) = &self.user {
            command.uid(user.uid).gid(user.gid);
        }
    }

    fn run(&self, command: &mut Command) {
        self.own(command);
        // To a file: a server that inherited a pipe would keep the test runner waiting for its end.
        let words = self.folder.join("start.log");
        let log = File::create(&words).unwrap();
        command.current_dir("/").stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let status = command.status().unwrap();
        assert!(
            status.success(),
            "{} failed: {}",
            command.get_program().display(),
            fs::read_to_string(&words).unwrap_or_default()
        );
    }
}

fn address(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}")
}

fn lock_file(path: &Path) -> File {
    use std::os::unix::fs::PermissionsExt;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .unwrap();
    // The watchdog runs as another user.
    let _ = file.set_permissions(fs::Permissions::from_mode(0o666));
    file
}

/// The folder of PostgreSQL 15's programs, or of the newest other.
fn programs() -> PathBuf {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    folders.sort();
    folders.push("/usr/lib/postgresql/15/bin".into());
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut on_path: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    on_path.append(&mut folders);
    on_path.into_iter().rev().find(|folder| folder.join("initdb").exists()).expect(
        "PostgreSQL is installed: `apt-get install postgresql-15`, or let `cargo xtask test` do it",
    )
}

fn number_of(what: &str, user: Option<&str>) -> u32 {
    let output = Command::new("id").arg(what).args(user).output().unwrap();
    let number = String::from_utf8_lossy(&output.stdout);
    number
        .trim()
        .parse()
        .expect("there is a user named postgres; the package creates it")
}
