//! What happens at an HTTP server, as it is logged and counted.

use std::time::Duration;
use telemetry::{Counter, Event, Histogram, Metric};

static REQUESTS: Counter<3> = Counter::new(
    "docfleet_http_requests_total",
    ["method", "route", "status"],
    "Requests answered.",
);
static DURATION: Histogram<2> = Histogram::new(
    "docfleet_http_request_duration_seconds",
    ["method", "route"],
    "Time from the head of a request to the head of its response.",
);

/// All that this crate counts.
pub static METRICS: &[&dyn Metric] = &[&REQUESTS, &DURATION];

/// Asked for all the time by machines and by the open page.
const OFTEN: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/"];

/// A request was answered. To be emitted in the request's span, which names it.
pub(crate) struct RequestAnswered {
    /// A client may invent methods and would make a time series of each: those are `other`.
    pub method: &'static str,
    /// The template, not the path: an id in a label would make a time series of each document.
    pub route: String,
    pub status: u16,
    pub took: Duration,
}

impl Event for RequestAnswered {
    fn emit(&self) {
        let (status, ms) = (self.status, self.took.as_millis() as u64);
        match status {
            _ if OFTEN.contains(&self.route.as_str()) => tracing::debug!(status, ms, "answered"),
            500.. => tracing::warn!(status, ms, "answered"),
            _ => tracing::info!(status, ms, "answered"),
        }
        REQUESTS.add([self.method, &self.route, &status.to_string()], 1);
        DURATION.record_time([self.method, &self.route], self.took);
    }
}
