//! A disk that gets full: a small file system of its own, or a limit on the files of a process where the
//! system lets nobody mount one.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sea_orm::{ConnectionTrait, Database as Connect};
use uuid::Uuid;

use crate::support::databases::Database;
use crate::support::process::Process;

/// A folder that a database can lie in, and that can be full for a process.
pub(crate) struct Disk {
    folder: PathBuf,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A file system in memory, which gets full: writing is refused with `ENOSPC`.
    Mounted,
    /// Files that may not grow beyond a limit: writing is refused with `EFBIG`.
    Limited,
}

impl Disk {
    /// A small file system where we may mount one, a limit otherwise.
    pub(crate) fn small() -> Self {
        let folder = Self::folder();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]);
        let mounted = mount.arg(&folder).stderr(Stdio::null()).status();
        let kind = match mounted {
            Ok(status) if status.success() => Kind::Mounted,
            _ => Kind::Limited,
        };
        Self { folder, kind }
    }

    /// A folder whose files get a limit.
    pub(crate) fn limited() -> Self {
        let (folder, kind) = (Self::folder(), Kind::Limited);
        Self { folder, kind }
    }

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("kehu-test-disk-{}", Uuid::now_v7()));
        fs::create_dir(&folder).unwrap();
        folder
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// The code that writes are refused with while it is full: the system tells a full disk and a file that
    /// may not grow apart.
    pub(crate) const fn refusal(&self) -> &'static str {
        match self.kind {
            Kind::Mounted => "storage_full",
            Kind::Limited => "unavailable",
        }
    }

    /// Leaves no room in it for this process, or next to none.
    pub(crate) fn fill(&self, process: &Process) {
        match self.kind {
            Kind::Mounted => fill_up(&mut File::create(self.ballast()).unwrap()),
            Kind::Limited => limit(process, "1"),
        }
    }

    /// Takes what room a write that was refused has left inside SQLite's log, page by page.
    pub(crate) async fn use_up(&self, database: &Database) {
        if self.kind == Kind::Limited {
            return;
        }
        let connection = Connect::connect(database.url()).await.unwrap();
        for number in 0..100_000 {
            let write = format!("PRAGMA user_version = {number}");
            if connection.execute_unprepared(&write).await.is_err() {
                connection.close().await.unwrap();
                return;
            }
        }
        panic!("a full disk takes all that is written");
    }

    /// Makes room again.
    pub(crate) fn free(&self, process: &Process) {
        match self.kind {
            Kind::Mounted => fs::remove_file(self.ballast()).unwrap(),
            Kind::Limited => limit(process, "unlimited"),
        }
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

/// Writes until not one byte more goes in.
fn fill_up(file: &mut File) {
    for size in [256 * 1024, 4096, 1] {
        let bytes = vec![0; size];
        loop {
            match file.write(&bytes) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// How large the files of a process may get from now on.
fn limit(process: &Process, bytes: &str) {
    let mut prlimit = Command::new("prlimit");
    prlimit.args(["--pid", &process.id().to_string()]);
    let status = prlimit.arg(format!("--fsize={bytes}:unlimited")).status();
    assert!(status.unwrap().success(), "the files could not be limited");
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.kind == Kind::Mounted {
            let mut umount = Command::new("umount");
            let _ = umount.arg("--lazy").arg(&self.folder).status();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}
