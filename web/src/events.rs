//! What happens at an HTTP server, as it is logged and counted.

use std::time::Duration;
use telemetry::{Event, Metric};

const REQUESTS: Metric = Metric::counter(
    "docfleet_http_requests_total",
    &["method", "route", "status"],
    "Requests that were answered.",
);
const DURATION: Metric = Metric::histogram(
    "docfleet_http_request_duration_seconds",
    &["method", "route"],
    "Time from a request's head to its answer's.",
);

/// All that this crate counts.
pub const METRICS: &[Metric] = &[REQUESTS, DURATION];

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
        let (method, route) = (self.method, self.route.clone());
        metrics::counter!(REQUESTS.name, "method" => method, "route" => route.clone(), "status" => status.to_string())
            .increment(1);
        metrics::histogram!(DURATION.name, "method" => method, "route" => route).record(self.took);
    }
}
