//! A fleet of test workers, and helpers for tests.

use broker::{Broker, NewTask, WorkerRow};
pub use fleet_tests::tree::runs;
use fleet_tests::trial::{Step, Trial};
use fleet_tests::{Home, Services, binary, follow, wait_for, wait_until};
use queue_schema::invariants::Snapshot;
use queue_schema::{Outcome, Payload, Queue, State};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

pub use crate::worker::Worker;

pub struct Fleet {
    pub broker: Broker,
    pub home: Home,
    pub settings: Vec<(String, String)>,
    /// Contains the files between tasks and tests, and the scratch folder.
    folder: TempDir,
}

/// One run of a task, as stored in its row.
#[derive(Debug, PartialEq)]
pub struct Attempt {
    pub number: i32,
    pub outcome: Option<Outcome>,
    pub error: Option<Value>,
    pub peak_kib: Option<i64>,
    pub cpu_ms: Option<i64>,
    pub worker: Uuid,
}

impl Fleet {
    pub async fn new(settings: &[(&str, &str)]) -> Fleet {
        Fleet::on(Services::shared(), settings).await
    }

    /// On the test's private servers.
    pub async fn on(services: &Services, settings: &[(&str, &str)]) -> Fleet {
        let home = services.database();
        let broker = Broker::open(&home.settings_with(settings), Arc::new(()))
            .await
            .expect("a broker");
        let client = broker.pool().get().await.expect("a connection");
        client
            .batch_execute("CREATE TABLE effects (task uuid NOT NULL)")
            .await
            .expect("a table");
        drop(client);
        // Children run as separate users, or the worker does: these may pass through the folder, and write files in it.
        let folder = tempfile::Builder::new()
            .prefix("kit")
            .permissions(Permissions::from_mode(0o711))
            .tempdir()
            .expect("a folder");
        for (name, mode) in [("signs", 0o777), ("scratch", 0o777), ("programs", 0o755)] {
            let path = folder.path().join(name);
            fs::create_dir(&path).expect("a folder");
            fs::set_permissions(&path, Permissions::from_mode(mode)).expect("our own folder");
        }
        let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        Fleet {
            broker,
            home,
            settings: settings.iter().map(owned).collect(),
            folder,
        }
    }

    /// Kills Postgres. Recent claims may be lost with it, because they do not wait for the disk. The checkpoint keeps this one.
    pub async fn lose_postgres(&self, services: &Services) {
        let client = self.broker.pool().get().await.expect("a connection");
        client.batch_execute("CHECKPOINT").await.expect("a check point");
        drop(client);
        services.kill_postgres();
        self.broker.pool().retain(|_, _| false);
    }

    /// Starts a worker and waits until it is registered.
    pub async fn worker(&self) -> Worker {
        self.known(|| self.start(&[], &[])).await
    }

    /// Like [`Fleet::worker`], with additional environment variables.
    pub async fn worker_with(&self, more: &[(&str, String)]) -> Worker {
        self.known(|| self.start(&[], more)).await
    }

    /// Like [`Fleet::worker`], started by a command that executes its remaining arguments.
    pub async fn worker_by(&self, launcher: &[&str]) -> Worker {
        self.known(|| self.start(launcher, &[])).await
    }

    async fn known(&self, start: impl FnOnce() -> Worker) -> Worker {
        let known: Vec<Uuid> = self.workers().await.iter().map(|w| w.id).collect();
        let mut worker = start();
        let pid = worker.pid();
        worker.id = wait_for("a worker to make itself known", async || {
            let workers = self.workers().await;
            let ours = workers.iter().find(|w| w.pid == pid && !known.contains(&w.id));
            ours.map(|w| w.id)
        })
        .await;
        worker
    }

    /// Starts a worker that may end before it is registered.
    pub fn start(&self, launcher: &[&str], more: &[(&str, String)]) -> Worker {
        let log = tempfile::NamedTempFile::new_in(self.folder.path()).expect("a log file");
        let mut words = launcher
            .iter()
            .map(OsString::from)
            .chain([self.program("worker-test").into()]);
        let process = Command::new(words.next().expect("the worker at least"))
            .args(words)
            .args(["--queues", &format!("{},{}", Queue::Maintenance, Queue::Evaluation)])
            .env("WORKER_SCRATCH_DIR", self.scratch())
            .env("PATH", self.path())
            .env("DOCFLEET_DIE_WITH_PARENT", std::process::id().to_string())
            .env("LOG", "info,kit=debug")
            .envs(self.home.env())
            .envs(self.settings.iter().cloned())
            .envs(more.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.reopen().expect("our own file"))
            .spawn()
            .expect("worker-test starts");
        Worker {
            id: Uuid::nil(),
            process,
            log,
        }
    }

    /// One of our programs at a path where every user can execute it: the build may be in a private home folder.
    pub fn program(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join("programs").join(name);
        if !path.exists() {
            fs::hard_link(binary(name), &path)
                .or_else(|_| fs::copy(binary(name), &path).map(drop))
                .expect("a program");
        }
        path
    }

    /// The PATH of this machine, plus the folder of our programs.
    fn path(&self) -> OsString {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain([self.folder.path().join("programs")]);
        std::env::join_paths(folders).expect("paths without a colon")
    }

    pub async fn workers(&self) -> Vec<WorkerRow> {
        self.broker.workers().await.expect("rows of workers")
    }

    /// The folder in which workers make folders for themselves and their runs.
    pub fn scratch(&self) -> PathBuf {
        self.folder.path().join("scratch")
    }

    /// A file through which a task and its test communicate.
    pub fn sign(&self, name: &str) -> PathBuf {
        self.folder.path().join("signs").join(name)
    }

    /// A path that every user may write to, but no child of a worker.
    pub fn outside(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join("outside");
        fs::create_dir_all(&folder).expect("a folder");
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("our own folder");
        folder.join(name)
    }

    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Creates this file, so that the task that waits for it continues.
    pub fn give(&self, name: &str) {
        fs::write(self.sign(name), "").expect("our own folder");
    }

    /// Waits until a file has this many lines, and returns the first word of each.
    pub async fn lines(&self, name: &str, count: usize) -> Vec<String> {
        wait_for(&format!("{count} lines in the sign {name}"), async || {
            let text = fs::read_to_string(self.sign(name)).unwrap_or_default();
            let words: Vec<String> = text
                .lines()
                .filter_map(|l| Some(l.split(' ').next()?.to_owned()))
                .collect();
            (words.len() >= count).then_some(words)
        })
        .await
    }

    /// The process ids that tasks wrote with [`Step::SignIn`].
    pub async fn pids(&self, name: &str, count: usize) -> Vec<i32> {
        let lines = self.lines(name, count).await;
        lines.iter().map(|line| line.parse().expect("a process id")).collect()
    }

    pub async fn enqueue(&self, steps: impl Into<Vec<Step>>) -> Uuid {
        self.put(NewTask::new(&Trial::of(steps)).expect("a task")).await
    }

    /// Like [`Fleet::enqueue`], in a queue whose tasks wait while a disk is full.
    pub async fn enqueue_needing_room(&self, steps: impl Into<Vec<Step>>) -> Uuid {
        let trial = serde_json::to_value(Trial::of(steps)).expect("JSON");
        self.put(NewTask::of_kind(Queue::Evaluation, Trial::KIND, trial)).await
    }

    pub async fn put(&self, task: NewTask) -> Uuid {
        let client = self.broker.pool().get().await.expect("a connection");
        let id = task.id();
        let enqueued = self.broker.enqueue(&**client, &[task]).await.expect("a row");
        self.broker.wake().push_or_leave(&enqueued).await;
        id
    }

    pub async fn state(&self, task: Uuid) -> State {
        let state: String = self.cell("SELECT state FROM tasks WHERE id = $1", task).await;
        state.parse().expect("a state")
    }

    pub async fn cell<T: for<'a> tokio_postgres::types::FromSql<'a>>(&self, query: &str, task: Uuid) -> T {
        let client = self.broker.pool().get().await.expect("a connection");
        client.query_one(query, &[&task]).await.expect(query).get(0)
    }

    /// Waits for a state. Meanwhile does the scheduler's work, without its delays.
    pub async fn reaches(&self, task: Uuid, state: State) {
        follow(&format!("task {task} to be {state}"), async || {
            self.schedule().await;
            let now = self.state(task).await;
            if now == state {
                Ok(())
            } else {
                Err((now, self.outcomes(task).await))
            }
        })
        .await;
    }

    /// Takes back tasks that lost their worker, and makes scheduled tasks due.
    pub async fn schedule(&self) {
        let client = self.broker.pool().get().await.expect("a connection");
        client
            .execute("UPDATE tasks SET due_at = now() WHERE state = 'scheduled'", &[])
            .await
            .expect("an update");
        drop(client);
        self.broker.reap(100).await.expect("reaped");
        self.broker.release_due(100).await.expect("released");
    }

    /// Waits until a run of the task has ended.
    pub async fn first_end(&self, task: Uuid) -> Attempt {
        wait_for(&format!("a run of {task} to end"), async || {
            let first = self.attempts(task).await.into_iter().next()?;
            first.outcome.is_some().then_some(first)
        })
        .await
    }

    pub async fn attempts(&self, task: Uuid) -> Vec<Attempt> {
        let client = self.broker.pool().get().await.expect("a connection");
        let rows = client
            .query(
                "SELECT number, outcome, error, peak_kib, cpu_ms, worker_id FROM attempts WHERE task_id = $1 ORDER BY started_at",
                &[&task],
            )
            .await
            .expect("rows");
        rows.iter()
            .map(|row| Attempt {
                number: row.get("number"),
                outcome: row
                    .get::<_, Option<&str>>("outcome")
                    .map(|o| o.parse().expect("an outcome")),
                error: row.get("error"),
                peak_kib: row.get("peak_kib"),
                cpu_ms: row.get("cpu_ms"),
                worker: row.get("worker_id"),
            })
            .collect()
    }

    pub async fn outcomes(&self, task: Uuid) -> Vec<Outcome> {
        self.attempts(task)
            .await
            .into_iter()
            .filter_map(|a| a.outcome)
            .collect()
    }

    pub fn empty_redis(&self) {
        let client = redis::Client::open(self.home.broker_url()).expect("a URL");
        let mut connection = client.get_connection().expect("a connection");
        redis::cmd("FLUSHDB").exec(&mut connection).expect("an empty Redis");
    }

    /// Asserts the invariants that always hold.
    pub async fn holds(&self) -> Snapshot {
        let mut client = self.broker.pool().get().await.expect("a connection");
        let snapshot = fleet_tests::snapshot(&mut client).await.expect("a snapshot");
        assert_eq!(snapshot.breaches(), []);
        snapshot
    }

    /// Like [`Fleet::holds`], and that no work is left.
    pub async fn holds_at_rest(&self) {
        assert_eq!(self.holds().await.unended(), []);
    }

    /// How many times the results of this task were committed.
    pub async fn effects(&self, task: Uuid) -> i64 {
        self.cell("SELECT count(*) FROM effects WHERE task = $1", task).await
    }

    pub async fn done_once(&self, task: Uuid) {
        self.reaches(task, State::Done).await;
        assert_eq!(self.effects(task).await, 1);
    }

    /// Waits until a worker's row counts exactly these replaced children.
    pub async fn recycles(&self, worker: &Worker, expected: &Value) {
        follow(&format!("recycles {expected}"), async || {
            let workers = self.workers().await;
            let ours = workers.iter().find(|row| row.id == worker.id);
            let told = ours.map(|row| serde_json::json!(row.recycles));
            if told.as_ref() == Some(expected) {
                Ok(())
            } else {
                Err(told)
            }
        })
        .await;
    }
}

impl Attempt {
    pub fn message(&self) -> &str {
        let message = self.error.as_ref().and_then(|error| error["message"].as_str());
        message.unwrap_or_default()
    }
}

pub fn free_address() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address").to_string()
}

pub fn send(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).expect("a process id"), signal).expect("the process is ours");
}

/// Waits until none of these processes runs. A zombie does not run.
pub async fn gone(pids: &[i32]) {
    wait_until(&format!("processes {pids:?} to be gone"), async || {
        !pids.iter().any(|pid| runs(*pid))
    })
    .await;
}
