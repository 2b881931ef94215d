//! Events and metrics of a worker.

use crate::process::StartError;
use broker::{Claimed, Usage};
use queue_schema::Queue;
use std::time::Duration;
use telemetry::{Counter, Event, Gauge, Histogram, Metric};
use tracing::Span;

static RUNNING: Gauge<1> = Gauge::new("docfleet_tasks_running", ["queue"], "Tasks running in this worker.");
static DURATION: Histogram<2> = Histogram::new(
    "docfleet_task_duration_seconds",
    ["queue", "outcome"],
    "Duration of a run, from claim to end.",
);
static PEAK_MEMORY: Histogram<1> = Histogram::new(
    "docfleet_task_peak_memory_bytes",
    ["queue"],
    "Peak resident memory of a run's processes.",
);
static CHILDREN: Gauge = Gauge::new("docfleet_children", [], "Child processes of this worker.");
static CHILD_MEMORY: Gauge = Gauge::new(
    "docfleet_child_memory_bytes",
    [],
    "Resident memory of this worker's child processes and their descendants.",
);
static REPLACED: Counter<1> = Counter::new(
    "docfleet_children_replaced_total",
    ["cause"],
    "Child processes replaced, by cause.",
);
static START_FAILURES: Counter = Counter::new(
    "docfleet_child_start_failures_total",
    [],
    "Child processes that failed to start.",
);
static LEASES_LOST: Counter = Counter::new(
    "docfleet_leases_lost_total",
    [],
    "Runs stopped because their lease was lost.",
);
static GAVE_WAY: Counter = Counter::new(
    "docfleet_runs_asked_to_give_way_total",
    [],
    "Runs asked to give way to a shorter or more urgent task.",
);

/// All metrics of this crate.
pub static METRICS: &[&dyn Metric] = &[
    &RUNNING,
    &DURATION,
    &PEAK_MEMORY,
    &CHILDREN,
    &CHILD_MEMORY,
    &REPLACED,
    &START_FAILURES,
    &LEASES_LOST,
    &GAVE_WAY,
];

/// The span that names the task in all log lines of a run. At level error, so that no filter drops it.
pub(crate) fn span_of(claimed: &Claimed) -> Span {
    tracing::error_span!(
        "run",
        task = %claimed.id,
        document = claimed.document.map(display),
        queue = %claimed.queue,
        kind = claimed.kind,
        attempt = claimed.attempt,
        trace = claimed.trace.map(display)
    )
}

/// A run of a claimed task started. To be emitted in the run's span.
pub(crate) struct TaskBegun {
    pub queue: Queue,
}

impl Event for TaskBegun {
    fn emit(&self) {
        tracing::debug!("task begun");
        RUNNING.add([self.queue.as_str()], 1.0);
    }
}

/// A run ended. To be emitted in the run's span.
pub(crate) struct TaskEnded {
    pub queue: Queue,
    pub outcome: &'static str,
    pub took: Duration,
    pub usage: Usage,
}

impl Event for TaskEnded {
    fn emit(&self) {
        let (queue, outcome, peak_kib) = (self.queue.as_str(), self.outcome, self.usage.peak_kib);
        tracing::info!(outcome, ms = self.took.as_millis() as u64, peak_kib, "task ended");
        RUNNING.add([queue], -1.0);
        DURATION.record_time([queue, outcome], self.took);
        PEAK_MEMORY.record([queue], bytes(peak_kib));
    }
}

/// A run lost its lease. To be emitted in the run's span.
pub(crate) struct LeaseLost;

impl Event for LeaseLost {
    fn emit(&self) {
        tracing::warn!("the lease is lost; the run ends and writes nothing");
        LEASES_LOST.add([], 1);
    }
}

/// A run was asked to give way to a shorter or more urgent task. To be emitted in the run's span.
pub(crate) struct GaveWay;

impl Event for GaveWay {
    fn emit(&self) {
        tracing::debug!("asked to give way to a task that is shorter or more urgent");
        GAVE_WAY.add([], 1);
    }
}

/// A child process is replaced.
pub(crate) struct ChildReplaced {
    pub pid: u32,
    pub cause: &'static str,
}

impl ChildReplaced {
    /// Exposes the counters of causes that have not occurred yet as 0.
    pub(crate) fn never() {
        for cause in [
            "crash",
            "kill_memory",
            "memory",
            "ordered",
            "processes",
            "project",
            "scratch",
            "tasks",
            "time",
        ] {
            REPLACED.add([cause], 0);
        }
    }
}

impl Event for ChildReplaced {
    fn emit(&self) {
        tracing::info!(pid = self.pid, cause = self.cause, "child is replaced");
        REPLACED.add([self.cause], 1);
    }
}

/// A child could not be started, for the `failures`th time in a row.
pub(crate) struct ChildNotStarted<'a> {
    pub error: &'a StartError,
    pub failures: u32,
}

impl Event for ChildNotStarted<'_> {
    fn emit(&self) {
        tracing::error!(error = %self.error, failures = self.failures, "child not started");
        START_FAILURES.add([], 1);
    }
}

/// The children were sampled. Not logged, because this happens several times a second.
pub(crate) struct ChildrenSeen {
    pub count: usize,
    pub rss_kib: u64,
}

impl Event for ChildrenSeen {
    fn emit(&self) {
        CHILDREN.set([], self.count as f64);
        CHILD_MEMORY.set([], bytes(self.rss_kib));
    }
}

fn bytes(kib: u64) -> f64 {
    kib as f64 * 1024.0
}
