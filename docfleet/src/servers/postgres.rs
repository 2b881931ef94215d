//! The private Postgres: created on the first start, and started cleanly even after a crash.

use super::{Account, IN_HOST, Place, foreign, log_to};
use crate::fleet::Program;
use crate::proc;
use anyhow::{Context, Result, bail};
use percent_encoding::utf8_percent_encode;
use rustix::process::Signal;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio_postgres::{Config, NoTls};

const USER: &str = "docfleet";
const DATABASE: &str = "docfleet";
/// Marker file: the cluster was made by us, and completely.
const MADE: &str = "docfleet.made";
/// Where Debian and its derivatives install the server programs, outside of PATH: a folder per version, with `bin` in it.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Enough for all processes: each has two pools of eight connections.
const CONNECTIONS: u32 = 300;
/// Longest wait for an answer after a start. Recovery from a crash replays the log since the last checkpoint.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long processes of an earlier run may take to end before they are killed. Without their postmaster they have nothing left
/// to finish, because the log is replayed in any case.
const LAST_WORDS: Duration = Duration::from_secs(1);
const BEAT: Duration = Duration::from_millis(50);

#[derive(Debug, Clone)]
pub struct Postgres {
    place: Place,
    programs: PathBuf,
}

impl Postgres {
    pub fn new(place: Place) -> Result<Postgres> {
        let version = fs::read_to_string(place.cluster.join("PG_VERSION")).ok();
        let version = version.as_deref().map(str::trim);
        let programs = find_server_programs(version).with_context(|| match version {
            Some(version) => format!(
                "the cluster {} is of Postgres {version}, whose server was not found; install postgresql-{version}",
                place.cluster.display()
            ),
            None => {
                "no Postgres server was found in PATH or /usr/lib/postgresql; install the package postgresql, or set DATABASE_URL".into()
            }
        })?;
        Ok(Postgres { place, programs })
    }

    pub fn url(&self) -> String {
        format!(
            "postgres://{USER}@{}/{DATABASE}",
            utf8_percent_encode(&self.place.run.to_string_lossy(), IN_HOST)
        )
    }

    /// The folder of the cluster.
    pub fn folder(&self) -> &Path {
        &self.place.cluster
    }

    /// Makes the cluster if there is none. It is built beside its final place and renamed once complete, so that a killed start
    /// leaves no half-made cluster.
    pub async fn ensure_cluster(&self) -> Result<()> {
        let cluster = &self.place.cluster;
        if cluster.join(MADE).exists() {
            return Ok(());
        }
        if cluster.join("PG_VERSION").exists() {
            bail!(
                "{} is a Postgres cluster that docfleet did not make; choose another folder with --data, or set DATABASE_URL",
                cluster.display()
            );
        }
        tracing::info!("making a Postgres cluster in {}", cluster.display());
        let new = cluster.with_extension("new");
        if new.exists() {
            fs::remove_dir_all(&new).with_context(|| format!("cannot remove {}", new.display()))?;
        }
        fs::create_dir(&new).with_context(|| format!("cannot make {}", new.display()))?;
        Account::give(self.place.account, &new)?;
        self.initdb(&new).await?;
        fs::write(new.join(MADE), "").with_context(|| format!("cannot write below {}", new.display()))?;
        fs::rename(&new, cluster).with_context(|| format!("cannot move {} to {}", new.display(), cluster.display()))
    }

    async fn initdb(&self, folder: &Path) -> Result<()> {
        let output = foreign(&self.programs.join("initdb"), self.place.account, "KILL")
            .arg("--pgdata")
            .arg(folder)
            .arg(format!("--username={USER}"))
            // Trust is safe: the socket is in a folder of mode 0700, which only its user and root can enter.
            .args(["--auth-local=trust", "--auth-host=reject"])
            .args(["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"])
            .current_dir("/")
            .output()
            .await
            .context("setpriv could not be started; install the package util-linux")?;
        if !output.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    pub fn program(&self) -> Program {
        let (postgres, before) = (self.clone(), self.clone());
        // SIGINT is Postgres' "fast" shutdown: it closes connections and writes a checkpoint.
        Program::new("postgres", Signal::INT, move || postgres.command())
            // SIGQUIT is its "immediate" shutdown: its children end with it, and the log is replayed at the next start.
            .hurried(Signal::QUIT)
            .before(move || {
                let before = before.clone();
                Box::pin(async move { before.clear_leftovers().await })
            })
    }

    fn command(&self) -> Result<Command> {
        let log = self.place.logs.join("postgres.log");
        let mut command = foreign(&self.programs.join("postgres"), self.place.account, "QUIT");
        command.arg("-D").arg(&self.place.cluster);
        for (name, value) in [
            ("listen_addresses", String::new()),
            ("unix_socket_directories", format!("\"{}\"", self.place.run.display())),
            ("unix_socket_permissions", "0700".into()),
            ("max_connections", CONNECTIONS.to_string()),
            ("cluster_name", self.place.tag.clone()),
        ] {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.current_dir("/").stdout(log_to(&log)?).stderr(log_to(&log)?);
        Ok(command)
    }

    /// Ends what is left of an earlier run. A postmaster that was killed leaves backends that still write to its shared memory,
    /// and a `postmaster.pid` whose process id may belong to another process by now. Postgres refuses to start in both cases.
    ///
    /// The caller holds the lock of the data folder, so no other fleet runs this cluster.
    async fn clear_leftovers(&self) {
        let start = Instant::now();
        loop {
            let left = proc::marked("postgres", &self.place.tag);
            if left.is_empty() {
                break;
            }
            let patient = start.elapsed() < LAST_WORDS;
            proc::signal_all(&left, if patient { Signal::QUIT } else { Signal::KILL });
            // A stopped process (SIGSTOP) handles the signal only after it is continued.
            proc::signal_all(&left, Signal::CONT);
            tokio::time::sleep(BEAT).await;
        }
        let _ = fs::remove_file(self.place.cluster.join("postmaster.pid"));
    }

    /// Waits until Postgres accepts connections, and creates the database if it is missing.
    pub async fn ready(&self) -> Result<()> {
        let start = Instant::now();
        loop {
            match self.ensure_database().await {
                Ok(()) => return Ok(()),
                Err(error) if start.elapsed() > PATIENCE => bail!(
                    "Postgres does not answer: {}; see {}",
                    broker::explain(&error),
                    self.place.logs.join("postgres.log").display()
                ),
                Err(_) => tokio::time::sleep(BEAT).await,
            }
        }
    }

    async fn ensure_database(&self) -> Result<(), tokio_postgres::Error> {
        let (client, connection) = Config::new()
            .host_path(&self.place.run)
            .user(USER)
            .dbname("postgres")
            .connect(NoTls)
            .await?;
        let served = tokio::spawn(connection);
        let there = client
            .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&DATABASE])
            .await?
            .is_some();
        if !there {
            client.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
        }
        drop(client);
        let _ = served.await;
        Ok(())
    }
}

/// The folder that contains `postgres` and `initdb`: of the given major version, else of the newest.
pub fn find_server_programs(version: Option<&str>) -> Option<PathBuf> {
    let complete = |folder: &PathBuf| folder.join("postgres").is_file() && folder.join("initdb").is_file();
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let number: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((number, entry.path().join("bin")))
        })
        .filter(|(number, folder)| complete(folder) && version.is_none_or(|v| v == number.to_string()))
        .collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .pop()
        .map(|(_, folder)| folder)
        .or_else(|| std::env::split_paths(&path).find(complete))
}
