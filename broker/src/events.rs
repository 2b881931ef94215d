//! Events and metrics of tasks.

use crate::error::Error;
use crate::task::Ended;
use queue_schema::{Queue, State, TraceId};
use telemetry::{Counter, Event, Metric};
use tokio_postgres::Row;
use uuid::Uuid;

static ENQUEUED: Counter<1> = Counter::new("docfleet_tasks_enqueued_total", ["queue"], "Tasks enqueued.");
static RUNS: Counter<2> = Counter::new(
    "docfleet_runs_total",
    ["queue", "outcome"],
    "Runs ended, by outcome. A run whose worker was lost is counted by the process that took its task back.",
);
static LEASES_EXPIRED: Counter = Counter::new(
    "docfleet_leases_expired_total",
    [],
    "Leases that ran out; their tasks were taken back.",
);
static CLAIM_FAILURES: Counter = Counter::new(
    "docfleet_claim_failures_total",
    [],
    "Claims that failed because Postgres did not answer.",
);
static WAKE_FAILURES: Counter = Counter::new(
    "docfleet_wake_failures_total",
    [],
    "Wake-ups that Redis did not accept; the reconciler repeats them.",
);
static WAKE_WAIT_FAILURES: Counter = Counter::new(
    "docfleet_wake_wait_failures_total",
    [],
    "Waits for a wake-up that Redis interrupted; the worker polls Postgres instead.",
);
static WAKE_DRIFT: Counter = Counter::new(
    "docfleet_wake_drift_repaired_total",
    [],
    "Ready tasks missing in Redis whose wake-ups were repeated.",
);

/// All metrics of this crate.
pub static METRICS: &[&dyn Metric] = &[
    &ENQUEUED,
    &RUNS,
    &LEASES_EXPIRED,
    &CLAIM_FAILURES,
    &WAKE_FAILURES,
    &WAKE_WAIT_FAILURES,
    &WAKE_DRIFT,
];

/// A task was enqueued.
pub(crate) struct TaskEnqueued<'a> {
    pub row: &'a Row,
}

impl Event for TaskEnqueued<'_> {
    fn emit(&self) {
        let text = |name| self.row.get::<_, String>(name);
        let id = |name| self.row.get::<_, Option<Uuid>>(name);
        let (queue, kind) = (text("queue"), text("kind"));
        tracing::debug!(
            task = id("id").map(display),
            document = id("document_id").map(display),
            queue,
            kind,
            trace = id("trace_id").map(TraceId::from).map(display),
            "task enqueued"
        );
        ENQUEUED.add([&queue], 1);
    }
}

/// A run ended, and its ending is committed.
pub(crate) struct RunEnded<'a> {
    pub ended: &'a Ended,
}

impl Event for RunEnded<'_> {
    fn emit(&self) {
        let Ended { queue, outcome, .. } = self.ended;
        tracing::debug!(
            task = %self.ended.id, document = self.ended.document.map(display), %queue, kind = self.ended.kind,
            trace = self.ended.trace.map(display), %outcome, state = %self.ended.state, "run ended"
        );
        RUNS.add([queue.as_str(), outcome.as_str()], 1);
    }
}

/// A lease expired, and its task was taken back, or taking it back failed.
pub(crate) struct LeaseExpired<'a> {
    pub row: &'a Row,
    /// The task's new state.
    pub went: Result<State, &'a Error>,
}

impl Event for LeaseExpired<'_> {
    fn emit(&self) {
        let row = self.row;
        // At level error, so that no filter drops the span: it names the task of the log line.
        let span = tracing::error_span!(
            "run", task = %row.get::<_, Uuid>("id"), document = row.get::<_, Option<Uuid>>("document_id").map(display),
            queue = row.get::<_, &str>("queue"), kind = row.get::<_, &str>("kind"), attempt = row.get::<_, i32>("attempts"),
            trace = row.get::<_, Option<Uuid>>("trace_id").map(TraceId::from).map(display)
        );
        span.in_scope(|| match self.went {
            Ok(state) => {
                tracing::warn!(%state, "lease ran out; the task was taken back");
                LEASES_EXPIRED.add([], 1);
            }
            Err(error) => tracing::error!(%error, "lease ran out, but the task could not be taken back"),
        });
    }
}

/// No task could be claimed.
pub(crate) struct ClaimFailed<'a> {
    pub error: &'a Error,
    /// Only the first failure of an outage is logged, not one per second.
    pub first: bool,
}

impl Event for ClaimFailed<'_> {
    fn emit(&self) {
        if self.first {
            tracing::warn!(error = %self.error, "no task could be claimed; trying until it works");
        }
        CLAIM_FAILURES.add([], 1);
    }
}

/// Redis did not accept wake-ups.
pub(crate) struct WakeFailed<'a> {
    pub error: &'a Error,
    pub first: bool,
}

impl Event for WakeFailed<'_> {
    fn emit(&self) {
        if self.first {
            tracing::warn!(error = %self.error, "wake-ups are not delivered; tasks are found by the slow poll until they are");
        }
        WAKE_FAILURES.add([], 1);
    }
}

/// A wait for a wake-up failed because of Redis.
pub(crate) struct WakeWaitFailed<'a> {
    pub error: &'a Error,
}

impl Event for WakeWaitFailed<'_> {
    fn emit(&self) {
        tracing::debug!(error = %self.error, "no wake-ups from Redis; polling Postgres");
        WAKE_WAIT_FAILURES.add([], 1);
    }
}

/// The reconciler put missing wake-ups into Redis.
pub(crate) struct WakeDriftRepaired {
    pub queue: Queue,
    pub missing: u64,
}

impl Event for WakeDriftRepaired {
    fn emit(&self) {
        if self.missing > 0 {
            tracing::debug!(queue = %self.queue, missing = self.missing, "wake-ups were missing");
        }
        WAKE_DRIFT.add([], self.missing);
    }
}
