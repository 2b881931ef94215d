//! What the scheduler does, as it is logged and counted.

use chrono::{DateTime, Utc};
use std::time::Duration;
use telemetry::{Event, Metric};

const ROUNDS: Metric = Metric::counter(
    "docfleet_duty_rounds_total",
    &["duty", "result"],
    "Rounds of each duty, by whether it could be done.",
);
const ROUND_DURATION: Metric =
    Metric::histogram("docfleet_duty_duration_seconds", &["duty"], "Time that a round took.");
const DONE: Metric = Metric::counter("docfleet_duty_done_total", &["duty"], "Rows that a duty dealt with.");
const FIRES: Metric = Metric::counter(
    "docfleet_schedule_fires_total",
    &["schedule"],
    "Firings of each schedule.",
);
const LEADS: Metric = Metric::gauge("docfleet_scheduler_leads", &[], "1 while this scheduler leads.");

/// All that this crate counts.
pub const METRICS: &[Metric] = &[ROUNDS, ROUND_DURATION, DONE, FIRES, LEADS];

/// A duty went through a round.
pub(crate) struct RoundEnded {
    pub duty: &'static str,
    /// How many rows were dealt with; `None`: it could not be done.
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
        metrics::counter!(ROUNDS.name, "duty" => duty, "result" => result).increment(1);
        metrics::histogram!(ROUND_DURATION.name, "duty" => duty).record(self.took);
        metrics::counter!(DONE.name, "duty" => duty).increment(done);
    }
}

/// A schedule's time came, and its task was enqueued.
pub(crate) struct ScheduleFired {
    pub schedule: &'static str,
    pub at: DateTime<Utc>,
}

impl ScheduleFired {
    /// Shows schedules that have not fired yet as such.
    pub(crate) fn never(schedule: &'static str) {
        metrics::counter!(FIRES.name, "schedule" => schedule).increment(0);
    }
}

impl Event for ScheduleFired {
    fn emit(&self) {
        tracing::info!(schedule = self.schedule, at = %self.at, "fired");
        metrics::counter!(FIRES.name, "schedule" => self.schedule).increment(1);
    }
}

/// This scheduler began or ceased to lead.
pub(crate) struct LeadershipChanged {
    pub leads: bool,
}

impl Event for LeadershipChanged {
    fn emit(&self) {
        tracing::info!("{}", if self.leads { "leads" } else { "no longer leads" });
        metrics::gauge!(LEADS.name).set(f64::from(u8::from(self.leads)));
    }
}
