//! Events and metrics of the scheduler.

use chrono::{DateTime, Utc};
use std::time::Duration;
use telemetry::{Counter, Event, Gauge, Histogram, Metric};

static ROUNDS: Counter<2> = Counter::new(
    "docfleet_duty_rounds_total",
    ["duty", "result"],
    "Rounds of each duty, by result.",
);
static ROUND_DURATION: Histogram<1> =
    Histogram::new("docfleet_duty_duration_seconds", ["duty"], "Duration of a round.");
static DONE: Counter<1> = Counter::new("docfleet_duty_done_total", ["duty"], "Rows that a duty changed.");
static FIRES: Counter<1> = Counter::new(
    "docfleet_schedule_fires_total",
    ["schedule"],
    "Firings of each schedule.",
);
static LEADS: Gauge = Gauge::new("docfleet_scheduler_leads", [], "1 while this scheduler leads.");

/// All metrics of this crate.
pub static METRICS: &[&dyn Metric] = &[&ROUNDS, &ROUND_DURATION, &DONE, &FIRES, &LEADS];

/// A duty finished a round.
pub(crate) struct RoundEnded {
    pub duty: &'static str,
    /// How many rows were processed; `None`: the round failed.
    pub done: Option<u64>,
    pub took: Duration,
}

impl Event for RoundEnded {
    fn emit(&self) {
        let (duty, done) = (self.duty, self.done.unwrap_or_default());
        if done > 0 {
            tracing::debug!(duty, done, "done");
        }
        let result = if self.done.is_some() { "ok" } else { "error" };
        ROUNDS.add([duty, result], 1);
        ROUND_DURATION.record_time([duty], self.took);
        DONE.add([duty], done);
    }
}

/// A schedule fired: its task was enqueued.
pub(crate) struct ScheduleFired {
    pub schedule: &'static str,
    pub at: DateTime<Utc>,
}

impl ScheduleFired {
    /// Exposes the counter of a schedule that has not fired yet as 0.
    pub(crate) fn never(schedule: &'static str) {
        FIRES.add([schedule], 0);
    }
}

impl Event for ScheduleFired {
    fn emit(&self) {
        tracing::info!(schedule = self.schedule, at = %self.at, "fired");
        FIRES.add([self.schedule], 1);
    }
}

/// This scheduler became leader, or is no longer leader.
pub(crate) struct LeadershipChanged {
    pub leads: bool,
}

impl Event for LeadershipChanged {
    fn emit(&self) {
        tracing::info!("{}", if self.leads { "leads" } else { "no longer leads" });
        LEADS.set([], f64::from(u8::from(self.leads)));
    }
}
