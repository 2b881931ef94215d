//! Log lines and metrics of an HTTP server.

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

/// All metrics of this crate.
pub static METRICS: &[&dyn Metric] = &[&REQUESTS, &DURATION];

/// Routes that machines and open pages request all the time.
const OFTEN: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/"];

/// A request was answered. Emit it in the request's span, which identifies the request.
pub(crate) struct RequestAnswered {
    /// Methods that the servers do not use become `other`. Otherwise a client could create a time series for each method it
    /// invents.
    pub method: &'static str,
    /// The route's template, not the path. A path contains ids and would create a time series for each document.
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
