//! The fleet: `docfleet up` in a temporary folder, plus more workers and schedulers.

use crate::SETTINGS;
use crate::crew::{Member, signal};
use crate::plan::Victim;
use anyhow::{Context, Result};
use boot::DIE_WITH_PARENT;
use fleet_tests::tree::{self, Process};
use fleet_tests::{binary, follow};
use queue_schema::WORKERS;
use rustix::process::{Signal, getpid, set_child_subreaper};
use serde::Deserialize;
use settings::Settings;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// Generous, because the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(180);
/// Time for killed processes to disappear.
const LAST_BREATH: Duration = Duration::from_secs(10);

const LAST_LINES: usize = 10;

pub struct Fleet {
    folder: TempDir,
    pub lease: Duration,
    front: Child,
    pub crew: Vec<Member>,
    record: Record,
}

/// Which workers a fleet has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Those of `docfleet up` only.
    Plain,
    /// Those of `docfleet up` and as many again, plus workers for test tasks and two more schedulers.
    Doubled,
    /// All workers are started by this program, which can restart them. `docfleet up` starts none.
    Ours,
}

/// The record that `docfleet up` writes. The gateway's address changes whenever the keeper dies.
#[derive(Debug, Clone, Deserialize)]
struct Record {
    gateway: String,
    database_url: String,
    broker_url: String,
    storage_url: String,
}

type Program = (String, &'static [&'static str]);

/// One of each worker that documents need.
fn document_workers() -> Vec<Program> {
    let workers = WORKERS.iter().filter(|worker| !worker.needs_torch);
    workers.map(|worker| (worker.binary(), &[] as _)).collect()
}

fn test_workers() -> Vec<Program> {
    vec![("worker-test".into(), &["--queues", "evaluation", "--worker-slots", "3"]); 3]
}

fn schedulers() -> Vec<Program> {
    vec![("scheduler".into(), &[]); 2]
}

impl Fleet {
    pub async fn up(shape: Shape, lease: Duration) -> Result<Fleet> {
        // Makes orphans our children, so that no process is overlooked at the end.
        set_child_subreaper(Some(getpid())).context("the kernel does not let us adopt orphans")?;
        let folder = tempfile::Builder::new()
            .prefix("chaos")
            // Postgres runs as a separate user.
            .permissions(Permissions::from_mode(0o711))
            .tempdir()?;
        // Children of the test workers run as separate users, and write files beside the scratch folder.
        for name in ["signs", "scratch", "programs"] {
            let path = folder.path().join(name);
            fs::create_dir(&path)?;
            fs::set_permissions(&path, Permissions::from_mode(0o777))?;
        }
        let workers = match shape {
            Shape::Ours => WORKERS
                .iter()
                .map(|worker| format!("{}=0", worker.name))
                .collect::<Vec<_>>()
                .join(","),
            // The training worker also serves the queue of the test tasks, but does not know their kind.
            _ => "ocr=2,training=0".into(),
        };
        let log = fs::File::create(folder.path().join("up.log"))?;
        let front = Command::new(binary("docfleet"))
            .args(["up", "--dashboard-bind", "127.0.0.1:0", "--workers", &workers, "--data"])
            .arg(folder.path())
            .envs(common(folder.path(), lease))
            .env("BIND", "127.0.0.1:0")
            .env(DIE_WITH_PARENT, std::process::id().to_string())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("docfleet does not start")?;
        let record = follow("the fleet to be ready", async || {
            let said_so_far = fs::metadata(folder.path().join("up.log")).map_or(0, |log| log.len());
            record(folder.path()).ok_or(said_so_far)
        })
        .await;
        let mut fleet = Fleet {
            folder,
            lease,
            front,
            crew: Vec::new(),
            record,
        };
        let more: Vec<Program> = match shape {
            Shape::Plain => vec![],
            Shape::Doubled => [document_workers(), test_workers(), schedulers()].concat(),
            Shape::Ours => [document_workers(), document_workers(), test_workers()].concat(),
        };
        for (n, (program, args)) in more.into_iter().enumerate() {
            let log = fleet.folder.path().join(format!("{program}-{n}.log"));
            let member = Member::keep(program, args, fleet.env(), &log)?;
            fleet.crew.push(member);
        }
        Ok(fleet)
    }

    /// The last lines of the log, if `docfleet up` ended by itself.
    pub fn last_words(&self) -> Option<String> {
        let ended = self.front.id().is_none_or(|pid| !tree::runs(pid as i32));
        ended.then(|| {
            let log = fs::read_to_string(self.folder.path().join("up.log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
        })
    }

    fn env(&self) -> Vec<(String, String)> {
        let mut env = common(self.folder.path(), self.lease);
        let servers = [
            ("DATABASE_URL", &self.record.database_url),
            ("BROKER_URL", &self.record.broker_url),
            ("STORAGE_URL", &self.record.storage_url),
        ];
        env.extend(servers.map(|(name, url)| (name.to_owned(), url.clone())));
        env.push(("WORKER_SLOTS".into(), "2".into()));
        env.push(("OMP_THREAD_LIMIT".into(), "1".into()));
        env
    }

    pub fn settings(&self) -> Result<Settings> {
        Ok(Settings::from_pairs(self.env(), [])?)
    }

    pub fn broker_url(&self) -> &str {
        &self.record.broker_url
    }

    /// The current address of the gateway, if there is one.
    pub fn gateway(&self) -> Option<String> {
        record(self.folder.path()).map(|record| record.gateway)
    }

    /// A file by which a task knows that it ran before.
    pub fn sign(&self, name: &str) -> PathBuf {
        self.folder.path().join("signs").join(name)
    }

    /// The running processes that a fault of this kind may hit.
    pub fn candidates(&self, victim: Victim) -> Vec<Process> {
        let fits = |process: &Process| match victim {
            Victim::Worker => process.name().starts_with("worker-") && !process.name().ends_with(" child"),
            Victim::Child => process.name().ends_with(" child"),
            Victim::Gateway => process.name() == "api-gateway",
            Victim::Scheduler => process.name() == "scheduler",
            Victim::Redis => process.name() == "redis-server",
            Victim::Postgres => process.name() == "postgres" && tree::command_line(process.pid()).contains(" -D "),
            Victim::Backend => process.name() == "postgres" && tree::command_line(process.pid()).contains(" [local] "),
            Victim::Keeper => process.name() == "docfleet" && tree::command_line(process.pid()).contains(" --inner "),
        };
        processes().into_iter().filter(fits).collect()
    }

    /// Stops everything in order. Returns the processes that are left nevertheless.
    pub async fn stop(mut self, keep_folder: bool) -> Result<Vec<String>> {
        futures_util::future::join_all(self.crew.drain(..).map(Member::stop)).await;
        if let Some(pid) = self.front.id().and_then(|pid| i32::try_from(pid).ok()) {
            signal(pid, Signal::TERM);
        }
        let mut left = Vec::new();
        if tokio::time::timeout(PATIENCE, self.front.wait()).await.is_err() {
            left.push(format!("docfleet up, which did not stop within {PATIENCE:?}"));
        }
        let gone = async {
            while !processes().is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let _ = tokio::time::timeout(LAST_BREATH, gone).await;
        for process in processes() {
            left.push(format!("{} {}", process.pid(), tree::command_line(process.pid())));
            signal(process.pid(), Signal::KILL);
        }
        if keep_folder {
            eprintln!("chaos: the fleet's folder is kept: {}", self.folder.keep().display());
        }
        Ok(left)
    }
}

/// All descendants of this process.
pub fn processes() -> Vec<Process> {
    tree::descendants(getpid().as_raw_nonzero().get())
}

fn record(folder: &Path) -> Option<Record> {
    serde_json::from_slice(&fs::read(folder.join("fleet.json")).ok()?).ok()
}

fn common(folder: &Path, lease: Duration) -> Vec<(String, String)> {
    let mut env: Vec<(String, String)> = SETTINGS
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    env.push(("LEASE_SECONDS".into(), lease.as_secs_f64().to_string()));
    let scratch = folder.join("scratch");
    env.push(("WORKER_SCRATCH_DIR".into(), scratch.display().to_string()));
    env
}
