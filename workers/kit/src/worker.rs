//! The five lines of a worker's main.

use crate::child;
use crate::job::{Bench, Job, Of, Office, Tools};
use crate::sandbox;
use crate::supervisor::{self, Plan};
use boot::USAGE;
use clap::{Arg, ArgAction};
use queue_schema::Queue;
use settings::Settings;
use std::marker::PhantomData;
use std::path::Path;
use std::process::ExitCode;

/// The settings of every worker; a worker may add to them.
const USES: &[&str] = &[
    "DATABASE_URL",
    "BROKER_URL",
    "STORAGE_URL",
    "DATABASE_FOLDER",
    "STORAGE_RESERVE_BYTES",
    "HOST_NAME",
    "WORKER_SLOTS",
    "WORKER_MAX_TASKS_PER_CHILD",
    "WORKER_MAX_MEMORY_PER_CHILD",
    "WORKER_KILL_MEMORY_PER_CHILD",
    "WORKER_NO_PROGRESS_LIMIT",
    "WORKER_SCRATCH_DIR",
    "WORKER_SCRATCH_MAX_BYTES",
    "WORKER_SCRATCH_MAX_FILES",
    "WORKER_SANDBOX_REQUIRED",
    "LEASE_SECONDS",
    "POLL_SECONDS",
    "DRAIN_SECONDS",
    "METRICS_BIND",
];

/// The argument of a process that is a child; its folder follows.
const CHILD: &str = "--child";

/// A worker binary: its name and the jobs that it knows.
pub struct Worker<H, T> {
    name: &'static str,
    about: &'static str,
    uses: Vec<&'static str>,
    offices: Vec<Box<dyn Office<H>>>,
    benches: Vec<Box<dyn Bench<T>>>,
}

/// Begins a worker binary; its jobs follow.
pub fn worker(name: &'static str, about: &'static str) -> Unemployed {
    Unemployed { name, about }
}

/// A worker before its first job, which settles what its jobs share.
pub struct Unemployed {
    name: &'static str,
    about: &'static str,
}

impl Unemployed {
    pub fn job<J: Job>(self) -> Worker<J::Home, J::Tools> {
        Worker {
            name: self.name,
            about: self.about,
            uses: USES.to_vec(),
            offices: Vec::new(),
            benches: Vec::new(),
        }
        .job::<J>()
    }
}

impl<H: broker::Home, T: Tools + 'static> Worker<H, T> {
    /// Adds a kind of task. Queues are served in the order in which their jobs were added, urgent lanes first.
    pub fn job<J: Job<Home = H, Tools = T>>(mut self) -> Self {
        self.offices.push(Box::new(Of::<J>(PhantomData)));
        self.benches.push(Box::new(Of::<J>(PhantomData)));
        self
    }

    /// Adds settings that this worker's jobs and tools read.
    pub fn uses(mut self, names: &[&'static str]) -> Self {
        self.uses.extend(names);
        self
    }

    /// The whole process: a supervisor, or one of its children.
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
                Ok(()) => child::live(&self.benches, &settings, Path::new(&folder)),
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
            offices: self.offices,
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
        for office in &self.offices {
            for queue in office.queues() {
                if !queues.contains(&queue) {
                    queues.push(queue);
                }
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
