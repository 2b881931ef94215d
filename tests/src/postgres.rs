//! A private Postgres on a Unix socket. It skips fsync, so it may lose data, but only when the machine crashes.

use crate::folder::Folder;
use crate::process::{self, server, spawn, until_up};
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

const OWNER: &str = "postgres";
const ROLE: &str = "docfleet";

pub(crate) struct Postgres {
    programs: PathBuf,
    /// Contains the socket, and the data in a subfolder.
    folder: PathBuf,
    child: Mutex<Option<Child>>,
}

/// The newest installed Postgres. Debian does not put its programs into PATH.
fn programs() -> PathBuf {
    let debian = Path::new("/usr/lib/postgresql");
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<f32>().ok();
    let mut found: Vec<PathBuf> = std::fs::read_dir(debian)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("bin/initdb").is_file())
        .collect();
    found.sort_by(|a, b| version(a).partial_cmp(&version(b)).unwrap_or(std::cmp::Ordering::Equal));
    found.pop().map_or_else(PathBuf::new, |path| path.join("bin"))
}

impl Postgres {
    pub(crate) fn start(folder: &Folder) -> Postgres {
        let postgres = Postgres {
            programs: programs(),
            folder: folder.open_to_all("pg"),
            child: Mutex::default(),
        };
        let mut initdb = server(postgres.programs.join("initdb"), Some(OWNER));
        initdb
            .args([
                "--no-sync",
                "--no-instructions",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ])
            .args(["--username", ROLE, "--pgdata"])
            .arg(postgres.data())
            .stderr(Stdio::inherit())
            .current_dir(&postgres.folder);
        let status = spawn(initdb).wait().expect("initdb can be waited for");
        assert!(status.success(), "initdb failed: {status}; is Postgres installed?");
        postgres.run();
        postgres
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn run(&self) {
        let mut held = self.child.lock().expect("no test panics in here");
        if held.is_some() {
            return;
        }
        let mut command = server(self.programs.join("postgres"), Some(OWNER));
        command
            .arg("-D")
            .arg(self.data())
            .arg("-k")
            .arg(&self.folder)
            .current_dir(&self.folder);
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "full_page_writes=off",
            "max_connections=400",
            "shared_buffers=64MB",
            "max_wal_size=256MB",
            "autovacuum=off",
            "jit=off",
        ] {
            command.args(["-c", setting]);
        }
        let child = held.insert(spawn(command));
        until_up("Postgres", child, || self.answers("postgres", "SELECT 1"));
    }

    /// Simulates a crash: no checkpoint, all connections cut.
    pub(crate) fn kill(&self) {
        if let Some(mut child) = self.child.lock().expect("no test panics in here").take() {
            process::stop(&mut child, Signal::QUIT);
        }
    }

    pub(crate) fn create(&self, database: &str) {
        let done = self.answers("postgres", &format!("CREATE DATABASE {database}"));
        assert!(done, "Postgres made no database {database}");
    }

    fn answers(&self, database: &str, statement: &str) -> bool {
        Command::new(self.programs.join("psql"))
            .args([
                "--no-psqlrc",
                "--quiet",
                "--username",
                ROLE,
                "--dbname",
                database,
                "--host",
            ])
            .arg(&self.folder)
            .args(["--command", statement])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    pub(crate) fn url(&self, database: &str) -> String {
        let host = self.folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://{ROLE}@{host}/{database}")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}
