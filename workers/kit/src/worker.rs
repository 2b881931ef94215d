//! The builder for a worker's `main`.

use crate::child;
use crate::erased::{ChildKind, Kind};
use crate::job::{Job, SupervisorJob, Tools};
use crate::sandbox;
use crate::supervisor::{self, Plan};
use boot::USAGE;
use broker::JobContext;
use clap::{Arg, ArgAction};
use queue_schema::Queue;
use settings::{
    BROKER_URL, DATABASE_FOLDER, DATABASE_URL, DRAIN_SECONDS, Entry, HOST_NAME, LEASE_SECONDS, METRICS_BIND,
    POLL_SECONDS, STORAGE_RESERVE_BYTES, STORAGE_URL, Settings, WORKER_KILL_MEMORY_PER_CHILD,
    WORKER_MAX_MEMORY_PER_CHILD, WORKER_MAX_TASKS_PER_CHILD, WORKER_NO_PROGRESS_LIMIT, WORKER_SANDBOX_REQUIRED,
    WORKER_SCRATCH_DIR, WORKER_SCRATCH_MAX_BYTES, WORKER_SCRATCH_MAX_FILES, WORKER_SLOTS,
};
use std::path::Path;
use std::process::ExitCode;

/// The settings of every worker; a worker may add to them.
const USES: &[&dyn Entry] = &[
    &DATABASE_URL,
    &BROKER_URL,
    &STORAGE_URL,
    &DATABASE_FOLDER,
    &STORAGE_RESERVE_BYTES,
    &HOST_NAME,
    &WORKER_SLOTS,
    &WORKER_MAX_TASKS_PER_CHILD,
    &WORKER_MAX_MEMORY_PER_CHILD,
    &WORKER_KILL_MEMORY_PER_CHILD,
    &WORKER_NO_PROGRESS_LIMIT,
    &WORKER_SCRATCH_DIR,
    &WORKER_SCRATCH_MAX_BYTES,
    &WORKER_SCRATCH_MAX_FILES,
    &WORKER_SANDBOX_REQUIRED,
    &LEASE_SECONDS,
    &POLL_SECONDS,
    &DRAIN_SECONDS,
    &METRICS_BIND,
];

/// The first argument of a child process. The path of its folder follows.
const CHILD: &str = "--child";

/// A worker binary: its name and the jobs that it knows.
pub struct Worker<C, T> {
    name: &'static str,
    about: &'static str,
    uses: Vec<&'static dyn Entry>,
    kinds: Vec<Kind<C>>,
    child_kinds: Vec<ChildKind<T>>,
}

/// Starts the definition of a worker binary; its jobs follow.
pub fn worker(name: &'static str, about: &'static str) -> WorkerBuilder {
    WorkerBuilder { name, about }
}

/// A worker before its first job. The first job determines the context and tools that all its jobs share.
pub struct WorkerBuilder {
    name: &'static str,
    about: &'static str,
}

impl WorkerBuilder {
    pub fn job<J: Job>(self) -> Worker<J::Context, J::Tools> {
        Worker {
            name: self.name,
            about: self.about,
            uses: USES.to_vec(),
            kinds: Vec::new(),
            child_kinds: Vec::new(),
        }
        .job::<J>()
    }
}

impl<C: JobContext, T: Tools + 'static> Worker<C, T> {
    /// Adds a kind of task. Queues are served in the order in which their jobs were added, urgent lanes first.
    pub fn job<J: Job<Context = C, Tools = T>>(mut self) -> Self {
        self.kinds.push(Kind::of::<J>());
        self.child_kinds.push(ChildKind::of::<J>());
        self
    }

    /// Adds a kind of task that needs no child.
    pub fn supervisor_job<J: SupervisorJob<Context = C>>(mut self) -> Self {
        self.kinds.push(Kind::of_supervisor::<J>());
        self
    }

    /// Adds settings that this worker's jobs and tools read.
    pub fn uses(mut self, settings: &[&'static dyn Entry]) -> Self {
        self.uses.extend(settings);
        self
    }

    /// Runs the whole process, as the supervisor or as one of its children.
    pub fn run(self) -> ExitCode {
        if std::env::args().nth(1).as_deref() == Some(CHILD) {
            let Some(folder) = std::env::args_os().nth(2) else {
                return fail(&format!(
                    "{CHILD} needs a folder; it is for workers to start their children with"
                ));
            };
            let settings = match Settings::from_env() {
                Ok(settings) => settings,
                Err(error) => return fail(&error),
            };
            return match boot::logs::init_bare(&settings) {
                Ok(()) => child::live(&self.child_kinds, &settings, Path::new(&folder)),
                Err(error) => fail(&error),
            };
        }
        if let Err(error) = sandbox::shield() {
            return fail(&format!("this process cannot be kept from others of its user: {error}"));
        }
        let queues = self.queues();
        let names = queues.iter().map(|q| q.as_str()).collect::<Vec<_>>().join(",");
        let narrowed = Arg::new("queues")
            .long("queues")
            .value_name("A,B")
            .action(ArgAction::Set)
            .help(format!("only these queues, the most urgent first (of {names})"));
        let started = boot::start_with(boot::command(self.name, self.about, &self.uses).arg(narrowed));
        let queues = match started
            .matches
            .get_one::<String>("queues")
            .map(|given| narrow(given, &queues))
        {
            None => queues,
            Some(Ok(chosen)) => chosen,
            Some(Err(problem)) => {
                eprintln!("--queues: {problem}");
                return ExitCode::from(USAGE as u8);
            }
        };
        let plan = Plan {
            name: self.name,
            queues,
            kinds: self.kinds,
            child_args: vec![CHILD.to_owned()],
        };
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return fail(&error),
        };
        match runtime.block_on(supervisor::supervise(plan, started.settings)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => fail(&reason),
        }
    }

    fn queues(&self) -> Vec<Queue> {
        let mut queues = Vec::new();
        for queue in self.kinds.iter().flat_map(|kind| &kind.queues) {
            if !queues.contains(queue) {
                queues.push(*queue);
            }
        }
        queues
    }
}

fn fail(reason: &dyn std::fmt::Display) -> ExitCode {
    tracing::error!("{reason}");
    if !tracing::enabled!(tracing::Level::ERROR) {
        eprintln!("{reason}");
    }
    ExitCode::FAILURE
}

fn narrow(given: &str, known: &[Queue]) -> Result<Vec<Queue>, String> {
    let names = given.split(',').map(str::trim).filter(|name| !name.is_empty());
    let chosen: Vec<Queue> = names
        .map(|name| {
            let queue: Queue = name.parse().map_err(|e: queue_schema::UnknownName| e.to_string())?;
            if known.contains(&queue) {
                Ok(queue)
            } else {
                Err(format!("this worker has no job for queue {queue}"))
            }
        })
        .collect::<Result<_, String>>()?;
    if chosen.is_empty() {
        Err("name at least one queue".to_owned())
    } else {
        Ok(chosen)
    }
}
