//! What happens in a worker, as it is logged and counted.

use crate::process::StartError;
use broker::{Claimed, Usage};
use queue_schema::Queue;
use std::time::Duration;
use telemetry::{Event, Metric};
use tracing::Span;

const RUNNING: Metric = Metric::gauge("docfleet_tasks_running", &["queue"], "Tasks that this worker runs.");
const DURATION: Metric = Metric::histogram(
    "docfleet_task_duration_seconds",
    &["queue", "outcome"],
    "Time from the claim of a task to the end of its run.",
);
const PEAK_MEMORY: Metric = Metric::histogram(
    "docfleet_task_peak_memory_bytes",
    &["queue"],
    "Most resident memory of a run's processes.",
);
const CHILDREN: Metric = Metric::gauge("docfleet_children", &[], "Child processes of this worker.");
const CHILD_MEMORY: Metric = Metric::gauge(
    "docfleet_child_memory_bytes",
    &[],
    "Resident memory of this worker's child processes and of all that these started.",
);
const REPLACED: Metric = Metric::counter(
    "docfleet_children_replaced_total",
    &["cause"],
    "Child processes that another took the place of.",
);
const START_FAILURES: Metric = Metric::counter(
    "docfleet_child_start_failures_total",
    &[],
    "Child processes that could not be started or made ready.",
);
const LEASES_LOST: Metric = Metric::counter(
    "docfleet_leases_lost_total",
    &[],
    "Runs that were ended because another may have their task.",
);
const GAVE_WAY: Metric = Metric::counter(
    "docfleet_runs_asked_to_give_way_total",
    &[],
    "Runs that were asked to put down their work between two steps, because something shorter or more urgent waited.",
);

/// All that this crate counts.
pub const METRICS: &[Metric] = &[
    RUNNING,
    DURATION,
    PEAK_MEMORY,
    CHILDREN,
    CHILD_MEMORY,
    REPLACED,
    START_FAILURES,
    LEASES_LOST,
    GAVE_WAY,
];

/// What all log lines of a run say: whose it is. Of a level that is never filtered out: errors need it most.
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

/// A claimed task is begun. To be emitted in its span.
pub(crate) struct TaskBegun {
    pub queue: Queue,
}

impl Event for TaskBegun {
    fn emit(&self) {
        tracing::debug!("task begun");
        metrics::gauge!(RUNNING.name, "queue" => self.queue.as_str()).increment(1.0);
    }
}

/// A begun task's run ended. To be emitted in its span.
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
        metrics::gauge!(RUNNING.name, "queue" => queue).decrement(1.0);
        metrics::histogram!(DURATION.name, "queue" => queue, "outcome" => outcome).record(self.took);
        metrics::histogram!(PEAK_MEMORY.name, "queue" => queue).record(bytes(peak_kib));
    }
}

/// A run's lease went to somebody else. To be emitted in the run's span.
pub(crate) struct LeaseLost;

impl Event for LeaseLost {
    fn emit(&self) {
        tracing::warn!("the lease is lost; the run ends and writes nothing");
        metrics::counter!(LEASES_LOST.name).increment(1);
    }
}

/// Something shorter or more urgent waits for a run's slot. To be emitted in the run's span.
pub(crate) struct GaveWay;

impl Event for GaveWay {
    fn emit(&self) {
        tracing::debug!("asked to give way to a task that is shorter or more urgent");
        metrics::counter!(GAVE_WAY.name).increment(1);
    }
}

/// A child is, or was, to go, and another takes its place.
pub(crate) struct ChildReplaced {
    pub pid: u32,
    pub cause: &'static str,
}

impl ChildReplaced {
    /// Shows causes that have not been met yet as such.
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
            metrics::counter!(REPLACED.name, "cause" => cause).increment(0);
        }
    }
}

impl Event for ChildReplaced {
    fn emit(&self) {
        tracing::info!(pid = self.pid, cause = self.cause, "child is replaced");
        metrics::counter!(REPLACED.name, "cause" => self.cause).increment(1);
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
        metrics::counter!(START_FAILURES.name).increment(1);
    }
}

/// The children were looked at. Several times a second: no line of log.
pub(crate) struct ChildrenSeen {
    pub count: usize,
    pub rss_kib: u64,
}

impl Event for ChildrenSeen {
    fn emit(&self) {
        metrics::gauge!(CHILDREN.name).set(self.count as f64);
        metrics::gauge!(CHILD_MEMORY.name).set(bytes(self.rss_kib));
    }
}

fn bytes(kib: u64) -> f64 {
    kib as f64 * 1024.0
}
